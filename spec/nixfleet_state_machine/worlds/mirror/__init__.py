"""The world `mirror`: agent, wire and control plane, each with its faults.

The agent queues each report and numbers it; the wire carries reports in order, may repeat
one, and may lose one that is not durable; the control plane answers on receipt and applies
afterwards, drops what is stale and what it has no manifest for, and fills in from heartbeats
what it has not been told. Either side may restart; the control plane may lose its database.

What is abstracted away, and why that is sound: there is no clock, so a soak is over and a
threshold crossed whenever that suits the environment, which allows all that a clock would. One
enforce probe reports, and nothing is merely made visible, since those rows change nothing
that is judged here. The replay of events that the design foresees, where a heartbeat shows
drift, is not part of it: the world shows what happens without, and that is what most findings
call for. Losing a report that is not durable at any time stands for losing it with
the agent's restart. Reports beyond the bound on numbers are not sent at all; each fault of the
design shows itself within a few.
"""

from __future__ import annotations

from nixfleet_state_machine.effects import (
    LOCAL_EMIT_EVENT,
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    RECORD_TRANSITION,
    REMOTE_INSERT_QUARANTINE,
)
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import Channel, ClosureHash, Hostname, ProbeName, RolloutId
from nixfleet_state_machine.states import PENDING
from nixfleet_state_machine.worlds.mirror.agent import agent_actions
from nixfleet_state_machine.worlds.mirror.environment import (
    control_plane_actions,
    fault_actions,
    wire_actions,
)
from nixfleet_state_machine.worlds.mirror.promises import promises
from nixfleet_state_machine.worlds.mirror.terms import (
    PRIOR,
    TARGET,
    UNKNOWN,
    Size,
    been,
    outbox,
    switches,
    variables,
)
from steptable.terms import if_else
from steptable.world import Bounds, Instance, Start, World, effect

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


def world_of(name: str, doc: str, size: Size, *, progress: bool = True) -> World:
    """The world at some size."""
    return World(
        name=name,
        doc=doc,
        varies="Repeated, late and lost reports; restarts of the agent (also by the switch) and of "
        "the control plane; a lost database; heartbeats and snapshots at any moment; activations "
        "that complete, fail, or are deferred and followed by a reboot; hosts that run the target "
        f"already; both policies; {size.faults} fault{'' if size.faults == 1 else 's'}, and up to "
        f"{size.numbers} reports.",
        instances=(
            Instance.declare(
                "agent",
                machine,
                on={
                    LOCAL_EMIT_EVENT: {"outbox": outbox.push(effect.payload)},
                    LOCAL_FIRE_SWITCH: {
                        "switch": "ordered",
                        "switches": if_else(switches < 2, switches + 1, 2),
                    },
                    LOCAL_FIRE_ROLLBACK_TO: {"rollback": "ordered"},
                    RECORD_TRANSITION: {
                        "been": if_else(
                            been.count_of(effect.target) < 1, been.add(effect.target), been
                        )
                    },
                },
            ),
            Instance.declare(
                "mirror", machine, on={REMOTE_INSERT_QUARANTINE: {"quarantined": True}}
            ),
        ),
        variables=variables(size),
        starts=(Start.declare("dispatched", {"agent": FRESH, "mirror": FRESH}),),
        actions=(
            *agent_actions(size),
            *wire_actions(size),
            *control_plane_actions(size),
            *fault_actions(size),
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
            numbers=range(size.numbers + 4),
        ),
        properties=promises(progress=progress),
    )


world = world_of(
    "mirror",
    "Agent, wire and control plane, with one fault and up to four reports.",
    Size(numbers=4, outbox=2, inbox=1, faults=1),
)

large = world_of(
    "mirror-large",
    "Agent, wire and control plane, with two faults and up to five reports; safety only.",
    Size(numbers=5, outbox=3, inbox=2, faults=2),
    # Cycles among millions of states take too long to look for.
    progress=False,
)
