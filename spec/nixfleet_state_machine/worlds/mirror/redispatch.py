"""The world `redispatch`: a host that runs its target already, and a closure that failed before.

It is the world `mirror` with another start and one more action: where a rollout has failed, an
operator opens another one of the same closure on the same channel, unless it is quarantined.

What is abstracted away, and why that is sound: what the other rollout then does is not followed,
since the promise is only that it is not opened. The host never reboots, for a switch to what
runs already has nothing to defer.
"""

from __future__ import annotations

from nixfleet_state_machine.states import FAILED, REVERTED
from nixfleet_state_machine.worlds.mirror import defects
from nixfleet_state_machine.worlds.mirror.closing import Beside, world_of
from nixfleet_state_machine.worlds.mirror.progress import follows
from nixfleet_state_machine.worlds.mirror.promises import (
    MIRROR_CONVERGED,
    MIRROR_REVERTED,
    NOTHING_LOST,
)
from nixfleet_state_machine.worlds.mirror.terms import TARGET, Setting, mirror, quarantined
from steptable.properties import NO_DEADLOCK, action, after, always_step, before
from steptable.sorts import TRUTH
from steptable.terms import root
from steptable.world import Action, Variable

again = root("again")

NOT_AGAIN = "a closure that was rolled back is not dispatched on its channel again"
OFF_TARGET = "a rollback leads away from the closure that failed"

world = world_of(
    "redispatch",
    "A host that runs its target already when it is dispatched; nothing breaks.",
    Setting(numbers=5, outbox=2, inbox=1, defers=False, runs=TARGET),
    judges=(MIRROR_CONVERGED, MIRROR_REVERTED, NOTHING_LOST, follows(FAILED)),
    beside=Beside(
        variables=(Variable.declare("again", TRUTH, False, "The closure was dispatched again."),),
        actions=(
            Action.declare(
                "the closure is dispatched again",
                party="CP",
                says="an operator opens another rollout of the closure whose rollout has failed",
                guard=(mirror.state == FAILED) & ~quarantined & ~again,
                sets={"again": True},
            ),
        ),
        promises=(
            always_step(
                NOT_AGAIN,
                (action == "the closure is dispatched again").implies(
                    before.agent.state != REVERTED
                ),
                why="A closure that failed on one host must not go on to another.",
                cites="RFC-0005 §4.2",
            ),
            always_step(
                OFF_TARGET,
                (action == "the rollback completes").implies(after.runs != TARGET),
                why="Reverted implies that the current closure is not the declared target.",
                cites="RFC-0005 §3",
            ),
        ),
    ),
    fails={
        MIRROR_CONVERGED: defects.SAME_CLOSURE.breaks(
            1,
            "The first heartbeat makes the mirror Converged, before the dispatch arrives.",
            through=("a heartbeat completes the rollout",),
        ),
        MIRROR_REVERTED: defects.SAME_CLOSURE.breaks(
            9,
            "It is Reverted while it runs the very closure that failed, which is quarantined.",
            through=("the activation fails", "the rollback completes", "the report is applied"),
        ),
        NOTHING_LOST: defects.NUMBERED.breaks(
            7,
            "Here it is the failure of the activation: the mirror says Soaking of a host that "
            "has failed.",
            through=(
                "a heartbeat completes the activation",
                "the activation fails",
                "the report is applied",
            ),
        ),
        NO_DEADLOCK: defects.NUMBERED.breaks(
            7,
            "Here it is the failure of the activation: under halt the host is at its end, and its "
            "mirror is Soaking for ever.",
            through=(
                "a heartbeat completes the activation",
                "the activation fails",
                "the report is applied",
            ),
        ),
        follows(FAILED): defects.NUMBERED.breaks(
            7,
            "Here it is the failure of the activation, and no other report of it will come.",
            through=(
                "a heartbeat completes the activation",
                "the activation fails",
                "the report is applied",
            ),
        ),
        NOT_AGAIN: defects.UNQUARANTINED.breaks(
            8,
            "An operator who tries once more in between dispatches what was rolled back.",
            through=("the rollback completes", "the closure is dispatched again"),
        ),
        OFF_TARGET: defects.SAME_CLOSURE.breaks(
            4,
            "When it fails, it is rolled back to the very closure that failed.",
            through=("the activation fails", "the rollback completes"),
        ),
    },
)
