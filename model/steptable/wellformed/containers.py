"""The sorts of expressions over maps, queues and bags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from steptable import expr
from steptable.sorts import TRUTH, Bag, Integer, Map, Optional, Queue, Sort
from steptable.wellformed.fitting import Present

if TYPE_CHECKING:
    from steptable.wellformed.sorting import Sorter


def sort_of_container(sorter: Sorter, node: expr.Node, present: Present) -> Sort | None:
    """The sort of an expression over a map, a queue or a bag, or None where it has a fault."""
    match node:
        case expr.Lookup(of) | expr.Put(of) | expr.Every(of) | expr.Where(of):
            return _of_map(sorter, node, sorter.sort(of, present), present)
        case expr.Length(of) | expr.Head(of) | expr.Push(of) | expr.Pop(of):
            return _of_queue(sorter, node, sorter.sort(of, present), present)
        case expr.Count(of) | expr.Change(of):
            return _of_bag(sorter, node, sorter.sort(of, present), present)
    raise TypeError(f"{type(node).__name__} has no sort")


def _of_map(sorter: Sorter, node: expr.Node, sort: Sort | None, present: Present) -> Sort | None:
    if not isinstance(sort, Map):
        if sort is not None:
            sorter.fault(node, f"{sort} is no map", "use a field that is a map", "sort")
        return None
    match node:
        case expr.Lookup(key=key):
            sorter.expect(key, sort.key, "the key", present)
            return Optional(sort.value)
        case expr.Put(key=key, value=value):
            sorter.expect(key, sort.key, "the key", present)
            sorter.expect(value, sort.value, "the value", present)
        case expr.Every(name=name, body=body) | expr.Where(name=name, body=body):
            if name in sorter.scope:
                # Targets call both by that name, so that the inner one would hide the outer.
                problem = f"the variable '{name}' has the name of what can be read here"
                sorter.fault(node, problem, "rename the variable", "duplicate-name")
            inside = replace(sorter, scope={**sorter.scope, name: sort.value})
            inside.expect(body, TRUTH, "the condition", present)
    return TRUTH if isinstance(node, expr.Every) else sort


def _of_queue(sorter: Sorter, node: expr.Node, sort: Sort | None, present: Present) -> Sort | None:
    if not isinstance(sort, Queue):
        if sort is not None:
            sorter.fault(node, f"{sort} is no queue", "use a variable that is a queue", "sort")
        return None
    match node:
        case expr.Length():
            return Integer(0, sort.capacity)
        case expr.Head():
            return Optional(sort.of)
        case expr.Push(value=value):
            sorter.expect(value, sort.of, "the value", present)
    return sort


def _of_bag(sorter: Sorter, node: expr.Node, sort: Sort | None, present: Present) -> Sort | None:
    if not isinstance(sort, Bag):
        if sort is not None:
            sorter.fault(node, f"{sort} is no bag", "use a variable that is a bag", "sort")
        return None
    match node:
        case expr.Count(value=value) | expr.Change(value=value):
            sorter.expect(value, sort.of, "the value", present)
    return Integer(0, sort.most) if isinstance(node, expr.Count) else sort
