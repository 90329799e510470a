"""Whether a finite world can hold what it declares, and what its machines carry and compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable import expr
from steptable.errors import Fault, Location
from steptable.machine import Machine, Row
from steptable.sorts import (
    TRUTH,
    Bag,
    Enum,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Variant,
)
from steptable.wellformed.expressions.fitting import NONE_YET, established
from steptable.wellformed.expressions.values import Wrong
from steptable.wellformed.machines.rows import row_scope
from steptable.wellformed.machines.unfit import mixed, unfit
from steptable.wellformed.worlds.scopes import machines_in, sorter_of
from steptable.world import Action, World, payload_sort


def check_sorts(world: World) -> Iterator[Fault]:
    """Faults of the sorts of variables, choices and machines, as far as a world is concerned."""
    for variable in world.variables:
        where = f"world '{world.name}', variable '{variable.name}'"
        wrongs = (*unfit(variable.sort), *_repeated(variable.sort))
        yield from _faults(wrongs, variable.at, where)
    for action in world.actions:
        yield from _choices(world, action)
    for instance in world.instances:
        where = f"world '{world.name}', instance '{instance.name}'"
        yield from _faults(mixed(payload_sort(instance.machine)), instance.at, where)
    for machine in machines_in(world):
        for row in machine.rows:
            yield from _row(world, machine, row)


def _faults(wrongs: Iterable[Wrong], at: Location, where: str) -> Iterator[Fault]:
    for problem, advice in wrongs:
        yield Fault(at, where, problem, advice, "bad-sort")


def _choices(world: World, action: Action) -> Iterator[Fault]:
    for name, sort in action.choices:
        where = f"world '{world.name}', action '{action.name}', choice '{name}'"
        if is_choosable(sort):
            yield from _faults((*unfit(sort), *_repeated(sort)), action.at, where)
        else:
            problem = f"nobody can choose a {sort}"
            advice = "choose its parts, and put it together in the action"
            yield Fault(action.at, where, problem, advice, "not-choosable")


def _repeated(sort: Sort) -> Iterator[Wrong]:
    """Values of enumerations that are there twice."""
    match sort:
        case Enum(values=values):
            for text in dict.fromkeys(values):
                if values.count(text) > 1:
                    yield f"two of the values of {sort} are called '{text}'", "rename one"
        case Optional(of=of) | Queue(of=of) | Bag(of=of):
            yield from _repeated(of)
        case Map(key=key, value=value):
            yield from (*_repeated(key), *_repeated(value))
        case Record(fields=fields):
            for part in fields:
                yield from _repeated(part.sort)


def is_choosable(sort: Sort) -> bool:
    """Whether an environment can choose a value: it is made of a fixed number of scalars."""
    match sort:
        case Optional(of=of):
            return is_choosable(of)
        case Record(fields=fields):
            return all(is_choosable(part.sort) for part in fields)
    return not isinstance(sort, Map | Queue | Bag | Variant)


def _row(world: World, machine: Machine, row: Row) -> Iterator[Fault]:
    """Texts in guards and updates that the bounds of the world leave out."""
    sorter = sorter_of(world, f"row '{row.name}'", row.at, row_scope(machine, row))
    present = NONE_YET
    for guard in row.guards:
        sorter.expect(guard.condition, TRUTH, "its condition", present)
        present |= established(guard.condition)
    updates: dict[str, expr.Node] = dict(row.sets)
    sorter.check_fields(row.at, machine.record, updates, present, partial=True)
    yield from sorter.faults
