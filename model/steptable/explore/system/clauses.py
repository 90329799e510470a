"""Takes a condition apart by what it means: into clauses, all of which must hold.

Each clause is a disjunction of parts. Negations are pushed inwards as far as connectives go, and
what is spelled as a choice, as a comparison with one, or by way of a fallback is opened up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, TypeAlias, assert_never

from steptable import expr
from steptable.interpreter.evaluate import COMPARE
from steptable.sorts import TRUTH

_NONE: Final = {("==", 0), ("<", 1), ("<=", 0)}
"""How it is said of a number of things that there is none."""

ALWAYS: Final = expr.Const(True, TRUTH)
_NEVER: Final = expr.Const(False, TRUTH)

_MOST: Final = 64
"""Parts of a disjunction that would make more clauses than this are not taken apart."""


_Atom: TypeAlias = (
    expr.Unknown
    | expr.Root
    | expr.Bound
    | expr.Attr
    | expr.Part
    | expr.OfNumbers
    | expr.OfOptional
    | expr.OfContainer
    | expr.OfRecord
    | expr.OfEvent
)
"""What has no connectives to take apart."""


@dataclass(frozen=True)
class Part:
    """One part of a clause: that something is so, or is not."""

    node: expr.Node
    is_negated: bool = False
    relied_on: tuple[expr.Node, ...] = ()
    """What goes before it in a conjunction, and so holds wherever it is read."""

    @property
    def opposite(self) -> expr.Node:
        return self.node if self.is_negated else expr.negate(self.node)


Clause: TypeAlias = tuple[Part, ...]


def clauses_of(condition: expr.Node) -> list[Clause]:
    """A condition as clauses, all of which hold where it does."""
    item = _opened(condition)
    if isinstance(item, _Atom):
        return [(Part(item),)]
    match item:
        case expr.Const(value):
            return [] if value else [()]
        case expr.And(items):
            return list(_of_all(items))
        case expr.Or(items):
            return _either((item, _possible(item)) for item in _flat(items, expr.Or))
        case expr.If(test, then, otherwise):
            return [*_where(test, then), *_where(expr.Not(test), otherwise)]
        case expr.Iff(left, right):
            return [*_where(left, right), *_where(right, left)]
        case expr.Not(inside):
            return _clauses_against(inside)
        case expr.Compare() | expr.Arithmetic():
            return [(Part(item),)]
        case _:
            assert_never(item)


def _clauses_against(item: expr.Node) -> list[Clause]:
    """The clauses of a negation that has been opened."""
    if isinstance(item, expr.And):
        items = list(_flat(item.items, expr.And))
        return _either((expr.Not(part), _impossible(part)) for part in items)
    if isinstance(item, expr.Or):
        return list(_of_all(expr.Not(part) for part in item.items))
    if isinstance(item, expr.If):
        test, then, otherwise = item.test, expr.Not(item.then), expr.Not(item.otherwise)
        return [*_where(test, then), *_where(expr.Not(test), otherwise)]
    return [(Part(item, is_negated=True),)]


def _of_all(items: Iterable[expr.Node]) -> Iterator[Clause]:
    """The clauses of a conjunction; what is read in one relies on what goes before it."""
    before: tuple[expr.Node, ...] = ()
    for item in items:
        for clause in clauses_of(item):
            yield tuple(replace(part, relied_on=(*before, *part.relied_on)) for part in clause)
        before = (*before, item)


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
    return Part(item.item, is_negated=True) if isinstance(item, expr.Not) else Part(item)


def _possible(item: expr.Node) -> list[Clause]:
    """The clauses of a part of a disjunction. A negation is a premise as a whole, and a
    conjunction a conclusion, unless there are premises within it.
    """
    if isinstance(item, expr.Not) and not isinstance(_opened(item.item), expr.Const):
        return [(Part(item.item, is_negated=True),)]
    clauses = clauses_of(item)
    taken_apart = any(len(clause) > 1 for clause in clauses)
    if len(clauses) > 1 and (not taken_apart or len(clauses) > _MOST):
        return [(Part(item),)]
    return clauses


def _impossible(item: expr.Node) -> list[Clause]:
    """The clauses of the opposite of a part of a conjunction that must not hold."""
    opened = _opened(item)
    if isinstance(opened, expr.Not):
        return _possible(opened.item)
    if isinstance(opened, expr.Compare) and opened.op == "!=":
        return [(Part(expr.Compare("==", opened.left, opened.right)),)]
    if isinstance(opened, expr.Const):
        return [()] if opened.value else []
    return [(Part(opened, is_negated=True),)]


def _flat(
    items: Iterable[expr.Node], kind: type[expr.And[expr.Node]] | type[expr.Or[expr.Node]]
) -> Iterator[expr.Node]:
    for item in items:
        if isinstance(item, kind):
            yield from _flat(item.items, kind)
        else:
            yield item


# ── Other spellings ──────────────────────────────────────────────────────────────────


def _opened(node: expr.Node) -> expr.Node:
    """A condition by its connectives, where it is spelled as a comparison or as a choice."""
    if isinstance(node, _Atom):
        return _opened_every(node) if isinstance(node, expr.Every) else node
    match node:
        case expr.Const(value):
            return ALWAYS if value else _NEVER
        case expr.And(()):
            return ALWAYS
        case expr.Or(()):
            return _NEVER
        case expr.And(items) | expr.Or(items):
            return _opened(items[0]) if len(items) == 1 else node
        case expr.Not(expr.Not(item)):
            return _opened(item)
        case expr.Not(item):
            return _opened_negation(node, item)
        case expr.If(test, then, otherwise):
            one, other = _opened(then), _opened(otherwise)
            if not (isinstance(one, expr.Const) and isinstance(other, expr.Const)):
                return node
            if one.value == other.value:
                return one
            return _opened(test if one.value else expr.Not(test))
        case expr.Compare(op, left, right):
            return _compared(node, op, left, right)
        case expr.Iff() | expr.Arithmetic():
            return node
        case _:
            assert_never(node)


def _opened_every(node: expr.Every) -> expr.Node:
    """What is said of every value of a part of a map, as said of the whole map."""
    if not isinstance(part := node.map, expr.Where):
        return node
    # No name may come to mean something else that the other condition speaks of.
    read = {item.name for item in expr.walk(node.body) if isinstance(item, expr.Bound)}
    if {part.name, part.key} & (read - {node.name, node.key}):
        return node
    if (
        part.name == node.key
        or part.key == node.name
        or expr.Bound(str(node.key)) in expr.walk(part.body)
    ):
        return node
    body = _renamed(node.body, node.name, part.name)
    if node.key is not None and part.key is not None:
        body = _renamed(body, node.key, part.key)
    conclusion = expr.Or((expr.Not(part.body), body))
    return _opened(expr.Every(part.map, part.name, conclusion, part.key or node.key))


def _opened_negation(node: expr.Not[expr.Node], item: expr.Node) -> expr.Node:
    opened = _opened(item)
    if isinstance(opened, expr.Const):
        return expr.Const(not opened.value, TRUTH)
    if isinstance(opened, expr.Iff):
        return expr.Iff(opened.left, expr.Not(opened.right))
    if isinstance(opened, expr.Not):
        return opened.item
    if isinstance(opened, expr.Some):
        return expr.Every(opened.map, opened.name, expr.Not(opened.body), opened.key)
    return node if opened is item else expr.Not(opened)


def _compared(
    node: expr.Node, op: expr.CompareOperator, left: expr.Node, right: expr.Node
) -> expr.Node:
    """A comparison with a choice, as a choice of comparisons where one of those is settled."""
    match left, right:
        case expr.Const(value=one), expr.Const(value=other):
            return expr.Const(COMPARE[op](one, other), TRUTH)
        case expr.Where(of, name, kept, key), expr.Const(value={}):
            some = expr.Some(of, name, kept, key)
            return _opened(expr.Not(some)) if op == "==" else some
        case (expr.Where(of, name, kept, key), other) | (
            other,
            expr.Where(of, name, kept, key),
        ) if of == other:
            every = expr.Every(of, name, kept, key)
            return every if op == "==" else expr.Not(every)
        case expr.CountWhere(of, name, counted, key), expr.Const(value=int() as least):
            some = expr.Some(of, name, counted, key)
            if (op, least) in _NONE:
                return _opened(expr.Not(some))
            return some if (expr.OPPOSITE[op], least) in _NONE else node
        case expr.Const(value=int()), expr.CountWhere():
            return _compared(node, expr.MIRRORED[op], right, left)
        case expr.If() | expr.OrElse(), _:
            return _chosen(node, left, lambda side: expr.Compare(op, side, right))
        case _, expr.If() | expr.OrElse():
            return _chosen(node, right, lambda side: expr.Compare(op, left, side))
    return node


def _chosen(
    node: expr.Node,
    choice: expr.If[expr.Node] | expr.OrElse,
    compared: Callable[[expr.Node], expr.Node],
) -> expr.Node:
    """A comparison with a choice; as it is where neither way of that settles it."""
    match choice:
        case expr.If(test, then, otherwise):
            pass
        case expr.OrElse(item, otherwise):
            test, then = expr.Present(item), expr.Value(item)
        case _:
            assert_never(choice)
    ways = _opened(compared(then)), _opened(compared(otherwise))
    if ways[0] == ways[1]:
        return ways[0]
    if any(isinstance(way, expr.Const) for way in ways):
        return _opened(expr.If(test, *ways))
    return node


def _renamed(node: expr.Node, old: str, new: str) -> expr.Node:
    """A node with another name for a value that is bound around it."""

    def inside(part: expr.Node) -> expr.Node:
        return _renamed(part, old, new)

    if isinstance(node, expr.Bound):
        return expr.Bound(new) if node.name == old else node
    if isinstance(node, expr.ThroughMap) and old in (node.name, node.key):
        return replace(node, map=inside(node.map))
    return expr.rebuild(node, inside)
