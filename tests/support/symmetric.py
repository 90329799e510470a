"""What a search among orbits says beside what the whole search says."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from steptable.check import Result
from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import Layout, Packed
from steptable.explore.python.engine import PythonExploration, search
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.system.builder import build
from steptable.world import World


def reduced(world: World, *, by_sorting: bool = True) -> PythonExploration:
    """A search among orbits. Raises `Asymmetric` where there are none."""
    system = build(world)
    orbits = Orbits.of(system, Layout.of(system.variables))
    return search(system, orbits=orbits if by_sorting else replace(orbits, parts=None))


def verdicts(result: Result) -> dict[str, tuple[str, bool, int | None]]:
    """Each verdict, whether it is vacuous, and how soon it is decided."""
    return {
        judgement.judged.name: (
            judgement.verdict,
            judgement.vacuous,
            None if judgement.trace is None else len(judgement.trace.steps),
        )
        for judgement in result.judgements
    }


def said(result: Result) -> tuple[Any, ...]:
    """All that a check says but for how many states and steps there are."""
    return (
        verdicts(result),
        result.idle_actions,
        set(result.rows_taken),
        result.effects_emitted,
        len(result.levels),
        result.stopped,
    )


def unordered(exploration: Exploration, members: tuple[str, ...]) -> set[Hashable]:
    """The states found without the order of members, each with the variables that name it."""
    return {_parted(exploration, state, members) for state in exploration}


def _parted(exploration: Exploration, state: Packed, members: tuple[str, ...]) -> Hashable:
    values = exploration.layout.unpack(state)
    shared = tuple(v for name, v in values.items() if not any(m in name for m in members))
    own = [tuple(v for name, v in values.items() if member in name) for member in members]
    return shared, tuple(sorted(map(repr, own)))
