"""The transition table of one host in one rollout.

Theory of operation
===================

A host of a rollout starts `Pending`. Its agent receives the dispatch and fires the
switch (`Activating`), the switch succeeds and the new closure proves itself under
its probes (`Soaking`), and when the soak is over and every enforce probe passes, the
host is `Converged`. If the switch fails, or a probe fails for too long, the host is
`Failed`; the policy decides whether it then goes back to its prior closure
(`Reverted`) or stays for an operator.

Everything is a fact that happened, and each fact is seen twice: by the agent, and by
the control plane's mirror when the agent's report arrives. Both sides keep the same
record and change it by the same rows. They differ in what they must *do*, which is
why a row lists its effects per side; everything else about it is said once.

Five rules hold for every row. They are declared once, outside the rows; of the last two,
a row says only when they come among its side's effects, since that order is behaviour:

1. **Numbers rise.** An event whose `seq` is not above the record's `last_event_seq` is
   refused before anything else is looked at; an accepted one sets it. Gaps are fine.
2. **What the table does not name is refused.** Each state lists what it refuses, and
   why. A refused event changes nothing and uses up no number.
3. **Guards are tried in order**, and the first that does not hold is the reason given.
4. **Each accepted event is reported**: the agent queues it for the control plane
   (durably, where the fact is), the control plane appends it to the event log.
5. **Each change of state is recorded**, with the fact's own time.

Updates and effects read the record as it was before the step. The clock is never
read: time is what the event says. The policy is read in one row, `activation-failed`.

How to read a row
=================

    Row.declare(name, source, fact, target,   # no target: the state stays
        guards=...,                           # what must hold, in order
        sets={field: value, ...},             # besides last_event_seq
        emits={AGENT: (...), CP: (...)},      # effects of each side, in order
        why=..., cites=...)                   # why the row is there, and its source
"""

from __future__ import annotations

from nixfleet_state_machine.effects import (
    LOCAL_EMIT_EVENT,
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    LOCAL_RESET_PROBE_CACHE,
    RECORD_TRANSITION,
    REMOTE_APPEND_EVENT_LOG,
    REMOTE_INSERT_QUARANTINE,
)
from nixfleet_state_machine.events import (
    ACTIVATION_COMPLETED,
    ACTIVATION_DEFERRED,
    ACTIVATION_FAILED,
    ACTIVATION_STARTED,
    AGENT,
    CONVERGED_REACHED,
    CP,
    DISPATCH_ACK,
    FACTS,
    FAILED_FOR_TOO_LONG,
    PROBE_FAILURE_FIRST,
    PROBE_OBSERVED_FIRST,
    PROBE_RESULT,
    PROBE_TOPOLOGY_DECLARED,
    ROLLBACK_COMPLETED,
    event,
    fact,
)
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import (
    ProbeMode,
    ProbeRecord,
    ProbeStatus,
    record,
)
from nixfleet_state_machine.states import (
    ACTIVATING,
    CONVERGED,
    FAILED,
    PENDING,
    REVERTED,
    SOAKING,
)
from steptable.machine import (
    Emission,
    Guard,
    Refusal,
    Row,
    by_side,
)
from steptable.terms import EMPTY, NOTHING, Term, if_else, root

# ── What the rows share ──────────────────────────────────────────────────────────────

policy = root("policy")
payload = root("payload")
row = root("row")

report = by_side(
    "report",
    {
        AGENT: LOCAL_EMIT_EVENT(
            rollout_id=record.rollout_id, payload=payload, durable=fact.durable
        ),
        CP: REMOTE_APPEND_EVENT_LOG(
            host=record.hostname, rollout_id=record.rollout_id, payload=payload
        ),
    },
)

record_transition = RECORD_TRANSITION(
    host=record.hostname,
    rollout_id=record.rollout_id,
    source=row.source,
    target=row.target,
    at=fact.time,
)

fire_switch = LOCAL_FIRE_SWITCH(rollout_id=record.rollout_id, target=record.target_closure)

reset_probe_cache = LOCAL_RESET_PROBE_CACHE(rollout_id=record.rollout_id)

quarantine_target = REMOTE_INSERT_QUARANTINE(channel=record.channel, closure=record.target_closure)

prior_closure = record.current_closure_at_dispatch


