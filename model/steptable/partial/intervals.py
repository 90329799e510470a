"""Between which numbers a scalar lies, whatever its variables are.

Numbers have no limit here and in Python. Where a target computes with so many bits, it asks
beforehand whether each number on the way fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Final, TypeAlias, assert_never

from steptable import expr
from steptable.interpreter.evaluate import evaluate
from steptable.partial.scalar import Scalar
from steptable.partial.variables import MOST_VALUES, Variable

Range: TypeAlias = tuple[int, int]
"""The least and the greatest number, both included."""

NO_NUMBER: Final[Range] = (1, 0)
"""Of what can't be."""


def range_of(node: Scalar, variables: Mapping[str, Variable]) -> Range:
    """Between which numbers a scalar lies that is a number; no narrower than it does."""
    match node:
        case expr.Const(value=int(number)):
            return number, number
        case expr.Bound(name):
            domain = variables[name].domain
            return min(domain), max(domain)
        case expr.Arithmetic(op, left, right):
            return _computed(op, range_of(left, variables), range_of(right, variables))
        case expr.If(_, then, otherwise):
            pairs = range_of(then, variables), range_of(otherwise, variables)
            return min(low for low, _ in pairs), max(high for _, high in pairs)
        case expr.Const() | expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            raise TypeError(f"{node} is no number")
        case _:
            assert_never(node)


def _computed(op: expr.ArithmeticOperator, left: Range, right: Range) -> Range:
    match op:
        case "+":
            return left[0] + right[0], left[1] + right[1]
        case "-":
            return left[0] - right[1], left[1] - right[0]
        case "*":
            ends = [one * other for one in left for other in right]
            return min(ends), max(ends)
        case "%":
            most = max(right[1] - 1, 0)
            return 0, min(most, left[1]) if left[0] >= 0 else most
        case _:
            assert_never(op)


def is_possible(condition: Scalar, variables: Mapping[str, Variable]) -> bool:
    """Whether a condition can hold; taken for granted where there is too much to try."""
    read = {part.name for part in expr.walk(condition) if isinstance(part, expr.Bound)}
    domains = {name: variables[name].domain for name in sorted(read)}
    if prod(map(len, domains.values())) > MOST_VALUES:
        return True
    return any(
        evaluate(condition, dict(zip(domains, values, strict=True)))
        for values in product(*domains.values())
    )


def is_within(node: Scalar, variables: Mapping[str, Variable], bits: int) -> bool:
    """Whether a number fits into signed integers of so many bits, and its negative as well."""
    low, high = range_of(node, variables)
    most = (1 << bits - 1) - 1
    return -most <= low and high <= most
