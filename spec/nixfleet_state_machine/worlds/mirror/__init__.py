"""The world `mirror`: agent, wire and control plane, each with its faults.

The agent numbers each report and queues it; the wire carries reports in order and deletes them
when they are answered; the control plane answers on receipt and applies afterwards, drops what is
stale and what it has no manifest for, and fills in from heartbeats what it has not been told.
Either side may restart; the control plane may lose its database.

What is abstracted away, and why that is sound: there is no clock, so a soak is over and a
threshold crossed whenever that suits the environment, which allows all that a clock would. One
enforce probe reports; reports that only make something visible (started, first observed, first
failed) are left out, since no gate of the mirror reads them. Losing a report that is not durable
at any time stands for losing it with the agent's restart. A probe reports only while there are
numbers left for how the rollout ends, so that no bound keeps a host from its end. While the
agent has no record, `agent` is the one it had.

The replay of reports "after the last seq" is no part of this world, because it can't change
anything in it: the agent deletes what was answered, so that all it could send again is what it
is about to send anyway. `replaying` is the other reading, the design's: the agent keeps its
reports, the control plane asks for them where a heartbeat shows another closure than it expects,
and fills nothing in. An agent takes a snapshot over here if it has no record, or an older one;
`overwriting` is the text read to the letter, where it takes each one over. `calm` is the world
with no fault but lost transient reports: what fails there needs no fault. `unordered` has a wire
that the design rules out. The promises are the same everywhere; each of the smaller worlds judges
those on which it has something else to say.
"""

from __future__ import annotations

from dataclasses import replace

from nixfleet_state_machine.states import ACTIVATING, CONVERGED, FAILED, PENDING, REVERTED, SOAKING
from nixfleet_state_machine.worlds.mirror import defects
from nixfleet_state_machine.worlds.mirror.closing import world_of
from nixfleet_state_machine.worlds.mirror.progress import QUARANTINED_AT_LAST, follows, lasts
from nixfleet_state_machine.worlds.mirror.promises import (
    AGENT_NUMBER,
    AGENT_STATE,
    MIRROR_CONVERGED,
    MIRROR_FOLLOWS,
    MIRROR_REVERTED,
    MIRROR_RUNS,
    NOTHING_LOST,
    ONE_ROLLBACK,
    ONE_SWITCH,
)
from nixfleet_state_machine.worlds.mirror.terms import Faults, Setting, Wire

ANY_FAULT = Faults(number=1, agent=True, control_plane=True, database=True)

SAFETY = {
    MIRROR_CONVERGED: defects.INVENTED.breaks(
        3, "If it overtakes the report of the dispatch, the mirror is Converged while the host has "
        "only begun to soak."
    ),
    MIRROR_RUNS: defects.INVENTED.breaks(
        9, "The host may still fail, and be rolled back, behind the back of a mirror that is "
        "Converged and accepts nothing any more."
    ),
    MIRROR_REVERTED: defects.LAGGING.breaks(
        13, "It is dispatched a second time and runs its target, while the reports of its first "
        "failure and rollback reach the mirror."
    ),
    MIRROR_FOLLOWS: defects.INVENTED.breaks(
        3, "It leads the mirror through Activating and Soaking to Converged, on events that no "
        "agent has sent."
    ),
    NOTHING_LOST: defects.ANSWERED.breaks(3, "Here it is the report of the dispatch."),
    ONE_SWITCH: defects.LAGGING.breaks(
        4, "Where the report of the dispatch still waits, the record is Pending again, and the "
        "host is dispatched and switched once more."
    ),
    ONE_ROLLBACK: defects.LAGGING.breaks(
        9, "It then fails a second time, and a second rollback is fired."
    ),
    AGENT_STATE: defects.LAGGING.breaks(
        3, "Here the record is Pending again, while the host is being switched."
    ),
    AGENT_NUMBER: defects.LAGGING.breaks(
        3, "The numbers in between are given to other events, which are dropped as repeated."
    ),
}  # fmt: skip

