"""Models whose answers are known from elsewhere come out the same here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from bench import plain_mirror
from known_models.alternating_bit import alternating_bit
from known_models.mirror import mirror
from known_models.peterson import peterson
from known_models.philosophers import philosophers
from known_models.transaction_commit import transaction_commit
from known_models.two_phase import two_phase
from steptable.check import Result, check
from steptable.properties import Finding
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World

thorough = pytest.mark.skipif(
    not os.environ.get("STEPTABLE_THOROUGH"), reason="10^6 states; set STEPTABLE_THOROUGH=1"
)


def failures(result: Result) -> dict[str, list[str]]:
    """The properties that do not pass, each with the actions of its trace."""
    return {
        judgement.judged.name: [step.action.name for step in judgement.trace.steps]
        if judgement.trace
        else []
        for judgement in result.judgements
        if not judgement.passes
    }


def loop(result: Result, name: str) -> list[str]:
    """The actions that a counterexample of a run repeats for ever; none if it stands still."""
    trace = next(j.trace for j in result.judgements if j.judged.name == name)
    assert trace is not None
    assert trace.loop is not None
    return [step.action.name for step in trace.steps[trace.loop :]]


def as_tlc_counts(result: Result) -> tuple[int, int, int]:
    """Distinct states, generated states and depth, as TLC reports them.

    TLC counts each initial state as a generated one, where a transition here is a step between
    states; and its depth is the number of levels, where the first has depth 0 here.
    """
    initial = result.levels[0]
    return result.states, result.transitions + initial, len(result.levels)


def test_transaction_commit_has_the_published_size() -> None:
    """TLC finds 34 distinct and 94 generated states at depth 7 for 3 managers."""
    result = check(transaction_commit(3))

    assert as_tlc_counts(result) == (34, 94, 7)
    assert failures(result) == {}


def test_two_phase_commit_has_the_published_size() -> None:
    """TLC finds 288 distinct and 1,146 generated states at depth 11 for 3 managers."""
    result = check(two_phase(3), symmetry=False)

    assert as_tlc_counts(result) == (288, 1146, 11)
    assert failures(result) == {}


def test_two_phase_commit_of_five_managers_has_the_published_size() -> None:
    """TLC finds 8,832 distinct states for 5 managers."""
    result = check(two_phase(5), symmetry=False)

    assert result.states == 8832
    assert failures(result) == {}


def test_peterson_excludes_and_lets_nobody_starve() -> None:
    """Safety, and liveness under weak fairness of each process that wants to enter."""
    assert failures(check(peterson())) == {}


def test_peterson_without_fairness_lets_a_process_wait_for_ever() -> None:
    """Nothing is promised of a scheduler that may forget a process; it may just stand still."""
    result = check(peterson(fair=""))

    starving = "0 that wants to enter does", "1 that wants to enter does"
    assert set(failures(result)) == set(starving)
    assert [loop(result, name) for name in starving] == [[], []]


def test_peterson_in_the_wrong_order_is_found_out() -> None:
    """Letting the other go before announcing one's interest admits both, after eight steps."""
    assert failures(check(peterson(hasty=True))) == {
        "both are inside": [
            "0 wants to enter",
            "0 does the first line",
            "1 wants to enter",
            "1 does the first line",
            "1 does the second line",
            "1 enters",
            "0 does the second line",
            "0 enters",
        ]
    }


def test_philosophers_that_all_take_the_left_fork_are_stuck() -> None:
    """The deadlock takes one step of each, and no fewer."""
    result = check(philosophers(5))

    assert failures(result) == {"no deadlock": [f"{seat} takes a fork" for seat in range(5)]}


@pytest.mark.parametrize(("length", "verdict"), [(5, "finding"), (4, "violated")])
def test_a_deadlock_that_is_known_is_pinned_like_any_other_finding(
    length: int, verdict: str
) -> None:
    """A world that is known to be stuck passes as long as it is stuck in just that way."""
    known = Finding(length, "Each waits for the next.", "Let one take the right fork first.")
    result = check(replace(philosophers(5), deadlock=known))

    assert [j.verdict for j in result.judgements if j.judged.name == "no deadlock"] == [verdict]
    assert result.passes == (verdict == "finding")


def test_philosophers_one_of_whom_takes_the_right_fork_are_never_stuck() -> None:
    """The usual repair removes the deadlock, and everybody may still eat."""
    assert failures(check(philosophers(5, repaired=True))) == {}


LIVE = "everything is taken at last"


def test_the_alternating_bit_protocol_delivers_in_order_and_at_last() -> None:
    """Over channels that lose and repeat, but deliver again and again if sent to as often."""
    assert failures(check(alternating_bit(3))) == {}


def test_the_alternating_bit_protocol_needs_strong_fairness() -> None:
    """Weak fairness is not enough: each message may be lost before its delivery is due."""
    result = check(alternating_bit(3, fair="weak"))

    assert set(failures(result)) == {LIVE}
    assert loop(result, LIVE) == ["the item is sent", "wire loses"]


def test_the_alternating_bit_protocol_without_fairness_need_not_start() -> None:
    """Nothing has to happen at all, and order is kept all the same."""
    result = check(alternating_bit(3, fair=""))

    assert failures(result) == {LIVE: []}
    assert loop(result, LIVE) == []


def test_a_receiver_that_ignores_the_bit_is_found_out() -> None:
    """It takes what is sent again for a new item."""
    assert failures(check(alternating_bit(3, careless=True))) == {
        "items are taken once each, in order": [
            "the item is sent",
            "an item is taken",
            "the item is sent",
            "an item is taken",
        ]
    }


MIRRORS: list[tuple[tuple[int, int, int], bool, int, int]] = [
    ((1, 2, 3), False, 3942, 9300),
    ((2, 1, 2), False, 24_649, 94_828),
    ((1, 3, 3), True, 106_970, 387_104),
    ((1, 3, 4), False, 196_988, 478_056),
]
"""Hosts, probes and capacity; whether it is lossy; distinct states, and our own transitions."""


@pytest.mark.parametrize(("size", "lossy", "states", "transitions"), MIRRORS)
def test_the_benchmark_model_has_the_agreed_size(
    size: tuple[int, int, int], lossy: bool, states: int, transitions: int
) -> None:
    """SPIN, TLC, Stateright and a plain search agree on the states; the invariant holds."""
    result = check(mirror(*size, lossy=lossy))

    assert (result.states, result.transitions) == (states, transitions)
    assert failures(result) == {}


def test_a_search_written_by_hand_finds_the_same() -> None:
    """The plain search that the engine is measured against explores the same model."""
    assert plain_mirror.search(2, 3) == (3942, 9300)


@thorough
@pytest.mark.parametrize(("size", "states"), [((2, 2, 2), 1_006_009), ((1, 3, 5), 1_182_986)])
def test_the_large_benchmark_model_has_the_agreed_size(
    size: tuple[int, int, int], states: int
) -> None:
    """The same at a million states, for those who have the time."""
    result = check(mirror(*size))

    assert result.states == states
    assert failures(result) == {}


MODELS: list[Callable[[], World]] = [
    lambda: transaction_commit(3),
    lambda: two_phase(3),
    peterson,
    lambda: philosophers(3),
    lambda: alternating_bit(2),
    lambda: mirror(1, 2, 3),
]


@pytest.mark.parametrize("model", MODELS)
def test_the_models_are_well_formed(model: Callable[[], World]) -> None:
    """What these models write is what anybody may write."""
    assert faults_of_world(model()) == ()
