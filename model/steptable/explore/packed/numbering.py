"""The numbers by which generated code calls what it notes, in Python and in C.

They mean nothing outside of generated code: what it has noted is told by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from steptable.explore.packed.layout import Packed
from steptable.explore.system.keys import (
    DEADLOCK,
    OVERFLOW,
    Breakable,
    Meetable,
    PropertyKey,
)
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import Scalar

NumberedStep: TypeAlias = tuple[Packed, int | None, tuple[Any, ...]]
"""A step that breaks something: the state before, the transition, and the values of its parameters.
There is no case where nothing can happen in the state."""


class JudgedTransition(Protocol):
    """A transition of a system, with what is judged when it is taken."""

    @property
    def checks(self) -> Mapping[PropertyKey, Scalar]: ...

    @property
    def premises(self) -> Mapping[Meetable, Scalar]: ...


@dataclass(frozen=True)
class Numbering:
    """What is noted; the number of each is its place."""

    decided: tuple[PropertyKey, ...]
    """Properties over states."""
    broken: tuple[Breakable, ...]
    """Properties over steps and events, and what every system has to keep."""
    met: tuple[Meetable, ...]
    """Premises that are looked for, and kinds of effects."""

    @classmethod
    def of(cls, system: TransitionSystem, transitions: Iterable[JudgedTransition]) -> Numbering:
        """What is noted of the states of a system, and of some of its transitions."""
        broken: dict[Breakable, None] = {OVERFLOW: None, DEADLOCK: None}
        met: dict[Meetable, None] = dict.fromkeys(system.state_premises)
        for case in transitions:
            broken |= dict.fromkeys(case.checks)
            met |= dict.fromkeys(case.premises)
        return cls(tuple(system.state_conditions), tuple(broken), tuple(met))


@dataclass
class Notes:
    """What generated Python has noted so far, by number."""

    numbering: Numbering
    decided: dict[int, Packed] = field(default_factory=dict)
    broken: dict[int, NumberedStep] = field(default_factory=dict)
    met: set[int] = field(default_factory=set)

    @property
    def deciding_states(self) -> dict[PropertyKey, Packed]:
        return {self.numbering.decided[number]: state for number, state in self.decided.items()}

    @property
    def violating_steps(self) -> dict[Breakable, NumberedStep]:
        return {self.numbering.broken[number]: step for number, step in self.broken.items()}

    @property
    def met_premises(self) -> set[Meetable]:
        return {self.numbering.met[number] for number in self.met}
