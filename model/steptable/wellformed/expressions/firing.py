"""Whether a condition can hold at all, and whether several can hold together.

Decided over the shape of conditions: a term that is compared with constants takes
every value that tells them apart, two terms that are compared stand in every order,
and whatever else decides is taken to be free. So "can never hold" is certain, while
"can hold" may be too generous: `(a < b) & (b < c) & (c < a)` passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, assert_never

from steptable import expr
from steptable.interpreter.evaluate import COMPARE
from steptable.sorts import Duration, Enum, Instant, Integer, Optional, Sort, inner, is_ordered

Quantity: TypeAlias = tuple[str, Any]
"""What is free: the "value" of a term, how two compare ("order", "same"), or a "truth"."""

_Free: TypeAlias = (
    expr.Unknown
    | expr.Root
    | expr.Bound
    | expr.Attr
    | expr.Part
    | expr.OfNumbers
    | expr.OfOptional
    | expr.OfContainer
    | expr.OfRecord
    | expr.OfEvent
)
"""What is taken to be free as a whole, where it decides."""

_MOST_PARTS: Final = 1_000_000
"""After looking at parts of a condition this many times, it is taken to be possible."""


def can_hold(node: expr.Node, sorts: Mapping[expr.Node, Sort]) -> bool:
    """Whether some assignment of the free quantities makes the condition true."""
    domains = _Domains(sorts)
    domains.collect(node)
    return _Search(domains).finds(node, tuple(domains.values), {})


def _bare(node: expr.Node) -> expr.Node:
    """The optional itself: where its value is taken, it is known to have one."""
    return _bare(node.item) if isinstance(node, expr.Value) else node


@dataclass
class _Domains:
    """The free quantities of a condition, and the values that each can take."""

    sorts: Mapping[expr.Node, Sort]
    values: dict[Quantity, tuple[Any, ...]] = field(default_factory=dict)

    def collect(self, node: expr.Node) -> None:
        if isinstance(node, _Free):
            self.values["truth", node] = (True, False)
            return
        match node:
            case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.If():
                for child in expr.children(node):
                    self.collect(child)
            case expr.Compare(_, left, right):
                self._comparison(_bare(left), _bare(right))
            case expr.Const() | expr.Arithmetic():
                pass
            case _:
                assert_never(node)

    def _comparison(self, left: expr.Node, right: expr.Node) -> None:
        if not self.by_value(left, right):
            kind = self.pair(left, right)
            orders = {"order": (0, -1, 1), "same": (True, False)}[kind[0]]
            self.values[kind] = orders[:1] if left == right else orders
            return
        for term, other in ((left, right), (right, left)):
            if not isinstance(term, expr.Const):
                known = self.values.get(("value", term), ())
                values = dict.fromkeys((*known, *self._values(term, other)))
                self.values["value", term] = tuple(values)

    def by_value(self, left: expr.Node, right: expr.Node) -> bool:
        """Whether the values of the two terms tell how they compare."""
        constants = [term for term in (left, right) if isinstance(term, expr.Const)]
        if constants:
            return bool(constants[0].value != {})
        return isinstance(inner(self.sorts[left]), Enum)

    def pair(self, left: expr.Node, right: expr.Node) -> Quantity:
        """One quantity for two terms, whichever way round they are compared."""
        first, second = sorted((left, right), key=repr)
        return ("order" if is_ordered(inner(self.sorts[left])) else "same"), (first, second)

    def _values(self, term: expr.Node, other: expr.Node) -> tuple[Any, ...]:
        """The values of a term that tell the constants it is compared with apart."""
        sort = self.sorts[term]
        nothing = (None,) if isinstance(sort, Optional) else ()
        constant = other.value if isinstance(other, expr.Const) else None
        match inner(sort):
            case Enum() as of:
                return (*of.values, *nothing)
            case Integer(low, high) if isinstance(constant, int):
                near = (low, constant - 1, constant, constant + 1, high)
                return (*(value for value in near if low <= value <= high), *nothing)
            case Instant() | Duration() if isinstance(constant, int):
                return (constant - 1, constant, constant + 1, *nothing)
        return (constant, _SOMETHING_ELSE, *nothing)


_SOMETHING_ELSE: Final = object()
"""A value unlike every constant of a condition."""


@dataclass
class _Search:
    """Tries quantity after quantity, and leaves a branch as soon as it is decided."""

    domains: _Domains
    looked_at: int = 0

    def finds(
        self, node: expr.Node, free: tuple[Quantity, ...], case: Mapping[Quantity, Any]
    ) -> bool:
        holds = True if self.looked_at > _MOST_PARTS else self.holds(node, case)
        if holds is not None:
            return holds
        first, *rest = free
        values = self.domains.values[first]
        return any(self.finds(node, tuple(rest), {**case, first: value}) for value in values)

    def holds(self, node: expr.Node, case: Mapping[Quantity, Any]) -> bool | None:
        """Whether the condition holds, or None where the case does not say yet."""
        self.looked_at += 1
        if isinstance(node, _Free):
            return self._free(node, case)
        match node:
            case expr.Const(value=value):
                return bool(value)
            case expr.Not(item):
                holds = self.holds(item, case)
                return None if holds is None else not holds
            case expr.And(items) | expr.Or(items):
                decisive = isinstance(node, expr.Or)
                found = {self.holds(item, case) for item in items}
                return decisive if decisive in found else None if None in found else not decisive
            case expr.Iff(left, right):
                sides = self.holds(left, case), self.holds(right, case)
                return None if None in sides else sides[0] == sides[1]
            case expr.If(test, then, otherwise):
                holds = self.holds(test, case)
                branch = then if holds else otherwise
                return None if holds is None else self.holds(branch, case)
            case expr.Compare(op, left, right):
                return self._compares(op, _bare(left), _bare(right), case)
            case expr.Arithmetic():
                raise TypeError(f"{node} is no condition")
            case _:
                assert_never(node)

    def _free(self, node: _Free, case: Mapping[Quantity, Any]) -> bool | None:
        if isinstance(node, expr.Present):
            known: Quantity = ("value", _bare(node.item))
            if known in self.domains.values:
                return case[known] is not None if known in case else None
        return case.get(("truth", node))

    def _compares(
        self, op: str, left: expr.Node, right: expr.Node, case: Mapping[Quantity, Any]
    ) -> bool | None:
        if not self.domains.by_value(left, right):
            kind = self.domains.pair(left, right)
            if kind not in case:
                return None
            if kind[0] == "same":
                return bool(case[kind]) == (op == "==")
            return COMPARE[op](case[kind] if left == kind[1][0] else -case[kind], 0)
        values = []
        for term in (left, right):
            if isinstance(term, expr.Const):
                values.append(term.value)
            elif ("value", term) in case:
                values.append(case["value", term])
            else:
                return None
        if op not in ("==", "!=") and None in values:
            return False  # an order of nothing decides nothing: presence is asked for first
        return COMPARE[op](*values)
