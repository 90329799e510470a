"""The C engine finds what the Python engine finds, in every field, at any number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from known_models.alternating_bit import alternating_bit
from known_models.mirror import mirror
from known_models.peterson import peterson
from known_models.philosophers import philosophers
from known_models.transaction_commit import transaction_commit
from known_models.two_phase import two_phase
from nixfleet_state_machine.worlds import agent, reducer
from nixfleet_state_machine.worlds import mirror as nixfleet_mirror
from random_worlds import random_world
from steptable.explore import c_engine, python_engine
from steptable.explore.cases import System
from steptable.explore.compiler import Compiler, find_compiler
from steptable.explore.exploration import Exploration
from steptable.explore.system import build
from steptable.world import World

COMPILER = find_compiler()

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")

pytestmark = needs_compiler

MODELS: dict[str, Callable[[], World]] = {
    "transaction commit": lambda: transaction_commit(3),
    "two-phase commit": lambda: two_phase(3),
    "two-phase commit of five": lambda: two_phase(5),
    "peterson": peterson,
    "peterson in the wrong order": lambda: peterson(hasty=True),
    "philosophers": lambda: philosophers(5),
    "philosophers repaired": lambda: philosophers(5, repaired=True),
    "alternating bit": lambda: alternating_bit(3),
    "alternating bit ignored": lambda: alternating_bit(3, careless=True),
    "mirror": lambda: mirror(1, 2, 3),
    "mirror of two hosts": lambda: mirror(2, 1, 2),
    "mirror that loses": lambda: mirror(1, 3, 3, lossy=True),
    "NixFleet reducer": lambda: reducer.world,
    "NixFleet agent": lambda: agent.world,
    "NixFleet mirror": lambda: nixfleet_mirror.world,
}


def by_c(system: System, *, threads: int = 1, word: int = 64) -> c_engine.CExploration:
    assert isinstance(COMPILER, Compiler)
    return c_engine.search(system, COMPILER, threads=threads, word=word)


def values(found: Exploration) -> set[tuple[object, ...]]:
    """The states, whatever the layout."""
    return {tuple(found.layout.unpack(state).values()) for state in found}


def depths(found: Exploration) -> dict[tuple[str, int], int]:
    """How deep each property is decided or broken first."""
    decided = {("decided", i): len(found.path(state)) for i, state in found.decided.items()}
    broken = {("broken", i): len(found.path(at)) for i, (at, _, _) in found.broken.items()}
    return decided | broken


def facts(found: Exploration) -> dict[str, object]:
    """All that two engines must agree on."""
    return {
        "states": values(found),
        "levels": found.levels,
        "hits": found.hits,
        "transitions": found.transitions,
        "met": found.met,
        "depths": depths(found),
        "stopped": found.stopped,
    }


def paths_are_real(found: Exploration) -> None:
    """Every state of a shortest path follows from the one before."""
    noted = [*found.decided.values(), *(state for state, _, _ in found.broken.values())]
    for path in map(found.path, noted):
        assert path[0] in found.initial
        for before, after in pairwise(path):
            assert after in {reached for reached, _, _ in found.explain(before)}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_both_engines_find_the_same_of_every_known_model(model: Callable[[], World]) -> None:
    """States, levels, hits, premises met, and how deep each property is decided."""
    system = build(model())
    found = by_c(system)

    assert facts(found) == facts(python_engine.search(system))
    paths_are_real(found)


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """Random worlds are small, so that compiling them is what takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + " -O0")
        yield


@pytest.mark.usefixtures("unoptimised")
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans(), st.sampled_from((64, 12, 20)))
def test_both_engines_find_the_same_of_random_worlds(
    seed: int, size: int, with_machine: bool, word: int
) -> None:
    """Sorts, choices, overruns and refusals of every kind, in one word and in several."""
    system = build(random_world(seed, size=size, with_machine=with_machine))
    limit = 3000
    slow = python_engine.search(system, max_states=limit)
    assume(not slow.stopped)
    found = by_c(system, word=word)

    assert facts(found) == facts(slow)
    paths_are_real(found)
