"""What can happen in the world `agent`, but for its probes: workers, gates, restarts, reboots."""

from __future__ import annotations

from nixfleet_state_machine.properties import enforce_probes_pass
from nixfleet_state_machine.states import ACTIVATING, PENDING, SOAKING
from nixfleet_state_machine.worlds.agent.terms import (
    LAST_TICK,
    PRIOR,
    SOAK_DUE,
    TARGET,
    THRESHOLD,
    agent,
    known,
    late,
    now,
    policy,
    rollback,
    runs,
    staged,
    switch,
    undeclared,
)
from steptable.terms import EMPTY, NOTHING, Operand, if_else, instant, root, seconds
from steptable.world import Action, Delivery, deliver


def local(event: str, **fields: Operand) -> list[Delivery]:
    """An event of the agent's own, with the next number."""
    applied = {"on_health_failure": policy}
    return [deliver("agent", event, applied, seq=agent.last_event_seq + 1, **fields)]


def environment(dead: dict[str, Operand]) -> tuple[Action, ...]:
    return (
        Action.declare(
            "time passes",
            party="host",
            says="a tick of the clock",
            guard=now < instant(LAST_TICK),
            sets={"now": now + seconds(1)},
            fair="weak",
        ),
        Action.declare(
            "the agent restarts",
            party="host",
            says="the agent dies and starts again, without its record",
            guard=known,
            sets=dead,
        ),
        Action.declare(
            "the host reboots",
            party="host",
            says="an operator reboots the host; a staged closure takes effect",
            sets=dead | {"runs": if_else(staged, TARGET, runs), "staged": False},
            guard=staged,
            fair="strong",
        ),
    )


def activation(dead: dict[str, Operand]) -> tuple[Action, ...]:
    running = known & (switch == "running")
    return (
        Action.declare(
            "the dispatch arrives",
            party="agent",
            says="the agent receives its dispatch",
            guard=known & (agent.state == PENDING),
            events=local(
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
            events=local("LocalActivationStarted", started_at=now),
            fair="strong",
        ),
        Action.declare(
            "the activation completes",
            party="agent",
            says="the switch succeeds, and its report reaches the reducer",
            guard=running,
            sets={"switch": "idle", "runs": TARGET},
            events=local(
                "LocalActivationCompleted", observed_current_closure=TARGET, completed_at=now
            ),
            fair="strong",
        ),
        Action.declare(
            "the switch restarts the agent",
            party="host",
            says="the switch succeeds, but it restarts the agent before it can report",
            guard=running,
            sets=dead | {"runs": TARGET},
        ),
        Action.declare(
            "the activation is deferred",
            party="agent",
            says="the target is staged for the next reboot",
            guard=running,
            sets={"switch": "idle", "staged": True},
            events=local("LocalActivationDeferred", deferred_at=now),
        ),
        Action.declare(
            "the activation fails",
            party="agent",
            says="the switch fails",
            guard=running,
            sets={"switch": "idle"},
            events=local("LocalActivationFailed", failed_at=now),
        ),
    )


def recovery(reset: dict[str, Operand]) -> tuple[Action, ...]:
    active = agent.state.one_of(PENDING, ACTIVATING, SOAKING)
    # The control plane sees that the target runs, and completes the activation on its own.
    completes = (agent.state == ACTIVATING) & (runs == TARGET)
    taken_over = agent.with_fields(
        probes=EMPTY,
        probe_observed_first_at=NOTHING,
        probe_failure_first_at=NOTHING,
        state=if_else(completes, SOAKING, agent.state),
        current_closure=if_else(completes, TARGET, agent.current_closure),
    )
    begun = agent.state != PENDING
    sets: dict[str, Operand] = {"agent": taken_over, "known": True}
    for name, value in reset.items():
        sets[name] = if_else(begun, value, root(name))
    return (
        Action.declare(
            "a snapshot arrives",
            party="CP",
            says="the answer to a heartbeat brings the record back, and the probes are reset",
            guard=~known & active,
            sets=sets,
            fair="strong",
        ),
        Action.declare(
            "the topology is declared",
            party="agent",
            says="the probe worker has read the declarations",
            guard=known & undeclared,
            sets={"undeclared": False},
            events=local("LocalProbeTopologyDeclared", declared_at=now),
            fair="strong",
        ),
    )


def rollback_worker(dead: dict[str, Operand]) -> tuple[Action, ...]:
    ordered = known & (rollback == "ordered") & agent.current_closure_at_dispatch.is_known
    prior = agent.current_closure_at_dispatch.value
    return (
        Action.declare(
            "the rollback completes",
            party="agent",
            says="the host is back on its prior closure, and the report reaches the reducer",
            guard=ordered,
            sets={"rollback": "idle", "runs": prior},
            events=local("LocalRollbackCompleted", reverted_to_closure=prior, completed_at=now),
            fair="strong",
        ),
        Action.declare(
            "the rollback restarts the agent",
            party="host",
            says="the host is back on its prior closure, but the agent dies before it can report",
            guard=ordered,
            sets=dead | {"runs": prior},
        ),
        Action.declare(
            "the rollback fails",
            party="agent",
            says="the rollback fails, which nothing reports",
            guard=ordered,
            sets={"rollback": "idle"},
        ),
    )


def gates() -> tuple[Action, ...]:
    soaking = known & (agent.state == SOAKING)
    first = agent.probe_failure_first_at
    fails = first.is_known & late(first.value, THRESHOLD) & ~enforce_probes_pass(agent)
    passes = (
        agent.current_closure.is_known
        & (agent.current_closure.value == TARGET)
        & (now >= instant(SOAK_DUE))
        & enforce_probes_pass(agent)
    )
    return (
        Action.declare(
            "the fail gate opens",
            party="agent",
            says="the threshold is crossed, and an enforce probe fails now",
            guard=soaking & fails,
            events=local("LocalSustainedFailureCrossed", failed_at=now, policy_applied=policy),
            fair="strong",
        ),
        Action.declare(
            "the pass gate opens",
            party="agent",
            says="the soak is over, the target runs, and no enforce probe is known to fail",
            guard=soaking & ~fails & passes,
            events=local(
                "LocalConvergedReached",
                converged_at=now,
                current_closure=agent.current_closure.or_else(PRIOR),
            ),
            fair="strong",
        ),
    )
