"""The world `agent`: the agent around its reducer, and the host that it acts on.

One mutator takes events one by one and numbers them. Around it are workers: activation,
which ends in one of three ways or dies with the agent; probes, whose reports may be slow;
rollback, which may fail or die; a clock with two gates. What a worker does to the host and its
report of it are two steps, and anything may come between. The agent may restart at any time; a
restart forgets the record, and a snapshot from the control plane brings it back while the
rollout is active. A deferred host takes its new closure at the next reboot, if there is one.

What is abstracted away, and why that is sound. The control plane is ideal: it has applied every
report, so that its snapshot is what the agent last knew, and the one thing that it does of itself
is what the design gives it to do, to complete an activation when a heartbeat shows the target
running. Whatever goes wrong is then the agent's own or the design's. Numbers are forgotten after
each step, since no snapshot is behind; with a durable queue, real numbers and snapshots that lag
behind, the same agent is the world `agent-outbox` (`outbox.py`), and with a control plane that has
faults the world `mirror`. Time is a few ticks, with a soak of two and a threshold of one, and the
last tick stands for any later time: gates only compare instants, so what matters is their order.
A probe's results are free, so that it may flap in any way; its reports are delivered one by one,
any other event may come between them. It is not run where every report would be refused, since
a refusal changes nothing.

Beside what the design knows, the world keeps account of what really is: what the host runs, what
closure each recorded result is of, and since when each probe fails. Promises are judged by that.

`promises` says what acts and ends are to be, `soaking` what the soak and its gates are, `progress`
what must happen at last, and `reports`, for `agent-outbox`, what numbers and reports are;
`findings` has what is known to fail.
"""

from __future__ import annotations

from collections.abc import Mapping

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import ProbeMode
from nixfleet_state_machine.worlds.agent.environment import (
    DISPATCHED,
    clock,
    reactions,
    recovery,
    restarts,
    symbols,
)
from nixfleet_state_machine.worlds.agent.findings import AGENT, TWO_ENFORCED, TWO_PROBES
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.progress import DONE, at_last
from nixfleet_state_machine.worlds.agent.promises import (
    acts,
    ends,
    known_to_fail,
    reached,
)
from nixfleet_state_machine.worlds.agent.soaking import soaking
from nixfleet_state_machine.worlds.agent.terms import LAST_TICK, PRIOR, VARIABLES
from nixfleet_state_machine.worlds.agent.workers import (
    activation,
    gates,
    rollback_worker,
    topology,
)
from steptable.properties import NO_DEADLOCK, Finding
from steptable.world import Bounds, Instance, Start, World


def world_of(
    name: str,
    doc: str,
    probes: tuple[Probe, ...],
    findings: Mapping[str, Finding],
) -> World:
    """The world with some declared probes."""
    running = [probe for probe in probes if probe.runs]
    starts = [Start.declare("dispatched", {"agent": DISPATCHED})]
    if running:
        left = {f"{probe.name}_look": ["pass", "fail"] for probe in running}
        starts.append(
            Start.declare(
                "with results of the closure before", {"agent": DISPATCHED}, {"runs": PRIOR, **left}
            )
        )
    return World(
        name=name,
        doc=doc,
        varies="Restarts of the agent at any moment, also between a switch or a rollback and its "
        "report; activations that complete, fail, or are deferred and followed by a reboot or "
        "not; rollbacks that fail or die; heartbeats that complete an activation before its "
        "report does; slow reports, some left over from the closure before; probes that flap; "
        "hosts that run the target already; both policies; every timing of soak and threshold.",
        instances=(
            Instance.declare("agent", machine, on=reactions(probes), forgets={"last_event_seq": 0}),
        ),
        variables=(*VARIABLES, *(item for probe in probes for item in probe.variables())),
        starts=tuple(starts),
        actions=(
            clock(),
            *restarts(probes),
            *activation(),
            *recovery(probes),
            topology(),
            *rollback_worker(),
            *gates(probes),
            *(action for probe in probes for action in probe.actions()),
        ),
        bounds=Bounds.declare(
            symbols=symbols(*(probe.name for probe in probes)), instants=range(LAST_TICK + 1)
        ),
        properties=known_to_fail(
            (
                *acts(),
                *ends(),
                *soaking(probes),
                *at_last(),
                *reached(),
            ),
            findings,
        ),
        terminal=DONE,
        deadlock=findings.get(NO_DEADLOCK),
    )


world = world_of(
    "agent",
    "The agent around its reducer, with one enforce probe.",
    (Probe("web", ProbeMode.ENFORCE),),
    AGENT,
)

two_probes = world_of(
    "agent-two-probes",
    "The agent around its reducer, with an enforce and an observe probe.",
    (Probe("web", ProbeMode.ENFORCE), Probe("log", ProbeMode.OBSERVE)),
    TWO_PROBES,
)

two_enforced = world_of(
    "agent-two-enforced",
    "The agent around its reducer, with two enforce probes.",
    (Probe("web", ProbeMode.ENFORCE), Probe("log", ProbeMode.ENFORCE)),
    TWO_ENFORCED,
)
