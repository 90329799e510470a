"""SPIN agrees on every state, every step and every verdict."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import astuple
from functools import cache, partial
from pathlib import Path
from typing import Final

import pytest
from hypothesis import Phase, assume, given, reject, settings
from hypothesis import strategies as st

from known_models.alternating_bit import alternating_bit
from known_models.mirror import mirror
from known_models.peterson import peterson
from known_models.philosophers import philosophers
from known_models.transaction_commit import transaction_commit
from known_models.two_phase import two_phase
from second_opinion.opinion import Opinion, opinion, promised
from second_opinion.spin import spin
from steptable.errors import UsageError
from steptable.project import load
from steptable.world import World
from support.projects import ROOT
from support.random_worlds import random_world

pytestmark = [
    pytest.mark.second_opinion,
    pytest.mark.skipif(
        not (shutil.which("spin") and shutil.which("cc")),
        reason="needs SPIN and a C compiler; `make second-opinion` installs them",
    ),
]

_KNOWN: Final[dict[str, Callable[[], World]]] = {
    "transaction commit": partial(transaction_commit, 3),
    "two-phase commit": partial(two_phase, 3),
    "two-phase commit, 5 managers": partial(two_phase, 5),
    "Peterson": peterson,
    "Peterson, unfair": partial(peterson, fair=""),
    "Peterson, hasty": partial(peterson, hasty=True),
    "philosophers": partial(philosophers, 5),
    "philosophers, repaired": partial(philosophers, 5, repaired=True),
    "alternating bit": partial(alternating_bit, 3),
    "alternating bit, weakly fair": partial(alternating_bit, 3, fair="weak"),
    "alternating bit, unfair": partial(alternating_bit, 3, fair=""),
    "alternating bit, careless": partial(alternating_bit, 3, careless=True),
    "mirror(1,2,3)": partial(mirror, 1, 2, 3),
    "mirror(2,1,2)": partial(mirror, 2, 1, 2),
    "mirror(1,3,3) lossy": partial(mirror, 1, 3, 3, lossy=True),
    "mirror(1,3,4)": partial(mirror, 1, 3, 4),
}
_LARGE: Final[dict[str, Callable[[], World]]] = {
    "mirror(2,2,2)": partial(mirror, 2, 2, 2),
    "mirror(1,3,5)": partial(mirror, 1, 3, 5),
}


def _worlds() -> dict[str, Callable[[], World]]:
    """The known models, and the worlds of this project, all by a name to show."""
    project = load(ROOT)
    own = [*project.worlds, *(project.thorough if THOROUGH else ())]
    nixfleet = {f"NixFleet {world.name}": partial(_same, world) for world in own}
    return {**_KNOWN, **(_LARGE if THOROUGH else {}), **nixfleet}


def _same(world: World) -> World:
    return world


THOROUGH: Final = bool(os.environ.get("STEPTABLE_THOROUGH"))
WORLDS: Final = _worlds()


@cache
def of(name: str) -> Opinion:
    """What we say of a world; found out once, since it takes longest."""
    return opinion(WORLDS[name]())


def _promises() -> Iterator[object]:
    for name, world in WORLDS.items():
        for at, promise in enumerate(promised(world())):
            yield pytest.param(name, at, id=f"{name}-{promise}")


@pytest.mark.parametrize("name", WORLDS)
def test_spin_finds_as_many_states_and_steps(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A state too many or too few on either side, or a step, would show here."""
    expected = of(name).counts
    found = spin(of(name).model, tmp_path)
    record_property("counts", [name, astuple(expected)[:3], astuple(found)[:3]])

    assert expected == found


@pytest.mark.parametrize(("name", "at"), [*_promises()])
def test_spin_comes_to_the_same_verdict(
    name: str, at: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """What we call violated or witnessed SPIN finds, as soon; and what holds it can't break."""
    claim = of(name).claims[at]
    found = spin(of(name).model, tmp_path, number=claim.number, runs=claim.runs)
    record_property("verdict", [name, claim.name, claim.agrees(found)])

    assert claim.said(found) == claim.expected


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_spin_agrees_on_worlds_at_random(seed: int, with_machine: bool) -> None:
    """Nobody chose these worlds so that the two would agree. (A compiler runs for each verdict.)"""
    try:
        judged = opinion(random_world(seed, size=3, with_machine=with_machine))
    except UsageError as error:
        if "SPIN can use" not in str(error):
            raise
        reject()
    assume(len(judged.model) < 200_000)  # else the compiler takes its time
    with tempfile.TemporaryDirectory() as folder:
        if judged.is_within_bounds:
            assert judged.counts == spin(judged.model, Path(folder))
        for claim in judged.claims:
            found = spin(judged.model, Path(folder), number=claim.number, runs=claim.runs)
            assert (claim.name, claim.said(found)) == (claim.name, claim.expected)
