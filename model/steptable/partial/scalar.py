"""Scalar expressions over constants and variables (`expr.Bound`), simplified as they are built.

They are a closed language, a part of that of expressions: whatever reads scalars names each kind
and ends in `assert_never`. Who changes a part of a scalar rebuilds it (`rebuilt`), so that what
can be settled by the change is settled in one way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, assert_never

from steptable import expr
from steptable.interpreter.evaluate import COMPARE, compute

Scalar: TypeAlias = (
    expr.Const
    | expr.Bound
    | expr.Not["Scalar"]
    | expr.And["Scalar"]
    | expr.Or["Scalar"]
    | expr.Iff["Scalar"]
    | expr.Compare["Scalar"]
    | expr.Arithmetic["Scalar"]
    | expr.If["Scalar"]
)

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
    kind: type[expr.And[Scalar]] | type[expr.Or[Scalar]],
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
    if isinstance(item, expr.Const):
        return FALSE if item.value else TRUE
    return item.item if isinstance(item, expr.Not) else expr.Not(item)


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
    if isinstance(left, expr.If) and (isinstance(right, expr.Const) or _have_common(left, right)):
        return scalar_choice(
            left.test, compare(op, left.then, right), compare(op, left.otherwise, right)
        )
    if isinstance(right, expr.If) and _have_common(left, right):
        return scalar_choice(
            right.test, compare(op, left, right.then), compare(op, left, right.otherwise)
        )
    if isinstance(left, expr.Arithmetic) or isinstance(right, expr.Arithmetic):
        sides = _cancelled(left, right)
        if sides != (left, right):
            return compare(op, *sides)
    return expr.Compare(op, left, right)


def _have_common(left: Scalar, right: Scalar) -> bool:
    """Whether both sides of a comparison of numbers are sums with a variable in common."""
    return bool(_variables(left) & _variables(right))


def _variables(node: Scalar) -> set[str]:
    """The variables among the summands of a number, whichever way its choices go."""
    match node:
        case expr.Bound(name):
            return {name}
        case expr.Arithmetic(op, left, right):
            match op:
                case "+" | "-":
                    return _variables(left) | _variables(right)
                case "*" | "%":
                    return set()
                case _:
                    assert_never(op)
        case expr.If(_, then, otherwise):
            return _variables(then) | _variables(otherwise)
        case expr.Const() | expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            return set()
        case _:
            assert_never(node)


def _cancelled(left: Scalar, right: Scalar) -> tuple[Scalar, Scalar]:
    """Both sides of a comparison without what they have in common: x + y + 1 > x is y > -1."""
    terms = [*_terms(left, 1), *_terms(right, -1)]
    net: Counter[Scalar] = Counter()
    number = 0
    for term, sign in terms:
        if isinstance(term, expr.Const):
            number += sign * term.value
        else:
            net[term] += sign
    if sum(map(abs, net.values())) + (number != 0) == len(terms):
        return left, right
    ours = _sum(term for term, times in net.items() for _ in range(times))
    theirs = _sum(term for term, times in net.items() for _ in range(-times))
    # A number stands on the right, where it is most often compared with.
    return (ours, add(theirs, -number)) if ours != constant(0) else (add(ours, number), theirs)


def summands(node: Scalar) -> tuple[dict[Scalar, int], int]:
    """How many times each term is in a sum, and the number that is added to them."""
    net: Counter[Scalar] = Counter()
    number = 0
    for term, sign in _terms(node, 1):
        if isinstance(term, expr.Const) and isinstance(term.value, int):
            number += sign * term.value
        else:
            net[term] += sign
    return {term: times for term, times in net.items() if times}, number


def _terms(node: Scalar, sign: int) -> Iterator[tuple[Scalar, int]]:
    """What is added up in a sum (1), and what is taken away (-1)."""
    if not isinstance(node, expr.Arithmetic):
        yield node, sign
        return
    match node.op:
        case "+" | "-":
            yield from _terms(node.left, sign)
            yield from _terms(node.right, sign if node.op == "+" else -sign)
        case "*" | "%":
            yield node, sign
        case _:
            assert_never(node.op)


def _sum(terms: Iterable[Scalar]) -> Scalar:
    whole: Scalar = constant(0)
    for term in terms:
        whole = arithmetic("+", whole, term)
    return whole


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


def rebuilt(node: Scalar, change: Callable[[Scalar], Scalar]) -> Scalar:
    """The scalar with what becomes of each operand in its place, simplified as that allows.

    Of a choice that is decided, the other way is not looked at.
    """
    match node:
        case expr.Const() | expr.Bound():
            return node
        case expr.Not(item):
            return negation(change(item))
        case expr.And(items):
            return both(*map(change, items))
        case expr.Or(items):
            return either(*map(change, items))
        case expr.Iff(left, right):
            return same_truth(change(left), change(right))
        case expr.Compare(op, left, right):
            return compare(op, change(left), change(right))
        case expr.Arithmetic(op, left, right):
            return arithmetic(op, change(left), change(right))
        case expr.If(test, then, otherwise):
            test = change(test)
            if isinstance(test, expr.Const):
                return change(then if test.value else otherwise)
            return scalar_choice(test, change(then), change(otherwise))
        case _:
            assert_never(node)


def simplify(node: Scalar, truths: Mapping[Scalar, bool]) -> Scalar:
    """A scalar where some conditions are known to hold or not to."""
    if node in truths:
        return TRUE if truths[node] else FALSE
    return rebuilt(node, lambda part: simplify(part, truths))


def substitute(node: Scalar, substitution: Mapping[str, Scalar]) -> Scalar:
    """A scalar with other scalars in place of some variables."""
    if isinstance(node, expr.Bound):
        return substitution.get(node.name, node)
    return rebuilt(node, lambda part: substitute(part, substitution))


def settled(node: Scalar, values: Mapping[str, Any]) -> Scalar:
    """A scalar where the values of some variables are known."""
    if not values:
        return node
    return substitute(node, {name: constant(value) for name, value in values.items()})


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
        case expr.If(test, then, otherwise):
            return scalar_choice(test, add(then, number), add(otherwise, number))
        case expr.Arithmetic("+", inside, expr.Const(value=value)):
            return add(inside, value + number)
        case expr.Arithmetic() | expr.Bound():
            return item if number == 0 else expr.Arithmetic("+", item, constant(number))
        case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
            raise TypeError(f"{item} is no number")
        case _:
            assert_never(item)


def arithmetic(op: expr.ArithmeticOperator, left: Scalar, right: Scalar) -> Scalar:
    """A number out of two others."""
    match op:
        case "+":
            if isinstance(right, expr.Const):
                return add(left, right.value)
            if isinstance(left, expr.Const):
                return add(right, left.value)
        case "-":
            if left == right:
                return constant(0)
            if isinstance(right, expr.Const):
                return add(left, -right.value)
        case "*":
            if isinstance(left, expr.Const):
                left, right = right, left
            if isinstance(right, expr.Const):
                return _times(left, right.value)
        case "%":
            if isinstance(right, expr.Const):
                return _remainder(left, right.value)
        case _:
            assert_never(op)
    return expr.Arithmetic(op, left, right)


def _times(item: Scalar, number: int) -> Scalar:
    if isinstance(item, expr.Const):
        return constant(item.value * number)
    if isinstance(item, expr.If):
        return scalar_choice(item.test, _times(item.then, number), _times(item.otherwise, number))
    if number in (0, 1):
        return item if number else constant(0)
    return expr.Arithmetic("*", item, constant(number))


def _remainder(item: Scalar, number: int) -> Scalar:
    if isinstance(item, expr.Const):
        return constant(compute("%", item.value, number))
    if isinstance(item, expr.If):
        return scalar_choice(
            item.test, _remainder(item.then, number), _remainder(item.otherwise, number)
        )
    return expr.Arithmetic("%", item, constant(number)) if number > 1 else constant(0)


def extreme(which: Literal["least", "greatest"], items: Sequence[Scalar]) -> Scalar:
    """The least or the greatest of some numbers: a choice, so that no target needs to know it."""
    first, *others = items
    if not others:
        return first
    op: expr.CompareOperator = "<=" if which == "least" else ">="
    wins = both(*(compare(op, first, other) for other in others))
    return scalar_choice(wins, first, extreme(which, others))


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
        case expr.Compare(">" | ">=" as op, left, right):
            return key(expr.Compare("<" if op == ">" else "<=", right, left))
        case expr.Compare("<" | "<=" as op, left, right) if _is_of_sums(node):
            return op, _added(*_summands(left, 1), *_summands(right, -1))
        case expr.Compare(op, left, right):
            ways = ((left, right), (right, left))
            if _is_of_sums(node):
                return op, frozenset(_added(*_summands(a, 1), *_summands(b, -1)) for a, b in ways)
            if op in ("==", "!="):
                return op, frozenset((key(left), key(right)))
            return op, key(left), key(right)
        case expr.Arithmetic(op, left, right):
            match op:
                case "+" | "-":
                    return "sum", _added(*_summands(node, 1))
                case "*":
                    # A multiple is a sum as well, however it was written.
                    if isinstance(right, expr.Const):
                        return "sum", _added(*_summands(node, 1))
                    return "*", frozenset(Counter((key(left), key(right))).items())
                case "%":
                    return "%", key(left), key(right)
                case _:
                    assert_never(op)
        case expr.Not(item):
            return "not", key(item)
        case expr.If(test, then, otherwise):
            return "if", key(test), key(then), key(otherwise)
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
                        yield key(node), sign
                case "%":
                    yield key(node), sign
                case _:
                    assert_never(op)
        case expr.Const(value=value):
            yield "one", sign * value
        case expr.If(test, expr.Const(value=then), expr.Const(value=otherwise)):
            # Numbers may have been added to either branch of one choice or of another.
            yield "one", sign * otherwise
            yield ("if", key(test)), sign * (then - otherwise)
        case expr.Bound() | expr.If() | expr.Not() | expr.And() | expr.Or():
            yield key(node), sign
        case expr.Iff() | expr.Compare():
            yield key(node), sign
        case _:
            assert_never(node)
