"""The reducer as one would write it by hand, over the same structs, for speed.

It is the rival that the generated reducer has to keep up with, so it spares nothing that a
good engineer would find with a profiler, and that still reads well: `match` on the state and
then on the event's type, what happens most first (patterns like `LocalActivate()` are slow
wherever they don't match, which is why type checkers see `Any` below); msgspec's changed copy
of the record; fields and enum members that are needed more than once in local and global
variables; payloads and effects by position. Both halves of a fact share their code.

It checks what the generated reducer checks: its arguments, the number and the state, and whatever
of the record it compares. Events and policies check themselves when they are made.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeAlias, get_args

from msgspec.structs import replace

import nixfleet_state_machine as nf
from nixfleet_state_machine import (
    ActivationCompleted,
    ActivationDeferred,
    ActivationFailed,
    ActivationStarted,
    Converged,
    DispatchAck,
    Effect,
    Event,
    Failed,
    HostRolloutState,
    HostState,
    IllegalForState,
    InvariantViolation,
    LocalEmitEvent,
    LocalFireRollbackTo,
    LocalFireSwitch,
    LocalResetProbeCache,
    OnHealthFailure,
    Payload,
    ProbeFailureFirst,
    ProbeMode,
    ProbeObservedFirst,
    ProbeRecord,
    ProbeResult,
    ProbeStatus,
    ProbeTopologyDeclared,
    RecordTransition,
    RemoteAppendEventLog,
    RemoteInsertQuarantine,
    RollbackComplete,
    RolloutPolicy,
    SeqRegression,
)
from nixfleet_state_machine.reducer import CHECKS, FrozenMap

Stepped: TypeAlias = tuple[HostRolloutState, tuple[Effect, ...]]

PENDING: Final = HostState.PENDING
ACTIVATING: Final = HostState.ACTIVATING
SOAKING: Final = HostState.SOAKING
CONVERGED: Final = HostState.CONVERGED
FAILED: Final = HostState.FAILED
REVERTED: Final = HostState.REVERTED
PASS: Final = ProbeStatus.PASS
ENFORCE: Final = ProbeMode.ENFORCE
ROLLBACK_AND_HALT: Final = OnHealthFailure.ROLLBACK_AND_HALT
EVENTS: Final = frozenset(get_args(Event))
NO_PROBES: Final[FrozenMap[str, ProbeRecord]] = FrozenMap()


class Is:
    """States for patterns, which take dotted names only."""

    PENDING: Final = PENDING
    ACTIVATING: Final = ACTIVATING
    SOAKING: Final = SOAKING
    FAILED: Final = FAILED


def step(state: HostRolloutState, event: Event, _now: datetime, policy: RolloutPolicy) -> Stepped:
    """Apply one event, as `nixfleet_state_machine.step` does."""
    if type(state) is not HostRolloutState or type(policy) is not RolloutPolicy:
        raise TypeError("step takes a HostRolloutState and a RolloutPolicy")
    if type(event) not in EVENTS:
        raise TypeError(f"step takes an event, not {type(event).__name__}")
    if type(state.last_event_seq) is not int:
        _check(state)
    if event.seq <= state.last_event_seq:
        raise SeqRegression(event.seq, state.last_event_seq, state.rollout_id, state.hostname)
    match state.state:
        case Is.SOAKING:
            return _soaking(state, event)
        case Is.ACTIVATING:
            return _activating(state, event, policy)
        case Is.PENDING:
            return _pending(state, event)
        case Is.FAILED:
            return _failed(state, event)
        case _:
            _refuse(state, event)


def _check(state: HostRolloutState) -> None:
    CHECKS[HostRolloutState](state)


def _refuse(state: HostRolloutState, event: Event) -> NoReturn:
    _check(state)
    raise IllegalForState(state.state, event, state.rollout_id, state.hostname)


def _pending(state: HostRolloutState, event: Any) -> Stepped:
    match type(event):
        case nf.LocalActivate | nf.RemoteDispatchAck:
            closure, at, seq = event.current_closure_at_dispatch, event.received_at, event.seq
            after = replace(
                state,
                state=ACTIVATING,
                current_closure_at_dispatch=closure,
                dispatch_acked_at=at,
                last_event_seq=seq,
            )
            host, rollout = state.hostname, state.rollout_id
            payload = DispatchAck(closure, at, seq)
            transition = RecordTransition(host, rollout, PENDING, ACTIVATING, at)
            if type(event) is nf.RemoteDispatchAck:
                return after, (RemoteAppendEventLog(host, rollout, payload), transition)
            return after, (
                transition,
                LocalEmitEvent(rollout, payload, True),
                LocalFireSwitch(rollout, state.target_closure),
            )
        case _:
            _refuse(state, event)


def _activating(state: HostRolloutState, event: Any, policy: RolloutPolicy) -> Stepped:
    host, rollout, seq = state.hostname, state.rollout_id, event.seq
    payload: Payload
    match type(event):
        case nf.LocalActivationStarted | nf.RemoteActivationStarted:
            at = event.started_at
            after = replace(state, activation_started_at=at, last_event_seq=seq)
            payload = ActivationStarted(at, event.switch_method, seq)
            if type(event) is nf.LocalActivationStarted:
                return after, (LocalEmitEvent(rollout, payload, True),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case nf.LocalActivationCompleted | nf.RemoteActivationCompleted:
            closure, at = event.observed_current_closure, event.completed_at
            after = replace(
                state,
                state=SOAKING,
                current_closure=closure,
                activation_completed_at=at,
                probes=NO_PROBES,
                last_event_seq=seq,
            )
            payload = ActivationCompleted(closure, event.exit_code, at, seq)
            transition = RecordTransition(host, rollout, ACTIVATING, SOAKING, at)
            if type(event) is nf.LocalActivationCompleted:
                return after, (
                    LocalResetProbeCache(rollout),
                    LocalEmitEvent(rollout, payload, True),
                    transition,
                )
            return after, (RemoteAppendEventLog(host, rollout, payload), transition)
        case nf.LocalActivationFailed | nf.RemoteActivationFailed:
            at, applied = event.failed_at, policy.on_health_failure
            after = replace(
                state,
                state=FAILED,
                activation_failed_at=at,
                failed_at=at,
                policy_applied=applied,
                last_event_seq=seq,
            )
            payload = ActivationFailed(event.exit_code, event.stderr_tail, at, seq)
            transition = RecordTransition(host, rollout, ACTIVATING, FAILED, at)
            if type(event) is nf.LocalActivationFailed:
                return after, _failed_on_agent(state, payload, transition, applied)
            return after, (RemoteAppendEventLog(host, rollout, payload), transition)
        case nf.LocalActivationDeferred | nf.RemoteActivationDeferred:
            after = replace(state, last_event_seq=seq)
            payload = ActivationDeferred(event.component, event.deferred_at, seq)
            if type(event) is nf.LocalActivationDeferred:
                return after, (LocalEmitEvent(rollout, payload, True),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case _:
            _refuse(state, event)


def _soaking(state: HostRolloutState, event: Any) -> Stepped:
    host, rollout, seq = state.hostname, state.rollout_id, event.seq
    payload: Payload
    match type(event):
        case nf.LocalProbeResult | nf.RemoteProbeResult:
            name, mode, status = event.probe_name, event.mode, event.status
            at, reason = event.observed_at, event.failure_reason
            if status is PASS:
                record = ProbeRecord(status, at, mode, at, None)
            else:
                known = state.probes.get(name)
                record = ProbeRecord(
                    status, at, mode, None if known is None else known.last_pass_at, reason
                )
            probes = FrozenMap({**state.probes, name: record})
            after = replace(state, probes=probes, last_event_seq=seq)
            payload = ProbeResult(name, mode, status, at, seq, reason, event.sub_results)
            if type(event) is nf.LocalProbeResult:
                return after, (LocalEmitEvent(rollout, payload, False),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case nf.LocalProbeObservedFirst | nf.RemoteProbeObservedFirst:
            at = event.observed_at
            first = _first(state, state.probe_observed_first_at, at)
            after = replace(state, probe_observed_first_at=first, last_event_seq=seq)
            payload = ProbeObservedFirst(event.probe_name, event.mode, at, seq)
            if type(event) is nf.LocalProbeObservedFirst:
                return after, (LocalEmitEvent(rollout, payload, False),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case nf.LocalProbeTopologyDeclared | nf.RemoteProbeTopologyDeclared:
            after = replace(state, last_event_seq=seq)
            payload = ProbeTopologyDeclared(event.probes, event.declared_at, seq)
            if type(event) is nf.LocalProbeTopologyDeclared:
                return after, (LocalEmitEvent(rollout, payload, True),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case nf.LocalConvergedReached | nf.RemoteConverged:
            closure, at = event.current_closure, event.converged_at
            _check_converged(state, closure, at)
            after = replace(
                state,
                state=CONVERGED,
                current_closure=closure,
                converged_at=at,
                last_event_seq=seq,
            )
            payload = Converged(at, closure, seq)
            transition = RecordTransition(host, rollout, SOAKING, CONVERGED, at)
            if type(event) is nf.LocalConvergedReached:
                return after, (LocalEmitEvent(rollout, payload, True), transition)
            return after, (RemoteAppendEventLog(host, rollout, payload), transition)
        case nf.LocalProbeFailureFirst | nf.RemoteProbeFailureFirst:
            at = event.first_failed_at
            first = _first(state, state.probe_failure_first_at, at)
            after = replace(state, probe_failure_first_at=first, last_event_seq=seq)
            payload = ProbeFailureFirst(event.probe_name, event.mode, at, seq)
            if type(event) is nf.LocalProbeFailureFirst:
                return after, (LocalEmitEvent(rollout, payload, False),)
            return after, (RemoteAppendEventLog(host, rollout, payload),)
        case nf.LocalSustainedFailureCrossed | nf.RemoteFailed:
            at, applied = event.failed_at, event.policy_applied
            after = replace(
                state, state=FAILED, failed_at=at, policy_applied=applied, last_event_seq=seq
            )
            payload = Failed(at, event.sustained_duration_secs, event.failing_probes, applied, seq)
            transition = RecordTransition(host, rollout, SOAKING, FAILED, at)
            if type(event) is nf.LocalSustainedFailureCrossed:
                return after, _failed_on_agent(state, payload, transition, applied)
            return after, (RemoteAppendEventLog(host, rollout, payload), transition)
        case _:
            _refuse(state, event)


def _failed(state: HostRolloutState, event: Any) -> Stepped:
    match type(event):
        case nf.LocalRollbackCompleted | nf.RemoteRollbackComplete:
            closure, at, seq = event.reverted_to_closure, event.completed_at, event.seq
            after = replace(
                state,
                state=REVERTED,
                current_closure=closure,
                reverted_to=closure,
                reverted_at=at,
                last_event_seq=seq,
            )
            host, rollout = state.hostname, state.rollout_id
            payload = RollbackComplete(closure, event.exit_code, at, seq)
            transition = RecordTransition(host, rollout, FAILED, REVERTED, at)
            if type(event) is nf.LocalRollbackCompleted:
                return after, (LocalEmitEvent(rollout, payload, True), transition)
            return after, (
                RemoteAppendEventLog(host, rollout, payload),
                RemoteInsertQuarantine(state.channel, state.target_closure),
                transition,
            )
        case _:
            _refuse(state, event)


def _first(state: HostRolloutState, known: datetime | None, at: datetime) -> datetime:
    """The time that is known, if there is one."""
    if known is None:
        return at
    if type(known) is not datetime or known.tzinfo is not UTC:
        _check(state)
    return known


def _failed_on_agent(
    state: HostRolloutState,
    payload: ActivationFailed | Failed,
    transition: RecordTransition,
    applied: OnHealthFailure,
) -> tuple[Effect, ...]:
    """A failure's effects on the agent, which may roll back."""
    report = LocalEmitEvent(state.rollout_id, payload, True)
    prior = state.current_closure_at_dispatch
    if prior is not None and type(prior) is not str:
        _check(state)
        prior = state.current_closure_at_dispatch
    if applied is ROLLBACK_AND_HALT and prior is not None:
        return report, transition, LocalFireRollbackTo(state.rollout_id, prior)
    return report, transition


def _check_converged(state: HostRolloutState, closure: str, at: datetime) -> None:
    if not (
        type(state.target_closure) is str
        and (state.soak_due_at is None or state.soak_due_at.tzinfo is UTC)
        and type(state.probes) is FrozenMap
    ):
        _check(state)
    whose = state.state, state.rollout_id, state.hostname
    if closure != state.target_closure:
        raise InvariantViolation(
            "the host must run its target closure", "closure-is-target", *whose
        )
    if state.soak_due_at is not None and at < state.soak_due_at:
        raise InvariantViolation("the soak must be over", "soak-is-over", *whose)
    for probe in state.probes.values():
        if type(probe) is not ProbeRecord or type(probe.status) is not ProbeStatus:
            _check(state)
        if type(probe.mode) is not ProbeMode:
            _check(state)
        if probe.mode is ENFORCE and probe.status is not PASS:
            raise InvariantViolation(
                "every enforce probe that has reported must pass", "enforce-probes-pass", *whose
            )
