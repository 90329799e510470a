"""What each row of the generated reducer does: target, updates, and effects in their order.

Each test is a small story of one host in one rollout, written by hand; convergence has a
module of its own.
"""

from __future__ import annotations

import pytest

from nixfleet_state_machine import (
    HostState,
    LocalFireRollbackTo,
    LocalFireSwitch,
    LocalResetProbeCache,
    OnHealthFailure,
    ProbeMode,
    ProbeStatus,
    RemoteInsertQuarantine,
    RolloutPolicy,
    step,
)
from support import rollout
from support.rollout import (
    ACTIVATING,
    FAILED,
    HALT,
    LOCAL,
    NOW,
    OTHER,
    PENDING,
    PRIOR,
    REMOTE,
    ROLLBACK,
    ROLLOUT,
    SOAKING,
    TARGET,
    after,
    changed,
    event,
    minutes,
    moved,
    probe,
    reported,
)

PASS, FAIL = ProbeStatus.PASS, ProbeStatus.FAIL
ENFORCE, OBSERVE, DISABLED = ProbeMode.ENFORCE, ProbeMode.OBSERVE, ProbeMode.DISABLED


# ── From dispatch to soak ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["LocalActivate", "RemoteDispatchAck"])
def test_a_dispatch_is_acknowledged(name: str) -> None:
    """The event's own target and deadline are for the bootstrap, not for this row."""
    happened = event(name)
    record, done = step(PENDING, happened, NOW, HALT)

    assert record == changed(
        PENDING,
        state=HostState.ACTIVATING,
        current_closure_at_dispatch=PRIOR,
        dispatch_acked_at=minutes(1),
        last_event_seq=9,
    )
    transition = moved(HostState.PENDING, HostState.ACTIVATING, minutes(1))
    if name == "LocalActivate":
        switch = LocalFireSwitch(rollout_id=ROLLOUT, target=TARGET)
        assert done == (transition, reported(happened), switch)
    else:
        assert done == (reported(happened), transition)


@pytest.mark.parametrize("name", ["LocalActivationStarted", "RemoteActivationStarted"])
def test_the_start_of_the_switch_is_made_visible(name: str) -> None:
    """Nothing but its time is remembered."""
    happened = event(name)

    assert step(ACTIVATING, happened, NOW, HALT) == (
        changed(ACTIVATING, activation_started_at=minutes(2), last_event_seq=9),
        (reported(happened),),
    )


@pytest.mark.parametrize("name", ["LocalActivationCompleted", "RemoteActivationCompleted"])
def test_a_completed_switch_begins_the_soak_without_probes(name: str) -> None:
    """No result of the prior closure counts for the new one; what runs is what was observed."""
    before = changed(ACTIVATING, probes={"http": probe(FAIL, ENFORCE)})
    happened = event(name, observed_current_closure=OTHER)
    record, done = step(before, happened, NOW, HALT)

    assert record == changed(
        ACTIVATING,
        state=HostState.SOAKING,
        activation_completed_at=minutes(3),
        current_closure=OTHER,
        probes={},
        last_event_seq=9,
    )
    shared = (
        reported(happened, observed_current_closure=OTHER),
        moved(HostState.ACTIVATING, HostState.SOAKING, minutes(3)),
    )
    reset = (LocalResetProbeCache(rollout_id=ROLLOUT),)
    assert done == (*(reset if name in LOCAL else ()), *shared)


@pytest.mark.parametrize("name", ["LocalActivationDeferred", "RemoteActivationDeferred"])
def test_a_deferral_leaves_no_trace_in_the_record(name: str) -> None:
    """It is visible in the report only; the host waits in Activating for its reboot."""
    happened = event(name)

    assert step(ACTIVATING, happened, NOW, HALT) == (
        changed(ACTIVATING, last_event_seq=9),
        (reported(happened),),
    )


# ── Failure and rollback ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("policy", [HALT, ROLLBACK], ids=["halt", "rollback"])
@pytest.mark.parametrize("prior", [PRIOR, None], ids=["known", "unknown"])
@pytest.mark.parametrize("name", ["LocalActivationFailed", "RemoteActivationFailed"])
def test_a_failed_switch_rolls_back_under_the_policy_of_the_argument(
    name: str, prior: str | None, policy: RolloutPolicy
) -> None:
    """On the agent alone, under rollback-and-halt, to a prior closure that is known (§4.1)."""
    before = changed(ACTIVATING, current_closure_at_dispatch=prior)
    happened = event(name)
    record, done = step(before, happened, NOW, policy)

    assert record == changed(
        before,
        state=HostState.FAILED,
        activation_failed_at=minutes(3),
        failed_at=minutes(3),
        policy_applied=policy.on_health_failure,
        last_event_seq=9,
    )
    rolls_back = name in LOCAL and prior is not None and policy is ROLLBACK
    rollback = (LocalFireRollbackTo(rollout_id=ROLLOUT, closure=PRIOR),) if rolls_back else ()
    transition = moved(HostState.ACTIVATING, HostState.FAILED, minutes(3))
    assert done == (reported(happened), transition, *rollback)


