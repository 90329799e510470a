"""The facts of a host's rollout, and with them its events (RFC-0005 §4.2).

A fact is seen twice: once by the agent on the host, as its `Local...` event, and
once by the control plane's mirror, as its `Remote...` event, when the agent's
report arrives. Both halves carry the same fields, and the payload that travels
between them carries these and the number `seq`. The one exception is the
dispatch: its target and soak deadline come *from* the control plane, so the
agent's half alone has them, for the bootstrap.

`time` names the field with the moment the fact happened, by the agent's clock.
"""

from __future__ import annotations

from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import (
    PROBE_NAMES,
    PROBE_TOPOLOGY,
    SUB_RESULTS,
    ClosureHash,
    Hostname,
    ProbeMode,
    ProbeName,
    ProbeStatus,
    RolloutId,
)
from steptable.machine import Fact, Numbering, Side, Wire
from steptable.sorts import I32, INSTANT, PAYLOAD, TEXT, U64, Optional
from steptable.terms import Structure, field, root

AGENT = Side("agent", "The agent on the host: it sees facts first, and acts on the host.")
CP = Side("CP", "The control plane's mirror: it sees what the agent reports, and keeps the log.")

NUMBERING = Numbering(
    event_field="seq",
    record_field="last_event_seq",
    sort=U64,
    doc="The event's number, rising per host and rollout; gaps are accepted.",
)

DISPATCH_ACK = Fact.declare(
    "DispatchAck",
    "The agent has received its dispatch, checked the target against the signed manifest, "
    "and is about to switch.",
    halves={AGENT: "LocalActivate", CP: "RemoteDispatchAck"},
    time="received_at",
    durable=True,
    current_closure_at_dispatch=field(ClosureHash, "What the host ran at that moment."),
    received_at=field(INSTANT, "When the dispatch arrived."),
    extra={
        AGENT: {
            "target_closure": field(
                ClosureHash, "The verified target; only the bootstrap reads it (RFC-0004 §1)."
            ),
            "soak_due_at": field(
                INSTANT, "The soak deadline the control plane resolved; for the bootstrap."
            ),
        }
    },
)

ACTIVATION_STARTED = Fact.declare(
    "ActivationStarted",
    "The activation worker has begun to switch the host to the new closure.",
    halves={AGENT: "LocalActivationStarted", CP: "RemoteActivationStarted"},
    time="started_at",
    durable=True,
    started_at=field(INSTANT, "When the switch began."),
    switch_method=field(TEXT, "How the host is switched."),
)

ACTIVATION_COMPLETED = Fact.declare(
    "ActivationCompleted",
    "The switch succeeded; the new closure runs.",
    halves={AGENT: "LocalActivationCompleted", CP: "RemoteActivationCompleted"},
    time="completed_at",
    durable=True,
    observed_current_closure=field(ClosureHash, "What the host runs after the switch."),
    exit_code=field(I32, "The exit code of the switch."),
    completed_at=field(INSTANT, "When the switch returned."),
)

ACTIVATION_DEFERRED = Fact.declare(
    "ActivationDeferred",
    "The new closure is in place but takes effect at the next reboot only: a component "
    "that can't be swapped on a running system has changed.",
    halves={AGENT: "LocalActivationDeferred", CP: "RemoteActivationDeferred"},
    time="deferred_at",
    durable=True,
    component=field(TEXT, "What can't be swapped live."),
    deferred_at=field(INSTANT, "When the live switch was skipped."),
)

ACTIVATION_FAILED = Fact.declare(
    "ActivationFailed",
    "The switch returned failure.",
    halves={AGENT: "LocalActivationFailed", CP: "RemoteActivationFailed"},
    time="failed_at",
    durable=True,
    exit_code=field(I32, "The exit code of the switch."),
    stderr_tail=field(TEXT, "The end of what the switch wrote to its error stream."),
    failed_at=field(INSTANT, "When the switch returned."),
)

PROBE_TOPOLOGY_DECLARED = Fact.declare(
    "ProbeTopologyDeclared",
    "The agent has read the host's probe declarations, once after each activation, so that "
    "the control plane can tell a silent enforce probe from none at all (RFC-0007 §8).",
    halves={AGENT: "LocalProbeTopologyDeclared", CP: "RemoteProbeTopologyDeclared"},
    time="declared_at",
    durable=True,
    probes=field(PROBE_TOPOLOGY, "Every declared probe."),
    declared_at=field(INSTANT, "When the declarations were read."),
)

