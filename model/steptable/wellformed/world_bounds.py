"""Whether the bounds of a world leave values to each sort that something in it has."""

from __future__ import annotations

from collections.abc import Iterator

from steptable.errors import Fault
from steptable.sorts import Bag, Map, Optional, Queue, Record, Sort, Symbol, Variant
from steptable.wellformed.world_scopes import machines_in
from steptable.world import World


def check_bounds(world: World) -> Iterator[Fault]:
    """Faults of bounds: no values, the same one twice, or values of what there is not."""
    where = f"world '{world.name}', bounds"
    used = set(_symbols(world))
    for symbol, values in world.bounds.symbols:
        yield from _domain(world, str(symbol), values, where)
        if symbol not in used:
            problem = f"nothing in this world is a {symbol}"
            advice = "remove it, or bound the very symbol that is declared"
            yield Fault(world.at, where, problem, advice, "unused-bound")
        for value in values:
            if symbol.parts and not _is_composite(value, symbol):
                form = symbol.separator.join(f"{{{part.name}}}" for part in symbol.parts)
                problem = f"{value!r} is no {symbol}"
                yield Fault(world.at, where, problem, f"write it as {form}", "bad-bound")
    yield from _domain(world, "instants", world.bounds.instants, where)
    if len(set(world.bounds.numbers)) < len(world.bounds.numbers):
        yield Fault(world.at, where, "numbers has a value twice", "write it once", "bad-bound")


def _domain(
    world: World, name: str, values: tuple[str, ...] | tuple[int, ...], where: str
) -> Iterator[Fault]:
    if not values:
        problem, advice = f"{name} has no values", "give at least one"
        yield Fault(world.at, where, problem, advice, "bad-bound")
    elif len(set(values)) < len(values):
        yield Fault(world.at, where, f"{name} has a value twice", "write it once", "bad-bound")


def _is_composite(value: str, symbol: Symbol) -> bool:
    texts = value.split(symbol.separator, len(symbol.parts) - 1)
    return len(texts) == len(symbol.parts) and "" not in texts


def _symbols(world: World) -> Iterator[Symbol]:
    """Every symbol sort of which something in the world may have a value."""
    for machine in machines_in(world):
        for record in (machine.record, machine.policy):
            yield from _within(record)
        for event in machine.events:
            yield from _within(event.fields)
        for effect in machine.effects:
            yield from _within(effect.fields)
    for sort in (item.sort for item in world.variables):
        yield from _within(sort)
    for action in world.actions:
        for _, sort in action.choices:
            yield from _within(sort)


def _within(sort: Sort) -> Iterator[Symbol]:
    match sort:
        case Symbol(parts=parts):
            yield from (sort, *parts)
        case Optional(of=of) | Queue(of=of) | Bag(of=of):
            yield from _within(of)
        case Map(key=key, value=value):
            yield from (*_within(key), *_within(value))
        case Record(fields=fields):
            for part in fields:
                yield from _within(part.sort)
        case Variant(cases=cases):
            for case in cases:
                yield from _within(case)
