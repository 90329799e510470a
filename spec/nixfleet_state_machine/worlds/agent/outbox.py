"""The world `agent-outbox`: the agent with its durable queue, its numbers, and late snapshots.

The control plane is ideal still: it applies each report as soon as it arrives, exactly once and
in order, and never restarts. But a report may wait in the agent's queue, which outlives the agent,
and a snapshot then says what was before it. Each answer to a heartbeat carries one and the agent
takes it over, whether it has just restarted or not.

What is abstracted away, beyond what the world `agent` does, and why that is sound: there is no
clock and there are no probes, so that a soaking host converges whenever that suits the
environment; probes, gates and times are judged in `agent`, and nothing here reads them. What is
not durable may be lost on the way, and is never sent here. Four reports may wait, which is one
more than lead from the dispatch to a failure; when the queue is full, the agent's next event
waits. One snapshot at most is taken over while reports wait; two (`larger`) find nothing more.
What fails in `agent` already is not judged again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nixfleet_state_machine.effects import LOCAL_EMIT_EVENT
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.states import ACTIVATING, PENDING
from nixfleet_state_machine.worlds.agent.environment import (
    DISPATCHED,
    reactions,
    reset,
    restarts,
    symbols,
)
from nixfleet_state_machine.worlds.agent.findings import AGENT, OUTBOX
from nixfleet_state_machine.worlds.agent.progress import DONE
from nixfleet_state_machine.worlds.agent.promises import (
    DEADLOCK,
    acts,
    ends,
    known_to_fail,
    reached,
)
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
    pass_gate,
    rollback_worker,
)
from steptable.properties import Finding, Property, action, after, always_step, before, leads_to
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

mirror = root("mirror")
outbox = root("outbox")
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


def world_of(name: str, doc: str, size: Size, findings: Mapping[str, Finding]) -> World:
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
            Instance.declare("agent", machine, on={**reactions(()), LOCAL_EMIT_EVENT: queues}),
            Instance.declare("mirror", machine),
        ),
        variables=(
            *VARIABLES,
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
            *_with_room(
                size, (*restarts(()), *activation(), *rollback_worker(), pass_gate(given=True))
            ),
            *_control_plane(),
        ),
        bounds=Bounds.declare(
            symbols=symbols(),
            instants=range(LAST_TICK + 1),
            numbers=range(size.numbers + 1),
        ),
        properties=known_to_fail((*_kept_by_the_agent(), *_of_reports(), *reached()), findings),
        terminal=DONE.node,
        deadlock=findings.get(DEADLOCK),
    )


def _with_room(size: Size, actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions, those that report something only while the queue has room."""
    room = outbox.queued < size.queued
    return tuple(
        replace(item, guard=(Term(item.guard) & room).node) if item.deliveries else item
        for item in actions
    )


def _control_plane() -> tuple[Action, ...]:
    applied: dict[str, Operand] = {"on_health_failure": policy}
    behind = outbox.queued > 0
    sets: dict[str, Operand] = {"agent": _taken_over(), "known": True}
    sets["stale"] = if_else(behind, stale - 1, stale)
    for name, value in reset(()).items():
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


def _of_reports() -> tuple[Property, ...]:
    """What the design promises of numbers, reports and the mirror that they make."""
    head = before.outbox.head
    arrives = (action == "a report arrives") & head.is_known
    return (
        always_step(
            "the agent's number never moves back",
            after.agent.last_event_seq >= before.agent.last_event_seq,
            why="A number that is used again is taken for a repeated report.",
            cites="RFC-0005 §4",
        ),
        always_step(
            "every accepted event is applied or visibly refused",
            arrives.implies(head.value.seq > before.mirror.last_event_seq),
            why="A report whose number is not new is dropped as a repetition, in silence; here "
            "none is ever sent twice.",
            cites="RFC-0005 §4, RFC-0006 §2",
        ),
        always_step(
            "the mirror can take whatever the agent took",
            (arrives & (head.value.seq > before.mirror.last_event_seq)).implies(
                after.mirror.last_event_seq == head.value.seq
            ),
            why="Agent and mirror can't disagree for one and the same sequence of events.",
            cites="RFC-0006 §2, §7",
        ),
        leads_to(
            "what the agent ends as its mirror ends as",
            DONE,
            mirror.state == agent.state,
            why="Agent and mirror can't disagree for ever about how a rollout ended.",
            cites="RFC-0006 §2, §7",
        ),
    )


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
