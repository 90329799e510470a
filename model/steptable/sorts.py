"""The sorts of values that a machine can hold, and what each allows.

A sort says what may be compared, and therefore what the explorer must keep:
*opaque* values flow from an event into the record or an effect and can be
compared nowhere, so every engine may drop them. Sorts are plain values with
ordinary equality; they know nothing of expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from steptable.errors import Location


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        # There is one, also in a process that was sent a machine.
        return "MISSING"


MISSING: Final = _Missing()
"""The default of a field that has none."""


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false; the only sort that connectives take, and the one that comparisons refuse."""

    def __str__(self) -> str:
        return "truth"


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"integer {self.low}..{self.high}"


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time; instants are compared with each other only."""

    def __str__(self) -> str:
        return "instant"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, the difference of two instants."""

    def __str__(self) -> str:
        return "duration"


@dataclass(frozen=True, slots=True)
class Symbol:
    """Text that is compared for equality only: hashes, names.

    A symbol with `parts` is composite: its text is the parts joined by
    `separator`, split at the first occurrences of it.
    """

    name: str
    doc: str = ""
    parts: tuple[Symbol, ...] = ()
    separator: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Member:
    """One value of an enumeration: its Python name, and its text everywhere outside Python."""

    name: str
    value: str
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Enum:
    """A closed set of named values."""

    name: str
    members: tuple[Member, ...]
    doc: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(member.value for member in self.members)

    def member(self, value: str) -> Member:
        return next(member for member in self.members if member.value == value)


def words(name: str, *values: str) -> Enum:
    """An enumeration that is declared with the least ceremony, for a variable of a world: each
    value is a member of its own name.
    """
    return Enum(name, tuple(Member(re.sub(r"\W+", "_", text).upper(), text) for text in values))


@dataclass(frozen=True, slots=True)
class Optional:
    """A value of sort `of`, or nothing."""

    of: Sort

    def __str__(self) -> str:
        return f"optional {self.of}"


@dataclass(frozen=True, slots=True)
class Field:
    """One named part of a record, an event, an effect or the policy."""

    name: str
    sort: Sort
    doc: str = ""
    # What cannot be hashed can still be written here, and is then reported.
    default: Any = field(default=MISSING, hash=False)
    read_by: str = ""
    """Who reads a record field that no row reads; a field that nobody reads is a fault."""
    at: Location = field(default=Location("", 0), compare=False, repr=False)

    @property
    def is_required(self) -> bool:
        return self.default is MISSING and not may_be_empty(self.sort)


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields in a fixed order."""

    name: str
    fields: tuple[Field, ...]
    doc: str = ""

    def __str__(self) -> str:
        return self.name

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def get(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def with_fields(self, *fields: Field) -> Record:
        return replace(self, fields=self.fields + fields)


@dataclass(frozen=True, slots=True)
class Map:
    """A finite map.

    Which symbols can occur as keys is a bound of a world, not of the machine; members of an
    enumeration and integers of a small range are the same everywhere. A *total* map has a value
    of every key, at all times, so that what it has of one is no optional.
    """

    key: Key
    value: Sort
    total: bool = False

    def __str__(self) -> str:
        return f"{'total ' * self.total}map from {self.key} to {self.value}"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that is carried and never compared.

    `shape` is for those who read and write it: "text", "number", "flag",
    "list" of `of`, "map" from text to `of`, "value" (a plain `of`), or
    "payload" (the wire payload of the event at hand).
    """

    shape: str
    of: Sort | None = None

    def __str__(self) -> str:
        return f"opaque {self.shape}" + (f" of {self.of}" if self.of else "")


@dataclass(frozen=True, slots=True)
class Queue:
    """A first-in first-out queue of at most `capacity` values; more is an error of the world."""

    of: Sort
    capacity: int

    def __str__(self) -> str:
        return f"queue of {self.of}"


@dataclass(frozen=True, slots=True)
class Bag:
    """How many there are of each value, at most `most`; more is an error of the world."""

    of: Key
    most: int

    def __str__(self) -> str:
        return f"bag of {self.of}"


def set_of(of: Key) -> Bag:
    """A set: a bag in which each value is once at most, as `.include(...)` leaves it."""
    return Bag(of, 1)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several records, told apart by their names: the payload of some fact."""

    name: str
    cases: tuple[Record, ...]

    def __str__(self) -> str:
        return self.name

    def case(self, name: str) -> Record | None:
        return next((case for case in self.cases if case.name == name), None)

    @property
    def shared(self) -> Record:
        """What can be read of it without knowing which it is: its kind, and fields of all cases."""
        kinds = Enum("kind", tuple(Member(case.name, case.name) for case in self.cases))
        common = [
            part
            for part in (self.cases[0].fields if self.cases else ())
            if all(part in case.fields for case in self.cases)
        ]
        return Record(self.name, (Field("kind", kinds), *common))


Key: TypeAlias = Symbol | Enum | Integer
"""What maps are by, and bags are of."""

Sort: TypeAlias = (
    Truth
    | Integer
    | Instant
    | Duration
    | Symbol
    | Enum
    | Optional
    | Record
    | Map
    | Opaque
    | Queue
    | Bag
    | Variant
)

TRUTH: Final = Truth()
INSTANT: Final = Instant()
DURATION: Final = Duration()
TEXT: Final = Opaque("text")
NUMBER: Final = Opaque("number")
FLAG: Final = Opaque("flag")
PAYLOAD: Final = Opaque("payload")
U64: Final = Integer(0, 2**64 - 1, "u64")
I32: Final = Integer(-(2**31), 2**31 - 1, "i32")


def inner(sort: Sort) -> Sort:
    """The sort without its option."""
    return sort.of if isinstance(sort, Optional) else sort


def may_be_empty(sort: Sort) -> bool:
    """Whether nothing, or no entries, is a value: what a field holds of which nothing is said."""
    return isinstance(sort, Optional) or (isinstance(sort, Map) and not sort.total)


def is_ordered(sort: Sort) -> bool:
    return isinstance(sort, Integer | Instant | Duration)


def accepts(wanted: Sort, offered: Sort) -> bool:
    """Whether a value of sort `given` may stand where `wanted` is asked for.

    A plain value may stand for an optional one, any value for an opaque one of
    its own shape; integers fit integers, since bounds are checked where values
    enter. Nothing else is converted.
    """
    if wanted == offered:
        return True
    match wanted, offered:
        case Optional(of=of), _:
            return accepts(of, inner(offered))
        case Integer(), Integer():
            return True
        case Opaque(shape="value", of=of), _ if of is not None:
            return accepts(of, offered)
        case (
            (Opaque(shape="text"), Symbol())
            | (Opaque(shape="number"), Integer())
            | (Opaque(shape="flag"), Truth())
        ):
            return True
    return False


def is_comparable(sort: Sort) -> bool:
    """Whether two values can be compared for equality: no truths, and nothing opaque within."""
    match sort:
        case Truth() | Opaque():
            return False
        case Optional(of=of) | Map(value=of):
            return is_comparable(of)
        case Record(fields=fields):
            return all(isinstance(p.sort, Truth) or is_comparable(p.sort) for p in fields)
    return True
