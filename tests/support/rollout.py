"""One rollout on one host, written out by hand: its records, its events, and who accepts them.

What stands here is transcribed from the description of the machine, never computed from its
declaration, so that tests judge the generated reducer by something it was not made of.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    Effect,
    Event,
    HostRolloutState,
    HostState,
    LocalEmitEvent,
    OnHealthFailure,
    Payload,
    ProbeMode,
    ProbeRecord,
    ProbeStatus,
    ProbeSubResult,
    ProbeTopologyEntry,
    RecordTransition,
    RemoteAppendEventLog,
    RolloutId,
    RolloutPolicy,
)

ROLLOUT: Final = RolloutId("stable@4f2a")
HOST: Final = "web-1"
TARGET, PRIOR, OTHER = "closure-target", "closure-prior", "closure-other"

SOAK_DUE: Final = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
OPENED: Final = SOAK_DUE - timedelta(hours=1)
NOW: Final = SOAK_DUE + timedelta(days=365)
"""What the clock says; no row ever reads it."""

HALT: Final = RolloutPolicy(on_health_failure=OnHealthFailure.HALT)
ROLLBACK: Final = RolloutPolicy(on_health_failure=OnHealthFailure.ROLLBACK_AND_HALT)


def minutes(count: float) -> datetime:
    """A time, in minutes after the rollout was opened; the soak is over after sixty."""
    return OPENED + timedelta(minutes=count)


PENDING: Final = nsm.new_pending(ROLLOUT, HOST, "stable", TARGET, OPENED, SOAK_DUE)


def changed(record: HostRolloutState, **fields: Any) -> HostRolloutState:
    """The same record but for some fields."""
    return msgspec.structs.replace(record, **fields)


ACTIVATING: Final = changed(
    PENDING,
    state=HostState.ACTIVATING,
    current_closure_at_dispatch=PRIOR,
    dispatch_acked_at=minutes(1),
    last_event_seq=1,
)
SOAKING: Final = changed(
    ACTIVATING,
    state=HostState.SOAKING,
    activation_started_at=minutes(2),
    activation_completed_at=minutes(3),
    current_closure=TARGET,
    last_event_seq=3,
)
CONVERGED: Final = changed(
    SOAKING, state=HostState.CONVERGED, converged_at=minutes(60), last_event_seq=4
)
FAILED: Final = changed(
    SOAKING,
    state=HostState.FAILED,
    failed_at=minutes(9),
    policy_applied=OnHealthFailure.ROLLBACK_AND_HALT,
    last_event_seq=4,
)
REVERTED: Final = changed(
    FAILED,
    state=HostState.REVERTED,
    reverted_at=minutes(11),
    reverted_to=PRIOR,
    current_closure=PRIOR,
    last_event_seq=5,
)
RECORDS: Final = {
    record.state: record for record in (PENDING, ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)
}
"""A typical record in each state."""

SUB_RESULT: Final = ProbeSubResult(
    control_id="AC-2", status=ProbeStatus.PASS, framework="nist", article="2"
)


class FactRow(NamedTuple):
    """One fact: both halves, the state that accepts it, its payload, and what it carries."""

    local: str
    remote: str
    state: HostState
    kind: str
    durable: bool
    fields: dict[str, Any]
    local_fields: dict[str, Any]

    def event(self, half: str, seq: int = 9, **fields: Any) -> Any:
        """One half of the fact as an event."""
        own = self.local_fields if half == self.local else {}
        return getattr(nsm, half)(**{**self.fields, **own, "seq": seq, **fields})

    def payload(self, seq: int = 9, **fields: Any) -> Any:
        """What is reported of it."""
        return getattr(nsm, self.kind)(**{**self.fields, "seq": seq, **fields})


FACTS: Final = (
    FactRow(
        "LocalActivate",
        "RemoteDispatchAck",
        HostState.PENDING,
        "DispatchAck",
        True,
        {"current_closure_at_dispatch": PRIOR, "received_at": minutes(1)},
        {"target_closure": OTHER, "soak_due_at": minutes(99)},
    ),
    FactRow(
        "LocalActivationStarted",
        "RemoteActivationStarted",
        HostState.ACTIVATING,
        "ActivationStarted",
        True,
        {"started_at": minutes(2), "switch_method": "switch"},
        {},
    ),
    FactRow(
        "LocalActivationCompleted",
        "RemoteActivationCompleted",
        HostState.ACTIVATING,
        "ActivationCompleted",
        True,
        {"observed_current_closure": TARGET, "exit_code": 0, "completed_at": minutes(3)},
        {},
    ),
    FactRow(
        "LocalActivationDeferred",
        "RemoteActivationDeferred",
        HostState.ACTIVATING,
        "ActivationDeferred",
        True,
        {"component": "dbus", "deferred_at": minutes(3)},
        {},
    ),
    FactRow(
        "LocalActivationFailed",
        "RemoteActivationFailed",
        HostState.ACTIVATING,
        "ActivationFailed",
        True,
        {"exit_code": 4, "stderr_tail": "no space left", "failed_at": minutes(3)},
        {},
    ),
    FactRow(
        "LocalProbeTopologyDeclared",
        "RemoteProbeTopologyDeclared",
        HostState.SOAKING,
        "ProbeTopologyDeclared",
        True,
        {
            "probes": (ProbeTopologyEntry(probe_name="http", kind="http", mode=ProbeMode.ENFORCE),),
            "declared_at": minutes(4),
        },
        {},
    ),
    FactRow(
        "LocalProbeObservedFirst",
        "RemoteProbeObservedFirst",
        HostState.SOAKING,
        "ProbeObservedFirst",
        False,
        {"probe_name": "http", "mode": ProbeMode.ENFORCE, "observed_at": minutes(5)},
        {},
    ),
    FactRow(
        "LocalProbeResult",
        "RemoteProbeResult",
        HostState.SOAKING,
        "ProbeResult",
        False,
        {
            "probe_name": "http",
            "mode": ProbeMode.ENFORCE,
            "status": ProbeStatus.PASS,
            "observed_at": minutes(5),
            "failure_reason": None,
            "sub_results": (SUB_RESULT,),
        },
        {},
    ),
    FactRow(
        "LocalProbeFailureFirst",
        "RemoteProbeFailureFirst",
        HostState.SOAKING,
        "ProbeFailureFirst",
        False,
        {"probe_name": "http", "mode": ProbeMode.ENFORCE, "first_failed_at": minutes(6)},
        {},
    ),
    FactRow(
        "LocalSustainedFailureCrossed",
        "RemoteFailed",
        HostState.SOAKING,
        "Failed",
        True,
        {
            "failed_at": minutes(9),
            "sustained_duration_secs": 60,
            "failing_probes": ("http",),
            "policy_applied": OnHealthFailure.ROLLBACK_AND_HALT,
        },
        {},
    ),
    FactRow(
        "LocalRollbackCompleted",
        "RemoteRollbackComplete",
        HostState.FAILED,
        "RollbackComplete",
        True,
        {"reverted_to_closure": PRIOR, "exit_code": 0, "completed_at": minutes(11)},
        {},
    ),
    FactRow(
        "LocalConvergedReached",
        "RemoteConverged",
        HostState.SOAKING,
        "Converged",
        True,
        {"converged_at": SOAK_DUE, "current_closure": TARGET},
        {},
    ),
)
"""The twelve facts, and with them the 24 legal pairs of 144."""

BY_EVENT: Final = {name: fact for fact in FACTS for name in (fact.local, fact.remote)}
LOCAL: Final = tuple(fact.local for fact in FACTS)
REMOTE: Final = tuple(fact.remote for fact in FACTS)


def event(name: str, seq: int = 9, **fields: Any) -> Any:
    """The typical event of that name, with some fields changed."""
    return BY_EVENT[name].event(name, seq, **fields)


def reported(happened: Event, **payload: Any) -> Effect:
    """The effect by which a half reports what happened."""
    name = type(happened).__name__
    fact = BY_EVENT[name]
    carried: Payload = fact.payload(happened.seq, **payload)
    if name == fact.local:
        return LocalEmitEvent(rollout_id=ROLLOUT, payload=carried, durable=fact.durable)
    return RemoteAppendEventLog(host=HOST, rollout_id=ROLLOUT, payload=carried)


def moved(source: HostState, target: HostState, at: datetime) -> RecordTransition:
    """The record of a change of state."""
    return RecordTransition(host=HOST, rollout_id=ROLLOUT, source=source, target=target, at=at)


def probe(status: ProbeStatus, mode: ProbeMode, **fields: Any) -> ProbeRecord:
    """What is remembered of a probe."""
    given = {"last_observed_at": minutes(5), **fields}
    return ProbeRecord(status=status, mode=mode, **given)


def after(record: HostRolloutState, happened: Event, policy: RolloutPolicy = HALT) -> Any:
    """The record that a step leads to."""
    return nsm.step(record, happened, NOW, policy)[0]
