"""The world `wave`: whether the successors of a host are let go, by what its event log tells.

It is the world `mirror` with the probes that the host declares, one that enforces or none, and
with the gate of the wave: successors are dispatched once the mirror is Converged, the event log
has the host's declaration, and the probe in it, if there is one, has been seen to pass.

What is abstracted away, and why that is sound: nothing breaks, nobody reboots and heartbeats fill
nothing in, since what these do to a mirror is shown in the world `mirror`; here it is asked what
the gate makes of a mirror that is right. The list that is declared has one probe, which stands
for any: the gate asks the same of each. What the log has is a truth, since the declaration
carries what the host has, unchanged.
"""

from __future__ import annotations

from nixfleet_state_machine.record import ProbeStatus
from nixfleet_state_machine.states import CONVERGED, OVER
from nixfleet_state_machine.worlds.mirror import defects
from nixfleet_state_machine.worlds.mirror.closing import Beside, world_of
from nixfleet_state_machine.worlds.mirror.terms import (
    Setting,
    agent,
    declares,
    heard,
    inbox,
    mirror,
    outbox,
)
from steptable.properties import action, always_step, before, leads_to, sometimes
from steptable.sorts import TRUTH
from steptable.terms import Term, root
from steptable.world import Action, Variable

advanced = root("advanced")

UNDECLARED_GO = "the successors of a converged host without probes go"
DECLARED_GO = "the successors of a converged host with a probe go"


def _passed(record: Term) -> Term:
    status = record.probes["probe"].status
    return status.is_known & (status.value == ProbeStatus.PASS)


_advances = action == "the wave advances"

world = world_of(
    "wave",
    "The gate between a host and its successors; nothing breaks but transient reports.",
    Setting(numbers=7, outbox=2, inbox=1, fills_in=False, defers=False, topology=True),
    judges=(),
    beside=Beside(
        variables=(Variable.declare("advanced", TRUTH, False, "The successors were let go."),),
        actions=(
            Action.declare(
                "the wave advances",
                party="CP",
                says="the host's successors are dispatched",
                guard=(mirror.state == CONVERGED)
                & heard
                & (~declares | _passed(mirror))
                & ~advanced,
                sets={"advanced": True},
                fair="strong",
            ),
        ),
        promises=(
            always_step(
                "a host counts for its successors only when it has converged",
                _advances.implies(before.agent.state == CONVERGED),
                why="What one host has not borne must not be put on the next.",
                cites="RFC-0005 §3",
            ),
            always_step(
                "a missing declaration holds the wave",
                _advances.implies(before.declared),
                why="A host that has not said what it checks may check what nobody waits for.",
                cites="RFC-0007 §8.3",
            ),
            always_step(
                "an enforce probe that has not passed holds the wave",
                (_advances & before.declares).implies(_passed(before.agent)),
                why="A silent enforce probe is not the same as none.",
                cites="RFC-0007 §8.3",
            ),
            leads_to(
                UNDECLARED_GO,
                (agent.state == CONVERGED) & ~declares,
                advanced,
                why="Where no probe is declared there is nothing to wait for.",
                cites="RFC-0007 §8.3",
            ),
            leads_to(
                DECLARED_GO,
                (agent.state == CONVERGED) & declares,
                advanced,
                why="A host that is done must not hold its successors for ever.",
                cites="RFC-0005 §3, RFC-0007 §8.3",
            ),
            sometimes(
                "the wave advances past a declared probe",
                advanced & declares,
                why="A gate that never opens is no gate.",
                cites="RFC-0007 §8.3",
            ),
        ),
        terminal=agent.state.one_of(*OVER) & (outbox.queued == 0) & (inbox.queued == 0),
    ),
    fails={
        UNDECLARED_GO: defects.TOO_EARLY.breaks(
            9,
            "Here it is the declaration that there is nothing to wait for.",
            through=("the pass gate opens", "the report is applied"),
        ),
        DECLARED_GO: defects.TOO_EARLY.breaks(
            9,
            "Here neither the declaration nor a result of the probe is ever heard.",
            through=("the pass gate opens", "the report is applied"),
        ),
    },
)