PROGRESS = {
    lasts(PENDING, "agent"): defects.ENDED.breaks(
        10, "Here it was put back to Pending by a snapshot, rebooted, and then forgotten."
    ),
    lasts(ACTIVATING, "agent"): defects.ENDED.breaks(
        5, "Here the switch restarts it before it can report, and a heartbeat takes the host for "
        "converged before the report of the dispatch is applied."
    ),
    lasts(SOAKING, "agent"): defects.ENDED.breaks(
        8, "It never finishes its soak, and its probes never run again."
    ),
    lasts(FAILED, "agent"): defects.SILENT_ROLLBACK.breaks(
        7, "The host stays Failed on the closure that failed."
    ),
    lasts(PENDING, "mirror"): defects.AMNESIA.breaks(
        7, "Here the host had failed, and reported it, before the database was lost."
    ),
    lasts(ACTIVATING, "mirror"): defects.DEAD_SWITCH.breaks(
        5, "Agent and mirror agree, and wait for each other."
    ),
    lasts(SOAKING, "mirror"): defects.ANSWERED.breaks(
        10, "Here it is Converged; no heartbeat moves a mirror on from Soaking."
    ),
    lasts(FAILED, "mirror"): defects.SILENT_ROLLBACK.breaks(
        7, "The mirror waits for a report that never comes, and the closure is not quarantined."
    ),
    follows(CONVERGED): defects.ANSWERED.breaks(
        10, "Here it is the report of convergence, the last that the agent has to send."
    ),
    follows(FAILED): defects.ANSWERED.breaks(
        7, "Here it is the failure; a heartbeat from a host that does not run its target changes "
        "nothing."
    ),
    follows(REVERTED): defects.ANSWERED.breaks(
        10, "Here the report of the rollback is dropped, for want of a manifest or with a restart."
    ),
    QUARANTINED_AT_LAST: defects.ANSWERED.breaks(
        10, "Here it is the report of the rollback, so the closure that failed stays free."
    ),
}  # fmt: skip

INVENTIONS = (MIRROR_CONVERGED, MIRROR_RUNS, MIRROR_FOLLOWS)
"""What takes a heartbeat, which is a step of its own where heartbeats are under way."""

world = world_of(
    "mirror",
    "Agent, wire and control plane, with one fault of any kind and up to five reports.",
    Setting(numbers=5, outbox=2, inbox=1, faults=ANY_FAULT, wire=Wire(repeats=True)),
    fails=SAFETY | PROGRESS,
)

calm = world_of(
    "mirror-calm",
    "Agent, wire and control plane where nothing breaks, with up to six reports.",
    Setting(numbers=6, outbox=2, inbox=1),
    judges=(
        NOTHING_LOST,
        AGENT_NUMBER,
        lasts(PENDING, "agent"),
        lasts(SOAKING, "agent"),
        lasts(PENDING, "mirror"),
        lasts(ACTIVATING, "mirror"),
        lasts(SOAKING, "mirror"),
        follows(CONVERGED),
        follows(FAILED),
        follows(REVERTED),
    ),
    fails={
        NOTHING_LOST: defects.NUMBERED.breaks(
            8, "Here it is a deferral: the event log has an activation that was completed, and not "
            "that it took a reboot."
        ),
        AGENT_NUMBER: defects.LAGGING.breaks(
            4, "The reboot that a deferred host needs is such a restart: no fault is needed."
        ),
        lasts(SOAKING, "mirror"): defects.UNHEARD.breaks(
            14, "The host is done, and its successors wait for it for ever."
        ),
        follows(CONVERGED): defects.UNHEARD.breaks(
            14, "The refusal is visible; but the agent, whose report was answered, never hears of "
            "it."
        ),
        follows(FAILED): defects.INVENTED.breaks(
            12, "A Converged mirror takes no failure any more, and its wave goes on."
        ),
        follows(REVERTED): defects.INVENTED.breaks(
            15, "Neither failure nor rollback reach a mirror that is Converged, and the closure is "
            "not quarantined."
        ),
    },
)  # fmt: skip

