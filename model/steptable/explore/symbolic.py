"""Values that are partly known, taken apart into scalars.

A record is its fields, an optional its presence and its value, a map one optional per key
that can occur, a queue its length and its slots, a bag a count per value, a payload its kind and
the fields of all kinds. What remains are scalars, so one engine needs to know scalars only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from steptable import expr
from steptable.explore.scalar import (
    FALSE,
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    negation,
    same_truth,
    scalar_choice,
)


@dataclass(frozen=True, slots=True)
class Option:
    """An optional: whether there is a value, and which one if so (None: there never is)."""

    present: Scalar
    value: Symbolic | None


@dataclass(frozen=True, slots=True)
class Fields:
    """A record."""

    of: Mapping[str, Symbolic]


@dataclass(frozen=True, slots=True)
class Entries:
    """A map: an optional for each key that may be there; any other key is absent."""

    of: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class Line:
    """A queue: its length and its slots, oldest first. Unused slots hold a fixed blank value."""

    length: Scalar
    slots: tuple[Symbolic, ...]
    blank: Symbolic


@dataclass(frozen=True, slots=True)
class Counts:
    """A bag: how many there are of each value."""

    of: Mapping[str, Scalar]
    most: int


@dataclass(frozen=True, slots=True)
class Tag:
    """One of several records: which, and the fields of all of them; others hold a blank value."""

    kind: Scalar
    fields: Mapping[str, Symbolic]


Symbolic: TypeAlias = Scalar | Option | Fields | Entries | Line | Counts | Tag

ABSENT: Final = Option(FALSE, None)


def choice(test: Scalar, then: Symbolic, otherwise: Symbolic) -> Symbolic:
    """One of two values, field by field."""
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    match then, otherwise:
        case Option(), _:
            return _option_choice(test, then, as_option(otherwise))
        case _, Option():
            return _option_choice(test, as_option(then), otherwise)
        case Fields(a), Fields(b):
            return Fields({name: choice(test, a[name], b[name]) for name in a})
        case Entries(a), Entries(b):
            keys = dict.fromkeys([*a, *b])
            pairs = {key: (a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys}
            return Entries({key: _option_choice(test, *pair) for key, pair in pairs.items()})
        case expr.Node(), expr.Node():
            return scalar_choice(test, then, otherwise)
        case Line(), Line():
            slots = zip(then.slots, otherwise.slots, strict=True)
            length = scalar_choice(test, then.length, otherwise.length)
            return Line(length, tuple(choice(test, a, b) for a, b in slots), then.blank)
        case (Counts(of, most), _) | (_, Counts(of, most)):
            a, b = as_counts(then, of), as_counts(otherwise, of)
            return Counts({key: scalar_choice(test, a[key], b[key]) for key in of}, most)
        case Tag(a, of), Tag(b, other):
            fields = {name: choice(test, of[name], other[name]) for name in of}
            return Tag(scalar_choice(test, a, b), fields)
    raise TypeError(f"no choice between {then} and {otherwise}")


def _option_choice(test: Scalar, then: Option, otherwise: Option) -> Option:
    present = scalar_choice(test, then.present, otherwise.present)
    if then.value is None or otherwise.value is None:
        return Option(present, otherwise.value if then.value is None else then.value)
    return Option(present, choice(test, then.value, otherwise.value))


def as_option(value: Symbolic) -> Option:
    return value if isinstance(value, Option) else Option(TRUE, value)


def as_counts(value: Symbolic, values: Iterable[str]) -> Mapping[str, Scalar]:
    """How many there are of each value in a bag; what is empty may be a map as well."""
    if isinstance(value, Counts):
        return value.of
    if value == Entries({}):
        return dict.fromkeys(values, constant(0))
    raise TypeError(f"{value} is no bag")


def in_place(value: Symbolic, shape: Symbolic) -> Symbolic:
    """A value as its place holds it: what is empty there is a bag where a bag was."""
    if isinstance(shape, Counts):
        return Counts(as_counts(value, shape.of), shape.most)
    return value


def equal(left: Symbolic, right: Symbolic) -> Scalar:
    """Equality of whole values."""
    if left is right:
        return TRUE
    match left, right:
        case (Option(), _) | (_, Option()):
            a, b = as_option(left), as_option(right)
            values = TRUE if a.value is None or b.value is None else equal(a.value, b.value)
            return both(same_truth(a.present, b.present), either(negation(a.present), values))
        case Fields(a), Fields(b):
            return both(*(equal(a[name], b[name]) for name in a))
        case Entries(a), Entries(b):
            keys = dict.fromkeys([*a, *b])
            return both(*(equal(a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys))
        case expr.Node(), expr.Node():
            return compare("==", left, right)
        case Line(), Line():
            slots = zip(left.slots, right.slots, strict=True)
            return both(compare("==", left.length, right.length), *(equal(a, b) for a, b in slots))
        case (Counts(of), _) | (_, Counts(of)):
            ours, theirs = as_counts(left, of), as_counts(right, of)
            return both(*(compare("==", ours[key], theirs[key]) for key in of))
        case Tag(a, of), Tag(b, other):
            return both(compare("==", a, b), *(equal(of[name], other[name]) for name in of))
    raise TypeError(f"{left} and {right} have no equality")


def attribute(subject: Symbolic, name: str) -> Symbolic:
    """A field of a record; of an optional record, the field where there is one."""
    match subject:
        case Fields(of):
            return of[name]
        case Option(present, Fields(of)):
            field = as_option(of[name])
            return Option(both(present, field.present), field.value)
        case Option(present, Tag() as tag):
            field = as_option(attribute(tag, name))
            return Option(both(present, field.present), field.value)
        case Option():
            return ABSENT
        case Tag(kind, fields):
            return kind if name == "kind" else fields[name]
    raise TypeError(f"{subject} has no field {name}")
