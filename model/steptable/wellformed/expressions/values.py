"""Whether plain values, as worlds start with, are values of a sort within the world's bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.errors import suggestion
from steptable.interpreter.evaluate import Tagged
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Instant,
    Integer,
    Key,
    Map,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
)
from steptable.terms import Liftable, Term
from steptable.wellformed.expressions.fitting import named_here
from steptable.world import Bounds

Wrong: TypeAlias = tuple[str, str]
"""What is wrong with a value, and what to write instead."""


def wrongs(name: str, value: Any, sort: Sort, bounds: Bounds) -> Iterator[Wrong]:
    """Whatever is wrong with a value that stands under some name."""
    match sort:
        case _ if isinstance(value, Term | Liftable):
            yield _term(name, value)
        case Optional(of=of):
            if value is not None:
                yield from wrongs(name, value, of, bounds)
        case Opaque():
            yield from _carried(name, value, sort)
        case Record():
            yield from _record(name, value, sort, bounds)
        case Variant():
            yield from _payload(name, value, sort, bounds)
        case Queue(of=of, capacity=capacity):
            if not isinstance(value, tuple):
                yield _not(name, value, sort), "write a tuple, () for an empty queue"
            elif len(value) > capacity:
                yield (
                    f"'{name}' has {len(value)} values, and room for {capacity}",
                    "make it longer, or start with less",
                )
            else:
                for at, item in enumerate(value):
                    yield from wrongs(f"{name}[{at}]", item, of, bounds)
        case Map(key=key, value=of):
            for at, item in _entries(value):
                yield from _key(name, at, key, bounds)
                yield from wrongs(f"{name}[{at}]", item, of, bounds)
            if not isinstance(value, dict):
                empty = "with every key" if sort.total else "{} for an empty map"
                yield _not(name, value, sort), f"write a dict, {empty}"
            elif sort.total:
                for at in domain(key, bounds) or ():
                    if at not in value:
                        problem = f"'{name}' is a {sort}, and has no value of {at!r}"
                        yield problem, "give a value to every key"
        case Bag(of=key, most=most):
            for at, count in _entries(value):
                yield from _key(name, at, key, bounds)
                yield from wrongs(f"{name}[{at}]", count, Integer(0, most), bounds)
                if count == 0 and not isinstance(count, bool):
                    # Equal bags are equal as they are written, too.
                    yield f"'{name}' has {at!r} no times", "leave out what is not there"
            if not isinstance(value, dict):
                yield _not(name, value, sort), "write a dict, {} for an empty bag"
        case _:
            yield from _scalar(name, value, sort, bounds)


def _carried(name: str, value: Any, sort: Sort | None) -> Iterator[Wrong]:
    """Whatever is wrong with a value that is opaque, or within one: it need be within no bounds."""
    no = f"'{name}' can't be {value!r}, which is no"
    match sort:
        case Opaque(shape="value", of=of):
            yield from _carried(name, value, of)
        case Opaque(shape="list", of=of) if isinstance(value, tuple):
            for at, item in enumerate(value):
                yield from _carried(f"{name}[{at}]", item, of)
        case Opaque(shape="map", of=of) if isinstance(value, dict):
            for at, item in value.items():
                if not isinstance(at, str):
                    yield f"'{name}' has the key {at!r}, which is no text", "write a text"
                yield from _carried(f"{name}[{at}]", item, of)
        case Opaque(shape=shape):
            kinds, advice = _SHAPES.get(shape, ((object,), ""))
            if type(value) not in kinds:
                yield f"{no} {sort}", f"write {advice}"
        case Symbol() if not isinstance(value, str):
            yield f"{no} {sort}", "write a text"
        case Instant() | Duration() if type(value) is not int:
            yield f"{no} {sort}", "write a number of seconds"
        case None | Symbol() | Instant() | Duration():
            return
        case _:
            yield from wrongs(name, value, sort, Bounds())


_SHAPES: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "text": ((str,), "a text"),
    "number": ((int, float), "a number"),
    "flag": ((bool,), "True or False"),
    "list": ((tuple,), "a tuple, () for an empty list"),
    "map": ((dict,), "a dict, {} for an empty map"),
}
"""What holds the values of an opaque sort, and how to write one. One of another shape is a fault of
the sort, and a payload is held by nothing."""


def domain(sort: Sort, bounds: Bounds) -> Sequence[Any] | None:
    """The values of a scalar sort in a world, or None of an integer that nothing bounds."""
    match sort:
        case Truth():
            return (False, True)
        case Enum():
            return sort.values
        case Symbol():
            return bounds.of(sort)
        case Instant() | Duration():
            return bounds.instants
        case Integer(low, high):
            known = range(low, high + 1)
            return bounds.numbers if is_large(sort) and bounds.numbers else known
    return None


def is_large(sort: Integer) -> bool:
    """Whether an integer has too many values for a finite world."""
    return sort.high - sort.low >= 4096


def _scalar(name: str, value: Any, sort: Sort, bounds: Bounds) -> Iterator[Wrong]:
    known = domain(sort, bounds)
    if not known:
        return  # a fault of the sort or of the bounds, not of the value
    kind = bool if isinstance(sort, Truth) else str if isinstance(sort, Enum | Symbol) else int
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if fits and value in known:
        return
    if isinstance(value, tuple):
        yield _not(name, value, sort), "write a list for a free choice"
    elif isinstance(known, range):
        yield _not(name, value, sort), f"write an integer from {known[0]} to {known[-1]}"
    elif kind is str:
        yield _not(name, value, sort), suggestion(str(value), known)
    else:
        yield _not(name, value, sort), f"write one of: {', '.join(map(str, known))}"


def _not(name: str, value: Any, sort: Sort) -> str:
    return f"'{name}' can't be {value!r}, which is no {named_here(sort)}"


def _term(name: str, value: Term | Liftable) -> Wrong:
    node = value.node if isinstance(value, Term) else value.as_node()
    if isinstance(node, expr.Unknown):
        return f"there is no {node.what} '{node.name}'", suggestion(node.name, node.known)
    if isinstance(node, expr.Const):
        return f"'{name}' is an expression", f"write {node.value!r}"
    return f"'{name}' is an expression", "write a plain value"


def _entries(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _key(name: str, at: Any, sort: Key, bounds: Bounds) -> Iterator[Wrong]:
    known = domain(sort, bounds) or ()
    # To Python, True and 1.0 are the very key 1 of a dict.
    if type(at) is (int if isinstance(sort, Integer) else str) and at in known:
        return
    problem = f"'{name}' has the key {at!r}, which is no {named_here(sort)}"
    if isinstance(known, range) and known:
        yield problem, f"write an integer from {known[0]} to {known[-1]}"
    else:
        yield problem, suggestion(str(at), list(map(str, known)))


def _record(name: str, value: Any, sort: Record, bounds: Bounds) -> Iterator[Wrong]:
    if not isinstance(value, dict):
        yield _not(name, value, sort), f"write a dict with {', '.join(sort.names)}"
        return
    for part, item in value.items():
        field = sort.get(part)
        if field is None:
            yield f"{sort} has no field '{part}'", suggestion(part, sort.names)
        else:
            yield from wrongs(f"{name}.{part}", item, field.sort, bounds)
    for part in sort.names:
        if part not in value:
            yield f"'{name}' leaves '{part}' unset", f"give '{part}', None for nothing"


def _payload(name: str, value: Any, sort: Variant, bounds: Bounds) -> Iterator[Wrong]:
    case = sort.case(value.name) if isinstance(value, Tagged) else None
    if case is None:
        names = ", ".join(case.name for case in sort.cases)
        yield _not(name, value, sort), f"write Tagged(kind, fields) with a kind out of: {names}"
    else:
        yield from _record(name, value.fields, case, bounds)
