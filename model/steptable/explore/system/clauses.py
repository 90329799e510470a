"""Takes a condition apart by what it means: into clauses, all of which must hold.

Each clause is a disjunction of parts. Negations are pushed inwards as far as connectives go, and
what is spelled as a choice, as a comparison with one, or by way of a fallback is opened up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.interpreter.evaluate import COMPARE
from steptable.sorts import TRUTH

ALWAYS: Final = expr.Const(True, TRUTH)
_NEVER: Final = expr.Const(False, TRUTH)

_MOST: Final = 64
"""Parts of a disjunction that would make more clauses than this are not taken apart."""


@dataclass(frozen=True)
class Part:
    """One part of a clause: that something is so, or is not."""

    node: expr.Node
    is_negated: bool = False
    given: tuple[expr.Node, ...] = ()
    """What goes before it in a conjunction, and so holds wherever it is read."""

    @property
    def opposite(self) -> expr.Node:
        return self.node if self.is_negated else expr.negate(self.node)


Clause: TypeAlias = tuple[Part, ...]


def clauses_of(condition: expr.Node) -> list[Clause]:
    """A condition as clauses, all of which hold where it does."""
    match _opened(condition):
        case expr.Const(value=bool() as value):
            return [] if value else [()]
        case expr.And(items):
            return list(_of_all(items))
        case expr.Or(items):
            return _either((item, _possible(item)) for item in _flat(items, expr.Or))
        case expr.Not(expr.And(items)):
            denied = (expr.Not(item) for item in _flat(items, expr.And))
            return _either((item, _impossible(item.item)) for item in denied)
        case expr.Not(expr.Or(items)):
            return list(_of_all(expr.Not(item) for item in items))
        case expr.If(test, then, otherwise):
            return [*_where(test, then), *_where(expr.Not(test), otherwise)]
        case expr.Not(expr.If(test, then, otherwise)):
            return [*_where(test, expr.Not(then)), *_where(expr.Not(test), expr.Not(otherwise))]
        case expr.Iff(left, right):
            return [*_where(left, right), *_where(right, left)]
        case expr.Not(item):
            return [(Part(item, is_negated=True),)]
        case item:
            return [(Part(item),)]


def _of_all(items: Iterable[expr.Node]) -> Iterator[Clause]:
    """The clauses of a conjunction; what is read in one relies on what goes before it."""
    given: tuple[expr.Node, ...] = ()
    for item in items:
        for clause in clauses_of(item):
            yield tuple(replace(part, given=(*given, *part.given)) for part in clause)
        given = (*given, item)


def _where(premise: expr.Node, conclusion: expr.Node) -> list[Clause]:
    """The clauses of an implication."""
    denied: list[Clause] = [(Part(premise, is_negated=True),)]
    return _either([(expr.Not(premise), denied), (conclusion, _possible(conclusion))])


def _either(parts: Iterable[tuple[expr.Node, list[Clause]]]) -> list[Clause]:
    """The clauses of a disjunction, out of its parts and of the clauses of each."""
    found: list[Clause] = [()]
    for item, clauses in parts:
        apart = clauses if len(found) * len(clauses) <= _MOST else [(_whole(item),)]
        found = [(*before, *clause) for before, clause in product(found, apart)]
    return [tuple(dict.fromkeys(clause)) for clause in found]


def _whole(item: expr.Node) -> Part:
    """A part of a disjunction that is not taken apart."""
    match item:
        case expr.Not(inside):
            return Part(inside, is_negated=True)
    return Part(item)


def _possible(item: expr.Node) -> list[Clause]:
    """The clauses of a part of a disjunction. A negation is a premise as a whole, and a
    conjunction a conclusion, unless there are premises within it.
    """
    match item:
        case expr.Not(inside) if not isinstance(_opened(inside), expr.Const):
            return [(Part(inside, is_negated=True),)]
    clauses = clauses_of(item)
    taken_apart = any(len(clause) > 1 for clause in clauses)
    if len(clauses) > 1 and (not taken_apart or len(clauses) > _MOST):
        return [(Part(item),)]
    return clauses


def _impossible(item: expr.Node) -> list[Clause]:
    """The clauses of the opposite of a part of a conjunction that must not hold."""
    match _opened(item):
        case expr.Not(inside):
            return _possible(inside)
        case expr.Compare("!=", left, right):
            return [(Part(expr.Compare("==", left, right)),)]
        case expr.Const(value=bool() as value):
            return [()] if value else []
        case opened:
            return [(Part(opened, is_negated=True),)]


def _flat(items: Iterable[expr.Node], kind: type[expr.And] | type[expr.Or]) -> Iterator[expr.Node]:
    for item in items:
        if isinstance(item, kind):
            yield from _flat(item.items, kind)
        else:
            yield item


# ── Other spellings ──────────────────────────────────────────────────────────────────


def _opened(node: expr.Node) -> expr.Node:
    """A condition by its connectives, where it is spelled as a comparison or as a choice."""
    match node:
        case expr.And((item,)) | expr.Or((item,)) | expr.Not(expr.Not(item)):
            return _opened(item)
        case expr.And(()):
            return ALWAYS
        case expr.Or(()) | expr.Const(value=False):
            return _NEVER
        case expr.Not(item):
            return _opened_negation(node, item)
        case expr.If(test, then, otherwise):
            match _opened(then), _opened(otherwise):
                case expr.Const(value=bool() as one), expr.Const(value=bool() as other):
                    if one == other:
                        return expr.Const(one, TRUTH)
                    return _opened(test if one else expr.Not(test))
        case expr.Compare(op, left, right):
            return _compared(node, op, left, right)
        case expr.Every(expr.Where(of, name, kept), other, body) if name == other or expr.Bound(
            name
        ) not in expr.walk(body):
            body = _renamed(body, other, name)
            return _opened(expr.Every(of, name, expr.Or((expr.Not(kept), body))))
    return node


def _opened_negation(node: expr.Not, item: expr.Node) -> expr.Node:
    opened = _opened(item)
    match opened:
        case expr.Const(value=bool() as value):
            return expr.Const(not value, TRUTH)
        case expr.Iff(left, right):
            return expr.Iff(left, expr.Not(right))
        case expr.Not(inside):
            return inside
    return node if opened is item else expr.Not(opened)


def _compared(
    node: expr.Node, op: expr.CompareOperator, left: expr.Node, right: expr.Node
) -> expr.Node:
    """A comparison with a choice, as a choice of comparisons where one of those is settled."""
    match left, right:
        case expr.Const(value=one), expr.Const(value=other):
            return expr.Const(COMPARE[op](one, other), TRUTH)
        case expr.Where(of, name, kept), expr.Const(value={}):
            none = expr.Every(of, name, expr.Not(kept))
            return none if op == "==" else expr.Not(none)
        case (expr.Where(of, name, kept), other) | (other, expr.Where(of, name, kept)) if (
            of == other
        ):
            every = expr.Every(of, name, kept)
            return every if op == "==" else expr.Not(every)
        case expr.If() | expr.OrElse(), _:
            return _chosen(node, left, lambda side: expr.Compare(op, side, right))
        case _, expr.If() | expr.OrElse():
            return _chosen(node, right, lambda side: expr.Compare(op, left, side))
    return node


def _chosen(
    node: expr.Node, choice: expr.If | expr.OrElse, compared: Callable[[expr.Node], expr.Node]
) -> expr.Node:
    """A comparison with a choice; as it is where neither way of that settles it."""
    match choice:
        case expr.If(test, then, otherwise):
            pass
        case expr.OrElse(item, otherwise):
            test, then = expr.Present(item), expr.Value(item)
    ways = _opened(compared(then)), _opened(compared(otherwise))
    if ways[0] == ways[1]:
        return ways[0]
    if any(isinstance(way, expr.Const) for way in ways):
        return _opened(expr.If(test, *ways))
    return node


def _renamed(node: expr.Node, old: str, new: str) -> expr.Node:
    """A node with another name for a value that is bound around it."""

    def inside(value: Any) -> Any:
        match value:
            case expr.Node():
                return _renamed(value, old, new)
            case tuple():
                return tuple(inside(item) for item in value)
        return value

    match node:
        case expr.Bound(name):
            return expr.Bound(new) if name == old else node
        case expr.Every(name=name) | expr.Where(name=name) if name == old:
            return replace(node, map=_renamed(node.map, old, new))
    parts = {part.name: getattr(node, part.name) for part in fields(node) if part.name != "at"}
    return replace(node, **{name: inside(value) for name, value in parts.items()})
