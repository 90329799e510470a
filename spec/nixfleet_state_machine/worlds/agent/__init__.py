"""The world `agent`: the agent around its reducer, and the host that it acts on.

One mutator takes events one by one and numbers them. Around it are workers: activation,
which ends in one of three ways or dies with the agent; probes, whose reports may be slow;
rollback, which may fail or die; a clock with two gates. The agent may restart at any time; a
restart forgets the record, and a snapshot from the control plane brings it back while the
rollout is active. A deferred host takes its new closure at the next reboot.

What is abstracted away, and why that is sound: the control plane is ideal here, its snapshot is
what the agent last knew, so that whatever goes wrong is the agent's own; the world `mirror`
has the real one. Time is a few ticks, with a soak and a threshold of two each: gates only compare
instants, so what matters is their order. A probe's reports are delivered one by one, any other
event may come between them. The outbound queue has no part here, since an ideal control plane
has always received everything.

Beside what the design knows, the world keeps account of what really is: what the host runs, how
each probe really fares and since when it fails. Promises are judged by that.
"""

from __future__ import annotations

from nixfleet_state_machine.effects import (
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    LOCAL_RESET_PROBE_CACHE,
)
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import (
    Channel,
    ClosureHash,
    Hostname,
    ProbeMode,
    ProbeName,
    RolloutId,
)
from nixfleet_state_machine.states import PENDING
from nixfleet_state_machine.worlds.agent.actions import (
    activation,
    environment,
    gates,
    recovery,
    rollback_worker,
)
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.promises import Lengths, promises
from nixfleet_state_machine.worlds.agent.terms import (
    LAST_TICK,
    PRIOR,
    SOAK_DUE,
    TARGET,
    VARIABLES,
    once_more,
    rollbacks,
    switches,
)
from steptable.terms import Operand
from steptable.world import Bounds, Instance, Start, World


def world_of(name: str, doc: str, probes: tuple[Probe, ...], lengths: Lengths) -> World:
    """The world with some declared probes."""
    reset: dict[str, Operand] = {"probing": True, "observed": False, "undeclared": True}
    dead: dict[str, Operand] = {"known": False, "probing": False, "undeclared": False}
    dead |= {"switch": "idle", "rollback": "idle"}
    for probe in probes:
        reset |= probe.forgotten()
        dead |= probe.died()
    return World(
        name=name,
        doc=doc,
        varies="Restarts of the agent at any moment, also by the switch or the rollback itself; "
        "activations that complete, fail, or are deferred and followed by a reboot; rollbacks that "
        "fail or die; slow reports, one left over from the closure before; probes that flap; "
        "hosts that run the target already; both policies; every timing of soak and threshold.",
        instances=(
            Instance.declare(
                "agent",
                machine,
                on={
                    LOCAL_FIRE_SWITCH: {"switch": "ordered", "switches": once_more(switches)},
                    LOCAL_FIRE_ROLLBACK_TO: {
                        "rollback": "ordered",
                        "rollbacks": once_more(rollbacks),
                    },
                    LOCAL_RESET_PROBE_CACHE: reset,
                },
                forgets={"last_event_seq": 0},
            ),
        ),
        variables=(*VARIABLES, *(item for probe in probes for item in probe.variables())),
        starts=(
            Start.declare(
                "dispatched",
                {
                    "agent": {
                        "rollout_id": "stable@r1",
                        "hostname": "host",
                        "channel": "stable",
                        "state": PENDING,
                        "target_closure": TARGET,
                        "dispatched_at": 0,
                        "soak_due_at": SOAK_DUE,
                        "last_event_seq": 0,
                    }
                },
            ),
        ),
        actions=(
            *environment(dead),
            *activation(dead),
            *recovery(reset),
            *rollback_worker(dead),
            *gates(),
            *(action for probe in probes for action in probe.actions()),
        ),
        bounds=Bounds.declare(
            symbols={
                RolloutId: ("stable@r1",),
                Hostname: ("host",),
                Channel: ("stable",),
                ClosureHash: (TARGET, PRIOR),
                ProbeName: tuple(probe.name for probe in probes),
            },
            instants=range(LAST_TICK + 1),
        ),
        properties=promises(probes, lengths),
    )


world = world_of(
    "agent",
    "The agent around its reducer, with one enforce probe.",
    (Probe("web", ProbeMode.ENFORCE),),
    Lengths(sustained=17, stuck=12),
)

two_probes = world_of(
    "agent-two-probes",
    "The agent around its reducer, with an enforce and an observe probe.",
    (Probe("web", ProbeMode.ENFORCE), Probe("log", ProbeMode.OBSERVE)),
    # An observe probe's first failure starts the clock for the enforce probe: fewer steps do it.
    Lengths(sustained=12, stuck=15),
)
