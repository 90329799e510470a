"""Where each variable of a system lies in one packed integer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from steptable.explore.shapes import Variable

Packed: TypeAlias = int


@dataclass(frozen=True)
class Layout:
    """Variables side by side, in as few bits as their domains need."""

    variables: tuple[Variable, ...]
    shifts: tuple[int, ...]

    @classmethod
    def of(cls, variables: tuple[Variable, ...]) -> Layout:
        shifts, at = [], 0
        for variable in variables:
            shifts.append(at)
            at += width(variable)
        return cls(variables, tuple(shifts))

    @property
    def bits(self) -> int:
        return sum(width(variable) for variable in self.variables)

    def pack(self, values: tuple[Any, ...]) -> Packed:
        pairs = zip(self.variables, self.shifts, values, strict=True)
        return sum(variable.domain.index(value) << shift for variable, shift, value in pairs)

    def unpack(self, state: Packed) -> dict[str, Any]:
        return {
            variable.name: variable.domain[state >> shift & (1 << width(variable)) - 1]
            for variable, shift in zip(self.variables, self.shifts, strict=True)
        }


def width(variable: Variable) -> int:
    """The bits that a variable needs."""
    return (len(variable.domain) - 1).bit_length()
