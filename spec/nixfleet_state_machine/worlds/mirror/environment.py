"""The wire, the control plane, and what can go wrong with either side, in the world `mirror`."""

from __future__ import annotations

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.states import ACTIVATING, PENDING, SOAKING
from nixfleet_state_machine.worlds.mirror.terms import (
    NOW,
    TARGET,
    TRANSIENT,
    UNKNOWN,
    Size,
    faults,
    inbox,
    known,
    lost,
    manifest,
    mirror,
    outbox,
    policy,
    runs,
    staged,
    switch,
)
from steptable.sorts import Optional
from steptable.terms import EMPTY, NOTHING, Operand, Term
from steptable.world import Action, Delivery, deliver, receive


def wire_actions(size: Size) -> tuple[Action, ...]:
    head = outbox.head
    arrives = head.is_known & (inbox.queued < size.inbox)
    return (
        Action.declare(
            "a report is posted",
            party="wire",
            says="the oldest report is posted and answered",
            guard=arrives,
            sets={"inbox": inbox.push(head.value), "outbox": outbox.pop()},
            fair="strong",
        ),
        Action.declare(
            "a report is posted, its answer lost",
            party="wire",
            says="the oldest report is posted, but the answer is lost: it will be posted again",
            guard=arrives & (faults > 0),
            sets={"inbox": inbox.push(head.value), "faults": faults - 1},
        ),
        Action.declare(
            "a transient report is lost",
            party="wire",
            says="a report that is not durable is lost",
            guard=head.is_known & head.value.kind.one_of(*TRANSIENT),
            sets={"outbox": outbox.pop()},
        ),
    )


def control_plane_actions(size: Size) -> tuple[Action, ...]:
    head = inbox.head
    durable = head.is_known & ~head.value.kind.one_of(*TRANSIENT)
    recorded = mirror.target_closure
    at_target = runs == recorded
    last = mirror.last_event_seq
    done = {"observed_current_closure": runs, "completed_at": NOW}

    def fills_in(event: str, step: int, **fields: Operand) -> Delivery:
        return deliver("mirror", event, {"on_health_failure": policy}, seq=last + step, **fields)

    return (
        Action.declare(
            "the report is applied",
            party="CP",
            says="the control plane applies the oldest report that it has answered",
            guard=head.is_known & manifest,
            sets={"inbox": inbox.pop()},
            events=[receive("mirror", head.value, {"on_health_failure": policy})],
            fair="strong",
        ),
        Action.declare(
            "the report is dropped for want of a manifest",
            party="CP",
            says="the control plane has no manifest for the oldest report, and drops it",
            guard=head.is_known & ~manifest,
            sets={"inbox": inbox.pop(), "lost": lost | durable},
            fair="strong",
        ),
        Action.declare(
            "the manifest is fetched",
            party="CP",
            says="the control plane has the manifest again",
            guard=~manifest,
            sets={"manifest": True},
            fair="strong",
        ),
        Action.declare(
            "a heartbeat completes the activation",
            party="CP",
            says="a heartbeat shows that the target runs, which ends the activation",
            guard=at_target & (mirror.state == ACTIVATING),
            events=[fills_in("RemoteActivationCompleted", 1, **done)],
            fair="strong",
        ),
        Action.declare(
            "a heartbeat completes the rollout",
            party="CP",
            says="a heartbeat shows that the target runs though nothing is known of a dispatch; "
            "the control plane takes the host for converged",
            guard=at_target & (mirror.state == PENDING) & (last <= size.numbers),
            events=[
                fills_in(
                    "RemoteDispatchAck", 1, current_closure_at_dispatch=UNKNOWN, received_at=NOW
                ),
                fills_in("RemoteActivationCompleted", 2, **done),
                fills_in("RemoteConverged", 3, converged_at=NOW, current_closure=runs),
            ],
            fair="strong",
        ),
        Action.declare(
            "a snapshot arrives",
            party="CP",
            says="the answer to a heartbeat gives an agent without a record what the mirror has",
            guard=~known & mirror.state.one_of(PENDING, ACTIVATING, SOAKING),
            sets={
                "known": True,
                "agent": mirror.with_fields(
                    probes=EMPTY, probe_observed_first_at=NOTHING, probe_failure_first_at=NOTHING
                ),
            },
            fair="strong",
        ),
    )


def fault_actions(size: Size) -> tuple[Action, ...]:
    dead: dict[str, Operand] = {"known": False, "switch": "idle", "rollback": "idle"}
    wrong: dict[str, Operand] = {"faults": faults - 1}
    waiting = inbox.head
    durable = waiting.is_known & ~waiting.value.kind.one_of(*TRANSIENT)
    return (
        Action.declare(
            "the agent restarts",
            party="host",
            says="the agent dies and starts again, without its record",
            guard=known & (faults > 0),
            sets=dead | wrong,
        ),
        Action.declare(
            "the switch restarts the agent",
            party="host",
            says="the switch succeeds, but restarts the agent before it can report",
            guard=known & (switch == "ordered") & (faults > 0),
            sets=dead | wrong | {"runs": TARGET},
        ),
        Action.declare(
            "the host reboots",
            party="host",
            says="an operator reboots the host, and the staged target takes effect",
            guard=staged,
            sets=dead | {"runs": TARGET, "staged": False},
            fair="strong",
        ),
        Action.declare(
            "the control plane restarts",
            party="CP",
            says="the control plane restarts: what it had answered but not applied is gone, "
            "and so is the manifest",
            guard=faults > 0,
            sets=wrong | {"inbox": _emptied(size), "manifest": False, "lost": lost | durable},
        ),
        Action.declare(
            "the database is lost",
            party="CP",
            says="the control plane loses its database, and opens the record again",
            guard=(mirror.state != PENDING) & (faults > 0),
            sets=wrong | {"mirror": _opened()},
        ),
    )


def _emptied(size: Size) -> Term:
    """The inbox without anything."""
    empty = inbox
    for _ in range(size.inbox):
        empty = empty.pop()
    return empty


def _opened() -> Term:
    """A record as the control plane opens it."""
    empty: dict[str, Operand] = {
        part.name: NOTHING for part in machine.record if isinstance(part.sort, Optional)
    }
    fresh = empty | {"state": PENDING, "probes": EMPTY, "soak_due_at": NOW, "last_event_seq": 0}
    return mirror.with_fields(**fresh)
