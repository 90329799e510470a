"""Expressions at random, of any sort that a world can hold, out of what can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Final

from steptable import expr
from steptable.sorts import (
    INSTANT,
    TRUTH,
    Bag,
    Enum,
    Instant,
    Integer,
    Key,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
    inner,
    words,
)
from steptable.terms import (
    EMPTY,
    NOTHING,
    Operand,
    Structure,
    Term,
    field,
    greatest,
    if_else,
    instant,
    least,
    lift,
    seconds,
)
from steptable.wellformed.expressions.values import domain
from steptable.world import Bounds, Instance, Variable

COLOUR: Final = words("Colour", "red", "green", "blue")
KEY: Final = Symbol("Key")
SMALL: Final = Integer(0, 2)
SIGNED: Final = Integer(-1, 1)
ITEM: Final = Structure(
    "Item",
    "Some fields.",
    colour=field(COLOUR),
    lit=field(TRUTH),
    size=field(Optional(SMALL)),
)
BOUNDS: Final = Bounds.declare(symbols={KEY: ("k", "l")}, instants=(0, 1, 2), numbers=range(4))

SCALARS: Final[tuple[Sort, ...]] = (
    TRUTH,
    COLOUR,
    KEY,
    SMALL,
    SIGNED,
    INSTANT,
    Optional(COLOUR),
    Optional(SIGNED),
    Optional(TRUTH),
)
CONTAINERS: Final[tuple[Sort, ...]] = (
    ITEM.sort,
    Optional(ITEM.sort),
    Map(KEY, COLOUR),
    Map(KEY, ITEM.sort),
    Map(KEY, SMALL),
    Map(COLOUR, SMALL),
    Map(SIGNED, COLOUR),
    Queue(COLOUR, 2),
    Queue(ITEM.sort, 1),
    Bag(COLOUR, 2),
    Bag(KEY, 1),
    Bag(SIGNED, 1),
)


class Author:
    """Writes expressions over what it was told can be read."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.known: list[tuple[Term, Sort]] = []
        self.keys: list[Operand] = ["k", "l"]

    def read(self, term: Term, sort: Sort) -> None:
        """From now on, this can be read, and everything in it."""
        for part, of in self._parts(term, sort):
            self.known.append((part, of))
            if of == KEY:
                self.keys.append(part)

    def read_record(self, term: Term, instance: Instance) -> None:
        """From now on, an instance's record can be read, but for what it forgets."""
        forgotten = dict(instance.forgets)
        if not forgotten:
            self.read(term, instance.machine.record)
        for part in instance.machine.record if forgotten else ():
            if part.name not in forgotten:
                self.read(getattr(term, part.name), part.sort)

    def _parts(self, term: Term, sort: Sort) -> Iterator[tuple[Term, Sort]]:
        yield term, sort
        match sort:
            case Record(fields=parts):
                for part in parts:
                    yield from self._parts(getattr(term, part.name), part.sort)
            case Optional(of=Record(fields=parts)):
                for part in parts:
                    yield getattr(term, part.name), Optional(inner(part.sort))
            case Map(key=key, value=of):
                for at in self.keys if key == KEY else constants(key):
                    yield from self._parts(term[at], Optional(of))
            case Queue(of=of, capacity=capacity):
                yield term.queued, Integer(0, capacity)
                yield from self._parts(term.head, Optional(of))
            case Optional(of=Variant() as of):
                for part in of.shared:
                    yield getattr(term, part.name), Optional(part.sort)
            case Bag(of=of, most=most):
                for value in constants(of):
                    yield term.count_of(value), Integer(0, most)

    def _maybe(self) -> bool:
        return self.dice.random() < 0.5

    def _readable(self, wanted: Callable[[Sort], bool]) -> list[Term]:
        return [term for term, sort in self.known if wanted(sort)]

    # ── Conditions ───────────────────────────────────────────────────────────────────

    def condition(self, depth: int = 1) -> Term:
        """Some truth."""
        if depth and self._maybe():
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            return self.dice.choice((left & right, left | right, ~left, left.iff(right)))
        comparable = [pair for pair in self.known if not isinstance(inner(pair[1]), Variant)]
        if not comparable:
            return Term(expr.Const(self._maybe(), TRUTH))
        return self._about(*self.dice.choice(comparable))

    def _about(self, term: Term, sort: Sort) -> Term:
        match sort:
            case Truth():
                return term
            case Instant() if self._maybe():
                return term - self.value(sort, 0) >= seconds(1)
            case Integer() | Instant():
                other = self.value(sort, 0)
                return self.dice.choice((term == other, term != other, term < other, term >= other))
            case Optional(of=Truth()):
                return self.dice.choice((term.is_known, term.or_else(self._maybe())))
            case Optional(of=of):
                same = term == self.value(of, 0)
                within = term.is_known & self._about(term.value, of)
                return self.dice.choice((term.is_known, same, ~same, within))
            case Map(value=of):
                return self.dice.choice((*self._through(term, of), term == self.value(sort, 0)))
            case Queue(of=Variant()):
                return term.queued > 0
        return term == self.value(sort, 0)

    def _through(self, term: Term, of: Sort) -> Iterator[Term]:
        """What can be asked of the values of a map, and of the keys that they are under."""
        one = self.dice.choice(self.keys) if self.keys else None

        def tells(key: Term, item: Term) -> Term:
            return _tells(item, of) if one is None else (key == one) | _tells(item, of)

        def is_other(key: Term, item: Term) -> Term:
            there = term[key].is_known
            return _tells(item, of) & there if one is None else (key != one) & there

        yield term.every(lambda item: _tells(item, of))
        yield term.every(tells)
        yield term.some(lambda item: _tells(item, of))
        yield term.some(is_other)
        yield term.where(lambda item: _tells(item, of)) == term
        yield term.where(is_other) == term
        yield term.count_where(tells) > self.dice.randint(0, 2)
        yield term.count_where(is_other) == self.dice.randint(0, 1)

    # ── Values ───────────────────────────────────────────────────────────────────────

    def value(self, sort: Sort, depth: int = 1) -> Term:
        """Some value of a sort."""
        if depth and self.dice.choice((True, False, False)):
            return if_else(
                self.condition(0), self.value(sort, depth - 1), self.value(sort, depth - 1)
            )
        match sort:
            case Truth():
                constant = Term(expr.Const(self._maybe(), TRUTH))
                return (
                    self.condition(0) if depth else self.dice.choice([constant, *self._same(sort)])
                )
            case Enum() | Symbol():
                return self._symbol(sort)
            case Integer():
                return self._number(sort)
            case Instant():
                return self.dice.choice([instant(at) for at in (0, 1, 2)] + self._same(sort))
            case Optional(of=of):
                return self.dice.choice([NOTHING, self.value(of, depth), *self._same(sort)])
            case Record():
                return self._record(sort, depth)
            case Map():
                return self._map(sort, depth)
            case Queue():
                return self._queue(sort)
            case Bag():
                return self._bag(sort)
        raise AssertionError(sort)

    def perhaps(self, test: Term, then: Operand, otherwise: Operand) -> Term:
        """One of two values, rarely without looking whether it may be so."""
        if self.dice.choice((True,) + (False,) * 7):
            return Term(lift(then))
        return if_else(test, then, otherwise)

    def _same(self, sort: Sort) -> list[Term]:
        return self._readable(lambda other: other == sort)

    def _symbol(self, sort: Enum | Symbol) -> Term:
        values = sort.values if isinstance(sort, Enum) else BOUNDS.of(sort)
        constants = [Term(expr.Const(value, sort)) for value in values]
        same = self._same(sort)
        fallback = constants[0]
        known = [term.or_else(fallback) for term in self._same(Optional(sort))]
        return self.dice.choice([*constants, *same, *same, *known])

    def _number(self, sort: Integer) -> Term:
        low, high = sort.low, min(sort.high, BOUNDS.numbers[-1])
        constants = [Term(lift(number)) for number in range(low, high + 1)]
        numbers = self._readable(lambda other: isinstance(other, Integer))
        if not numbers or self._maybe():
            return self.dice.choice(constants)
        number = self.dice.choice(numbers)
        plainly = (number, number + 1, number - 1) * 2
        moved = self.dice.choice((*plainly, self._computed(numbers)))
        return self.perhaps((moved >= low) & (moved <= high), moved, self.dice.choice(constants))

    def _computed(self, numbers: Sequence[Term]) -> Term:
        """Some number out of others."""
        one, other = self.dice.choice(numbers), self.dice.choice(numbers)
        return self.dice.choice(
            (
                -one,
                one * self.dice.choice((-1, 2)),
                one * other,
                (one - other) % self.dice.choice((2, 3)),
                least(one, other),
                greatest(one, 1, other - 1),
            )
        )

    def _record(self, sort: Record, depth: int) -> Term:
        same = self._same(sort)
        if same and self._maybe():
            part = self.dice.choice(sort.fields)
            changed = {part.name: self.value(part.sort, depth)} if self._maybe() else {}
            return self.dice.choice(same).with_fields(**changed)
        values = {part.name: self.value(part.sort, 0) for part in sort}
        parts = tuple((name, lift(value)) for name, value in values.items())
        return Term(expr.Make(sort, parts))

    def _map(self, sort: Map, depth: int) -> Term:
        same = self._same(sort)
        if not same:
            return EMPTY.put(self._key(sort.key), self.value(sort.value, 0))
        here = self.dice.choice(same)
        put = here.put(self._key(sort.key), self.value(sort.value, depth))
        return self.dice.choice(
            (here, EMPTY, put, put, here.where(lambda it: _tells(it, sort.value)))
        )

    def _key(self, sort: Key) -> Operand:
        if isinstance(sort, Integer):
            # A sum with a number of any size may be any number.
            return self.dice.choice([*constants(sort), *self._same(sort)])
        return self.dice.choice(self.keys) if sort == KEY else self.value(sort, 0)

    def _queue(self, sort: Queue) -> Term:
        here = self.dice.choice(self._same(sort))
        pushed = here.push(self.value(sort.of, 0))
        grown = self.perhaps(here.queued < sort.capacity, pushed, here)
        return self.dice.choice((here, here.pop(), here.pop().push(self.value(sort.of, 0)), grown))

    def _bag(self, sort: Bag) -> Term:
        here = self.dice.choice(self._same(sort))
        one = self.value(sort.of, 0)
        more = self.perhaps(here.count_of(one) < sort.most, here.add(one), here)
        return self.dice.choice((here, EMPTY, here.remove(one), more, more))

    def sets(self, variables: Sequence[Variable]) -> dict[str, Operand]:
        """New values of some variables."""
        if not variables:
            return {}
        chosen = [self.dice.choice(variables) for _ in range(self.dice.randint(0, 2))]
        return {item.name: self.value(item.sort) for item in chosen}


