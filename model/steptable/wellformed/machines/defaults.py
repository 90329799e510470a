"""Whether the default of each field is a value of its sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from steptable import expr
from steptable.errors import Fault
from steptable.machine import Machine
from steptable.sorts import (
    MISSING,
    Enum,
    Field,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)
from steptable.wellformed.expressions.fitting import advice_for, fits
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.machines.declared import all_records


def check_defaults(machine: Machine) -> list[Fault]:
    """Faults of defaults that their field can't hold."""
    return [
        fault
        for record in all_records(machine)
        for part in record
        if part.default is not MISSING
        for fault in _faults(machine, record, part)
    ]


def _faults(machine: Machine, record: Record, part: Field) -> Iterator[Fault]:
    where, at = f"{record}, field '{part.name}'", part.at or machine.at
    if isinstance(part.default, expr.Node):
        sorter = Sorter(where, at, {})
        sorter.expect(part.default, part.sort, "its default")
        yield from sorter.faults
        if not sorter.faults and not _is_plain(part.default):
            problem, advice = "its default is computed", "write the value itself"
            yield Fault(at, where, problem, advice, "computed-default")
    elif not _holds(part.sort, part.default):
        problem = f"its default is {part.default!r}, not {part.sort}"
        advice = advice_for(_constant(part.default), part.sort, None)
        yield Fault(at, where, problem, advice, "sort")


def _is_plain(node: expr.Node) -> bool:
    """Whether a default is a constant, or a record of constants."""
    if isinstance(node, expr.Make):
        return all(_is_plain(value) for _, value in node.fields)
    return isinstance(node, expr.Const)


def _constant(value: Any) -> expr.Const:
    return expr.Const(value, Symbol("text") if isinstance(value, str) else None)


def _holds(sort: Sort, value: Any) -> bool:
    """Whether a field of that sort can hold a plain value of Python."""
    match sort:
        case Optional(of=of):
            return value is None or _holds(of, value)
        case Truth() | Opaque(shape="flag"):
            return isinstance(value, bool)
        case Integer(low, high):
            return type(value) is int and low <= value <= high
        case Opaque(shape="number"):
            return type(value) in (int, float)
        case Opaque(shape="text"):
            return isinstance(value, str)
        case Enum(values=values):
            return value in values
        case Symbol():
            return isinstance(value, str) and fits(_constant(value), sort, Symbol("text"))
        case Opaque(shape="list"):
            return isinstance(value, tuple)
        case Map() | Opaque(shape="map"):
            return bool(value == {})
    return False
