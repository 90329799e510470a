"""What the generated reducer accepts, how a record begins and ends, and how the sides agree.

Everything is judged by tables written by hand. Section marks (§) here and in the modules beside
this one are those of the design documents that the declarations cite.
"""

from __future__ import annotations

from typing import Any

import pytest

from nixfleet_state_machine import (
    Effect,
    HostRolloutState,
    HostState,
    IllegalForState,
    LocalFireSwitch,
    LocalResetProbeCache,
    RolloutId,
    RolloutPolicy,
    SeqRegression,
    bootstrap,
    new_pending,
    rehydration_effects,
    step,
)
from support import rollout
from support.rollout import (
    ACTIVATING,
    BY_EVENT,
    CONVERGED,
    FACTS,
    FAILED,
    HALT,
    HOST,
    NOW,
    OPENED,
    OTHER,
    PENDING,
    PRIOR,
    RECORDS,
    REVERTED,
    ROLLBACK,
    ROLLOUT,
    SOAK_DUE,
    SOAKING,
    TARGET,
    after,
    changed,
    event,
    minutes,
)

MOST = 2**64 - 1
PAIRS = [(state, name) for state in HostState for name in BY_EVENT]
LEGAL = [(fact.state, name) for fact in FACTS for name in (fact.local, fact.remote)]


def effects(
    record: HostRolloutState, happened: Any, policy: RolloutPolicy = HALT
) -> tuple[Effect, ...]:
    """What a step asks the runtime to do."""
    return step(record, happened, NOW, policy)[1]


# ── The record ───────────────────────────────────────────────────────────────────────


def test_a_new_record_knows_its_arguments_and_nothing_else() -> None:
    """Whatever is not yet known is empty, so that a guard can tell."""
    record = new_pending(ROLLOUT, HOST, "stable", TARGET, OPENED, SOAK_DUE)

    known = {
        "rollout_id": ROLLOUT,
        "hostname": HOST,
        "channel": "stable",
        "state": HostState.PENDING,
        "target_closure": TARGET,
        "dispatched_at": OPENED,
        "soak_due_at": SOAK_DUE,
        "probes": {},
        "last_event_seq": 0,
    }
    empty = {
        "current_closure_at_dispatch",
        "current_closure",
        "reverted_to",
        "dispatch_acked_at",
        "activation_started_at",
        "activation_completed_at",
        "activation_failed_at",
        "probe_observed_first_at",
        "probe_failure_first_at",
        "converged_at",
        "failed_at",
        "reverted_at",
        "policy_applied",
    }
    assert {name: getattr(record, name) for name in known} == known
    assert {name: getattr(record, name) for name in empty} == dict.fromkeys(empty)
    assert set(record.__struct_fields__) == {*known, *empty}


# ── Which event where ────────────────────────────────────────────────────────────────


def test_there_are_24_legal_pairs_of_144() -> None:
    """Each event is legal in exactly one state; the ends accept nothing."""
    assert len(PAIRS) == 144
    assert len(set(LEGAL)) == 24
    assert {state for state, _ in LEGAL} == {*HostState} - {HostState.CONVERGED, HostState.REVERTED}


@pytest.mark.parametrize(("state", "name"), LEGAL)
def test_a_legal_event_is_accepted_and_its_number_remembered(state: HostState, name: str) -> None:
    """Local and Remote events may be mixed on one record: there is no side check."""
    record, done = step(RECORDS[state], event(name, 9), NOW, HALT)

    assert record.last_event_seq == 9
    assert done


@pytest.mark.parametrize(("state", "name"), [pair for pair in PAIRS if pair not in LEGAL])
def test_any_other_event_is_refused(state: HostState, name: str) -> None:
    """The refusal says which event met which state, for which record."""
    happened = event(name, 9)
    with pytest.raises(IllegalForState) as caught:
        step(RECORDS[state], happened, NOW, ROLLBACK)

    error = caught.value
    assert (error.state, error.event) == (state, happened)
    assert (error.rollout_id, error.hostname) == (ROLLOUT, HOST)


