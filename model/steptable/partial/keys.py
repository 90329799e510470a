"""Which keys a computed one may be, each with the condition under which it is that one.

Maps and bags are kept key by key, so that all that a key may be are gone through: where a map is
only read, those among its own keys. A key to be written that may be too many, or none of a total
map, is refused with its place, unless a choice around it asks which it is. Nothing is known here
of what a map holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias, assert_never

from steptable import expr
from steptable.errors import Fault, Location, SpecError
from steptable.partial.intervals import NO_NUMBER, Range, is_possible, range_of
from steptable.partial.paths import Plain
from steptable.partial.scalar import (
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    negation,
    scalar_choice,
    summands,
)
from steptable.partial.variables import MOST_VALUES, Variable

PossibleKeys: TypeAlias = list[tuple[Scalar, Plain]]
"""Keys, each with the condition under which it is the one; never two at once, though a key may
be there several times, by one way or another."""


def possible_keys(key: Scalar, node: expr.Node, variables: Mapping[str, Variable]) -> PossibleKeys:
    """All that a key may be. `node` is what it was written as."""
    return list(_ways(key, TRUE, node, variables))


def possible_keys_within(
    keys: Collection[Plain], key: Scalar, node: expr.Node, variables: Mapping[str, Variable]
) -> PossibleKeys:
    """Those of some keys that a key may be; it may be others, too, and those are no matter."""
    if isinstance(key, expr.If):
        either_way = ((key.test, key.then), (negation(key.test), key.otherwise))
        return [
            (both(t, u), v)
            for t, way in either_way
            for u, v in possible_keys_within(keys, way, node, variables)
        ]
    if isinstance(key, expr.Arithmetic):
        # However far off a number may be, it is looked up among these alone.
        low, high = range_of(key, variables)
        near = [at for at in keys if isinstance(at, int) and low <= at <= high]
        return [(compare("==", key, constant(at)), at) for at in near]
    return [(test, at) for test, at in possible_keys(key, node, variables) if at in keys]


def possible_keys_among(
    keys: Collection[Plain], key: Scalar, node: expr.Node, variables: Mapping[str, Variable]
) -> PossibleKeys:
    """All that a key of a total map may be; refused where it may be none of the map's keys."""
    found = possible_keys(key, node, variables)
    for test, at in found:
        if at not in keys and is_possible(test, variables):
            known = ", ".join(str(item) for item in keys)
            problem = f"the key may be {at!r}, and the total map has only {known}"
            advice = "write if_else(...) around a key that may be beyond, or leave 'total' out"
            raise _refused(node, problem, advice)
    return [(test, at) for test, at in found if at in keys]


def _ways(
    key: Scalar, given: Scalar, node: expr.Node, variables: Mapping[str, Variable]
) -> Iterator[tuple[Scalar, Plain]]:
    """All that a key may be where something is known to hold."""
    match key:
        case expr.Const(value=value):
            yield TRUE, value
        case expr.Bound(name):
            yield from ((compare("==", key, constant(v)), v) for v in variables[name].domain)
        case expr.If(test, then, otherwise):
            for asked, way in ((test, then), (negation(test), otherwise)):
                for inner, value in _ways(way, both(given, asked), node, variables):
                    yield both(asked, inner), value
        case expr.Arithmetic():
            low, high = _narrowed(key, range_of(key, variables), given)
            if high - low >= MOST_VALUES:
                problem = f"the key may be any number from {low} to {high}, too many to go through"
                advice = "write if_else(...) that asks between which numbers it lies"
                raise _refused(node, problem, advice)
            yield from ((compare("==", key, constant(v)), v) for v in range(low, high + 1))
        case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            raise TypeError(f"{key} is no key")
        case _:
            assert_never(key)


def _narrowed(key: Scalar, between: Range, fact: Scalar, *, holds: bool = True) -> Range:
    """Between which of some numbers a key lies where a fact holds, or does not."""
    match fact:
        case expr.Not(item):
            return _narrowed(key, between, item, holds=not holds)
        case expr.And(items) | expr.Or(items) if isinstance(fact, expr.And) == holds:
            for item in items:
                between = _narrowed(key, between, item, holds=holds)
            return between
        case expr.And(items) | expr.Or(items):
            each = [_narrowed(key, between, item, holds=holds) for item in items]
            possible = [(low, high) for low, high in each if low <= high]
            if not possible:
                return NO_NUMBER
            return min(low for low, _ in possible), max(high for _, high in possible)
        case expr.If(test, then, otherwise):
            then, otherwise = (one if holds else negation(one) for one in (then, otherwise))
            chosen = either(both(test, then), both(negation(test), otherwise))
            return _narrowed(key, between, chosen)
        case expr.Compare(op, left, expr.If(test, then, otherwise)):
            ways_on = compare(op, left, then), compare(op, left, otherwise)
            return _narrowed(key, between, scalar_choice(test, *ways_on), holds=holds)
        case expr.Compare(op, left, right):
            asked = _asked_of(key, op if holds else expr.OPPOSITE[op], left, right)
            return between if asked is None else _up_to(between, *asked)
        case expr.Const() | expr.Bound() | expr.Arithmetic() | expr.Iff():
            return between
        case _:
            assert_never(fact)


def _asked_of(
    key: Scalar, op: expr.CompareOperator, left: Scalar, right: Scalar
) -> tuple[expr.CompareOperator, int] | None:
    """What a comparison says of a key, however it was written: it and a number; or None."""
    ours, number = summands(key)
    theirs, other = summands(expr.Arithmetic("-", left, right))
    if theirs == ours:
        return op, number - other
    opposite = {term: -times for term, times in theirs.items()}
    return (expr.MIRRORED[op], number + other) if opposite == ours else None


def _up_to(between: Range, op: expr.CompareOperator, number: int) -> Range:
    """Those of some numbers that compare so with a number."""
    low, high = between
    match op:
        case "==":
            return max(low, number), min(high, number)
        case "<" | "<=":
            return low, min(high, number - (op == "<"))
        case ">" | ">=":
            return max(low, number + (op == ">")), high
        case "!=":
            return between
        case _:
            assert_never(op)


def _refused(node: expr.Node, problem: str, advice: str) -> SpecError:
    at = next((part.at for part in expr.walk(node) if part.at is not None), Location("", 0))
    return SpecError([Fault(at, "key of a map or a bag", problem, advice, "key-out-of-range")])
