"""What two scalars have in common that say the same, in whatever order they are written.

Sums and products are compared by what is added up or multiplied, junctions by their items. Scalars
with equal keys are equal in every state; nothing is known here of the states that there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import assert_never

from steptable import expr
from steptable.partial.scalar import Scalar


def scalar_key(node: Scalar) -> Hashable:
    """The same for scalars that differ in the order of what has none."""
    match node:
        case expr.Const(value=value):
            return "const", type(value), value
        case expr.Bound(name):
            return "variable", name
        case expr.And(items) | expr.Or(items):
            return type(node), frozenset(map(scalar_key, items))
        case expr.Iff(left, right):
            return expr.Iff, frozenset((scalar_key(left), scalar_key(right)))
        case expr.Compare(">" | ">=" as op, left, right):
            return scalar_key(expr.Compare("<" if op == ">" else "<=", right, left))
        case expr.Compare("<" | "<=" as op, left, right) if _is_of_sums(node):
            return op, _added(*_summands(left, 1), *_summands(right, -1))
        case expr.Compare(op, left, right):
            orders = ((left, right), (right, left))
            if _is_of_sums(node):
                return op, frozenset(_added(*_summands(a, 1), *_summands(b, -1)) for a, b in orders)
            if op in ("==", "!="):
                return op, frozenset((scalar_key(left), scalar_key(right)))
            return op, scalar_key(left), scalar_key(right)
        case expr.Arithmetic(op, left, right):
            match op:
                case "+" | "-":
                    return "sum", _added(*_summands(node, 1))
                case "*":
                    # A multiple is a sum as well, however it was written.
                    if isinstance(right, expr.Const):
                        return "sum", _added(*_summands(node, 1))
                    return "*", frozenset(Counter((scalar_key(left), scalar_key(right))).items())
                case "%":
                    return "%", scalar_key(left), scalar_key(right)
                case _:
                    assert_never(op)
        case expr.Not(item):
            return "not", scalar_key(item)
        case expr.If(test, then, otherwise):
            return "if", scalar_key(test), scalar_key(then), scalar_key(otherwise)
        case _:
            assert_never(node)


def _is_of_sums(node: expr.Compare[Scalar]) -> bool:
    """Whether sums are compared: a number may then stand on either side."""
    return isinstance(node.left, expr.Arithmetic) or isinstance(node.right, expr.Arithmetic)


def _added(*summands: tuple[Hashable, int]) -> Hashable:
    """What is added up, however it was written."""
    sums: Counter[Hashable] = Counter()
    for part, times in summands:
        sums[part] += times
    return frozenset((part, times) for part, times in sums.items() if times)


def _summands(node: Scalar, sign: int) -> Iterator[tuple[Hashable, int]]:
    """What is added up, and how many times (`sign`); a number is that many ones."""
    match node:
        case expr.Arithmetic(op, left, right):
            match op:
                case "+" | "-":
                    yield from _summands(left, sign)
                    yield from _summands(right, sign if op == "+" else -sign)
                case "*":
                    if isinstance(right, expr.Const):
                        yield from _summands(left, sign * right.value)
                    else:
                        yield scalar_key(node), sign
                case "%":
                    yield scalar_key(node), sign
                case _:
                    assert_never(op)
        case expr.Const(value=value):
            yield "one", sign * value
        case expr.If(test, expr.Const(value=then), expr.Const(value=otherwise)):
            # Numbers may have been added to either branch of one choice or of another.
            yield "one", sign * otherwise
            yield ("if", scalar_key(test)), sign * (then - otherwise)
        case expr.Bound() | expr.If() | expr.Not() | expr.And() | expr.Or():
            yield scalar_key(node), sign
        case expr.Iff() | expr.Compare():
            yield scalar_key(node), sign
        case _:
            assert_never(node)
