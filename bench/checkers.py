"""Model checkers of the package index on *mirror(1, P, K)*, as the hand-written model gives it.

Both take a model as Python functions; they get the same successors and the same invariant as the
plain search, in the form that costs them least. What is not installed is not measured: musil needs
Python 3.12.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, cast

from bench import plain_mirror
from bench.plain_mirror import State

_ROOM = 10**9
"""More states than any model has; both stop early otherwise."""


def installed(name: str) -> bool:
    """Whether a package can be imported."""
    return find_spec(name) is not None


def by_minicheck(probes: int, capacity: int) -> int:
    """The distinct states that minicheck finds."""
    minicheck = importlib.import_module("minicheck")
    undecided: tuple[Any, ...] = ("undecided",)
    starts = plain_mirror.initial(probes)

    def transitions(state: tuple[Any, ...]) -> Iterator[tuple[str, State]]:
        # It takes one initial state, so a first step chooses among ours.
        after = (
            starts if state == undecided else plain_mirror.successors(cast(State, state), capacity)
        )
        return (("step", item) for item in after)

    protocol = minicheck.Protocol(
        name="mirror",
        candidate=False,
        fields=tuple(f"part{number}" for number in range(len(starts[0]))),
        initial=undecided,
        transitions=transitions,
        invariants={
            "keeps": lambda parts: len(parts) == 1 or plain_mirror.keeps(tuple(parts.values()))
        },
    )
    found = minicheck.check_safety(protocol, max_states=_ROOM)
    if not found["properties"]["keeps"]["holds"]:
        raise ValueError(f"minicheck finds the invariant broken: {found}")
    states: int = found["reachable_states"]
    return states - 1


def by_musil(probes: int, capacity: int) -> int:
    """The distinct states that musil finds."""
    musil = importlib.import_module("musil")

    def to(after: State) -> Callable[[State], State]:
        return lambda _: after

    def enabled(state: State) -> Iterator[object]:
        for after in plain_mirror.successors(state, capacity):
            yield musil.Action("step", lambda _: True, to(after))

    model = musil.Model(
        init=plain_mirror.initial(probes),
        actions_fn=enabled,
        invariants={"keeps": plain_mirror.keeps},
        terminal=lambda _: True,
    )
    found = musil.check(model, max_states=_ROOM)
    if not found.ok:
        raise ValueError(f"musil finds the invariant broken: {found}")
    states: int = found.states_explored
    return states
