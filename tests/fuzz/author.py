"""Writes expressions at random: any node of the language, at any sort, that fits its place.

What is written is well-sorted by construction. Numbers, instants and texts are mostly kept within
the domain of their place, but not always: a world must say so of those that are not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeAlias

from fuzz.scopes import Scope
from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.machine import Effect
from steptable.sorts import (
    DURATION,
    INSTANT,
    TRUTH,
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
    is_ordered,
)
from steptable.wellformed.fitting import has_equality

NOTHING: Final = expr.Const(None, None)
EMPTY: Final = expr.Const({}, None)

Way: TypeAlias = Callable[[], expr.Node]


class Unwritable(Exception):
    """Nothing of that sort can be read or made here."""


class Author:
    """Writes over one scope. `states` are sorts whose values are written without their sort."""

    careless: Final = 0.04
    """How often a value is not kept within the domain of its place."""

    def __init__(
        self,
        dice: Random,
        words: Vocabulary,
        scope: Scope,
        *,
        in_world: bool = True,
        compares_records: bool = False,
        emits: Sequence[Effect] = (),
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.dice, self.words, self.scope = dice, words, scope
        self.in_world, self.compares_records, self.emits = in_world, compares_records, emits
        self.numbers = numbers or itertools.count()

    @classmethod
    def over(
        cls, dice: Random, words: Vocabulary, roots: Mapping[str, Sort], **kind: Any
    ) -> Author:
        """An author who may read some roots."""
        return cls(dice, words, Scope.of(dice, words, roots), **kind)

    def knowing(self, *more: tuple[expr.Node, Sort]) -> Author:
        """The same author, where more can be read."""
        return Author(
            self.dice,
            self.words,
            self.scope.within(*more),
            in_world=self.in_world,
            compares_records=self.compares_records,
            emits=self.emits,
            numbers=self.numbers,
        )

    def _maybe(self, chance: float = 0.5) -> bool:
        return self.dice.random() < chance

    # ── Conditions ───────────────────────────────────────────────────────────────────

    def condition(self, depth: int = 2) -> expr.Node:
        """Some truth."""
        ways: list[Way] = [lambda: self._about(depth)] * 6
        if depth:
            ways += [
                lambda: self._connected(depth - 1),
                lambda: self._connected(depth - 1),
                lambda: self._established(depth - 1),
                lambda: expr.Not(self.condition(depth - 1)),
                lambda: expr.Iff(self.condition(depth - 1), self.condition(depth - 1)),
                lambda: self._either(TRUTH, depth - 1, typed=True),
                lambda: self._fallback(TRUTH, depth - 1, typed=True),
            ]
            ways += [lambda: self._every(depth - 1)] * (2 * bool(self.scope.containers(Map)))
            ways += [self._emitted] * (3 * bool(self.emits))
        return self._first_of(ways, lambda: expr.Const(self._maybe(), TRUTH))

    def _first_of(self, ways: list[Way], otherwise: Way) -> expr.Node:
        for _ in range(4):
            try:
                return self.dice.choice(ways)()
            except Unwritable:
                continue
        return otherwise()

    def _connected(self, depth: int) -> expr.Node:
        kind = self.dice.choice((expr.And, expr.Or))
        count = self.dice.choice((0, 1, 2, 2, 2, 2, 3))
        return kind(tuple(self.condition(depth) for _ in range(count)))

    def _established(self, depth: int) -> expr.Node:
        """An optional is looked into where it has a value."""
        optionals = self.scope.optionals()
        queues = self.scope.containers(Queue)
        if queues and self._maybe(0.3):
            queue, of = self.dice.choice(queues)
            assert isinstance(of, Queue)
            number = expr.Const(0, Integer(0, 0))
            test: expr.Node = expr.Compare(">", expr.Length(queue), number)
            item, sort = expr.Head(queue), Optional(of.of)
        elif optionals:
            known, optional = self.dice.choice(optionals)
            assert isinstance(optional, Optional)
            test, item, sort = expr.Present(known), known, optional
        else:
            raise Unwritable
        inside = self.knowing((expr.Value(item), sort.of)).condition(depth)
        if self._maybe(0.6):
            return expr.And((test, inside))
        return expr.Or((expr.Not(test), inside))

    def _about(self, depth: int) -> expr.Node:
        """Something about what can be read."""
        if not self.scope.known:
            raise Unwritable
        node, sort = self.dice.choice(self.scope.known)
        match sort:
            case Truth():
                return node
            case Optional() if self._maybe(0.4):
                return expr.Present(node)
            case Optional(of=Truth()) | Opaque():
                raise Unwritable
        if depth and self._maybe(0.3):
            node = self.value(sort, depth - 1, typed=True)
        return self._compared(node, sort, max(depth - 1, 0))

    def _compared(self, node: expr.Node, sort: Sort, depth: int) -> expr.Node:
        comparable = has_equality(sort) or (self.compares_records and isinstance(sort, Record))
        if not comparable:
            raise Unwritable
        if is_ordered(sort) and self._maybe(0.7):
            op: expr.CompareOperator = self.dice.choice(("<", "<=", ">", ">="))
            return expr.Compare(op, node, _freed(self.value(sort, depth)))
        other = sort
        if self._maybe(0.2):
            # A plain value and an optional one are compared, too.
            other = Optional(sort) if not isinstance(sort, Optional) else sort.of
            if isinstance(other, Optional) and not self.scope.some(other):
                other = sort
        right = self.value(other, depth, typed=isinstance(other, Optional))
        if right == NOTHING:
            raise Unwritable
        return expr.Compare(self.dice.choice(("==", "!=")), node, _freed(right))

    def _every(self, depth: int) -> expr.Node:
        known, sort = self.dice.choice(self.scope.containers(Map))
        assert isinstance(sort, Map)
        if depth and self._maybe(0.3):
            known = self.value(sort, depth - 1, typed=True)
        name = f"each{next(self.numbers)}"
        body = self.knowing((expr.Bound(name), sort.value)).condition(depth)
        return expr.Every(known, name, body)

    def _emitted(self) -> expr.Node:
        count = expr.Emitted(expr.Root("step"), self.dice.choice(self.emits).name)
        op: expr.CompareOperator = self.dice.choice(("==", "!=", "<", ">="))
        number = self.dice.randint(0, 2)
        return expr.Compare(op, count, expr.Const(number, Integer(number, number)))

    # ── Values of any sort ───────────────────────────────────────────────────────────

    def value(self, sort: Sort, depth: int = 2, *, typed: bool = False) -> expr.Node:
        """Some value of a sort; `typed` where its place does not say of which sort it is.

        Raises `Unwritable` where there is none.
        """
        if isinstance(sort, Truth):
            return self.condition(depth)
        ways: list[Way] = [lambda: self._read(sort)] * 4
        ways += [lambda: self._plain(sort, depth, typed)] * 4
        if depth:
            ways += [
                lambda: self._either(sort, depth - 1, typed=typed),
                lambda: self._fallback(sort, depth - 1, typed=typed),
                lambda: self._taken(sort, depth - 1),
                lambda: self._field(sort, depth - 1),
            ]
        return self._first_of(ways, lambda: self._plain(sort, 0, typed))

    def _read(self, sort: Sort) -> expr.Node:
        nodes = self.scope.some(sort)
        if isinstance(sort, Integer) and self._maybe(0.3):
            return self._number(sort, 0)
        if not nodes:
            raise Unwritable
        return self.dice.choice(nodes)

    def _either(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        """One of two values; perhaps one of what is established."""
        optionals = self.scope.optionals()
        if optionals and self._maybe(0.4):
            item, optional = self.dice.choice(optionals)
            assert isinstance(optional, Optional)
            there = self.knowing((expr.Value(item), optional.of))
            then = there.value(sort, depth, typed=typed)
            return expr.If(expr.Present(item), then, self.value(sort, depth, typed=typed))
        test = self.condition(depth)
        return expr.If(
            test, self.value(sort, depth, typed=typed), self.value(sort, depth, typed=typed)
        )

    def _fallback(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        if isinstance(sort, Optional):
            item = self.value(sort, depth, typed=True)
            return expr.OrElse(item, _freed(self.value(sort, depth, typed=typed)))
        item = self.value(Optional(sort), depth, typed=True)
        fallback = self.value(sort, depth, typed=typed)
        if isinstance(fallback, expr.If):
            fallback = self.value(sort, 0, typed=True)
        return expr.OrElse(item, _freed(fallback))

    def _taken(self, sort: Sort, depth: int) -> expr.Node:
        """The value of an optional where it has one."""
        items = self.scope.optionals(sort)
        if isinstance(sort, Optional) or not items:
            raise Unwritable
        item, _ = self.dice.choice(items)
        return expr.If(expr.Present(item), expr.Value(item), self.value(sort, depth, typed=True))

    def _field(self, sort: Sort, depth: int) -> expr.Node:
        """A field of a record that is computed."""
        records = self.scope.records_with(sort)
        if not records:
            raise Unwritable
        record, name = self.dice.choice(records)
        return expr.Attr(self.value(record, depth, typed=True), name)

    def _plain(self, sort: Sort, depth: int, typed: bool) -> expr.Node:
        """A value as its sort makes them."""
        below = max(depth - 1, 0)
        match sort:
            case Enum():
                return self._member(sort, typed)
            case Symbol():
                return self._text(sort, depth, typed)
            case Integer():
                return self._number(sort, depth)
            case Instant() | Duration():
                return self._moment(sort, depth)
            case Optional(of=of):
                return self._optional(of, depth, typed)
            case Record():
                return self._record(sort, depth)
            case Map():
                return self._map(sort, depth, typed)
            case Queue():
                return self._queue(sort, below)
            case Bag():
                return self._bag(sort, below, typed)
            case Opaque():
                return self._opaque(sort)
        return self._read(sort)

    # ── Scalars ──────────────────────────────────────────────────────────────────────

    def _member(self, sort: Enum, typed: bool) -> expr.Node:
        text = self.dice.choice(sort.values)
        if self.in_world and not typed and self._maybe(0.3):
            return expr.Const(text, Symbol("text"))
        is_state = not any(sort == enum for enum in self.words.enums)
        return expr.Const(text, None if is_state and not typed else sort)

    def _text(self, sort: Symbol, depth: int, typed: bool) -> expr.Node:
        known = self.words.domain(sort)
        wholes = [pair for pair in self.scope.known if sort in getattr(pair[1], "parts", ())]
        if wholes and self._maybe(0.7):
            node, whole = self.dice.choice(wholes)
            assert isinstance(whole, Symbol)
            if depth and self._maybe(0.5):
                node = self.value(whole, depth - 1)
            return self.kept(expr.Part(node, whole, sort), sort)
        if not typed and self._maybe(0.4):
            return expr.Const(self.dice.choice(known), Symbol("text"))
        if self._maybe(self.careless):
            return expr.Const("::".join("x@y" for _ in sort.parts) or "nowhere", sort)
        return expr.Const(self.dice.choice(known), sort)

    def _number(self, sort: Integer, depth: int) -> expr.Node:
        known = self.words.domain(sort)
        numbers = self.scope.integers()
        if not numbers or self._maybe(0.3):
            number = self.dice.choice(known)
            return expr.Const(number, Integer(number, number))
        node, own = self.dice.choice(numbers)
        if own == sort and self._maybe(0.3):
            return node
        near = known[0] - self.words.domain(own)[0] if self._maybe(0.6) else 0
        step = near + self.dice.choice((-1, 0, 0, 1))
        moved: expr.Node = node
        if depth and self._maybe(0.3):
            other, _ = self.dice.choice(numbers)
            moved = expr.Arithmetic(self.dice.choice(("+", "-")), moved, other)
        if step or self._maybe(0.3):
            by = expr.Const(abs(step), Integer(abs(step), abs(step)))
            moved = expr.Arithmetic("-" if step < 0 else "+", moved, by)
        if self._maybe(0.2 if self.words.is_wide else 0.02):
            # There and back, through what no machine word holds.
            far = self.dice.choice((2**31, 2**62, 2**63 - 1, 2**64))
            much = expr.Const(far, Integer(far, far))
            moved = expr.Arithmetic("-", expr.Arithmetic("+", moved, much), much)
        return self.kept(moved, sort)

    def _moment(self, sort: Instant | Duration, depth: int) -> expr.Node:
        known = self.words.domain(sort)
        if isinstance(sort, Instant) and not self.in_world and (not depth or self._maybe(0.7)):
            return self._read(sort)  # a constant one is of a world's clock
        if depth and self._maybe(0.6):
            left = INSTANT if isinstance(sort, Instant) or self._maybe() else DURATION
            right = INSTANT if left != sort else DURATION
            op = "-" if right == INSTANT else self.dice.choice(("+", "-"))
            parts = self.value(left, depth - 1), self.value(right, depth - 1)
            return self.kept(expr.Arithmetic(op, *parts), sort)
        if isinstance(sort, Duration) and self._maybe(0.3):
            step = self.dice.choice((0, 1, known[-1] - known[0]))
            return self.kept(expr.Const(step, DURATION), sort)
        return expr.Const(self.dice.choice(known), sort)

    def kept(self, node: expr.Node, sort: Integer | Instant | Duration | Symbol) -> expr.Node:
        """A computed value where it is in the domain of its sort, else another; rarely as it is."""
        if self._maybe(self.careless):
            return node
        if isinstance(sort, Instant) and not self.in_world:
            return self._read(sort)
        known = self.words.domain(sort)

        def written(value: Any) -> expr.Node:
            of = Integer(value, value) if isinstance(sort, Integer) else sort
            return expr.Const(value, of)

        if isinstance(sort, Symbol) or self.words.instants == known:
            test: expr.Node = expr.Or(
                tuple(expr.Compare("==", written(value), node) for value in known)
            )
        else:
            # A constant on the right must be in the range of what it is compared with.
            low = expr.Compare("<=", written(known[0]), node)
            test = expr.And((low, expr.Compare(">=", written(known[-1]), node)))
        return expr.If(test, node, written(self.dice.choice(known)))

    # ── Values made of others ────────────────────────────────────────────────────────

    def _optional(self, of: Sort, depth: int, typed: bool) -> expr.Node:
        known: list[Way] = []
        for node, sort in self.scope.containers(Map):
            if isinstance(sort, Map) and sort.value == of:
                known.append(lambda node=node, at=sort.key: self._looked_up(node, at, depth))  # type: ignore[misc]
        if known and self._maybe(0.5):
            return self.dice.choice(known)()
        if not typed and self._maybe(0.4):
            return NOTHING
        if not typed and self._maybe(0.6):
            return self.value(of, max(depth - 1, 0))
        nodes = self.scope.some(Optional(of))
        if nodes:
            return self.dice.choice(nodes)
        if not typed:
            return NOTHING
        # Nothing tells its sort but what it might have been.
        return expr.If(self.condition(0), self.value(of, 0, typed=True), NOTHING)

    def _looked_up(self, node: expr.Node, key: Symbol, depth: int) -> expr.Node:
        return expr.Lookup(node, self.value(key, max(depth - 1, 0)))

    def _record(self, sort: Record, depth: int) -> expr.Node:
        below = max(depth - 1, 0)
        same = self.scope.some(sort)
        if same and self._maybe(0.6):
            subject = self.dice.choice(same)
            if depth and self._maybe(0.2):
                subject = self.value(sort, below, typed=True)
            changed = self.dice.sample(sort.fields, min(len(sort.fields), self.dice.randint(0, 2)))
            return expr.With(subject, self._given(changed, below))
        needed = [part for part in sort if part.is_required or self._maybe(0.7)]
        return expr.Make(sort, self._given(needed, below, demanding=True))

    def _given(
        self, parts: Sequence[Any], depth: int, *, demanding: bool = False
    ) -> tuple[tuple[str, expr.Node], ...]:
        given = []
        for part in parts:
            try:
                given.append((part.name, self.value(part.sort, depth)))
            except Unwritable:
                if demanding and part.is_required:
                    raise
        return tuple(given)

    def _map(self, sort: Map, depth: int, typed: bool) -> expr.Node:
        same = self.scope.some(sort)
        below = max(depth - 1, 0)
        if not same:
            if typed or isinstance(sort.value, Queue | Variant):
                raise Unwritable
            return EMPTY
        if not typed and self._maybe(0.1):
            return EMPTY
        here = self.dice.choice(same)
        if depth and self._maybe(0.2):
            here = self.value(sort, below, typed=True)
        if self._maybe(0.35):
            name = f"each{next(self.numbers)}"
            inside = self.knowing((expr.Bound(name), sort.value))
            return expr.Where(here, name, inside.condition(below))
        return expr.Put(here, self.value(sort.key, below), self.value(sort.value, below))

    def _queue(self, sort: Queue, depth: int) -> expr.Node:
        here = self._read(sort)
        if self._maybe(0.2):
            return expr.Pop(here)
        one = self.value(sort.of, depth)
        if self._maybe(0.3):
            return expr.Push(expr.Pop(here), one)
        if self._maybe(self.careless):
            return expr.Push(here, one)
        room = expr.Const(sort.capacity, Integer(sort.capacity, sort.capacity))
        return expr.If(expr.Compare("<", expr.Length(here), room), expr.Push(here, one), here)

    def _bag(self, sort: Bag, depth: int, typed: bool) -> expr.Node:
        same = self.scope.some(sort)
        if not typed and (not same or self._maybe(0.1)):
            return EMPTY
        if not same:
            raise Unwritable
        here, one = self.dice.choice(same), self.value(sort.of, depth)
        if self._maybe(0.3):
            return expr.Change(here, one, -1)
        if self._maybe(self.careless):
            return expr.Change(here, one, 1)
        most = expr.Const(sort.most, Integer(sort.most, sort.most))
        room = expr.Compare("<", expr.Count(here, one), most)
        return expr.If(room, expr.Change(here, one, 1), here)

    def _opaque(self, sort: Opaque) -> expr.Node:
        """Something of its own sort, or of what its shape says."""
        nodes = [*self.scope.some(sort)]
        for node, of in self.scope.known:
            match sort.shape, of:
                case ("text", Symbol()) | ("number", Integer()) | ("flag", Truth()):
                    nodes.append(node)
                case "value", _ if of == sort.of:
                    nodes.append(node)
        if not nodes:
            raise Unwritable
        return self.dice.choice(nodes)

    def assignments(
        self, parts: Sequence[tuple[str, Sort]], depth: int = 2
    ) -> tuple[tuple[str, expr.Node], ...]:
        """New values of some of what can be set."""
        given = []
        for name, sort in parts:
            for _ in range(3):
                try:
                    value = self.value(sort, depth)
                except Unwritable:
                    break
                if value != expr.Root(name):
                    given.append((name, value))
                    break
        return tuple(given)


def _freed(node: expr.Node) -> expr.Node:
    """A number beside another one: a plain constant had to be in the other's range."""
    if isinstance(node, expr.Const) and isinstance(node.sort, Integer):
        return expr.Arithmetic("+", node, expr.Const(0, Integer(0, 0)))
    return node
