"""What each variable of a shape becomes when a value is stored in it, and whether it fits there.

The value of an absent optional, and of an unused slot of a queue, is always the first of its
domain, so that equal states have equal scalars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
)
from steptable.partial.symbolic import (
    ABSENT,
    Structure,
    Symbolic,
    SymbolicBag,
    SymbolicMap,
    SymbolicOptional,
    SymbolicQueue,
    SymbolicRecord,
    SymbolicVariant,
    as_counts,
    as_option,
    choice,
)


def assignments(shape: Symbolic, value: Symbolic, first: Mapping[str, Any]) -> dict[str, Scalar]:
    """What each variable of a shape becomes when a value is stored in it.

    `first` gives the first value of each variable's domain, which stands in for absent ones.
    """
    if not isinstance(shape, Structure):
        assert not isinstance(value, Structure)
        return {_bound(shape): value}
    match shape:
        case SymbolicOptional(expr.Bound(presence), inside):
            option = as_option(value)
            assert inside is not None
            if option.value is None:
                return {presence: FALSE} | _absent(inside, first)
            kept = assignments(inside, option.value, first)
            same = option.present == expr.Bound(presence)
            guarded = {
                # What is there as before is in order already.
                variable: node
                if same and node == expr.Bound(variable)
                else _guard(option.present, node, first[variable])
                for variable, node in kept.items()
            }
            return {presence: option.present} | guarded
        case SymbolicRecord(of):
            assert isinstance(value, SymbolicRecord)
            return {
                key: node
                for part in of
                for key, node in assignments(of[part], value.of[part], first).items()
            }
        case SymbolicQueue(expr.Bound(length), slots):
            assert isinstance(value, SymbolicQueue)
            updates = {length: value.length}
            for at, slot in enumerate(slots):
                item = value.slots[at] if at < len(value.slots) else value.blank
                updates |= assignments(slot, item, first)
            return updates
        case SymbolicBag(of):
            counts = as_counts(value)
            return {_bound(of[key]): counts.count(key) for key in of}
        case SymbolicVariant(expr.Bound(kind), of):
            assert isinstance(value, SymbolicVariant)
            updates = {kind: value.kind}
            for part, inside in of.items():
                updates |= assignments(inside, value.fields[part], first)
            return updates
        case SymbolicMap(of):
            assert isinstance(value, SymbolicMap)
            return {
                key: node
                for at, entry in of.items()
                for key, node in assignments(entry, value.of.get(at, ABSENT), first).items()
            }
    raise TypeError(f"{type(shape).__name__} is no shape")


def fits(shape: Symbolic, value: Symbolic) -> Scalar:
    """Whether a map has no key, and a bag no value, that is not one of its symbol in the world.

    What else may not fit is seen by the variable that it is stored in (`limits`).
    """
    match shape:
        case SymbolicOptional(value=inside) if inside is not None:
            option = as_option(value)
            if option.value is None:
                return TRUE
            return either(negation(option.present), fits(inside, option.value))
        case SymbolicRecord(of):
            assert isinstance(value, SymbolicRecord)
            return both(*(fits(of[part], value.of[part]) for part in of))
        case SymbolicQueue(slots=slots):
            assert isinstance(value, SymbolicQueue)
            return both(*(fits(slot, item) for slot, item in zip(slots, value.slots, strict=False)))
        case SymbolicBag(of):
            counts = as_counts(value).of
            return both(*(compare("==", counts[key], constant(0)) for key in counts.keys() - of))
        case SymbolicVariant(fields=of):
            assert isinstance(value, SymbolicVariant)
            return both(*(fits(of[part], value.fields[part]) for part in of))
        case SymbolicMap(of):
            assert isinstance(value, SymbolicMap)
            return both(
                *(
                    fits(of[key], entry) if key in of else negation(entry.present)
                    for key, entry in value.of.items()
                )
            )
    return TRUE


def _guard(present: Scalar, node: Scalar, first: Any) -> Scalar:
    guarded = choice(present, node, constant(first))
    assert not isinstance(guarded, Structure)
    return guarded


def _bound(node: Scalar) -> str:
    assert isinstance(node, expr.Bound)
    return node.name


def _absent(shape: Symbolic, first: Mapping[str, Any]) -> dict[str, Scalar]:
    if not isinstance(shape, Structure):
        return {_bound(shape): constant(first[_bound(shape)])}
    match shape:
        case SymbolicOptional(expr.Bound(presence), inside) if inside is not None:
            return {presence: FALSE} | _absent(inside, first)
        case SymbolicRecord(of):
            return {k: n for part in of.values() for k, n in _absent(part, first).items()}
        case SymbolicMap(of):
            return {k: n for part in of.values() for k, n in _absent(part, first).items()}
        case SymbolicBag(of):
            return {_bound(node): constant(first[_bound(node)]) for node in of.values()}
        case SymbolicQueue(expr.Bound(length), slots):
            blanks = {k: n for s in slots for k, n in _absent(s, first).items()}
            return {length: constant(0)} | blanks
        case SymbolicVariant(expr.Bound(kind), of):
            blanks = {k: n for part in of.values() for k, n in _absent(part, first).items()}
            return {kind: constant(first[kind])} | blanks
    raise TypeError(f"{type(shape).__name__} is no shape")
