# ruff: noqa: ERA001  # what is to be said of a line can read like code
"""Texts that some output can't hold, and names that mean something else once they are written."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Constructor, Effect, Fact, Guard, Machine
from steptable.sorts import INSTANT, TEXT, Integer, Symbol
from steptable.terms import Enumeration, field
from support.faulty.parcel import (
    CARRIER,
    EFFECTS,
    FACTS,
    LETTER,
    PACKED,
    REFUSALS,
    SENDER,
    SENDING,
    Speed,
    event,
    parcel,
    policy,
    record,
    with_fields,
    with_row,
)


# => (elsewhere) row 'sent': its why contains \x0d, which not every output can hold; write it
#    without [unwritable-text]
def texts_that_steer_a_terminal() -> Machine:
    # => guard 'light\x1b[2J': its name contains \x1b, which not every output can hold; write it
    #    without [unwritable-text]
    # => guard 'light\x1b[2J': its must contains \x07, \x9b, which not every output can hold; write
    #    it without [unwritable-text]
    guard = Guard.declare("light\x1b[2J", event.grams <= policy.limit, must="\x07\x9b1m")
    return with_row(replace(SENDING, guards=(guard,), why="It is so.\r\n"))


def texts_that_are_no_text() -> Machine:
    # => guard 'half': its must contains \ud800, \x00, \ufffe, which not every output can hold;
    #    write it without [unwritable-text]
    guard = Guard.declare("half", event.speed == Speed.FAST, must="\ud800 \0 \ufffe")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def names_of_two_lines() -> Machine:
    # => guard 'in\x0ahalf': its name contains \x0a, and names have one line; write a blank
    #    [unwritable-text]
    guard = Guard.declare("in\nhalf", event.speed == Speed.FAST, must="one\nand\ttwo")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def a_value_and_a_default() -> Machine:
    kind = Enumeration("Kind", "", ONE="o\x0bne", TWO="two")
    # => member 'ONE': its value contains \x0b, which not every output can hold; write it without
    #    [unwritable-text]
    one = replace(field(kind, read_by="people", default=kind.TWO), name="sort_of")
    # => field 'remark': its default contains \x1c, which not every output can hold; write it
    #    without [unwritable-text]
    two = replace(field(TEXT, read_by="people", default="a\x1cb"), name="remark")
    return with_fields(one, two)


def a_literal_in_an_expression() -> Machine:
    # => guard 'ulm': its value contains \x85, which not every output can hold; write it without
    #    [unwritable-text]
    guard = Guard.declare("ulm", record.address != "ulm/\x851", must="it must go elsewhere")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def a_separator_of_a_composite() -> Machine:
    pair = Symbol("Pair", parts=(Symbol("Left"), Symbol("Right")), separator="\x1f")
    # => field 'pair': its default contains \x1f, which not every output can hold; write it without
    #    [unwritable-text]
    # => symbol 'Pair': its separator contains \x1f, which not every output can hold; write it
    #    without [unwritable-text]
    return with_fields(replace(field(pair, read_by="people", default="a\x1fb"), name="pair"))


def _with_fact(fact: Fact) -> Machine:
    refusals = tuple(replace(r, facts=(*r.facts, fact)) for r in REFUSALS)
    return replace(parcel, facts=(*FACTS, fact), refusals=refusals)


def _fact(name: str, sender: str, carrier: str) -> Fact:
    halves = {SENDER: sender, CARRIER: carrier}
    return Fact.declare(name, "", halves=halves, time="at", durable=True, at=field(INSTANT))


# => (elsewhere) fact 'Handed_Over': in the reducer it is called '_handed_over', and so is fact
#    'HandedOver'; rename one [duplicate-name]
def facts_with_one_function() -> Machine:
    return _with_fact(_fact("Handed_Over", "Gave", "Took"))


# => (elsewhere) event 'Any': every reducer defines something of that name itself; write another
#    name [reserved-name]
# => (elsewhere) event 'type': Python has something of that name itself, which the reducer would
#    hide; write another name [reserved-name]
# => (elsewhere) fact 'KeyError': Python has something of that name itself, which the reducer would
#    hide; write another name [reserved-name]
def types_that_hide_what_python_has() -> Machine:
    # => effect 'tuple': Python has something of that name itself, which the reducer would hide;
    #    write another name [reserved-name]
    effect = Effect.declare("tuple", "Many.", side=None, emitted_by="people")
    fact = _fact("KeyError", "type", "Any")
    return replace(_with_fact(fact), effects=(*EFFECTS, effect))


# => (elsewhere) event '_Filed': what the reducer keeps to itself begins with '_'; write another
#    name [reserved-name]
# => (elsewhere) fact 'ﬁled': the name is no identifier of Python; write another name
#    [reserved-name]
def types_that_python_reads_otherwise() -> Machine:
    return _with_fact(_fact("ﬁled", "_Filed", "match"))


def sorts_that_are_one_in_capitals() -> Machine:
    low, high = Integer(0, 3, "level"), Integer(0, 4, "LEVEL")
    one = replace(field(low, read_by="people", default=0), name="one")
    # => sort 'LEVEL': in the reducer it is called 'LEVEL', and so is sort 'level'; rename one
    #    [duplicate-name]
    two = replace(field(high, read_by="people", default=0), name="two")
    return with_fields(one, two)


def fields_that_are_one_key_of_json() -> Machine:
    first = replace(field(TEXT, read_by="people", default=""), name="town_2")
    # => Parcel, field 'town2': in JSON text it is called 'town2', and so is Parcel, field 'town_2';
    #    rename one [duplicate-name]
    second = replace(field(TEXT, read_by="people", default=""), name="town2")
    return with_fields(first, second)


def a_field_that_becomes_the_tag() -> Machine:
    # => Ring, field 'kind_': in JSON text it is called 'kind', and JSON text has the name of the
    #    type under that key; write another name [reserved-name]
    effect = Effect.declare("Ring", "Ring.", side=None, emitted_by="people", kind_=field(TEXT))
    return replace(parcel, effects=(*EFFECTS, effect))


def fields_that_hide_their_types() -> Machine:
    # => Parcel, field 'str': the reducer needs what Python calls so to declare it; write another
    #    name [reserved-name]
    return with_fields(replace(field(TEXT, read_by="people", default=""), name="str"))


def parts_of_a_composite_that_are_one() -> Machine:
    parts = (Symbol("HouseName"), Symbol("house_name"), Symbol("Class"), Symbol("Split"))
    sort = Symbol("Lodging", parts=parts, separator="/")
    # => Lodging, part 'Class': in the class Lodging it is called 'class', which is no name there;
    #    write another name [reserved-name]
    # => Lodging, part 'Split': in the class Lodging it is called 'split', and it is what takes the
    #    text apart; write another name [reserved-name]
    # => Lodging, part 'house_name': in the class Lodging it is called 'house_name', and so is
    #    Lodging, part 'HouseName'; rename one [duplicate-name]
    return with_fields(replace(field(sort, read_by="people", default="a/b/c/d"), name="lodging"))


def arguments_that_the_function_has_already() -> Machine:
    extra = replace(field(TEXT, read_by="people", default=""), name="now")
    # => constructor 'fresh', argument 'now': its function has something else of that name; write
    #    another name [reserved-name]
    new = Constructor.declare(
        "fresh",
        "",
        PACKED,
        ("due_at", "now"),
        sets={"address": event.address},
        on="GaveAway",
    )
    return replace(with_fields(extra), constructors=(*parcel.constructors, new))


def what_the_codec_has_already() -> Machine:
    envelope = replace(LETTER.envelope, name="encode")
    return replace(
        parcel,
        wire=replace(LETTER, envelope=envelope),
        # => envelope 'encode': every codec has something of that name itself; write
        #    another name [reserved-name]
        at=here(),
    )
