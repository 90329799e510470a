"""Reports of an agent as JSON, written by hand."""

from __future__ import annotations

import json
from typing import Any

from nixfleet_state_machine import (
    wire,
)
from support.rollout import HOST, ROLLOUT

MOST = 2**64 - 1

PROBE_RESULT = {
    "kind": "ProbeResult",
    "seq": 7,
    "probeName": "http",
    "mode": "enforce",
    "status": "fail",
    "observedAt": "2026-01-01T11:05:00Z",
}
CONVERGED = {
    "kind": "Converged",
    "seq": 8,
    "convergedAt": "2026-01-01T12:00:00Z",
    "currentClosure": "closure-target",
}
FAILED = {
    "kind": "Failed",
    "seq": 9,
    "failedAt": "2026-01-01T12:00:00Z",
    "sustainedDurationSecs": 60,
    "failingProbes": ["http"],
    "policyApplied": "halt",
}
SUB_RESULT = {"controlId": "AC-2", "status": "pass", "framework": "nist"}


def envelope(event: object = CONVERGED, **changed: object) -> dict[str, object]:
    """The JSON of a report, as plain values."""
    return {"hostname": HOST, "rolloutId": ROLLOUT, "event": event, **changed}


def text(value: object) -> str:
    """Plain values as JSON text."""
    return json.dumps(value)


def sent(event: Any, **fields: Any) -> wire.Envelope:
    """An envelope around a payload."""
    return wire.Envelope(hostname=HOST, rollout_id=ROLLOUT, event=event, **fields)


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    """The object without one of its keys."""
    return {name: value for name, value in values.items() if name != key}


KINDS: dict[str, dict[str, Any]] = {
    "DispatchAck": {
        "currentClosureAtDispatch": "closure-prior",
        "receivedAt": "2026-01-01T11:01:00Z",
    },
    "ActivationStarted": {"startedAt": "2026-01-01T11:02:00Z", "switchMethod": "switch"},
    "ActivationCompleted": {
        "observedCurrentClosure": "closure-target",
        "exitCode": 0,
        "completedAt": "2026-01-01T11:03:00Z",
    },
    "ActivationDeferred": {"component": "dbus", "deferredAt": "2026-01-01T11:03:00Z"},
    "ActivationFailed": {
        "exitCode": 4,
        "stderrTail": "no space left",
        "failedAt": "2026-01-01T11:03:00Z",
    },
    "ProbeTopologyDeclared": {
        "probes": [{"probeName": "http", "kind": "http", "mode": "enforce"}],
        "declaredAt": "2026-01-01T11:04:00Z",
    },
    "ProbeObservedFirst": {
        "probeName": "http",
        "mode": "enforce",
        "observedAt": "2026-01-01T11:05:00Z",
    },
    "ProbeResult": {
        "probeName": "http",
        "mode": "enforce",
        "status": "pass",
        "observedAt": "2026-01-01T11:05:00Z",
        "subResults": [
            {
                "controlId": "AC-2",
                "status": "pass",
                "framework": "nist",
                "article": "2",
                "effectiveMode": "enforce",
            }
        ],
    },
    "ProbeFailureFirst": {
        "probeName": "http",
        "mode": "enforce",
        "firstFailedAt": "2026-01-01T11:06:00Z",
    },
    "Failed": {
        "failedAt": "2026-01-01T11:09:00Z",
        "sustainedDurationSecs": 60,
        "failingProbes": ["http"],
        "policyApplied": "rollback-and-halt",
    },
    "RollbackComplete": {
        "revertedToClosure": "closure-prior",
        "exitCode": 0,
        "completedAt": "2026-01-01T11:11:00Z",
    },
    "Converged": {"convergedAt": "2026-01-01T12:00:00Z", "currentClosure": "closure-target"},
}
"""The twelve kinds as JSON, written by hand."""