# ── Numbers ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seq", [0, 2, 3])
def test_a_number_that_is_not_above_the_last_is_refused(seq: int) -> None:
    """Equal included: sending is at least once, and the second copy is stale."""
    with pytest.raises(SeqRegression) as caught:
        step(SOAKING, event("RemoteProbeResult", seq), NOW, HALT)

    error = caught.value
    assert (error.got, error.last) == (seq, 3)
    assert (error.rollout_id, error.hostname) == (ROLLOUT, HOST)


@pytest.mark.parametrize("seq", [4, 5, 1000, 2**63, MOST])
def test_numbers_may_skip(seq: int) -> None:
    """Gaps are accepted, up to the end of 64 bits."""
    assert after(SOAKING, event("RemoteProbeResult", seq)).last_event_seq == seq


def test_after_the_highest_number_nothing_is_accepted() -> None:
    """Numbers do not wrap around."""
    last = changed(SOAKING, last_event_seq=MOST)

    with pytest.raises(SeqRegression):
        step(last, event("RemoteProbeResult", MOST), NOW, HALT)


@pytest.mark.parametrize(("state", "name"), PAIRS)
def test_a_stale_number_is_what_is_said_first(state: HostState, name: str) -> None:
    """A stale and illegal event is stale, so that a replay is harmless wherever it ends."""
    record = RECORDS[state]
    with pytest.raises(SeqRegression):
        step(record, event(name, record.last_event_seq), NOW, HALT)


def test_a_stale_declaration_of_convergence_is_stale_before_any_check() -> None:
    """The three checks come last."""
    with pytest.raises(SeqRegression):
        step(SOAKING, event("LocalConvergedReached", 3, current_closure=OTHER), NOW, HALT)


# ── The two sides ────────────────────────────────────────────────────────────────────

OF_AGENT = {"LocalFireSwitch", "LocalFireRollbackTo", "LocalResetProbeCache", "LocalEmitEvent"}
OF_CP = {
    "RemoteQueueDispatch",
    "RemoteInsertQuarantine",
    "RemoteOpenRolloutRecord",
    "RemoteAppendEventLog",
}


@pytest.mark.parametrize("policy", [HALT, ROLLBACK], ids=["halt", "rollback"])
@pytest.mark.parametrize("fact", FACTS, ids=[fact.kind for fact in FACTS])
def test_both_halves_of_a_fact_lead_to_the_same_record(
    fact: rollout.FactRow, policy: RolloutPolicy
) -> None:
    """Agent and mirror can't disagree for one and the same sequence of events (RFC-0006 §2)."""
    record = RECORDS[fact.state]

    local, remote = fact.event(fact.local), fact.event(fact.remote)
    assert after(record, local, policy) == after(record, remote, policy)
    assert not OF_CP & {type(done).__name__ for done in effects(record, local, policy)}
    assert not OF_AGENT & {type(done).__name__ for done in effects(record, remote, policy)}


@pytest.mark.parametrize(("state", "name"), LEGAL)
def test_the_policy_and_the_clock_matter_for_a_failed_switch_alone(
    state: HostState, name: str
) -> None:
    """No row reads the clock; one row reads the policy."""
    results = [
        step(RECORDS[state], event(name), now, policy)
        for now in (OPENED, NOW)
        for policy in (HALT, ROLLBACK)
    ]

    assert results[:2] == results[2:]
    assert (results[0] != results[1]) == (BY_EVENT[name].kind == "ActivationFailed")


# ── Beginning, and beginning again ───────────────────────────────────────────────────


def test_an_agent_opens_the_record_of_a_rollout_it_has_not_heard_of() -> None:
    """Target and deadline are the event's own, and the channel stands in the rollout's name."""
    first = event("LocalActivate", 1)
    opened = new_pending(ROLLOUT, HOST, "stable", OTHER, minutes(1), minutes(99))

    record, done = bootstrap(ROLLOUT, HOST, first, NOW, HALT)

    assert (record, done) == step(opened, first, NOW, HALT)
    assert record.state is HostState.ACTIVATING
    assert done[-1] == LocalFireSwitch(rollout_id=ROLLOUT, target=OTHER)


