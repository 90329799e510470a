# mypy: ignore-errors
"""Rows that stand in several states, and should not, or not in those."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Guard, Machine, Refusal, Row, State
from support.faulty.parcel import (
    ARRIVED,
    DELIVERED,
    HANDED_OVER,
    PACKED,
    REFUSALS,
    ROWS,
    SCANNED,
    SCANNING,
    SENDING,
    SENT,
    parcel,
    record,
    with_row,
)

LATER = (Refusal(PACKED, (ARRIVED,), why="It has not left."), *REFUSALS[1:])
"""Refusals that leave a place for a parcel that is scanned before it has left."""


def a_row_in_no_state() -> Machine:
    never = (*REFUSALS[:1], Refusal(SENT, (HANDED_OVER, SCANNED), why="No."), *REFUSALS[2:])
    # => row 'scanned': it stands in no state; name the state or the states in which
    #    it stands [no-source]
    return with_row(replace(SCANNING, source=(), at=here()), refusals=never)


def a_state_that_is_named_twice() -> Machine:
    # => row 'scanned': it stands in state 'Sent' twice; name each state once [repeated-source]
    return with_row(replace(SCANNING, source=(SENT, SENT), at=here()))


def a_row_that_stays_in_one_state_and_leaves_another() -> Machine:
    # => row 'scanned': it stays in state 'Sent', yet leaves 'Packed'; declare two rows, since to
    #    stay and to leave is not the same [stays-and-leaves]
    return with_row(replace(SCANNING, source=(PACKED, SENT), at=here()), refusals=LATER)


def a_state_that_the_machine_does_not_have() -> Machine:
    lost = State("Lost", "Nobody knows.")
    # => row 'scanned': the machine has no state 'Lost'; write
    #    one of: Delivered, Packed, Sent [unknown-name]
    return with_row(replace(SCANNING, source=(SENT, lost), target=None, at=here()))


# => (elsewhere) state 'Delivered': it is terminal, yet has rows; remove terminal=True, or
#    the rows [terminal-state]
def a_state_that_is_an_end() -> Machine:
    refusals = (*REFUSALS[:2], Refusal(DELIVERED, (HANDED_OVER, ARRIVED), why="It is there."))
    changed = replace(SCANNING, source=(SENT, DELIVERED), target=None)
    return with_row(changed, refusals=refusals)


def a_text_among_states() -> Machine:
    # => row 'scanned': an item of 'source' is the text 'Sent', not a State; write
    #    a State [wrong-kind]
    return with_row(replace(SCANNING, source=(PACKED, "Sent"), at=here()))


def a_set_of_states() -> Machine:
    emits = dict(SCANNING.emits)
    # => row 'scanned': 'source' is a set, not a State or a tuple; write a State or
    #    a tuple [wrong-kind]
    return with_row(Row.declare("scanned", {SENT}, SCANNED, emits=emits, why="It is.", cites="§2"))


def a_pair_that_another_row_has() -> Machine:
    # => row 'sent-anyway': it can fire together with row 'sent' ({SENDING.at}); give one of them a
    #    guard that excludes the other [overlap]
    again = replace(SENDING, name="sent-anyway", source=(SENT, PACKED), guards=(), at=here())
    refusals = (REFUSALS[0], REFUSALS[2])
    again = replace(again, target=DELIVERED)
    return replace(parcel, rows=(*ROWS, again), refusals=refusals)


# => (elsewhere) state 'Packed', fact 'Scanned': the pair is refused, yet row 'scanned in Packed'
#    accepts it; keep one of them [refused-row]
def a_pair_that_is_refused() -> Machine:
    return with_row(replace(SCANNING, source=(PACKED, SENT), target=None))


def a_guard_that_holds_in_one_of_them() -> Machine:
    changed = replace(SCANNING, source=(PACKED, SENT), target=None)
    # => row 'scanned', guard 'here': it can never refuse in state 'Packed'; correct the condition,
    #    or remove the guard [never-refuses]
    # => row 'scanned', guard 'here': it can never hold in state 'Sent'; correct the condition, or
    #    remove the row [never-holds]
    guard = Guard.declare("here", record.state == PACKED, must="it must be here")
    return with_row(replace(changed, guards=(guard,)), refusals=LATER)


def a_row_called_as_another_is_in_a_state() -> Machine:
    changed = replace(SCANNING, source=(PACKED, SENT), target=None)
    # => row 'scanned in Sent': there is another row of that name at {SCANNING.at};
    #    rename one [duplicate-name]
    other = replace(ROWS[2], name="scanned in Sent", at=here())
    return replace(parcel, rows=(ROWS[0], changed, other), refusals=LATER)
