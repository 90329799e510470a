"""Whether actions and reactions fit: guards, what is set, and what is delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from steptable import expr
from steptable.errors import Fault
from steptable.machine import Assignments
from steptable.sorts import TRUTH, Record
from steptable.wellformed.expressions.fitting import NONE_YET, Present, established
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.worlds.scopes import (
    action_scope,
    reaction_scope,
    sorter_of,
    unknown,
)
from steptable.wellformed.worlds.sorts import is_choosable
from steptable.world import Action, Delivery, Fairness, Instance, World, payload_sort


def check_actions(world: World) -> Iterator[Fault]:
    """Faults of actions, and of what the world makes of effects."""
    for instance in world.instances:
        yield from _reactions(world, instance)
    for action in world.actions:
        yield from _action(world, action)


def _reactions(world: World, instance: Instance) -> Iterator[Fault]:
    effects = {effect.name: effect for effect in instance.machine.effects}
    for name, sets in instance.reactions:
        where = f"instance '{instance.name}', on '{name}'"
        if name not in effects:
            place = f"world '{world.name}', instance '{instance.name}'"
            yield from unknown("effect", name, effects, instance.at, place)
            continue
        scope = reaction_scope(world, instance, effects[name])
        sorter = sorter_of(world, where, instance.at, scope)
        settable = {item.name for item in world.variables}
        yield from _sets(world, sorter, sets, settable, NONE_YET)
        yield from sorter.faults


def _sets(
    world: World, sorter: Sorter, sets: Assignments, settable: set[str], present: Present
) -> Iterator[Fault]:
    for name, node in sets:
        at, part = node.at or sorter.at, world.state.get(name)
        if part is None:
            yield from unknown("variable", name, settable, at, sorter.where)
        elif name not in settable:
            problem = f"'{name}' is an instance, which only an action without events for it sets"
            yield Fault(at, sorter.where, problem, "deliver an event instead", "not-settable")
        else:
            sorter.expect(node, part.sort, f"'{name}'", present)


def _action(world: World, action: Action) -> Iterator[Fault]:
    sorter = sorter_of(world, f"action '{action.name}'", action.at, action_scope(world, action))
    if action.fair:  # without a word for it, it may be put off forever
        words = [word for word in get_args(Fairness) if word]
        yield from unknown("fairness", action.fair, words, action.at, sorter.where)
    sorter.expect(action.guard, TRUTH, "its guard")
    present = established(action.guard)
    reached = {delivery.instance for delivery in action.deliveries}
    yield from _sets(world, sorter, action.sets, set(world.state.names) - reached, present)
    for delivery in action.deliveries:
        yield from _delivery(world, sorter, delivery, present)
    yield from sorter.faults


def _delivery(
    world: World, sorter: Sorter, delivery: Delivery, present: Present
) -> Iterator[Fault]:
    names = [item.name for item in world.instances]
    if delivery.instance not in names:
        yield from unknown("instance", delivery.instance, names, delivery.at, sorter.where)
        return
    machine = world.instance(delivery.instance).machine
    policy = dict(delivery.policy)
    sorter.check_fields(delivery.at, machine.policy, policy, present, partial=True)
    yield from _unchosen(machine.policy, policy, delivery, sorter.where)
    if delivery.payload is not None:
        if machine.wire is None:
            problem = f"'{delivery.instance}' receives nothing, since its machine has no wire"
            yield Fault(delivery.at, sorter.where, problem, "deliver an event", "no-wire")
        else:
            sorter.expect(delivery.payload, payload_sort(machine), "what is received", present)
        return
    events = {event.name: event for event in machine.events}
    if delivery.event not in events:
        name = delivery.event or ""
        yield from unknown("event", name, events, delivery.at, sorter.where)
        return
    event, given = events[delivery.event], dict(delivery.fields)
    sorter.check_fields(delivery.at, event.fields, given, present, partial=True)
    yield from _unchosen(event.fields, given, delivery, sorter.where)


def _unchosen(
    record: Record, fields: Mapping[str, expr.Node], delivery: Delivery, where: str
) -> Iterator[Fault]:
    """What is not given and nobody can choose, of an event or of the policy."""
    for part in record:
        if part.name not in fields and not is_choosable(part.sort):
            problem = f"nobody can choose '{part.name}' of {record}, a {part.sort}"
            yield Fault(delivery.at, where, problem, f"give '{part.name}'", "not-choosable")
