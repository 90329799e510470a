"""The benchmark compares like with like: all contenders do the same, and its arithmetic holds.

Nothing here asserts a time.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from bench import codec, handwritten, report, steps
from bench.contenders import CONTENDERS, GENERATED, Contender, Reduced
from bench.measure import Figures, side_by_side
from bench.walks import START, Outcome, Walk, walks
from nixfleet_state_machine import (
    Event,
    HostRolloutState,
    HostState,
    LocalActivationDeferred,
    LocalActivationFailed,
    OnHealthFailure,
    RemoteActivationDeferred,
    RemoteActivationFailed,
    RolloutPolicy,
    TransitionError,
    step,
)

WALKS = {walk.name: walk for walk in walks()}
ENDS = {"converges": HostState.CONVERGED, "rolled back": HostState.REVERTED}

# What no walk contains, so that every event there is has been compared.
DETOURS = (
    LocalActivationDeferred("kernel", START, 3),
    RemoteActivationDeferred("kernel", START, 3),
    LocalActivationFailed(1, "no space left", START, 3),
    RemoteActivationFailed(1, "no space left", START, 3),
)


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_walk_ends_where_its_name_says(walk: Walk) -> None:
    """A walk that is refused half-way would time refusals."""

    outcomes = GENERATED.prepare(walk).outcomes()

    assert [len(outcomes), outcomes[-1][0].state] == [
        len(walk.events),
        ENDS[walk.name.partition(",")[0]],
    ]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_contenders_do_the_same(contender: Contender, walk: Walk) -> None:
    """Whoever does less is faster; records and effects are compared after every event."""

    assert contender.prepare(walk).outcomes() == GENERATED.prepare(walk).outcomes()


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
@pytest.mark.parametrize("detour", DETOURS, ids=lambda event: type(event).__name__)
def test_contenders_know_every_event(contender: Contender, detour: Event) -> None:
    """A rival that leaves out the rarer events would not be doing the job."""

    walk = WALKS["converges, agent"]
    short = replace(walk, events=(*walk.events[:2], detour))

    assert contender.prepare(short).outcomes() == GENERATED.prepare(short).outcomes()


def refused_or_done(
    reducer: object, record: HostRolloutState, event: Event, policy: RolloutPolicy
) -> tuple[object, ...]:
    """What a reducer returns, or the error that it raises with its parts."""
    try:
        return tuple(reducer(record, event, START, policy))  # type: ignore[operator]
    except TransitionError as error:
        return type(error), error.args


@pytest.mark.parametrize("on_health_failure", OnHealthFailure)
def test_the_handwritten_reducer_refuses_what_the_generated_one_refuses(
    on_health_failure: OnHealthFailure,
) -> None:
    """It is the nearest rival, so every event is tried on every record, stale numbers included."""

    policy = RolloutPolicy(on_health_failure)
    events = [*DETOURS, *(event for walk in WALKS.values() for event in walk.events)]
    records = [
        msgspec.structs.replace(record, last_event_seq=last)
        for walk in WALKS.values()
        for record in (walk.start, *(after for after, _ in GENERATED.prepare(walk).outcomes()))
        for last in (0, 6)
    ]

    for record in records:
        for event in events:
            assert refused_or_done(handwritten.step, record, event, policy) == refused_or_done(
                step, record, event, policy
            )


def test_a_contender_that_does_less_is_not_measured() -> None:
    """The comparison comes before the clock."""

    def forgetful(*given: object) -> Outcome:
        record, effects = step(*given)  # type: ignore[arg-type]
        return record, effects[:1]

    cheat = Contender("cheat", lambda walk: Reduced(forgetful, walk))

    with pytest.raises(ValueError, match="cheat does not do the same on 'converges, agent'"):
        steps.check(cheat, walks())


def test_the_codec_leads_to_the_same_as_the_events() -> None:
    """What is timed from JSON text is the same rollout."""

    walk = WALKS["rolled back, CP"]

    assert codec.answers(walk, codec.texts(walk)) == codec.expected(walk)


def test_ratios_are_taken_round_by_round() -> None:
    """A round that was slow for both says nothing about either."""

    figures = Figures({"ours": (1.0, 10.0, 2.0), "theirs": (2.0, 20.0, 5.0)})

    assert (figures.median("theirs"), figures.ratio("theirs", "ours")) == (5.0, 2.0)


def test_rounds_begin_with_another_contender_each_time() -> None:
    """Who always comes first would always find the caches cold."""

    order = []

    def sample(name: str) -> float:
        order.append(name)
        return 1.0

    side_by_side("order", {"a": lambda: sample("a"), "b": lambda: sample("b")}, 2)

    assert order == ["a", "b", "b", "a"]


def test_the_report_says_which_targets_are_missed() -> None:
    """A figure that fell short must read so."""

    times = {
        "generated reducer": 1.0,
        "hand-written match": 0.5,
        "transitions": 9.0,
        "python-statemachine, by hand": 59.0,
        "python-statemachine, adapter": 100.0,
    }

    lines = report.steps(Figures({name: (time,) for name, time in times.items()})).splitlines()

    assert [line.split()[-1] for line in lines[2:]] == ["misses", "meets", "misses", "meets"]
