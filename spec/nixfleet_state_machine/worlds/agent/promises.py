"""What the design promises of an agent and its host, judged by what really is (RFC-0005 §3 to §6).

A promise that is known to fail is declared as a finding: what goes wrong, how soon it can, and
what would repair it.
"""

from __future__ import annotations

from dataclasses import dataclass

from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import ProbeStatus
from nixfleet_state_machine.states import (
    ACTIVATING,
    CONVERGED,
    FAILED,
    PENDING,
    REVERTED,
    SOAKING,
    STATES,
)
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.terms import (
    TARGET,
    THRESHOLD,
    agent,
    is_rollback,
    late,
    policy,
    rollback,
    rollbacks,
    runs,
    switches,
)
from steptable.properties import (
    Property,
    action,
    after,
    always,
    always_step,
    before,
    leads_to,
    sometimes,
)
from steptable.terms import Term, all_of, any_of

RANKS = (
    (PENDING, (PENDING, ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)),
    (ACTIVATING, (ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)),
    (SOAKING, (SOAKING, CONVERGED, FAILED, REVERTED)),
    (CONVERGED, (CONVERGED,)),
    (FAILED, (FAILED, REVERTED)),
    (REVERTED, (REVERTED,)),
)


@dataclass(frozen=True)
class Lengths:
    """The lengths of shortest counterexamples that depend on which probes there are."""

    sustained: int
    stuck: int


def promises(probes: tuple[Probe, ...], lengths: Lengths) -> tuple[Property, ...]:
    """Every promise about the agent, for a host with some declared probes."""
    enforcing = tuple(probe for probe in probes if probe.enforces)
    return (
        *_acts(),
        *_ends(enforcing),
        *_probes(enforcing, lengths),
        *_progress(lengths),
        *(
            sometimes(
                f"{state.name} is reached",
                agent.state == state,
                why="A state that nothing reaches is no part of the design.",
                cites="RFC-0005 §3",
            )
            for state in STATES
        ),
    )


def _acts() -> tuple[Property, ...]:
    return (
        always(
            "a switch is fired at most once",
            switches <= 1,
            why="A host is switched once per rollout, whatever restarts.",
            cites="RFC-0005 §4.2",
        ),
        always(
            "a rollback is fired at most once",
            rollbacks <= 1,
            why="A host is rolled back once per rollout, whatever restarts.",
            cites="RFC-0005 §4.1",
        ),
        always(
            "a rollback is under way only if the signed policy says so",
            (rollback != "idle").implies(is_rollback),
            why="The signed manifest's onHealthFailure alone decides a rollback.",
            cites="RFC-0005 §4.1",
        ),
        always_step(
            "the agent's state never moves back",
            all_of(
                *(
                    (before.agent.state == state).implies(after.agent.state.one_of(*later))
                    for state, later in RANKS
                )
            ),
            why="A rollout goes forward; what a restart brings back is what was left.",
            cites="RFC-0005 §3, §4.3",
        ),
    )


def _ends(enforcing: tuple[Probe, ...]) -> tuple[Property, ...]:
    converged = agent.state == CONVERGED
    return (
        always(
            "a converged host runs its target",
            converged.implies(runs == TARGET),
            why="Converged must be true of the host, not only of the record.",
            cites="RFC-0005 §3",
        ),
        always(
            "every declared enforce probe of a converged host has passed",
            converged.implies(all_of(*(_has_passed(probe) for probe in enforcing))),
            why=(
                "Converged implies that every enforce probe passes; one that has never reported "
                "has not passed."
            ),
            cites="RFC-0005 §3, §6, RFC-0007 §8.3",
        ).known_to_fail(
            length=6,
            explanation=(
                "The pass gate looks at the probes that have a record. Right after the switch "
                "there are none, so a host whose soak is over converges before any probe has run; "
                "after a restart the map is empty again."
            ),
            repair=(
                "Let the gate and the row's guard ask for a passing record of each enforce probe "
                "in the declared topology, which the record must then keep."
            ),
        ),
        always(
            "a reverted host is off its target",
            (agent.state == REVERTED).implies(
                agent.reverted_to.is_known
                & agent.current_closure.is_known
                & (agent.current_closure == agent.reverted_to)
                & (agent.current_closure != agent.target_closure)
            ),
            why="Reverted implies that the current closure is not the target, and is reverted_to.",
            cites="RFC-0005 §3",
        ).known_to_fail(
            length=4,
            explanation=(
                "A host that already ran its target when the dispatch came has the target for its "
                "prior closure. When it fails, it is 'rolled back' to the very closure that "
                "failed, and that closure is quarantined while it runs."
            ),
            repair=(
                "Refuse a rollback to the target: guard the effect with prior closure ≠ target, "
                "and leave such a host Failed."
            ),
        ),
    )


