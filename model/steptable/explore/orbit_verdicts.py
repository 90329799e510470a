"""What was found of one promise among representatives, told of every promise it may turn into.

Where members change places, so may promises: what breaks one in some state breaks another one,
just as soon, in a state that was not looked at. That state is come by with turns, and the step
out of it is looked up anew, so that all that is told has been judged of the very promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from steptable.explore.exploration import Exploration, NumberedStep
from steptable.explore.packed.code import SEARCH, PythonWriter, compiled
from steptable.explore.packed.layout import Packed
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.permutations import permuted


def extend_to_orbits(exploration: Exploration, orbits: Orbits) -> None:
    """Complete what is `decided`, `broken` and `met` by what is known of promises alike."""
    telling = _OrbitVerdicts(exploration, orbits)
    exploration.met_premises |= {
        other for index in exploration.met_premises for other in orbits.promises_like(index)
    }
    exploration.deciding_states = telling.of_all(exploration.deciding_states)
    before = {index: step[0] for index, step in exploration.violating_steps.items()}
    for index, state in telling.of_all(before).items():
        if before.get(index) != state:
            exploration.violating_steps[index] = telling.first_step(index, state)


@dataclass(frozen=True)
class _OrbitVerdicts:
    exploration: Exploration
    orbits: Orbits

    def of_all(self, known: Mapping[int, Packed]) -> dict[int, Packed]:
        """Where each promise is decided first: where one like it is, turned to be about it."""
        # A bound, or that nothing can happen, is no promise of anybody's.
        told = {index: state for index, state in known.items() if index < 0}
        depth = {index: len(self.exploration.path(state)) for index, state in known.items()}
        for index in range(len(self.exploration.system.world.properties)):
            alike = [other for other in self.orbits.promises_like(index) if other in known]
            if alike:
                first = min(alike, key=depth.__getitem__)  # itself, if it is as soon as any
                told[index] = known[first]
                for transposition in self.orbits.promises_like(first)[index]:
                    told[index] = permuted(told[index], transposition.permutation)
        return told

    def first_step(self, index: int, state: Packed) -> NumberedStep:
        """The first step out of a state that breaks a promise."""
        broken: dict[int, NumberedStep] = {}
        hits = [0] * len(self.exploration.system.transitions)
        self._expand([state], {}, [], hits, broken, set())
        return broken[index]

    @cached_property
    def _expand(self) -> Any:
        source = PythonWriter(self.exploration.system, self.exploration.layout).expansion(SEARCH)
        return compiled(source, "run")
