"""What is remembered of one host in one rollout (RFC-0005 §3).

Agent and control plane each keep one such record; the same rows change both.
Every time in it is the agent's own, except `dispatched_at`, which the control
plane issues. A deferred activation leaves no trace here: it is visible in the
emitted payload only.
"""

from __future__ import annotations

from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.states import HostState
from steptable.sorts import INSTANT, TEXT, U64, Map, Opaque, Optional, Symbol
from steptable.terms import Enumeration, Structure, field, root

Channel = Symbol("Channel", "Names a channel, the stream of closures that rollouts follow.")
ChannelRef = Symbol("ChannelRef", "Names one revision of a channel.")
RolloutId = Symbol(
    "RolloutId",
    "Names a rollout: `{channel}@{channel_ref}`, split at the first `@`.",
    parts=(Channel, ChannelRef),
    separator="@",
)
ClosureHash = Symbol("ClosureHash", "Names a system closure; compared for equality only.")
ProbeName = Symbol("ProbeName", "Names a declared probe of a host.")
Hostname = Symbol("Hostname", "Names a host of the fleet.")

ProbeStatus = Enumeration(
    "ProbeStatus",
    "What a probe found.",
    PASS=("pass", "The probe is content."),
    FAIL=("fail", "The probe is not."),
)

ProbeMode = Enumeration(
    "ProbeMode",
    "What a probe's result counts for (RFC-0007 §3.3).",
    ENFORCE=("enforce", "It gates convergence, and failing for too long fails the host."),
    OBSERVE=("observe", "It is reported and gates nothing."),
    DISABLED=("disabled", "It does not run, and gates nothing."),
)

ProbeSubResult = Structure(
    "ProbeSubResult",
    "One control of an evidence probe; kept for the audit trail, never consulted by the machine.",
    control_id=field(TEXT, "The control that was examined."),
    status=field(ProbeStatus, "What was found."),
    framework=field(TEXT, "The framework that demands the control."),
    article=field(Optional(TEXT), "The article of the framework."),
    effective_mode=field(ProbeMode, "The mode after overrides.", default=ProbeMode.ENFORCE),
    override_reason=field(Optional(TEXT), "Why the mode was overridden."),
)

ProbeTopologyEntry = Structure(
    "ProbeTopologyEntry",
    "One probe as declared on the host's disk (RFC-0007 §8).",
    probe_name=field(ProbeName, "The probe."),
    kind=field(TEXT, "What sort of probe it is."),
    mode=field(ProbeMode, "What its result counts for."),
)

ProbeRecord = Structure(
    "ProbeRecord",
    "The latest word of one probe since the activation.",
    status=field(ProbeStatus, "The latest status."),
    last_observed_at=field(INSTANT, "When it was observed.", read_by="operators"),
    mode=field(
        ProbeMode,
        "The mode of the latest result; stored data without one means enforce.",
        default=ProbeMode.ENFORCE,
    ),
    last_pass_at=field(Optional(INSTANT), "When it last passed.", read_by="operators"),
    failure_reason=field(Optional(TEXT), "Why it fails, if it does.", read_by="operators"),
)

HostRolloutState = Structure(
    "HostRolloutState",
    "The record of one host in one rollout.",
    # Identity: fixed when the record is made.
    rollout_id=field(RolloutId, "The rollout."),
    hostname=field(Hostname, "The host."),
    channel=field(Channel, "The channel of the rollout."),
    state=field(HostState, "Where the host is in the rollout."),
    # Closures.
    target_closure=field(ClosureHash, "What the host is to run."),
    current_closure_at_dispatch=field(
        Optional(ClosureHash), "What it ran when the dispatch arrived; a rollback goes there."
    ),
    current_closure=field(
        Optional(ClosureHash),
        "What it runs, as far as reported.",
        read_by="the agent's pass gate and snapshots, the control plane's drift check",
    ),
    reverted_to=field(
        Optional(ClosureHash), "Where the rollback went.", read_by="operators, RFC-0005 §3"
    ),
    # Times.
    dispatched_at=field(
        INSTANT, "When the control plane opened the rollout, by its clock.", read_by="operators"
    ),
    dispatch_acked_at=field(
        Optional(INSTANT), "When the dispatch arrived.", read_by="snapshots, operators"
    ),
    activation_started_at=field(
        Optional(INSTANT), "When the switch began.", read_by="snapshots, operators"
    ),
    activation_completed_at=field(
        Optional(INSTANT), "When the switch succeeded.", read_by="snapshots, operators"
    ),
    activation_failed_at=field(Optional(INSTANT), "When the switch failed.", read_by="operators"),
    probe_observed_first_at=field(
        Optional(INSTANT),
        "When a probe first reported; set once.",
        read_by="the soak gate",
    ),
    probe_failure_first_at=field(
        Optional(INSTANT),
        "When a probe first began to fail; set once.",
        read_by="the agent's fail gate, RFC-0005 §4.2",
    ),
    soak_due_at=field(
        Optional(INSTANT), "When the soak ends, fixed when the rollout opens; empty: it has none."
    ),
    converged_at=field(Optional(INSTANT), "When the host converged.", read_by="operators"),
    failed_at=field(Optional(INSTANT), "When the host failed.", read_by="operators"),
    reverted_at=field(Optional(INSTANT), "When the rollback was done.", read_by="operators"),
    # The rest.
    policy_applied=field(
        Optional(OnHealthFailure.sort),
        "The policy under which the host failed.",
        read_by="operators, the planner",
    ),
    probes=field(Map(ProbeName, ProbeRecord.sort), "Each probe's latest word."),
    last_event_seq=field(U64, "The number of the last accepted event.", default=0),
)

record = root("record")
"""The record, in the expressions of the table: always as it was before the step."""

PROBE_TOPOLOGY = Opaque("list", ProbeTopologyEntry.sort)
PROBE_NAMES = Opaque("list", ProbeName)
SUB_RESULTS = Opaque("list", ProbeSubResult.sort)