def fire_rollback_under(applied: Term) -> Emission:
    """Go back to the prior closure, if the applied policy says so and the closure is known."""
    return LOCAL_FIRE_ROLLBACK_TO(rollout_id=record.rollout_id, closure=prior_closure.value).when(
        (applied == OnHealthFailure.ROLLBACK_AND_HALT) & prior_closure.is_known
    )


VISIBILITY = {AGENT: (report,), CP: (report,)}
"""The effects of a fact that is only made visible."""

# ── Pending: the rollout is open, the dispatch not yet acknowledged ──────────────────

PENDING_ROWS = (
    Row.declare(
        "dispatch-acknowledged",
        PENDING,
        DISPATCH_ACK,
        ACTIVATING,
        sets={
            "current_closure_at_dispatch": event.current_closure_at_dispatch,
            "dispatch_acked_at": event.received_at,
        },
        emits={
            AGENT: (record_transition, report, fire_switch),
            CP: (report, record_transition),
        },
        why="The agent has verified its target and is about to switch. It switches to the "
        "record's target; the event's own target and soak deadline are for the bootstrap.",
        cites="RFC-0005 §4.2, RFC-0004 §1",
    ),
)

PENDING_REFUSES = Refusal(
    PENDING,
    (
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
    ),
    why="Nothing can happen on a host before its dispatch is acknowledged.",
)

# ── Activating: the switch is under way, or waits for a reboot ───────────────────────

ACTIVATING_ROWS = (
    Row.declare(
        "activation-started",
        ACTIVATING,
        ACTIVATION_STARTED,
        sets={"activation_started_at": event.started_at},
        emits=VISIBILITY,
        why="Operators see that the switch has begun.",
        cites="RFC-0005 §4.2",
    ),
    Row.declare(
        "activation-completed",
        ACTIVATING,
        ACTIVATION_COMPLETED,
        SOAKING,
        sets={
            "activation_completed_at": event.completed_at,
            "current_closure": event.observed_current_closure,
            "probes": EMPTY,
        },
        emits={
            AGENT: (reset_probe_cache, report, record_transition),
            CP: (report, record_transition),
        },
        why="The new closure runs; it is judged by probes of its own, so that no result of "
        "the prior closure counts for it.",
        cites="RFC-0005 §4.2, §6",
    ),
    Row.declare(
        "activation-deferred",
        ACTIVATING,
        ACTIVATION_DEFERRED,
        emits=VISIBILITY,
        why="The activation is not over until the host reboots; operators see why it waits.",
        cites="RFC-0005 §4.2",
    ),
    Row.declare(
        "activation-failed",
        ACTIVATING,
        ACTIVATION_FAILED,
        FAILED,
        sets={
            "activation_failed_at": event.failed_at,
            "failed_at": event.failed_at,
            "policy_applied": policy.on_health_failure,
        },
        emits={
            AGENT: (
                report,
                record_transition,
                fire_rollback_under(policy.on_health_failure),
            ),
            CP: (report, record_transition),
        },
        why="A failed switch fails the host; the signed policy alone decides a rollback, "
        "and only the agent performs it.",
        cites="RFC-0005 §4.1, §4.2",
    ),
)

ACTIVATING_REFUSES = Refusal(
    ACTIVATING,
    (
        DISPATCH_ACK,
        PROBE_TOPOLOGY_DECLARED,
        PROBE_OBSERVED_FIRST,
        PROBE_RESULT,
        PROBE_FAILURE_FIRST,
        FAILED_FOR_TOO_LONG,
        ROLLBACK_COMPLETED,
        CONVERGED_REACHED,
    ),
    why="The dispatch is acknowledged once, and nothing is judged before the switch is done.",
)

# ── Soaking: the new closure proves itself ───────────────────────────────────────────

earlier_result = record.probes[event.probe_name]
passes = event.status == ProbeStatus.PASS

