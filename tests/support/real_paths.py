"""Whether the paths that an engine shows are runs of the world."""

from __future__ import annotations

from itertools import pairwise

from steptable.explore.exploration import Exploration


def paths_are_real(exploration: Exploration) -> None:
    """Every state of a shortest path follows from the one before."""
    noted = [
        *exploration.deciding_states.values(),
        *(state for state, _, _ in exploration.violating_steps.values()),
    ]
    for state in noted:
        path = exploration.path(state)
        assert path[0] in exploration.initial
        assert path[-1] == state
        for before, after in pairwise(path):
            assert after in {reached for reached, _, _ in exploration.successors(before)}
