"""The world `replica`: one sequence of events, applied by agent, mirror and a replay of the log.

The agent takes any event of its half, with any payload, legal or not. What it accepts goes to the
mirror, in order and once; what the mirror accepts is appended to its event log; and the log is
replayed into a third record. Each is then what the one before it is. The control plane may lose
its database, log and records, while reports are under way.

What is abstracted away, and why that is sound: there is one report under way and one entry of
the log not yet replayed, since each is applied to a record that has seen all before it. Numbers
count anew from 0 before each event of the agent, in all three records at once: rows only ask
whether a number is above the last one, and the agent's next one is above all three. Two closures
and one enforce probe show every outcome that more would. There is one instant: which fields get a
time is judged here, and which time it is, event by event, in the world `reducer`.
"""

from __future__ import annotations

from nixfleet_state_machine.effects import LOCAL_EMIT_EVENT, REMOTE_APPEND_EVENT_LOG
from nixfleet_state_machine.events import AGENT
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import (
    Channel,
    ClosureHash,
    Hostname,
    ProbeMode,
    ProbeName,
    ProbeRecord,
    RolloutId,
)
from nixfleet_state_machine.states import ENDS, OVER, PENDING
from nixfleet_state_machine.worlds.mirror.terms import PRIOR, REPORT, TARGET, policy
from steptable.machine import Event
from steptable.properties import always, always_event, sometimes, step
from steptable.sorts import TRUTH, Optional, Queue, is_comparable
from steptable.terms import EMPTY, NOTHING, Operand, Term, all_of, instant, root
from steptable.world import (
    Action,
    Bounds,
    Instance,
    Start,
    Variable,
    World,
    deliver,
    effect,
    receive,
)

agent, mirror, replica = root("agent"), root("mirror"), root("replica")
sent, log, whole = root("sent"), root("log"), root("whole")

UNDER_POLICY: dict[str, Operand] = {"on_health_failure": policy}
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


def _fixed(event: Event) -> dict[str, Operand]:
    """What is not varied of an event: the mode of a probe, which no row but convergence reads."""
    return {name: ProbeMode.ENFORCE for name in event.fields.names if name == "mode"}


def _opened(record: Term) -> Term:
    """A record as the control plane opens it."""
    empty: dict[str, Operand] = {
        part.name: NOTHING for part in machine.record if isinstance(part.sort, Optional)
    }
    fresh = empty | {"state": PENDING, "probes": EMPTY, "soak_due_at": instant(0)}
    fresh |= {"last_event_seq": 0}
    return record.with_fields(**fresh)


def _same(one: Term, other: Term) -> Term:
    """Two records have the same fields, but for opaque ones."""
    probe, twin = one.probes["probe"], other.probes["probe"]
    parts = [(one, other, part) for part in machine.record]
    parts += [(probe, twin, part) for part in ProbeRecord.sort]
    return all_of(
        *(
            getattr(this, part.name) == getattr(that, part.name)
            for this, that, part in parts
            if is_comparable(part.sort)
        )
    )


_quiet = (sent.queued == 0) & (log.queued == 0)

world = World(
    name="replica",
    doc="Agent, mirror and a replay of the event log, under one sequence of events.",
    varies="Every event of the agent's half with every payload, legal or not; both policies; a "
    "lost database at any moment; reports and log entries that wait.",
    instances=(
        Instance.declare(
            "agent",
            machine,
            on={LOCAL_EMIT_EVENT: {"sent": sent.push(effect.payload)}},
        ),
        Instance.declare(
            "mirror",
            machine,
            on={REMOTE_APPEND_EVENT_LOG: {"log": log.push(effect.payload)}},
        ),
        Instance.declare("replica", machine),
    ),
    variables=(
        Variable.declare("policy", OnHealthFailure, ["halt", "rollback-and-halt"]),
        Variable.declare("sent", Queue(REPORT, 1), (), "Reports under way to the mirror."),
        Variable.declare("log", Queue(REPORT, 1), (), "Log entries not yet replayed."),
        Variable.declare("whole", TRUTH, True, "The database was never lost."),
    ),
    starts=(Start.declare("dispatched", {"agent": FRESH, "mirror": FRESH, "replica": FRESH}),),
    actions=(
        *(
            Action.declare(
                event.name,
                party="agent",
                says=f"{event.name} reaches the agent",
                guard=_quiet & (agent.last_event_seq == 0),
                events=[deliver("agent", event.name, UNDER_POLICY, seq=1, **_fixed(event))],
            )
            for event in machine.events
            if event.side == AGENT
        ),
        Action.declare(
            "the report is applied",
            party="CP",
            says="the control plane applies the report",
            guard=sent.head.is_known & (log.queued == 0),
            sets={"sent": sent.pop()},
            events=[receive("mirror", sent.head.value, UNDER_POLICY)],
        ),
        Action.declare(
            "the log is replayed",
            party="CP",
            says="the next entry of the event log is replayed",
            guard=log.head.is_known,
            sets={"log": log.pop()},
            events=[receive("replica", log.head.value, UNDER_POLICY)],
        ),
        Action.declare(
            "numbers count anew",
            says="numbers count anew, which changes nothing but their size",
            guard=_quiet & (agent.last_event_seq > 0),
            sets={
                name: root(name).with_fields(last_event_seq=0)
                for name in ("agent", "mirror", "replica")
            },
        ),
        Action.declare(
            "the database is lost",
            party="CP",
            says="the database is lost, event log and all, and the record opened again",
            guard=mirror.state != PENDING,
            sets={
                "mirror": _opened(mirror),
                "replica": _opened(replica),
                "log": log.pop(),
                "whole": False,
            },
        ),
    ),
    bounds=Bounds.declare(
        symbols={
            RolloutId: ("stable@r1",),
            Hostname: ("host",),
            Channel: ("stable",),
            ClosureHash: (TARGET, PRIOR),
            ProbeName: ("probe",),
        },
        instants=(0,),
        numbers=(0, 1),
    ),
    properties=(
        always(
            "mirror and agent agree once everything is applied",
            (whole & (sent.queued == 0)).implies(_same(mirror, agent)),
            why="Agent and mirror cannot disagree for one and the same sequence of events.",
            cites="RFC-0006 §2, §7",
        ),
        always(
            "replaying the event log gives the same record",
            (log.queued == 0).implies(_same(replica, mirror)),
            why="What is in the log is all that is needed to have the record again.",
            cites="RFC-0006 §2.6",
        ),
        always_event(
            "replaying the event log refuses nothing",
            step.accepted,
            instance="replica",
            why="Each entry of the log is a transition that was made, and is made again.",
            cites="RFC-0006 §2.6",
        ),
        *(
            sometimes(
                f"the replica is {state.name}",
                replica.state == state,
                why="A replay that never gets there shows nothing.",
                cites="RFC-0006 §2.6",
            )
            for state in OVER
        ),
    ),
    # All that is left is an end that accepts nothing, or a report that waits for nobody.
    terminal=_quiet & agent.state.one_of(*ENDS),
)
