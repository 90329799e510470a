"""Where each variable of a system lies in one packed integer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

from steptable.partial.paths import Path
from steptable.partial.variables import Variable

Packed: TypeAlias = int

WORD: Final = 64
"""The bits that a machine takes at a time: no variable crosses a multiple of this."""


@dataclass(frozen=True)
class Layout:
    """Variables side by side, in as few bits as their domains need."""

    variables: tuple[Variable, ...]
    shifts: tuple[int, ...]

    @classmethod
    def of(cls, variables: tuple[Variable, ...], word: int = WORD) -> Layout:
        """Places variables in order; those of one queue or record share a word where that is free.

        `word` is the number of bits of each `WORD` that are used, all but for tests.
        """
        apart = _shifts(variables, word, groupby(variables, lambda variable: variable.path.owner))
        dense = _shifts(variables, word, ((v, (v,)) for v in variables))
        words = (_words(variables, shifts) for shifts in (apart, dense))
        return cls(variables, apart if next(words) <= next(words) else dense)

    @property
    def bits(self) -> int:
        """The bits from the first to the last that is used."""
        return _extent(self.variables, self.shifts)

    @property
    def bits_of_last(self) -> int:
        """The bits of the last word, up to the last that is used; at least one."""
        return max(1, self.bits - (self.words - 1) * WORD)

    @property
    def words(self) -> int:
        """How many words a state takes; at least one."""
        return _words(self.variables, self.shifts)

    def pack(self, values: tuple[Any, ...]) -> Packed:
        pairs = zip(self.variables, self.shifts, values, strict=True)
        return sum(variable.domain.index(value) << shift for variable, shift, value in pairs)

    def unpack(self, state: Packed) -> dict[str, Any]:
        """The values of the variables by name."""
        return {str(path): value for path, value in self.unpacked(state).items()}

    def unpacked(self, state: Packed) -> dict[Path, Any]:
        """The values of the variables by where they lie."""
        return {
            variable.path: variable.domain[state >> shift & (1 << width(variable)) - 1]
            for variable, shift in zip(self.variables, self.shifts, strict=True)
        }


def width(variable: Variable) -> int:
    """The bits that a variable needs."""
    return (len(variable.domain) - 1).bit_length()


def _shifts(
    variables: tuple[Variable, ...], word: int, groups: Iterable[tuple[Any, Iterable[Variable]]]
) -> tuple[int, ...]:
    shifts: list[int] = []
    at = 0
    for _, members in groups:
        widths = [width(member) for member in members]
        if at % WORD + sum(widths) > word >= sum(widths):
            at += -at % WORD
        for bits in widths:
            if at % WORD + bits > word:
                at += -at % WORD
            shifts.append(at)
            at += bits
    assert len(shifts) == len(variables)
    return tuple(shifts)


def _extent(variables: tuple[Variable, ...], shifts: tuple[int, ...]) -> int:
    return max((at + width(v) for v, at in zip(variables, shifts, strict=True)), default=0)


def _words(variables: tuple[Variable, ...], shifts: tuple[int, ...]) -> int:
    return max(1, -(-_extent(variables, shifts) // WORD))
