"""The control plane of the world `mirror`: it applies reports, judges heartbeats, and answers."""

from __future__ import annotations

from nixfleet_state_machine.states import ACTIVATING, ACTIVE, PENDING
from nixfleet_state_machine.worlds.mirror.terms import (
    NOW,
    UNKNOWN,
    Setting,
    agent,
    forgets,
    inbox,
    known,
    manifest,
    may_be_ahead,
    mirror,
    policy,
    shown,
)
from steptable.terms import EMPTY, NOTHING, Operand
from steptable.world import Action, Delivery, deliver, receive

UNDER_POLICY: dict[str, Operand] = {"on_health_failure": policy}


def control_plane_actions(setting: Setting) -> tuple[Action, ...]:
    """What the control plane does about a report, a heartbeat, and an agent without a record."""
    return (
        *_reports(setting),
        *(_heartbeats(setting) if setting.fills_in else ()),
        *_snapshots(setting),
    )


def _reports(setting: Setting) -> tuple[Action, ...]:
    head = inbox.head
    applied = Action.declare(
        "the report is applied",
        party="CP",
        says="the control plane applies the oldest report that it has answered",
        guard=head.is_known & manifest,
        sets={"inbox": inbox.pop()},
        events=[receive("mirror", head.value, UNDER_POLICY)],
        fair="strong",
    )
    if not setting.faults.control_plane:
        return (applied,)
    return (
        applied,
        Action.declare(
            "the report is dropped for want of a manifest",
            party="CP",
            says="the control plane has no manifest for the oldest report, and drops it",
            guard=head.is_known & ~manifest,
            sets={"inbox": inbox.pop()},
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
    )


def _heartbeats(setting: Setting) -> tuple[Action, ...]:
    closure, last = shown(setting), mirror.last_event_seq
    at_target = closure == mirror.target_closure
    done = {"observed_current_closure": closure, "completed_at": NOW}

    def fills_in(event: str, step: int, **fields: Operand) -> Delivery:
        return deliver("mirror", event, UNDER_POLICY, seq=last + step, **fields)

    return (
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
            guard=at_target & (mirror.state == PENDING) & (last <= setting.numbers),
            events=[
                fills_in(
                    "RemoteDispatchAck", 1, current_closure_at_dispatch=UNKNOWN, received_at=NOW
                ),
                fills_in("RemoteActivationCompleted", 2, **done),
                fills_in("RemoteConverged", 3, converged_at=NOW, current_closure=closure),
            ],
            fair="strong",
        ),
    )


def _snapshots(setting: Setting) -> tuple[Action, ...]:
    active = mirror.state.one_of(*ACTIVE)
    newer = mirror.last_event_seq > agent.last_event_seq
    differs = (mirror.state != agent.state) | (mirror.last_event_seq != agent.last_event_seq)
    to_none = Action.declare(
        "a snapshot arrives",
        party="CP",
        says="the answer to a heartbeat gives an agent without a record what the mirror has",
        guard=~known & active,
        sets={"known": True, "agent": mirror.with_fields(**_BLANK)},
        fair="strong",
    )
    to_one = Action.declare(
        "a snapshot overwrites the record",
        party="CP",
        says="the answer to a heartbeat puts what the mirror has in place of what the agent has",
        guard=known & active & (differs if setting.overwrites else newer),
        sets={"agent": mirror.with_fields(**_IN_MEMORY)},
        fair="strong",
    )
    return (
        *((to_none,) if forgets(setting) else ()),
        *((to_one,) if may_be_ahead(setting) else ()),
    )


_BLANK: dict[str, Operand] = {
    "probes": EMPTY,
    "probe_observed_first_at": NOTHING,
    "probe_failure_first_at": NOTHING,
}
"""What a snapshot does not carry of an active record, where nothing is in memory."""

_IN_MEMORY: dict[str, Operand] = {
    "probes": agent.probes,
    "probe_observed_first_at": agent.probe_observed_first_at,
    "probe_failure_first_at": agent.probe_failure_first_at,
    "policy_applied": agent.policy_applied,
    "converged_at": agent.converged_at,
    "failed_at": agent.failed_at,
    "reverted_at": agent.reverted_at,
}
