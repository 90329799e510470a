"""When a computed value stays within the domain of its variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from steptable import expr
from steptable.partial.intervals import range_of
from steptable.partial.scalar import (
    FALSE,
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    scalar_choice,
)
from steptable.partial.variables import Variable
from steptable.sorts import Opaque, Truth


def within_domains(updates: Mapping[str, Scalar], variables: Mapping[str, Variable]) -> Scalar:
    """What must hold so that every update keeps within its variable's domain.

    A number may be computed, and so may a text: a part of another one, say.
    """
    return both(
        *(
            _within(node, variables[name], variables)
            for name, node in updates.items()
            if not isinstance(variables[name].sort, Opaque | Truth)
        )
    )


def _within(node: Scalar, place: Variable, variables: Mapping[str, Variable]) -> Scalar:
    match node:
        case expr.Const(value=value):
            return TRUE if value in place.domain else FALSE
        case expr.Bound(name) if set(variables[name].domain) <= set(place.domain):
            return TRUE
        case expr.If(test, then, otherwise):
            return scalar_choice(
                test, _within(then, place, variables), _within(otherwise, place, variables)
            )
        case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            raise TypeError(f"{node} is a truth, and '{place.name}' holds none")
        case expr.Bound() | expr.Arithmetic():
            return _between(node, place, variables)
        case _:
            assert_never(node)


def _between(
    node: expr.Bound | expr.Arithmetic[Scalar], place: Variable, variables: Mapping[str, Variable]
) -> Scalar:
    least, most = place.domain[0], place.domain[-1]
    if not place.is_numeric or place.domain != tuple(range(least, least + len(place.domain))):
        return either(*(compare("==", node, constant(value)) for value in place.domain))
    low, high = range_of(node, variables)
    return both(
        TRUE if least <= low else compare(">=", node, constant(least)),
        TRUE if high <= most else compare("<=", node, constant(most)),
    )
