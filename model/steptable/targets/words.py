"""Expressions in plain words, as guards are put on diagrams.

Nothing is left to precedence: whatever could be read in two ways stands in brackets. Two
things go without saying. The fields of the nearest quantified value stand by themselves,
and "every probe" runs over the `record probes`; any other map is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, assert_never

from steptable import expr
from steptable.machine import Guard
from steptable.sorts import Enum, Sort, inner

# How tightly words hold together, loosest first; "and" and "or" alike, so that a mix is bracketed.
_CLAUSE, _JOINED, _CLAIM, _SUM, _PHRASE, _NAME = range(6)

_COMPARE: Final[dict[expr.CompareOperator, str]] = {
    "==": "=",
    "!=": "≠",
    "<": "<",
    "<=": "≤",
    ">": ">",
    ">=": "≥",
}


def words(node: expr.Node) -> str:
    """An expression in words, on one line."""
    return _worded(node, None)[1]


def guard_words(guard: Guard) -> str:
    """A guard: its name and what it asks for."""
    return f"{guard.name}: {words(guard.condition)}"


def _text(node: expr.Node, least: int, near: str | None) -> str:
    """The words of a part, in brackets where they hold together less than asked for."""
    level, text = _worded(node, near)
    return f"({text})" if level < least else text


def _worded(node: expr.Node, near: str | None) -> tuple[int, str]:
    """The words of a node and how they hold together; `near` is the nearest quantified name."""
    match node:
        case expr.Const(value=value, sort=sort):
            return _NAME, _constant(value, sort)
        case expr.Unknown(what=what, name=name):
            return _PHRASE, f"unknown {what} {name}"
        case expr.Root(name=name) | expr.Bound(name=name):
            return _NAME, name
        case expr.Attr(subject=expr.Bound(name=bound), name=name) if bound == near:
            return _NAME, name
        case expr.Attr(subject=expr.Root(name=of) | expr.Bound(name=of), name=name):
            return _NAME, f"{of} {name}"
        case expr.Attr(subject=subject, name=name):
            return _PHRASE, f"{name} of {_text(subject, _NAME, near)}"
        case expr.Part(item=item, part=part):
            return _PHRASE, f"{part.name} of {_text(item, _NAME, near)}"
        case expr.And() | expr.Or():
            return _connected(node, near)
        case expr.Iff(left=left, right=right):
            either, other = _text(left, _CLAIM, near), _text(right, _CLAIM, near)
            return _CLAUSE, f"{either} exactly where {other}"
        case expr.Compare(op="==" | "!=" as op, left=left, right=expr.Const() as right):
            verb = "is" if op == "==" else "is not"
            return _CLAIM, f"{_text(left, _SUM, near)} {verb} {_text(right, _SUM, near)}"
        case expr.Compare(op=op, left=left, right=right):
            return _CLAIM, f"{_text(left, _SUM, near)} {_COMPARE[op]} {_text(right, _SUM, near)}"
        case expr.Present(item=item):
            return _CLAIM, f"{_text(item, _SUM, near)} is known"
        case expr.Not(item=expr.Present(item=item)):
            return _CLAIM, f"{_text(item, _SUM, near)} is empty"
        case expr.Not(item=expr.Compare() | expr.Not() as item):
            return _worded(expr.negate(item), near)
        case expr.Not(item=item):
            return _CLAIM, f"not {_text(item, _NAME, near)}"
        case expr.Arithmetic(op=op, left=left, right=right):
            return _SUM, _calculated(op, left, right, near)
        case expr.Negative(item=item):
            return _SUM, f"-{_text(item, _NAME, near)}"
        case expr.Extreme(which=which, items=items):
            return _NAME, f"{which} of ({', '.join(_text(item, _SUM, near) for item in items)})"
        case expr.If(test=test, then=then, otherwise=otherwise):
            choice = (_text(part, _JOINED, near) for part in (test, then, otherwise))
            return _CLAUSE, "if {} then {} else {}".format(*choice)
        case expr.Value(item=item):
            return _worded(item, near)
        case expr.OrElse(item=item, fallback=fallback):
            value = _text(item, _SUM, near)
            return _CLAUSE, f"{value}, or where empty {_text(fallback, _SUM, near)}"
        case expr.Lookup(map=of, key=key):
            return _PHRASE, f"{_text(of, _NAME, near)} at {_text(key, _NAME, near)}"
        case expr.Put(map=of, key=key, value=value):
            place = f"{_text(of, _NAME, near)} with {_text(key, _NAME, near)} set to"
            return _CLAUSE, f"{place} {_text(value, _SUM, near)}"
        case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
            return _CLAUSE, _through_map(node, near)
        case expr.Make(record=record, fields=fields):
            return _NAME, f"{record.name} ({_fields(fields, near)})"
        case expr.With(subject=subject, fields=fields):
            return _PHRASE, f"{_text(subject, _NAME, near)} with ({_fields(fields, near)})"
        case expr.Length(queue=queue):
            return _PHRASE, f"length of {_text(queue, _NAME, near)}"
        case expr.Head(queue=queue):
            return _PHRASE, f"oldest in {_text(queue, _NAME, near)}"
        case expr.Push(queue=queue, value=value):
            return _CLAUSE, f"{_text(queue, _NAME, near)} and behind it {_text(value, _SUM, near)}"
        case expr.Pop(queue=queue):
            return _PHRASE, f"{_text(queue, _NAME, near)} without its oldest"
        case expr.Count(bag=bag, value=value):
            return _PHRASE, f"number of {_text(value, _NAME, near)} in {_text(bag, _NAME, near)}"
        case expr.Change(bag=bag, value=value, by=by):
            change = f"one {'more' if by == 1 else 'less'} {_text(value, _NAME, near)}"
            return _PHRASE, f"{_text(bag, _NAME, near)} with {change}"
        case expr.Emitted(step=step, effect=effect):
            return _PHRASE, f"number of {effect} emitted by {_text(step, _NAME, near)}"
        case expr.Rerun(half=half, record=record):
            event = "the event" if half == "same" else "the event's other half"
            return _PHRASE, f"the outcome of {event} on {_text(record, _NAME, near)}"
        case _:
            assert_never(node)


def _calculated(
    op: expr.ArithmeticOperator, left: expr.Node, right: expr.Node, near: str | None
) -> str:
    """A calculation; only a sum begins with another one that is in no brackets."""
    sums: tuple[expr.ArithmeticOperator, ...] = ("+", "-")
    is_sum = isinstance(left, expr.Arithmetic) and left.op in sums
    first = _text(left, _SUM if is_sum and op in sums else _PHRASE, near)
    return f"{first} {'mod' if op == '%' else op} {_text(right, _PHRASE, near)}"


def _connected(node: expr.And[expr.Node] | expr.Or[expr.Node], near: str | None) -> tuple[int, str]:
    conjunction = isinstance(node, expr.And)
    items = list(_flattened(node, type(node)))
    if not items:
        return _NAME, "always" if conjunction else "never"
    if len(items) == 1:
        return _worded(items[0], near)
    word = " and " if conjunction else " or "
    return _JOINED, word.join(_text(item, _CLAIM, near) for item in items)


def _flattened(
    node: expr.Node, kind: type[expr.And[expr.Node] | expr.Or[expr.Node]]
) -> Iterator[expr.Node]:
    """The items of a connective, with those of its own kind taken apart."""
    if isinstance(node, kind):
        for item in node.items:
            yield from _flattened(item, kind)
    else:
        yield node


def _through_map(node: expr.ThroughMap, near: str | None) -> str:
    ranging, asked = _ranging(node, near), _text(node.body, _CLAUSE, node.name)
    match node:
        case expr.Every():
            return f"every {ranging}: {asked}"
        case expr.Some():
            return f"some {ranging}: {asked}"
        case expr.Where():
            return f"each {ranging} where {asked}"
        case expr.CountWhere():
            return f"number of each {ranging} where {asked}"
        case _:
            assert_never(node)


def _ranging(node: expr.ThroughMap, near: str | None) -> str:
    """What goes through the values of a map, and with them perhaps through its keys."""
    called = node.name if node.key is None else f"{node.name} at {node.key}"
    if node.map == expr.Attr(expr.Root("record"), f"{node.name}s"):
        return called
    return f"{called} in {_text(node.map, _NAME, near)}"


def _fields(fields: tuple[tuple[str, expr.Node], ...], near: str | None) -> str:
    return ", ".join(f"{name}: {_text(value, _JOINED, near)}" for name, value in fields)


def _constant(value: Any, sort: Sort | None) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "no entries"
        case str() if sort is None or isinstance(inner(sort), Enum):
            return value  # a state or a value of an enumeration: a name, not a text
        case str():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
