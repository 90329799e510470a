"""Takes values apart into scalar variables with finite domains, and puts scalars together.

The names are paths: `host.soak_due_at?` is whether there is a deadline, `host.soak_due_at`
which; `host.probes[a]?` is whether probe a has a record, `host.probes[a].status` its status.
The value of an absent optional is always the first of its domain, so that equal states
have equal scalars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.errors import UsageError
from steptable.interpreter.evaluate import Tagged, empty
from steptable.partial.scalar import Scalar, constant
from steptable.partial.symbolic import (
    ABSENT,
    Plain,
    Symbolic,
    SymbolicBag,
    SymbolicMap,
    SymbolicOptional,
    SymbolicQueue,
    SymbolicRecord,
    SymbolicVariant,
    as_option,
)
from steptable.sorts import (
    Bag,
    Duration,
    Enum,
    Field,
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
from steptable.world import Bounds

Reader: TypeAlias = Callable[[Any], Any]
"""Finds the value of a variable in a whole value; None where it is not there."""

MOST_VALUES: Final = 4096
"""An integer with more values than this has no place in a finite world."""


@dataclass(frozen=True)
class Variable:
    """A scalar with the values it can take. Opaque ones take a single one."""

    name: str
    sort: Sort
    domain: tuple[Any, ...]
    read: Reader = field(compare=False, repr=False)

    @property
    def is_numeric(self) -> bool:
        return isinstance(self.sort, Integer | Instant | Duration)

    def value_in(self, whole: Any) -> Any:
        """Its value in a whole value, with the stand-in for what is absent."""
        value = self.read(whole)
        if value is None or isinstance(self.sort, Opaque):
            return self.domain[0]
        if value not in self.domain:
            raise UsageError(f"{self.name} can't be {value!r} within the world's bounds")
        return value


def working_value(variable: Variable, value: Any) -> Any:
    """The value that engines compute with: numbers and truths as they are, all else by position."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return value if plain else variable.domain.index(value)


class Codes:
    """What engines compute with in the place of constants.

    A text that is not among the values of the variable it is compared with, or stored in, has a
    number that none of them has: nothing is equal to it but itself.
    """

    def __init__(self) -> None:
        self.others: dict[Any, int] = {}

    def of(self, value: Any, place: Variable | None) -> Any:
        """The number or truth for a value; `place` is a variable whose domain has such values."""
        if place is not None and (place.is_numeric or value in place.domain):
            return working_value(place, value)
        if isinstance(value, int):
            return value
        number = self.others.setdefault(value, len(self.others))
        return number if place is None else -1 - number


