"""Draws of names and texts for the machine and the world of `hostile`, and what they make."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from steptable.check import Result, check
from steptable.machine import Machine
from steptable.targets.python.in_memory import generated
from steptable.wellformed import faults_of
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World
from support.hostile import IDENTIFIERS, TEXTS, machine_of, world_of

LIVELY: Final = re.compile(r"(?m)^\s*::|##\w*\[|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""What steers a terminal, or is a command to what runs a build."""

USUAL: Final = {"separator": "@"}


@st.composite
def names(draw: st.DrawFn) -> dict[str, str]:
    """Names for some roles, most of the others being called by their roles themselves."""
    roles = draw(st.lists(st.sampled_from(sorted(_roles()[0])), max_size=12, unique=True))
    texts = draw(st.lists(st.sampled_from(sorted(_roles()[1])), max_size=20, unique=True))
    called = draw(st.permutations(IDENTIFIERS))
    return dict(zip(roles, called, strict=False)) | {role: draw(_texts()) for role in texts}


def _texts() -> st.SearchStrategy[str]:
    one = st.sampled_from(TEXTS)
    return one | st.tuples(one, one).map("".join)


@cache
def _roles() -> tuple[frozenset[str], frozenset[str]]:
    """The roles that ask for an identifier, and those that ask for a text."""
    asked: tuple[set[str], set[str]] = (set(), set())

    def called(role: str) -> str:
        asked[0].add(role)
        return _plain(role)

    def said(role: str) -> str:
        asked[1].add(role)
        return USUAL.get(role, role)

    world_of(machine_of(called, said), called, said)
    return frozenset(asked[0]), frozenset(asked[1])


def _plain(role: str) -> str:
    """An identifier for a role: types with a capital."""
    name = role.replace(" ", "_")
    small = ("field", "instance", "variable", "choice", "constructor", "rehydration")
    return name if role.startswith(small) else name.title()


def declared(given_names: dict[str, str]) -> tuple[Machine, World]:
    """The machine and world under some names."""

    def called(role: str) -> str:
        return given_names.get(role) or _plain(role)

    def said(role: str) -> str:
        return given_names.get(role) or USUAL.get(role, role)

    machine = machine_of(called, said)
    return machine, world_of(machine, called, said)


def admissible(given_names: dict[str, str]) -> tuple[Machine, World] | None:
    """The same, or None where faults say that it can't be called so."""
    machine, world = declared(given_names)
    faults = [*faults_of(machine)] or [*faults_of_world(world)]
    for fault in faults:
        assert fault.location.file
        assert not LIVELY.search(str(fault).split(": ", 1)[1])
    return None if faults else (machine, world)


def each(examples: int) -> settings:
    """So many draws, always the same."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def found(machine: Machine, world: World) -> Result:
    with generated(machine) as structs:
        return check(world, {machine.name: structs}, engine="python")


def admitted(given_names: dict[str, str]) -> tuple[Machine, World]:
    """The machine and world of a draw, unless it is refused: then another is drawn."""
    both = admissible(given_names)
    assume(both is not None)
    assert both is not None
    return both