def test_a_bootstrap_takes_the_channel_up_to_the_first_separator() -> None:
    """What follows the first `@` may hold others."""
    record, _ = bootstrap(RolloutId("edge@a@b"), HOST, event("LocalActivate", 1), NOW, HALT)

    assert record.channel == "edge"


def test_a_bootstrap_refuses_what_a_step_refuses() -> None:
    """Numbers begin above zero, here as everywhere."""
    with pytest.raises(SeqRegression):
        bootstrap(ROLLOUT, HOST, event("LocalActivate", 0), NOW, HALT)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (PENDING, ()),
        *(
            (record, (LocalResetProbeCache(rollout_id=ROLLOUT),))
            for record in (ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)
        ),
    ],
    ids=[state.value for state in HostState],
)
def test_a_restarted_agent_begins_its_probes_anew(
    record: HostRolloutState, expected: tuple[Effect, ...]
) -> None:
    """It never fires a switch or a rollback again."""
    order = (PENDING, ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)

    assert record in order
    assert rehydration_effects(record) == expected


# ── Whole walks ──────────────────────────────────────────────────────────────────────


def walk(*names: str, policy: RolloutPolicy = HALT) -> tuple[HostRolloutState, list[Effect]]:
    """The record and all effects after a sequence of typical events."""
    record, done = PENDING, list[Effect]()
    for seq, name in enumerate(names, 1):
        record, more = step(record, event(name, seq), NOW, policy)
        done += more
    return record, done


def kinds(done: list[Effect]) -> list[str]:
    """The names of effects, in order, without the reports."""
    names = [type(effect).__name__ for effect in done]
    return [name for name in names if name not in {"LocalEmitEvent", "RemoteAppendEventLog"}]


def test_a_host_that_converges_on_its_agent() -> None:
    """Dispatch, switch, soak, success."""
    record, done = walk(
        "LocalActivate",
        "LocalActivationStarted",
        "LocalActivationCompleted",
        "LocalProbeTopologyDeclared",
        "LocalProbeObservedFirst",
        "LocalProbeResult",
        "LocalConvergedReached",
    )

    assert record.state is HostState.CONVERGED
    assert kinds(done) == [
        "RecordTransition",
        "LocalFireSwitch",
        "LocalResetProbeCache",
        "RecordTransition",
        "RecordTransition",
    ]


def test_a_host_that_is_rolled_back_in_the_mirror() -> None:
    """The mirror never fires anything on the host; it quarantines what was rolled back."""
    record, done = walk(
        "RemoteDispatchAck",
        "RemoteActivationStarted",
        "RemoteActivationCompleted",
        "RemoteProbeFailureFirst",
        "RemoteFailed",
        "RemoteRollbackComplete",
        policy=ROLLBACK,
    )

    assert record.state is HostState.REVERTED
    assert (record.reverted_to, record.current_closure) == (PRIOR, PRIOR)
    assert kinds(done) == [
        "RecordTransition",
        "RecordTransition",
        "RecordTransition",
        "RemoteInsertQuarantine",
        "RecordTransition",
    ]


def test_a_deferred_host_goes_on_after_its_reboot() -> None:
    """The mirror hears of the deferral, and of the completion by the heartbeat after the reboot."""
    record, _ = walk(
        "RemoteDispatchAck",
        "RemoteActivationDeferred",
        "RemoteActivationCompleted",
        "RemoteConverged",
    )

    assert record.state is HostState.CONVERGED


def test_the_halves_may_be_mixed_on_one_record() -> None:
    """The control plane completes what it was not told; there is no side check."""
    record, _ = walk("LocalActivate", "RemoteActivationCompleted", "LocalConvergedReached")

    assert record.state is HostState.CONVERGED


def test_a_refused_event_changes_nothing_and_uses_up_no_number() -> None:
    """The record that a refusal leaves behind is the very same one, ready for the same number."""
    before = changed(SOAKING)
    for name in ("LocalActivate", "LocalActivationFailed", "LocalRollbackCompleted"):
        with pytest.raises(IllegalForState):
            step(before, event(name, 4), NOW, HALT)

    assert before == SOAKING
    assert after(before, event("LocalProbeResult", 4)).last_event_seq == 4
