"""What the design promises of an agent and its host, judged by what really is (RFC-0005 §3 to §6).

A promise says what the design says, whether or not it holds; what is known to fail, and why, is
in `findings`. Those about probes and gates are in `soaking`, those about what must happen at last
in `progress`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nixfleet_state_machine.events import (
    ACTIVATION_COMPLETED,
    ACTIVATION_FAILED,
    ROLLBACK_COMPLETED,
)
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.states import (
    ACTIVATING,
    ACTIVE,
    CONVERGED,
    ENDS,
    FAILED,
    HALTED,
    OVER,
    REVERTED,
    STATES,
)
from nixfleet_state_machine.worlds.agent.terms import (
    PRIOR,
    TARGET,
    agent,
    is_rollback,
    known,
    rollback,
    rollbacks,
    runs,
    staged,
    switches,
)
from steptable.properties import (
    NO_DEADLOCK,
    Finding,
    Property,
    action,
    after,
    always,
    always_event,
    always_step,
    before,
    sometimes,
    step,
)
from steptable.terms import all_of

_LATER = {
    **{state: (*ACTIVE[rank:], *OVER) for rank, state in enumerate(ACTIVE)},
    **{state: (state, REVERTED) for state in HALTED},
    **{state: (state,) for state in ENDS},
}
RANKS = tuple((state, _LATER[state]) for state in STATES)
"""Each state, with those that a host in it may be in later."""

TAKEN_OVER = ("a snapshot arrives", "a heartbeat completes the activation")
"""The actions that give the agent a record of the control plane's making."""


def known_to_fail(
    promised: Iterable[Property], findings: Mapping[str, Finding]
) -> tuple[Property, ...]:
    """The promises, those that are known to fail as findings.

    Raises `KeyError` if a finding is of no promise; that of a deadlock is the world's own.
    """
    known_by_name = {item.name: item for item in promised}
    for name, found in findings.items():
        if name == NO_DEADLOCK:
            continue
        known_by_name[name] = replace(known_by_name[name], finding=found)
    return tuple(known_by_name.values())


def acts() -> tuple[Property, ...]:
    """What an agent does, and what it never does."""
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
            "under halt a failed host stays Failed",
            ((before.agent.state == FAILED) & (before.policy == OnHealthFailure.HALT)).implies(
                after.agent.state == FAILED
            ),
            why="Under halt, Failed is the end until an operator acts, and no operator does here.",
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
        always_step(
            "the agent's state changes by events alone",
            action.one_of(*TAKEN_OVER).implies(before.agent.state == after.agent.state),
            why="Heartbeats are for liveness and drift; every change of state comes from an event.",
            cites="RFC-0005 §4.3",
        ),
        always_event(
            "what became of a switch or a rollback is never refused",
            step.fact.one_of(
                ACTIVATION_COMPLETED.name, ACTIVATION_FAILED.name, ROLLBACK_COMPLETED.name
            ).implies(step.accepted),
            instance="agent",
            why="What a worker did to the host has happened; a record that refuses it is wrong "
            "about the host from then on.",
            cites="RFC-0005 §4.2, RFC-0006 §2",
        ),
    )


def ends() -> tuple[Property, ...]:
    """What the ends mean."""
    converged, reverted = agent.state == CONVERGED, agent.state == REVERTED
    return (
        always(
            "a converged host runs its target",
            converged.implies(runs == TARGET),
            why="Converged must be true of the host, not only of the record.",
            cites="RFC-0005 §3",
        ),
        always(
            "a reverted host is off its target",
            reverted.implies(
                agent.reverted_to.is_known
                & agent.current_closure.is_known
                & (agent.current_closure == agent.reverted_to)
                & (agent.current_closure != agent.target_closure)
            ),
            why="Reverted implies that the current closure is not the target, and is reverted_to.",
            cites="RFC-0005 §3",
        ),
        always(
            "a reverted host runs the closure that it went back to",
            reverted.implies(runs == agent.reverted_to.or_else(TARGET)),
            why="Reverted must be true of the host, not only of the record.",
            cites="RFC-0005 §3",
        ),
    )


def reached() -> tuple[Property, ...]:
    """What must be possible, lest the promises above say nothing."""
    failed = agent.state == FAILED
    return (
        *(
            sometimes(
                f"{state.name} is reached",
                agent.state == state,
                why="A state that nothing reaches is no part of the design.",
                cites="RFC-0005 §3",
            )
            for state in STATES
        ),
        sometimes(
            "a failed host may run its target",
            failed & (runs == TARGET),
            why="Failed says nothing of what the host runs.",
            cites="RFC-0005 §3",
        ),
        sometimes(
            "a failed host may run its prior closure",
            failed & (runs == PRIOR),
            why="Failed says nothing of what the host runs.",
            cites="RFC-0005 §3",
        ),
        sometimes(
            "a deferred host waits for its reboot",
            known & staged & (agent.state == ACTIVATING),
            why="A deferral leaves no trace in the record; the host is Activating until an "
            "operator reboots it.",
            cites="RFC-0005 §4.2",
        ),
    )
