"""Whether a world starts from whole values within its bounds, and forgets only what starts so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from steptable.errors import Fault, Location
from steptable.interpreter.evaluate import empty
from steptable.sorts import Field
from steptable.wellformed.expressions.values import wrongs
from steptable.wellformed.worlds.scopes import unknown
from steptable.world import Instance, Start, World


def check_starts(world: World) -> Iterator[Fault]:
    """Faults of starts, of what variables start with, and of what instances forget."""
    for variable in world.variables:
        where = f"world '{world.name}', variable '{variable.name}'"
        part = Field(variable.name, variable.sort)
        yield from _values(world, part, variable.starts, variable.at, where)
    for start in world.starts:
        yield from _start(world, start)
    for instance in world.instances:
        yield from _forgets(world, instance)


def _start(world: World, start: Start) -> Iterator[Fault]:
    where = f"world '{world.name}', start '{start.name}'"
    given = dict(start.records)
    for name in given:
        yield from unknown("instance", name, [i.name for i in world.instances], start.at, where)
    for instance in world.instances:
        if instance.name in given:
            yield from _record(world, start, instance, dict(given[instance.name]))
        else:
            problem, advice = f"it says nothing of '{instance.name}'", "give its record"
            yield Fault(start.at, where, problem, advice, "unset")
    parts = {part.name: part for part in world.variables}
    for name, values in start.variables:
        yield from unknown("variable", name, parts, start.at, where)
        if name in parts:
            part = Field(name, parts[name].sort)
            yield from _values(world, part, values, start.at, where)


def _record(
    world: World, start: Start, instance: Instance, given_fields: dict[str, tuple[Any, ...]]
) -> Iterator[Fault]:
    record = instance.machine.record
    where = f"world '{world.name}', start '{start.name}', instance '{instance.name}'"
    for name, values in given_fields.items():
        part = record.get(name)
        if part is None:
            yield from unknown("field", name, record.names, start.at, where)
        else:
            yield from _values(world, part, values, start.at, where)
    for part in record:
        if part.name in given_fields:
            continue
        if part.is_required:
            problem = f"it leaves '{part.name}' unset"
            yield Fault(start.at, where, problem, f"give '{part.name}'", "unset")
        else:
            yield from _values(world, part, (empty(part),), start.at, where)


def _values(
    world: World, part: Field, values: tuple[Any, ...], at: Location, where: str
) -> Iterator[Fault]:
    if not values:
        problem = f"'{part.name}' has no value to start with"
        yield Fault(at, where, problem, "give at least one", "unset")
    for value in values:
        for problem, advice in wrongs(part.name, value, part.sort, world.bounds):
            yield Fault(at, where, problem, advice, "out-of-bounds")


def _forgets(world: World, instance: Instance) -> Iterator[Fault]:
    machine = instance.machine
    where = f"world '{world.name}', instance '{instance.name}'"
    for name, value in instance.forgets:
        part = machine.record.get(name)
        if part is None:
            yield from unknown("field", name, machine.record.names, instance.at, where)
            continue
        if part == machine.state_field:
            problem = f"'{name}' is its state, which can't be forgotten"
            yield Fault(instance.at, where, problem, "forget another field", "forgets")
            continue
        for start in world.starts:
            given = dict(dict(start.records).get(instance.name, ()))
            if name in given or not part.is_required:
                starts = given.get(name) or (empty(part),)
                if len(starts) > 1 or repr(starts[0]) != repr(value):
                    at = f"world '{world.name}', start '{start.name}', instance '{instance.name}'"
                    problem = f"'{name}' is forgotten as {value!r}, but does not start so"
                    advice = f"start with {value!r} alone"
                    yield Fault(start.at, at, problem, advice, "forgets")
