"""What is known to fail between agent and control plane, world by world.

Of each promise: the defect behind it, how soon it shows, what it comes to there, and the actions
by which it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from nixfleet_state_machine.states import ACTIVATING, CONVERGED, FAILED, PENDING, REVERTED, SOAKING
from nixfleet_state_machine.worlds.mirror import defects
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
from steptable.properties import NO_DEADLOCK, Finding

SAFETY: Final[Mapping[str, Finding]] = {
    MIRROR_CONVERGED: defects.INVENTED.breaks(
        3,
        "If it overtakes the report of the dispatch, the mirror is Converged before the host has "
        "begun to soak.",
        through=("the dispatch arrives", "a heartbeat completes the rollout"),
    ),
    MIRROR_RUNS: defects.INVENTED.breaks(
        9,
        "The host may still fail, and be rolled back, behind the back of a mirror that is "
        "Converged and accepts nothing any more.",
        through=(
            "a heartbeat completes the rollout",
            "the fail gate opens",
            "the rollback restarts the agent",
        ),
    ),
    MIRROR_REVERTED: defects.LAGGING.breaks(
        13,
        "It is dispatched a second time and runs its target, while the reports of its first "
        "failure and rollback reach the mirror.",
        through=(
            "the activation fails",
            "the rollback completes",
            "the agent restarts",
            "a snapshot arrives",
            "the dispatch arrives",
            "the report is applied",
        ),
    ),
    MIRROR_FOLLOWS: defects.INVENTED.breaks(
        3,
        "It leads the mirror through Activating and Soaking to Converged, on events that no "
        "agent has sent.",
        through=("a heartbeat completes the rollout",),
    ),
    NOTHING_LOST: defects.ANSWERED.breaks(
        3,
        "Here it is the report of the dispatch.",
        through=("a report is posted", "the control plane restarts"),
    ),
    ONE_SWITCH: defects.LAGGING.breaks(
        4,
        "Where the report of the dispatch still waits, the record is Pending again, and the "
        "host is dispatched and switched once more.",
        through=("a snapshot arrives", "the dispatch arrives"),
    ),
    ONE_ROLLBACK: defects.LAGGING.breaks(
        9,
        "It then fails a second time, and a second rollback is fired.",
        through=(
            "the activation fails",
            "the agent restarts",
            "a snapshot arrives",
            "the dispatch arrives",
            "the activation fails",
        ),
    ),
    AGENT_STATE: defects.LAGGING.breaks(
        3,
        "Here the record is Pending again, though the host has been switched.",
        through=("the switch restarts the agent", "a snapshot arrives"),
    ),
    AGENT_NUMBER: defects.LAGGING.breaks(
        3,
        "The numbers in between are given to other events, which are dropped as repeated.",
        through=("the switch restarts the agent", "a snapshot arrives"),
    ),
}
"""What is or happens though it never should, with one fault of any kind."""

PROGRESS: Final[Mapping[str, Finding]] = {
    lasts(PENDING, "agent"): defects.ENDED.breaks(
        10,
        "Here it was put back to Pending by a snapshot, rebooted, and then forgotten.",
        through=(
            "a snapshot arrives",
            "the host reboots",
            "a heartbeat completes the rollout",
            "the report is applied",
        ),
    ),
    lasts(ACTIVATING, "agent"): defects.ENDED.breaks(
        5,
        "Here the switch restarts it before it can report, and a heartbeat takes the host for "
        "converged before the report of the dispatch is applied.",
        through=(
            "the switch restarts the agent",
            "a heartbeat completes the rollout",
            "the report is applied",
        ),
    ),
    lasts(SOAKING, "agent"): defects.ENDED.breaks(
        8,
        "It never finishes its soak, and its probes never run again.",
        through=(
            "the agent restarts",
            "a heartbeat completes the rollout",
            "the report is applied",
        ),
    ),
    lasts(FAILED, "agent"): defects.SILENT_ROLLBACK.breaks(
        7,
        "The host stays Failed on the closure that failed.",
        through=("the activation fails", "the agent restarts", "the report is applied"),
    ),
    lasts(PENDING, "mirror"): defects.ANSWERED.breaks(
        7,
        "Here it is the reports of the dispatch and of a failed activation, and the mirror has "
        "nothing to go on from.",
        through=(
            "the control plane restarts",
            "the activation fails",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    lasts(ACTIVATING, "mirror"): defects.DEAD_SWITCH.breaks(
        5,
        "Agent and mirror agree, and wait for each other.",
        through=("the agent restarts", "a snapshot arrives"),
    ),
    lasts(SOAKING, "mirror"): defects.ANSWERED.breaks(
        10,
        "Here it is Converged; no heartbeat moves a mirror on from Soaking.",
        through=("the pass gate opens", "the control plane restarts", "the manifest is fetched"),
    ),
    lasts(FAILED, "mirror"): defects.SILENT_ROLLBACK.breaks(
        7,
        "The mirror waits for a report that never comes, and the closure is not quarantined.",
        through=("the activation fails", "the agent restarts", "the report is applied"),
    ),
    follows(CONVERGED): defects.ANSWERED.breaks(
        10,
        "Here it is the report of convergence, the last that the agent has to send.",
        through=("the pass gate opens", "the control plane restarts", "the manifest is fetched"),
    ),
    follows(FAILED): defects.ANSWERED.breaks(
        7,
        "Here it is the failure; a heartbeat from a host that does not run its target changes "
        "nothing.",
        through=(
            "the activation fails",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    follows(REVERTED): defects.ANSWERED.breaks(
        10,
        "Here the report of the rollback is dropped, for want of a manifest or with a restart.",
        through=(
            "the rollback completes",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    QUARANTINED_AT_LAST: defects.ANSWERED.breaks(
        10,
        "Here it is the report of the rollback, so the closure that failed stays free.",
        through=(
            "the rollback completes",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    NO_DEADLOCK: defects.ENDED.breaks(
        5,
        "The host runs its target and never soaks, the mirror says Converged of it, and nothing "
        "can happen any more.",
        through=(
            "the switch restarts the agent",
            "a heartbeat completes the rollout",
            "the report is applied",
        ),
    ),
}
"""What never comes though it should, with one fault of any kind."""

CALM: Final[Mapping[str, Finding]] = {
    NOTHING_LOST: defects.NUMBERED.breaks(
        8,
        "Here it is a deferral: the event log has an activation that was completed, and not "
        "that it took a reboot.",
        through=(
            "the activation is deferred",
            "the host reboots",
            "a heartbeat completes the activation",
            "the report is applied",
        ),
    ),
    AGENT_NUMBER: defects.LAGGING.breaks(
        4,
        "The reboot that a deferred host needs is such a restart: no fault is needed.",
        through=("the host reboots", "a snapshot arrives"),
    ),
    lasts(SOAKING, "mirror"): defects.UNHEARD.breaks(
        14,
        "The host is done, and its successors wait for it for ever.",
        through=(
            "a probe reports",
            "a transient report is lost",
            "the pass gate opens",
            "the report is applied",
        ),
    ),
    follows(CONVERGED): defects.UNHEARD.breaks(
        14,
        "The refusal is visible; but the agent, whose report was answered, never hears of it.",
        through=(
            "a probe reports",
            "a transient report is lost",
            "the pass gate opens",
            "the report is applied",
        ),
    ),
    follows(FAILED): defects.INVENTED.breaks(
        12,
        "A Converged mirror takes no failure any more, and its wave goes on.",
        through=(
            "a heartbeat completes the rollout",
            "the fail gate opens",
            "the report is applied",
        ),
    ),
    follows(REVERTED): defects.INVENTED.breaks(
        15,
        "Neither failure nor rollback reach a mirror that is Converged, and the closure is "
        "not quarantined.",
        through=(
            "a heartbeat completes the rollout",
            "the fail gate opens",
            "the rollback completes",
            "the report is applied",
        ),
    ),
    NO_DEADLOCK: defects.SILENT_ROLLBACK.breaks(
        7,
        "Both sides are Failed for ever, though the host was to go back.",
        through=("the activation fails", "the report is applied", "the rollback fails"),
    ),
}
"""What fails where nothing breaks."""

OVERWRITING: Final[Mapping[str, Finding]] = {
    AGENT_STATE: defects.OVERWRITTEN.breaks(
        2,
        "The first answer undoes the dispatch.",
        through=("the dispatch arrives", "a snapshot overwrites the record"),
    ),
    AGENT_NUMBER: defects.OVERWRITTEN.breaks(
        2,
        "Its numbers are then given twice.",
        through=("the dispatch arrives", "a snapshot overwrites the record"),
    ),
    ONE_SWITCH: defects.OVERWRITTEN.breaks(
        4,
        "The host is dispatched a second time while its switch is under way.",
        through=("a snapshot overwrites the record", "the dispatch arrives"),
    ),
    ONE_ROLLBACK: defects.OVERWRITTEN.breaks(
        11,
        "It fails twice, and a rollback is fired twice.",
        through=(
            "the activation fails",
            "a snapshot overwrites the record",
            "the dispatch arrives",
            "the activation fails",
        ),
    ),
    lasts(PENDING, "agent"): defects.OVERWRITTEN.breaks(
        7,
        "Put back to Pending and rebooted, it is forgotten by a mirror that a heartbeat has "
        "made Converged.",
        through=(
            "a snapshot overwrites the record",
            "the host reboots",
            "a heartbeat completes the rollout",
            "the report is applied",
        ),
    ),
    lasts(ACTIVATING, "agent"): defects.OVERWRITTEN.breaks(
        6,
        "The failure of the switch is refused by a record that was put back to Pending; "
        "then the record is Activating again, and nothing is under way.",
        through=(
            "a snapshot overwrites the record",
            "the activation fails",
            "a snapshot overwrites the record",
        ),
    ),
    NO_DEADLOCK: defects.OVERWRITTEN.breaks(
        6,
        "The failure of the switch is undone before it was posted, and both sides are Activating "
        "with no switch under way.",
        through=("the activation fails", "a snapshot overwrites the record"),
    ),
}
"""What fails where the agent takes over each snapshot."""

REPLAYING: Final[Mapping[str, Finding]] = {
    MIRROR_CONVERGED: defects.LAGGING.breaks(
        11,
        "The report of its convergence is under way when it is put back to Soaking: a "
        "replay mends the mirror, not the agent.",
        through=(
            "the pass gate opens",
            "the agent restarts",
            "a snapshot arrives",
            "the report is applied",
        ),
    ),
    lasts(PENDING, "mirror"): defects.BLIND.breaks(
        7,
        "A mirror that is Pending expects anything but the target, so that a host whose "
        "activation has failed shows nothing new.",
        through=(
            "the control plane restarts",
            "the activation fails",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    follows(CONVERGED): defects.BLIND.breaks(
        10,
        "A mirror that is Soaking expects the target, as one that is Converged does.",
        through=(
            "the pass gate opens",
            "the control plane restarts",
            "the manifest is fetched",
        ),
    ),
    follows(FAILED): defects.BLIND.breaks(
        7,
        "A host whose activation has failed runs what it ran before.",
        through=(
            "the activation fails",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    follows(REVERTED): defects.BLIND.breaks(
        10,
        "A host whose activation has failed runs its prior closure before the rollback and "
        "after it.",
        through=(
            "the rollback completes",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    QUARANTINED_AT_LAST: defects.BLIND.breaks(
        10,
        "The report of such a rollback is missed by nobody, and its closure stays free.",
        through=(
            "the rollback completes",
            "the report is dropped for want of a manifest",
            "the manifest is fetched",
        ),
    ),
    NO_DEADLOCK: defects.DEAD_SWITCH.breaks(
        5,
        "Mirror and agent are Activating, no switch is under way, and a replay could tell nothing "
        "else.",
        through=("the agent restarts", "a snapshot arrives"),
    ),
}
"""What fails where reports are kept and replayed."""

UNORDERED: Final[Mapping[str, Finding]] = {
    lasts(ACTIVATING, "mirror"): defects.OVERTAKEN.breaks(
        7,
        "Here it is the failure.",
        through=("the activation fails", "a report is overtaken", "the report is applied"),
    ),
    follows(CONVERGED): defects.OVERTAKEN.breaks(
        11,
        "Here it is Converged.",
        through=("the pass gate opens", "a report is overtaken", "the report is applied"),
    ),
    follows(FAILED): defects.OVERTAKEN.breaks(
        7,
        "Here it is the failure.",
        through=("the activation fails", "a report is overtaken", "the report is applied"),
    ),
    follows(REVERTED): defects.OVERTAKEN.breaks(
        10,
        "Here it is the failure, and the rollback after it is refused as well.",
        through=(
            "the activation fails",
            "a report is overtaken",
            "the rollback completes",
            "the report is applied",
        ),
    ),
    NO_DEADLOCK: defects.OVERTAKEN.breaks(
        7,
        "Here it is the failure: under halt the host is at its end, and its mirror is Activating "
        "for ever.",
        through=("the activation fails", "a report is overtaken", "the report is applied"),
    ),
}
"""What fails where reports overtake each other."""

_BY_HEARTBEAT = (MIRROR_CONVERGED, MIRROR_RUNS, MIRROR_FOLLOWS)
"""What takes a heartbeat, which is a step of its own where heartbeats are under way."""

_FAILED_FIRST = (
    "the fail gate opens",
    "the rollback restarts the agent",
    "a heartbeat completes the rollout",
)

LARGE: Final[Mapping[str, Finding]] = {
    name: replace(
        finding,
        length=finding.length + (name in _BY_HEARTBEAT),
        # A heartbeat that was sent before the host failed comes after that.
        through=_FAILED_FIRST if name == MIRROR_RUNS else finding.through,
    )
    for name, finding in SAFETY.items()
    if name != NOTHING_LOST
} | {
    NO_DEADLOCK: defects.DEAD_SWITCH.breaks(
        6,
        "Here the second fault is a lost database, after which nobody is asked for anything.",
        through=("the agent restarts", "a snapshot arrives", "the database is lost"),
    ),
}
"""What fails with two faults of any kind, and heartbeats that come late."""
