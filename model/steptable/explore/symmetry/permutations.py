"""Where the fields of members lie in a packed state, and where an order of them moves each.

All of it is data about bits, from which an engine writes its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from steptable.explore.packed.layout import WORD, Layout, Packed, width
from steptable.explore.symmetry.relabelling import Relabelling

Bits: TypeAlias = tuple[int, int]
"""Where a field lies in a packed state: its shift and its width."""

FieldBits: TypeAlias = tuple[Bits, ...]
"""The fields of one member; those of another are in the same order."""


@dataclass(frozen=True)
class FieldMove:
    """What becomes of one field of a state: its new place and, for held values, new codes."""

    source: Bits
    shift: int
    codes: tuple[int, ...] | None


Permutation: TypeAlias = tuple[FieldMove, ...]
"""What becomes of all fields of a state; of one that is not among them nothing does."""


def permutation_of(layout: Layout, relabelling: Relabelling) -> Permutation:
    """What a relabelling makes of the fields that it moves."""
    at = dict(zip((v.name for v in layout.variables), layout.shifts, strict=True))
    moves = []
    for variable, shift in zip(layout.variables, layout.shifts, strict=True):
        target, bits = at[relabelling.names[variable.name]], width(variable)
        new = (relabelling.of_value(variable, value) for value in variable.domain)
        codes = _unless_same(variable.domain.index(value) for value in new)
        if bits and (target != shift or codes is not None):
            moves.append(FieldMove((shift, bits), target, codes))
    return tuple(moves)


def composed(first: Iterable[FieldMove], second: Iterable[FieldMove]) -> Iterator[FieldMove]:
    """One after the other."""
    onwards = {move.source: move for move in second}
    for move in first:
        source = move.shift, move.source[1]
        there = onwards.pop(source, FieldMove(source, move.shift, None))
        codes = move.codes or there.codes
        if move.codes is not None and there.codes is not None:
            codes = _unless_same(there.codes[code] for code in move.codes)
        if there.shift != move.source[0] or codes is not None:
            yield FieldMove(move.source, there.shift, codes)
    yield from onwards.values()


def _unless_same(codes: Iterable[int]) -> tuple[int, ...] | None:
    """New codes, or None where each stays what it is."""
    new = tuple(codes)
    return None if new == tuple(range(len(new))) else new


def permuted(state: Packed, moves: Iterable[FieldMove]) -> Packed:
    """A packed state after some moves of fields."""
    after = state
    for move in moves:
        shift, bits = move.source
        code = state >> shift & (1 << bits) - 1
        if move.codes is not None:
            code = move.codes[code]
        after = after & ~((1 << bits) - 1 << move.shift) | code << move.shift
    return after


def parts_of(
    layout: Layout, exchanges: Sequence[Sequence[Relabelling]]
) -> tuple[tuple[FieldBits, ...], ...] | None:
    """The part of each member, if no field belongs to two, or holds a value that moves."""
    moving = {symbol for made in exchanges for one in made for symbol in one.values}
    if any(variable.sort in moving for variable in layout.variables):
        return None
    bits = {
        variable.name: (shift, width(variable))
        for variable, shift in zip(layout.variables, layout.shifts, strict=True)
    }
    found, owned = [], 0
    touched: set[str] = set()
    for made in exchanges:
        members = _members(list(bits), made)
        if members is None:
            return None
        names = {name for member in members for name in member}
        touched |= names
        owned += len(names)
        found.append(_joined([[bits[name] for name in member] for member in members]))
    return tuple(found) if len(touched) == owned else None


def _joined(members: Sequence[Sequence[Bits]]) -> tuple[FieldBits, ...]:
    """The fields of each member, as one where they lie side by side in a word for all of them."""
    columns: list[tuple[Bits, ...]] = []
    for column in zip(*members, strict=True):
        if columns and all(map(_adjoin, columns[-1], column)):
            before = columns.pop()
            joined = ((at, b + more) for (at, b), (_, more) in zip(before, column, strict=True))
            columns.append(tuple(joined))
        else:
            columns.append(column)
    return tuple(zip(*columns, strict=True)) if columns else ((),) * len(members)


def _adjoin(left: Bits, right: Bits) -> bool:
    """Whether two fields lie side by side in one word."""
    (at, bits), (next_at, more) = left, right
    return at + bits == next_at and at // WORD == (next_at + more - 1) // WORD


def _members(names: Sequence[str], made: Sequence[Relabelling]) -> list[list[str]] | None:
    """The variables of each value, if every one that is renamed belongs to a single value."""
    if not made:
        return []
    moved = [{name for name in names if step.names[name] != name} for step in made]
    first = moved[0].difference(*moved[1:])
    if len(made) == 1:
        # Of two that change places, either may be called the first.
        first = {name for name in first if names.index(name) < names.index(made[0].names[name])}
    members = [[name for name in names if name in first]]
    for step in made:
        members.append([step.names[name] for name in members[-1]])
    pairs = zip(moved, pairwise(members), strict=True)
    return members if all(names == {*left, *right} for names, (left, right) in pairs) else None
