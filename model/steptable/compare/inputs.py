"""The inputs on which two versions of a step are compared: small domains, taken whole.

Only fields that matter are varied: those that the expressions at hand read. Of each sort there
are as many values as are needed to tell such fields apart, to put them in any order, and to
meet the constants that they are compared with; a map has up to two entries. All other
fields hold one value that is different from every other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.interpreter.evaluate import Tagged, Values
from steptable.machine import Event, Machine
from steptable.sorts import (
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
    inner,
)
from steptable.support.renaming import snake

_ROOTS: Final = ("record", "event", "policy")

MOST: Final = 10_000
"""How many inputs of one pair are tried; of more, the most ordinary ones and a fixed draw."""

_VALUES: Final = 3
_KEYS: Final = 2

Path: TypeAlias = tuple[str, str]
"""A field that is varied: `record`, `event` or `policy`, and its name."""


@dataclass(frozen=True)
class Input:
    """What a step is asked about: the fields that were varied, with their values."""

    varied: tuple[tuple[Path, Any], ...]


@dataclass(frozen=True)
class Domain:
    """The values of each field that is varied."""

    parts: tuple[tuple[Path, tuple[Any, ...]], ...]

    @property
    def size(self) -> int:
        return math.prod(len(values) for _, values in self.parts)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is tried."""
        return self.size <= MOST

    def inputs(self) -> Iterator[Input]:
        """All inputs, the most ordinary first; of too many, those and a fixed draw."""
        first = self if self.is_whole else self._corner(MOST // 2)
        paths = [path for path, _ in self.parts]
        for values in itertools.product(*(values for _, values in first.parts)):
            yield Input(tuple(zip(paths, values, strict=True)))
        dice = Random(0)
        for _ in range(0 if self.is_whole else MOST - first.size):
            yield Input(tuple((path, dice.choice(values)) for path, values in self.parts))

    def _corner(self, most: int) -> Domain:
        """The first values of each field, as many as make no more than so many inputs."""
        kept = dict(self.parts)
        while math.prod(map(len, kept.values())) > most:
            longest = max(kept, key=lambda path: len(kept[path]))
            kept[longest] = kept[longest][: max(1, len(kept[longest]) * 2 // 3)]
        return Domain(tuple(kept.items()))

    def plainer(self, chosen: Input) -> Iterator[Input]:
        """The input with one field more at its most ordinary value."""
        first = {path: values[0] for path, values in self.parts}
        for at, (path, value) in enumerate(chosen.varied):
            if value != first[path]:
                changed = (*chosen.varied[:at], (path, first[path]), *chosen.varied[at + 1 :])
                yield Input(changed)

    def __str__(self) -> str:
        if not self.parts:
            return "the one input there is"
        of = ", ".join(f"{root} {name} ({len(values)})" for (root, name), values in self.parts)
        count = (
            f"all {self.size:,} inputs" if self.is_whole else f"{MOST:,} of {self.size:,} inputs"
        )
        return f"{count} over the values of {of}"


def domain(
    old: Machine, new: Machine, events: tuple[Event, Event], nodes: Iterable[expr.Node]
) -> Domain:
    """What to vary of the inputs of one event in one state, given the expressions that matter."""
    reading = list(nodes)
    sides = (_Inputs(old, events[0]), _Inputs(new, events[1]))
    ranges = _Ranges.of(reading, [sort for side in sides for sort in side.sorts()])
    parts = []
    for path in sorted({path for node in reading for path in _read(node, sides)}):
        found = [part for side in sides if (part := side.field(path)) is not None]
        values = [ranges.values(part.sort) for part in found]
        # What one version alone can hold is a matter of its vocabulary.
        common = [value for value in values[0] if all(value in others for others in values)]
        if found and not _is_state(path, old, new):
            parts.append((path, tuple(common or values[0])))
    return Domain(tuple(parts))


class Filled:
    """Whole inputs for one version: what is varied, and one value of everything else."""

    def __init__(self, machine: Machine, state: str, event: Event) -> None:
        self.event, self.numbering = event.name, machine.numbering
        self.sorts = {"record": machine.record, "event": event.fields, "policy": machine.policy}
        self.usual = {
            root: {part.name: _filler(part.sort, f"{root} {part.name}") for part in record}
            for root, record in self.sorts.items()
        }
        numbers = self.numbering.record_field, self.numbering.event_field
        self.usual["record"] |= {machine.state_field.name: state, numbers[0]: 0}
        self.usual["event"][numbers[1]] = 1

    def of(self, chosen: Input) -> tuple[Values, Tagged, Values]:
        """The record, event and policy of an input."""
        values = {root: dict(usual) for root, usual in self.usual.items()}
        for (root, name), value in chosen.varied:
            part = self.sorts[root].get(name)
            if part is not None:
                values[root][name] = fitted(part.sort, value)
        return values["record"], Tagged(self.event, values["event"]), values["policy"]


def _is_state(path: Path, old: Machine, new: Machine) -> bool:
    return path in (("record", old.state_field.name), ("record", new.state_field.name))


@dataclass(frozen=True)
class _Inputs:
    machine: Machine
    event: Event

    def of(self, root: str) -> Record:
        return {
            "record": self.machine.record,
            "event": self.event.fields,
            "policy": self.machine.policy,
        }[root]

    def field(self, path: Path) -> Field | None:
        return self.of(path[0]).get(path[1])

    def sorts(self) -> Iterator[Sort]:
        for root in _ROOTS:
            yield from (part.sort for part in self.of(root))


def _read(node: expr.Node, sides: Sequence[_Inputs]) -> Iterator[Path]:
    """The fields that an expression reads; of a whole record, all."""
    subject = node.subject if isinstance(node, expr.Attr) else node
    root = subject.name if isinstance(subject, expr.Root) else ""
    if root not in _ROOTS:
        for child in expr.children(node):
            yield from _read(child, sides)
    elif isinstance(node, expr.Attr):
        yield root, node.name
    else:
        yield from ((root, part.name) for side in sides for part in side.of(root))


@dataclass(frozen=True)
class _Ranges:
    """How many values of each sort there are to be, out of what expressions mention."""

    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    mentioned: frozenset[str]
    """The names of all fields that are read; in a record, others than these stay as they are."""
    counts: tuple[tuple[Sort, int], ...]

    @classmethod
    def of(cls, nodes: Sequence[expr.Node], sorts: Sequence[Sort]) -> _Ranges:
        parts = [part for node in nodes for part in expr.walk(node)]
        constants = [part.value for part in parts if isinstance(part, expr.Const)]
        numbers = {c for c in constants if isinstance(c, int) and not isinstance(c, bool)}
        texts = {c for c in constants if isinstance(c, str)} - set(_members(sorts))
        names = {part.name for part in parts if isinstance(part, expr.Attr)}
        made = {name for part in parts if isinstance(part, expr.With) for name, _ in part.fields}
        counts = {sort: sum(inner(other) == sort for other in sorts) for sort in map(inner, sorts)}
        return cls(
            tuple(sorted(numbers)),
            tuple(sorted(texts)),
            frozenset(names | made),
            tuple(counts.items()),
        )

    def count(self, sort: Sort) -> int:
        known = next((count for other, count in self.counts if other == sort), 1)
        return max(2, min(_VALUES, known))

    def values(self, sort: Sort) -> tuple[Any, ...]:
        """The values of a sort, the most ordinary first."""
        match sort:
            case Truth():
                return True, False
            case Enum():
                return sort.values
            case Symbol():
                return self._symbols(sort)
            case Integer(low=low, high=high):
                near = {number + by for number in self.numbers for by in (-1, 0, 1)}
                first = {low + by for by in range(self.count(sort))}
                return tuple(sorted(n for n in near | first if low <= n <= high))
            case Instant() | Duration():
                near = {number + by for number in self.numbers for by in (-1, 0, 1)}
                return tuple(sorted({*range(self.count(sort)), *near}))
            case Optional(of=of):
                return (None, *self.values(of))
            case Map(key=key, value=of):
                return tuple(self._maps(self._symbols(key)[:_KEYS], self.values(of)))
            case Record():
                return tuple(self._records(sort))
            case Opaque():
                return (_filler(sort, str(sort)), f"another {sort}")
        raise TypeError(f"{sort} has no place in an event or a record")

    def _symbols(self, sort: Symbol) -> tuple[str, ...]:
        if sort.parts:
            parts = [self._symbols(part) for part in sort.parts]
            return tuple(sort.separator.join(texts) for texts in zip(*parts, strict=False))
        made = tuple(
            f"{snake(sort.name).replace('_', '-')}-{n + 1}" for n in range(self.count(sort))
        )
        return self.texts + made if self.texts else made

    def _maps(self, keys: Sequence[str], values: Sequence[Any]) -> Iterator[dict[str, Any]]:
        absent = object()
        for chosen in itertools.product((absent, *values), repeat=len(keys)):
            pairs = zip(keys, chosen, strict=True)
            yield {key: value for key, value in pairs if value is not absent}

    def _records(self, record: Record) -> Iterator[dict[str, Any]]:
        choices = [
            self.values(part.sort)
            if part.name in self.mentioned
            else (_filler(part.sort, part.name),)
            for part in record
        ]
        for chosen in itertools.product(*choices):
            yield dict(zip(record.names, chosen, strict=True))


def _members(sorts: Iterable[Sort]) -> Iterator[str]:
    """The values of all enumerations in some sorts, which no symbol is compared with."""
    for sort in sorts:
        match inner(sort):
            case Enum() as enum:
                yield from enum.values
            case Record(fields=fields):
                yield from _members(part.sort for part in fields)
            case Map(value=of):
                yield from _members([of])


def fitted(sort: Sort, value: Any) -> Any:
    """A value of one version as the other holds it: with its own fields of records."""
    match inner(sort):
        case _ if value is None:
            return None
        case Record() as record:
            return {
                part.name: fitted(part.sort, value[part.name])
                if part.name in value
                else _filler(part.sort, part.name)
                for part in record
            }
        case Map(value=of):
            return {key: fitted(of, item) for key, item in value.items()}
    return value


def _filler(sort: Sort, name: str) -> Any:
    """The one value of a field that is not varied."""
    match sort:
        case Truth():
            return False
        case Enum():
            return sort.values[0]
        case Symbol(parts=parts, separator=separator) if parts:
            return separator.join(_filler(part, part.name) for part in parts)
        case Integer(low=low):
            return max(low, 0)
        case Instant() | Duration():
            return 0
        case Optional():
            return None
        case Map():
            return {}
        case Record():
            return {part.name: _filler(part.sort, part.name) for part in sort}
    return f"the {name}"  # a symbol, or something opaque
