"""The rollouts that every contender walks, event by event.

Two hosts, each seen from both halves: one converges, one fails its probes and is rolled
back. The agent's events are written down here; the control plane's are what the wire makes
of them, so that both halves walk the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from nixfleet_state_machine import (
    Effect,
    Event,
    HostRolloutState,
    LocalActivate,
    LocalActivationCompleted,
    LocalActivationStarted,
    LocalConvergedReached,
    LocalProbeFailureFirst,
    LocalProbeObservedFirst,
    LocalProbeResult,
    LocalProbeTopologyDeclared,
    LocalRollbackCompleted,
    LocalSustainedFailureCrossed,
    OnHealthFailure,
    ProbeMode,
    ProbeStatus,
    ProbeTopologyEntry,
    RolloutId,
    RolloutPolicy,
    new_pending,
    wire,
)

START: Final = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SOAK: Final = timedelta(minutes=30)
TARGET: Final = "nixos-system-web-1-26.05.20260301"
PRIOR: Final = "nixos-system-web-1-26.05.20260222"
POLICY: Final = RolloutPolicy(on_health_failure=OnHealthFailure.ROLLBACK_AND_HALT)
PROBES: Final = {
    "http-ready": ProbeMode.ENFORCE,
    "disk-space": ProbeMode.ENFORCE,
    "cis-benchmark": ProbeMode.OBSERVE,
}


Outcome: TypeAlias = tuple[HostRolloutState, tuple[Effect, ...]]
"""What an event leads to."""


@dataclass(frozen=True)
class Walk:
    """One rollout of one host, from its first event to its last."""

    name: str
    start: HostRolloutState
    events: tuple[Event, ...]


def at(minutes: float) -> datetime:
    """A time of the rollout, in minutes since it opened."""
    return START + timedelta(minutes=minutes)


def walks() -> tuple[Walk, ...]:
    """The four walks: two hosts, both halves."""
    made = []
    for name, local in (("converges", _converges()), ("rolled back", _rolled_back())):
        remote = tuple(wire.to_event(wire.to_payload(event)) for event in local)
        made += [Walk(f"{name}, agent", _pending(), local), Walk(f"{name}, CP", _pending(), remote)]
    return tuple(made)


def _pending() -> HostRolloutState:
    return new_pending(RolloutId("stable@9f2c1e7"), "web-1", "stable", TARGET, START, START + SOAK)


def _activated() -> tuple[Event, ...]:
    """What both hosts go through until their first probe."""
    topology = tuple(ProbeTopologyEntry(name, "exec", mode) for name, mode in PROBES.items())
    return (
        LocalActivate(PRIOR, at(0.1), 1, TARGET, START + SOAK),
        LocalActivationStarted(at(0.2), "switch", 2),
        LocalActivationCompleted(TARGET, 0, at(1), 3),
        LocalProbeTopologyDeclared(topology, at(1.1), 4),
        LocalProbeObservedFirst("http-ready", ProbeMode.ENFORCE, at(2), 5),
    )


def _result(name: str, minutes: float, seq: int, fault: str | None = None) -> LocalProbeResult:
    status = ProbeStatus.PASS if fault is None else ProbeStatus.FAIL
    return LocalProbeResult(name, PROBES[name], status, at(minutes), seq, fault)


def _converges() -> tuple[Event, ...]:
    return (
        *_activated(),
        _result("http-ready", 2, 6),
        _result("disk-space", 2.1, 7),
        _result("cis-benchmark", 2.2, 8, "3 of 212 controls fail"),
        _result("http-ready", 16, 9),
        _result("disk-space", 16.1, 10),
        _result("cis-benchmark", 16.2, 11, "3 of 212 controls fail"),
        LocalConvergedReached(at(30), TARGET, 12),
    )


def _rolled_back() -> tuple[Event, ...]:
    return (
        *_activated(),
        _result("http-ready", 2, 6),
        _result("disk-space", 2.1, 7),
        LocalProbeFailureFirst("http-ready", ProbeMode.ENFORCE, at(3), 8),
        _result("http-ready", 3, 9, "connection refused"),
        _result("disk-space", 3.1, 10),
        _result("http-ready", 4, 11, "connection refused"),
        LocalSustainedFailureCrossed(at(4.1), 66, ("http-ready",), POLICY.on_health_failure, 12),
        LocalRollbackCompleted(PRIOR, 0, at(5), 13),
    )
