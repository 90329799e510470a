"""When a computed value stays within the domain of its variable."""

from __future__ import annotations

from collections.abc import Mapping

from steptable import expr
from steptable.explore.scalar import (
    FALSE,
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    scalar_choice,
)
from steptable.explore.shapes import Variable


def limits(updates: Mapping[str, Scalar], variables: Mapping[str, Variable]) -> Scalar:
    """What must hold so that every update of a number keeps within its variable's domain."""
    return both(
        *(
            _within(node, variables[name], variables)
            for name, node in updates.items()
            if variables[name].is_numeric
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
    if place.domain == tuple(range(place.domain[0], place.domain[-1] + 1)):
        low, high = constant(place.domain[0]), constant(place.domain[-1])
        return both(compare(">=", node, low), compare("<=", node, high))
    return either(*(compare("==", node, constant(value)) for value in place.domain))
