"""The world `agent-outbox`: the agent with its durable queue, its numbers, and late snapshots.

The control plane is ideal still: it applies each report as soon as it arrives, exactly once and
in order, and never restarts. But a report may wait in the agent's queue, which outlives the agent,
and a snapshot then says what was before it. Each answer to a heartbeat carries one and the agent
takes it over, whether it has just restarted or not.

What is abstracted away, beyond what the world `agent` does, and why that is sound: there is no
clock and there is no probe, so that a soaking host converges whenever that suits the
environment; probes, gates and times are judged in `agent`, and nothing here reads them. What is
not durable may be lost on the way, and is never sent here. Four reports may wait, which is one
more than lead from the dispatch to a failure; when the queue is full, the agent's next event
waits. One snapshot at most is taken over while reports wait; two (`larger`) find nothing more.
With a probe (`probing`), whose reports use numbers up and never wait, one more promise fails.
What fails in `agent` already is not judged again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nixfleet_state_machine.effects import LOCAL_EMIT_EVENT
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import ProbeMode
from nixfleet_state_machine.states import ACTIVATING, PENDING
from nixfleet_state_machine.worlds.agent.environment import (
    DISPATCHED,
    reactions,
    reset,
    restarts,
    symbols,
)
from nixfleet_state_machine.worlds.agent.findings import AGENT, OUTBOX, PROBING
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.progress import DONE
from nixfleet_state_machine.worlds.agent.promises import (
    acts,
    ends,
    known_to_fail,
    reached,
)
from nixfleet_state_machine.worlds.agent.reports import mirror, of_reports, outbox
from nixfleet_state_machine.worlds.agent.terms import (
    LAST_TICK,
    TARGET,
    VARIABLES,
    agent,
    is_active,
    known,
    now,
    policy,
    runs,
)
from nixfleet_state_machine.worlds.agent.workers import (
    activation,
    gates,
    rollback_worker,
)
from steptable.properties import NO_DEADLOCK, Finding, Property
from steptable.sorts import Integer, Queue
from steptable.terms import EMPTY, NOTHING, Operand, Term, if_else, root
from steptable.world import (
    Action,
    Bounds,
    Instance,
    Start,
    Variable,
    World,
    deliver,
    effect,
    payload_sort,
    receive,
)

stale = root("stale")

CARRIED = ("state", "current_closure_at_dispatch", "current_closure", "last_event_seq")
"""What a snapshot carries, of all that is not the same in every one of a rollout."""


@dataclass(frozen=True)
class Size:
    """How much of the world is explored."""

    queued: int
    """Reports that may wait."""
    stale: int
    """Snapshots that may be taken over while reports wait."""
    numbers: int
    """The highest number that an event may come to have."""
    by_probes: int = 0
    """The highest number that a probe's report may come to have."""


def world_of(
    name: str,
    doc: str,
    size: Size,
    findings: Mapping[str, Finding],
    probes: tuple[Probe, ...] = (),
) -> World:
    """The world at some size."""
    queues = {"outbox": if_else(effect.durable, outbox.push(effect.payload), outbox)}
    return World(
        name=name,
        doc=doc,
        varies="Reports that wait in the queue for any time; snapshots that lag behind them, taken "
        "over by an agent that has restarted or has not; restarts at any moment; activations that "
        "complete, fail, or are deferred and followed by a reboot; rollbacks that fail or die; "
        "hosts that run the target already; both policies; up to "
        f"{size.queued} reports that wait, and {size.stale} of the snapshots "
        "that lag behind.",
        instances=(
            Instance.declare("agent", machine, on={**reactions(probes), LOCAL_EMIT_EVENT: queues}),
            Instance.declare("mirror", machine),
        ),
        variables=(
            *VARIABLES,
            *(item for probe in probes for item in probe.variables()),
            Variable.declare(
                "outbox", Queue(payload_sort(machine), size.queued), (), "Reports not yet sent."
            ),
            Variable.declare(
                "stale", Integer(0, size.stale), size.stale, "Late snapshots that may yet arrive."
            ),
        ),
        starts=(
            Start.declare(
                "dispatched",
                {"agent": DISPATCHED, "mirror": DISPATCHED},
                # The last tick stands for any later time: soaks are over.
                {"now": LAST_TICK},
            ),
        ),
        actions=(
            *_reporting_while(
                outbox.queued < size.queued,
                (*restarts(probes), *activation(), *rollback_worker(), *gates(probes)),
            ),
            *_reporting_while(
                agent.last_event_seq < size.by_probes,
                (action for probe in probes for action in probe.actions()),
            ),
            *_control_plane(probes),
        ),
        bounds=Bounds.declare(
            symbols=symbols(*(probe.name for probe in probes)),
            instants=range(LAST_TICK + 1),
            numbers=range(size.numbers + 1),
        ),
        properties=known_to_fail(
            (
                *_kept_by_the_agent(),
                *of_reports(),
                *reached(),
            ),
            findings,
        ),
        terminal=DONE,
        deadlock=findings.get(NO_DEADLOCK),
    )


