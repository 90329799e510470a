"""Which keys a computed one may be, each with the condition under which it is that one.

Maps and bags are kept key by key, so that all that a key may be are gone through. A key that may
be too many, or none of a total map, is refused with its place. Nothing is known here of what a
map holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from steptable import expr
from steptable.errors import Fault, Location, SpecError
from steptable.partial.intervals import is_possible, range_of
from steptable.partial.paths import Plain
from steptable.partial.scalar import TRUE, Scalar, both, compare, constant, negation
from steptable.partial.variables import MOST_VALUES, Variable

Ways: TypeAlias = list[tuple[Scalar, Plain]]
"""Keys, each with the condition under which it is the one; never two at once, though a key may
be there several times, by one way or another."""


def ways(key: Scalar, node: expr.Node, variables: Mapping[str, Variable]) -> Ways:
    """All that a key may be. `node` is what it was written as."""
    if isinstance(key, expr.Const):
        return [(TRUE, key.value)]
    if isinstance(key, expr.Bound):
        return [(compare("==", key, constant(v)), v) for v in variables[key.name].domain]
    if isinstance(key, expr.If):
        either_way = ((key.test, key.then), (negation(key.test), key.otherwise))
        return [(both(t, u), v) for t, way in either_way for u, v in ways(way, node, variables)]
    low, high = range_of(key, variables)
    if high - low >= MOST_VALUES:
        problem = f"the key may be any number from {low} to {high}, too many to go through"
        raise _refused(node, problem, "write if_else(...) around a number that may be so far off")
    return [(compare("==", key, constant(v)), v) for v in range(low, high + 1)]


def ways_among(
    keys: Collection[Plain], key: Scalar, node: expr.Node, variables: Mapping[str, Variable]
) -> Ways:
    """All that a key of a total map may be; refused where it may be none of the map's keys."""
    found = ways(key, node, variables)
    for test, at in found:
        if at not in keys and is_possible(test, variables):
            known = ", ".join(str(item) for item in keys)
            problem = f"the key may be {at!r}, and the total map has only {known}"
            advice = "write if_else(...) around a key that may be beyond, or leave 'total' out"
            raise _refused(node, problem, advice)
    return [(test, at) for test, at in found if at in keys]


def _refused(node: expr.Node, problem: str, advice: str) -> SpecError:
    at = next((part.at for part in expr.walk(node) if part.at is not None), Location("", 0))
    return SpecError([Fault(at, "key of a map or a bag", problem, advice, "key-out-of-range")])
