"""The sorts that a drawn world is about, and the bounds that it gives them.

Every sort that a world or a machine can hold is drawn, one within another wherever the language
allows it. Domains are small, so that the spaces are; they lie where arithmetic is at its limits
as well, and the parts of composite symbols now and then leave a value out.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from steptable import expr
from steptable.interpreter.evaluate import Tagged
from steptable.sorts import (
    DURATION,
    INSTANT,
    MISSING,
    TRUTH,
    U64,
    Bag,
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Key,
    Map,
    Member,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
    inner,
)
from steptable.wellformed.expressions.values import is_large
from steptable.world import Bounds

KEY: Final = Symbol("Key", "A plain name.")
HOST: Final = Symbol("Host")
CHANNEL: Final = Symbol("Channel")
VERSION: Final = Symbol("Version")
ROLLOUT: Final = Symbol("Rollout", "Two parts.", (CHANNEL, VERSION), "@")
SPOT: Final = Symbol("Spot", "Three parts.", (HOST, CHANNEL, VERSION), "::")
SYMBOLS: Final = (KEY, HOST, CHANNEL, VERSION, ROLLOUT, SPOT)
"""Parts before the wholes that are made of them."""

TEXTS: Final = {
    KEY: ("k", "l", "m"),
    HOST: ("h0", "h1"),
    CHANNEL: ("stable", "edge"),
    VERSION: ("1", "2"),
}

EDGES: Final = (0, 2**31, 2**53, 2**60, 2**63, 2**64, -(2**31), -(2**63), -(2**64))
"""Where numbers of machines and languages end."""

OPAQUE: Final = ("text", "number", "flag", "list", "map", "value")


class Vocabulary:
    """Draws sorts, values of them, and the bounds of a world."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.records = 0
        self.has_clock = True
        """Whether points in time can be written down: those of a world's clock."""
        self.is_wide = dice.random() < 0.4
        """Whether some numbers are as large as words of machines."""
        self.symbols = self._symbols()
        first = dice.choice((2**31 - 1, 2**32 - 5, -(2**32)) if self.is_wide else (0, 0, -1))
        gaps = dice.choice(((1, 1), (1, 2), (5,), (1,)))
        self.instants = tuple(first + sum(gaps[:n]) for n in range(len(gaps) + 1))
        near = dice.choice((2**53, 2**63 - 1, 2**64 - 3) if self.is_wide else (0, 0, 1))
        self.numbers = tuple(near + n for n in range(dice.randint(2, 3)))
        self.enums = tuple(self._enum(name) for name in ("Colour", "Phase"))

    def _symbols(self) -> dict[Symbol, tuple[str, ...]]:
        known: dict[Symbol, tuple[str, ...]] = {}
        for symbol in SYMBOLS:
            texts = TEXTS.get(symbol) or self._composites(symbol)
            known[symbol] = tuple(self.dice.sample(texts, self.dice.randint(1, min(2, len(texts)))))
        return known

    def _composites(self, symbol: Symbol) -> tuple[str, ...]:
        drawn = {
            symbol.separator.join(self.dice.choice(TEXTS[part]) for part in symbol.parts)
            for _ in range(3)
        }
        return tuple(sorted(drawn))

    def _enum(self, name: str) -> Enum:
        values = ("red", "green", "blue")[: self.dice.randint(2, 3)]
        return Enum(name, tuple(Member(value.upper(), f"{name[0]}-{value}") for value in values))

    # ── Sorts ────────────────────────────────────────────────────────────────────────

    def scalar(self) -> Sort:
        """A sort whose values are not made of others."""
        match self.dice.randrange(10):
            case 0 | 1:
                return TRUTH
            case 2 | 3:
                return self.integer()
            case 4:
                return INSTANT
            case 5:
                return DURATION
            case 6:
                return self.dice.choice(self.enums)
            case 7:
                return self.dice.choice((ROLLOUT, SPOT))
        return self.dice.choice((KEY, HOST, CHANNEL, VERSION))

    def integer(self) -> Integer:
        """A few numbers in a row: small ones, negative ones, or about the end of some width."""
        if self.dice.random() < 0.1:
            return U64
        low = self.dice.choice((0, 0, 0, -1, -2))
        if self.is_wide and self.dice.random() < 0.5:
            low = self.dice.choice(EDGES) - self.dice.randint(0, 2)
        name = self.dice.choice(("", "", f"n{abs(low)}{'m' if low < 0 else ''}"))
        high = low + (2 if name else self.dice.randint(1, 2))
        return Integer(low, high, name)

    def choosable(self, depth: int = 2) -> Sort:
        """What an environment can choose: made of a fixed number of scalars."""
        kind = self.dice.random()
        # Whatever is within has to be chosen as well, and there are soon too many choices.
        if not depth or kind < (0.6 if depth > 1 else 0.7):
            return self.opaque() if self.dice.random() < 0.03 else self.scalar()
        if kind < 0.8:
            return Optional(self.plain(depth - 1, self.choosable))
        return self.record(depth - 1, self.choosable)

    def held(self, depth: int = 2) -> Sort:
        """What the record of a machine can hold."""
        kind = self.dice.random()
        if not depth or kind < 0.45:
            return self.opaque() if self.dice.random() < 0.05 else self.scalar()
        if kind < 0.65:
            return Optional(self.plain(depth - 1, self.held))
        if kind < 0.85:
            return Map(self.key(), self.plain(depth - 1, self.held))
        return self.record(depth - 1, self.held)

    def kept(self, depth: int = 2) -> Sort:
        """What a variable of a world can hold."""
        kind = self.dice.random()
        if not depth or kind < 0.35:
            return self.opaque() if self.dice.random() < 0.05 else self.scalar()
        if kind < 0.5:
            return Optional(self.plain(depth - 1, self.kept))
        if kind < 0.67:
            if self.dice.random() < 0.4:
                return Map(self.key(), self.kept(depth - 1), total=True)
            return Map(self.key(), self.plain(depth - 1, self.kept))
        if kind < 0.78:
            return Queue(self.plain(depth - 1, self.kept), self.dice.randint(1, 2))
        if kind < 0.88:
            return Bag(self.key(), self.dice.randint(1, 2))
        return self.record(depth - 1, self.kept)

    def key(self) -> Key:
        """What a map or a bag is by; composite ones, too."""
        kind = self.dice.random()
        if kind < 0.25:
            return self.dice.choice(self.enums)
        if kind < 0.5:
            number = self.integer()
            while is_large(number):
                number = self.integer()
            return number
        return self.dice.choice((KEY, CHANNEL, VERSION, HOST, ROLLOUT, SPOT))

    def plain(self, depth: int, draw: Any) -> Sort:
        """A sort that is no optional, since nothing can be nothing in two ways."""
        sort: Sort = draw(depth)
        while isinstance(sort, Optional):
            sort = sort.of
        return sort

    def opaque(self) -> Opaque:
        """What is carried and never compared."""
        shape = self.dice.choice(OPAQUE)
        of = self.dice.choice((self.enums[0], KEY, TRUTH))
        return Opaque(shape, of if shape in ("list", "map", "value") else None)

    def record(self, depth: int, draw: Any) -> Record:
        """A record of one to three fields under a name of its own."""
        self.records += 1
        number = self.records
        return Record(
            f"Item{number}",
            tuple(
                self.field(f"f{number}{letter}", draw(depth))
                for letter in "abc"[: self.dice.choice((1, 2, 2, 3))]
            ),
            "Some fields.",
        )

    def field(self, name: str, sort: Sort) -> Field:
        """A field, perhaps with a default: a plain value, or an expression that reads nothing."""
        default: Any = MISSING
        if self.dice.random() < 0.3 and has_constant(sort, clock=self.has_clock):
            value = self.value(sort)
            is_time = isinstance(inner(sort), Duration) and not self.has_clock
            if is_time or isinstance(sort, Record | Enum) or self.dice.random() < 0.3:
                default = constant(value, sort)
            elif not isinstance(value, dict) or not value:
                default = value
        return Field(name, sort, "", default, "those who test")

    # ── Values ───────────────────────────────────────────────────────────────────────

    def domain(self, sort: Sort) -> tuple[Any, ...]:
        """The values of a scalar sort."""
        match sort:
            case Truth():
                return (False, True)
            case Integer(low, high):
                return tuple(range(low, high + 1)) if high - low < 100 else self.numbers
            case Instant() | Duration():
                return self.instants
            case Enum(values=values):
                return values
            case Symbol():
                return self.symbols[sort]
        raise TypeError(sort)

    def value(self, sort: Sort) -> Any:
        """Some value of a sort within its bounds, to start with."""
        some = self.dice.random() < 0.5
        match sort:
            case Optional(of=of):
                return self.value(of) if some else None
            case Record():
                return {part.name: self.value(part.sort) for part in sort}
            case Map(key=key, value=of, total=True):
                return {at: self.value(of) for at in self.domain(key)}
            case Map(key=key, value=of):
                return {at: self.value(of) for at in self.domain(key) if self.dice.random() < 0.4}
            case Queue(of=of, capacity=capacity):
                return tuple(self.value(of) for _ in range(self.dice.randint(0, capacity)))
            case Bag(of=of):
                return {self.dice.choice(self.domain(of)): 1} if some else {}
            case Variant():
                case = self.dice.choice(sort.cases)
                return Tagged(case.name, self.value(case))
            case Opaque(shape, of):
                return self._carried(shape, of, some=some)
        return self.dice.choice(self.domain(sort))

    def _carried(self, shape: str, of: Sort | None, *, some: bool) -> Any:
        """Some value of an opaque sort; no explorer tells two apart."""
        match shape:
            case "text":
                return "some" if some else ""
            case "number":
                return self.dice.choice((0, 1.5)) if some else 0
            case "flag":
                return some
        item = None if of is None else self.value(of)
        if shape == "value":
            return item
        if shape == "list":
            return (item,) if some else ()
        return {"at": item} if some else {}

    def bounds(self, used: set[Symbol]) -> Bounds:
        """The bounds of a world in which some symbols are used."""
        symbols = tuple((symbol, self.symbols[symbol]) for symbol in SYMBOLS if symbol in used)
        return Bounds(symbols, self.instants, self.numbers)