def _tells(item: Term, sort: Sort) -> Term:
    """Something about a value of a map."""
    match sort:
        case Record():
            return item.lit
        case Integer():
            return item > 0
    return item == "red"


def values_of(sort: Key) -> Sequence[Any]:
    """Every key of a map, or value that can be in a bag."""
    return domain(sort, BOUNDS) or ()


def constants(sort: Key) -> list[Term]:
    """The same as terms."""
    return [
        Term(lift(value) if isinstance(value, int) else expr.Const(value, sort))
        for value in values_of(sort)
    ]


def leaves(term: Term, sort: Sort) -> Iterator[Term]:
    """Conditions which together depend on every part of a value."""
    match sort:
        case Truth():
            yield term
        case Enum() | Symbol():
            values = sort.values if isinstance(sort, Enum) else BOUNDS.of(sort)
            yield term == Term(expr.Const(values[0], sort))
        case Integer() | Instant():
            yield term == (instant(0) if isinstance(sort, Instant) else 0)
        case Optional(of=of):
            yield term.is_known
            yield from (term.is_known & leaf for leaf in leaves(term.value, of))
        case Record(fields=parts):
            for part in parts:
                yield from leaves(getattr(term, part.name), part.sort)
        case Map(key=key, value=of):
            for at in constants(key):
                yield from leaves(term[at], Optional(of))
        case Queue(of=of, capacity=capacity):
            yield term.queued == 0
            for _ in range(capacity):
                yield from leaves(term.head, Optional(of))
                term = term.pop()
        case Bag(of=of):
            for value in constants(of):
                yield term.count_of(value) == 0
        case Variant():
            for part in sort.shared:
                yield from leaves(getattr(term, part.name), part.sort)