def _reporting_while(room: Term, actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions, those that report something only while there is room for it."""
    return tuple(
        replace(item, guard=(Term(item.guard) & room).node) if item.deliveries else item
        for item in actions
    )


def _control_plane(probes: tuple[Probe, ...]) -> tuple[Action, ...]:
    applied: dict[str, Operand] = {"on_health_failure": policy}
    behind = outbox.queued > 0
    sets: dict[str, Operand] = {"agent": _taken_over(), "known": True}
    sets["stale"] = if_else(behind, stale - 1, stale)
    for name, value in reset(probes).items():
        sets[name] = if_else(known | (mirror.state == PENDING), root(name), value)
    return (
        Action.declare(
            "a report arrives",
            party="CP",
            says="the oldest report arrives and is applied",
            guard=outbox.head.is_known,
            sets={"outbox": outbox.pop()},
            events=[receive("mirror", outbox.head.value, applied)],
            fair="strong",
        ),
        Action.declare(
            "a snapshot arrives",
            party="CP",
            says="the answer to a heartbeat gives the agent what the control plane has",
            guard=is_active(mirror)
            & (~known | (mirror.last_event_seq != agent.last_event_seq))
            & (~behind | (stale > 0)),
            sets=sets,
            fair="strong",
        ),
        Action.declare(
            "a heartbeat completes the activation",
            party="CP",
            says="a heartbeat shows that the target runs; the control plane completes the "
            "activation",
            guard=(mirror.state == ACTIVATING) & (runs == TARGET),
            events=[
                deliver(
                    "mirror",
                    "RemoteActivationCompleted",
                    applied,
                    seq=mirror.last_event_seq + 1,
                    observed_current_closure=runs,
                    completed_at=now,
                )
            ],
            fair="strong",
        ),
    )


def _taken_over() -> Term:
    """What a snapshot does not carry keeps its value in memory, or is empty after a restart."""
    return agent.with_fields(
        **{name: getattr(mirror, name) for name in CARRIED},
        probes=if_else(known, agent.probes, EMPTY),
        probe_observed_first_at=if_else(known, agent.probe_observed_first_at, NOTHING),
        probe_failure_first_at=if_else(known, agent.probe_failure_first_at, NOTHING),
    )


def _kept_by_the_agent() -> Iterator[Property]:
    """The promises that the agent keeps as long as snapshots are never late.

    What fails in the world `agent` already, for reasons of its own, is not judged again here.
    """
    yield from (item for item in (*acts(), *ends()) if item.name not in AGENT)


world = world_of(
    "agent-outbox",
    "The agent with its durable queue, its numbers, and snapshots that lag behind.",
    Size(queued=4, stale=1, numbers=16),
    OUTBOX,
)

larger = world_of(
    "agent-outbox-larger",
    "The agent with its durable queue, its numbers, and two snapshots that lag behind.",
    Size(queued=4, stale=2, numbers=24),
    OUTBOX,
)

probing = world_of(
    "agent-outbox-probing",
    "The agent with its durable queue, its numbers, and an enforce probe.",
    Size(queued=3, stale=1, numbers=20, by_probes=7),
    PROBING,
    (Probe("web", ProbeMode.ENFORCE),),
)
