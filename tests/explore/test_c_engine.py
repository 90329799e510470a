"""The C engine finds what the Python engine finds, in every field, at any number of threads."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from known_models.alternating_bit import alternating_bit
from known_models.mirror import mirror
from known_models.peterson import peterson
from known_models.philosophers import philosophers
from known_models.transaction_commit import transaction_commit
from known_models.two_phase import two_phase
from nixfleet_state_machine.worlds import agent, reducer
from nixfleet_state_machine.worlds import mirror as nixfleet_mirror
from steptable.check import check
from steptable.errors import UsageError
from steptable.explore.c import engine as c_engine
from steptable.explore.c.compiler import Compiler, find_compiler
from steptable.explore.exploration import Exploration, Progress
from steptable.explore.packed.step_graph import StepGraph
from steptable.explore.python import engine as python_engine
from steptable.explore.system.builder import build
from steptable.explore.system.keys import Breakable
from steptable.explore.system.transitions import TransitionSystem
from steptable.properties import never
from steptable.sorts import Instant, Integer
from steptable.terms import instant, root
from steptable.world import Action, Bounds, Start, Variable, World, choice
from support.random_worlds import random_world
from support.real_paths import paths_are_real

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

SMALL = {name: MODELS[name] for name in ("peterson in the wrong order", "philosophers", "mirror")}

WORDS = (64, 20, 12)
"""Bits of each word that are used: one word in most cases, or several."""


def by_c(
    system: TransitionSystem,
    *,
    threads: int = 1,
    word: int = 64,
    max_states: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> c_engine.CExploration:
    assert isinstance(COMPILER, Compiler)
    return c_engine.search(
        system,
        COMPILER,
        threads=threads,
        word=word,
        max_states=max_states,
        memory=memory,
        progress=progress,
    )


def values(exploration: Exploration) -> set[tuple[object, ...]]:
    """The states, whatever the layout."""
    return {tuple(exploration.layout.unpack(state).values()) for state in exploration}


def depths(exploration: Exploration) -> dict[tuple[str, Breakable], int]:
    """How deep each property is decided or broken first."""
    found: dict[tuple[str, Breakable], int] = {}
    for key, state in exploration.deciding_states.items():
        found["decided", key] = len(exploration.path(state))
    for broken, (at, _, _) in exploration.violating_steps.items():
        found["broken", broken] = len(exploration.path(at))
    return found


def facts(exploration: Exploration) -> dict[str, object]:
    """All that two engines must agree on."""
    return {
        "states": values(exploration),
        "levels": exploration.levels,
        "hits": exploration.times_taken,
        "transitions": exploration.transitions,
        "met": exploration.met_premises,
        "depths": depths(exploration),
        "stopped": exploration.stopped,
    }


def shown(exploration: Exploration) -> dict[str, object]:
    """All that is shown of what is found: which state or step, and the way there."""
    return {
        "decided": {
            index: (at, exploration.path(at)) for index, at in exploration.deciding_states.items()
        },
        "broken": {
            index: (step, exploration.path(step[0]))
            for index, step in exploration.violating_steps.items()
        },
    }


def steps(graph: StepGraph) -> tuple[list[int], ...]:
    """All that a graph of steps holds."""
    arrays = graph.steps.ends, graph.steps.targets, graph.steps.actions
    return list(graph.states), *(array.tolist() for array in arrays)


def nothing(_: str) -> None:
    """Is told what is being done."""


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_both_engines_find_the_same_of_every_known_model(model: Callable[[], World]) -> None:
    """States, levels, hits, premises met, and how each property is decided, step by step."""
    system = build(model())
    found, slow = by_c(system), python_engine.search(system)

    assert facts(found) == facts(slow)
    assert shown(found) == shown(slow)
    assert steps(found.step_graph(nothing)) == steps(slow.step_graph(nothing))
    paths_are_real(found)


@pytest.mark.usefixtures("unoptimised")
@settings(max_examples=30, deadline=None)
@example(54374, 2, False, 64)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans(), st.sampled_from(WORDS))
def test_both_engines_find_the_same_of_random_worlds(
    seed: int, size: int, with_machine: bool, word: int
) -> None:
    """Sorts, choices, overruns and refusals of every kind, in one word and in several."""
    system = build(random_world(seed, size=size, with_machine=with_machine))
    limit = 3000
    slow = python_engine.search(system, max_states=limit)
    assume(not slow.stopped)
    found = by_c(system, word=word, threads=1 + seed % 4)

    assert facts(found) == facts(slow)
    paths_are_real(found)
    if found.layout == slow.layout:
        assert shown(found) == shown(slow)
        assert steps(found.step_graph(nothing)) == steps(slow.step_graph(nothing))


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("model", SMALL.values(), ids=SMALL)
def test_any_number_of_threads_finds_the_very_same(
    model: Callable[[], World], threads: int
) -> None:
    """Not the same counts alone: the same states and steps are shown, out of the same list."""
    system = build(model())
    one, several = by_c(system), by_c(system, threads=threads)

    assert list(several) == list(one)
    assert facts(several) == facts(one)
    assert (several.deciding_states, several.violating_steps) == (
        one.deciding_states,
        one.violating_steps,
    )


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_a_crowded_table_grows_and_is_not_called_full(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a short reach states often find no place before a table is as full as it may be."""
    short = " -DREACH=6 -DHOME_BITS=6"
    monkeypatch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + short)
    system = build(mirror(1, 3, 4))

    for _ in range(5):
        found = by_c(system, threads=threads)
        assert (found.stopped, len(found), found.transitions) == ("", 196_988, 478_056)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_state_may_have_more_successors_than_there_is_room_for(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables can't grow before all of them are known, so most have to wait until then."""
    tiny = " -DREACH=4 -DHOME_BITS=6"
    monkeypatch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + tiny)
    world = World(
        name="lottery",
        doc="Any number may be drawn.",
        instances=(),
        variables=(Variable.declare("drawn", Integer(0, 1999), [0]),),
        starts=(Start.declare("before", {}),),
        actions=(
            Action.declare(
                "draw", choices={"number": Integer(0, 1999)}, sets={"drawn": choice.number}
            ),
        ),
        properties=(never("the last", root("drawn") == 1999, why="So it is.", cites="no one"),),
        terminal=True,
    )
    found = by_c(build(world), threads=threads)

    assert (found.stopped, found.levels, found.transitions) == ("", [1, 1999], 2000 * 2000)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_state_of_several_words_is_found_like_one_of_one(threads: int) -> None:
    """Words of a few bits stand for systems too large to be explored in a test."""
    system = build(mirror(1, 2, 3))
    slow = python_engine.search(system)

    for bits in (31, 16, 8, 5):
        found = by_c(system, word=bits, threads=threads)
        assert found.layout.words == len({shift // 64 for shift in found.layout.shifts})
        assert facts(found) == facts(slow)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="there are none here")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("model", SMALL.values(), ids=SMALL)
def test_nothing_depends_on_vector_instructions(
    model: Callable[[], World], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every machine has them; buckets are read slot by slot there."""
    monkeypatch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + " -mno-avx2")
    system = build(model())

    assert facts(by_c(system, threads=threads)) == facts(python_engine.search(system))


def test_a_path_of_more_steps_than_depths_are_told_apart_is_found() -> None:
    """Depths are stored modulo 255; a clock that is wound back makes the way ambiguous."""
    clock = root("clock")
    world = World(
        name="clock",
        doc="A clock that runs to 700, and may be wound back to 300 or to 100.",
        instances=(),
        variables=(Variable.declare("clock", Integer(0, 700), [0]),),
        starts=(Start.declare("midnight", {}),),
        actions=(
            Action.declare("tick", guard=clock < 700, sets={"clock": clock + 1}),
            Action.declare("back", guard=clock == 554, sets={"clock": 300}),
            Action.declare("far back", guard=clock == 609, sets={"clock": 100}),
        ),
        properties=(never("ends", clock == 700, why="So it is.", cites="no one"),),
        terminal=True,
    )
    system = build(world)
    found = by_c(system)
    (end,) = found.deciding_states.values()

    assert found.path(end) == list(range(701))


def test_a_search_stops_at_the_states_it_is_asked_for() -> None:
    """What was found so far is told; it is never called complete."""
    found = by_c(build(mirror(1, 3, 4)), max_states=50_000)

    assert found.is_full
    assert found.stopped == f"stopped at {len(found):,} states, as --max-states asks"
    assert 50_000 < len(found) < 51_000
    assert len(set(found)) == len(found)


def test_a_search_that_needs_all_it_may_have_is_complete() -> None:
    """As many states as are asked for, and no more there: nothing was left out."""
    found = by_c(build(mirror(1, 2, 3)), max_states=3942)

    assert (found.stopped, len(found)) == ("", 3942)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_that_runs_out_of_memory_tells_what_it_found(threads: int) -> None:
    """The verdict is open then; and nothing crashes."""
    found = by_c(build(mirror(1, 3, 5)), threads=threads, memory=9 << 20)

    assert found.stopped == f"out of memory at {len(found):,} states"
    assert 500_000 < len(found) < 1_182_986
    assert found.bytes_taken <= 9 << 20
    assert len(set(found)) == len(found)


def test_a_search_without_any_memory_says_so() -> None:
    """There is no state at all then, and no crash either."""
    assert by_c(build(mirror(1, 2, 3)), memory=1000).stopped == "out of memory at 0 states"


def test_properties_are_open_when_memory_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may still be broken by a state that was never seen does not hold."""
    monkeypatch.setattr(c_engine, "available", lambda: 4 << 20)
    result = check(mirror(1, 3, 5), engine="c")

    assert result.stopped.startswith("out of memory at ")
    assert {item.verdict for item in result.judgements} == {"inconclusive"}


def test_ctrl_c_keeps_what_was_found() -> None:
    """Between two slices, like between two batches of the Python engine."""

    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    found = by_c(build(mirror(1, 3, 4)), progress=interrupt)

    assert found.stopped == "interrupted"
    assert len(set(found)) == len(found) > 0


def test_values_taken_are_counted_like_in_python() -> None:
    """What a search that was cut short says of its growth does not depend on the engine."""
    system = build(mirror(2, 1, 2))

    assert by_c(system, threads=2).spread() == python_engine.search(system).domain_use()


def test_numbers_too_large_for_a_machine_word_are_left_to_python() -> None:
    """Sums in C must not overflow; Python's never do."""
    large = 2**63
    world = World(
        name="far",
        doc="Numbers far apart.",
        instances=(),
        variables=(Variable.declare("n", Instant(), [0]),),
        starts=(Start.declare("here", {}),),
        actions=(Action.declare("jump", sets={"n": instant(large)}),),
        properties=(never("arrives", root("n") == instant(large), why="No.", cites="no one"),),
        bounds=Bounds((), (0, large)),
        terminal=True,
    )

    with pytest.raises(UsageError, match="beyond 64 bits"):
        check(world, engine="c")
