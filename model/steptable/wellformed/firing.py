"""Whether a guard can hold at all, and whether two can hold together.

Decided over the shape of conditions: enum values, presence and orderings are
enumerated; whatever else is compared is taken to be free. So "can never hold" is
certain, while "can hold" may be too generous: `a < b & b < c & c < a` passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.evaluate import COMPARE
from steptable.sorts import Enum, Sort, inner, is_ordered

Unknown: TypeAlias = tuple[str, Any]
"""A free quantity of a condition, by kind: "enum", "number", "order", "same", "truth"."""

_MOST_CASES: Final = 100_000
"""Beyond this many cases a condition is taken to be possible."""


def can_hold(node: expr.Node, sorts: Mapping[expr.Node, Sort]) -> bool:
    """Whether some assignment of the free quantities makes the condition true."""
    domains: dict[Unknown, tuple[Any, ...]] = {}
    _collect(node, sorts, domains)
    cases = 1
    for values in domains.values():
        cases *= len(values)
    if cases > _MOST_CASES:
        return True
    names = list(domains)
    return any(
        _holds(node, sorts, dict(zip(names, values, strict=True)))
        for values in itertools.product(*domains.values())
    )


def _collect(
    node: expr.Node, sorts: Mapping[expr.Node, Sort], domains: dict[Unknown, tuple[Any, ...]]
) -> None:
    match node:
        case expr.Not() | expr.And() | expr.Or() | expr.Iff():
            for child in expr.children(node):
                _collect(child, sorts, domains)
        case expr.If(test, then, otherwise):
            for child in (test, then, otherwise):
                _collect(child, sorts, domains)
        case expr.Const():
            pass
        case expr.Compare():
            _collect_comparison(node, sorts, domains)
        case _:
            domains["truth", node] = (False, True)


def _collect_comparison(
    node: expr.Compare, sorts: Mapping[expr.Node, Sort], domains: dict[Unknown, tuple[Any, ...]]
) -> None:
    kind, sides = _kind(node, sorts)
    match kind:
        case "enum":
            for side in sides:
                sort = inner(sorts[side])
                if isinstance(sort, Enum):
                    domains["enum", side] = sort.values
        case "number":
            constant = next(s.value for s in (node.left, node.right) if isinstance(s, expr.Const))
            near = (constant - 1, constant, constant + 1)
            domains["number", sides[0]] = (*domains.get(("number", sides[0]), ()), *near)
        case "order":
            domains["order", sides] = (-1, 0, 1)
        case "same":
            domains["same", sides] = (False, True)


def _kind(
    node: expr.Compare, sorts: Mapping[expr.Node, Sort]
) -> tuple[str, tuple[expr.Node, ...]]:
    free = tuple(side for side in (node.left, node.right) if not isinstance(side, expr.Const))
    known = [inner(sorts[side]) for side in free if side in sorts]
    if known and isinstance(known[0], Enum):
        return "enum", free
    if len(free) == 1 and isinstance(_constant(node), int):
        return "number", free
    # One quantity for a pair of terms, whichever way round they are compared.
    sides = tuple(sorted((node.left, node.right), key=repr))
    return ("order" if known and is_ordered(known[0]) else "same"), sides


def _constant(node: expr.Compare) -> Any:
    return next((s.value for s in (node.left, node.right) if isinstance(s, expr.Const)), None)


def _holds(
    node: expr.Node, sorts: Mapping[expr.Node, Sort], case: Mapping[Unknown, Any]
) -> bool:
    match node:
        case expr.Const(value=value):
            return bool(value)
        case expr.Not(item):
            return not _holds(item, sorts, case)
        case expr.And(items):
            return all(_holds(item, sorts, case) for item in items)
        case expr.Or(items):
            return any(_holds(item, sorts, case) for item in items)
        case expr.Iff(left, right):
            return _holds(left, sorts, case) == _holds(right, sorts, case)
        case expr.If(test, then, otherwise):
            return _holds(then if _holds(test, sorts, case) else otherwise, sorts, case)
        case expr.Compare():
            return _comparison_holds(node, sorts, case)
        case _:
            return bool(case["truth", node])


def _comparison_holds(
    node: expr.Compare, sorts: Mapping[expr.Node, Sort], case: Mapping[Unknown, Any]
) -> bool:
    kind, sides = _kind(node, sorts)
    compare = COMPARE[node.op]
    match kind:
        case "same":
            return bool(case["same", sides]) == (node.op == "==")
        case "order":
            order = case["order", sides]
            return compare(order if node.left == sides[0] else -order, 0)
    values = [
        side.value if isinstance(side, expr.Const) else case[kind, side]
        for side in (node.left, node.right)
    ]
    return compare(values[0], values[1])
