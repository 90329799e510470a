"""Values that are partly known, taken apart into scalars.

A record is its fields, an optional its presence and its value, a map one optional per key
that can occur, a queue its length and its slots, a bag a count per value, a payload its kind and
the fields of all kinds. What remains are scalars, so one engine needs to know scalars only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeAlias

from steptable import expr
from steptable.partial.scalar import (
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
class SymbolicOptional:
    """An optional: whether there is a value, and which one if so (None: there never is)."""

    present: Scalar
    value: Symbolic | None


@dataclass(frozen=True, slots=True)
class SymbolicRecord:
    """A record."""

    of: Mapping[str, Symbolic]


@dataclass(frozen=True, slots=True)
class SymbolicMap:
    """A map: an optional for each key that may be there; any other key is absent.

    A key may be a text that the world has no such symbol for, until the map is stored.
    """

    of: Mapping[str, SymbolicOptional]


@dataclass(frozen=True, slots=True)
class SymbolicQueue:
    """A queue: its length and its slots, oldest first. Unused slots hold a fixed blank value.

    There may be more slots than the queue has room for, until it is stored.
    """

    length: Scalar
    slots: tuple[Symbolic, ...]
    blank: Symbolic


@dataclass(frozen=True, slots=True)
class SymbolicBag:
    """A bag: how many there are of each value; of any other value there is none.

    There may be more than the bag has room for, until it is stored; so with its values.
    """

    of: Mapping[str, Scalar]

    def count(self, value: str) -> Scalar:
        return self.of.get(value, NONE)


@dataclass(frozen=True, slots=True)
class SymbolicVariant:
    """One of several records: which, and the fields of all of them; others hold a blank value."""

    kind: Scalar
    fields: Mapping[str, Symbolic]


Structure: TypeAlias = (
    SymbolicOptional | SymbolicRecord | SymbolicMap | SymbolicQueue | SymbolicBag | SymbolicVariant
)
"""A value that is no scalar."""

Symbolic: TypeAlias = Scalar | Structure

ABSENT: Final = SymbolicOptional(FALSE, None)

NONE: Final = constant(0)
"""How many there are in a bag of what is not in it."""


def choice(test: Scalar, then: Symbolic, otherwise: Symbolic) -> Symbolic:
    """One of two values, field by field."""
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    if not (isinstance(then, Structure) or isinstance(otherwise, Structure)):
        return scalar_choice(test, then, otherwise)
    match then, otherwise:
        case SymbolicOptional(), _:
            return _option_choice(test, then, as_option(otherwise))
        case _, SymbolicOptional():
            return _option_choice(test, as_option(then), otherwise)
        case SymbolicRecord(a), SymbolicRecord(b):
            return SymbolicRecord({name: choice(test, a[name], b[name]) for name in a})
        case SymbolicMap(a), SymbolicMap(b):
            keys = dict.fromkeys([*a, *b])
            pairs = {key: (a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys}
            return SymbolicMap({key: _option_choice(test, *pair) for key, pair in pairs.items()})
        case SymbolicQueue(), SymbolicQueue():
            length = scalar_choice(test, then.length, otherwise.length)
            slots = tuple(choice(test, a, b) for a, b in _slots(then, otherwise))
            return SymbolicQueue(length, slots, then.blank)
        case (SymbolicBag(), _) | (_, SymbolicBag()):
            ours, theirs = as_counts(then), as_counts(otherwise)
            keys = dict.fromkeys([*ours.of, *theirs.of])
            return SymbolicBag(
                {key: scalar_choice(test, ours.count(key), theirs.count(key)) for key in keys}
            )
        case SymbolicVariant(a, of), SymbolicVariant(b, other):
            fields = {name: choice(test, of[name], other[name]) for name in of}
            return SymbolicVariant(scalar_choice(test, a, b), fields)
    raise TypeError(f"no choice between {then} and {otherwise}")


def _option_choice(
    test: Scalar, then: SymbolicOptional, otherwise: SymbolicOptional
) -> SymbolicOptional:
    present = scalar_choice(test, then.present, otherwise.present)
    if then.value is None or otherwise.value is None:
        return SymbolicOptional(present, otherwise.value if then.value is None else then.value)
    return SymbolicOptional(present, choice(test, then.value, otherwise.value))


def as_option(value: Symbolic) -> SymbolicOptional:
    return value if isinstance(value, SymbolicOptional) else SymbolicOptional(TRUE, value)


def as_counts(value: Symbolic) -> SymbolicBag:
    """A bag; what is empty may be a map as well."""
    if isinstance(value, SymbolicBag):
        return value
    if value == SymbolicMap({}):
        return SymbolicBag({})
    raise TypeError(f"{value} is no bag")


def _slots(left: SymbolicQueue, right: SymbolicQueue) -> Iterator[tuple[Symbolic, Symbolic]]:
    """The slots of two queues side by side, the blank ones of the shorter included."""
    pairs = zip_longest(left.slots, right.slots)
    return ((left.blank if a is None else a, right.blank if b is None else b) for a, b in pairs)


def equal(left: Symbolic, right: Symbolic) -> Scalar:
    """Equality of whole values."""
    if left is right:
        return TRUE
    if not (isinstance(left, Structure) or isinstance(right, Structure)):
        return compare("==", left, right)
    match left, right:
        case (SymbolicOptional(), _) | (_, SymbolicOptional()):
            a, b = as_option(left), as_option(right)
            values = TRUE if a.value is None or b.value is None else equal(a.value, b.value)
            return both(same_truth(a.present, b.present), either(negation(a.present), values))
        case SymbolicRecord(a), SymbolicRecord(b):
            return both(*(equal(a[name], b[name]) for name in a))
        case SymbolicMap(a), SymbolicMap(b):
            keys = dict.fromkeys([*a, *b])
            return both(*(equal(a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys))
        case SymbolicQueue(), SymbolicQueue():
            lengths = compare("==", left.length, right.length)
            return both(lengths, *(equal(a, b) for a, b in _slots(left, right)))
        case (SymbolicBag(), _) | (_, SymbolicBag()):
            ours, theirs = as_counts(left), as_counts(right)
            keys = dict.fromkeys([*ours.of, *theirs.of])
            return both(*(compare("==", ours.count(key), theirs.count(key)) for key in keys))
        case SymbolicVariant(a, of), SymbolicVariant(b, other):
            return both(compare("==", a, b), *(equal(of[name], other[name]) for name in of))
    raise TypeError(f"{left} and {right} have no equality")


def attribute(subject: Symbolic, name: str) -> Symbolic:
    """A field of a record; of an optional record, the field where there is one."""
    match subject:
        case SymbolicRecord(of):
            return of[name]
        case SymbolicOptional(present, SymbolicRecord(of)):
            field = as_option(of[name])
            return SymbolicOptional(both(present, field.present), field.value)
        case SymbolicOptional(present, SymbolicVariant() as tag):
            field = as_option(attribute(tag, name))
            return SymbolicOptional(both(present, field.present), field.value)
        case SymbolicOptional():
            return ABSENT
        case SymbolicVariant(kind, fields):
            return kind if name == "kind" else fields[name]
    raise TypeError(f"{subject} has no field {name}")
