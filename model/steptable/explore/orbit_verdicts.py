"""The verdict on one property among representatives, carried over to every property of its orbit.

Where members change places, so may properties: what breaks one in some state breaks another one,
just as soon, in a state that was not looked at. Transpositions lead to that state, and the
step out of it is looked up anew, so that every verdict has been reached on the very property.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import Packed
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.permutations import permuted
from steptable.explore.system.keys import PropertyKey, keyed


def extend_to_orbits(exploration: Exploration, orbits: Orbits) -> None:
    """Complete what is decided, broken and met by what is known of properties of their orbits."""
    telling = _OrbitVerdicts(exploration, orbits)
    exploration.met_premises |= {
        other for met in exploration.met_premises for other in orbits.counterparts(met)
    }
    exploration.deciding_states = telling.of_all(exploration.deciding_states)
    before = {
        key: step[0]
        for key, step in exploration.violating_steps.items()
        if isinstance(key, PropertyKey)
    }
    for key, state in telling.of_all(before).items():
        if before.get(key) != state:
            exploration.violating_steps[key] = exploration.first_violation(state, key)


@dataclass(frozen=True)
class _OrbitVerdicts:
    exploration: Exploration
    orbits: Orbits

    def of_all(self, decided: Mapping[PropertyKey, Packed]) -> dict[PropertyKey, Packed]:
        """Where each property is decided first: where one of its orbit is, carried over to it."""
        first_states = {}
        depth = {key: len(self.exploration.path(state)) for key, state in decided.items()}
        for key in keyed(self.exploration.system.world):
            alike = [other for other in self.orbits.counterparts(key) if other in decided]
            if alike:
                first = min(alike, key=depth.__getitem__)  # itself, if it is as soon as any
                first_states[key] = decided[first]
                for transposition in self.orbits.counterparts(first)[key]:
                    first_states[key] = permuted(first_states[key], transposition.permutation)
        return first_states