def has_constant(sort: Sort, *, clock: bool) -> bool:
    """Whether a value can be written down whole, where there is a clock or is none."""
    match sort:
        case Optional(of=of):
            return has_constant(of, clock=clock)
        case Record(fields=parts):
            return all(has_constant(part.sort, clock=clock) for part in parts)
        case Map(total=total):
            return not total
        case Instant():
            return clock
    return not isinstance(sort, Queue | Bag | Variant | Opaque)


def constant(value: Any, sort: Sort) -> expr.Node:
    """A value as an expression that reads nothing."""
    match sort:
        case Optional(of=of):
            return expr.Const(None, None) if value is None else constant(value, of)
        case Record():
            parts = ((part.name, constant(value[part.name], part.sort)) for part in sort)
            return expr.Make(sort, tuple(parts))
        case Map():
            return expr.Const({}, None)
        case Integer():
            return expr.Const(value, Integer(value, value))
    return expr.Const(value, sort)


def symbols_in(sort: Sort, *, parts: bool = True) -> Iterator[Symbol]:
    """The symbols that a value of a sort holds, and the parts of composite ones."""
    match sort:
        case Symbol():
            yield from (*(sort.parts if parts else ()), sort)
        case Optional(of=of) | Queue(of=of) | Bag(of=of):
            yield from symbols_in(of, parts=parts)
        case Map(key=key, value=value):
            yield from (*symbols_in(key, parts=parts), *symbols_in(value, parts=parts))
        case Record(fields=fields):
            for part in fields:
                yield from symbols_in(part.sort, parts=parts)
        case Variant(cases=cases):
            for case in cases:
                yield from symbols_in(case, parts=parts)