@pytest.mark.parametrize("argument", [HALT, ROLLBACK], ids=["halt", "rollback"])
@pytest.mark.parametrize("applied", list(OnHealthFailure))
@pytest.mark.parametrize("prior", [PRIOR, None], ids=["known", "unknown"])
@pytest.mark.parametrize("name", ["LocalSustainedFailureCrossed", "RemoteFailed"])
def test_a_sustained_failure_rolls_back_under_the_policy_of_the_event(
    name: str, prior: str | None, applied: OnHealthFailure, argument: RolloutPolicy
) -> None:
    """The mirror has no manifest to ask: what the agent applied stands in its event."""
    before = changed(SOAKING, current_closure_at_dispatch=prior)
    happened = event(name, policy_applied=applied)
    record, done = step(before, happened, NOW, argument)

    assert record == changed(
        before,
        state=HostState.FAILED,
        failed_at=minutes(9),
        policy_applied=applied,
        last_event_seq=9,
    )
    wanted = applied is OnHealthFailure.ROLLBACK_AND_HALT
    rolls_back = name in LOCAL and prior is not None and wanted
    rollback = (LocalFireRollbackTo(rollout_id=ROLLOUT, closure=PRIOR),) if rolls_back else ()
    transition = moved(HostState.SOAKING, HostState.FAILED, minutes(9))
    assert done == (reported(happened, policy_applied=applied), transition, *rollback)


@pytest.mark.parametrize("name", ["LocalRollbackCompleted", "RemoteRollbackComplete"])
def test_a_completed_rollback_reverts_and_quarantines_the_target(name: str) -> None:
    """What was rolled back is the target; what runs now is what the agent went back to."""
    happened = event(name)
    record, done = step(FAILED, happened, NOW, HALT)

    assert record == changed(
        FAILED,
        state=HostState.REVERTED,
        reverted_at=minutes(11),
        reverted_to=PRIOR,
        current_closure=PRIOR,
        last_event_seq=9,
    )
    transition = moved(HostState.FAILED, HostState.REVERTED, minutes(11))
    quarantine = (RemoteInsertQuarantine(channel="stable", closure=TARGET),)
    assert done == (reported(happened), *(quarantine if name in REMOTE else ()), transition)


# ── Probes ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["LocalProbeTopologyDeclared", "RemoteProbeTopologyDeclared"])
def test_declared_probes_are_made_visible_and_not_remembered(name: str) -> None:
    """The wave gate reads them from the event log."""
    happened = event(name)

    assert step(SOAKING, happened, NOW, HALT) == (
        changed(SOAKING, last_event_seq=9),
        (reported(happened),),
    )


@pytest.mark.parametrize(
    ("names", "field", "given"),
    [
        (
            ("LocalProbeObservedFirst", "RemoteProbeObservedFirst"),
            "probe_observed_first_at",
            "observed_at",
        ),
        (
            ("LocalProbeFailureFirst", "RemoteProbeFailureFirst"),
            "probe_failure_first_at",
            "first_failed_at",
        ),
    ],
)
def test_a_first_time_is_set_once(names: tuple[str, str], field: str, given: str) -> None:
    """A later report of a first time is reported on, and changes nothing."""
    for name in names:
        first, second = event(name, 4, **{given: minutes(6)}), event(name, 5, **{given: minutes(5)})
        once = changed(SOAKING, last_event_seq=4, **{field: minutes(6)})

        sent = reported(first, **{given: minutes(6)})
        assert step(SOAKING, first, NOW, HALT) == (once, (sent,))
        again = reported(second, **{given: minutes(5)})
        assert step(once, second, NOW, HALT) == (changed(once, last_event_seq=5), (again,))


@pytest.mark.parametrize("name", ["LocalProbeResult", "RemoteProbeResult"])
def test_the_latest_word_of_a_probe_counts(name: str) -> None:
    """Its status, mode and time are replaced; the last pass is kept while it fails (§4.2)."""
    passed = event(name, 4, observed_at=minutes(5))
    failed = event(
        name, 5, status=FAIL, mode=OBSERVE, observed_at=minutes(7), failure_reason="refused"
    )
    again = event(name, 6, observed_at=minutes(8), failure_reason="ignored")

    record, done = step(SOAKING, passed, NOW, HALT)
    assert record.probes == {"http": probe(PASS, ENFORCE, last_pass_at=minutes(5))}
    assert done == (reported(passed),)
    assert record.state is HostState.SOAKING

    record = after(record, failed)
    assert record.probes == {
        "http": probe(
            FAIL,
            OBSERVE,
            last_observed_at=minutes(7),
            last_pass_at=minutes(5),
            failure_reason="refused",
        )
    }

    record = after(record, again)
    assert record.probes == {
        "http": probe(PASS, ENFORCE, last_observed_at=minutes(8), last_pass_at=minutes(8))
    }


def test_a_probe_that_fails_at_once_has_never_passed() -> None:
    """Its record is created by its first result, whichever it is."""
    failed = event("LocalProbeResult", 4, status=FAIL, failure_reason=None)

    assert after(SOAKING, failed).probes == {"http": probe(FAIL, ENFORCE)}


def test_probes_do_not_touch_each_other() -> None:
    """Each name has its own record, and an earlier record is never changed in place."""
    before = after(SOAKING, event("LocalProbeResult", 4))
    record = after(before, event("LocalProbeResult", 5, probe_name="disk", status=FAIL))

    assert record.probes == {
        "http": probe(PASS, ENFORCE, last_pass_at=minutes(5)),
        "disk": probe(FAIL, ENFORCE),
    }
    assert set(before.probes) == {"http"}


def test_sub_results_are_reported_and_not_remembered() -> None:
    """They are for auditors; no gate consults them."""
    happened = event("LocalProbeResult", 4)
    record, done = step(SOAKING, happened, NOW, HALT)

    assert done == (reported(happened),)
    assert happened.sub_results == (rollout.SUB_RESULT,)
    assert "sub_results" not in record.probes["http"].__struct_fields__
