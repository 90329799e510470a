"""The variables of the world `mirror`: agent, wire and control plane, and what really is."""

from __future__ import annotations

from dataclasses import dataclass

from nixfleet_state_machine.events import FACTS
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import ClosureHash
from nixfleet_state_machine.states import HostState
from steptable.sorts import TRUTH, Integer, Queue, set_of, words
from steptable.terms import Term, instant, root
from steptable.world import Variable, payload_sort

TARGET, PRIOR, UNKNOWN = "target", "prior", "unknown"
NOW = instant(0)
ENDING = 2
"""The numbers that are kept for how a rollout ends: a failure and a rollback."""

WORK = words("Work", "idle", "ordered")
REPORT = payload_sort(machine)
TRANSIENT = tuple(fact.name for fact in FACTS if not fact.durable)

agent, mirror = root("agent"), root("mirror")
known, runs, staged, policy = root("known"), root("runs"), root("staged"), root("policy")
switch, rollback = root("switch"), root("rollback")
outbox, inbox, manifest = root("outbox"), root("inbox"), root("manifest")
kept, owed = root("kept"), root("owed")
been, deferral, quarantined = root("been"), root("deferral"), root("quarantined")
declares, declared, heard = root("declares"), root("declared"), root("heard")
faults = root("faults")

is_rollback = policy == OnHealthFailure.ROLLBACK_AND_HALT


@dataclass(frozen=True)
class Faults:
    """What may go wrong with either side, and how often all in all."""

    number: int = 0
    agent: bool = False
    """The agent restarts, by itself, with its switch or with its rollback."""
    control_plane: bool = False
    """The control plane restarts."""
    database: bool = False
    """The control plane loses its database."""


@dataclass(frozen=True)
class Wire:
    """What the wire does to reports and heartbeats besides carrying them."""

    loses: bool = True
    """A report that is not durable may be lost."""
    repeats: bool = False
    """The answer to a report may be lost, once for each fault, and the report is posted again."""
    overtakes: bool = False
    """A report may be posted after the one behind it."""
    late: bool = False
    """A heartbeat says what the host ran when it was sent, not when it arrives."""


@dataclass(frozen=True)
class Setting:
    """How much of the world is explored, and in which of its readings."""

    numbers: int
    """Reports that an agent numbers at most; the last two are kept for how a rollout ends."""
    outbox: int
    inbox: int
    faults: Faults = Faults()
    wire: Wire = Wire()
    fills_in: bool = True
    """A heartbeat that shows the target makes up what has not been told (section 10)."""
    replays: bool = False
    """The agent keeps what was answered, and sends it again where a heartbeat shows drift."""
    overwrites: bool = False
    """An agent that has its record takes a snapshot over as well."""
    defers: bool = True
    """An activation may be deferred to the next reboot."""
    topology: bool = False
    """The agent declares its probes: one enforce probe, or none."""
    runs: str = PRIOR
    """What the host runs when it is dispatched."""


def variables(setting: Setting) -> tuple[Variable, ...]:
    faulty = setting.faults.number
    found = [
        Variable.declare("known", TRUTH, True, "The agent runs and has the record."),
        Variable.declare("runs", ClosureHash, setting.runs, "What the host really runs."),
        Variable.declare("staged", TRUTH, False, "The target takes effect at the next reboot."),
        Variable.declare("policy", OnHealthFailure, ["halt", "rollback-and-halt"]),
        Variable.declare("switch", WORK, "idle", "The activation worker."),
        Variable.declare("rollback", WORK, "idle", "The rollback worker."),
        Variable.declare("outbox", Queue(REPORT, setting.outbox), (), "Reports not yet answered."),
        Variable.declare("inbox", Queue(REPORT, setting.inbox), (), "Answered, not yet applied."),
        Variable.declare("manifest", TRUTH, True, "The control plane has the manifest cached."),
        Variable.declare("been", set_of(HostState), {}, "States that the agent has entered."),
        Variable.declare("deferral", TRUTH, False, "The event log has a deferral."),
        Variable.declare("quarantined", TRUTH, False, "The target is quarantined."),
        Variable.declare("faults", Integer(0, faulty), faulty, "What may yet go wrong."),
    ]
    if setting.wire.late:
        found.append(Variable.declare("beat", ClosureHash, setting.runs, "The last heartbeat."))
    if setting.replays:
        # An agent that is put back by a fault gives each of its numbers once more.
        size = setting.numbers * (faulty + 1)
        found += [
            Variable.declare("kept", Queue(REPORT, size), (), "Reports that the agent keeps."),
            Variable.declare(
                "owed", Integer(0, size), 0, "Of these, how many a replay still owes."
            ),
        ]
    if setting.topology:
        found += [
            Variable.declare("declares", TRUTH, [True, False], "The host has an enforce probe."),
            Variable.declare("declared", TRUTH, False, "The agent has declared what it has."),
            Variable.declare("heard", TRUTH, False, "The event log has that declaration."),
        ]
    return tuple(found)


def probes(setting: Setting) -> bool:
    """Whether there are numbers for the reports of a probe."""
    return setting.numbers > ENDING + 2


def forgets(setting: Setting) -> bool:
    """Whether the agent may lose its record."""
    return setting.defers or setting.faults.agent


def may_be_ahead(setting: Setting) -> bool:
    """Whether a snapshot may have what an agent with a record is to take over."""
    # Once it was put back, reports that are still under way bring the mirror ahead of it.
    return forgets(setting) or setting.fills_in or setting.overwrites


def shown(setting: Setting) -> Term:
    """The closure that the last heartbeat shows."""
    return root("beat") if setting.wire.late else runs


def is_durable(report: Term) -> Term:
    """Whether there is a report, of a kind that must not get lost."""
    return report.is_known & ~report.value.kind.one_of(*TRANSIENT)
