"""Whether the paths that an engine shows are runs of the world."""

from __future__ import annotations

from itertools import pairwise

from steptable.explore.exploration import Exploration


def paths_are_real(found: Exploration) -> None:
    """Every state of a shortest path follows from the one before."""
    noted = [
        *found.deciding_states.values(),
        *(state for state, _, _ in found.violating_steps.values()),
    ]
    for state in noted:
        path = found.path(state)
        assert path[0] in found.initial
        assert path[-1] == state
        for before, after in pairwise(path):
            assert after in {reached for reached, _, _ in found.successors(before)}
