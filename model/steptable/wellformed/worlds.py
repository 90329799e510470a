"""Whether a world and its properties are well-formed: names, sorts, and values within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from steptable.errors import Fault, SpecError, suggestion
from steptable.machine import Machine
from steptable.properties import Property, rerun_sort, step_sort
from steptable.sorts import (
    TRUTH,
    Enum,
    Field,
    Instant,
    Optional,
    Record,
    Sort,
    Symbol,
)
from steptable.wellformed.sorting import Sorter
from steptable.world import Action, Start, World


def faults_of_world(world: World) -> tuple[Fault, ...]:
    """Every fault of a world whose machine is well-formed."""
    return SpecError(
        [
            *(fault for start in world.starts for fault in _start(world, start)),
            *(fault for action in world.actions for fault in _action(world, action)),
            *_forgets(world),
            *(fault for item in world.properties for fault in _property(world, item)),
            *_repeated(world),
        ]
    ).faults


def _start(world: World, start: Start) -> Iterator[Fault]:
    record = world.machine.record
    where = f"world '{world.name}', start '{start.name}'"
    given = dict(start.choices)
    for name, values in start.choices:
        part = record.get(name)
        if part is None:
            advice = suggestion(name, record.names)
            yield Fault(start.at, where, f"{record} has no field '{name}'", advice, "unknown-name")
            continue
        for value in values:
            known = _values(world, part.sort)
            if known is not None and value not in known:
                problem = f"'{name}' can't be {value!r} in this world"
                advice = suggestion(str(value), [str(item) for item in known if item is not None])
                yield Fault(start.at, where, problem, advice, "out-of-bounds")
    for part in record:
        if part.is_required and part.name not in given:
            problem = f"it leaves '{part.name}' unset"
            yield Fault(start.at, where, problem, f"give '{part.name}'", "unset")


def _values(world: World, sort: Sort) -> tuple[Any, ...] | None:
    """The values of a sort in the world, or None where any will do."""
    match sort:
        case Optional(of=of):
            known = _values(world, of)
            return None if known is None else (None, *known)
        case Enum():
            return sort.values
        case Symbol():
            return world.bounds.of(sort)
        case Instant():
            return world.bounds.instants
    return None


def _action(world: World, action: Action) -> Iterator[Fault]:
    names = [event.name for event in world.machine.events]
    where = f"world '{world.name}', action '{action.name}'"
    if action.event not in names:
        problem = f"the machine has no event '{action.event}'"
        yield Fault(world.at, where, problem, suggestion(action.event, names), "unknown-name")
        return
    parameters = Record("parameter", tuple(Field(name, sort) for name, sort in action.parameters))
    scope = {"record": world.machine.record, "parameter": parameters}
    sorter = Sorter(where, world.at, scope)
    sorter.check_fields(
        world.at, world.machine.event(action.event).fields, dict(action.fields), partial=True
    )
    yield from sorter.faults


def _forgets(world: World) -> Iterator[Fault]:
    where = f"world '{world.name}'"
    for name, value in world.forgets:
        if name not in world.machine.record.names:
            advice = suggestion(name, world.machine.record.names)
            problem = f"it forgets '{name}', which the record does not have"
            yield Fault(world.at, where, problem, advice, "unknown-name")
            continue
        for start in world.starts:
            if dict(start.choices).get(name) != (value,):
                problem = f"'{name}' is forgotten as {value}, but does not start so"
                yield Fault(start.at, where, problem, f"start with {name}={value}", "forgets")


def _property(world: World, item: Property) -> Iterator[Fault]:
    where = f"property '{item.name}'"
    if item.fact is not None and item.fact not in world.machine.facts:
        advice = suggestion(item.fact.name, [fact.name for fact in world.machine.facts])
        problem = f"the machine has no fact '{item.fact.name}'"
        yield Fault(item.at, where, problem, advice, "unknown-name")
        return
    sorter = Sorter(where, item.at, scope_of(world, item))
    sorter.expect(item.condition, TRUTH, "the condition")
    yield from sorter.faults


def scope_of(world: World, item: Property) -> dict[str, Sort]:
    """What a property may read."""
    machine: Machine = world.machine
    if item.scope == "state":
        return {world.instance: machine.record}
    scope: dict[str, Sort] = {
        "before": machine.record,
        "after": machine.record,
        "step": step_sort(machine),
        "rerun": rerun_sort(machine),
    }
    if item.fact is not None:
        scope["event"] = machine.payload(item.fact)
    return scope


def _repeated(world: World) -> Iterator[Fault]:
    first: dict[str, Property] = {}
    for item in world.properties:
        if item.name in first:
            problem = f"there is another property of that name at {first[item.name].at}"
            yield Fault(item.at, f"property '{item.name}'", problem, "rename one", "duplicate-name")
        first.setdefault(item.name, item)
