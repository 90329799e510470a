"""Explores a system breadth-first in pure Python: packed integers and a generated successor loop.

The loop is Python source, generated for the system (`python_code`) and compiled once; it needs
no compiler and is the reference for any faster engine.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from steptable.explore.cases import Case, System
from steptable.explore.layout import Layout, Packed
from steptable.explore.python_code import EXPLAIN, REFUSALS, SEARCH, Writer, compiled

Found: TypeAlias = tuple[Packed, int, tuple[Any, ...]]
"""A step that breaks a property: the state before, the case, and the values of its parameters.
The case is -1 where nothing can happen in the state."""

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told now and then: states found, depth, states of this depth still to expand."""

_SLICE: Final = 2048
"""States expanded between two looks at limits and progress."""

_ROOT: Final = -1
"""The parent of an initial state."""


@dataclass
class Search:
    """How far a breadth-first search has come, and what it has found."""

    system: System
    layout: Layout
    parents: dict[Packed, Packed] = field(default_factory=dict)
    """Every state found, with the one that it was first reached from."""
    levels: list[int] = field(default_factory=list)
    """How many states were first found at each depth."""
    hits: list[int] = field(default_factory=list)
    """How often each case was taken, in the order of the system's cases."""
    steps: dict[int, Found] = field(default_factory=dict)
    """The first step that breaks each property over steps and events, or a bound."""
    states: dict[int, Packed] = field(default_factory=dict)
    """The first state that refutes (or witnesses) each property over states."""
    met: set[int] = field(default_factory=set)
    """The properties whose premise was met, so that they do not hold for want of a case."""
    stopped: str = ""
    """Why the search ended early; empty when it is complete."""

    @property
    def transitions(self) -> int:
        """How many steps there are between the states found, self-loops included."""
        pairs = zip(self.system.cases, self.hits, strict=True)
        return sum(hits * case.weight for case, hits in pairs)

    def path(self, state: Packed) -> list[Packed]:
        """A shortest path from an initial state."""
        path = [state]
        while (parent := self.parents[path[-1]]) != _ROOT:
            path.append(parent)
        return path[::-1]

    def explain(self, state: Packed) -> Iterator[tuple[Packed, Case, tuple[Any, ...]]]:
        """Every step out of a state: where to, by which case and choices."""
        for after, index, choices in self._explain(state):
            yield after, self.system.cases[index], choices

    def refusals(self, state: Packed) -> Iterator[tuple[Packed, Case, tuple[Any, ...]]]:
        """What can reach a state and is refused outright, so that it is no step out of it."""
        for after, index, choices in self._refusals(state):
            yield after, self.system.cases[index], choices

    @cached_property
    def _refusals(self) -> Callable[[Packed], Iterator[tuple[Packed, int, tuple[Any, ...]]]]:
        return compiled(Writer(self.system, self.layout).expansion(REFUSALS), "run")

    @cached_property
    def _explain(self) -> Callable[[Packed], Iterator[tuple[Packed, int, tuple[Any, ...]]]]:
        return compiled(Writer(self.system, self.layout).expansion(EXPLAIN), "run")


def search(
    system: System, *, max_states: int | None = None, progress: Progress | None = None
) -> Search:
    """Explore every reachable state, shortest paths first.

    Stops early, and says so in `stopped`, at `max_states`, when memory ends, or on Ctrl-C.
    """
    layout = Layout.of(system.variables)
    writer = Writer(system, layout)
    expand = compiled(writer.expansion(SEARCH), "run")
    judge = compiled(writer.judgement(), "judge")
    found = Search(system, layout, hits=[0] * len(system.cases))
    frontier = list(dict.fromkeys(layout.pack(values) for _, values in system.initial))
    found.parents = dict.fromkeys(frontier, _ROOT)
    judge(frontier, found.states, found.met)
    collecting = gc.isenabled()
    gc.disable()  # millions of small objects that never form cycles
    try:
        while frontier and not found.stopped:
            found.levels.append(len(frontier))
            frontier = _level(
                found, frontier, expand, judge, max_states=max_states, progress=progress
            )
    except KeyboardInterrupt:
        found.stopped = "interrupted"
    except MemoryError:
        found.stopped = f"out of memory at {len(found.parents):,} states"
    finally:
        if collecting:
            gc.enable()
    return found


def _level(
    found: Search,
    frontier: list[Packed],
    expand: Callable[..., None],
    judge: Callable[..., None],
    *,
    max_states: int | None,
    progress: Progress | None,
) -> list[Packed]:
    """Expand one level in slices; the next one."""
    fresh: list[Packed] = []
    for start in range(0, len(frontier), _SLICE):
        new: list[Packed] = []
        batch = frontier[start : start + _SLICE]
        expand(batch, found.parents, new, found.hits, found.steps, found.met)
        judge(new, found.states, found.met)
        fresh += new
        if progress is not None:
            progress(len(found.parents), len(found.levels) - 1, len(frontier) - start)
        left = fresh or frontier[start + _SLICE :]
        if max_states is not None and len(found.parents) >= max_states and left:
            found.stopped = f"stopped at {len(found.parents):,} states, as --max-states asks"
            break
    return fresh