PROBE_OBSERVED_FIRST = Fact.declare(
    "ProbeObservedFirst",
    "The first probe run since the activation gave a result, whichever it was.",
    halves={AGENT: "LocalProbeObservedFirst", CP: "RemoteProbeObservedFirst"},
    time="observed_at",
    durable=False,
    probe_name=field(ProbeName, "The probe that was first."),
    mode=field(ProbeMode, "What its result counts for."),
    observed_at=field(INSTANT, "When it reported."),
)

PROBE_RESULT = Fact.declare(
    "ProbeResult",
    "A probe ran and produced a result.",
    halves={AGENT: "LocalProbeResult", CP: "RemoteProbeResult"},
    time="observed_at",
    durable=False,
    probe_name=field(ProbeName, "The probe."),
    mode=field(ProbeMode, "What the result counts for."),
    status=field(ProbeStatus, "What it found."),
    observed_at=field(INSTANT, "When it reported."),
    failure_reason=field(Optional(TEXT), "Why it fails, if it does."),
    sub_results=field(Optional(SUB_RESULTS), "Each control's result, for evidence probes only."),
)

PROBE_FAILURE_FIRST = Fact.declare(
    "ProbeFailureFirst",
    "A probe began to fail: it passed before, or it is its first result.",
    halves={AGENT: "LocalProbeFailureFirst", CP: "RemoteProbeFailureFirst"},
    time="first_failed_at",
    durable=False,
    probe_name=field(ProbeName, "The probe."),
    mode=field(ProbeMode, "What its result counts for."),
    first_failed_at=field(INSTANT, "When the failing result was observed."),
)

FAILED_FOR_TOO_LONG = Fact.declare(
    "Failed",
    "An enforce probe has failed for the whole threshold; the agent applies its policy.",
    halves={AGENT: "LocalSustainedFailureCrossed", CP: "RemoteFailed"},
    time="failed_at",
    durable=True,
    failed_at=field(INSTANT, "When the threshold was crossed."),
    sustained_duration_secs=field(U64, "How long the failure had lasted, in seconds."),
    failing_probes=field(PROBE_NAMES, "The probes that failed."),
    policy_applied=field(OnHealthFailure, "The policy applied, out of the signed manifest."),
)

ROLLBACK_COMPLETED = Fact.declare(
    "RollbackComplete",
    "The agent has brought the host back to an earlier closure.",
    halves={AGENT: "LocalRollbackCompleted", CP: "RemoteRollbackComplete"},
    time="completed_at",
    durable=True,
    reverted_to_closure=field(ClosureHash, "What the host runs now."),
    exit_code=field(I32, "The exit code of the rollback."),
    completed_at=field(INSTANT, "When the rollback returned."),
)

CONVERGED_REACHED = Fact.declare(
    "Converged",
    "The agent has checked the three conditions of convergence and declares success.",
    halves={AGENT: "LocalConvergedReached", CP: "RemoteConverged"},
    time="converged_at",
    durable=True,
    converged_at=field(INSTANT, "When the conditions held."),
    current_closure=field(ClosureHash, "What the host runs."),
)

FACTS = (
    DISPATCH_ACK,
    ACTIVATION_STARTED,
    ACTIVATION_COMPLETED,
    ACTIVATION_DEFERRED,
    ACTIVATION_FAILED,
    PROBE_TOPOLOGY_DECLARED,
    PROBE_OBSERVED_FIRST,
    PROBE_RESULT,
    PROBE_FAILURE_FIRST,
    FAILED_FOR_TOO_LONG,
    ROLLBACK_COMPLETED,
    CONVERGED_REACHED,
)

ENVELOPE = Structure(
    "Envelope",
    "One report of an agent, as posted to `/v1/agent/events`.",
    hostname=field(Hostname, "The reporting host."),
    rollout_id=field(RolloutId, "The rollout it reports on."),
    event=field(PAYLOAD, "What happened."),
    signature=field(Optional(TEXT), "The agent's signature, if it signs."),
)

WIRE = Wire(ENVELOPE.sort, event_field="event", receiver=CP)

event = root("event")
"""The event at hand, in the expressions of the table."""

fact = root("fact")
"""What is declared of the event's fact: `fact.time` and `fact.durable`."""
