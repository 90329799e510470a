"""Writes scalars at random: members of enumerations, texts, numbers, points and lengths of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fuzz.scopes import Readable
from fuzz.writing import Writing
from steptable import expr
from steptable.sorts import DURATION, INSTANT, Duration, Enum, Instant, Integer, Sort, Symbol


class Scalars(Writing):
    """Writes values that are not made of others."""

    def member(self, sort: Enum, typed: bool) -> expr.Node:
        """A member of an enumeration, perhaps as a plain text."""
        text = self.dice.choice(sort.values)
        if self.in_world and not typed and self.maybe(0.3):
            return expr.Const(text, Symbol("text"))
        is_state = not any(sort == enum for enum in self.words.enums)
        return expr.Const(text, None if is_state and not typed else sort)

    def text(self, sort: Symbol, depth: int, typed: bool) -> expr.Node:
        """A text, perhaps a part of another one."""
        known = self.words.domain(sort)
        wholes = [pair for pair in self.scope.known if sort in getattr(pair[1], "parts", ())]
        if wholes and self.maybe(0.7):
            node, whole = self.dice.choice(wholes)
            assert isinstance(whole, Symbol)
            if depth and self.maybe(0.5):
                node = self.value(whole, depth - 1)
            return self.kept(expr.Part(node, whole, sort), sort)
        if not typed and self.maybe(0.4):
            return expr.Const(self.dice.choice(known), Symbol("text"))
        if self.maybe(self.careless):
            return expr.Const("::".join("x@y" for _ in sort.parts) or "nowhere", sort)
        return expr.Const(self.dice.choice(known), sort)

    def number(
        self, sort: Integer, depth: int, *, among: Sequence[Readable] | None = None
    ) -> expr.Node:
        """A number, perhaps computed from others: from any that can be read, or among some."""
        known = self.words.domain(sort)
        numbers = self.scope.integers() if among is None else among
        if not numbers or self.maybe(0.3):
            number = self.dice.choice(known)
            return expr.Const(number, Integer(number, number))
        node, own = self.dice.choice(numbers)
        if own == sort and self.maybe(0.3):
            return node
        near = known[0] - self.words.domain(own)[0] if self.maybe(0.6) else 0
        step = near + self.dice.choice((-1, 0, 0, 1))
        moved: expr.Node = node
        if self.maybe(0.35 if depth else 0.2):
            moved = self._computed(moved, numbers)
        if step or self.maybe(0.3):
            by = expr.Const(abs(step), Integer(abs(step), abs(step)))
            moved = expr.Arithmetic("-" if step < 0 else "+", moved, by)
        if self.maybe(0.2 if self.words.is_wide else 0.02):
            # There and back, through what no machine word holds.
            far = self.dice.choice((2**31, 2**62, 2**63 - 1, 2**64))
            much = expr.Const(far, Integer(far, far))
            moved = expr.Arithmetic("-", expr.Arithmetic("+", moved, much), much)
        return self.kept(moved, sort)

    def _computed(self, node: expr.Node, numbers: Sequence[tuple[expr.Node, Sort]]) -> expr.Node:
        """A number out of another one, and perhaps a second one or a constant."""
        other, _ = self.dice.choice(numbers)
        # What is divided by is 1 or more.
        divisors = [one for one, sort in numbers if isinstance(sort, Integer) and sort.low > 0]
        few = self.dice.choice((1, 2, 2, 3, 5))
        divisors.append(expr.Const(few, Integer(few, few)))
        times = self.dice.choice((-2, -1, 0, 1, 2, 3))
        which: Literal["least", "greatest"] = self.dice.choice(("least", "greatest"))
        return self.dice.choice(
            (
                expr.Arithmetic("+", node, other),
                expr.Arithmetic("-", node, other),
                expr.Arithmetic("*", node, other),
                expr.Arithmetic("*", expr.Const(times, Integer(times, times)), node),
                expr.Arithmetic("%", node, self.dice.choice(divisors)),
                expr.Arithmetic("%", expr.Negative(node), self.dice.choice(divisors)),
                expr.Negative(node),
                expr.Extreme(which, (node, other)),
                expr.Extreme(which, (other, expr.Const(few, Integer(few, few)), node)),
            )
        )

    def moment(self, sort: Instant | Duration, depth: int) -> expr.Node:
        """A point or a length of time, perhaps computed from others."""
        known = self.words.domain(sort)
        if isinstance(sort, Instant) and not self.in_world and (not depth or self.maybe(0.7)):
            return self.read(sort)  # a constant one is of a world's clock
        if depth and self.maybe(0.2):
            which: Literal["least", "greatest"] = self.dice.choice(("least", "greatest"))
            pair = self.value(sort, depth - 1), self.value(sort, depth - 1)
            return self.kept(expr.Extreme(which, pair), sort)
        if depth and self.maybe(0.6):
            left = INSTANT if isinstance(sort, Instant) or self.maybe() else DURATION
            right = INSTANT if left != sort else DURATION
            signs: tuple[Literal["+", "-"], ...] = ("-",) if right == INSTANT else ("+", "-")
            parts = self.value(left, depth - 1), self.value(right, depth - 1)
            return self.kept(expr.Arithmetic(self.dice.choice(signs), *parts), sort)
        if depth and isinstance(sort, Duration) and self.maybe(0.4):
            times = self.dice.choice((-1, 0, 2, 3))
            length = self.value(sort, depth - 1)
            if self.maybe(0.3):
                return self.kept(expr.Negative(length), sort)
            by = expr.Const(times, Integer(times, times))
            sides = (length, by) if self.maybe() else (by, length)
            return self.kept(expr.Arithmetic("*", *sides), sort)
        if isinstance(sort, Duration) and self.maybe(0.3):
            step = self.dice.choice((0, 1, known[-1] - known[0]))
            return self.kept(expr.Const(step, DURATION), sort)
        if isinstance(sort, Instant) and not self.in_world:
            return self.read(sort)
        return expr.Const(self.dice.choice(known), sort)

    def kept(self, node: expr.Node, sort: Integer | Instant | Duration | Symbol) -> expr.Node:
        """A computed value where it is in the domain of its sort, else another; rarely as it is."""
        if self.maybe(self.careless):
            return node
        if isinstance(sort, Instant) and not self.in_world:
            return self.read(sort)
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
