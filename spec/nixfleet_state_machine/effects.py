"""The effects: what a step asks the runtime to do (RFC-0006 §2).

The reducer only names them; a runtime carries them out. Those of the agent act on
the host, those of the control plane on its database; a transition record, metrics
and logs belong to both. Four are never produced by a row: they are part of the
vocabulary that the runtimes match on.
"""

from __future__ import annotations

from nixfleet_state_machine.events import AGENT, CP
from nixfleet_state_machine.record import Channel, ClosureHash, Hostname, RolloutId
from nixfleet_state_machine.states import HostState
from steptable.machine import Effect
from steptable.sorts import INSTANT, NUMBER, PAYLOAD, TEXT, TRUTH, Opaque, Optional
from steptable.terms import field

TEXT_MAP = Opaque("map", TEXT)

LOCAL_FIRE_SWITCH = Effect.declare(
    "LocalFireSwitch",
    "Switch the host to the target closure.",
    side=AGENT,
    rollout_id=field(RolloutId, "The rollout."),
    target=field(ClosureHash, "The closure to activate."),
)

LOCAL_FIRE_ROLLBACK_TO = Effect.declare(
    "LocalFireRollbackTo",
    "Bring the host back to the closure it ran before the rollout.",
    side=AGENT,
    rollout_id=field(RolloutId, "The rollout."),
    closure=field(ClosureHash, "The closure to go back to."),
)

LOCAL_RESET_PROBE_CACHE = Effect.declare(
    "LocalResetProbeCache",
    "Forget all probe results, read the probe declarations again and start every probe anew.",
    side=AGENT,
    rollout_id=field(RolloutId, "The rollout."),
)

LOCAL_EMIT_EVENT = Effect.declare(
    "LocalEmitEvent",
    "Queue a report for the control plane.",
    side=AGENT,
    rollout_id=field(RolloutId, "The rollout."),
    payload=field(PAYLOAD, "The report."),
    durable=field(TRUTH, "Whether it must outlive a restart of the agent."),
)

REMOTE_QUEUE_DISPATCH = Effect.declare(
    "RemoteQueueDispatch",
    "Offer the dispatch to the host.",
    side=CP,
    emitted_by="the control plane, when it opens a rollout for a host",
    host=field(Hostname, "The host."),
    rollout_id=field(RolloutId, "The rollout."),
    target_closure=field(ClosureHash, "The closure to activate."),
    soak_due_at=field(Optional(INSTANT), "When the soak ends."),
)

REMOTE_INSERT_QUARANTINE = Effect.declare(
    "RemoteInsertQuarantine",
    "Keep a closure from being dispatched on its channel again.",
    side=CP,
    channel=field(Channel, "The channel."),
    closure=field(ClosureHash, "The closure that was rolled back."),
)

REMOTE_OPEN_ROLLOUT_RECORD = Effect.declare(
    "RemoteOpenRolloutRecord",
    "Open the record of a host in a rollout.",
    side=CP,
    emitted_by="the control plane, when it opens a rollout for a host",
    rollout_id=field(RolloutId, "The rollout."),
    channel=field(Channel, "The channel."),
    host=field(Hostname, "The host."),
)

REMOTE_APPEND_EVENT_LOG = Effect.declare(
    "RemoteAppendEventLog",
    "Append a report to the event log.",
    side=CP,
    host=field(Hostname, "The host."),
    rollout_id=field(RolloutId, "The rollout."),
    payload=field(PAYLOAD, "The report."),
)

RECORD_TRANSITION = Effect.declare(
    "RecordTransition",
    "Write down that the host changed its state.",
    side=None,
    host=field(Hostname, "The host."),
    rollout_id=field(RolloutId, "The rollout."),
    source=field(HostState, "The state it left."),
    target=field(HostState, "The state it entered."),
    at=field(INSTANT, "When, by the agent's clock."),
)

EMIT_METRIC = Effect.declare(
    "EmitMetric",
    "Report a measurement.",
    side=None,
    emitted_by="the runtimes, about themselves",
    name=field(TEXT, "The metric."),
    labels=field(TEXT_MAP, "Its labels."),
    value=field(NUMBER, "The measurement."),
)

EMIT_LOG = Effect.declare(
    "EmitLog",
    "Write a line of log.",
    side=None,
    emitted_by="the runtimes, about themselves",
    level=field(TEXT, "How grave it is."),
    target=field(TEXT, "What part of the program speaks."),
    message=field(TEXT, "What it says."),
    fields=field(TEXT_MAP, "Its structured part."),
)

EFFECTS = (
    LOCAL_FIRE_SWITCH,
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_RESET_PROBE_CACHE,
    LOCAL_EMIT_EVENT,
    REMOTE_QUEUE_DISPATCH,
    REMOTE_INSERT_QUARANTINE,
    REMOTE_OPEN_ROLLOUT_RECORD,
    REMOTE_APPEND_EVENT_LOG,
    RECORD_TRANSITION,
    EMIT_METRIC,
    EMIT_LOG,
)
