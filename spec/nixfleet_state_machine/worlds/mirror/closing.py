"""Closes agent and mirror by an environment, in some setting, with what is promised of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from nixfleet_state_machine.effects import (
    LOCAL_EMIT_EVENT,
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    RECORD_TRANSITION,
    REMOTE_APPEND_EVENT_LOG,
    REMOTE_INSERT_QUARANTINE,
)
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import Channel, ClosureHash, Hostname, ProbeName, RolloutId
from nixfleet_state_machine.states import PENDING
from nixfleet_state_machine.worlds.mirror.agent import agent_actions
from nixfleet_state_machine.worlds.mirror.control_plane import control_plane_actions
from nixfleet_state_machine.worlds.mirror.faults import fault_actions
from nixfleet_state_machine.worlds.mirror.progress import DONE, progress
from nixfleet_state_machine.worlds.mirror.promises import reached, safety
from nixfleet_state_machine.worlds.mirror.terms import (
    PRIOR,
    TARGET,
    UNKNOWN,
    Setting,
    been,
    deferral,
    heard,
    may_be_ahead,
    outbox,
    probes,
    variables,
)
from nixfleet_state_machine.worlds.mirror.transport import wire_actions
from steptable.properties import NO_DEADLOCK, Finding, Property
from steptable.terms import Operand, Term
from steptable.world import Action, Bounds, Instance, Start, Variable, World, effect

FRESH = {
    "rollout_id": "stable@r1",
    "hostname": "host",
    "channel": "stable",
    "state": PENDING,
    "target_closure": TARGET,
    "dispatched_at": 0,
    "soak_due_at": 0,
    "last_event_seq": 0,
}
"""A record as both sides have it when the host is dispatched."""


@dataclass(frozen=True)
class Beside:
    """What a world has beside agent, wire and mirror."""

    variables: tuple[Variable, ...] = ()
    actions: tuple[Action, ...] = ()
    promises: tuple[Property, ...] = ()
    terminal: Term | None = None
    """Where it may end instead of where all is done."""


def world_of(
    name: str,
    doc: str,
    setting: Setting,
    *,
    fails: Mapping[str, Finding],
    judges: Collection[str] | None = None,
    beside: Beside = Beside(),
) -> World:
    """The world in some setting, with the promises of some names (None: all of them).

    `fails` has the findings: the promises that are known to fail in it, by name.
    """
    promised = {item.name: item for item in (*safety(setting), *progress())}
    judged = {name: promised[name] for name in (promised if judges is None else judges)}
    judged |= {item.name: item for item in beside.promises}
    judged |= {
        name: replace(judged[name], finding=finding)
        for name, finding in fails.items()
        if name != NO_DEADLOCK
    }
    return World(
        name=name,
        doc=doc,
        varies=_varied(setting),
        instances=(_agent(), _mirror(setting)),
        variables=(*variables(setting), *beside.variables),
        starts=(Start.declare("dispatched", {"agent": FRESH, "mirror": FRESH}),),
        actions=(
            *agent_actions(setting),
            *wire_actions(setting),
            *control_plane_actions(setting),
            *fault_actions(setting),
            *beside.actions,
        ),
        bounds=Bounds.declare(
            symbols={
                RolloutId: ("stable@r1",),
                Hostname: ("host",),
                Channel: ("stable",),
                ClosureHash: (TARGET, PRIOR, UNKNOWN),
                ProbeName: ("probe",),
            },
            instants=(0,),
            numbers=range(setting.numbers + 4),
        ),
        properties=(*judged.values(), *reached()),
        terminal=DONE if beside.terminal is None else beside.terminal,
        deadlock=fails.get(NO_DEADLOCK),
    )


def _agent() -> Instance:
    entered = been.include(effect.target)
    return Instance.declare(
        "agent",
        machine,
        on={
            LOCAL_EMIT_EVENT: {"outbox": outbox.push(effect.payload)},
            LOCAL_FIRE_SWITCH: {"switch": "ordered"},
            LOCAL_FIRE_ROLLBACK_TO: {"rollback": "ordered"},
            RECORD_TRANSITION: {"been": entered},
        },
    )


def _mirror(setting: Setting) -> Instance:
    kind = effect.payload.kind
    logged: dict[str, Operand] = {"deferral": deferral | (kind == "ActivationDeferred")}
    if setting.topology:
        logged["heard"] = heard | (kind == "ProbeTopologyDeclared")
    return Instance.declare(
        "mirror",
        machine,
        on={REMOTE_APPEND_EVENT_LOG: logged, REMOTE_INSERT_QUARANTINE: {"quarantined": True}},
    )


def _varied(setting: Setting) -> str:
    faults, wire = setting.faults, setting.wire
    varied = {
        "activations that complete or fail": True,
        "deferred activations, followed by a reboot": setting.defers,
        "rollbacks that fail": True,
        "both policies": True,
        "lost transient reports": wire.loses and probes(setting),
        "repeated reports": wire.repeats,
        "reports that overtake each other": wire.overtakes,
        "late heartbeats": wire.late,
        "heartbeats that fill in": setting.fills_in,
        "replays": setting.replays,
        "snapshots at any moment": may_be_ahead(setting),
        "restarts of the agent, also by the switch and by the rollback": faults.agent,
        "restarts of the control plane": faults.control_plane,
        "a lost database": faults.database,
        "hosts that run the target already": setting.runs == TARGET,
        "hosts with and without a declared probe": setting.topology,
    }
    often = f"{faults.number} fault{'' if faults.number == 1 else 's'}"
    chosen = "; ".join(name for name, is_so in varied.items() if is_so)
    return f"{chosen[0].upper()}{chosen[1:]}; {often} and up to {setting.numbers} reports."
