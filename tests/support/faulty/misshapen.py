# mypy: ignore-errors
"""Parts that are something else than their place asks for: what a type checker would say too."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Effect, Fact, Guard, Machine, Refusal, Row
from steptable.sorts import INSTANT, Map, Optional, Symbol
from steptable.terms import Enumeration, field
from support.faulty.parcel import (
    ARRIVING,
    CARRIER,
    FACTS,
    PACKED,
    PRINT,
    REFUSALS,
    ROWS,
    SCANNED,
    SCANNING,
    SENDER,
    SENDING,
    SENT,
    Prices,
    Scan,
    Speed,
    parcel,
    record,
    report,
    with_fields,
    with_row,
)


def a_state_that_is_a_text() -> Machine:
    # => row 'arrived': 'source' is the text 'Sent', not a State or a tuple; write a State
    #    or a tuple [wrong-kind]
    return with_row(replace(ARRIVING, source="Sent", at=here()))


def a_target_that_is_a_fact() -> Machine:
    # => row 'arrived': 'target' is a Fact 'Scanned', not a State or nothing; write a State
    #    or nothing [wrong-kind]
    row = Row.declare("arrived", SENT, FACTS[2], FACTS[1], emits={}, why="It is.", cites="§1")
    return with_row(row)


def a_guard_that_is_a_term() -> Machine:
    # => row 'sent': an item of 'guards' is a Term, not a Guard; write a Guard [wrong-kind]
    return with_row(replace(SENDING, guards=(record.due_at.is_known,), at=here()))


def one_guard_where_several_are_asked_for() -> Machine:
    # => row 'sent': 'guards' is a Guard 'light', not a tuple; write (x,) for a tuple of one, and
    #    () for an empty one [wrong-kind]
    return with_row(replace(SENDING, guards=SENDING.guards[0], at=here()))


def an_effect_that_is_not_filled_in() -> Machine:
    emits = ((SENDER, (report, PRINT)), (CARRIER, (report,)))
    # => row 'scanned': an item of 'emits' is an Effect 'Print', not an Emission or a BySide; call
    #    it with its fields, which makes an Emission of it [wrong-kind]
    return with_row(replace(SCANNING, emits=emits, at=here()))


def a_list_of_rows() -> Machine:
    # => machine 'Parcel': 'rows' is a list, not a tuple; write a tuple [wrong-kind]
    return replace(parcel, rows=list(ROWS), at=here())


def a_structure_where_its_sort_is_asked_for() -> Machine:
    # => machine 'Parcel': 'policy' is the Structure Prices, not a Record;
    #    write Prices.sort [wrong-kind]
    return replace(parcel, policy=Prices, at=here())


def an_enumeration_within_a_sort() -> Machine:
    # => record 'Parcel', field 'mood': 'of' of Optional is the Enumeration Speed, not a sort;
    #    write Speed.sort [wrong-kind]
    mood = field(Optional(Speed), read_by="people")
    return with_fields(replace(mood, name="mood"))


def a_structure_within_a_map() -> Machine:
    # => record 'Parcel', field 'more': 'value' of Map is the Structure Scan, not a sort;
    #    write Scan.sort [wrong-kind]
    more = field(Map(Symbol("Place"), Scan), read_by="people")
    return with_fields(replace(more, name="more"))


def a_sort_that_is_a_class() -> Machine:
    # => record 'Parcel', field 'more': 'sort' is the class Symbol, not a sort; write
    #    a sort [wrong-kind]
    more = field(Symbol, read_by="people")
    return with_fields(replace(more, name="more"))


def a_sort_that_is_a_text() -> Machine:
    # => record 'Parcel', field 'more': 'sort' is the text 'instant', not a sort; write
    #    a sort [wrong-kind]
    return with_fields(replace(field("instant", read_by="people"), name="more"))


def a_fact_whose_time_is_a_field() -> Machine:
    halves = {SENDER: "A", CARRIER: "B"}
    # => fact 'Lost': 'time' is a Field, not text; write text [wrong-kind]
    # => fact 'Lost': 'durable' is the text 'yes', not True or False; write True
    #    or False [wrong-kind]
    lost = Fact.declare("Lost", "", halves=halves, time=field(INSTANT), durable="yes")
    return replace(parcel, facts=(*FACTS, lost))


def a_refusal_of_one_fact() -> Machine:
    # => refusal of 'Packed': 'facts' is a Fact 'Scanned', not a tuple; write (x,) for a tuple of
    #    one, and () for an empty one [wrong-kind]
    return replace(parcel, refusals=(*REFUSALS[1:], Refusal(PACKED, SCANNED, why="")))


def nothing_for_a_state() -> Machine:
    # => row 'arrived': 'source' is nothing, not a State or a tuple; write a State
    #    or a tuple [wrong-kind]
    return with_row(replace(ARRIVING, source=None, at=here()))


def a_number_for_the_value_of_a_member() -> Machine:
    size = Enumeration("Size", "", BIG=(3, ""))
    # => member 'BIG': 'value' is 3, not text; write text [wrong-kind]
    return with_fields(replace(field(size, read_by="people"), name="size"))


def several_at_once() -> Machine:
    # => guard 'light': 'condition' is True, not a term; write a term [wrong-kind]
    guard = replace(SENDING.guards[0], condition=True, at=here())
    # => effect 'Ring': 'side' is the text 'carrier', not a Side or nothing; write a Side
    #    or nothing [wrong-kind]
    effect = Effect.declare("Ring", "", side="carrier", emitted_by="people")
    changed = with_row(replace(SENDING, guards=(guard,)))
    # => machine 'Parcel': 'identity' is the text 'address', not a tuple; write (x,) for a tuple of
    #    one, and () for an empty one [wrong-kind]
    return replace(changed, effects=(*parcel.effects, effect), identity="address", at=here())


def a_guard_that_is_declared_with_a_truth_of_python() -> Machine:
    # => row 'arrived', guard 'yes': it can never refuse in state 'Sent' once the guards before it
    #    hold; correct the condition, or remove the guard [never-refuses]
    always = Guard.declare("yes", True, must="it must")
    return with_row(replace(ARRIVING, guards=(*ARRIVING.guards, always)))


def a_row_that_is_declared_with_one_guard_and_no_comma() -> Machine:
    nothing = {SENDER: (), CARRIER: ()}
    light = SENDING.guards[0]
    # => row 'sent': 'guards' is a Guard 'light', not a tuple; write (x,) for a tuple of one, and ()
    #    for an empty one [wrong-kind]
    row = Row.declare(
        "sent", PACKED, FACTS[0], guards=(light), emits=nothing, why="It is.", cites="§1"
    )
    return with_row(row)


def a_row_that_is_declared_with_one_act_and_no_comma() -> Machine:
    one = {SENDER: (report), CARRIER: ()}
    # => row 'scanned': an item of 'emits' is a BySide 'report', not a tuple; write (x,) for a tuple
    #    of one, and () for an empty one [wrong-kind]
    return with_row(Row.declare("scanned", SENT, SCANNED, emits=one, why="It is.", cites="§1"))
