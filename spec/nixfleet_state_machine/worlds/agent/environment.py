"""What surrounds an agent: its host, the clock, its restarts, and the control plane's answers."""

from __future__ import annotations

from nixfleet_state_machine.effects import (
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    LOCAL_RESET_PROBE_CACHE,
)
from nixfleet_state_machine.record import Channel, ClosureHash, Hostname, ProbeName, RolloutId
from nixfleet_state_machine.states import ACTIVATING, PENDING, SOAKING
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.terms import (
    LAST_TICK,
    PRIOR,
    SOAK_DUE,
    TARGET,
    agent,
    is_active,
    known,
    now,
    once_more,
    rollbacks,
    runs,
    staged,
    switches,
)
from steptable.machine import Effect
from steptable.sorts import Symbol
from steptable.terms import EMPTY, NOTHING, Operand, if_else, instant, root, seconds
from steptable.world import Action, effect

DISPATCHED = {
    "rollout_id": "stable@r1",
    "hostname": "host",
    "channel": "stable",
    "state": PENDING,
    "target_closure": TARGET,
    "dispatched_at": 0,
    "soak_due_at": SOAK_DUE,
    "last_event_seq": 0,
}
"""The record of a host whose rollout has just been opened."""


def symbols(*probes: str) -> dict[Symbol, tuple[str, ...]]:
    """The names that there are."""
    return {
        RolloutId: ("stable@r1",),
        Hostname: ("host",),
        Channel: ("stable",),
        ClosureHash: (TARGET, PRIOR),
        ProbeName: probes or ("none",),
    }


def reactions(probes: tuple[Probe, ...]) -> dict[Effect, dict[str, Operand]]:
    """What becomes of the workers when the reducer asks for something."""
    return {
        LOCAL_FIRE_SWITCH: {"switch": "ordered", "switches": once_more(switches)},
        LOCAL_FIRE_ROLLBACK_TO: {
            "rollback": "ordered",
            "back_to": effect.closure,
            "rollbacks": once_more(rollbacks),
        },
        LOCAL_RESET_PROBE_CACHE: reset(probes),
    }


def reset(probes: tuple[Probe, ...]) -> dict[str, Operand]:
    """The probe worker starts anew."""
    anew: dict[str, Operand] = {"probing": True, "observed": False, "undeclared": True}
    return anew | {name: value for probe in probes for name, value in probe.forgotten().items()}


def dead(probes: tuple[Probe, ...]) -> dict[str, Operand]:
    """The agent dies, and its workers with it."""
    gone: dict[str, Operand] = {"known": False, "probing": False, "undeclared": False}
    gone |= {"switch": "idle", "rollback": "idle", "back_to": PRIOR}
    return gone | {name: value for probe in probes for name, value in probe.died().items()}


def clock() -> Action:
    return Action.declare(
        "time passes",
        party="host",
        says="a tick of the clock",
        guard=now < instant(LAST_TICK),
        sets={"now": now + seconds(1)},
        fair="weak",
    )


def restarts(probes: tuple[Probe, ...]) -> tuple[Action, ...]:
    gone = dead(probes)
    return (
        Action.declare(
            "the agent restarts",
            party="host",
            says="the agent dies and starts again, without its record",
            guard=known,
            sets=gone,
        ),
        Action.declare(
            "the host reboots",
            party="host",
            says="an operator reboots the host; a staged closure takes effect",
            sets=gone | {"runs": if_else(staged, TARGET, runs), "staged": False},
            guard=staged,
            fair="strong",
        ),
    )


def recovery(probes: tuple[Probe, ...]) -> tuple[Action, ...]:
    recovered = agent.with_fields(
        probes=EMPTY, probe_observed_first_at=NOTHING, probe_failure_first_at=NOTHING
    )
    sets: dict[str, Operand] = {"agent": recovered, "known": True}
    for name, value in reset(probes).items():
        sets[name] = if_else(agent.state == PENDING, root(name), value)
    return (
        Action.declare(
            "a snapshot arrives",
            party="CP",
            says="the answer to a heartbeat brings the record back, and the probes are reset",
            guard=~known & is_active(agent),
            sets=sets,
            fair="strong",
        ),
        Action.declare(
            "a heartbeat completes the activation",
            party="CP",
            says="a heartbeat shows that the target runs; the control plane completes the "
            "activation, and the agent takes its snapshot over",
            guard=(agent.state == ACTIVATING) & (runs == TARGET),
            sets={"agent": agent.with_fields(state=SOAKING, current_closure=TARGET)},
            fair="strong",
        ),
    )
