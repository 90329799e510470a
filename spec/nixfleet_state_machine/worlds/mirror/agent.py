"""What the agent does in the world `mirror`: it acts, and reports what it has done."""

from __future__ import annotations

from typing import TypedDict

from nixfleet_state_machine.properties import enforce_probes_pass
from nixfleet_state_machine.record import ProbeMode, ProbeStatus
from nixfleet_state_machine.states import PENDING, SOAKING
from nixfleet_state_machine.worlds.mirror.terms import (
    NOW,
    PRIOR,
    TARGET,
    Size,
    agent,
    known,
    outbox,
    policy,
    rollback,
    runs,
    switch,
)
from steptable.terms import Operand, Term
from steptable.world import Action, Delivery, choice, deliver


class Reported(TypedDict):
    """The guard and the event of an action."""

    guard: Term
    events: list[Delivery]


def _local(size: Size, event: str, guard: Term, /, **fields: Operand) -> Reported:
    """Guard and event of something that the agent reports, if its bounds leave room."""
    room = (outbox.queued < size.outbox) & (agent.last_event_seq < size.numbers)
    applied = {"on_health_failure": policy}
    number = agent.last_event_seq + 1
    return {
        "guard": known & guard & room,
        "events": [deliver("agent", event, applied, seq=number, **fields)],
    }


def agent_actions(size: Size) -> tuple[Action, ...]:
    running = switch == "ordered"
    soaking = agent.state == SOAKING
    prior = agent.current_closure_at_dispatch
    return (
        Action.declare(
            "the dispatch arrives",
            party="agent",
            says="the agent receives its dispatch and fires the switch",
            fair="strong",
            **_local(
                size,
                "LocalActivate",
                agent.state == PENDING,
                current_closure_at_dispatch=runs,
                received_at=NOW,
                target_closure=TARGET,
                soak_due_at=NOW,
            ),
        ),
        Action.declare(
            "the activation completes",
            party="agent",
            says="the switch succeeds",
            sets={"switch": "idle", "runs": TARGET},
            fair="strong",
            **_local(
                size,
                "LocalActivationCompleted",
                running,
                observed_current_closure=TARGET,
                completed_at=NOW,
            ),
        ),
        Action.declare(
            "the activation is deferred",
            party="agent",
            says="the target is staged for the next reboot",
            sets={"switch": "idle", "staged": True},
            **_local(size, "LocalActivationDeferred", running, deferred_at=NOW),
        ),
        Action.declare(
            "the activation fails",
            party="agent",
            says="the switch fails",
            sets={"switch": "idle"},
            **_local(size, "LocalActivationFailed", running, failed_at=NOW),
        ),
        Action.declare(
            "a probe reports",
            party="agent",
            says="an enforce probe reports {status}",
            choices={"status": ProbeStatus},
            **_local(
                size,
                "LocalProbeResult",
                soaking,
                probe_name="probe",
                mode=ProbeMode.ENFORCE,
                status=choice.status,
                observed_at=NOW,
            ),
        ),
        Action.declare(
            "the pass gate opens",
            party="agent",
            says="the agent declares that the host has converged",
            fair="strong",
            **_local(
                size,
                "LocalConvergedReached",
                soaking & (agent.current_closure == TARGET) & enforce_probes_pass(agent),
                converged_at=NOW,
                current_closure=TARGET,
            ),
        ),
        Action.declare(
            "the fail gate opens",
            party="agent",
            says="the agent declares a sustained failure",
            fair="strong",
            **_local(
                size,
                "LocalSustainedFailureCrossed",
                soaking & ~enforce_probes_pass(agent),
                failed_at=NOW,
                policy_applied=policy,
            ),
        ),
        Action.declare(
            "the rollback completes",
            party="agent",
            says="the host is back on its prior closure",
            sets={"rollback": "idle", "runs": prior.or_else(PRIOR)},
            fair="strong",
            **_local(
                size,
                "LocalRollbackCompleted",
                rollback == "ordered",
                reverted_to_closure=prior.or_else(PRIOR),
                completed_at=NOW,
            ),
        ),
    )
