"""The parts of a graph that a fair run can stay in forever.

Such a part is strongly connected and has a step. It is fair if each weakly fair action is
disabled somewhere in it or taken in it, and each strongly fair one that is enabled somewhere in
it is taken in it. A component that owes a strongly fair action, which it never takes, may still
have such a part among its states that do not enable the action (Emerson and Lei 1987), so these
are looked at again. All components are looked at together, once for each action.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from steptable.explore.packed.step_graph import Enabled, Steps
from steptable.world import Action


@dataclass(frozen=True)
class Fairness:
    """The actions that must happen at last, by number: weakly and strongly fair ones."""

    weak: tuple[int, ...]
    strong: tuple[int, ...]

    @classmethod
    def of(cls, actions: Iterable[Action]) -> Fairness:
        kinds = [action.fair for action in actions]
        weak = (number for number, kind in enumerate(kinds) if kind == "weak")
        strong = (number for number, kind in enumerate(kinds) if kind == "strong")
        return cls(tuple(weak), tuple(strong))

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.weak, *self.strong)


def fair_components(steps: Steps, enabled: Enabled, fair: Fairness) -> Steps:
    """The steps within the largest parts that a fair run can stay in forever.

    `steps` are those that a run may take, `enabled` says what can happen in each state at all.
    Each of the parts is strongly connected, and no step that is given leads from one to another.
    """
    part_of = np.full(steps.states, -1, dtype=np.int64)
    left, first = steps, 0
    while len(left.targets):
        count, part = _strong_components(left)
        left = left.kept(part[left.sources] == part[left.targets])
        takes = np.zeros(count, dtype=np.bool_)
        takes[part[left.sources]] = True
        owing = np.zeros(steps.states, dtype=np.bool_)
        for action in fair.all:
            taken = np.zeros(count, dtype=np.bool_)
            taken[part[left.sources[left.actions == action]]] = True
            able = enabled.where(action)
            if action in fair.weak:
                taken[part[~able]] = True
                takes &= taken
            else:
                owing |= able & ~taken[part]
        owes = np.zeros(count, dtype=np.bool_)
        owes[part[owing]] = True
        settled = (takes & ~owes)[part]
        part_of[settled] = part[settled] + first
        again = (takes & owes)[part] & ~owing
        left = left.kept(again[left.sources] & again[left.targets])
        first += count
    here = part_of[steps.sources]
    return steps.kept((here >= 0) & (here == part_of[steps.targets]))


def _strong_components(steps: Steps) -> tuple[int, NDArray[np.int32]]:
    """How many strongly connected components there are, and in which of them each state is."""
    # Two entries for the same pair of states would send the library round forever.
    single = steps.kept(steps.are_first)
    ones = np.ones(len(single.targets), dtype=np.float64)
    shape = (steps.states, steps.states)
    matrix = csr_array((ones, single.targets, single.ends), shape=shape)
    count, part = connected_components(matrix, directed=True, connection="strong")
    return int(count), part
