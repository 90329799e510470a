"""Writes expressions at random: any node of the language, at any sort, that fits its place.

What is written is well-sorted by construction. Numbers, instants and texts are mostly kept within
the domain of their place, but not always: a world must say so of those that are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuzz.conditions import Conditions
from fuzz.scalars import Scalars
from fuzz.writing import EMPTY, NOTHING, Unwritable, Way, freed
from steptable import expr
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Instant,
    Integer,
    Key,
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
from steptable.wellformed.expressions.values import is_large


class Author(Conditions, Scalars):
    """Writes values of any sort."""

    def value(self, sort: Sort, depth: int = 2, *, typed: bool = False) -> expr.Node:
        """Some value of a sort; `typed` where its place does not say of which sort it is.

        Raises `Unwritable` where there is none.
        """
        if isinstance(sort, Truth):
            return self.condition(depth)
        ways: list[Way] = [lambda: self._seen(sort)] * 4
        ways += [lambda: self._plain(sort, depth, typed)] * 4
        if depth:
            ways += [lambda: self._of_total(sort, depth - 1)] * 2
            ways += [
                lambda: self.either(sort, depth - 1, typed=typed),
                lambda: self.fallback(sort, depth - 1, typed=typed),
                lambda: self._taken(sort, depth - 1),
                lambda: self._field(sort, depth - 1),
            ]
        return self.first_of(ways, lambda: self._plain(sort, 0, typed))

    def _seen(self, sort: Sort) -> expr.Node:
        if isinstance(sort, Integer) and self.maybe(0.3):
            return self.number(sort, 0)
        return self.read(sort)

    def either(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        """One of two values; perhaps one of what is established."""
        optionals = self.scope.optionals()
        if optionals and self.maybe(0.4):
            item, optional = self.dice.choice(optionals)
            assert isinstance(optional, Optional)
            there = self.knowing((expr.Value(item), optional.of))
            then = there.value(sort, depth, typed=typed)
            return expr.If(expr.Present(item), then, self.value(sort, depth, typed=typed))
        test = self.condition(depth)
        return expr.If(
            test, self.value(sort, depth, typed=typed), self.value(sort, depth, typed=typed)
        )

    def fallback(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        if isinstance(sort, Optional):
            item = self.value(sort, depth, typed=True)
            return expr.OrElse(item, freed(self.value(sort, depth, typed=typed)))
        item = self.value(Optional(sort), depth, typed=True)
        fallback = self.value(sort, depth, typed=typed)
        if isinstance(fallback, expr.If):
            fallback = self.value(sort, 0, typed=True)
        return expr.OrElse(item, freed(fallback))

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
                return self.member(sort, typed)
            case Symbol():
                return self.text(sort, depth, typed)
            case Integer():
                return self.number(sort, depth)
            case Instant() | Duration():
                return self.moment(sort, depth)
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
        return self.read(sort)

    # ── Values made of others ────────────────────────────────────────────────────────

    def _optional(self, of: Sort, depth: int, typed: bool) -> expr.Node:
        known: list[Way] = []
        for node, sort in self.scope.containers(Map):
            if isinstance(sort, Map) and sort.value == of and not sort.total:
                known.append(lambda node=node, at=sort.key: self._looked_up(node, at, depth))  # type: ignore[misc]
        if known and self.maybe(0.5):
            return self.dice.choice(known)()
        if not typed and self.maybe(0.4):
            return NOTHING
        if not typed and self.maybe(0.6) and not isinstance(of, Opaque):
            return self.value(of, max(depth - 1, 0))
        nodes = self.scope.some(Optional(of))
        if nodes:
            return self.dice.choice(nodes)
        if not typed:
            return NOTHING
        # Nothing tells its sort but what it might have been.
        return expr.If(self.condition(0), self.value(of, 0, typed=True), NOTHING)

    def _looked_up(self, node: expr.Node, key: Key, depth: int) -> expr.Node:
        return expr.Lookup(node, self._key(key, max(depth - 1, 0)))

    def _of_total(self, sort: Sort, depth: int) -> expr.Node:
        """What a total map has of a key."""
        maps = [
            (node, of)
            for node, of in self.scope.containers(Map)
            if isinstance(of, Map) and of.total and of.value == sort
        ]
        if not maps:
            raise Unwritable
        node, of = self.dice.choice(maps)
        if depth and self.maybe(0.3):
            node = self.value(of, depth, typed=True)
        return expr.Lookup(node, self._own_key(of.key, depth))

    def _own_key(self, sort: Key, depth: int) -> expr.Node:
        """A key that a total map surely has: one that is kept, chosen, or written down."""
        kept = [
            node
            for node in self.scope.some(sort)
            if not any(
                isinstance(part, expr.Part | expr.Bound)
                or (isinstance(part, expr.Root) and part.name in ("event", "effect"))
                for part in expr.walk(node)
            )
        ]
        if isinstance(sort, Integer):
            known = [expr.Const(at, Integer(at, at)) for at in self.words.domain(sort)]
            low, high = known[0], known[-1]
            if self._small() and depth and self.maybe(0.5):
                # One that may leave the range is asked first.
                number = freed(self.number(sort, depth, among=self._small()))
                test = expr.And((expr.Compare("<=", low, number), expr.Compare(">=", high, number)))
                return expr.If(test, number, self.dice.choice(known))
        else:
            known = [expr.Const(at, sort) for at in self.words.domain(sort)]
        if kept and self.maybe(0.6):
            return self.dice.choice(kept)
        return self.dice.choice(known)

    def _small(self) -> list[tuple[expr.Node, Integer]]:
        return [(node, of) for node, of in self.scope.integers() if not is_large(of)]

    def _key(self, sort: Key, depth: int) -> expr.Node:
        """A key of a map, or a value in a bag: no number that may be anything."""
        node = self.value(sort, depth)
        large = {known for known, of in self.scope.integers() if is_large(of)}
        if isinstance(sort, Integer) and any(part in large for part in expr.walk(node)):
            return self.number(sort, 0, among=())
        return node

    def _record(self, sort: Record, depth: int) -> expr.Node:
        below = max(depth - 1, 0)
        same = self.scope.some(sort)
        if same and self.maybe(0.6):
            subject = self.dice.choice(same)
            if depth and self.maybe(0.2):
                subject = self.value(sort, below, typed=True)
            changed = self.dice.sample(sort.fields, min(len(sort.fields), self.dice.randint(0, 2)))
            return expr.With(subject, self._given(changed, below))
        needed = [part for part in sort if part.is_required or self.maybe(0.7)]
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
            if typed or sort.total or isinstance(sort.value, Queue | Variant):
                raise Unwritable
            return EMPTY
        if not typed and not sort.total and self.maybe(0.1):
            return EMPTY
        here = self.dice.choice(same)
        if depth and self.maybe(0.2):
            here = self.value(sort, below, typed=True)
        if sort.total:
            own = self._own_key(sort.key, below)
            return expr.Put(here, own, self.value(sort.value, below))
        if self.maybe(0.35):
            name, key = f"each{next(self.numbers)}", f"key{next(self.numbers)}"
            inside = self.knowing((expr.Bound(name), sort.value), (expr.Bound(key), sort.key))
            return expr.Where(here, name, inside.condition(below), key)
        return expr.Put(here, self._key(sort.key, below), self.value(sort.value, below))

    def _queue(self, sort: Queue, depth: int) -> expr.Node:
        here = self.read(sort)
        if self.maybe(0.2):
            return expr.Pop(here)
        one = self.value(sort.of, depth)
        if self.maybe(0.3):
            return expr.Push(expr.Pop(here), one)
        if self.maybe(self.careless):
            return expr.Push(here, one)
        room = expr.Const(sort.capacity, Integer(sort.capacity, sort.capacity))
        return expr.If(expr.Compare("<", expr.Length(here), room), expr.Push(here, one), here)

    def _bag(self, sort: Bag, depth: int, typed: bool) -> expr.Node:
        same = self.scope.some(sort)
        if not typed and (not same or self.maybe(0.1)):
            return EMPTY
        if not same:
            raise Unwritable
        here, one = self.dice.choice(same), self._key(sort.of, depth)
        if self.maybe(0.3):
            return expr.Change(here, one, -1)
        if self.maybe(self.careless):
            return expr.Change(here, one, 1)
        most = expr.Const(sort.most, Integer(sort.most, sort.most))
        room: expr.Node = expr.Compare("<", expr.Count(here, one), most)
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