def value_of(variable: Variable, working: Any) -> Any:
    """The value of a variable, out of what an engine computes with."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return working if plain else variable.domain[working]


def entry_name(name: str, key: Plain) -> str:
    """The name of what a map or a bag has of a key.

    Brackets in a key are told apart from ours: `m[a][b]` is an entry of an entry, whatever keys
    there are.
    """
    plain = re.sub(r"[\\[\]]", r"\\\g<0>", str(key))
    return f"{name}[{plain}]"


@dataclass
class Decomposer:
    """Declares the variables of values under a world's bounds."""

    bounds: Bounds
    variables: dict[str, Variable] = field(default_factory=dict)

    def shape(self, name: str, sort: Sort, read: Reader) -> Symbolic:
        """A value of a sort, all of whose scalars are variables."""
        match sort:
            case Optional(of=of):
                present = self._declare(f"{name}?", Truth(), lambda w: read(w) is not None)
                return SymbolicOptional(present, self.shape(name, of, read))
            case Record(fields=fields):
                return SymbolicRecord(
                    {
                        part.name: self.shape(
                            f"{name}.{part.name}", part.sort, _field_of(read, part.name)
                        )
                        for part in fields
                    }
                )
            case Map(key=key, value=value, total=True):
                return SymbolicRecord(
                    {
                        at: self.shape(entry_name(name, at), value, _entry_of(read, at))
                        for at in self.keys(name, key)
                    }
                )
            case Map(key=key, value=value):
                entries = {
                    at: self.shape(entry_name(name, at), Optional(value), _entry_of(read, at))
                    for at in self.keys(name, key)
                }
                return SymbolicMap({at: as_option(entry) for at, entry in entries.items()})
            case Queue(of=of, capacity=capacity):
                length = Integer(0, capacity)
                return SymbolicQueue(
                    self._declare(f"{name}#", length, lambda w: _length(read(w))),
                    tuple(
                        self.shape(f"{name}[{at}]", of, _item_of(read, at))
                        for at in range(capacity)
                    ),
                    self.blank(of),
                )
            case Bag(of=of, most=most):
                count = Integer(0, most)
                return SymbolicBag(
                    {
                        at: self._declare(entry_name(name, at), count, _count_of(read, at))
                        for at in self.keys(name, of)
                    }
                )
            case Variant():
                kind = self._declare(f"{name}.kind", sort.shared.fields[0].sort, _kind_of(read))
                parts = {
                    part.name: self.shape(
                        f"{name}.{part.name}", part.sort, _field_of(read, part.name)
                    )
                    for part in union(sort)
                }
                return SymbolicVariant(kind, parts)
            case _:
                return self._declare(name, sort, read)

    def blank(self, sort: Sort) -> Symbolic:
        """The value that stands where there is none: the first of every domain."""
        match sort:
            case Optional():
                return ABSENT
            case Record(fields=fields):
                return SymbolicRecord({part.name: self.blank(part.sort) for part in fields})
            case Map(key=key, value=value, total=True):
                return SymbolicRecord({at: self.blank(value) for at in self.keys("blank", key)})
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
            case Map(value=of, total=True):
                return SymbolicRecord({at: self.concrete(of, item) for at, item in value.items()})
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

    def keys(self, name: str, sort: Key) -> tuple[Plain, ...]:
        """The keys that a map can have, or the values that can be in a bag."""
        # Of a symbol that has no values under these bounds there are no keys.
        return self.bounds.of(sort) if isinstance(sort, Symbol) else self.domain(name, sort)

    def _declare(self, name: str, sort: Sort, read: Reader) -> Scalar:
        self.variables[name] = Variable(name, sort, self.domain(name, sort), read)
        return expr.Bound(name)

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


def has_range(variable: Variable) -> bool:
    """Whether it is a number whose own sort says which values there are, not a world's bounds."""
    sort = variable.sort
    return isinstance(sort, Integer) and sort.high - sort.low < MOST_VALUES


def is_stand_in(variable: Variable) -> bool:
    """Whether an integer has one value only because its sort is too large for a world."""
    large = isinstance(variable.sort, Integer) and not has_range(variable)
    return large and len(variable.domain) == 1


def assemble(name: str, sort: Sort, values: Mapping[str, Any]) -> Any:
    """The whole value of a sort, out of the values of its variables; others stand in."""
    match sort:
        case Optional(of=of):
            return assemble(name, of, values) if values.get(f"{name}?") else None
        case Record(fields=fields):
            return {
                part.name: assemble(f"{name}.{part.name}", part.sort, values) for part in fields
            }
        case Map():
            raise UsageError(f"{name}: an event can't carry a map in a world")
        case _:
            return values[name]


def stand_in(sort: Opaque) -> Any:
    """The one value that an opaque field has in a world."""
    match sort.shape:
        case "text":
            return ""
        case "number":
            return 0
        case "flag":
            return False
        case "list":
            return ()
        case "value" if sort.of is not None:
            return _some(sort.of)
        case _:
            return {}


def _some(sort: Sort) -> Any:
    """Some value of a sort that an opaque one is a plain one of."""
    match sort:
        case Opaque():
            return stand_in(sort)
        case Truth():
            return False
        case Enum(values=(first, *_)):
            return first
        case Symbol(parts=parts, separator=separator):
            # Of a composite one, the form is asked for where it is read.
            return separator.join("-" for _ in parts)
        case Integer(low, high):
            return min(max(low, 0), high)
        case Instant() | Duration():
            return 0
        case Record():
            return {
                part.name: _some(part.sort) if part.is_required else empty(part) for part in sort
            }
        case Optional():
            return None
        case _:
            return {}


def _entry_of(read: Reader, at: Plain) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        return None if value is None else value.get(at)

    return found


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


def _count_of(read: Reader, at: Plain) -> Reader:
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
