"""What a search has come by, counted: rows taken, effects emitted, actions that never happen."""

from __future__ import annotations

from steptable.explore.cases import EMITTED, effects_of
from steptable.explore.exploration import Exploration


def rows_taken(found: Exploration) -> dict[str, int]:
    """How many steps took each row, by name; rows that none took are left out."""
    taken: dict[str, int] = {}
    for case, hits in zip(found.system.cases, found.hits, strict=True):
        for item in case.taken:
            if item.row is not None and hits:
                taken[item.row.name] = taken.get(item.row.name, 0) + hits * case.weight
    return taken


def effects_emitted(found: Exploration) -> frozenset[str]:
    """The kinds of effects that some step produced."""
    return frozenset(
        effect
        for number, (_, effect) in enumerate(effects_of(found.system.world))
        if EMITTED - number in found.met
    )


def idle_actions(found: Exploration) -> tuple[str, ...]:
    """Actions that never happen, or whose events are always refused; none of a search cut short."""
    if found.stopped:
        return ()
    hits = zip(found.system.cases, found.hits, strict=True)
    happened = {case.action.name for case, count in hits if count and case.moves}
    if found.orbits is not None:
        happened = found.orbits.actions_like(happened)
    return tuple(a.name for a in found.system.world.actions if a.name not in happened)


def growth(found: Exploration) -> tuple[tuple[str, int], ...]:
    """The five variables with the most distinct values, with how many there are."""
    names = (variable.name for variable in found.layout.variables)
    counts = sorted(zip(found.spread(), names, strict=True), reverse=True)
    return tuple((name, count) for count, name in counts[:5])
