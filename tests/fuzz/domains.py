"""The values that a world has of each sort, and which values are none of them.

Spelt out anew from the words of `steptable.world`, and shared with no explorer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, TypeAlias

from steptable.interpreter.evaluate import Values
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
)
from steptable.world import Bounds, World

Place: TypeAlias = str
"""Where a value is, as the explorers name it: `host.probes[a]?`, `host.probes[a].status`."""

MOST_NUMBERS: Final = 4096
"""An integer with more values takes those that the bounds of the world give to numbers."""


def choices_of(sort: Sort, bounds: Bounds) -> list[Any]:
    """Every value of a sort that the environment can choose."""
    match sort:
        case Optional(of=of):
            return [None, *choices_of(of, bounds)]
        case Record(fields=parts):
            domains = [choices_of(part.sort, bounds) for part in parts]
            names = [part.name for part in parts]
            return [dict(zip(names, values, strict=True)) for values in product(*domains)]
        case Opaque(shape="value", of=of) if of is not None:
            return choices_of(of, bounds)[:1] or [""]  # of a symbol without bounds, any text
        case Opaque(shape=shape):
            return [_EMPTY.get(shape, {})]
    return list(domain(sort, bounds))


_EMPTY: Final = {"text": "", "number": 0, "flag": False, "list": ()}
"""The one value that something opaque has where it is chosen: nothing tells two apart."""


def domain(sort: Sort, bounds: Bounds) -> Sequence[Any]:
    """The values of a scalar sort in a world."""
    match sort:
        case Truth():
            return (False, True)
        case Enum(values=values):
            return values
        case Symbol():
            return next((texts for symbol, texts in bounds.symbols if symbol == sort), ())
        case Integer(low, high):
            return range(low, high + 1) if high - low < MOST_NUMBERS else bounds.numbers
        case Instant() | Duration():
            return bounds.instants
    raise TypeError(sort)


@dataclass(frozen=True)
class Stray:
    """A value that is stored and is not in the domain of its place."""

    place: Place
    is_error: bool
    """Whether it is one even if nothing depends on the place."""


def strays(
    place: Place, value: Any, sort: Sort, world: World, *, of_record: bool
) -> Iterator[Stray]:
    """Everything within a value that is not in the domain of its place."""
    match sort:
        case Optional(of=of):
            if value is not None:
                yield from strays(place, value, of, world, of_record=of_record)
        case Record(fields=parts):
            for part in parts:
                inside = value[part.name]
                name = f"{place}.{part.name}"
                yield from strays(name, inside, part.sort, world, of_record=of_record)
        case Map(key=key, value=of):
            for at, item in value.items():
                if at not in domain(key, world.bounds):
                    yield Stray(f"{place}[{at}]", True)
                yield from strays(f"{place}[{at}]", item, of, world, of_record=of_record)
        case Queue(of=of, capacity=capacity):
            if len(value) > capacity:
                yield Stray(f"{place}#", True)
            for at, item in enumerate(value[:capacity]):
                yield from strays(f"{place}[{at}]", item, of, world, of_record=of_record)
        case Bag(of=of, most=most):
            for at, count in value.items():
                if at not in domain(of, world.bounds):
                    yield Stray(f"{place}[{at}]", True)
                if not 0 <= count <= most:
                    yield Stray(f"{place}[{at}]", True)
        case Variant(cases=cases):
            case_of = next(case for case in cases if case.name == value.name)
            yield from strays(place, value.fields, case_of, world, of_record=of_record)
        case Opaque():
            return
        case _:
            if value not in domain(sort, world.bounds):
                yield Stray(place, not (of_record and _may_be_any(sort)))


def _may_be_any(sort: Sort) -> bool:
    """Whether bounds of the world, not the sort itself, say which numbers or times there are."""
    is_large = isinstance(sort, Integer) and sort.high - sort.low >= MOST_NUMBERS
    return is_large or isinstance(sort, Instant | Duration)


def strays_in(state: Values, world: World) -> list[Stray]:
    """Everything in a state that is not in the domain of its place, when a step has been taken."""
    records = {item.name for item in world.instances}
    state = remembered(world, state)
    return [
        stray
        for part in world.state
        for stray in strays(
            part.name, state[part.name], part.sort, world, of_record=part.name in records
        )
    ]


def frozen(value: Any, sort: Sort) -> Hashable:
    """A value as something to look up; a bag is the same whether or not it says "none"."""
    match sort:
        case Optional(of=of):
            return None if value is None else (frozen(value, of),)
        case Record(fields=parts):
            return tuple(frozen(value[part.name], part.sort) for part in parts)
        case Map(value=of):
            return frozenset((key, frozen(item, of)) for key, item in value.items())
        case Queue(of=of):
            return tuple(frozen(item, of) for item in value)
        case Bag():
            return frozenset((key, count) for key, count in value.items() if count)
        case Variant(cases=cases):
            case_of = next(case for case in cases if case.name == value.name)
            return value.name, frozen(value.fields, case_of)
        case Opaque():
            return None  # nothing tells two of them apart
    key: Hashable = value
    return key


def remembered(world: World, state: Values) -> Values:
    """A state with what instances forget put back."""
    forgets = {item.name: dict(item.forgets) for item in world.instances if item.forgets}
    return {**state, **{name: {**state[name], **kept} for name, kept in forgets.items()}}