def _has_passed(probe: Probe) -> Term:
    found = agent.probes[probe.name].status
    return found.is_known & (found.value == ProbeStatus.PASS)


def _probes(enforcing: tuple[Probe, ...], lengths: Lengths) -> tuple[Property, ...]:
    lasted = any_of(
        *(
            _since(probe).is_known & late(_since(probe).value, THRESHOLD, before.now)
            for probe in enforcing
        )
    )
    return (
        always_step(
            "a sustained failure is one probe's failure without a break",
            (action == "the fail gate opens").implies(lasted),
            why="The threshold is there so that a flapping probe does not fail a host.",
            cites="RFC-0005 §4.2",
        ).known_to_fail(
            length=lengths.sustained,
            explanation=(
                "The time of the first failure is set once and never cleared. A probe that failed "
                "for a moment, recovered, and fails again a threshold later fails the host at "
                "once; so does an enforce probe, when the first failure was an observe probe's."
            ),
            repair=(
                "Clear probe_failure_first_at when a probe passes again, or keep the time of the "
                "first failure with each enforce probe's record and let the gate read that."
            ),
        ),
        always_step(
            "no gate rests on a result of the prior closure",
            (action.one_of("the pass gate opens", "the fail gate opens")).implies(
                all_of(*(_of_target(probe) for probe in enforcing))
            ),
            why="A probe result of the prior closure never satisfies a gate of the new one.",
            cites="RFC-0005 §6",
        ).known_to_fail(
            length=7,
            explanation=(
                "A probe that ran before the switch may have its result in the agent's queue when "
                "the activation completes. The reset empties the record and stops the probes, but "
                "the waiting result is then taken as one of the new closure."
            ),
            repair=(
                "Let results carry the closure (or an activation number) that they are of, and "
                "refuse those of another one."
            ),
        ),
    )


def _since(probe: Probe) -> Term:
    since: Term = getattr(before, f"{probe.name}_failing_since")
    return since


def _of_target(probe: Probe) -> Term:
    basis: Term = getattr(before, f"{probe.name}_basis")
    return basis.is_known.implies(basis.value == TARGET)


def _progress(lengths: Lengths) -> tuple[Property, ...]:
    return (
        leads_to(
            "a dispatched host is switched at last",
            agent.state == PENDING,
            agent.state != PENDING,
            why="Nothing but an end lasts for ever.",
            cites="RFC-0005 §3, §4.3",
        ),
        leads_to(
            "an activation comes to an end",
            agent.state == ACTIVATING,
            agent.state != ACTIVATING,
            why="Nothing but an end lasts for ever, when reboots and restarts are fair.",
            cites="RFC-0005 §3, §4.2",
        ).known_to_fail(
            length=lengths.stuck,
            explanation=(
                "If the agent dies while the switch is ordered but has not taken effect, it comes "
                "back Activating, and by design nothing fires the switch again. The host still "
                "runs its prior closure, so no heartbeat completes the activation either."
            ),
            repair=(
                "On taking over an Activating record whose target does not run and is not staged, "
                "report a failed activation (or fire the switch again, if it is idempotent)."
            ),
        ),
        leads_to(
            "a soaking host is decided",
            agent.state == SOAKING,
            agent.state != SOAKING,
            why="Nothing but an end lasts for ever.",
            cites="RFC-0005 §3, §4.2",
        ),
        leads_to(
            "a failed host that is to go back does so",
            (agent.state == FAILED)
            & (policy == OnHealthFailure.ROLLBACK_AND_HALT)
            & agent.current_closure_at_dispatch.is_known,
            agent.state == REVERTED,
            why="Failed is an end under halt only.",
            cites="RFC-0005 §4.1",
        ).known_to_fail(
            length=8,
            explanation=(
                "A rollback that fails reports nothing, and a rollback that dies with its agent is "
                "lost: a Failed record is not active, so no snapshot brings it back, and even a "
                "rollback that took effect is never reported."
            ),
            repair=(
                "Count Failed under rollback-and-halt as active until it is Reverted, let "
                "rehydration fire an unfinished rollback again, and give a failed rollback an "
                "event."
            ),
        ),
    )
