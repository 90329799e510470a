# ruff: noqa: ERA001  # what is to be said of a line can read like code
"""States, facts and pairs that don't add up."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Fact, Machine, Refusal, Rehydration, State, state_sort
from steptable.sorts import INSTANT, TEXT
from steptable.terms import field
from support.faulty.lamp import (
    BROKEN,
    BURN,
    BURNT,
    DARK,
    FACTS,
    HOUSE,
    LIT,
    PRESSED,
    REFUSALS,
    ROWS,
    SWITCH_OFF,
    SWITCH_ON,
    lamp,
    row,
)
from support.faulty.parcel import DELIVERED, PACKED, parcel


def a_state_that_nothing_leads_to() -> Machine:
    # => state 'Lost': no rows lead to it from 'Dark'; add a row that leads to it, or
    #    remove it [unreachable-state]
    lost = State("Lost", "Nobody knows where.", terminal=True)
    return lamp(
        states=(DARK, LIT, BROKEN, lost), refusals=(*REFUSALS, Refusal(lost, FACTS, why=""))
    )


def a_state_that_only_itself_leads_to() -> Machine:
    # => state 'Lost': no rows lead to it from 'Dark'; add a row that leads to it, or
    #    remove it [unreachable-state]
    lost = State("Lost", "Nobody knows where.")
    rows = (*ROWS, row("lose", lost, PRESSED, lost), row("find", lost, BURNT, DARK))
    return lamp(states=(DARK, LIT, BROKEN, lost), rows=rows)


def a_state_that_nothing_leaves() -> Machine:
    # => state 'Broken': no row leaves it; add a row that leaves it, or mark it
    #    with terminal=True [inescapable-state]
    broken = State("Broken", "It is broken.")
    rows = (SWITCH_ON, SWITCH_OFF, replace(BURN, target=broken))
    return lamp(
        states=(DARK, LIT, broken),
        rows=rows,
        refusals=(REFUSALS[0], Refusal(broken, FACTS, why="It is broken.")),
    )


def a_terminal_state_with_a_row() -> Machine:
    # => state 'Lit': it is terminal, yet has rows; remove terminal=True, or
    #    the rows [terminal-state]
    lit = State("Lit", "It is on.", terminal=True)
    rows = (
        replace(SWITCH_ON, target=lit),
        replace(SWITCH_OFF, source=lit),
        replace(BURN, source=lit),
    )
    return lamp(states=(DARK, lit, BROKEN), rows=rows)


def no_initial_state() -> Machine:
    dark = State("Dark", "It is off.")
    rows = (replace(SWITCH_ON, source=dark), replace(SWITCH_OFF, target=dark), BURN)
    refusals = (Refusal(dark, (BURNT,), why=""), REFUSALS[1])
    # => machine 'Lamp': one state must be initial, and none is; mark one
    #    with initial=True [initial-state]
    return replace(lamp(states=(dark, LIT, BROKEN), rows=rows, refusals=refusals), at=here())


def two_initial_states() -> Machine:
    lit = State("Lit", "It is on.", initial=True)
    rows = (
        replace(SWITCH_ON, target=lit),
        replace(SWITCH_OFF, source=lit),
        replace(BURN, source=lit),
    )
    # => machine 'Lamp': one state must be initial, and 'Dark' and 'Lit' are; mark one
    #    with initial=True [initial-state]
    return replace(lamp(states=(DARK, lit, BROKEN), rows=rows), at=here())


def a_pair_that_is_neither_row_nor_refused() -> Machine:
    # => state 'Dark', fact 'Burnt': the pair is neither a row nor refused; declare a row, or add
    #    the fact to the state's refusal [unhandled-pair]
    dark = State("Dark", "It is off.", initial=True)
    return lamp(states=(dark, LIT, BROKEN), refusals=REFUSALS[1:])


def a_row_that_nobody_explains() -> Machine:
    # => row 'switch-on': it does not say why it is there; give why=... and cites=... [unexplained]
    silent = replace(SWITCH_ON, why=" ", at=here())
    return lamp(rows=tuple(silent if item is SWITCH_ON else item for item in ROWS))


def a_pair_that_is_both() -> Machine:
    # => state 'Lit', fact 'Pressed': the pair is refused, yet row 'switch-off' accepts it; keep
    #    one of them [refused-row]
    return lamp(refusals=(*REFUSALS, Refusal(LIT, (PRESSED,), why="Leave it.")))


def a_pair_that_is_refused_twice() -> Machine:
    # => state 'Dark', fact 'Burnt': the pair is refused twice; keep one of them [refused-twice]
    return lamp(refusals=(*REFUSALS, Refusal(DARK, (BURNT,), why="It is cold.")))


def a_record_without_a_state() -> Machine:
    base = lamp()
    fields = tuple(part for part in base.record if part.name != "state")
    # => machine 'Lamp': no field of the record holds a state; declare one field of
    #    sort LampState [state-field]
    return replace(base, record=replace(base.record, fields=fields), at=here())


def a_record_with_two_states() -> Machine:
    base = lamp()
    before = replace(field(base.state_sort, read_by="people"), name="before")
    # => machine 'Lamp': 'state' and 'before' hold a state; declare one field of
    #    sort LampState [state-field]
    return replace(base, record=base.record.with_fields(before), at=here())


def a_state_that_its_sort_does_not_have() -> Machine:
    sort = state_sort("LampState", "What a lamp does.", DARK, LIT)
    base = lamp()
    fields = tuple(replace(p, sort=sort) if p.name == "state" else p for p in base.record)
    record = replace(base.record, fields=fields)
    # => machine 'Lamp': LampState does not list the states of the machine, in their order; make it
    #    with state_sort('LampState', ..., *states) [state-sort]
    return replace(base, record=record, state_sort=sort, at=here())


def a_fact_without_its_time() -> Machine:
    when = field(INSTANT)
    # => fact 'Pressed': its time 'ta' is no instant among its fields; write one of: at [fact-time]
    pressed = Fact.declare("Pressed", "", halves={HOUSE: "Press"}, time="ta", durable=True, at=when)
    return lamp(
        facts=(pressed, BURNT),
        rows=(replace(SWITCH_ON, fact=pressed), replace(SWITCH_OFF, fact=pressed), BURN),
        refusals=(REFUSALS[0], Refusal(BROKEN, (pressed, BURNT), why="")),
    )


def a_fact_whose_time_is_no_instant() -> Machine:
    when = field(TEXT)
    # => fact 'Pressed': its time 'at' is no instant among its fields; declare a field
    #    of INSTANT [fact-time]
    pressed = Fact.declare("Pressed", "", halves={HOUSE: "Press"}, time="at", durable=True, at=when)
    return lamp(
        facts=(pressed, BURNT),
        rows=(replace(SWITCH_ON, fact=pressed), replace(SWITCH_OFF, fact=pressed), BURN),
        refusals=(REFUSALS[0], Refusal(BROKEN, (pressed, BURNT), why="")),
    )


def a_fact_that_a_side_does_not_see() -> Machine:
    # => fact 'Pressed': it has no events for side house; name one event per side [fact-halves]
    pressed = Fact.declare("Pressed", "", halves={}, time="at", durable=True, at=field(INSTANT))
    return lamp(
        facts=(pressed, BURNT),
        rows=(replace(SWITCH_ON, fact=pressed), replace(SWITCH_OFF, fact=pressed), BURN),
        refusals=(REFUSALS[0], Refusal(BROKEN, (pressed, BURNT), why="")),
    )


def a_rehydration_that_forgets_a_state() -> Machine:
    # => rehydration 'reprint': it says nothing of state 'Sent'; list the effects of each state
    #    once, if only as () [rehydration-state]
    # => rehydration 'reprint': it speaks twice of state 'Delivered'; list the effects of each
    #    state once, if only as () [rehydration-state]
    partial = Rehydration("reprint", "", ((PACKED, ()), (DELIVERED, ()), (DELIVERED, ())))
    return replace(parcel, rehydration=partial)


def a_rehydration_of_an_unknown_state() -> Machine:
    lost = State("Lost", "")
    rehydration = parcel.rehydration
    assert rehydration is not None
    # => rehydration 'reprint': the machine has no state 'Lost'; write one of: Delivered,
    #    Packed, Sent [unknown-name]
    more = replace(rehydration, emits=(*rehydration.emits, (lost, ())), at=here())
    return replace(parcel, rehydration=more)


def several_faults_at_once() -> Machine:
    # => state 'Lit': it is terminal, yet has rows; remove terminal=True, or
    #    the rows [terminal-state]
    # => state 'Lit', fact 'Pressed': the pair is neither a row nor refused; declare a row, or add
    #    the fact to the state's refusal [unhandled-pair]
    lit = State("Lit", "It is on.", terminal=True)
    # => state 'Broken': no rows lead to it from 'Dark'; add a row that leads to it, or
    #    remove it [unreachable-state]
    broken = State("Broken", "It is broken.", terminal=True)
    pressed = replace(SWITCH_ON, target=lit)
    # => row 'burn': the machine has no state 'Broke'; did you mean 'Broken'? [unknown-name]
    burnt = replace(BURN, source=lit, target=replace(BROKEN, name="Broke"), at=here())
    changed = lamp(states=(DARK, lit, broken), rows=(pressed, burnt))
    # => machine 'Lamp', identity: Lamp has no field 'roam'; did you mean 'room'? [unknown-name]
    return replace(changed, identity=("roam",), at=here())
