"""Scalar expressions over constants and variables (`expr.Bound`), simplified as they are built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.evaluate import COMPARE

Scalar: TypeAlias = expr.Node

TRUE: Final = expr.Const(True, None)

FALSE: Final = expr.Const(False, None)


def constant(value: Any) -> Scalar:
    return expr.Const(value, None)


def is_true(item: object) -> bool:
    """Whether this is the truth itself; the number 1 is not."""
    return isinstance(item, expr.Const) and item.value is True


def is_false(item: object) -> bool:
    return isinstance(item, expr.Const) and item.value is False


def both(*items: Scalar) -> Scalar:
    """Conjunction."""
    return _junction(expr.And, is_true, FALSE, items)


def either(*items: Scalar) -> Scalar:
    """Disjunction."""
    return _junction(expr.Or, is_false, TRUE, items)


def _junction(
    kind: type[expr.And] | type[expr.Or],
    is_unit: Callable[[object], bool],
    zero: Scalar,
    items: Iterable[Scalar],
) -> Scalar:
    parts: dict[Scalar, None] = {}
    for item in items:
        for part in item.items if isinstance(item, kind) else (item,):
            if part == zero or negation(part) in parts:
                return zero
            if not is_unit(part):
                parts[part] = None
    if not parts:
        return negation(zero)
    return next(iter(parts)) if len(parts) == 1 else kind(tuple(parts))


def negation(item: Scalar) -> Scalar:
    match item:
        case expr.Const(value=value):
            return FALSE if value else TRUE
        case expr.Not(inside):
            return inside
        case _:
            return expr.Not(item)


def same_truth(left: Scalar, right: Scalar) -> Scalar:
    """Both or neither."""
    if left == right:
        return TRUE
    if isinstance(left, expr.Const):
        return right if left.value else negation(right)
    if isinstance(right, expr.Const):
        return left if right.value else negation(left)
    return expr.Iff(left, right)


def compare(op: expr.CompareOperator, left: Scalar, right: Scalar) -> Scalar:
    """A comparison of scalars; one with a choice becomes a choice of comparisons."""
    if isinstance(left, expr.Const) and isinstance(right, expr.Const):
        return TRUE if COMPARE[op](left.value, right.value) else FALSE
    if left == right:
        return TRUE if op in ("==", "<=", ">=") else FALSE
    match left, right:
        # x + 1 > x and its like, whatever x is.
        case expr.Arithmetic("+", inside, expr.Const(value=number)), _ if inside == right:
            return TRUE if COMPARE[op](number, 0) else FALSE
        case _, expr.Arithmetic("+", inside, expr.Const(value=number)) if inside == left:
            return TRUE if COMPARE[op](0, number) else FALSE
    if isinstance(left, expr.If) and isinstance(right, expr.Const):
        return scalar_choice(
            left.test, compare(op, left.then, right), compare(op, left.otherwise, right)
        )
    return expr.Compare(op, left, right)


def scalar_choice(test: Scalar, then: Scalar, otherwise: Scalar) -> Scalar:
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    if then == otherwise:
        return then
    if is_true(then):
        return either(test, otherwise)
    if is_false(otherwise):
        return both(test, then)
    if is_false(then):
        return both(negation(test), otherwise)
    if is_true(otherwise):
        return either(negation(test), then)
    return expr.If(test, then, otherwise)


def simplify(node: Scalar, given: Mapping[Scalar, bool]) -> Scalar:
    """A scalar where some conditions are known to hold or not to."""
    if node in given:
        return TRUE if given[node] else FALSE
    match node:
        case expr.Not(item):
            return negation(simplify(item, given))
        case expr.And(items):
            return both(*(simplify(item, given) for item in items))
        case expr.Or(items):
            return either(*(simplify(item, given) for item in items))
        case expr.Iff(left, right):
            return same_truth(simplify(left, given), simplify(right, given))
        case expr.Compare(op, left, right):
            return compare(op, simplify(left, given), simplify(right, given))
        case expr.If(test, then, otherwise):
            parts = (simplify(part, given) for part in (test, then, otherwise))
            return scalar_choice(*parts)
    return node


def substitute(node: Scalar, given: Mapping[str, Scalar]) -> Scalar:
    """A scalar with other scalars in place of some variables."""
    match node:
        case expr.Bound(name):
            return given.get(name, node)
        case expr.Not(item):
            return negation(substitute(item, given))
        case expr.And(items):
            return both(*(substitute(item, given) for item in items))
        case expr.Or(items):
            return either(*(substitute(item, given) for item in items))
        case expr.Iff(left, right):
            return same_truth(substitute(left, given), substitute(right, given))
        case expr.Compare(op, left, right):
            return compare(op, substitute(left, given), substitute(right, given))
        case expr.Arithmetic(op, left, right):
            return arithmetic(op, substitute(left, given), substitute(right, given))
        case expr.If(test, then, otherwise):
            parts = (substitute(part, given) for part in (test, then, otherwise))
            return scalar_choice(*parts)
    return node


def known_from(condition: Scalar) -> dict[Scalar, bool]:
    """What follows at once from a condition that holds."""
    items = condition.items if isinstance(condition, expr.And) else (condition,)
    known: dict[Scalar, bool] = {}
    for item in items:
        known[item] = True
        if isinstance(item, expr.Not):
            known[item.item] = False
            if isinstance(item.item, expr.Or):
                known |= dict.fromkeys(item.item.items, False)
    return known


def add(item: Scalar, number: int) -> Scalar:
    """A scalar plus a number."""
    match item:
        case expr.Const(value=value):
            return constant(value + number)
        case expr.Arithmetic("+", inside, expr.Const(value=value)):
            return (
                inside
                if value + number == 0
                else expr.Arithmetic("+", inside, constant(value + number))
            )
        case expr.If(test, then, otherwise):
            return scalar_choice(test, add(then, number), add(otherwise, number))
    return item if number == 0 else expr.Arithmetic("+", item, constant(number))


def arithmetic(op: str, left: Scalar, right: Scalar) -> Scalar:
    """A sum or a difference."""
    if isinstance(right, expr.Const):
        return add(left, right.value if op == "+" else -right.value)
    if isinstance(left, expr.Const) and op == "+":
        return add(right, left.value)
    return expr.Arithmetic("+" if op == "+" else "-", left, right)


def key(node: Scalar) -> Hashable:
    """The same for scalars that differ in the order of what has none."""
    match node:
        case expr.Const(value=value):
            return "const", type(value), value
        case expr.Bound(name):
            return "variable", name
        case expr.And(items) | expr.Or(items):
            return type(node), frozenset(map(key, items))
        case expr.Iff(left, right):
            return expr.Iff, frozenset((key(left), key(right)))
        case expr.Compare("==" | "!=" as op, left, right):
            return op, frozenset((key(left), key(right)))
        case expr.Compare(">" | ">=" as op, left, right):
            return key(expr.Compare("<" if op == ">" else "<=", right, left))
        case expr.Arithmetic():
            sums: Counter[Hashable] = Counter()
            for part, times in _summands(node, 1):
                sums[part] += times
            return "sum", frozenset((part, times) for part, times in sums.items() if times)
    how = getattr(node, "op", None)
    return type(node), how, tuple(map(key, expr.children(node)))


def _summands(node: Scalar, sign: int) -> Iterator[tuple[Hashable, int]]:
    """What is added up, and how many times; a number is that many ones."""
    match node:
        case expr.Arithmetic(op, left, right):
            yield from _summands(left, sign)
            yield from _summands(right, sign if op == "+" else -sign)
        case expr.Const(value=value):
            yield "one", sign * value
        case expr.If(test, expr.Const(value=then), expr.Const(value=otherwise)):
            # Numbers may have been added to either branch of one choice or of another.
            yield "one", sign * otherwise
            yield ("if", key(test)), sign * (then - otherwise)
        case _:
            yield key(node), sign
