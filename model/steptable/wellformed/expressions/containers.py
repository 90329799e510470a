"""The sorts of expressions over maps, queues and bags."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from steptable import expr
from steptable.sorts import TRUTH, Bag, Integer, Map, Optional, Queue, Sort
from steptable.wellformed.expressions.fitting import Present
from steptable.wellformed.expressions.scope import Scope
from steptable.wellformed.expressions.values import domain
from steptable.world import Bounds

_MOST: Final = 2**32 - 1
"""How many keys a map can have whose keys no world bounds."""


def sort_of_container(scope: Scope, node: expr.OfContainer, present: Present) -> Sort | None:
    """The sort of an expression over a map, a queue or a bag, or None where it has a fault."""
    match node:
        case expr.Lookup(of) | expr.Put(of):
            return _of_map(scope, node, scope.sort(of, present), present)
        case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
            return _of_map(scope, node, scope.sort(node.map, present), present)
        case expr.Length(of) | expr.Head(of) | expr.Push(of) | expr.Pop(of):
            return _of_queue(scope, node, scope.sort(of, present), present)
        case expr.Count(of) | expr.Change(of):
            return _of_bag(scope, node, scope.sort(of, present), present)
        case _:
            assert_never(node)


def _of_map(
    scope: Scope,
    node: expr.Lookup | expr.Put | expr.ThroughMap,
    sort: Sort | None,
    present: Present,
) -> Sort | None:
    if not isinstance(sort, Map):
        if sort is not None:
            scope.fault(node, f"{sort} is no map", "use a field that is a map", "sort")
        return None
    match node:
        case expr.Where() if sort.total:
            problem = f"a {sort} has a value of every key, and what is left of it has not"
            scope.fault(node, problem, "write .every(...), or declare a map without total", "sort")
            return None
        case expr.Lookup(key=key):
            scope.expect(key, sort.key, "the key", present)
            return sort.value if sort.total else Optional(sort.value)
        case expr.Put(key=key, value=value):
            scope.expect(key, sort.key, "the key", present)
            scope.expect(value, sort.value, "the value", present)
        case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
            _asked_of_each(scope, node, sort, present)
            return _answer(scope, node, sort)
        case _:
            assert_never(node)
    return sort


def _asked_of_each(scope: Scope, node: expr.ThroughMap, sort: Map, present: Present) -> None:
    bound: dict[str, Sort] = {node.name: sort.value}
    if node.key is not None:
        if node.key == node.name:
            problem = f"a value and its key are both called '{node.name}'"
            scope.fault(node, problem, "rename one of them", "duplicate-name")
        bound = {node.key: sort.key, **bound}
    for name in bound:
        if name in scope.roots:
            # Targets call both by that name, so that the inner one would hide the outer.
            problem = f"the variable '{name}' has the name of what can be read here"
            scope.fault(node, problem, "rename the variable", "duplicate-name")
    inside = replace(scope, roots={**scope.roots, **bound})
    inside.expect(node.body, TRUTH, "the condition", present)


def _answer(scope: Scope, node: expr.ThroughMap, sort: Map) -> Sort:
    match node:
        case expr.Every() | expr.Some():
            return TRUTH
        case expr.Where():
            return sort
        case expr.CountWhere():
            known = domain(sort.key, scope.bounds or Bounds())
            return Integer(0, len(known) if known else _MOST)
        case _:
            assert_never(node)


def _of_queue(
    scope: Scope,
    node: expr.Length | expr.Head | expr.Push | expr.Pop,
    sort: Sort | None,
    present: Present,
) -> Sort | None:
    if isinstance(node, expr.Length) and isinstance(sort, Bag):
        known = domain(sort.of, scope.bounds or Bounds()) or ()
        return Integer(0, sort.most * len(known))
    if not isinstance(sort, Queue):
        if sort is not None:
            scope.fault(node, f"{sort} is no queue", "use a variable that is a queue", "sort")
        return None
    match node:
        case expr.Length():
            return Integer(0, sort.capacity)
        case expr.Head():
            return Optional(sort.of)
        case expr.Push(value=value):
            scope.expect(value, sort.of, "the value", present)
        case expr.Pop():
            pass
        case _:
            assert_never(node)
    return sort


def _of_bag(
    scope: Scope, node: expr.Count | expr.Change, sort: Sort | None, present: Present
) -> Sort | None:
    if not isinstance(sort, Bag):
        if sort is not None:
            scope.fault(node, f"{sort} is no bag", "use a variable that is a bag", "sort")
        return None
    scope.expect(node.value, sort.of, "the value", present)
    return Integer(0, sort.most) if isinstance(node, expr.Count) else sort
