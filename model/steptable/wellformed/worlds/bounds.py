"""Whether the bounds of a world leave values to each sort that something in it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from steptable.errors import Fault
from steptable.sorts import Bag, Map, Optional, Queue, Record, Sort, Symbol, Variant
from steptable.wellformed.worlds.scopes import machines_in
from steptable.world import World

_FAR: Final = 2**32
"""Seconds, a good century: traces are replayed with dates that lie so far off."""


def check_bounds(world: World) -> Iterator[Fault]:
    """Faults of bounds: what has no values, the same one twice, or values of what there is not."""
    where = f"world '{world.name}', bounds"
    held: dict[Symbol, str] = {}
    for symbol, place in held_symbols(world):
        held.setdefault(symbol, place)
    used = {*_parts(held), *_emitted(world)}
    bounded = {symbol for symbol, _ in world.bounds.symbols}
    for symbol, place in held.items():
        if symbol not in bounded:
            problem = f"{place} is of the symbol {symbol}, which has no values"
            advice = "write some among the symbols, or one if they make no difference"
            yield Fault(world.at, where, problem, advice, "missing-bound")
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
    for instant in world.bounds.instants:
        if abs(instant) > _FAR:
            problem = f"the instant {instant} is further off than any date"
            yield Fault(world.at, where, problem, f"stay within {_FAR} seconds", "bad-bound")
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
    if len(texts) != len(symbol.parts) or "" in texts:
        return False
    parts = zip(texts, symbol.parts, strict=True)
    return all(_is_composite(text, part) for text, part in parts if part.parts)


def held_symbols(world: World) -> Iterator[tuple[Symbol, str]]:
    """Every symbol sort that something in the world has a value of, and what that is."""
    for item in world.variables:
        yield from ((symbol, f"variable '{item.name}'") for symbol in _within(item.sort))
    for action in world.actions:
        for name, sort in action.choices:
            place = f"choice '{name}' of action '{action.name}'"
            yield from ((symbol, place) for symbol in _within(sort))
    for machine in machines_in(world):
        events = ((event.name, event.fields) for event in machine.events)
        records = (("the record", machine.record), ("the policy", machine.policy), *events)
        for name, record in records:
            for part in record:
                place = f"field '{part.name}' of {name} of {machine.name}"
                yield from ((symbol, place) for symbol in _within(part.sort))


def _emitted(world: World) -> Iterator[Symbol]:
    """The symbol sorts of effects: their values are computed, so that they need no bounds."""
    for machine in machines_in(world):
        for effect in machine.effects:
            yield from _parts(_within(effect.fields))


def _parts(symbols: Iterable[Symbol]) -> Iterator[Symbol]:
    """Some symbol sorts, and those that composite ones are made of."""
    for symbol in symbols:
        yield from (symbol, *symbol.parts)


def _within(sort: Sort) -> Iterator[Symbol]:
    match sort:
        case Symbol():
            yield sort
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
