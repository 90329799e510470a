"""Numbered states and the steps between them as arrays, for questions about whole runs.

A graph of 10^7 steps fits where objects for each of them would not: a step takes 6 bytes, its
target and its action; a state takes 8. Steps out of one state stand together and in order, by
target and then by action, and each stands there once. All that is computed here depends on
the numbers of states and actions alone, so that it is the same whoever has found the steps.

Importing this module loads numpy, so it is imported where runs are judged, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from steptable.explore.packed.layout import Packed

Truths: TypeAlias = NDArray[np.bool_]
"""One truth for each state, or for each step."""

Distances: TypeAlias = NDArray[np.int32]
"""For each state the number of steps to it, or `FAR`."""

FAR: Final = np.iinfo(np.int32).max
"""The distance of what is not reached."""

TABLE: Final = 160
"""Bytes for a state in the table by which states are numbered."""

_SLICE: Final = 4096
"""States whose steps are listed at once."""


@dataclass(frozen=True)
class Steps:
    """Steps between states 0 to n-1; those out of state i are numbered ends[i] to ends[i+1]-1."""

    ends: NDArray[np.int64]
    """n+1 numbers, the first of them 0."""
    targets: NDArray[np.int32]
    """Where each step leads."""
    actions: NDArray[np.uint16]
    """By which action, in the order of the world's actions."""

    @property
    def states(self) -> int:
        return len(self.ends) - 1

    @cached_property
    def sources(self) -> NDArray[np.int32]:
        """Where each step begins."""
        numbers = np.arange(self.states, dtype=np.int32)
        return np.repeat(numbers, np.diff(self.ends))

    @property
    def are_first(self) -> Truths:
        """Which steps are the first of those that lead from a state to the same other one."""
        first = np.ones(len(self.targets), dtype=np.bool_)
        first[1:] = self.targets[1:] != self.targets[:-1]
        first[self.ends[:-1][np.diff(self.ends) > 0]] = True
        return first

    def out_of(self, state: int) -> Iterator[tuple[int, int]]:
        """The steps out of a state: target and action."""
        here = slice(self.ends[state], self.ends[state + 1])
        return zip(self.targets[here].tolist(), self.actions[here].tolist(), strict=True)

    def kept(self, which: Truths) -> Steps:
        """Some of the steps, between the same states."""
        before = np.concatenate(([0], np.cumsum(which, dtype=np.int64)))
        return Steps(before[self.ends], self.targets[which], self.actions[which])

    def distances(self, begun: Distances, until: Truths | None = None) -> Distances:
        """How far each state is from where runs begin; `begun` says how far that is itself.

        With `until`, no further than to the nearest of those states.
        """
        distances_found = np.full(self.states, FAR, dtype=np.int32)
        waiting = np.flatnonzero(begun < FAR)
        waiting = waiting[np.argsort(begun[waiting], kind="stable")]
        begins = begun[waiting]
        depth = int(begins[0]) if len(begins) else 0
        fresh = np.empty(0, dtype=np.int64)
        at = 0
        while len(fresh) or at < len(waiting):
            stop = int(np.searchsorted(begins, depth, side="right"))
            joining = waiting[at:stop]
            here = np.concatenate((fresh, joining[distances_found[joining] == FAR]))
            distances_found[here], at = depth, stop
            if until is not None and until[here].any():
                break
            reached = self._after(here)
            fresh = np.unique(reached[distances_found[reached] == FAR])
            depth += 1
            distances_found[fresh] = depth
        return distances_found

    def _after(self, states: NDArray[np.int64]) -> NDArray[np.int32]:
        """The targets of all steps out of some states."""
        first, counts = self.ends[states], self.ends[states + 1] - self.ends[states]
        before = np.cumsum(counts) - counts
        places = np.repeat(first - before, counts) + np.arange(counts.sum())
        reached: NDArray[np.int32] = self.targets[places]
        return reached

    def way_back(self, distances: Distances, state: int, begun: Distances) -> list[int]:
        """A shortest path to a state, by its distances; of several, the least by number."""
        path = [state]
        while begun[path[-1]] != distances[path[-1]]:
            into = self.sources[np.flatnonzero(self.targets == path[-1])]
            path.append(int(into[distances[into] == distances[path[-1]] - 1].min()))
        return path[::-1]


