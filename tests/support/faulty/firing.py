# ruff: noqa: ERA001  # what is to be said of a line can read like code
"""Rows and guards that can never fire, rows that fire together, and what is declared for nobody."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Effect, Guard, Machine, Rehydration, by_side
from steptable.sorts import INSTANT, TEXT, Optional
from steptable.terms import field
from support.faulty.parcel import (
    ARRIVING,
    CARRIER,
    CHARGE,
    DELIVERED,
    EFFECTS,
    FACTS,
    HANDED_OVER,
    KEEP,
    LETTER,
    MOVED,
    PACKED,
    PRINT,
    ROWS,
    SCANNING,
    SENDER,
    SENDING,
    SENT,
    Grams,
    Speed,
    event,
    moved,
    parcel,
    record,
    report,
    with_fields,
    with_row,
)


def _guarded(*guards: Guard) -> Machine:
    return with_row(replace(ARRIVING, guards=guards))


def an_enum_that_is_two_things() -> Machine:
    both = (event.speed == Speed.FAST) & (event.speed == Speed.SLOW)
    # => row 'sent', guard 'both': it can never hold in state 'Packed'; correct the condition, or
    #    remove the row [never-holds]
    return with_row(replace(SENDING, guards=(Guard.declare("both", both, must=""),)))


def a_guard_against_those_before_it() -> Machine:
    undue = Guard.declare("undue", ~record.due_at.is_known, must="")
    # => row 'arrived', guard 'due': it can never hold in state 'Sent' once the guards before it
    #    hold; correct the condition, or remove the row [never-holds]
    due = Guard.declare("due", record.due_at.is_known, must="")
    return _guarded(*ARRIVING.guards, undue, due)


def a_state_that_the_row_does_not_have() -> Machine:
    # => row 'arrived', guard 'elsewhere': it can never hold in state 'Sent' once the guards before
    #    it hold; correct the condition, or remove the row [never-holds]
    elsewhere = Guard.declare("elsewhere", record.state == PACKED, must="")
    return _guarded(*ARRIVING.guards, elsewhere)


def a_number_below_its_bounds() -> Machine:
    # => row 'arrived', guard 'light': it can never hold in state 'Sent' once the guards before it
    #    hold; correct the condition, or remove the row [never-holds]
    light = Guard.declare("light", record.grams < 0, must="")
    return _guarded(*ARRIVING.guards, light)


def the_state_that_the_row_has_anyway() -> Machine:
    # => row 'arrived', guard 'here': it can never refuse in state 'Sent' once the guards before it
    #    hold; correct the condition, or remove the guard [never-refuses]
    here_it_is = Guard.declare("here", record.state == SENT, must="")
    return _guarded(*ARRIVING.guards, here_it_is)


def a_guard_that_refuses_nothing() -> Machine:
    either = event.speed.one_of(Speed.FAST, Speed.SLOW)
    light = SENDING.guards[0]
    # => row 'sent', guard 'either': it can never refuse in state 'Packed' once the guards before
    #    it hold; correct the condition, or remove the guard [never-refuses]
    return with_row(replace(SENDING, guards=(light, Guard.declare("either", either, must=""))))


def a_condition_that_can_never_hold() -> Machine:
    # => row 'scanned', side carrier: the condition of Charge can never hold; correct the
    #    condition, or remove the effect [never-holds]
    charge = CHARGE(grams=1, note="").when(
        (event.speed == Speed.FAST) & ~(event.speed == Speed.FAST)
    )
    return with_row(replace(SCANNING, emits=((SENDER, (report,)), (CARRIER, (report, charge)))))


def two_rows_that_can_both_fire() -> Machine:
    slow = Guard.declare("slow", event.speed == Speed.SLOW, must="it must be slow")
    # => row 'sent-slowly': it can fire together with row 'sent' ({SENDING.at}); give one of them a
    #    guard that excludes the other [overlap]
    again = replace(SENDING, name="sent-slowly", guards=(slow,), at=here())
    return replace(parcel, rows=(*ROWS, again))


def two_rows_without_guards() -> Machine:
    # => row 'scanned-again': it can fire together with row 'scanned' ({SCANNING.at}); give one of
    #    them a guard that excludes the other [overlap]
    return replace(parcel, rows=(*ROWS, replace(SCANNING, name="scanned-again", at=here())))


def an_effect_on_the_wrong_side() -> Machine:
    row = replace(
        SCANNING, emits=((SENDER, (report, CHARGE(grams=1, note=""))), (CARRIER, (report,)))
    )
    # => row 'scanned': side sender emits Charge, which belongs to carrier; emit it on side
    #    carrier, or not at all [wrong-side]
    return with_row(replace(row, at=here()))


def a_shared_act_on_the_wrong_side() -> Machine:
    swapped = by_side("swapped", {SENDER: KEEP(report=event), CARRIER: moved})
    # => row 'scanned': side sender emits Keep, which belongs to carrier; emit it on side carrier,
    #    or not at all [wrong-side]
    # => row 'scanned', side sender: 'report' has sort HeardOf, not opaque payload; write a value
    #    of sort opaque payload [sort]
    row = replace(SCANNING, emits=((SENDER, (swapped,)), (CARRIER, (swapped,))), at=here())
    return with_row(row)


def an_act_that_a_side_does_not_have() -> Machine:
    half = by_side("half", {SENDER: moved})
    # => row 'scanned': 'half' has no effect for side carrier; give it one, or remove
    #    it here [missing-side]
    row = replace(SCANNING, emits=((SENDER, (half,)), (CARRIER, (report, half))), at=here())
    return with_row(row)


def a_side_that_is_not_spoken_of() -> Machine:
    # => row 'scanned': it does not say what side carrier does; list the effects of carrier, if
    #    only as () [missing-side]
    return with_row(replace(SCANNING, emits=((SENDER, (report,)),), at=here()))


def a_rehydration_of_two_sides() -> Machine:
    acts = (PRINT(address=record.address), CHARGE(grams=1, note=""))
    # => rehydration 'reprint': it has effects of sender and of carrier; one runtime rehydrates:
    #    keep the effects of one side [wrong-side]
    both = Rehydration("reprint", "", ((PACKED, ()), (SENT, acts), (DELIVERED, ())))
    return replace(parcel, rehydration=both)


def a_field_that_nothing_reads() -> Machine:
    # => Parcel, field 'seen_at': nothing reads it; say who reads it with read_by=..., or
    #    remove it [never-read]
    base = with_fields(replace(field(Optional(INSTANT)), name="seen_at"))
    return replace(
        base,
        rows=(
            SENDING,
            replace(SCANNING, sets=(*SCANNING.sets, ("seen_at", event.at.node))),
            ARRIVING,
        ),
    )


def a_field_that_only_its_own_update_reads() -> Machine:
    # => Parcel, field 'seen_at': nothing reads it; say who reads it with read_by=..., or
    #    remove it [never-read]
    base = with_fields(replace(field(Optional(INSTANT)), name="seen_at"))
    seen = record.seen_at.or_else(event.at)
    return replace(
        base,
        rows=(SENDING, replace(SCANNING, sets=(*SCANNING.sets, ("seen_at", seen.node))), ARRIVING),
    )


def a_field_that_nothing_writes() -> Machine:
    # => Parcel, field 'seen_at': nothing writes it; set it in a row or a constructor, or
    #    remove it [never-written]
    return with_fields(replace(field(Optional(INSTANT), read_by="people"), name="seen_at"))


def a_field_of_the_policy_that_nothing_reads() -> Machine:
    # => Prices, field 'tare': nothing reads it; say who reads it with read_by=..., or
    #    remove it [never-read]
    tare = replace(field(Grams), name="tare")
    return replace(parcel, policy=parcel.policy.with_fields(tare))


def a_field_of_one_half_that_nothing_reads() -> Machine:
    # => GaveAway, field 'wish': nothing reads it; read it in a row or a constructor, or
    #    remove it [never-read]
    extra = ((SENDER, (*HANDED_OVER.extra_fields(SENDER), replace(field(TEXT), name="wish"))),)
    handed = replace(HANDED_OVER, extra=extra)
    facts = (handed, *FACTS[1:])
    refusals = tuple(
        replace(r, facts=tuple(handed if f == HANDED_OVER else f for f in r.facts))
        for r in parcel.refusals
    )
    return with_row(replace(SENDING, fact=handed), facts=facts, refusals=refusals)


# => (elsewhere) fact 'HandedOver': 'address' is of side sender alone, which receives the fact and
#    could not know it; make it a field of the fact, or of the side that sends [not-sent]
def a_field_of_the_half_that_receives() -> Machine:
    return replace(parcel, wire=replace(LETTER, receiver=SENDER))


def an_effect_that_no_row_emits() -> Machine:
    # => effect 'Ring': no row emits it; emit it, say who does with emitted_by=..., or
    #    remove it [never-emitted]
    ring = Effect.declare("Ring", "Ring the bell.", side=CARRIER)
    return replace(parcel, effects=(*EFFECTS, ring))


def an_effect_that_somebody_else_emits_too() -> Machine:
    # => effect 'Ring': it is said to be emitted by the house, yet a row emits it;
    #    remove emitted_by [emitted-by]
    bell = Effect.declare("Ring", "Ring the bell.", side=CARRIER, emitted_by="the house")
    emits = ((SENDER, (report,)), (CARRIER, (report, bell())))
    return with_row(replace(SCANNING, emits=emits), effects=(*EFFECTS, bell))


def one_fault_of_what_two_rows_share() -> Machine:
    # => row 'arrived', side sender: HeardOfArrival has no field 'nowhere'; write one of:
    #    at, number [unknown-name]
    # => row 'scanned', side sender: HeardOf has no field 'nowhere'; write one of: at, number,
    #    place, remark, speed [unknown-name]
    said = by_side("said", {SENDER: MOVED(target=event.nowhere), CARRIER: moved})
    emits = ((SENDER, (said,)), (CARRIER, (said,)))
    rows = (replace(row, emits=emits) for row in (SCANNING, ARRIVING))
    return replace(parcel, rows=(SENDING, *rows))
