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

from nixfleet_state_machine.states import ACTIVATING, CONVERGED, FAILED, PENDING, REVERTED, SOAKING
from nixfleet_state_machine.worlds.mirror import findings
from nixfleet_state_machine.worlds.mirror.closing import world_of
from nixfleet_state_machine.worlds.mirror.progress import QUARANTINED_AT_LAST, follows, lasts
from nixfleet_state_machine.worlds.mirror.promises import (
    AGENT_NUMBER,
    AGENT_STATE,
    MIRROR_CONVERGED,
    MIRROR_FOLLOWS,
    NOTHING_LOST,
    ONE_ROLLBACK,
    ONE_SWITCH,
)
from nixfleet_state_machine.worlds.mirror.terms import Faults, Setting, Wire
from steptable.properties import NO_DEADLOCK

ANY_FAULT = Faults(number=1, agent=True, control_plane=True, database=True)

world = world_of(
    "mirror",
    "Agent, wire and control plane, with one fault of any kind and up to five reports.",
    Setting(numbers=5, outbox=2, inbox=1, faults=ANY_FAULT, wire=Wire(repeats=True)),
    fails={**findings.SAFETY, **findings.PROGRESS},
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
    fails=findings.CALM,
)

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
    fails=findings.OVERWRITING,
)

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
    fails=findings.REPLAYING,
)

unordered = world_of(
    "mirror-unordered",
    "Reports may overtake each other, and heartbeats come late; nothing else breaks.",
    Setting(numbers=5, outbox=2, inbox=1, wire=Wire(overtakes=True, late=True)),
    judges=(lasts(ACTIVATING, "mirror"), follows(CONVERGED), follows(FAILED), follows(REVERTED)),
    fails=findings.UNORDERED,
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
    judges=tuple(name for name in findings.LARGE if name != NO_DEADLOCK),
    fails=findings.LARGE,
)
