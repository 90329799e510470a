"""The world `reducer`: one record, and an environment that does its worst.

Any event, of either half, with any payload, may arrive at any moment, stale, next or
skipping numbers; each failed activation may come under either policy. Nothing about
agents, wires or clocks is assumed, so what holds here holds in every other world.

What is abstracted away, and why that is sound: closures, probes and instants are only
compared with each other, so three closures (the target, the prior one, another), two
probes and three instants (before, at and after the soak deadline) show every outcome
that more would. Event numbers are chosen relative to the record's last one, which is put
back to 1 after each step: rows only compare the two. Fields that nothing reads, and
opaque values, are dropped by the explorer by itself.

Besides fresh records there are records taken over from a snapshot after a restart: in flight,
with a prior closure that may be unknown, and with probe results, and the time of a first failure,
that an earlier life has left.
"""

from __future__ import annotations

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.properties import PROPERTIES, host
from nixfleet_state_machine.record import Channel, ClosureHash, Hostname, ProbeName, RolloutId
from nixfleet_state_machine.states import (
    ACTIVATING,
    DISPATCHED,
    ENDS,
    PENDING,
)
from steptable.world import Bounds, Instance, Start, World, any_event

BEFORE, DUE, AFTER = 0, 1, 2
TARGET, PRIOR, OTHER = "target", "prior", "other"

FRESH = {
    "rollout_id": "stable@r1",
    "hostname": "host",
    "channel": "stable",
    "target_closure": TARGET,
    "dispatched_at": BEFORE,
    "soak_due_at": [None, DUE],
    "last_event_seq": 1,
}

STALE = {
    "status": "fail",
    "last_observed_at": BEFORE,
    "mode": "enforce",
    "last_pass_at": None,
    "failure_reason": None,
}

IN_FLIGHT = {
    "state": [*DISPATCHED],
    "current_closure_at_dispatch": [None, PRIOR],
    "current_closure": [None, TARGET, PRIOR],
}

LEFT_OVER = {
    **IN_FLIGHT,
    "state": ACTIVATING,
    "probes": [{"probe-1": STALE}, {"probe-1": {**STALE, "status": "pass"}}],
    "probe_failure_first_at": BEFORE,
}

world = World(
    name="reducer",
    doc="One record under any event of either half, with any payload.",
    varies="Every event of either half with every payload, stale, next or skipping numbers, both "
    "policies, records that are fresh or taken over from a snapshot.",
    instances=(Instance.declare("host", machine, forgets={"last_event_seq": 1}),),
    starts=(
        Start.declare("fresh", {"host": {**FRESH, "state": PENDING}}),
        Start.declare("taken over from a snapshot", {"host": {**FRESH, **IN_FLIGHT}}),
        Start.declare("with probes of an earlier life", {"host": {**FRESH, **LEFT_OVER}}),
    ),
    actions=any_event("host", machine, number_steps=range(-1, 3)),
    bounds=Bounds.declare(
        symbols={
            RolloutId: ("stable@r1",),
            Hostname: ("host",),
            Channel: ("stable",),
            ClosureHash: (TARGET, PRIOR, OTHER),
            ProbeName: ("probe-1", "probe-2"),
        },
        instants=(BEFORE, DUE, AFTER),
    ),
    properties=PROPERTIES,
    terminal=host.state.one_of(*ENDS),
)
