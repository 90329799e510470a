"""What the agent does in the world `mirror`: it acts, and reports what it has done."""

from __future__ import annotations

from typing import TypedDict

from nixfleet_state_machine.properties import enforce_probes_pass
from nixfleet_state_machine.record import ProbeMode, ProbeStatus
from nixfleet_state_machine.states import PENDING, SOAKING
from nixfleet_state_machine.worlds.mirror.terms import (
    ENDING,
    NOW,
    PRIOR,
    TARGET,
    Setting,
    agent,
    declared,
    declares,
    known,
    outbox,
    policy,
    probes,
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


def _local(setting: Setting, event: str, guard: Term, /, **fields: Operand) -> Reported:
    """Guard and event of something that the agent reports, if its bounds leave room."""
    room = (outbox.queued < setting.outbox) & (agent.last_event_seq < setting.numbers)
    applied = {"on_health_failure": policy}
    number = agent.last_event_seq + 1
    return {
        "guard": known & guard & room,
        "events": [deliver("agent", event, applied, seq=number, **fields)],
    }


def agent_actions(setting: Setting) -> tuple[Action, ...]:
    """Everything that the agent does: switching, probing, its two gates, and the rollback."""
    return (
        *_activation(setting),
        *(_probing(setting) if probes(setting) else ()),
        *(_declaring(setting) if setting.topology else ()),
        *_passing(setting),
        *_rollback(setting),
    )


def _activation(setting: Setting) -> tuple[Action, ...]:
    running = switch == "ordered"
    deferred = Action.declare(
        "the activation is deferred",
        party="agent",
        says="the target is staged for the next reboot",
        sets={"switch": "idle", "staged": True},
        # There is nothing to stage where the target runs.
        **_local(setting, "LocalActivationDeferred", running & (runs != TARGET), deferred_at=NOW),
    )
    return (
        Action.declare(
            "the dispatch arrives",
            party="agent",
            says="the agent receives its dispatch and fires the switch",
            fair="strong",
            **_local(
                setting,
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
                setting,
                "LocalActivationCompleted",
                running,
                observed_current_closure=TARGET,
                completed_at=NOW,
            ),
        ),
        *((deferred,) if setting.defers else ()),
        Action.declare(
            "the activation fails",
            party="agent",
            says="the switch fails",
            sets={"switch": "idle"},
            **_local(setting, "LocalActivationFailed", running, failed_at=NOW),
        ),
    )


def _probing(setting: Setting) -> tuple[Action, ...]:
    soaking = agent.state == SOAKING
    # A host that has not converged yet still has to fail and to go back.
    reports = soaking & (agent.last_event_seq < setting.numbers - ENDING)
    return (
        Action.declare(
            "a probe reports",
            party="agent",
            says="an enforce probe reports {status}",
            choices={"status": ProbeStatus},
            **_local(
                setting,
                "LocalProbeResult",
                reports & declares if setting.topology else reports,
                probe_name="probe",
                mode=ProbeMode.ENFORCE,
                status=choice.status,
                observed_at=NOW,
            ),
        ),
        Action.declare(
            "the fail gate opens",
            party="agent",
            says="the agent declares a sustained failure",
            fair="strong",
            **_local(
                setting,
                "LocalSustainedFailureCrossed",
                soaking & ~enforce_probes_pass(agent),
                failed_at=NOW,
                policy_applied=policy,
            ),
        ),
    )


def _declaring(setting: Setting) -> tuple[Action, ...]:
    return (
        Action.declare(
            "the topology is declared",
            party="agent",
            says="the probe worker has read the declarations, and reports them",
            sets={"declared": True},
            fair="strong",
            **_local(
                setting,
                "LocalProbeTopologyDeclared",
                (agent.state == SOAKING) & ~declared,
                declared_at=NOW,
            ),
        ),
    )


def _passing(setting: Setting) -> tuple[Action, ...]:
    at_target = (agent.state == SOAKING) & (agent.current_closure == TARGET)
    return (
        Action.declare(
            "the pass gate opens",
            party="agent",
            says="the agent declares that the host has converged",
            fair="strong",
            **_local(
                setting,
                "LocalConvergedReached",
                at_target & enforce_probes_pass(agent),
                converged_at=NOW,
                current_closure=TARGET,
            ),
        ),
    )


def _rollback(setting: Setting) -> tuple[Action, ...]:
    ordered = rollback == "ordered"
    prior = agent.current_closure_at_dispatch.or_else(PRIOR)
    return (
        Action.declare(
            "the rollback fails",
            party="agent",
            says="the rollback fails, which nothing reports",
            guard=known & ordered,
            sets={"rollback": "idle"},
        ),
        Action.declare(
            "the rollback completes",
            party="agent",
            says="the host is back on its prior closure",
            sets={"rollback": "idle", "runs": prior},
            fair="strong",
            **_local(
                setting,
                "LocalRollbackCompleted",
                ordered,
                reverted_to_closure=prior,
                completed_at=NOW,
            ),
        ),
    )
