"""Writes conditions at random, about whatever can be read."""

from __future__ import annotations

from fuzz.writing import NOTHING, Unwritable, Way, Writing, freed
from steptable import expr
from steptable.sorts import (
    TRUTH,
    Integer,
    Map,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Truth,
    is_ordered,
)
from steptable.wellformed.expressions.fitting import has_equality


class Conditions(Writing):
    """Writes what holds or does not."""

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
                lambda: self.either(TRUTH, depth - 1, typed=True),
                lambda: self.fallback(TRUTH, depth - 1, typed=True),
            ]
            ways += [lambda: self._every(depth - 1)] * (3 * bool(self.scope.containers(Map)))
            ways += [self._emitted] * (3 * bool(self.emits))
        return self.first_of(ways, lambda: expr.Const(self.maybe(), TRUTH))

    def _connected(self, depth: int) -> expr.Node:
        kind = self.dice.choice((expr.And, expr.Or))
        count = self.dice.choice((0, 1, 2, 2, 2, 2, 3))
        return kind(tuple(self.condition(depth) for _ in range(count)))

    def _established(self, depth: int) -> expr.Node:
        """An optional is looked into where it has a value."""
        optionals = self.scope.optionals()
        queues = self.scope.containers(Queue)
        if queues and self.maybe(0.3):
            queue, of = self.dice.choice(queues)
            assert isinstance(of, Queue)
            number = expr.Const(0, Integer(0, 0))
            test: expr.Node = expr.Compare(">", expr.Length(queue), number)
            item: expr.Node = expr.Head(queue)
            sort = Optional(of.of)
        elif optionals:
            known, optional = self.dice.choice(optionals)
            assert isinstance(optional, Optional)
            test, item, sort = expr.Present(known), known, optional
        else:
            raise Unwritable
        inside = self.knowing((expr.Value(item), sort.of)).condition(depth)
        if self.maybe(0.6):
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
            case Optional() if self.maybe(0.4):
                return expr.Present(node)
            case Optional(of=Truth()) | Opaque():
                raise Unwritable
        if depth and self.maybe(0.3):
            node = self.value(sort, depth - 1, typed=True)
        return self._compared(node, sort, max(depth - 1, 0))

    def _compared(self, node: expr.Node, sort: Sort, depth: int) -> expr.Node:
        comparable = has_equality(sort) or (self.compares_records and isinstance(sort, Record))
        if not comparable:
            raise Unwritable
        if is_ordered(sort) and self.maybe(0.7):
            op: expr.CompareOperator = self.dice.choice(("<", "<=", ">", ">="))
            return expr.Compare(op, node, freed(self.value(sort, depth)))
        other = sort
        if self.maybe(0.2):
            # A plain value and an optional one are compared, too.
            other = Optional(sort) if not isinstance(sort, Optional) else sort.of
            if isinstance(other, Optional) and not self.scope.some(other):
                other = sort
        right = self.value(other, depth, typed=isinstance(other, Optional))
        if right == NOTHING:
            raise Unwritable
        return expr.Compare(self.dice.choice(("==", "!=")), node, freed(right))

    def _every(self, depth: int) -> expr.Node:
        known, sort = self.dice.choice(self.scope.containers(Map))
        assert isinstance(sort, Map)
        if depth and self.maybe(0.3):
            known = self.value(sort, depth - 1, typed=True)
        name, key = f"each{next(self.numbers)}", f"key{next(self.numbers)}"
        keyed = self.maybe(0.5)
        keys = [(expr.Bound(key), sort.key)] if keyed else []
        body = self.knowing((expr.Bound(name), sort.value), *keys).condition(depth)
        asked = (known, name, body, key if keyed else None)
        if self.maybe(0.35):
            op: expr.CompareOperator = self.dice.choice(("==", "!=", "<", ">="))
            number = self.dice.randint(0, 2)
            most: expr.Node = expr.Const(number, Integer(number, number))
            # No more can be counted than there are keys: a constant must be in that range.
            most = most if number <= len(self.words.domain(sort.key)) else freed(most)
            return expr.Compare(op, expr.CountWhere(*asked), most)
        return expr.Every(*asked) if self.maybe(0.5) else expr.Some(*asked)

    def _emitted(self) -> expr.Node:
        count = expr.Emitted(expr.Root("step"), self.dice.choice(self.emits).name)
        op: expr.CompareOperator = self.dice.choice(("==", "!=", "<", ">="))
        number = self.dice.randint(0, 2)
        return expr.Compare(op, count, expr.Const(number, Integer(number, number)))
