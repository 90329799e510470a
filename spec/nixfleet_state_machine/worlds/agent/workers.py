"""What an agent does in its worlds: activation, topology, rollback, and the two gates."""

from __future__ import annotations

from nixfleet_state_machine.properties import enforce_probes_pass
from nixfleet_state_machine.states import PENDING, SOAKING
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.terms import (
    PRIOR,
    SOAK_DUE,
    TARGET,
    THRESHOLD,
    agent,
    back_to,
    declared,
    known,
    late,
    now,
    policy,
    rollback,
    runs,
    switch,
    undeclared,
)
from steptable.terms import Operand, all_of, instant
from steptable.world import Action, Delivery, deliver


def _local(event: str, **fields: Operand) -> list[Delivery]:
    """An event of the agent's own, with the next number."""
    applied = {"on_health_failure": policy}
    return [deliver("agent", event, applied, seq=agent.last_event_seq + 1, **fields)]


def activation() -> tuple[Action, ...]:
    running = known & (switch == "running")
    return (
        Action.declare(
            "the dispatch arrives",
            party="agent",
            says="the agent receives its dispatch",
            guard=known & (agent.state == PENDING),
            events=_local(
                "LocalActivate",
                current_closure_at_dispatch=runs,
                received_at=now,
                target_closure=TARGET,
                soak_due_at=instant(SOAK_DUE),
            ),
            fair="strong",
        ),
        Action.declare(
            "the activation starts",
            party="agent",
            says="the activation worker begins to switch",
            guard=known & (switch == "ordered"),
            sets={"switch": "running"},
            events=_local("LocalActivationStarted", started_at=now),
            fair="strong",
        ),
        Action.declare(
            "the switch takes effect",
            party="host",
            says="the host runs its target, which the activation worker has yet to report",
            guard=running,
            sets={"switch": "done", "runs": TARGET, "staged": False},
            fair="strong",
        ),
        Action.declare(
            "the activation completes",
            party="agent",
            says="the report of the completed switch reaches the reducer",
            guard=known & (switch == "done"),
            sets={"switch": "idle"},
            events=_local(
                "LocalActivationCompleted", observed_current_closure=TARGET, completed_at=now
            ),
            fair="strong",
        ),
        Action.declare(
            "the activation is deferred",
            party="agent",
            says="the target is staged for the next reboot",
            guard=running,
            sets={"switch": "idle", "staged": True},
            events=_local("LocalActivationDeferred", deferred_at=now),
        ),
        Action.declare(
            "the activation fails",
            party="agent",
            says="the switch fails",
            guard=running,
            sets={"switch": "idle"},
            events=_local("LocalActivationFailed", failed_at=now),
        ),
    )


def topology() -> Action:
    return Action.declare(
        "the topology is declared",
        party="agent",
        says="the probe worker has read the declarations",
        guard=known & undeclared,
        sets={"undeclared": False, "declared": declared | (agent.state == SOAKING)},
        events=_local("LocalProbeTopologyDeclared", declared_at=now),
        fair="strong",
    )


def rollback_worker() -> tuple[Action, ...]:
    ordered = known & (rollback == "ordered")
    return (
        Action.declare(
            "the rollback takes effect",
            party="host",
            says="the host is back on its prior closure, which the rollback worker has yet to "
            "report",
            guard=ordered,
            sets={"rollback": "done", "runs": back_to, "staged": False},
            fair="strong",
        ),
        Action.declare(
            "the rollback completes",
            party="agent",
            says="the report of the completed rollback reaches the reducer",
            guard=known & (rollback == "done"),
            sets={"rollback": "idle", "back_to": PRIOR},
            events=_local(
                "LocalRollbackCompleted",
                reverted_to_closure=back_to,
                completed_at=now,
            ),
            fair="strong",
        ),
        Action.declare(
            "the rollback fails",
            party="agent",
            says="the rollback fails, which nothing reports",
            guard=ordered,
            sets={"rollback": "idle", "back_to": PRIOR},
        ),
    )


def gates(probes: tuple[Probe, ...]) -> tuple[Action, ...]:
    """A tick of the agent's clock: the fail gate is looked at first, if a probe could open it."""
    soaking = known & (agent.state == SOAKING)
    first, current = agent.probe_failure_first_at, agent.current_closure
    fails = first.is_known & late(first.value, THRESHOLD) & ~enforce_probes_pass(agent)
    runs_target = current.is_known & (current.value == TARGET)
    fail_gate = Action.declare(
        "the fail gate opens",
        party="agent",
        says="the threshold is crossed, and an enforce probe fails now",
        guard=soaking & fails,
        events=_local("LocalSustainedFailureCrossed", failed_at=now, policy_applied=policy),
        fair="strong",
    )
    pass_gate = Action.declare(
        "the pass gate opens",
        party="agent",
        says="the soak is over, the target runs, and no enforce probe is known to fail",
        guard=all_of(
            soaking, ~fails, runs_target, now >= instant(SOAK_DUE), enforce_probes_pass(agent)
        ),
        events=_local(
            "LocalConvergedReached", converged_at=now, current_closure=current.or_else(PRIOR)
        ),
        fair="strong",
    )
    return (fail_gate, pass_gate) if any(probe.enforces for probe in probes) else (pass_gate,)
