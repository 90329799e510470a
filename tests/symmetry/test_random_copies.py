"""On random worlds made of copies of one piece, orbits say what all states say, in every respect.

Each world is explored twice, and what is said of it compared: verdicts, depths, actions that never
happen, rows and effects. The same of worlds in which one copy is a little different: they are
refused, or the difference makes none.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steptable.check import check
from steptable.errors import SpecError
from steptable.explore.python.engine import search
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.world import World
from support.random_copies import flawed, random_copies
from support.symmetric import reduced, said

seeds = st.integers(0, 2**32 - 1)


def agree(world: World) -> str:
    """Raise unless it makes no difference that members are alike; what was compared, in a word."""
    try:
        found = reduced(world)
    except Asymmetric:
        return "refused"
    whole = search(build(world))
    assert found.orbits is not None
    assert set(found) == {found.orbits.canonical(state) for state in whole}
    assert len(found) == len(reduced(world, by_sorting=False))
    try:
        expected = said(check(world, symmetry=False))
    except SpecError as error:
        # It may be another member that leaves its bounds, just as soon.
        (fault,) = error.faults
        with pytest.raises(SpecError, match=f"{fault.problem.rpartition(' ')[2]};"):
            check(world, symmetry=True)
        return "left its bounds"
    assert said(check(world, symmetry=True)) == expected
    shown = {
        *found.deciding_states.values(),
        *(state for state, _, _ in found.violating_steps.values()),
    }
    if shown - set(found):
        return "turned"
    return "reduced" if len(found) < len(whole) else "the same"


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_copies_of_variables_and_actions_agree(seed: int) -> None:
    """Two or three members that see each other, share a variable, and may take turns."""
    agree(random_copies(seed, with_machine=False))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_copies_of_instances_agree(seed: int) -> None:
    """A machine for each member, with its events, effects and promises over events."""
    agree(random_copies(seed, with_machine=True))


@settings(max_examples=50, deadline=None)
@given(seeds, st.booleans())
def test_copies_of_which_one_differs_agree_or_are_refused(seed: int, with_machine: bool) -> None:
    """One guard, update, promise or choice is another one for the last member."""
    agree(flawed(seed, with_machine=with_machine))


def test_copies_are_reduced_and_flawed_ones_mostly_refused() -> None:
    """Agreement would say little if nothing were ever reduced, turned or refused."""
    copies = Counter(agree(random_copies(seed, with_machine=seed % 2 == 0)) for seed in range(40))
    different = Counter(agree(flawed(seed, with_machine=seed % 2 == 0)) for seed in range(40))

    assert copies["turned"] > 3
    assert copies["turned"] + copies["reduced"] > 15
    assert copies["refused"] == 0
    assert 20 < different["refused"] < 40