overwriting = world_of(
    "mirror-overwriting",
    "The agent takes over each snapshot, whatever it has; nothing breaks, up to four reports.",
    Setting(numbers=4, outbox=1, inbox=1, overwrites=True),
    judges=(
        AGENT_STATE,
        AGENT_NUMBER,
        ONE_SWITCH,
        ONE_ROLLBACK,
        lasts(PENDING, "agent"),
        lasts(ACTIVATING, "agent"),
    ),
    fails={
        AGENT_STATE: defects.OVERWRITTEN.breaks(2, "The first answer undoes the dispatch."),
        AGENT_NUMBER: defects.OVERWRITTEN.breaks(2, "Its numbers are then given twice."),
        ONE_SWITCH: defects.OVERWRITTEN.breaks(
            4, "The host is dispatched a second time while its switch is under way."
        ),
        ONE_ROLLBACK: defects.OVERWRITTEN.breaks(
            11, "It fails twice, and a rollback is fired twice."
        ),
        lasts(PENDING, "agent"): defects.OVERWRITTEN.breaks(
            7, "Put back to Pending and rebooted, it is forgotten by a mirror that a heartbeat has "
            "made Converged."
        ),
        lasts(ACTIVATING, "agent"): defects.OVERWRITTEN.breaks(
            6, "The failure of the switch is refused by a record that was put back to Pending; "
            "then the record is Activating again, and nothing is under way."
        ),
    },
)  # fmt: skip

replaying = world_of(
    "mirror-replaying",
    "The agent keeps its reports and sends them again on drift; nothing is filled in; one fault.",
    Setting(
        numbers=5,
        outbox=2,
        inbox=1,
        faults=ANY_FAULT,
        wire=Wire(repeats=True),
        fills_in=False,
        replays=True,
    ),
    judges=(
        MIRROR_CONVERGED,
        MIRROR_FOLLOWS,
        lasts(PENDING, "agent"),
        lasts(SOAKING, "agent"),
        lasts(PENDING, "mirror"),
        follows(CONVERGED),
        follows(FAILED),
        follows(REVERTED),
        QUARANTINED_AT_LAST,
    ),
    fails={
        MIRROR_CONVERGED: defects.LAGGING.breaks(
            11, "The report of its convergence is under way when it is put back to Soaking: a "
            "replay mends the mirror, not the agent."
        ),
        lasts(PENDING, "mirror"): defects.AMNESIA.breaks(
            7, "Nor is that drift: a host whose dispatch is still to come may run anything but the "
            "target."
        ),
        follows(CONVERGED): defects.BLIND.breaks(
            10, "A mirror that is Soaking expects the target, as one that is Converged does."
        ),
        follows(FAILED): defects.BLIND.breaks(
            7, "A host whose activation has failed runs what it ran before."
        ),
        follows(REVERTED): defects.BLIND.breaks(
            10, "A host whose activation has failed runs its prior closure before the rollback and "
            "after it."
        ),
        QUARANTINED_AT_LAST: defects.BLIND.breaks(
            10, "The report of such a rollback is missed by nobody, and its closure stays free."
        ),
    },
)  # fmt: skip

unordered = world_of(
    "mirror-unordered",
    "Reports may overtake each other, and heartbeats come late; nothing else breaks.",
    Setting(numbers=5, outbox=2, inbox=1, wire=Wire(overtakes=True, late=True)),
    judges=(lasts(ACTIVATING, "mirror"), follows(CONVERGED), follows(FAILED), follows(REVERTED)),
    fails={
        lasts(ACTIVATING, "mirror"): defects.OVERTAKEN.breaks(7, "Here it is the failure."),
        follows(CONVERGED): defects.OVERTAKEN.breaks(11, "Here it is Converged."),
        follows(FAILED): defects.OVERTAKEN.breaks(7, "Here it is the failure."),
        follows(REVERTED): defects.OVERTAKEN.breaks(10, "Here it is the rollback."),
    },
)

large = world_of(
    "mirror-large",
    "Everything at once: two faults of any kind, up to five reports, replays and heartbeats that "
    "come late and fill in; safety only.",
    Setting(
        numbers=5,
        outbox=2,
        inbox=1,
        faults=Faults(number=2, agent=True, control_plane=True, database=True),
        wire=Wire(repeats=True, late=True),
        replays=True,
    ),
    # Cycles among millions of states take too long to look for.
    judges=tuple(name for name in SAFETY if name != NOTHING_LOST),
    fails={
        name: replace(finding, length=finding.length + (name in INVENTIONS))
        for name, finding in SAFETY.items()
        if name != NOTHING_LOST
    },
)
