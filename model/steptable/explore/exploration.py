"""What an engine has found out about a system: how far it came, and which steps break what.

Engines differ in how they hold states; whoever reads their findings does so through this.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from steptable.errors import Incomplete
from steptable.explore.memory import left_of_machine
from steptable.explore.packed.code import PythonWriter
from steptable.explore.packed.compiling import compiled
from steptable.explore.packed.layout import Layout, Packed, width
from steptable.explore.packed.numbering import Notes, NumberedStep, Numbering
from steptable.explore.packed.templates import (
    OVERFLOWS,
    REFUSALS,
    SEARCH,
    STEPS,
    SUCCESSORS,
    Template,
)
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.permutations import permuted
from steptable.explore.system.keys import Breakable, Meetable, PropertyKey
from steptable.explore.system.transitions import Transition, TransitionSystem
from steptable.partial.scalar import Scalar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from steptable.explore.packed.step_graph import StepGraph

_Way: TypeAlias = tuple[Packed, int, tuple[Any, ...]]
"""A step out of a state as generated code tells of it: with the number of the transition."""

Successor: TypeAlias = tuple[Packed, Transition, tuple[Any, ...]]
"""A step out of a state: where to, by which transition, and the values of its parameters."""

INTERRUPTED: Final = "interrupted"
"""What `stopped` begins with after Ctrl-C."""


def demand_whole(world: str, stopped: str) -> None:
    """Raise what ended an exploration early, for those who can do nothing with a part of it.

    That is `KeyboardInterrupt` after Ctrl-C, and else `Incomplete`.
    """
    if stopped.startswith(INTERRUPTED):
        raise KeyboardInterrupt
    if stopped:
        raise Incomplete(f"world '{world}' could not be explored: {stopped}")


Progress: TypeAlias = Callable[[int, int, int], None]
"""Told now and then: states found, depth, states of this depth still to expand."""

Doing: TypeAlias = Callable[[str], None]
"""Told what is being done once the states are found, in a few words."""


@dataclass
class SuccessorFunction:
    """Every step out of a state of a system, whether a search has come there or not."""

    system: TransitionSystem
    layout: Layout

    @classmethod
    def of(cls, system: TransitionSystem) -> SuccessorFunction:
        return cls(system, Layout.of(system.variables))

    def successors(self, state: Packed) -> Iterator[Successor]:
        """Every step out of a state."""
        for after, index, choices in self._successors(state):
            yield after, self.system.transitions[index], choices

    def refusals(self, state: Packed) -> Iterator[Successor]:
        """What can reach a state and is refused outright, so that it is no step out of it."""
        for after, index, choices in self._refusals(state):
            yield after, self.system.transitions[index], choices

    def overflows(self, state: Packed) -> Iterator[Successor]:
        """The steps out of a state that leave the bounds of the world, and lead nowhere."""
        for after, index, choices in self._overflows(state):
            yield after, self.system.transitions[index], choices

    @cached_property
    def _successors(self) -> Callable[[Packed], Iterator[_Way]]:
        return self._expansion(SUCCESSORS)

    @cached_property
    def _refusals(self) -> Callable[[Packed], Iterator[_Way]]:
        return self._expansion(REFUSALS)

    @property
    def transitions_in_order(self) -> list[Transition]:
        """The transitions for which there is anything to do, in the order of numbered steps."""
        groups = PythonWriter(self.system, self.layout).groups()
        return [transition for group in groups.values() for _, transition in group]

    def first_violation(self, state: Packed, key: Breakable) -> NumberedStep:
        """The first step out of a state that breaks something; there has to be one."""
        run, numbering = self._search
        notes = Notes(numbering)
        run([state], {}, [], [0] * len(self.system.transitions), notes.broken, notes.met)
        return notes.violating_steps[key]

    @cached_property
    def _search(self) -> tuple[Callable[..., None], Numbering]:
        writer = PythonWriter(self.system, self.layout)
        return compiled(writer.expansion(SEARCH), "run"), writer.numbering

    def conditions_in(
        self, states: Iterable[Packed], conditions: Sequence[Scalar]
    ) -> Iterator[int]:
        """Which of some conditions hold in each of some states, as bits."""
        source = PythonWriter(self.system, self.layout).predicate(conditions)
        holding: Iterator[int] = compiled(source, "holds")(states)
        return holding

    @cached_property
    def _overflows(self) -> Callable[[Packed], Iterator[_Way]]:
        return self._expansion(OVERFLOWS)

    def _expansion(self, shape: Template) -> Callable[..., Any]:
        return compiled(PythonWriter(self.system, self.layout).expansion(shape), "run")


@dataclass
class Exploration(SuccessorFunction, ABC):
    """How far a breadth-first search has come, and what it has found.

    Iterating gives each state found, packed; `len` is their number.
    """

    levels: list[int] = field(default_factory=list)
    """How many states were first found at each depth."""
    times_taken: list[int] = field(default_factory=list)
    """How often each transition was taken, in the order of the system's transitions."""
    violating_steps: dict[Breakable, NumberedStep] = field(default_factory=dict)
    """The first step that breaks each property over steps and events, or a bound."""
    deciding_states: dict[PropertyKey, Packed] = field(default_factory=dict)
    """The first state that refutes (or witnesses) each property over states."""
    met_premises: set[Meetable] = field(default_factory=set)
    """The premises that were met, and the kinds of effects that were emitted."""
    stopped: str = ""
    """Why the search ended early; empty when it is complete."""
    is_full: bool = False
    """Whether it ended early because it had found as many states as it was asked for."""
    orbits: Orbits | None = None
    """If states stand for others that differ by an order alone: which do."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Packed]: ...

    @abstractmethod
    def path(self, state: Packed) -> list[Packed]:
        """A shortest path from an initial state."""

    def concrete_path(self, path: Sequence[Packed], end: Packed) -> list[Packed]:
        """A path of real steps to a state, through the orbits that a path of their representatives
        goes through; it ends in the same orbit."""
        if self.orbits is None:
            return list(path)
        canonical = self.orbits.canonical
        real = [next(state for state in self.initial if canonical(state) == path[0])]
        for wanted in path[1:]:
            steps = self.successors(real[-1])
            real.append(next(after for after, _, _ in steps if canonical(after) == wanted))
        # What is true of a path is true of it in every other order.
        for transposition in self.orbits.transpositions_between(real[-1], end):
            real = [permuted(state, transposition.permutation) for state in real]
        return real

    def representative(self, state: Packed) -> Packed:
        """The state that stands for one; itself without orbits."""
        return state if self.orbits is None else self.orbits.canonical(state)

    def step_graph(self, doing: Doing) -> StepGraph:
        """Every step between the states found; `StepGraph` says what an engine owes here.

        This one asks the generated Python for them, whatever engine has found the states: an
        engine that can list them faster does so instead. Raises `MemoryError`.
        """
        from steptable.explore.packed.step_graph import TABLE, listed  # noqa: PLC0415

        if len(self) * TABLE > left_of_machine():
            raise MemoryError
        return listed(sorted(self), self._expansion(STEPS), doing)

    def holding(self, states: Sequence[Packed], conditions: Sequence[Scalar]) -> NDArray[np.uint8]:
        """Which of up to 8 conditions hold in each of some states, as bits."""
        import numpy as np  # noqa: PLC0415

        bits = self.conditions_in(states, conditions)
        return np.fromiter(bits, dtype=np.uint8, count=len(states))

    def domain_use(self) -> list[int]:
        """How many values each variable of the layout takes in the states found."""
        seen: list[set[int]] = [set() for _ in self.layout.variables]
        masks = [(1 << width(variable)) - 1 for variable in self.layout.variables]
        for state in self:
            for shift, mask, values in zip(self.layout.shifts, masks, seen, strict=True):
                values.add(state >> shift & mask)
        return [len(values) for values in seen]

    @cached_property
    def initial(self) -> list[Packed]:
        """The states to start from, each once."""
        pack = self.layout.pack
        return list(dict.fromkeys(pack(values) for _, values in self.system.initial))

    @property
    def transitions(self) -> int:
        """How many steps there are between the states found, self-loops included."""
        pairs = zip(self.system.transitions, self.times_taken, strict=True)
        return sum(hits * transition.multiplicity for transition, hits in pairs)
