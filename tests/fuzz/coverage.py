"""What a drawn world consists of: each kind of expression and each sort, by the place it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from steptable import expr
from steptable.machine import Machine, Row
from steptable.sorts import TRUTH, Bag, Map, Optional, Queue, Record, Sort
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.machines.declared import all_records
from steptable.wellformed.machines.rows import emission_scope, row_scope
from steptable.wellformed.worlds.scopes import (
    action_scope,
    event_scope,
    machines_in,
    reaction_scope,
    state_scope,
    step_scope,
)
from steptable.world import Action, Instance, World, payload_sort

Scope: TypeAlias = Mapping[str, Sort]


@dataclass(frozen=True)
class Place:
    """An expression somewhere in a world, with what can be read there and what it is to be."""

    name: str
    node: expr.Node
    scope: Scope
    wanted: Sort


def nodes_by_place(world: World) -> Iterator[tuple[str, str]]:
    """Each kind of expression of a world, with its place."""
    for place in places(world):
        for node in expr.walk(place.node):
            yield type(node).__name__, place.name


def sorts_by_place(world: World) -> Iterator[tuple[str, str]]:
    """Each kind of sort that an expression of a world has, or that something holds."""
    for place in places(world):
        sorter = Sorter("drawn", world.at, place.scope, bounds=world.bounds)
        sorter.expect(place.node, place.wanted, "it")
        for sort in sorter.sorts.values():
            yield type(sort).__name__, place.name
    for holder, name, sort in _held(world):
        yield type(sort).__name__, name
        yield from ((kind, f"{within} in a {holder}") for kind, within in _within(sort))


def _held(world: World) -> Iterator[tuple[str, str, Sort]]:
    """What each part of a world can hold: of whom, where, and the sort."""
    for variable in world.variables:
        yield "world", "variable", variable.sort
    for action in world.actions:
        yield from (("choice", "choice", sort) for _, sort in action.choices)
    for machine in machines_in(world):
        events = [part for event in machine.events for part in event.fields]
        effects = [part for effect in machine.effects for part in effect.fields]
        for name, parts in (
            ("a record", machine.record),
            ("a policy", machine.policy),
            ("an event", events),
            ("what is emitted", effects),
        ):
            yield from (("machine", f"field of {name}", part.sort) for part in parts)


def _within(sort: Sort) -> Iterator[tuple[str, str]]:
    match sort:
        case Optional(of=of):
            yield type(of).__name__, "optional"
        case Map(key=key, value=of):
            yield type(key).__name__, "key of a map"
            yield type(of).__name__, "total map" if sort.total else "map"
        case Queue(of=of):
            yield type(of).__name__, "queue"
        case Bag(of=of):
            yield type(of).__name__, "bag"
        case Record(fields=parts):
            yield from ((type(part.sort).__name__, "record") for part in parts)


# ── Expressions ──────────────────────────────────────────────────────────────────────


def places(world: World) -> Iterator[Place]:
    """Every expression of a world."""
    for machine in machines_in(world):
        yield from _of_machine(machine)
    for instance in world.instances:
        yield from _of_instance(world, instance)
    for action in world.actions:
        yield from _of_action(world, action)
    yield Place("terminal", world.may_end, state_scope(world), TRUTH)
    for item in world.properties:
        scope: Scope = state_scope(world)
        if item.scope == "step":
            scope = step_scope(world)
        elif item.scope == "event":
            scope = event_scope(machines_in(world, item.instance)[0], item)
        yield Place(f"promise over {item.scope}s", item.condition, scope, TRUTH)
        if item.premise is not None:
            yield Place("premise", item.premise, scope, TRUTH)


def _of_machine(machine: Machine) -> Iterator[Place]:
    for row in machine.rows:
        yield from _of_row(machine, row)
    own = {part.name: part.sort for part in machine.record}
    for constructor in machine.constructors:
        given = Record("given", tuple(p for p in machine.record if p.name in constructor.arguments))
        scope: dict[str, Sort] = {"given": given}
        if constructor.on is not None:
            scope["event"] = machine.event(constructor.on).fields
        yield from (Place("constructor", n, scope, own[name]) for name, n in constructor.sets)
    for record in all_records(machine):
        for part in record:
            if isinstance(part.default, expr.Node):
                yield Place("default", part.default, {}, part.sort)


def _of_row(machine: Machine, row: Row) -> Iterator[Place]:
    scope = row_scope(machine, row)
    own = {part.name: part.sort for part in machine.record}
    yield from (Place("guard", guard.condition, scope, TRUTH) for guard in row.guards)
    yield from (Place("update", node, scope, own[name]) for name, node in row.sets)
    for event in machine.events:
        if event.fact == row.fact:
            seen = emission_scope(machine, row, event.fields)
            for emission in row.emissions(event.side):
                parts = {part.name: part.sort for part in emission.effect.fields}
                if emission.condition is not None:
                    yield Place("condition of an effect", emission.condition, seen, TRUTH)
                for name, node in emission.fields:
                    yield Place("field of an effect", node, seen, parts[name])


def _of_instance(world: World, instance: Instance) -> Iterator[Place]:
    effects = {effect.name: effect for effect in instance.machine.effects}
    for name, sets in instance.reactions:
        scope = reaction_scope(world, instance, effects[name])
        for part, node in sets:
            yield Place("reaction", node, scope, _sort_of(world, part))


def _of_action(world: World, action: Action) -> Iterator[Place]:
    scope = action_scope(world, action)
    yield Place("guard of an action", action.guard, scope, TRUTH)
    for name, node in action.sets:
        yield Place("set by an action", node, scope, _sort_of(world, name))
    for delivery in action.deliveries:
        machine = world.instance(delivery.instance).machine
        policy = {part.name: part.sort for part in machine.policy}
        yield from (Place("policy", node, scope, policy[name]) for name, node in delivery.policy)
        if delivery.payload is not None:
            yield Place("payload", delivery.payload, scope, payload_sort(machine))
        elif delivery.event is not None:
            fields = {part.name: part.sort for part in machine.event(delivery.event).fields}
            for name, node in delivery.fields:
                yield Place("field of a delivery", node, scope, fields[name])


def _sort_of(world: World, name: str) -> Sort:
    part = world.state.get(name)
    assert part is not None
    return part.sort
