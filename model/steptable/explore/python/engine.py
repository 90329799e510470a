"""Explores a system breadth-first in pure Python: packed integers and a generated successor loop.

The loop is Python source, generated for the system (`packed.code`) and compiled once; it needs
no compiler and is the reference for any faster engine. Each level is expanded in ascending order,
so that the least state is found first: every engine shows the same one, and the same way to it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from steptable.explore.exploration import INTERRUPTED, Exploration, Progress
from steptable.explore.memory import ROOM, left
from steptable.explore.orbit_verdicts import extend_to_orbits
from steptable.explore.packed.code import PythonWriter
from steptable.explore.packed.compiling import compiled
from steptable.explore.packed.layout import Layout, Packed
from steptable.explore.packed.numbering import Notes
from steptable.explore.packed.templates import SEARCH, SEARCH_ORBITS
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import is_true
from steptable.support.interrupts import demand_none

_SLICE: Final = 2048
"""States expanded between two looks at limits and progress."""

_LOOK: Final = 8 * _SLICE
"""States expanded between two looks at the memory that is left."""

_ROOT: Final = -1
"""The parent of an initial state."""


@dataclass
class PythonExploration(Exploration):
    """What the Python engine has found: every state, nearest first."""

    parents: dict[Packed, Packed] = field(default_factory=dict)
    """Every state found, with the least of those a step before it that are nearest."""
    expanded: int = 0
    """States whose steps were taken."""

    def __len__(self) -> int:
        return len(self.parents)

    def __iter__(self) -> Iterator[Packed]:
        return iter(self.parents)

    def path(self, state: Packed) -> list[Packed]:
        path = [self.representative(state)]
        while (parent := self.parents[path[-1]]) != _ROOT:
            path.append(parent)
        return self.concrete_path(path[::-1], state)


def search(
    system: TransitionSystem,
    *,
    max_states: int | None = None,
    progress: Progress | None = None,
    orbits: Orbits | None = None,
) -> PythonExploration:
    """Explore every reachable state, shortest paths first; with orbits, one state of each.

    Stops early, and says so in `stopped`, at `max_states`, when memory ends, or on Ctrl-C.
    """
    layout = Layout.of(system.variables)
    writer = PythonWriter(system, layout)
    notes = Notes(writer.numbering)
    exploration = PythonExploration(
        system, layout, times_taken=[0] * len(system.transitions), orbits=orbits
    )
    if orbits is None:
        judge = compiled(writer.judgement(), "judge")
        expand = compiled(writer.expansion(SEARCH), "run")
        exploration.parents = dict.fromkeys(exploration.initial, _ROOT)
    else:
        judge = compiled(
            PythonWriter(orbits.with_orbit_premises(system), layout).judgement(), "judge"
        )
        run = compiled(writer.expansion(SEARCH_ORBITS), "run")
        expand = partial(run, canonical=orbits.canonical)
        exploration.parents = dict.fromkeys(map(orbits.canonical, exploration.initial), _ROOT)
    frontier = sorted(exploration.parents)
    _keep(exploration, frontier, max_states)
    judge(frontier, notes.decided, notes.met)
    collecting = gc.isenabled()
    gc.disable()  # millions of small objects that never form cycles
    try:
        while frontier and not exploration.stopped:
            exploration.levels.append(len(frontier))
            frontier = _level(
                exploration,
                notes,
                frontier,
                expand,
                judge,
                max_states=max_states,
                progress=progress,
            )
    except KeyboardInterrupt:
        exploration.stopped = INTERRUPTED
    except MemoryError:
        exploration.stopped = f"out of memory at {len(exploration.parents):,} states"
    finally:
        if collecting:
            gc.enable()
    exploration.deciding_states, exploration.violating_steps = (
        notes.deciding_states,
        notes.violating_steps,
    )
    exploration.met_premises = notes.met_premises
    for transition, hits in zip(system.transitions, exploration.times_taken, strict=True):
        if hits:
            exploration.met_premises |= {
                met for met, holds in transition.premises.items() if is_true(holds)
            }
    if orbits is not None:
        extend_to_orbits(exploration, orbits)
    return exploration


def _level(
    exploration: PythonExploration,
    notes: Notes,
    frontier: list[Packed],
    expand: Callable[..., None],
    judge: Callable[..., None],
    *,
    max_states: int | None,
    progress: Progress | None,
) -> list[Packed]:
    """Expand one level in slices; the next one, in ascending order."""
    fresh: list[Packed] = []
    try:
        for start in range(0, len(frontier), _SLICE):
            demand_none()
            new: list[Packed] = []
            batch = frontier[start : start + _SLICE]
            exploration.expanded += len(batch)
            expand(
                batch,
                exploration.parents,
                new,
                exploration.times_taken,
                notes.broken,
                notes.met,
            )
            _keep(exploration, new, max_states)
            fresh += new
            if progress is not None:
                progress(
                    len(exploration.parents), len(exploration.levels) - 1, len(frontier) - start
                )
            if exploration.stopped:
                break
            if exploration.expanded % _LOOK < len(batch) and left() < _room_for(exploration):
                raise MemoryError
    finally:  # what is found until a search is cut short counts as well
        fresh.sort()
        judge(fresh, notes.decided, notes.met)
    return fresh


def _room_for(exploration: PythonExploration) -> int:
    """Bytes to leave: the table of states is copied when it grows, into one twice as large."""
    return ROOM + 2 * sys.getsizeof(exploration.parents)


def _keep(exploration: PythonExploration, new: list[Packed], max_states: int | None) -> None:
    """Forget what has just been found beyond `max_states`, and stop where there is any of it.

    Steps that lead there have been taken, and stay counted.
    """
    surplus = 0 if max_states is None else len(exploration.parents) - max_states
    if surplus > 0:
        for state in new[-surplus:]:
            del exploration.parents[state]
        del new[-surplus:]
        exploration.is_full = True
        exploration.stopped = (
            f"stopped at {len(exploration.parents):,} states, as --max-states asks"
        )
