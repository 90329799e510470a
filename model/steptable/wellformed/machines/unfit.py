"""Which sorts nothing can hold, and which a machine can't: some are those of worlds alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from steptable import expr
from steptable.errors import Fault, Location
from steptable.machine import Emission, Machine
from steptable.sorts import (
    Bag,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Variant,
)
from steptable.wellformed.expressions.values import Wrong, is_large
from steptable.wellformed.machines.declared import all_records

_WHOLE: Final = {
    "row": "row.source or row.target",
    "fact": "fact.time or fact.durable",
    "given": "its fields, as given.name",
}
"""What is no value by itself, with what to write instead."""


def check_fitness(machine: Machine) -> list[Fault]:
    """Faults of sorts and constants that programs have no values of."""
    return [*_fields(machine), *(fault for said in _said(machine) for fault in _unsaid(*said))]


def _fields(machine: Machine) -> Iterator[Fault]:
    for record in all_records(machine):
        for part in record:
            where, at = f"{record}, field '{part.name}'", part.at or machine.at
            for problem, advice in (*unfit(part.sort), *_of_worlds(part.sort)):
                yield Fault(at, where, problem, advice, "bad-sort")


def _of_worlds(sort: Sort) -> Iterator[Wrong]:
    """The sorts within a sort that only a world has."""
    match sort:
        case Queue() | Bag() | Variant():
            advice = "declare a map, a record or an opaque value"
            yield f"a {sort} is something of a world, and no program has one", advice
        case Map(total=True):
            advice = "declare a map without total, whose values are optionals when looked up"
            yield f"a {sort} is something of a world, and no program has one", advice
        case Optional(of=of) | Map(value=of):
            yield from _of_worlds(of)
        case Opaque(of=of) if of is not None:
            yield from _of_worlds(of)


def _said(machine: Machine) -> Iterator[tuple[str, Location, list[expr.Node]]]:
    """Every part of a machine that has expressions: what to call it, its place, and those."""
    for row in machine.rows:
        emissions = [emission for side in machine.sides for emission in row.emissions(side)]
        conditions = [guard.condition for guard in row.guards]
        updates = [node for _, node in row.sets]
        yield f"row '{row.name}'", row.at, [*conditions, *updates, *_emitted(emissions)]
    for constructor in machine.constructors:
        nodes = [node for _, node in constructor.sets]
        yield f"constructor '{constructor.name}'", constructor.at, nodes
    if (rehydration := machine.rehydration) is not None:
        emissions = [emission for _, listed in rehydration.emits for emission in listed]
        yield f"rehydration '{rehydration.name}'", rehydration.at, [*_emitted(emissions)]
    for record in all_records(machine):
        for part in record:
            if isinstance(part.default, expr.Node):
                where = f"{record}, field '{part.name}'"
                yield where, part.at or machine.at, [part.default]


def _emitted(emissions: Iterable[Emission]) -> Iterator[expr.Node]:
    for emission in emissions:
        if emission.condition is not None:
            yield emission.condition
        yield from (node for _, node in emission.fields)


def _unsaid(where: str, at: Location, nodes: list[expr.Node]) -> Iterator[Fault]:
    """What programs can't say of what some expressions do."""
    for node in dict.fromkeys(part for whole in nodes for part in expr.walk(whole)):
        if isinstance(node, expr.Const) and isinstance(node.sort, Instant):
            problem = "a constant point in time is one of a world's clock"
            advice = "compare instants with each other, or their difference with seconds(...)"
            yield Fault(node.at or at, where, problem, advice, "bad-constant")
    for whole in nodes:
        for name in _whole_roots(whole):
            problem = f"'{name}' is no value by itself"
            yield Fault(whole.at or at, where, problem, f"read {_WHOLE[name]}", "no-value")


def _whole_roots(node: expr.Node) -> Iterator[str]:
    """The roots that are read as a whole, and can only be read field by field."""
    if isinstance(node, expr.Root) and node.name in _WHOLE:
        yield node.name
    elif not (isinstance(node, expr.Attr) and isinstance(node.subject, expr.Root)):
        for child in expr.children(node):
            yield from _whole_roots(child)


def unfit(sort: Sort) -> Iterator[Wrong]:
    """Why nothing can hold values of a sort, if nothing can."""
    match sort:
        case Integer(low, high) if low > high:
            yield f"no number lies from {low} to {high}", "write the lower one first"
        case Enum(members=()):
            yield f"{sort} has no members", "give it some"
        case Queue(capacity=room) | Bag(most=room) if room < 1:
            yield f"nothing can ever be in a {sort} with room for {room}", "make room for one"
        case Optional(of=Optional()) | Queue(of=Optional()) | Map(value=Optional(), total=False):
            problem = f"a value of {sort} may be nothing in two ways"
            yield problem, "leave the inner optional out"
        case Map(key=Integer() as key) | Bag(of=Integer() as key) if is_large(key):
            problem = f"a {sort} has too many keys to go through"
            yield problem, "give the integer a range of its own, such as Integer(0, 7)"
        case Map(key=key, value=of):
            yield from unfit(key)
            yield from unfit(of)
        case Optional(of=of) | Queue(of=of) | Bag(of=of):
            yield from unfit(of)
        case Opaque(of=of) if of is not None:
            yield from unfit(of)
        case Record(fields=fields):
            for part in fields:
                yield from unfit(part.sort)
        case Variant():
            yield from mixed(sort)


def mixed(sort: Variant) -> Iterator[Wrong]:
    """Which fields of a payload are of several sorts."""
    first: dict[str, tuple[Record, Field]] = {}
    for case in sort.cases:
        for part in case:
            other, known = first.setdefault(part.name, (case, part))
            if known.sort != part.sort:
                problem = f"'{part.name}' is {known.sort} in {other}, but {part.sort} in {case}"
                yield problem, "rename one, since a world keeps payloads side by side"
