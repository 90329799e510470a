"""What each variable of a shape becomes when a value is stored in it.

The value of an absent optional, and of an unused slot of a queue, is always the first of its
domain, so that equal states have equal scalars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steptable import expr
from steptable.explore.scalar import FALSE, Scalar, constant
from steptable.explore.shapes import entry_name
from steptable.explore.symbolic import (
    ABSENT,
    Counts,
    Entries,
    Fields,
    Line,
    Option,
    Symbolic,
    Tag,
    as_counts,
    as_option,
    choice,
)


def scalars(
    name: str, shape: Symbolic, value: Symbolic, first: Mapping[str, Any]
) -> dict[str, Scalar]:
    """What each variable of a shape becomes when a value is stored in it.

    `first` gives the first value of each variable's domain, which stands in for absent ones.
    """
    match shape:
        case expr.Bound(variable):
            assert isinstance(value, expr.Node)
            return {variable: value}
        case Option(expr.Bound(presence), inside):
            option = as_option(value)
            assert inside is not None
            if option.value is None:
                return {presence: FALSE} | _absent(name, inside, first)
            kept = scalars(name, inside, option.value, first)
            guarded = {
                variable: _guard(option.present, node, first[variable])
                for variable, node in kept.items()
            }
            return {presence: option.present} | guarded
        case Fields(of):
            assert isinstance(value, Fields)
            return {
                key: node
                for part in of
                for key, node in scalars(f"{name}.{part}", of[part], value.of[part], first).items()
            }
        case Line(expr.Bound(length), slots):
            assert isinstance(value, Line)
            updates = {length: value.length}
            for at, (slot, item) in enumerate(zip(slots, value.slots, strict=True)):
                updates |= scalars(f"{name}[{at}]", slot, item, first)
            return updates
        case Counts(of):
            counts = as_counts(value, of)
            return {_bound(of[key]): counts[key] for key in of}
        case Tag(expr.Bound(kind), of):
            assert isinstance(value, Tag)
            updates = {kind: value.kind}
            for part, inside in of.items():
                updates |= scalars(f"{name}.{part}", inside, value.fields[part], first)
            return updates
        case Entries(of):
            assert isinstance(value, Entries)
            return {
                key: node
                for at, entry in of.items()
                if entry is not value.of.get(at)
                for key, node in scalars(
                    entry_name(name, at), entry, value.of.get(at, ABSENT), first
                ).items()
            }
    raise TypeError(f"{name} is no shape")


def _guard(present: Scalar, node: Scalar, first: Any) -> Scalar:
    guarded = choice(present, node, constant(first))
    assert isinstance(guarded, expr.Node)
    return guarded


def _bound(node: Scalar) -> str:
    assert isinstance(node, expr.Bound)
    return node.name


def _absent(name: str, shape: Symbolic, first: Mapping[str, Any]) -> dict[str, Scalar]:
    match shape:
        case expr.Bound(variable):
            return {variable: constant(first[variable])}
        case Option(expr.Bound(presence), inside) if inside is not None:
            return {presence: FALSE} | _absent(name, inside, first)
        case Fields(of):
            return {k: n for part in of.values() for k, n in _absent(name, part, first).items()}
        case Entries(of):
            return {k: n for part in of.values() for k, n in _absent(name, part, first).items()}
        case Counts(of):
            return {_bound(node): constant(first[_bound(node)]) for node in of.values()}
        case Line(expr.Bound(length), slots):
            blanks = {k: n for s in slots for k, n in _absent(name, s, first).items()}
            return {length: constant(0)} | blanks
        case Tag(expr.Bound(kind), of):
            blanks = {k: n for part in of.values() for k, n in _absent(name, part, first).items()}
            return {kind: constant(first[kind])} | blanks
    raise TypeError(f"{name} is no shape")
