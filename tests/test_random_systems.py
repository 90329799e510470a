"""On small random worlds, the packed engine says what the interpreter says, in every respect.

This is where trust in the checker comes from: states, steps, depths and verdicts are found once
more by `brute_force`, on whole values, and compared.
"""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from brute_force import Explored, TooLarge, explore
from brute_verdicts import can_avoid, dead_ends, is_vacuous, refutes, shortest
from random_worlds import random_world, reads_all
from steptable.check import Judgement, check
from steptable.errors import SpecError
from steptable.explore.exploration import Exploration
from steptable.explore.python_code import OVERRUN
from steptable.explore.python_engine import search
from steptable.explore.system import build
from steptable.world import World

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)


def interpreted(world: World) -> Explored:
    """The world as the interpreter sees it; not too large a one."""
    try:
        return explore(world, most_states=300, most_steps=4000)
    except TooLarge:
        assume(False)
        raise


def packed(found: Explored, searched: Exploration) -> dict[Hashable, int]:
    """Each whole state as the engine stores it, which may be less than all of it."""
    system, layout = searched.system, searched.layout
    return {key: layout.pack(system.project(state)) for key, state in found.states.items()}


def agree(world: World) -> None:
    """Raise unless engine and interpreter say the same of the world."""
    found = interpreted(world)
    searched = search(build(world))
    stored = packed(found, searched)
    if found.overruns or OVERRUN in searched.broken:
        _same_overrun(world, found)
        return
    assert set(searched) == set(stored.values())
    assert searched.levels == _levels(found, stored)
    assert searched.transitions == _transitions(found, stored)
    _same_steps(found, searched, stored)
    _same_verdicts(world, found)


def _same_overrun(world: World, found: Explored) -> None:
    first = min(found.overruns)
    if reads_all(world) or not world.instances:
        with pytest.raises(SpecError, match=f"at step {first}"):
            check(world)
    elif found.told:
        # What is only dropped is not seen to leave the world's bounds, and may be passed by.
        with pytest.raises(SpecError) as caught:
            check(world)
        (fault,) = caught.value.faults
        assert first <= int(fault.problem.rpartition(" ")[2]) <= min(found.told)


def _levels(found: Explored, stored: dict[Hashable, int]) -> list[int]:
    depth: dict[int, int] = {}
    for key, state in stored.items():
        depth[state] = min(found.depth[key], depth.get(state, found.depth[key]))
    counts = [0] * (max(depth.values()) + 1)
    for level in depth.values():
        counts[level] += 1
    return counts


def _transitions(found: Explored, stored: dict[Hashable, int]) -> int:
    steps: dict[int, set[int]] = {}
    for key, state in stored.items():
        steps.setdefault(state, set()).add(len(found.steps[key]))
    assert all(len(counts) == 1 for counts in steps.values()), "what is dropped matters"
    return sum(count for counts in steps.values() for count in counts)


def _same_steps(found: Explored, searched: Exploration, stored: dict[Hashable, int]) -> None:
    for key, state in stored.items():
        expected = {(step.action.name, stored[after]) for step, after in found.steps[key]}
        explained = {(case.action.name, after) for after, case, _ in searched.explain(state)}
        assert explained == expected


def _same_verdicts(world: World, found: Explored) -> None:
    result = check(world)
    assert not result.stopped
    for judgement in result.judgements:
        item = judgement.judged
        if item.name == "no deadlock":
            assert _length(judgement) == min(dead_ends(found), default=None)
        elif item.scope == "run":
            _same_run(found, judgement)
        else:
            assert _length(judgement) == shortest(found, item), item
            if judgement.verdict == "holds":
                assert judgement.vacuous == is_vacuous(found, item), item


def _same_run(found: Explored, judgement: Judgement) -> None:
    item, trace = judgement.judged, judgement.trace
    if trace is not None:
        assert refutes(found, item, trace), item
        return
    assert judgement.vacuous == is_vacuous(found, item), item
    try:
        assert not can_avoid(found, item), item
    except TooLarge:
        return


def _length(judgement: Judgement) -> int | None:
    return None if judgement.trace is None else len(judgement.trace.steps)


@settings(max_examples=250, deadline=None)
@given(seeds, sizes)
def test_engine_and_interpreter_agree_on_variables_of_every_sort(seed: int, size: int) -> None:
    """Truths, numbers, symbols, optionals, records, maps, queues and bags, set by actions."""
    agree(random_world(seed, size=size, with_machine=False))


@settings(max_examples=70, deadline=None)
@given(seeds, sizes)
def test_engine_and_interpreter_agree_on_machines(seed: int, size: int) -> None:
    """Instances of a random machine, with deliveries, reactions and payloads under way."""
    agree(random_world(seed, size=size, with_machine=True))
