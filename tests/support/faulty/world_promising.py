# mypy: ignore-errors
"""Properties that speak of what there is not, and findings of what can't fail."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.properties import (
    Finding,
    Property,
    action,
    after,
    always,
    always_event,
    always_step,
    before,
    emits,
    eventually,
    leads_to,
    never,
    rerun,
    sometimes,
    step,
)
from steptable.sorts import TRUTH
from steptable.terms import root
from steptable.world import Action, Idle, Start, Variable, World
from support.faulty.lamp import HUM, PRESSED, lamp
from support.faulty.parcel import ARRIVED, SENT, TELL
from support.faulty.road import (
    PROPERTIES,
    road,
    trips,
    with_action,
    with_bulb,
    with_promise,
)

event = root("event")


def a_promise_of_an_unknown_variable() -> World:
    # => world 'road', property 'new': 'tips' can't be read here; did you mean
    #    'trips'? [unknown-name]
    return with_promise(always("new", root("tips") < 2, why="", cites=""))


def a_promise_that_is_no_truth() -> World:
    # => world 'road', property 'new': its condition has sort integer 0..2, not truth; write a value
    #    of sort truth [sort]
    return with_promise(always("new", trips, why="", cites=""))


def a_promise_over_states_that_speaks_of_steps() -> World:
    # => world 'road', property 'new': 'before' can't be read here; write one
    #    of: carrier, clock, letters, lost, seen, sender, trips, van [unknown-name]
    # => world 'road', property 'new': 'after' can't be read here; write one
    #    of: carrier, clock, letters, lost, seen, sender, trips, van [unknown-name]
    return with_promise(never("new", before.trips > after.trips, why="", cites=""))


def a_promise_over_steps_that_speaks_of_states() -> World:
    # => world 'road', property 'new': 'trips' can't be read here; write one
    #    of: action, after, before [unknown-name]
    return with_promise(always_step("new", trips < 2, why="", cites=""))


def a_promise_over_steps_of_an_unknown_variable() -> World:
    # => world 'road', property 'new': state has no field 'tips'; did you mean
    #    'trips'? [unknown-name]
    return with_promise(always_step("new", before.tips < 2, why="", cites=""))


def a_promise_over_steps_of_an_unknown_action() -> World:
    # => world 'road', property 'new': the right side is 'waits', which is no Action; did you mean
    #    'wait'? [out-of-bounds]
    return with_promise(always_step("new", action != "waits", why="", cites=""))


def a_promise_over_steps_that_speaks_of_events() -> World:
    # => world 'road', property 'new': it speaks of an event, and there is none here; ask it in a
    #    property over events [no-event]
    return with_promise(always_step("new", emits(step, TELL) == 0, why="", cites=""))


def a_promise_over_events_that_speaks_of_variables() -> World:
    # => world 'road', property 'new': 'trips' can't be read here; write one
    #    of: after, before, rerun(...), step [unknown-name]
    return with_promise(always_event("new", trips < 2, why="", cites=""))


def a_promise_over_events_that_reads_fields_of_no_fact() -> World:
    # => world 'road', property 'new': 'event' can't be read here; write one
    #    of: after, before, rerun(...), step [unknown-name]
    return with_promise(always_event("new", event.number > 0, why="", cites=""))


def a_promise_over_events_of_an_unknown_field() -> World:
    # => world 'road', property 'new': Arrived has no field 'nmber'; did you mean
    #    'number'? [unknown-name]
    return with_promise(always_event("new", event.nmber > 0, fact=ARRIVED, why="", cites=""))


def a_promise_over_events_of_an_unknown_instance() -> World:
    # => world 'road', property 'new': there is no instance 'carier'; did you mean
    #    'carrier'? [unknown-name]
    return with_promise(always_event("new", step.accepted, instance="carier", why="", cites=""))


def a_promise_over_events_of_another_fact() -> World:
    # => world 'road', property 'new': the machine has no fact 'Pressed'; write one
    #    of: Arrived, HandedOver, Scanned [unknown-name]
    return with_promise(always_event("new", step.accepted, fact=PRESSED, why="", cites=""))


def a_promise_over_events_of_a_fact_that_is_declared_otherwise() -> World:
    fact = replace(ARRIVED, durable=False)
    # => world 'road', property 'new': fact 'Arrived' is declared otherwise than the machine's; use
    #    one declaration in both places [unknown-name]
    return with_promise(always_event("new", step.accepted, fact=fact, why="", cites=""))


def a_promise_over_events_of_another_effect() -> World:
    # => world 'road', property 'new': there is no effect 'Hum'; write one
    #    of: Charge, Keep, Moved, Print, Tell [unknown-name]
    return with_promise(always_event("new", emits(step, HUM) == 0, why="", cites=""))


def a_promise_over_events_that_counts_what_emits_nothing() -> World:
    # => world 'road', property 'new': what emits has sort Parcel, not step; write a value of
    #    sort step [sort]
    return with_promise(always_event("new", emits(before, TELL) == 0, why="", cites=""))


def a_promise_over_events_of_another_record() -> World:
    # => world 'road', property 'new': the record to run again has sort step, not Parcel; write a
    #    value of sort Parcel [sort]
    return with_promise(always_event("new", rerun(record=step).accepted, why="", cites=""))


def a_promise_over_events_where_there_are_none() -> World:
    # => world 'empty', property 'new': no event happens in a world without instances; speak
    #    of states or steps [no-event]
    promise = always_event("new", step.accepted, why="", cites="")
    lost = Variable.declare("lost", TRUTH, False)
    wait = Action.declare("wait")
    return World(
        "empty", "", (), (Start.declare("new", {}),), (wait,), (promise,), variables=(lost,)
    )


def a_run_that_speaks_of_steps() -> World:
    # => world 'road', property 'new': 'action' can't be read here; write one
    #    of: carrier, clock, letters, lost, seen, sender, trips, van [unknown-name]
    return with_promise(eventually("new", action == "wait", why="", cites=""))


def a_run_whose_premise_is_no_truth() -> World:
    # => world 'road', property 'new': its premise has sort integer 0..2, not truth; write a value
    #    of sort truth [sort]
    return with_promise(leads_to("new", trips, trips == 2, why="", cites=""))


def a_kind_that_there_is_not() -> World:
    condition = (trips < 2).node
    # => world 'road', property 'new': there is no property over a state of kind 'allways'; did you
    #    mean 'always'? [unknown-name]
    return with_promise(Property("new", "allways", "state", condition, "", "", at=here()))


def a_kind_that_there_is_not_over_steps() -> World:
    condition = (action == "wait").node
    # => world 'road', property 'new': there is no property over a step of kind 'sometimes'; write
    #    one of: always [unknown-name]
    return with_promise(Property("new", "sometimes", "step", condition, "", "", at=here()))


def a_scope_that_there_is_not() -> World:
    condition = (trips < 2).node
    # => world 'road', property 'new': there is no scope 'stat'; did you mean
    #    'state'? [unknown-name]
    return with_promise(Property("new", "always", "stat", condition, "", "", at=here()))


def a_finding_of_a_witness() -> World:
    # => world 'road', property 'new': it wants a witness, and a finding pins a counterexample;
    #    write never(...), which fails where there is a witness [bad-finding]
    wanted = sometimes("new", trips == 2, why="", cites="")
    return with_promise(wanted.known_to_fail(length=2, explanation="", repair=""))


def a_finding_of_less_than_nothing() -> World:
    # => world 'road', property 'new': its counterexample can't have -1 steps; write how many
    #    there are [bad-finding]
    promise = always("new", trips < 2, why="", cites="")
    return with_promise(promise.known_to_fail(length=-1, explanation="", repair=""))


def an_end_that_is_no_truth() -> World:
    # => world 'road', where it may end: the condition has sort integer 0..2, not truth; write a
    #    value of sort truth [sort]
    return replace(road, terminal=trips, at=here())


def an_end_that_is_a_number() -> World:
    # => world 'road', where it may end: the condition is 0, not truth; write a value of
    #    sort truth [sort]
    return replace(road, terminal=0, at=here())


def an_end_that_is_a_state() -> World:
    # => world 'road', where it may end: the condition is 'Sent', not truth; write a value of
    #    sort truth [sort]
    return replace(road, terminal=SENT, at=here())


def an_end_that_is_nothing() -> World:
    # => world 'road', where it may end: the condition is nothing, not truth; write a value of
    #    sort truth [sort]
    return replace(road, terminal=None, at=here())


def a_guard_that_is_a_number() -> World:
    # => world 'road', action 'rest': its guard is 0, not truth; write a value of sort truth [sort]
    return with_action(Action.declare("rest", guard=0))


def a_guard_that_is_a_state() -> World:
    # => world 'road', action 'rest': its guard is 'Sent', not truth; write a value of
    #    sort truth [sort]
    return with_action(Action.declare("rest", guard=SENT))


def a_known_deadlock_that_nobody_looks_for() -> World:
    # => world 'road', its known deadlock: deadlocks are not looked for in a world that may end
    #    anywhere; say where it may end, or remove the finding [bad-finding]
    return replace(road, terminal=True, deadlock=Finding(1, "", ""), at=here())


def a_known_deadlock_of_less_than_nothing() -> World:
    # => world 'road', its known deadlock: its counterexample can't have -1 steps; write how many
    #    there are [bad-finding]
    return replace(road, deadlock=Finding(-1, "", ""), at=here())


def a_promise_over_events_of_machines_with_different_records() -> World:
    # => world 'road', property 'new' of events of Lamp: Lamp has no field 'grams'; write one
    #    of: last, room, state [unknown-name]
    promise = always_event("new", before.grams < 5, why="", cites="")
    return replace(with_bulb(lamp()), properties=(*PROPERTIES, promise))


def a_finding_by_an_action_that_is_not_there() -> World:
    promise = always("new", trips < 2, why="", cites="")
    # => world 'road', property 'new', its finding: there is no action 'waits'; did you mean
    #    'wait'? [unknown-name]
    known = promise.known_to_fail(length=2, through=("waits",), explanation="", repair="")
    return with_promise(known)


def a_finding_by_more_actions_than_steps() -> World:
    promise = always("new", trips < 2, why="", cites="")
    # => world 'road', property 'new': it goes through more actions than the 0 steps that it
    #    has; leave some out [bad-finding]
    known = promise.known_to_fail(length=0, through=("wait",), explanation="", repair="")
    return with_promise(known)


def a_known_deadlock_by_an_action_that_is_not_there() -> World:
    # => world 'road', its known deadlock, its finding: there is no action 'waits'; did you mean
    #    'wait'? [unknown-name]
    return replace(road, deadlock=Finding(1, "", "", ("waits",)), at=here())


def a_part_that_is_idle_and_not_there() -> World:
    # => world 'road', what is idle in it: there is no part 'start old'; did you mean
    #    'start new'? [unknown-name]
    return replace(road, idle=(Idle("start old", "Nobody is old."),))


def a_part_that_is_idle_without_a_reason() -> World:
    # => world 'road', what is idle in it: no reason is given for 'start new'; say why it is
    #    of no use [no-reason]
    return replace(road, idle=(Idle("start new", " "),))


NOBODY = Idle("start new", "Nothing is.")


def a_part_that_is_idle_twice() -> World:
    # => world 'road', what is idle in it: 'start new' stands at {NOBODY.at}, too;
    #    remove one [duplicate-name]
    return replace(road, idle=(NOBODY, Idle("start new", "Nothing is.")))
