# ruff: noqa: ERA001  # what is to be said of a line can read like code
"""Values of a wrong sort, and values that are taken where there may be none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steptable.errors import declared_at as here
from steptable.machine import Emission, Guard, Machine, Numbering, Row
from steptable.sorts import INSTANT, TEXT, TRUTH, Integer, Opaque, Optional, Queue
from steptable.terms import (
    EMPTY,
    NOTHING,
    Term,
    field,
    greatest,
    if_else,
    instant,
    least,
    part_of,
    seconds,
)
from support.faulty.parcel import (
    ARRIVING,
    CARRIER,
    CHARGE,
    DELIVERED,
    LETTER,
    MOVED,
    SCANNED,
    SCANNING,
    SENDER,
    SENT,
    Address,
    Grams,
    Speed,
    event,
    fact,
    given,
    parcel,
    record,
    report,
    row,
    with_fields,
    with_row,
)

REST: Any = {"emits": {}, "why": "", "cites": ""}


def _guarded(condition: Term) -> Machine:
    guard = Guard.declare("guard", condition, must="it must")
    return with_row(replace(ARRIVING, guards=(guard,)))


def _emitting(emission: Emission) -> Machine:
    emits = ((SENDER, (report,)), (CARRIER, (report, emission)))
    return with_row(replace(SCANNING, emits=emits))


def a_guard_that_is_no_truth() -> Machine:
    # => row 'arrived', guard 'guard': its condition has sort integer 0..100, not truth; write a
    #    value of sort truth [sort]
    return _guarded(record.grams)


def a_guard_that_is_nothing() -> Machine:
    # => row 'arrived', guard 'guard': its condition is nothing, not truth; write a value of
    #    sort truth [sort]
    guard = Guard.declare("guard", NOTHING, must="it must")
    return with_row(replace(ARRIVING, guards=(guard,)))


def a_number_in_a_conjunction() -> Machine:
    # => row 'arrived', guard 'guard': an operand of &, |, ~, .implies or .iff has sort integer
    #    0..100, not truth; write a value of sort truth [sort]
    return _guarded(record.due_at.is_known & record.grams)


def a_misread_precedence() -> Machine:
    # => row 'arrived', guard 'guard': an operand of &, |, ~, .implies or .iff has sort integer
    #    0..100, not truth; write a value of sort truth [sort]
    # => row 'arrived', guard 'guard': truth can't be compared; write .iff(...), or put each
    #    comparison that & and | join in brackets [sort]
    return _guarded(record.due_at.is_known & record.grams == 3)


def truths_compared() -> Machine:
    # => row 'arrived', guard 'guard': truth can't be compared; write .iff(...), or put each
    #    comparison that & and | join in brackets [sort]
    return _guarded(record.due_at.is_known == record.speed.is_known)


def a_truth_compared_with_true() -> Machine:
    # => row 'arrived', guard 'guard': truth can't be compared; write .iff(...), or put each
    #    comparison that & and | join in brackets [sort]
    return _guarded(record.due_at.is_known == True)  # noqa: E712  # what is refused


def opaque_values_compared() -> Machine:
    # => row 'scanned', guard 'loud': optional opaque text can't be compared; opaque values are
    #    carried, never compared; declare a sort that is [sort]
    loud = Guard.declare("loud", event.remark == "help", must="it must be loud")
    return with_row(replace(SCANNING, guards=(loud,)))


def records_with_opaque_parts_compared() -> Machine:
    # => row 'arrived', guard 'guard': optional Scan can't be compared; it has opaque parts;
    #    compare its fields [sort]
    return _guarded(record.scans["here"] == record.scans["there"])


def different_sorts_compared() -> Machine:
    # => row 'arrived', guard 'guard': the right side has sort integer 0..100, not instant; write a
    #    value of sort instant [sort]
    return _guarded(event.at == record.grams)


def different_enumerations_compared() -> Machine:
    # => row 'arrived', guard 'guard': the right side has sort Speed, not ParcelState; write one
    #    of: Delivered, Packed, Sent [sort]
    return _guarded(record.state == Speed.FAST)


def an_optional_in_an_order() -> Machine:
    # => row 'arrived', guard 'guard': optional instant has no order; take its .value where
    #    .is_known is established [sort]
    return _guarded(record.due_at < event.at)


def an_optional_on_the_right_of_an_order() -> Machine:
    # => row 'arrived', guard 'guard': the right side has sort optional instant, not instant; take
    #    its .value where .is_known is established, or write .or_else(...) [sort]
    return _guarded(event.at < record.due_at)


def enums_in_an_order() -> Machine:
    # => row 'arrived', guard 'guard': ParcelState has no order; compare integers, instants
    #    or durations [sort]
    return _guarded(record.state < SENT)


def a_comparison_with_nothing() -> Machine:
    # => row 'arrived', guard 'guard': nothing is no value to compare with; write x.is_known
    #    or ~x.is_known [sort]
    return _guarded(record.due_at == None)  # noqa: E711  # what is refused


def nothing_compared_with_nothing() -> Machine:
    # => row 'arrived', guard 'guard': the sort of nothing can't be told from its place; compare
    #    optionals with .is_known, or assign the value to a field [sort]
    return _guarded(NOTHING == NOTHING)  # noqa: PLR0124  # what is refused


def a_number_out_of_bounds() -> Machine:
    # => row 'scanned': 'grams' is 101, not integer 0..100; write an integer from 0 to 100 [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": 101}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_truth_for_a_number() -> Machine:
    # => row 'scanned': 'grams' is True, not integer 0..100; write a value of sort
    #    integer 0..100 [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": True}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_text_for_an_instant() -> Machine:
    # => row 'scanned': 'sent_at' is 'today', not optional instant; write a value of sort
    #    optional instant [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": "today"}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_text_for_an_enum() -> Machine:
    # => row 'scanned': 'speed' is 'quick', not optional Speed; write one of: fast, slow [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"speed": "quick"}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_text_for_a_composite() -> Machine:
    # => row 'scanned': 'address' is 'nowhere', not Address; write it as {Town}/{House} [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"address": "nowhere"}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def nothing_for_what_is_required() -> Machine:
    # => row 'scanned': 'grams' is nothing, not integer 0..100; write a value of sort
    #    integer 0..100 [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": None}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def an_optional_for_what_is_required() -> Machine:
    # => row 'scanned', side carrier: 'grams' is nothing, not integer 0..100; write a value of sort
    #    integer 0..100 [sort]
    return _emitting(CHARGE(grams=if_else(record.due_at.is_known, NOTHING, 3), note=""))


def an_empty_map_for_a_number() -> Machine:
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": EMPTY}, **REST)
    # => row 'scanned': 'grams' is an empty map, not integer 0..100; write a value of sort
    #    integer 0..100 [sort]
    return with_row(replace(SCANNING, sets=row.sets, at=here()))


def a_wrong_state_in_a_choice() -> Machine:
    lost = replace(SENT, name="Lost")
    # => row 'scanned', side carrier: 'target' is 'Lost', not ParcelState; write one of: Delivered,
    #    Packed, Sent [sort]
    target = if_else(record.due_at.is_known, DELIVERED, lost)
    return _emitting(MOVED(target=target))


def a_choice_of_nothings() -> Machine:
    # => row 'arrived', guard 'guard': the sort of nothing can't be told from its place; compare
    #    optionals with .is_known, or assign the value to a field [sort]
    return _guarded(if_else(record.due_at.is_known, NOTHING, NOTHING).is_known)


def a_test_that_is_no_truth() -> Machine:
    # => row 'scanned': the test has sort integer 0..100, not truth; write a value of
    #    sort truth [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": if_else(record.grams, 1, 2)}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_sum_of_instants() -> Machine:
    # => row 'scanned': instant + instant has no meaning; add integers, or a duration to
    #    an instant [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": event.at + event.at}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_number_less_a_term() -> Machine:
    # => row 'scanned': integer 3..3 - instant has no meaning; add integers, or a duration to
    #    an instant [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": 3 - event.at}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_product_of_durations() -> Machine:
    # => row 'scanned': duration * duration has no meaning; multiply integers, or a duration by an
    #    integer [sort]
    length = seconds(2) * seconds(3)
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": event.at + length}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_remainder_of_an_instant() -> Machine:
    # => row 'scanned': instant % integer 2..2 has no meaning; divide integers [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": event.at % 2}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_divisor_that_may_be_nothing() -> Machine:
    # => row 'scanned': the divisor is integer 0..100, which may be less than 1; divide by a
    #    constant of 1 or more, or by an integer that is declared so [divisor]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": 7 % record.grams}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_divisor_below_nothing() -> Machine:
    # => row 'scanned': the divisor is integer -2..-2, which may be less than 1; divide by a
    #    constant of 1 or more, or by an integer that is declared so [divisor]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": record.grams % -2}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def the_opposite_of_an_instant() -> Machine:
    # => row 'scanned': -instant has no meaning; negate an integer or a duration [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"sent_at": -event.at}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def the_least_of_unlike_things() -> Machine:
    # => row 'scanned': least(integer 0..100, instant) has no meaning; compare integers, instants or
    #    durations with their like [sort]
    either = least(record.grams, event.at)
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": either}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def the_greatest_of_one() -> Machine:
    # => row 'scanned': greatest(...) compares nothing; name at least two, or write the one
    #    itself [sort]
    row = Row.declare("scanned", SENT, SCANNED, sets={"grams": greatest(record.grams)}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_field_of_a_number() -> Machine:
    # => row 'arrived', guard 'guard': integer 0..100 has no fields; remove '.heavy' [sort]
    return _guarded(record.grams.heavy)


def a_value_that_may_not_be_there() -> Machine:
    # => row 'arrived', guard 'guard': the optional may be empty here; establish it first:
    #    x.is_known & ..., or x.is_known.implies(...) [unguarded-value]
    return _guarded(record.due_at.value >= event.at)


def a_value_established_too_late() -> Machine:
    # => row 'arrived', guard 'guard': the optional may be empty here; establish it first:
    #    x.is_known & ..., or x.is_known.implies(...) [unguarded-value]
    return _guarded((record.due_at.value >= event.at) & record.due_at.is_known)


def a_value_where_there_is_none() -> Machine:
    # => row 'arrived', guard 'guard': the optional may be empty here; establish it first:
    #    x.is_known & ..., or x.is_known.implies(...) [unguarded-value]
    return _guarded((~record.due_at.is_known) & (record.due_at.value >= event.at))


def presence_of_what_is_always_there() -> Machine:
    # => row 'arrived', guard 'guard': integer 0..100 is no optional; use the value itself [sort]
    return _guarded(record.grams.is_known)


def a_map_that_is_none() -> Machine:
    # => row 'arrived', guard 'guard': integer 0..100 is no map; use a field that is a map [sort]
    return _guarded(record.grams["here"].is_known)


def a_key_of_a_wrong_sort() -> Machine:
    # => row 'arrived', guard 'guard': the key has sort instant, not Place; write a value of
    #    sort Place [sort]
    return _guarded(record.scans[event.at].is_known)


def a_changed_field_of_no_record() -> Machine:
    # => row 'scanned': optional Speed has no fields; change the fields of a record [sort]
    speed = record.speed.with_fields(fast=True)
    row = Row.declare("scanned", SENT, SCANNED, sets={"speed": speed}, **REST)
    return with_row(replace(SCANNING, sets=row.sets))


def a_changed_field_of_a_wrong_sort() -> Machine:
    scan = record.scans[event.place]
    # => row 'scanned': 'seen_at' has sort Speed, not instant; write a value of sort instant [sort]
    changed = scan.value.with_fields(seen_at=event.speed)
    row = Row.declare(
        "scanned",
        SENT,
        SCANNED,
        sets={"scans": if_else(scan.is_known, record.scans.put(event.place, changed), EMPTY)},
        **REST,
    )
    return with_row(replace(SCANNING, sets=row.sets))


def a_condition_of_an_effect() -> Machine:
    # => row 'scanned', side carrier: the condition of an effect has sort integer 0..100, not
    #    truth; write a value of sort truth [sort]
    return _emitting(CHARGE(grams=record.grams, note="").when(record.grams))


def a_fact_read_by_a_guard() -> Machine:
    # => row 'arrived', guard 'guard': 'fact' can't be read here; write one of: event,
    #    policy, record [unknown-name]
    return _guarded(fact.durable)


def a_composite_of_another_sort() -> Machine:
    # => row 'arrived', guard 'guard': the composite symbol has sort integer 0..100, not Address;
    #    write a value of sort Address [sort]
    town = part_of(record.grams, Address, Address.parts[0])
    return _guarded(town == "Ulm")


def defaults_of_a_wrong_sort() -> Machine:
    return with_fields(
        # => Parcel, field 'low': its default is -1, not integer 0..100; write a value of sort
        #    integer 0..100 [sort]
        replace(field(Grams, read_by="people", default=-1), name="low"),
        # => Parcel, field 'high': its default is True, not integer 0..100; write a value of sort
        #    integer 0..100 [sort]
        replace(field(Grams, read_by="people", default=True), name="high"),
        # => Parcel, field 'how': its default is 'fats', not Speed; did you mean 'fast'? [sort]
        replace(field(Speed, read_by="people", default="fats"), name="how"),
        # => Parcel, field 'second': its default is 'Ulm', not Address; write a value of
        #    sort Address [sort]
        replace(field(Address, read_by="people", default="Ulm"), name="second"),
        # => Parcel, field 'light': its default is 0, not truth; write a value of sort truth [sort]
        replace(field(TRUTH, read_by="people", default=0), name="light"),
        # => Parcel, field 'said': 'event' can't be read here; write a constant [unknown-name]
        replace(field(TEXT, read_by="people", default=event.at), name="said"),
        # => Parcel, field 'when': its default is 'today', not instant; write a value of
        #    sort instant [sort]
        replace(field(INSTANT, read_by="people", default="today"), name="when"),
    )


def a_default_that_is_computed() -> Machine:
    # => Parcel, field 'low': its default is computed; write the value itself [computed-default]
    low = field(Grams, read_by="people", default=if_else(True, 1, 2))
    return with_fields(replace(low, name="low"))


def a_point_in_time_of_no_clock() -> Machine:
    # => row 'arrived': a constant point in time is one of a world's clock; compare instants with
    #    each other, or their difference with seconds(...) [bad-constant]
    late = record.due_at.is_known.implies(record.due_at.value > instant(5))
    guard = Guard.declare("guard", late, must="it must")
    return with_row(replace(ARRIVING, guards=(*ARRIVING.guards, guard)))


def a_row_as_a_value() -> Machine:
    charge, stays = CHARGE(grams=record.grams, note=""), row.with_fields(source=row.target)
    # => row 'scanned': 'row' is no value by itself; read row.source or row.target [no-value]
    return _emitting(charge.when(row == stays))


def what_is_given_as_a_value() -> Machine:
    never_due = given == given.with_fields(due_at=NOTHING)
    first, taken_in = parcel.constructors
    # => constructor 'given_away': 'given' is no value by itself; read its fields, as
    #    given.name [no-value]
    address = if_else(never_due, event.address, "Ulm/5").node
    return replace(parcel, constructors=(first, replace(taken_in, sets=(("address", address),))))


# => (elsewhere) Parcel, field 'seen': nothing writes it; set it in a row or a constructor, or
#    remove it [never-written]
def a_queue_that_a_program_would_hold() -> Machine:
    # => Parcel, field 'seen': a queue of Speed is something of a world, and no program has one;
    #    declare a map, a record or an opaque value [bad-sort]
    seen = field(Optional(Queue(Speed.sort, 2)), read_by="people")
    return with_fields(replace(seen, name="seen"))


def an_opaque_value_of_a_sort_without_values() -> Machine:
    # => Parcel, field 'odd': no number lies from 5 to 1; write the lower one first [bad-sort]
    odd = field(Optional(Opaque("value", Integer(5, 1))), read_by="people")
    return with_row(
        replace(SCANNING, sets=(*SCANNING.sets, ("odd", NOTHING.node))),
        record=parcel.record.with_fields(replace(odd, name="odd")),
    )


# => (elsewhere) machine 'Parcel', numbering: 'grams' has sort integer 0..100, and events are
#    numbered by u64; give both one sort [sort]
# => (elsewhere) row 'sent': 'grams' is set here; remove it: the machine sets it for all rows and
#    constructors alike [shared-field]
def a_number_of_another_sort() -> Machine:
    return replace(parcel, numbering=Numbering("number", "grams"), at=here())


def an_envelope_without_a_payload() -> Machine:
    envelope = replace(LETTER.envelope, fields=(field(TEXT, ""),))
    # => envelope 'Letter': 'content' has sort opaque text, not opaque payload; declare it with
    #    sort PAYLOAD [sort]
    part = replace(field(TEXT), name="content")
    return replace(parcel, wire=replace(LETTER, envelope=replace(envelope, fields=(part,))))


def an_expression_of_too_many_levels() -> Machine:
    condition = record.grams > 0
    for _ in range(101):
        # => machine 'Parcel': an expression is nested more than 100 levels deep; name parts of it,
        #    or say it flatly [too-deep]
        condition = ~condition
    return _guarded(condition)
