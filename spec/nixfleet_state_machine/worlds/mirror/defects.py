"""What goes wrong between agent and control plane, and what would repair it.

A defect makes several promises fail, in several worlds. It is explained once; a world says which
of its promises the defect breaks, how soon and by which actions, and what it comes to there.
"""

from __future__ import annotations

from steptable.properties import Defect

INVENTED = Defect(
    "A heartbeat that shows the target running while the mirror is still Pending is taken for a "
    "host that was done before a lost database, and the whole rollout is filled in. But a host "
    "runs its target from the moment of the switch.",
    "Do not fill in Converged from what runs: ask for the agent's reports after the last number "
    "that the mirror has, and let it converge on the agent's word alone.",
)

NUMBERED = Defect(
    "What a heartbeat fills in takes the next number, which the agent gives to a report of its "
    "own. That report is then dropped as repeated, though nobody has heard what it tells.",
    "Give no numbers on the agent's behalf: keep what a heartbeat shows beside the record until "
    "the agent's own report comes.",
)

ANSWERED = Defect(
    "The control plane answers on receipt and applies afterwards. What it has not applied when it "
    "restarts, or comes to apply without a manifest, is gone: the agent has deleted it, and a gap "
    "in the numbers is not noticed.",
    "Answer after applying, or after writing the report down; keep what can't be applied yet; take "
    "a gap in the numbers for a reason to ask for what is missing.",
)

LAGGING = Defect(
    "A snapshot shows what the control plane has applied, which lags behind what the agent has "
    "done. Taken over after a restart, it puts the agent back.",
    "Keep the agent's last number durably, beside the queue of its reports; drain that queue "
    "before a snapshot is taken over, and refuse one that is older.",
)

ENDED = Defect(
    "A snapshot has active records only. Once the mirror is at an end, or is led to one by a "
    "heartbeat, an agent that restarts never gets its record back.",
    "Fill in no Converged, and send a record until the agent itself has reported an end that it "
    "can't leave; Failed under rollback-and-halt is none.",
)

DEAD_SWITCH = Defect(
    "A switch that dies with its agent is not fired again, by design; the host still runs its "
    "prior closure, so no heartbeat ends the activation either.",
    "On taking over an Activating record whose target does not run and is not staged, report a "
    "failed activation (or fire the switch again, if it is idempotent).",
)

SILENT_ROLLBACK = Defect(
    "A rollback that fails reports nothing, and one that dies with its agent is never taken up "
    "again.",
    "Give a failed rollback an event, and let rehydration fire an unfinished one again.",
)

UNHEARD = Defect(
    "Results of probes are not durable. Where the report that a probe has recovered is lost, the "
    "mirror holds its failure for ever, and refuses the Converged that the agent has declared.",
    "Make the report of a probe's change of status durable, or carry the statuses in Converged.",
)

OVERWRITTEN = Defect(
    "Read to the letter, the agent takes over every snapshot, also where its own record is ahead "
    "of the mirror's. No fault is needed: reports that are still under way suffice.",
    "Take a snapshot over only if its last number is above the agent's own.",
)

BLIND = Defect(
    "A heartbeat says only what the host runs. Where the mirror expects just that closure, there "
    "is no drift to see, so that no replay is asked for, though the agent has kept the report.",
    "Let a heartbeat carry the agent's last number, and ask for a replay wherever that is above "
    "the mirror's.",
)

OVERTAKEN = Defect(
    "A report that overtakes the one which leads to its state is refused as illegal there. The "
    "refusal is visible to the control plane alone: the report was answered, so the agent has "
    "deleted it.",
    "Send a report only when the one before it is answered, as the design says; and answer a "
    "refused report with its refusal.",
)

SAME_CLOSURE = Defect(
    "A host that runs its target already when it is dispatched has the target for its prior "
    "closure, and shows it in each heartbeat.",
    "Do not dispatch a closure to a host that runs it, or refuse a rollback to the target and "
    "leave such a host Failed.",
)

UNQUARANTINED = Defect(
    "The closure is quarantined when the report of the rollback is applied, and not before; until "
    "then the control plane knows only that the host has failed, if that.",
    "Quarantine the closure when a failure under rollback-and-halt is applied, before the rollback "
    "is done; and hold every dispatch of a closure whose rollout is not at its end.",
)

TOO_EARLY = Defect(
    "The agent's pass gate waits neither for the declaration of its probes nor for their results, "
    "and a Converged record accepts neither any more. What the gate of the wave waits for then "
    "never comes, and the wave is held for ever.",
    "Let the agent's pass gate wait until the declaration is sent and each declared enforce probe "
    "has passed; and make a probe's change of status durable.",
)
