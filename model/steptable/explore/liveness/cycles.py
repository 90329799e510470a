"""Short cycles that a fair run can repeat forever.

A shortest one is sought exhaustively, path by path: what still counts of a path is where it ends,
which weakly fair actions it has settled (taken, or seen disabled), and which strongly fair ones
it owes (seen enabled, not taken); and whether a property is due that is so only from some state
on. With many fair actions that is NP-hard (it contains the travelling salesman's tour), so the
search has a budget of paths, counted and not timed, so that no result depends on the machine.
Beyond it, a cycle is composed that goes to whatever is owed and nearest: fair, but perhaps longer
than need be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from steptable.explore.liveness.fair_components import Fairness
from steptable.explore.packed.step_graph import FAR, Distances, Enabled, Steps, Truths

Cycle: TypeAlias = list[tuple[int, int]]
"""Steps one after another: to which state, by which action."""

Place: TypeAlias = tuple[int, int, int]
"""What counts of a path: the state, what is settled, what is owed; actions as bits."""


class BudgetExhausted(Exception):
    """The budget of paths is spent."""


@dataclass(frozen=True)
class EntryPoint:
    """How cycles may begin: how far it is to each state, and whether a property is then due."""

    distances: Distances
    is_due: bool
    """If not, the cycle itself must pass a state in which it becomes due."""


@dataclass
class FairCycles:
    """Looks for cycles within the fair parts of a graph."""

    steps: Steps
    """Those of the fair parts."""
    enabled: Enabled
    fair: Fairness
    due: Truths
    """The states in which properties become due."""
    budget: int
    _known: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weak = _bits(self.fair.weak)
        self.strong = _bits(self.fair.strong)
        self.due_bit = 1 << self.enabled.actions
        """Stands beside the actions for the property, and is settled where that is due."""

    # ── Shortest ─────────────────────────────────────────────────────────────────────

    def shortest(
        self, entries: Sequence[EntryPoint], below: int
    ) -> tuple[EntryPoint, int, Cycle] | None:
        """Where to begin a cycle so that it and the path to it are shortest, if below some length.

        Of several, it begins by the first of the entries, where the distance is least, then the
        number; its steps lead to the least state by the first action. Raises `Exhausted`.
        """
        bounds = [self._least(entry) for entry in entries]
        for length in range(min((int(least.min()) for least in bounds), default=below), below):
            for entry, least in zip(entries, bounds, strict=True):
                homes = np.flatnonzero(least <= length)
                homes = homes[np.argsort(entry.distances[homes], kind="stable")]
                for home in homes.tolist():
                    walk = self._closed(entry, home, length - int(entry.distances[home]))
                    if walk is not None:
                        return entry, home, walk
        return None

    def _least(self, entry: EntryPoint) -> Distances:
        """How long a lasso that goes round from each state is at least."""
        owed = np.zeros(self.steps.states, dtype=np.int32)
        for action in self.fair.strong:
            owed += self.enabled.where(action)
        within = np.diff(self.steps.ends) > 0
        least = np.full(self.steps.states, FAR, dtype=np.int32)
        least[within] = entry.distances[within] + np.maximum(owed[within], 1)
        return least

    def _closed(self, entry: EntryPoint, home: int, most: int) -> Cycle | None:
        """A shortest fair cycle through a state, of at most so many steps.

        It keeps to states that are no nearer than its home, since it might begin there as well.
        """
        distances = entry.distances
        nearest = (distances[home], home)
        begin = self._begin(home, is_due=entry.is_due)
        came: dict[Place, tuple[Place, int]] = {}
        level = [begin]
        for length in range(1, most + 1):
            fresh = []
            for place in level:
                self._spend()
                for target, action in self._out_of(place[0]):
                    if (distances[target], target) < nearest:
                        continue
                    after = self._go(place, target, action)
                    if target == home and self._is_fair(after):
                        return [*_traced(came, place, begin), (target, action)]
                    needed = max(1, after[2].bit_count())
                    if length + needed <= most and after not in came and after != begin:
                        came[after] = (place, action)
                        fresh.append(after)
            level = fresh
        return None

    def _out_of(self, state: int) -> list[tuple[int, int]]:
        if state not in self._known:
            self._known[state] = list(self.steps.out_of(state))
        return self._known[state]

    def _spend(self) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise BudgetExhausted

    # ── What is owed ─────────────────────────────────────────────────────────────────

    def _begin(self, home: int, *, is_due: bool) -> Place:
        settled = self._settled_in(home) | (self.due_bit if is_due else 0)
        return home, settled, self.strong & self.enabled.mask(home)

    def _go(self, place: Place, target: int, action: int) -> Place:
        _, settled, owed = place
        settled |= self._settled_in(target) | 1 << action & (self.weak | self.strong)
        return target, settled, (owed | self.strong & self.enabled.mask(target)) & ~settled

    def _settled_in(self, state: int) -> int:
        disabled = self.weak & ~self.enabled.mask(state)
        return disabled | self.due_bit if self.due[state] else disabled

    def _is_fair(self, place: Place) -> bool:
        _, settled, owed = place
        return not owed and not (self.weak | self.due_bit) & ~settled

    # ── Composed ─────────────────────────────────────────────────────────────────────

    def composed(self, distances: Distances) -> tuple[int, Cycle]:
        """The nearest state of a fair part, and a cycle there: to what is nearest, and back."""
        within = np.flatnonzero(np.diff(self.steps.ends))
        home = int(within[distances[within].argmin()])
        part = self.steps.distances(_only(self.steps.states, home)) < FAR
        steps = self.steps.kept(part[self.steps.sources])
        place, cycle = self._begin(home, is_due=True), list[tuple[int, int]]()
        while (onward := self._onward(steps, place)) is not None:
            cycle += onward
            for target, action in onward:
                place = self._go(place, target, action)
        if not cycle:
            cycle = self._out_of(home)[:1]
        return home, cycle + self._path(steps, cycle[-1][0], home)

    def _onward(self, steps: Steps, place: Place) -> Cycle | None:
        """To the nearest state or step that settles an action; None if all of them are."""
        here, settled, _ = place
        distances = steps.distances(_only(steps.states, here))
        nearest: tuple[int, int, int, Cycle] | None = None
        for action in self.fair.all:
            if settled >> action & 1:
                continue
            taking = steps.sources[steps.actions == action]
            settling = [(taking, 1)]
            if action in self.fair.weak:
                settling.append((np.flatnonzero(~self.enabled.where(action)), 0))
            for states, last in settling:
                at = _nearest(distances, states)
                if at is not None:
                    then = [step for step in self._out_of(at) if step[1] == action][:last]
                    option = (int(distances[at]) + last, action, at, then)
                    nearest = min(nearest or option, option)
        if nearest is None:
            return None
        *_, at, then = nearest
        return self._path(steps, here, at) + then

    def _path(self, steps: Steps, here: int, there: int) -> Cycle:
        begun = _only(steps.states, here)
        path = steps.way_back(steps.distances(begun), there, begun)
        return [
            next(step for step in self._out_of(state) if step[0] == after)
            for state, after in pairwise(path)
        ]


def _traced(came: dict[Place, tuple[Place, int]], place: Place, begin: Place) -> Cycle:
    path = []
    while place != begin:
        before, action = came[place]
        path.append((place[0], action))
        place = before
    return path[::-1]


def _nearest(distances: Distances, states: NDArray[Any]) -> int | None:
    """The nearest of some states, and of those the least; None where none is reached."""
    if not len(states):
        return None
    least = distances[states].min()
    return None if least == FAR else int(states[distances[states] == least].min())


def _only(states: int, state: int) -> Distances:
    """The distances from which to begin at one state."""
    begun = np.full(states, FAR, dtype=np.int32)
    begun[state] = 0
    return begun


def _bits(actions: Iterable[int]) -> int:
    return sum(1 << action for action in actions)
