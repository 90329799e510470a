"""What is known to fail in the worlds around one agent: how soon, why, and what would repair it.

Each is keyed by the name of its promise. Three causes are behind most of them: a record that
changes without an event (what a heartbeat or a snapshot says is taken over), a record that does
not know which probes are declared, and work that is ordered once and lost with the agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from steptable.properties import NO_DEADLOCK, Finding

_OWN_COMPLETION: Final = (
    "Let a heartbeat that shows the target running make the control plane ask for a replay, and "
    "let the agent complete its own activation: one that finds its record Activating while the "
    "target runs reports LocalActivationCompleted, with the next number, and so resets its probes."
)
_TOPOLOGY_KNOWN: Final = (
    "Keep the declared topology in the record (ProbeTopologyDeclared sets it, a completed "
    "activation empties it)"
)


def _pinned(
    findings: Mapping[str, Finding],
    lengths: Mapping[str, int],
    ways: Mapping[str, tuple[str, ...]] | None = None,
) -> Mapping[str, Finding]:
    """The same findings where some fail sooner or later, or by other actions."""
    through = ways or {}
    return {
        name: replace(
            finding,
            length=lengths.get(name, finding.length),
            through=through.get(name, finding.through),
        )
        for name, finding in findings.items()
    }


AGENT: Final[Mapping[str, Finding]] = {
    "the agent's state changes by events alone": Finding(
        2,
        "A heartbeat that shows the target running makes the control plane complete the "
        "activation, and the agent takes the result over with the next snapshot: its record goes "
        "from Activating to Soaking without an event of its own, so without the effects of one, "
        "the reset of its probes above all. A host that ran its target already is completed "
        "before its switch has even begun.",
        _OWN_COMPLETION,
        through=("a heartbeat completes the activation",),
    ),
    "what became of a switch or a rollback is never refused": Finding(
        4,
        "The same cause: the agent's record is Soaking by a snapshot while its activation worker "
        "is still at work. When the switch then fails, Soaking has no row for it: the failure is "
        "refused, nothing is rolled back, and the host goes on to converge.",
        _OWN_COMPLETION,
        through=("a heartbeat completes the activation", "the activation fails"),
    ),
    "a reverted host is off its target": Finding(
        5,
        "A host that already ran its target when the dispatch came has the target for its prior "
        "closure. When it fails, it is 'rolled back' to the very closure that failed, and that "
        "closure is quarantined while it runs.",
        "Fire the rollback only where current_closure_at_dispatch is not target_closure (the "
        "condition of LocalFireRollbackTo in both rows), and leave such a host Failed; guard the "
        "row rollback-completed with reverted_to_closure ≠ target_closure.",
        through=("the activation fails", "the rollback completes"),
    ),
    "a converged host has declared its topology": Finding(
        5,
        "The declaration is sent by the probe worker after its reset, and the pass gate does not "
        "wait for it: where the soak is over when the activation ends (a late switch, a deferral), "
        "the next tick converges the host first. Converged refuses the declaration, so the wave "
        "gate never gets it and holds for ever. After a completion by heartbeat (the shortest way) "
        "there is no reset and no declaration at all.",
        f"{_TOPOLOGY_KNOWN}, and guard the row converged, and the agent's pass gate, with its "
        "being there.",
        through=("a heartbeat completes the activation", "the pass gate opens"),
    ),
    "the soak gate opens only after a probe was observed": Finding(
        5,
        "Neither the pass gate nor the row converged reads probe_observed_first_at. A host whose "
        "soak is over when its activation ends converges before any probe has run. The cause is "
        "that of 'every declared enforce probe of a converged host has passed': no record of a "
        "probe counts as one that passes.",
        "Let the pass gate ask for probe_observed_first_at wherever a probe is declared that is "
        "not disabled.",
        through=("time passes", "the pass gate opens"),
    ),
    "the sweep window runs from the first failure": Finding(
        9,
        "A snapshot does not carry probe_failure_first_at, so a restarted agent has none until its "
        "probe fails again, and the window starts anew. An agent that restarts more often than the "
        "threshold, as one might on a broken closure, never fails its host.",
        "Carry probe_failure_first_at (and the probes) in the snapshot, or keep them durably on "
        "the agent, and make ProbeFailureFirst durable.",
        through=("probe web begins to fail", "the agent restarts", "a snapshot arrives"),
    ),
    "every declared enforce probe of a converged host has passed": Finding(
        5,
        "The pass gate and the row's guard look at the probes that have a record. Right after the "
        "activation there are none, so a host whose soak is over converges before any probe has "
        "run; after a restart the map is empty again. On a host that ran its target already a "
        "heartbeat completes the activation, and not even the probe worker has been started.",
        f"{_TOPOLOGY_KNOWN}, and let gate and guard ask for a passing record of each enforce "
        "probe in it.",
        through=("a heartbeat completes the activation", "the pass gate opens"),
    ),
    "a sustained failure is one probe's failure without a break": Finding(
        15,
        "The time of the first failure is set once and never cleared. A probe that failed for a "
        "moment, recovered, and fails again a threshold later fails the host at once; so does an "
        "enforce probe when the first failure was another's, be it an observe probe.",
        "Clear probe_failure_first_at in the row probe-result when no enforce probe fails any "
        "longer, and set it for enforce probes alone; or keep the time of the first failure with "
        "each probe's record and let the gate read that.",
        through=(
            "probe web begins to fail",
            "probe web reports",
            "time passes",
            "probe web begins to fail",
            "the fail gate opens",
        ),
    ),
    "no gate rests on a result of the prior closure": Finding(
        8,
        "A probe that ran before the switch may have its result in the agent's queue when the "
        "activation completes. The reset empties the record and stops the probes, but the waiting "
        "result is then taken as one of the new closure: a pass opens the soak gate, a failure "
        "counts towards the fail gate.",
        "Let results carry the closure (or the number of the activation) that they are of, and "
        "refuse those of another in the rows of probes.",
        through=(
            "a heartbeat completes the activation",
            "probe web reports",
            "the pass gate opens",
        ),
    ),
    "an activation comes to an end": Finding(
        11,
        "If the agent dies while the switch is ordered but has not taken effect, it comes back "
        "Activating, and by design nothing fires the switch again. The host still runs its prior "
        "closure, so no heartbeat completes the activation either.",
        "On taking over an Activating record whose target neither runs nor is staged, report a "
        "failed activation (or fire the switch again, if it is idempotent).",
        through=("the agent restarts", "a snapshot arrives", "probe web reports"),
    ),
    "a soaking host is decided": Finding(
        9,
        "A failing probe holds the pass gate, and the fail gate needs probe_failure_first_at, "
        "which the probe worker sends once, when a probe begins to fail. Where it was not taken, "
        "neither gate ever opens. It is not taken when a failure from before the switch is "
        "recorded after it; nor when an agent that came back Activating runs its probes, "
        "has ObservedFirst and FailureFirst refused there, and becomes Soaking by a heartbeat, "
        "without a reset.",
        f"{_OWN_COMPLETION} And let the row probe-result set probe_failure_first_at where an "
        "enforce probe fails and it is empty, so that the gate hangs on no report sent once.",
        through=(
            "a heartbeat completes the activation",
            "the activation completes",
            "probe web reports",
        ),
    ),
    "a failed host that is to go back does so": Finding(
        7,
        "A rollback that fails reports nothing, and a rollback that dies with its agent is lost: a "
        "Failed record is not active, so no snapshot brings it back, and even a rollback that took "
        "effect is never reported.",
        "Count Failed under rollback-and-halt as active until it is Reverted, let rehydration fire "
        "an unfinished rollback again, and give a failed rollback an event.",
        through=("the activation fails", "the agent restarts"),
    ),
    NO_DEADLOCK: Finding(
        7,
        "The cause is that of 'a failed host that is to go back does so': an agent that dies with "
        "a rollback under way has no record and gets none, as Failed is not active. From then on "
        "nothing at all can happen to the rollout on this host.",
        "Count Failed under rollback-and-halt as active until it is Reverted.",
        through=("the activation fails", "the agent restarts"),
    ),
}
"""With one enforce probe, and an ideal control plane that is never behind."""


TWO_PROBES: Final = _pinned(
    AGENT,
    {
        # The first failure of the one starts the window for the other: fewer steps do it.
        "a sustained failure is one probe's failure without a break": 12,
        "an activation comes to an end": 14,
        "a soaking host is decided": 10,
    },
    {
        "a sustained failure is one probe's failure without a break": (
            "probe log begins to fail",
            "time passes",
            "probe web begins to fail",
            "the fail gate opens",
        ),
    },
)
"""With an observe probe as well: the same promises fail."""

TWO_ENFORCED: Final = _pinned(
    TWO_PROBES,
    {},
    {
        "the sweep window runs from the first failure": (
            "probe log begins to fail",
            "the agent restarts",
            "a snapshot arrives",
        ),
    },
)
"""With a second enforce probe."""

_LATE: Final = (
    "A snapshot says what the control plane has applied, and that lags behind what the agent has "
    "done by whatever still waits in its queue."
)
_DRAIN: Final = (
    "Take a snapshot over only if its last number is not below the agent's own, kept durably "
    "beside the queue; where it is below, wait until the queue has been sent."
)

OUTBOX: Final[Mapping[str, Finding]] = {
    "a switch is fired at most once": Finding(
        3,
        f"{_LATE} While the acknowledgement of the dispatch waits, the snapshot says Pending: the "
        "agent takes it over, is offered the dispatch again, and fires the switch a second time.",
        _DRAIN,
        through=("a snapshot arrives", "the dispatch arrives"),
    ),
    "a rollback is fired at most once": Finding(
        9,
        "The same cause: a snapshot from before the dispatch puts a Failed agent back to Pending. "
        "The dispatch comes again, the second switch fails as well, and the rollback is fired "
        "again beside the first.",
        _DRAIN,
        through=(
            "the activation fails",
            "a snapshot arrives",
            "the dispatch arrives",
            "the activation fails",
        ),
    ),
    "under halt a failed host stays Failed": Finding(
        4,
        "The same cause: the report of the failure waits, a late snapshot makes the agent's record "
        "active again, and the rollout that had halted goes on without an operator.",
        _DRAIN,
        through=("the activation fails", "a snapshot arrives"),
    ),
    "the agent's state never moves back": Finding(
        2,
        f"{_LATE} Taken over, it puts the agent back to an earlier state.",
        _DRAIN,
        through=("the dispatch arrives", "a snapshot arrives"),
    ),
    "a converged host runs its target": Finding(
        13,
        "The same cause, at its worst: a late snapshot puts a Failed agent back to Pending while "
        "its rollback is still at work. The dispatch comes again and the second switch succeeds; "
        "then the rollback takes effect, and the completed switch is reported. The record says "
        "Converged of a host that is back on its prior closure.",
        f"{_DRAIN} And let the pass gate look at what the host runs, not at what the record says "
        "that it does.",
        through=(
            "the activation fails",
            "a snapshot arrives",
            "the dispatch arrives",
            "the switch takes effect",
            "the rollback takes effect",
            "the pass gate opens",
        ),
    ),
    "the agent's number never moves back": Finding(
        2,
        f"{_LATE} It carries the mirror's last number, and the agent uses the numbers in between "
        "again, for other events.",
        _DRAIN,
        through=("the dispatch arrives", "a snapshot arrives"),
    ),
    "every accepted event is applied or visibly refused": Finding(
        5,
        "A number that was used again is not above the mirror's last one, so the report is dropped "
        "as a repetition, in silence, though it was never sent before. The control plane uses up "
        "numbers of the agent's, too, when a heartbeat makes it complete the activation itself.",
        f"{_DRAIN} And let nobody but the agent number its events.",
        through=("a snapshot arrives", "the dispatch arrives", "a report arrives"),
    ),
    "the mirror can take whatever the agent took": Finding(
        7,
        "A heartbeat completes the activation in the mirror, behind the agent's back. What the "
        "agent reports of it then, that it was deferred, here, has no row in Soaking. The mirror "
        "has taken another sequence of events than the agent.",
        _OWN_COMPLETION,
        through=(
            "a heartbeat completes the activation",
            "the activation is deferred",
            "a report arrives",
        ),
    ),
    "what the agent ends as its mirror ends as": Finding(
        7,
        "A late snapshot makes the agent use a number again, and the report of its failure, sent "
        "under it, is dropped as a repetition: the mirror is Activating for ever while the agent "
        "has Failed. A mirror that completes the activation on a heartbeat takes a number of the "
        "agent's, too, and leads to the same.",
        f"{_OWN_COMPLETION} For the rest: {_DRAIN[0].lower()}{_DRAIN[1:]}",
        through=("a snapshot arrives", "the activation fails", "a report arrives"),
    ),
    NO_DEADLOCK: replace(
        AGENT[NO_DEADLOCK],
        explanation="As in the world `agent`: an agent that dies with a rollback under way has no "
        "record and gets none once the mirror is Failed, and nothing can happen any more.",
    ),
}
"""With a queue that outlives the agent, and snapshots that lag behind it."""

PROBING: Final[Mapping[str, Finding]] = {
    **_pinned(
        OUTBOX,
        {"a rollback is fired at most once": 10, "a converged host runs its target": 14},
    ),
    "a reverted host runs the closure that it went back to": Finding(
        20,
        "The same cause: a late snapshot makes the agent switch a second time, another makes it "
        "soak while that switch is still at work. The probe fails, the host is rolled back, and "
        "then the second switch takes effect: the record says Reverted of a host that runs its "
        "target.",
        _DRAIN,
        through=(
            "a snapshot arrives",
            "the dispatch arrives",
            "a snapshot arrives",
            "the fail gate opens",
            "the rollback takes effect",
            "the switch takes effect",
            "the rollback completes",
        ),
    ),
}
"""With an enforce probe as well, and a queue that is shorter by one."""
