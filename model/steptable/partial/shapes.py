"""Takes values apart into scalar variables with finite domains, and puts scalars together.

Variables are called by their paths: `host.soak_due_at?` is whether there is a deadline,
`host.soak_due_at` which; `host.probes[a]?` is whether probe a has a record,
`host.probes[a].status` its status. The value of an absent optional is always the first of its
domain, so that equal states have equal scalars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steptable import expr
from steptable.errors import UsageError
from steptable.interpreter.evaluate import Tagged
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar, constant
from steptable.partial.stand_ins import stand_in
from steptable.partial.symbolic import (
    ABSENT,
    Symbolic,
    SymbolicBag,
    SymbolicMap,
    SymbolicOptional,
    SymbolicQueue,
    SymbolicRecord,
    SymbolicVariant,
    as_option,
)
from steptable.partial.variables import MOST_VALUES, Reader, Variable
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
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
from steptable.world import Bounds


@dataclass
class Decomposer:
    """Declares the variables of values under a world's bounds."""

    bounds: Bounds
    variables: dict[str, Variable] = field(default_factory=dict)

    def shape(self, path: Path, sort: Sort, read: Reader) -> Symbolic:
        """A value of a sort, all of whose scalars are variables."""
        match sort:
            case Optional(of=of):
                present = self._declare(path.presence, Truth(), lambda w: read(w) is not None)
                return SymbolicOptional(present, self.shape(path, of, read))
            case Record(fields=fields):
                return SymbolicRecord(
                    {
                        part.name: self.shape(
                            path.field(part.name), part.sort, _field_of(read, part.name)
                        )
                        for part in fields
                    }
                )
            case Map(key=key, value=value):
                entries = {
                    at: self.shape(path.entry(at), Optional(value), _field_of(read, at))
                    for at in self.bounds.of(key)
                }
                return SymbolicMap({at: as_option(entry) for at, entry in entries.items()})
            case Queue(of=of, capacity=capacity):
                length = Integer(0, capacity)
                return SymbolicQueue(
                    self._declare(path.length, length, lambda w: _length(read(w))),
                    tuple(
                        self.shape(path.slot(at), of, _item_of(read, at)) for at in range(capacity)
                    ),
                    self.blank(of),
                )
            case Bag(of=of, most=most):
                count = Integer(0, most)
                values = self.domain(str(path), of)
                return SymbolicBag(
                    {at: self._declare(path.entry(at), count, _count_of(read, at)) for at in values}
                )
            case Variant():
                kind = self._declare(path.field("kind"), sort.shared.fields[0].sort, _kind_of(read))
                parts = {
                    part.name: self.shape(
                        path.field(part.name), part.sort, _field_of(read, part.name)
                    )
                    for part in union(sort)
                }
                return SymbolicVariant(kind, parts)
            case _:
                return self._declare(path, sort, read)

    def blank(self, sort: Sort) -> Symbolic:
        """The value that stands where there is none: the first of every domain."""
        match sort:
            case Optional():
                return ABSENT
            case Record(fields=fields):
                return SymbolicRecord({part.name: self.blank(part.sort) for part in fields})
            case Map():
                return SymbolicMap({})
            case Queue(of=of, capacity=capacity):
                return SymbolicQueue(constant(0), (self.blank(of),) * capacity, self.blank(of))
            case Bag():
                return SymbolicBag({})
            case Variant():
                kinds = sort.shared.fields[0].sort
                blanks = {part.name: self.blank(part.sort) for part in union(sort)}
                return SymbolicVariant(constant(self.domain("kind", kinds)[0]), blanks)
            case _:
                return constant(self.domain("blank", sort)[0])

    def tagged(self, sort: Variant, kind: str, fields: Mapping[str, Symbolic]) -> SymbolicVariant:
        """A payload of a known kind."""
        blank = self.blank(sort)
        assert isinstance(blank, SymbolicVariant)
        case = sort.case(kind)
        assert case is not None
        own = {name: fields[name] for name in case.names}
        return SymbolicVariant(constant(kind), {**blank.fields, **own})

    def concrete(self, sort: Sort, value: Any) -> Symbolic:
        """A value that is wholly known."""
        match sort:
            case Optional(of=of):
                if value is None:
                    return ABSENT
                return SymbolicOptional(constant(True), self.concrete(of, value))
            case Record(fields=fields):
                return SymbolicRecord(
                    {p.name: self.concrete(p.sort, value[p.name]) for p in fields}
                )
            case Map(value=of):
                return SymbolicMap(
                    {
                        at: SymbolicOptional(constant(True), self.concrete(of, item))
                        for at, item in value.items()
                    }
                )
            case Queue(of=of, capacity=capacity):
                items = [self.concrete(of, item) for item in value]
                blanks = [self.blank(of)] * (capacity - len(items))
                return SymbolicQueue(constant(len(items)), (*items, *blanks), self.blank(of))
            case Bag():
                return SymbolicBag({at: constant(count) for at, count in value.items()})
            case Variant():
                case = sort.case(value.name)
                assert case is not None
                parts = {p.name: self.concrete(p.sort, value.fields[p.name]) for p in case}
                return self.tagged(sort, value.name, parts)
            case _:
                return constant(value)

    def _declare(self, path: Path, sort: Sort, read: Reader) -> Scalar:
        variable = Variable(path, sort, self.domain(str(path), sort), read)
        self.variables[variable.name] = variable
        return expr.Bound(variable.name)

    def domain(self, name: str, sort: Sort) -> tuple[Any, ...]:
        """The values of a scalar sort under the bounds."""
        match sort:
            case Truth():
                return (False, True)
            case Enum():
                return sort.values
            case Symbol() if values := self.bounds.of(sort):
                return values
            case Instant():
                return self.bounds.instants
            case Integer(low, high) if high - low < MOST_VALUES:
                return tuple(range(low, high + 1))
            case Integer(low=low):
                if self.bounds.numbers:
                    return self.bounds.numbers
                return (max(low, 0),)  # stands in; a fault if something depends on it
            case Duration():
                return self.bounds.instants
            case Opaque():
                return (stand_in(sort),)
        raise UsageError(f"{name}: {sort} has no finite domain in a world")


def assemble(path: Path, sort: Sort, values: Mapping[Path, Any]) -> Any:
    """The whole value of a sort, out of the values of its variables; others stand in."""
    match sort:
        case Optional(of=of):
            return assemble(path, of, values) if values.get(path.presence) else None
        case Record(fields=fields):
            return {
                part.name: assemble(path.field(part.name), part.sort, values) for part in fields
            }
        case Map():
            raise UsageError(f"{path}: an event can't carry a map in a world")
        case _:
            return values[path]


def _field_of(read: Reader, name: str) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        if isinstance(value, Tagged):
            return value.fields.get(name)
        return None if value is None else value.get(name)

    return found


def _kind_of(read: Reader) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        return None if value is None else value.name

    return found


def _item_of(read: Reader, at: int) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        return value[at] if value is not None and at < len(value) else None

    return found


def _count_of(read: Reader, at: str) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        return 0 if value is None else value.get(at, 0)

    return found


def _length(value: Any) -> int:
    return 0 if value is None else len(value)


def union(sort: Variant) -> list[Field]:
    """The fields of all cases, each name once; the same name must mean the same sort."""
    fields: dict[str, Field] = {}
    for part in (part for case in sort.cases for part in case):
        if fields.setdefault(part.name, part).sort != part.sort:
            raise UsageError(f"{sort}: '{part.name}' has several sorts, which no queue can hold")
    return list(fields.values())
