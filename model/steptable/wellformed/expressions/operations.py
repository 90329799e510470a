"""The sorts of comparisons, sums, choices between two values, and optionals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from steptable import expr
from steptable.sorts import TRUTH, Duration, Integer, Optional, Record, Sort, inner, is_ordered
from steptable.wellformed.expressions.fitting import (
    Present,
    advice_on_comparing,
    common_sort,
    computed,
    has_equality,
)
from steptable.wellformed.expressions.scope import Scope

_OPERANDS: Final[Mapping[expr.ArithmeticOperator, str]] = {
    "+": "add integers, or a duration to an instant",
    "-": "add integers, or a duration to an instant",
    "*": "multiply integers, or a duration by an integer",
    "%": "divide integers",
}
"""What an operator is for."""


def sort_of_comparison(scope: Scope, node: expr.Compare[expr.Node], present: Present) -> Sort:
    """A truth, whatever is wrong with the two sides."""
    left, right = node.left, node.right
    if scope.is_untyped(left):
        left, right = right, left
    sort = scope.sort(left, present)
    if sort is None:
        if not scope.is_untyped(right):
            scope.sort(right, present)
        return TRUTH
    if node.op not in ("==", "!="):
        if not is_ordered(sort):
            advice = "compare integers, instants or durations"
            if is_ordered(inner(sort)):
                advice = "take its .value where .is_known is established"
            scope.fault(node, f"{sort} has no order", advice, "sort")
            if not scope.is_untyped(right):
                scope.sort(right, present)
        else:
            scope.expect(right, sort, "the right side", present)
    elif not (has_equality(sort) or _compares_records(scope, sort)):
        scope.fault(node, f"{sort} can't be compared", advice_on_comparing(sort), "sort")
    elif isinstance(right, expr.Const) and right.value is None:
        problem = "nothing is no value to compare with"
        scope.fault(node, problem, "write x.is_known or ~x.is_known", "sort")
    else:
        untyped = scope.is_untyped(right)
        other = None if untyped else scope.sort(right, present)
        optional = isinstance(sort, Optional) or isinstance(other, Optional)
        wanted = Optional(inner(sort)) if optional else sort
        if untyped:
            scope.expect(right, wanted, "the right side", present)
        else:
            scope.demand(right, wanted, other, "the right side")
    return TRUTH


def _compares_records(scope: Scope, sort: Sort) -> bool:
    # A property over steps or events compares whole records, less what no engine keeps.
    return "before" in scope.roots and isinstance(sort, Record)


def sort_of_arithmetic(
    scope: Scope, node: expr.Arithmetic[expr.Node], present: Present
) -> Sort | None:
    """The sort of what two values come to, or None where it has a fault."""
    left, right = scope.sort(node.left, present), scope.sort(node.right, present)
    if left is None or right is None:
        return None
    result = computed(node.op, left, right)
    if result is None:
        advice = _OPERANDS[node.op]
        scope.fault(node, f"{left} {node.op} {right} has no meaning", advice, "sort")
    elif node.op == "%" and isinstance(right, Integer) and right.low < 1:
        problem = f"the divisor is {right}, which may be less than 1"
        advice = "divide by a constant of 1 or more, or by an integer that is declared so"
        scope.fault(node, problem, advice, "divisor")
    return result


def sort_of_number(scope: Scope, node: expr.OfNumbers, present: Present) -> Sort | None:
    """The sort of what becomes of one number or time, or of several; None where it has a fault."""
    sorts = [scope.sort(item, present) for item in expr.children(node)]
    sorts_known = [sort for sort in sorts if sort is not None]
    if len(sorts_known) < len(sorts):
        return None
    match node:
        case expr.Negative():
            (of,) = sorts_known
            if isinstance(of, Integer):
                return Integer(-of.high, -of.low)
            if isinstance(of, Duration):
                return of
            scope.fault(node, f"-{of} has no meaning", "negate an integer or a duration", "sort")
        case expr.Extreme(which):
            integers = [sort for sort in sorts_known if isinstance(sort, Integer)]
            if len(sorts_known) < 2:
                advice = "name at least two, or write the one itself"
                scope.fault(node, f"{which}(...) compares nothing", advice, "sort")
            elif len(integers) == len(sorts_known):
                pick = min if which == "least" else max
                lows, highs = [sort.low for sort in integers], [sort.high for sort in integers]
                return Integer(pick(lows), pick(highs))
            elif is_ordered(sorts_known[0]) and len({*sorts_known}) == 1:
                return sorts_known[0]
            else:
                sorts_named = ", ".join(map(str, sorts_known))
                advice = "compare integers, instants or durations with their like"
                scope.fault(node, f"{which}({sorts_named}) has no meaning", advice, "sort")
        case _:
            assert_never(node)
    return None


def sort_of_choice(scope: Scope, *branches: tuple[expr.Node, Present]) -> Sort | None:
    """The sort that both branches fit, or None where one has a fault."""
    # Each branch is gone through once: what is nested would take twice as long at each depth.
    typed = {
        node: scope.sort(node, there) for node, there in branches if not scope.is_untyped(node)
    }
    if not typed:
        typed = {node: scope.sort(node, there) for node, there in branches}
    if None in typed.values():
        return None
    sorts = [sort for sort in typed.values() if sort is not None]
    nothing = any(isinstance(n, expr.Const) and n.value is None for n, _ in branches)
    optional = nothing or any(isinstance(s, Optional) for s in sorts)
    common = common_sort(*(inner(sort) for sort in sorts))
    common = Optional(common) if optional else common
    for node, there in branches:
        if node in typed:
            scope.demand(node, common, typed[node], "a branch of the choice")
        else:
            scope.expect(node, common, "a branch of the choice", there)
    return common


def sort_of_optional(
    scope: Scope, node: expr.Present | expr.Value | expr.OrElse, present: Present
) -> Sort | None:
    """The sort of a question about an optional, or of its value; None where it has a fault."""
    sort = scope.sort(node.item, present)
    if sort is None:
        return None
    if not isinstance(sort, Optional):
        scope.fault(node, f"{sort} is no optional", "use the value itself", "sort")
        return None
    match node:
        case expr.Present():
            return TRUTH
        case expr.Value(item):
            if item not in present:
                advice = "establish it first: x.is_known & ..., or x.is_known.implies(...)"
                scope.fault(node, "the optional may be empty here", advice, "unguarded-value")
            return sort.of
        case expr.OrElse(fallback=fallback):
            scope.expect(fallback, sort, "the fallback", present)
            if isinstance(fallback, expr.Const):
                return sort if fallback.value is None else sort.of
            full = scope.sorts.get(fallback)
            return sort.of if full is not None and not isinstance(full, Optional) else sort
        case _:
            assert_never(node)