@dataclass(frozen=True)
class StepGraph:
    """Every state that was found, in the order of their packed values, and every step of theirs.

    This is what an engine owes to those who judge runs, and all of it: the number of a state is its
    rank among `states`; a step that several choices or transitions make is there once for each of
    its actions; self-loops are steps, refusals are none.
    """

    states: Sequence[Packed]
    """Ascending. Items and slices are asked for, and the length; they need not be a list."""
    steps: Steps

    @cached_property
    def enabled(self) -> Enabled:
        return Enabled.of(self.steps)


@dataclass(frozen=True)
class Enabled:
    """Which actions can happen in each state, a bit for each: 1 byte a state for 8 actions."""

    bits: NDArray[np.uint8]

    @classmethod
    def of(cls, steps: Steps) -> Enabled:
        count = int(steps.actions.max(initial=0)) + 1
        bits = np.zeros((steps.states, (count + 7) // 8), dtype=np.uint8)
        for action in range(count):
            bits[steps.sources[steps.actions == action], action // 8] |= 1 << action % 8
        return cls(bits)

    @property
    def actions(self) -> int:
        """How many actions there are at the most."""
        return 8 * int(self.bits.shape[1])

    def where(self, action: int) -> Truths:
        """In which states an action can happen."""
        if action >= self.actions:
            return np.zeros(len(self.bits), dtype=np.bool_)
        return (self.bits[:, action // 8] >> action % 8 & 1).astype(np.bool_)

    def mask(self, state: int) -> int:
        """The actions that can happen in a state, as bits of one number."""
        return int.from_bytes(self.bits[state].tobytes(), "little")


def listed(
    states: Sequence[Packed], expand: Callable[..., None], doing: Callable[[str], None]
) -> StepGraph:
    """The steps of some states, as a generated function lists them (`packed.templates.STEPS`).

    While it is at work, it holds a table of all states: up to `TABLE` bytes for each.
    """
    index = {state: number for number, state in enumerate(states)}
    parts = []
    for start in range(0, len(states), _SLICE):
        doing(f"listing the steps of {len(states):,} states, {start / len(states):.0%}")
        keys: list[int] = []
        ends = [0]
        expand(states[start : start + _SLICE], index, keys, ends)
        parts.append(_ordered(np.array(keys, dtype=np.int64), np.array(ends)))
    return StepGraph(states, joined(parts))


def _ordered(keys: NDArray[np.int64], ends: NDArray[np.int64]) -> Steps:
    """The steps out of some states, of which keys (target << 16 | action) are in any order."""
    sources = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    order = np.lexsort((keys, sources))
    keys, sources = keys[order], sources[order]
    differs = np.ones(len(keys), dtype=np.bool_)
    differs[1:] = (keys[1:] != keys[:-1]) | (sources[1:] != sources[:-1])
    counts = np.bincount(sources[differs], minlength=len(ends) - 1)
    keys = keys[differs]
    return Steps(
        np.concatenate(([0], np.cumsum(counts))),
        (keys >> 16).astype(np.int32),
        (keys & 0xFFFF).astype(np.uint16),
    )


def joined(parts: Sequence[Steps]) -> Steps:
    """The steps out of many states, of which each part has those of the next few."""
    counts = [np.diff(part.ends) for part in parts]
    ends = np.cumsum(np.concatenate(([0], *counts)), dtype=np.int64)
    empty = Steps(ends[:1], np.empty(0, np.int32), np.empty(0, np.uint16))
    whole = [empty, *parts]
    return Steps(
        ends,
        np.concatenate([part.targets for part in whole]),
        np.concatenate([part.actions for part in whole]),
    )
