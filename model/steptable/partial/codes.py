"""Which number stands for a constant: decided once, before any target writes anything.

Engines compute with numbers. What a constant is as one depends on where it stands: a colour that
is compared with a variable, or stored in it, is its position in that variable's domain. Here that
is said of a whole scalar, so that what writes it in some language only writes numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from steptable import expr
from steptable.partial.scalar import Scalar, constant
from steptable.partial.variables import Variable
from steptable.sorts import Truth


def working_value(variable: Variable, value: Any) -> Any:
    """The value that engines compute with: numbers and truths as they are, all else by position."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return value if plain else variable.domain.index(value)


def value_of(variable: Variable, working: Any) -> Any:
    """The value of a variable, out of what an engine computes with."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return working if plain else variable.domain[working]


@dataclass
class Coding:
    """The numbers of a system's constants.

    A text that is not among the values of the variable it is compared with, or stored in, has a
    number that none of them has: nothing is equal to it but itself.
    """

    variables: Mapping[str, Variable]
    others: dict[Any, int] = field(default_factory=dict)
    """The texts that no variable beside them has, numbered."""

    def coded(self, node: Scalar, place: Variable | None = None) -> Scalar:
        """A scalar whose constants are numbers and truths; `place` is what it is stored in."""

        def leaf(item: expr.Const | expr.Bound, beside: Variable | None) -> Scalar:
            if isinstance(item, expr.Bound):
                return item
            return constant(self._number(item.value, beside))

        return by_place(node, place, self.variables, leaf)

    def _number(self, value: Any, place: Variable | None) -> Any:
        """The number or truth for a value; `place` is a variable whose domain has such values."""
        if place is not None and (place.is_numeric or value in place.domain):
            return working_value(place, value)
        if isinstance(value, int):
            return value
        number = self.others.setdefault(value, len(self.others))
        return number if place is None else -1 - number


def by_place(
    node: Scalar,
    place: Variable | None,
    variables: Mapping[str, Variable],
    leaf: Callable[[expr.Const | expr.Bound, Variable | None], Scalar],
) -> Scalar:
    """A scalar with others in place of its constants and variables, nothing else changed.

    `leaf` says which; it is told a variable that has the domain of its place, if there is one:
    what it is compared with or, at the top, what it is stored in.
    """

    def inside(part: Scalar, place: Variable | None = None) -> Scalar:
        return by_place(part, place, variables, leaf)

    match node:
        case expr.Const() | expr.Bound():
            return leaf(node, place)
        case expr.Not(item):
            return expr.Not(inside(item))
        case expr.And(items):
            return expr.And(tuple(map(inside, items)))
        case expr.Or(items):
            return expr.Or(tuple(map(inside, items)))
        case expr.Iff(left, right):
            return expr.Iff(inside(left), inside(right))
        case expr.Compare(op, left, right):
            sides = _place_of(left, variables) or _place_of(right, variables)
            return expr.Compare(op, inside(left, sides), inside(right, sides))
        case expr.Arithmetic(op, left, right):
            return expr.Arithmetic(op, inside(left), inside(right))
        case expr.If(test, then, otherwise):
            return expr.If(inside(test), inside(then, place), inside(otherwise, place))
        case _:
            assert_never(node)


def _place_of(node: Scalar, variables: Mapping[str, Variable]) -> Variable | None:
    """A variable that has the domain of a value, if one occurs in it."""
    match node:
        case expr.Bound(name):
            return variables[name]
        case expr.If(_, then, otherwise):
            return _place_of(then, variables) or _place_of(otherwise, variables)
        case expr.Const() | expr.Arithmetic():
            return None  # numbers are themselves
        case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            return None
        case _:
            assert_never(node)