SOAKING_ROWS = (
    Row.declare(
        "probe-topology-declared",
        SOAKING,
        PROBE_TOPOLOGY_DECLARED,
        emits=VISIBILITY,
        why="The control plane learns which probes to wait for.",
        cites="RFC-0007 §8",
    ),
    Row.declare(
        "probe-observed-first",
        SOAKING,
        PROBE_OBSERVED_FIRST,
        sets={"probe_observed_first_at": record.probe_observed_first_at.or_else(event.observed_at)},
        emits=VISIBILITY,
        why="From now on the soak gate may consult the probes; the first time counts.",
        cites="RFC-0005 §6",
    ),
    Row.declare(
        "probe-result",
        SOAKING,
        PROBE_RESULT,
        sets={
            "probes": record.probes.put(
                event.probe_name,
                ProbeRecord(
                    status=event.status,
                    mode=event.mode,
                    last_observed_at=event.observed_at,
                    last_pass_at=if_else(passes, event.observed_at, earlier_result.last_pass_at),
                    failure_reason=if_else(passes, NOTHING, event.failure_reason),
                ),
            )
        },
        emits=VISIBILITY,
        why="The latest word of a probe counts, its mode included.",
        cites="RFC-0005 §4.2, RFC-0007 §3.3",
    ),
    Row.declare(
        "probe-failure-first",
        SOAKING,
        PROBE_FAILURE_FIRST,
        sets={
            "probe_failure_first_at": record.probe_failure_first_at.or_else(event.first_failed_at)
        },
        emits=VISIBILITY,
        why="The sweep window runs from the agent's own time of the first failure.",
        cites="RFC-0005 §4.2",
    ),
    Row.declare(
        "sustained-failure",
        SOAKING,
        FAILED_FOR_TOO_LONG,
        FAILED,
        sets={"failed_at": event.failed_at, "policy_applied": event.policy_applied},
        emits={
            AGENT: (report, record_transition, fire_rollback_under(event.policy_applied)),
            CP: (report, record_transition),
        },
        why="A probe failed for the whole threshold; the event says which policy the agent "
        "applies, so that the mirror records the same.",
        cites="RFC-0005 §4.1, §4.2",
    ),
    Row.declare(
        "converged",
        SOAKING,
        CONVERGED_REACHED,
        CONVERGED,
        guards=(
            Guard.declare(
                "closure-is-target",
                event.current_closure == record.target_closure,
                must="the host must run its target closure",
            ),
            Guard.declare(
                "soak-is-over",
                record.soak_due_at.is_known.implies(event.converged_at >= record.soak_due_at.value),
                must="the soak must be over",
            ),
            Guard.declare(
                "enforce-probes-pass",
                record.probes.every(
                    lambda probe: (probe.mode == ProbeMode.ENFORCE).implies(
                        probe.status == ProbeStatus.PASS
                    )
                ),
                must="every enforce probe that has reported must pass",
            ),
        ),
        sets={"converged_at": event.converged_at, "current_closure": event.current_closure},
        emits={AGENT: (report, record_transition), CP: (report, record_transition)},
        why="The three conditions of convergence are checked again by whoever keeps the record. "
        "Observe and disabled probes never gate.",
        cites="RFC-0005 §3, §6, RFC-0007 §3.3",
    ),
)

SOAKING_REFUSES = Refusal(
    SOAKING,
    (
        DISPATCH_ACK,
        ACTIVATION_STARTED,
        ACTIVATION_COMPLETED,
        ACTIVATION_DEFERRED,
        ACTIVATION_FAILED,
        ROLLBACK_COMPLETED,
    ),
    why="The switch is done, and nothing has failed that could be rolled back.",
)

# ── Failed: a rollback may follow ────────────────────────────────────────────────────

FAILED_ROWS = (
    Row.declare(
        "rollback-completed",
        FAILED,
        ROLLBACK_COMPLETED,
        REVERTED,
        sets={
            "reverted_at": event.completed_at,
            "reverted_to": event.reverted_to_closure,
            "current_closure": event.reverted_to_closure,
        },
        emits={
            AGENT: (report, record_transition),
            CP: (report, quarantine_target, record_transition),
        },
        why="The host is back where it was; the closure that failed it is not dispatched on "
        "this channel again.",
        cites="RFC-0005 §4.2",
    ),
)

FAILED_REFUSES = Refusal(
    FAILED,
    (
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
        CONVERGED_REACHED,
    ),
    why="A failed host leaves by a rollback or stays; late reports change nothing.",
)

# ── Converged and Reverted: the ends ─────────────────────────────────────────────────

CONVERGED_REFUSES = Refusal(CONVERGED, FACTS, why="A converged host is done with this rollout.")

REVERTED_REFUSES = Refusal(REVERTED, FACTS, why="A reverted host is done with this rollout.")

ROWS = (*PENDING_ROWS, *ACTIVATING_ROWS, *SOAKING_ROWS, *FAILED_ROWS)

REFUSALS = (
    PENDING_REFUSES,
    ACTIVATING_REFUSES,
    SOAKING_REFUSES,
    FAILED_REFUSES,
    CONVERGED_REFUSES,
    REVERTED_REFUSES,
)
