"""The rollout as state machine libraries want it: one object that guards read and actions change.

Both libraries drive the same object, so that they differ in nothing but themselves. It keeps the
record in plain attributes, which is their idiom and faster than frozen structs. The library
chooses the row and writes `state`; `ROWS` says which methods of the object belong to which event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import nixfleet_state_machine as nf
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
    RecordTransition,
    RemoteAppendEventLog,
    RolloutPolicy,
)

PENDING: Final = HostState.PENDING
ACTIVATING: Final = HostState.ACTIVATING
SOAKING: Final = HostState.SOAKING
CONVERGED: Final = HostState.CONVERGED
FAILED: Final = HostState.FAILED
REVERTED: Final = HostState.REVERTED
PASS: Final = ProbeStatus.PASS
ENFORCE: Final = ProbeMode.ENFORCE
ROLLBACK_AND_HALT: Final = OnHealthFailure.ROLLBACK_AND_HALT


@dataclass(frozen=True)
class Row:
    """Two events that one state accepts: the state after them, their guards and their action."""

    source: HostState
    target: HostState
    action: str
    events: tuple[type[Event], type[Event]]
    guards: tuple[str, ...] = ("number_is_new",)


ROWS: Final = (
    Row(PENDING, ACTIVATING, "acknowledge", (nf.LocalActivate, nf.RemoteDispatchAck)),
    Row(ACTIVATING, ACTIVATING, "start", (nf.LocalActivationStarted, nf.RemoteActivationStarted)),
    Row(
        ACTIVATING,
        SOAKING,
        "complete",
        (nf.LocalActivationCompleted, nf.RemoteActivationCompleted),
    ),
    Row(
        ACTIVATING,
        ACTIVATING,
        "defer",
        (nf.LocalActivationDeferred, nf.RemoteActivationDeferred),
    ),
    Row(ACTIVATING, FAILED, "fail", (nf.LocalActivationFailed, nf.RemoteActivationFailed)),
    Row(
        SOAKING,
        SOAKING,
        "declare",
        (nf.LocalProbeTopologyDeclared, nf.RemoteProbeTopologyDeclared),
    ),
    Row(
        SOAKING, SOAKING, "observe_first", (nf.LocalProbeObservedFirst, nf.RemoteProbeObservedFirst)
    ),
    Row(SOAKING, SOAKING, "take_result", (nf.LocalProbeResult, nf.RemoteProbeResult)),
    Row(SOAKING, SOAKING, "fail_first", (nf.LocalProbeFailureFirst, nf.RemoteProbeFailureFirst)),
    Row(SOAKING, FAILED, "give_up", (nf.LocalSustainedFailureCrossed, nf.RemoteFailed)),
    Row(
        SOAKING,
        CONVERGED,
        "converge",
        (nf.LocalConvergedReached, nf.RemoteConverged),
        ("number_is_new", "runs_target", "soak_is_over", "enforce_probes_pass"),
    ),
    Row(FAILED, REVERTED, "revert", (nf.LocalRollbackCompleted, nf.RemoteRollbackComplete)),
)


class Rollout:
    """One host in one rollout. Each action leaves its effects in `effects`."""

    def __init__(self, record: HostRolloutState, policy: RolloutPolicy) -> None:
        for name in HostRolloutState.__struct_fields__:
            setattr(self, name, getattr(record, name))
        self.state = record.state.value
        self.probes = dict(record.probes)
        self.policy = policy
        self.effects: tuple[Effect, ...] = ()

    if TYPE_CHECKING:
        probe_observed_first_at: Any
        probe_failure_first_at: Any

        # The record's other fields.
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

    def record(self) -> HostRolloutState:
        """The record as the other contenders have it."""
        fields = {name: getattr(self, name) for name in HostRolloutState.__struct_fields__}
        fields |= {"state": HostState(self.state), "probes": dict(self.probes)}
        return HostRolloutState(**fields)

    def number_is_new(self, happened: Any) -> bool:
        return bool(happened.seq > self.last_event_seq)

    def runs_target(self, happened: Any) -> bool:
        return bool(happened.current_closure == self.target_closure)

    def soak_is_over(self, happened: Any) -> bool:
        return self.soak_due_at is None or happened.converged_at >= self.soak_due_at

    def enforce_probes_pass(self, _happened: Any) -> bool:
        return all(p.status is PASS for p in self.probes.values() if p.mode is ENFORCE)

    def acknowledge(self, happened: Any) -> None:
        closure, at, seq = happened.current_closure_at_dispatch, happened.received_at, happened.seq
        self.current_closure_at_dispatch = closure
        self.dispatch_acked_at = at
        self.last_event_seq = seq
        payload = nf.DispatchAck(closure, at, seq)
        moved = RecordTransition(self.hostname, self.rollout_id, PENDING, ACTIVATING, at)
        if type(happened) is nf.LocalActivate:
            report = LocalEmitEvent(self.rollout_id, payload, True)
            self.effects = moved, report, nf.LocalFireSwitch(self.rollout_id, self.target_closure)
        else:
            self.effects = RemoteAppendEventLog(self.hostname, self.rollout_id, payload), moved

    def start(self, happened: Any) -> None:
        at, seq = happened.started_at, happened.seq
        self.activation_started_at = at
        self.last_event_seq = seq
        local = type(happened) is nf.LocalActivationStarted
        self._report(local, nf.ActivationStarted(at, happened.switch_method, seq), True)

    def complete(self, happened: Any) -> None:
        closure, at, seq = happened.observed_current_closure, happened.completed_at, happened.seq
        self.current_closure = closure
        self.activation_completed_at = at
        self.probes = {}
        self.last_event_seq = seq
        local = type(happened) is nf.LocalActivationCompleted
        self._report(local, nf.ActivationCompleted(closure, happened.exit_code, at, seq), True)
        if local:
            self.effects = (nf.LocalResetProbeCache(self.rollout_id), *self.effects)
        self._moved(ACTIVATING, SOAKING, at)

    def defer(self, happened: Any) -> None:
        self.last_event_seq = happened.seq
        local = type(happened) is nf.LocalActivationDeferred
        payload = nf.ActivationDeferred(happened.component, happened.deferred_at, happened.seq)
        self._report(local, payload, True)

    def fail(self, happened: Any) -> None:
        at, seq = happened.failed_at, happened.seq
        self.activation_failed_at = self.failed_at = at
        self.policy_applied = self.policy.on_health_failure
        self.last_event_seq = seq
        local = type(happened) is nf.LocalActivationFailed
        payload = nf.ActivationFailed(happened.exit_code, happened.stderr_tail, at, seq)
        self._report(local, payload, True)
        self._moved(ACTIVATING, FAILED, at)
        self._roll_back(local)

    def declare(self, happened: Any) -> None:
        self.last_event_seq = happened.seq
        local = type(happened) is nf.LocalProbeTopologyDeclared
        payload = nf.ProbeTopologyDeclared(happened.probes, happened.declared_at, happened.seq)
        self._report(local, payload, True)

    def observe_first(self, happened: Any) -> None:
        at, seq = happened.observed_at, happened.seq
        if self.probe_observed_first_at is None:
            self.probe_observed_first_at = at
        self.last_event_seq = seq
        local = type(happened) is nf.LocalProbeObservedFirst
        payload = nf.ProbeObservedFirst(happened.probe_name, happened.mode, at, seq)
        self._report(local, payload, False)

    def take_result(self, happened: Any) -> None:
        name, mode, status = happened.probe_name, happened.mode, happened.status
        at, reason, seq = happened.observed_at, happened.failure_reason, happened.seq
        if status is PASS:
            self.probes[name] = ProbeRecord(status, at, mode, at)
        else:
            known = self.probes.get(name)
            passed_at = None if known is None else known.last_pass_at
            self.probes[name] = ProbeRecord(status, at, mode, passed_at, reason)
        self.last_event_seq = seq
        local = type(happened) is nf.LocalProbeResult
        payload = nf.ProbeResult(name, mode, status, at, seq, reason, happened.sub_results)
        self._report(local, payload, False)

    def fail_first(self, happened: Any) -> None:
        at, seq = happened.first_failed_at, happened.seq
        if self.probe_failure_first_at is None:
            self.probe_failure_first_at = at
        self.last_event_seq = seq
        local = type(happened) is nf.LocalProbeFailureFirst
        payload = nf.ProbeFailureFirst(happened.probe_name, happened.mode, at, seq)
        self._report(local, payload, False)

    def give_up(self, happened: Any) -> None:
        at, applied, seq = happened.failed_at, happened.policy_applied, happened.seq
        self.failed_at = at
        self.policy_applied = applied
        self.last_event_seq = seq
        local = type(happened) is nf.LocalSustainedFailureCrossed
        lasted, probes = happened.sustained_duration_secs, happened.failing_probes
        self._report(local, nf.Failed(at, lasted, probes, applied, seq), True)
        self._moved(SOAKING, FAILED, at)
        self._roll_back(local)

    def converge(self, happened: Any) -> None:
        closure, at, seq = happened.current_closure, happened.converged_at, happened.seq
        self.current_closure = closure
        self.converged_at = at
        self.last_event_seq = seq
        local = type(happened) is nf.LocalConvergedReached
        self._report(local, nf.Converged(at, closure, seq), True)
        self._moved(SOAKING, CONVERGED, at)

    def revert(self, happened: Any) -> None:
        closure, at, seq = happened.reverted_to_closure, happened.completed_at, happened.seq
        self.current_closure = self.reverted_to = closure
        self.reverted_at = at
        self.last_event_seq = seq
        local = type(happened) is nf.LocalRollbackCompleted
        self._report(local, nf.RollbackComplete(closure, happened.exit_code, at, seq), True)
        if not local:
            self.effects += (nf.RemoteInsertQuarantine(self.channel, self.target_closure),)
        self._moved(FAILED, REVERTED, at)

    def _report(self, local: bool, payload: Payload, durable: bool) -> None:
        if local:
            self.effects = (LocalEmitEvent(self.rollout_id, payload, durable),)
        else:
            self.effects = (RemoteAppendEventLog(self.hostname, self.rollout_id, payload),)

    def _moved(self, source: HostState, target: HostState, at: Any) -> None:
        self.effects += (RecordTransition(self.hostname, self.rollout_id, source, target, at),)

    def _roll_back(self, local: bool) -> None:
        prior = self.current_closure_at_dispatch
        if local and self.policy_applied is ROLLBACK_AND_HALT and prior is not None:
            self.effects += (nf.LocalFireRollbackTo(self.rollout_id, prior),)
