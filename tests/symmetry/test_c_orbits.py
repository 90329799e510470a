"""The C engine goes through the same representatives of orbits as the Python engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from known_models.mirror import mirror
from known_models.two_phase import two_phase
from steptable.check import check
from steptable.errors import UsageError
from steptable.explore.c import engine as c_engine
from steptable.explore.c.compiler import Compiler, find_compiler
from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import Layout
from steptable.explore.python import engine as python_engine
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import Action, Alike, Start, Variable, World
from support.alike_worlds import lamps, probing, two_hosts
from support.random_copies import random_copies
from support.real_paths import paths_are_real
from support.symmetric import said

COMPILER = find_compiler()

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")


def mirrors(hosts: int, probes: int, capacity: int) -> World:
    members = tuple(f"h{number}" for number in range(hosts))
    return replace(mirror(hosts, probes, capacity), interchangeable=(Alike(members),))


MODELS: dict[str, Callable[[], World]] = {
    "two-phase commit": lambda: two_phase(4),
    "mirror of two hosts": lambda: mirrors(2, 1, 2),
    "mirror of hosts in two words": lambda: mirrors(4, 0, 1),
    "two instances": lambda: two_hosts(in_memory=True),
    "probes": probing,
    "lamps in turn": lambda: lamps(in_turn=True),
}


def facts(exploration: Exploration) -> dict[str, object]:
    """All that two engines must agree on."""
    return {
        "states": set(exploration),
        "levels": exploration.levels,
        "hits": exploration.times_taken,
        "met": exploration.met_premises,
        "decided": {
            i: (state, exploration.path(state)) for i, state in exploration.deciding_states.items()
        },
        "broken": {
            i: (step, exploration.path(step[0])) for i, step in exploration.violating_steps.items()
        },
        "stopped": exploration.stopped,
    }


def agree(world: World, *, by_sorting: bool, threads: int) -> None:
    """Raise unless both engines find the same, and show real paths."""
    assert isinstance(COMPILER, Compiler)
    system = build(world)
    orbits = Orbits.of(system, Layout.of(system.variables))
    if not by_sorting:
        orbits = replace(orbits, parts=None)
    exploration = c_engine.search(system, COMPILER, threads=threads, orbits=orbits)

    assert facts(exploration) == facts(python_engine.search(system, orbits=orbits))
    paths_are_real(exploration)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("by_sorting", [True, False], ids=["by sorting", "by trying"])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_both_engines_find_the_same_orbits(
    model: Callable[[], World], by_sorting: bool, threads: int
) -> None:
    """The very same states, and what is found of one told of all."""
    agree(model(), by_sorting=by_sorting, threads=threads)


@pytest.mark.usefixtures("unoptimised")
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_both_engines_find_the_same_orbits_of_random_worlds(
    seed: int, with_machine: bool, by_sorting: bool
) -> None:
    """Copies of one piece that see each other, share a variable, and may take turns."""
    try:
        agree(random_copies(seed, with_machine=with_machine), by_sorting=by_sorting, threads=1)
    except Asymmetric:
        assume(False)


def test_a_check_says_the_same_with_either_engine() -> None:
    """Verdicts, depths and what never happens, beside the number of orbits."""
    world = mirrors(2, 2, 2)
    compiled = check(world, symmetry=True, engine="c")

    assert compiled.states == 503_506
    assert said(compiled) == said(check(world, symmetry=False, engine="c"))


def test_members_too_wide_for_compiled_code_are_left_to_python() -> None:
    """What is sorted there are numbers of a machine, at most 128 bits long."""
    wide = [f"{lamp}_{number}" for lamp in ("left", "right") for number in range(20)]
    world = World(
        name="wide",
        doc="Two lamps of twenty colours each.",
        instances=(),
        variables=tuple(Variable.declare(name, Integer(0, 100), [0]) for name in wide),
        starts=(Start.declare("dark", {}),),
        actions=tuple(
            Action.declare(f"light {name}", guard=root(name) < 1, sets={name: root(name) + 1})
            for name in wide
            if name.endswith("_0")
        )
        + tuple(
            Action.declare(f"use {name}", guard=root(name) > 100, sets={name: 0}) for name in wide
        ),
        properties=(),
        interchangeable=(Alike(("left", "right")),),
        terminal=True,
    )

    assert check(world, symmetry=True).states == 3
    with pytest.raises(UsageError, match="a member of 140 bits is more than"):
        check(world, symmetry=True, engine="c")
