"""The variables of the world `mirror`: agent, wire and control plane, and what really is."""

from __future__ import annotations

from dataclasses import dataclass

from nixfleet_state_machine.events import FACTS
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import ClosureHash
from nixfleet_state_machine.states import HostState
from steptable.sorts import TRUTH, Bag, Enum, Integer, Member, Queue
from steptable.terms import instant, root
from steptable.world import Variable, payload_sort

TARGET, PRIOR, UNKNOWN = "target", "prior", "unknown"
NOW = instant(0)

WORK = Enum("Work", tuple(Member(w.upper(), w) for w in ("idle", "ordered", "running")))
TRANSIENT = tuple(fact.name for fact in FACTS if not fact.durable)

agent, mirror = root("agent"), root("mirror")
known, runs, staged, policy = root("known"), root("runs"), root("staged"), root("policy")
switch, rollback, switches = root("switch"), root("rollback"), root("switches")
outbox, inbox, manifest = root("outbox"), root("inbox"), root("manifest")
been, lost, quarantined = root("been"), root("lost"), root("quarantined")
faults = root("faults")


@dataclass(frozen=True)
class Size:
    """How much of the world is explored."""

    numbers: int
    """Reports that an agent sends at most."""
    outbox: int
    inbox: int
    faults: int
    runs: str = PRIOR
    """What the host runs when it is dispatched; the target, if it is dispatched once more."""
    """How often something goes wrong: a restart, a lost answer, a lost database."""


def variables(size: Size) -> tuple[Variable, ...]:
    reports = payload_sort(machine)
    return (
        Variable.declare("known", TRUTH, True, "The agent runs and has the record."),
        Variable.declare("runs", ClosureHash, size.runs, "What the host really runs."),
        Variable.declare("staged", TRUTH, False, "The target takes effect at the next reboot."),
        Variable.declare("policy", OnHealthFailure, ["halt", "rollback-and-halt"]),
        Variable.declare("switch", WORK, "idle", "The activation worker."),
        Variable.declare("rollback", WORK, "idle", "The rollback worker."),
        Variable.declare("switches", Integer(0, 2), 0, "Switches fired; two stand for many."),
        Variable.declare("outbox", Queue(reports, size.outbox), (), "Reports not yet answered."),
        Variable.declare("inbox", Queue(reports, size.inbox), (), "Answered, not yet applied."),
        Variable.declare("manifest", TRUTH, True, "The control plane has the manifest cached."),
        Variable.declare("been", Bag(HostState, 1), {}, "States that the agent has entered."),
        Variable.declare("lost", TRUTH, False, "An answered durable report was never applied."),
        Variable.declare("quarantined", TRUTH, False, "The target is quarantined."),
        Variable.declare("faults", Integer(0, size.faults), size.faults, "What may yet fail."),
    )
