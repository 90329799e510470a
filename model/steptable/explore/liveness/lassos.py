"""Decides whether every fair run comes to a goal, by looking for a fair cycle that avoids it.

A run that never meets its goal ends in a set of states that it visits forever. Such a set lies
within one strongly connected component of the states that avoid the goal. It is fair if each
weakly fair action is disabled somewhere in it or taken in it, and each strongly fair action
that is enabled somewhere in it is taken in it (Lichtenstein and Pnueli 1985; for strong fairness
by removing the states that enable an action which the component never takes, Emerson and Lei
1987). As in TLA, a run may also stand still forever, where no fair action is enabled: an
environment that owes nothing need not act.

What is shown of a broken property is a lasso: a path, and a loop at its end. It is a shortest one,
path and loop counted together, whenever the search for it stays within its budget (`cycles`);
else the path is a shortest one to any state that a fair loop goes through, and the loop a fair
one that may be longer than need be. Of lassos of the same length, it is always the same one: to
stand still comes first, then order is by the packed values of states and by the order in which
actions are declared. Which engine found the states makes no difference.

The steps are arrays, listed once for all properties of a world (`steps`): with what is needed
to judge one of them, under 50 bytes for each step and under 250 for each state at the most.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from steptable.explore.exploration import Doing, Exploration
from steptable.explore.liveness.cycles import BudgetExhausted, Cycle, EntryPoint, FairCycles
from steptable.explore.liveness.fair_components import Fairness, fair_components
from steptable.explore.memory import left_of_machine
from steptable.explore.packed.layout import Packed
from steptable.explore.packed.step_graph import FAR, Distances, StepGraph, Steps, Truths
from steptable.explore.system.keys import PropertyKey

_STEP: Final = 36
_STATE: Final = 234
"""Bytes for each step and each state that it takes at the most to judge one property, beside the
steps themselves."""

BUDGET: Final = 500_000
"""Paths that are tried for a shortest lasso of one property: a second or two."""


@dataclass(frozen=True)
class Lasso:
    """A run that avoids its goal forever: a path, whose states from `loop` on are repeated.

    A run may also stand still at the end of its path: its loop is then its last state.
    """

    path: list[Packed]
    loop: int
    by: dict[int, str] = field(default_factory=dict)
    """The actions of the steps of the loop, by number."""
    is_shortest: bool = True
    """Whether no other fair run that refutes the property is shorter."""


@dataclass
class LassoFinder:
    """The runs of a system whose states are all found."""

    exploration: Exploration
    doing: Doing = lambda _: None
    budget: int = BUDGET

    @cached_property
    def graph(self) -> StepGraph:
        graph = self.exploration.step_graph(self.doing)
        if _STATE * len(graph.states) + _STEP * len(graph.steps.targets) > left_of_machine():
            raise MemoryError
        return graph

    @cached_property
    def fair(self) -> Fairness:
        return Fairness.of(self.exploration.system.world.actions)

    @cached_property
    def starts(self) -> Distances:
        begun = np.full(len(self.graph.states), FAR, dtype=np.int32)
        begun[[bisect_left(self.graph.states, state) for state in self.exploration.initial]] = 0
        return begun

    @cached_property
    def depths(self) -> Distances:
        """How far each state is from the nearest start."""
        return self.graph.steps.distances(self.starts)

    def find_lasso(self, key: PropertyKey) -> Lasso | None:
        """A fair run that refutes a property over runs. Notes whether its premise is ever met."""
        system = self.exploration.system
        item = system.property_of(key)
        graph = self.graph
        self.doing(f"looking for fair cycles: {item.name}")
        bits = self.exploration.holding(
            graph.states, [system.conditions[key], system.premise_of_run(key)]
        )
        avoiding: Truths = bits & 1 == 0
        due = self.starts < FAR if item.premise is None else bits & 2 != 0
        if item.premise is None or due.any():
            self.exploration.met_premises.update(system.premises.needed[key])
        steps = graph.steps
        steps = steps.kept(avoiding[steps.sources] & avoiding[steps.targets])
        begun = np.where(due & avoiding, self.depths, np.int32(FAR))
        return _LassoSearch(self, steps, begun, item.premise is None).lasso()


@dataclass
class _LassoSearch:
    """Looks for a lasso among the steps that avoid a goal.

    `begun` is how far it is to where the goal becomes due.
    """

    runs: LassoFinder
    steps: Steps
    begun: Distances
    is_due_at_once: bool

    @cached_property
    def owing(self) -> EntryPoint:
        """How soon a run comes to a state with the goal still due."""
        return EntryPoint(self.steps.distances(self.begun), is_due=True)

    def lasso(self) -> Lasso | None:
        """A shortest one, if the budget suffices."""
        enabled, fair = self.runs.graph.enabled, self.runs.fair
        reached = self.owing.distances < FAR
        parts = fair_components(self.steps.kept(reached[self.steps.sources]), enabled, fair)
        cycles = FairCycles(parts, enabled, fair, self.begun < FAR, self.runs.budget)
        still = self._standing_still(reached)
        entries = [self.owing]
        if not self.is_due_at_once:
            # What becomes due within the loop is due ever after.
            entries.append(EntryPoint(self.runs.depths, is_due=False))
        try:
            turning = cycles.shortest(entries, FAR if still is None else len(still.path) - 1)
        except BudgetExhausted:
            home, cycle = cycles.composed(self.owing.distances)
            composed = self._along(self.owing, home, cycle, is_shortest=False)
            if still is None or len(composed.path) < len(still.path):
                return composed
            return replace(still, is_shortest=False)
        return still if turning is None else self._along(*turning)

    def _standing_still(self, reached: Truths) -> Lasso | None:
        """A shortest path to where nothing fair can happen."""
        idle = reached.copy()
        for action in self.runs.fair.all:
            idle &= ~self.runs.graph.enabled.where(action)
        states = np.flatnonzero(idle)
        if not len(states):
            return None
        return self._along(self.owing, int(states[self.owing.distances[states].argmin()]), [])

    def _along(
        self, entry: EntryPoint, home: int, cycle: Cycle, *, is_shortest: bool = True
    ) -> Lasso:
        """A shortest path to a state, and a cycle from there."""
        runs, path = self.runs, [home]
        if entry.is_due:
            path = self.steps.way_back(entry.distances, home, self.begun)
        path = [*runs.graph.steps.way_back(runs.depths, path[0], runs.starts), *path[1:]]
        loop, names = (
            len(path) - 1,
            [action.name for action in runs.exploration.system.world.actions],
        )
        by = {loop + number: names[action] for number, (_, action) in enumerate(cycle)}
        path += [target for target, _ in cycle]
        return Lasso([runs.graph.states[state] for state in path], loop, by, is_shortest)
