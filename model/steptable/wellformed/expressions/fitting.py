"""What fits where: constants, sorts, and the optionals that a condition establishes."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from steptable import expr
from steptable.errors import suggestion
from steptable.interpreter.evaluate import COMPARE
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Queue,
    Sort,
    Symbol,
    Truth,
    Variant,
    accepts,
    inner,
    is_comparable,
)
from steptable.world import Bounds

Present: TypeAlias = frozenset[expr.Node]
"""The optionals that are known to have a value at some point of an expression."""

NONE_YET: Present = frozenset()


def established(node: expr.Node, holds: bool = True) -> Present:
    """The optionals that have a value where a condition holds (or where it does not)."""
    match node, holds:
        case expr.Present(item), True:
            return frozenset({item})
        case expr.Not(item), _:
            return established(item, not holds)
        case expr.Compare(op, expr.Length(queue), expr.Const(value=int(number))), _:
            # What does not hold of an empty queue says that there is an oldest value.
            empty = COMPARE[op](0, number) == holds
            return NONE_YET if empty else frozenset({expr.Head(queue)})
        case (expr.And(items), True) | (expr.Or(items), False):
            return frozenset().union(*(established(item, holds) for item in items))
    return NONE_YET


def is_untyped(node: expr.Node) -> bool:
    """Whether a node takes the sort of its place: nothing, the empty map, a state."""
    return isinstance(node, expr.Const) and node.sort is None


def is_text(node: expr.Node) -> bool:
    """Whether a node is a plain text."""
    return isinstance(node, expr.Const) and node.sort == Symbol("text")


def texts_of(sort: Sort, bounds: Bounds) -> tuple[str, ...] | None:
    """The texts that a sort has in a world, or None if it has no texts."""
    match sort:
        case Enum(members=members):
            return tuple(member.value for member in members)
        case Symbol():
            return bounds.of(sort)
    return None


def named_here(sort: Sort) -> str:
    """What to call a sort whose values may be a matter of the world at hand."""
    bounded = isinstance(sort, Symbol | Instant | Duration) or (
        isinstance(sort, Integer) and bool(sort.name)
    )
    return f"{sort} of this world" if bounded else str(sort)


def constant_fits(value: object, wanted: Sort) -> bool:
    """Whether an untyped constant may stand where `wanted` is asked for."""
    if value is None:
        return isinstance(wanted, Optional)
    if value == {}:
        of = inner(wanted)
        return isinstance(of, Bag) or (isinstance(of, Map) and not of.total)
    of = inner(wanted)
    if isinstance(value, bool):
        return isinstance(of, Truth)
    return isinstance(of, Enum) and value in of.values


def fits(node: expr.Node, wanted: Sort, offered: Sort) -> bool:
    """Whether a node of sort `given` may stand where `wanted` is asked for."""
    if isinstance(node, expr.Const):
        match offered, inner(wanted):
            case Integer(), Integer(low, high):
                return low <= int(node.value) <= high
            case Symbol("text"), Symbol(parts=(), separator=_):
                return True
            case Symbol("text"), Symbol(parts=parts, separator=separator):
                texts = str(node.value).split(separator, len(parts) - 1)
                return len(texts) == len(parts) and "" not in texts
    return accepts(wanted, offered)


def shown(value: object) -> str:
    """An untyped constant, in words."""
    if value is None:
        return "nothing"
    return "an empty map" if value == {} else repr(value)


def advice_for(node: expr.Node, wanted: Sort, offered: Sort | None) -> str:
    """What to write instead of a node that does not fit."""
    of = inner(wanted)
    match node, offered, of:
        case expr.Const(value=dict()), _, Map(total=True):
            return "change a map that has all keys by .put(...)"
        case expr.Const(value=str() as text), _, Enum(name=name, members=members):
            values = {member.value: member.name for member in members}
            if text in values:
                return f"write {values[text]} as declared in {name}"
            return suggestion(text, values)
        case expr.Const(), Integer(), Integer(low, high):
            return f"write an integer from {low} to {high}"
        case expr.Const(), Symbol("text"), Symbol(parts=parts, separator=separator) if parts:
            return f"write it as {separator.join('{' + part.name + '}' for part in parts)}"
        case _, Queue(of=kind), Queue(of=asked) if kind == asked:
            return "give both queues the same capacity"
        case _, Optional(), _ if offered is not None and accepts(wanted, inner(offered)):
            return "take its .value where .is_known is established, or write .or_else(...)"
    return f"write a value of sort {wanted}"


def advice_on_comparing(sort: Sort) -> str:
    """What to write instead of a comparison of values that can't be compared."""
    match inner(sort):
        case Truth():
            return "write .iff(...), or put each comparison that & and | join in brackets"
        case Opaque():
            return "opaque values are carried, never compared; declare a sort that is"
    return "it has opaque parts; compare its fields"


def has_equality(sort: Sort) -> bool:
    """Whether two values can be compared for equality, what is in a queue or a payload included."""
    match sort:
        case Queue(of=of):
            return has_equality(of)
        case Variant(cases=cases):
            return all(is_comparable(case) for case in cases)
    return is_comparable(sort)


def computed(op: expr.ArithmeticOperator, left: Sort, right: Sort) -> Sort | None:
    """The sort of what two values come to, or None where that has no meaning."""
    match op:
        case "+" | "-":
            match left, right:
                case Integer(), Integer() if op == "+":
                    return Integer(left.low + right.low, left.high + right.high)
                case Integer(), Integer():
                    return Integer(left.low - right.high, left.high - right.low)
                case Instant(), Instant() if op == "-":
                    return Duration()
                case (Instant(), Duration()) | (Duration(), Duration()):
                    return left
        case "*":
            match left, right:
                case Integer(), Integer():
                    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
                    return Integer(min(ends), max(ends))
                case (Duration(), Integer()) | (Integer(), Duration()):
                    return Duration()
        case "%":
            if isinstance(left, Integer) and isinstance(right, Integer):
                most = max(right.high - 1, 0)
                return Integer(0, min(left.high, most) if left.low >= 0 else most)
        case _:
            assert_never(op)
    return None


def common_sort(first: Sort, *others: Sort) -> Sort:
    """The sort of a choice: of integers, the bounds that hold all; else the first one's."""
    integers = [sort for sort in (first, *others) if isinstance(sort, Integer)]
    if len(integers) <= len(others) or first in others:
        return first
    return Integer(min(sort.low for sort in integers), max(sort.high for sort in integers))
