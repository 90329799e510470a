"""What the design promises of agent and mirror together (§10, §11), and where it fails."""

from __future__ import annotations

from nixfleet_state_machine.states import (
    ACTIVATING,
    CONVERGED,
    FAILED,
    REVERTED,
    SOAKING,
    STATES,
)
from nixfleet_state_machine.worlds.agent.promises import RANKS
from nixfleet_state_machine.worlds.mirror.terms import (
    agent,
    been,
    known,
    lost,
    mirror,
    quarantined,
    switches,
)
from steptable.machine import State
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
from steptable.terms import Term, all_of


def promises(*, progress: bool = True) -> tuple[Property, ...]:
    """Every promise about agent, wire and mirror; those about progress may be left out."""
    return (*_safety(), *(_progress() if progress else ()), *_reached())


def _never_back(of_before: Term, of_after: Term) -> Term:
    return all_of(
        *(
            (of_before.state == state).implies(of_after.state.one_of(*later))
            for state, later in RANKS
        )
    )


def _safety() -> tuple[Property, ...]:
    return (
        always(
            "the mirror says Converged of converged hosts only",
            (mirror.state == CONVERGED).implies(agent.state == CONVERGED),
            why="A host counts for its successors only when it has converged.",
            cites="RFC-0005 §3, §4.3",
        ).known_to_fail(
            length=1,
            explanation=(
                "A host may run the target already when the rollout opens for it. The first "
                "heartbeat then finds the mirror Pending with current = target, takes the host for "
                "one that was done before a lost database, and fills in the whole rollout: the "
                "mirror is Converged while the agent has not even acknowledged its dispatch, let "
                "alone soaked."
            ),
            repair=(
                "Fill in Converged only where the agent says so: let the heartbeat carry the "
                "host's own state and last number, and ask for a replay instead of inventing "
                "events."
            ),
        ),
        always(
            "the mirror is where the agent has been",
            all_of(
                *(
                    (mirror.state == state).implies(been.count_of(state) > 0)
                    for state in (ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)
                )
            ),
            why="Heartbeats are for liveness and drift; every state change comes from an event.",
            cites="RFC-0005 §4.3, RFC-0006 §2",
        ).known_to_fail(
            length=1,
            explanation=(
                "Heartbeats synthesise events. The mirror enters states that no report led to: "
                "Converged out of Pending, and Soaking while the agent is still Activating or has "
                "already Failed."
            ),
            repair=(
                "Ask for a replay of the agent's own events where a heartbeat shows drift, as the "
                "design says, and let the mirror change by nothing else."
            ),
        ),
        always(
            "every answered report is applied or visibly refused",
            ~lost,
            why="The agent deletes what was answered, so nobody else can send it again.",
            cites="RFC-0005 §4, RFC-0006 §2.6",
        ).known_to_fail(
            length=3,
            explanation=(
                "The control plane answers on receipt and applies afterwards. If it restarts in "
                "between, or has no manifest when it comes to apply, the report is gone: the agent "
                "has deleted it, and gaps in the numbers are not noticed."
            ),
            repair=(
                "Answer after applying (or after writing the report down), and treat a gap in the "
                "numbers as a reason to ask for a replay."
            ),
        ),
        always(
            "a switch is fired at most once",
            switches <= 1,
            why="A host is switched once per rollout, whatever restarts.",
            cites="RFC-0005 §4.2",
        ).known_to_fail(
            length=4,
            explanation=(
                "The acknowledgement of a dispatch may still wait in the agent's outbox when the "
                "agent restarts. The snapshot then says Pending, the host is dispatched once more, "
                "and the switch is fired again."
            ),
            repair=(
                "Let a restarted agent drain its durable outbox before it takes a snapshot over, "
                "or refuse a snapshot whose last number is below that of its own queued events."
            ),
        ),
        always_step(
            "the agent's state never moves back",
            _never_back(before.agent, after.agent),
            why="A rollout goes forward, whatever restarts.",
            cites="RFC-0005 §3, §4.3",
        ).known_to_fail(
            length=3,
            explanation=(
                "A snapshot shows what the control plane has applied, which lags behind what the "
                "agent has done. Taken over after a restart, it puts the agent back to an earlier "
                "state and number; the events that it then sends reuse numbers and are dropped as "
                "repeated."
            ),
            repair=(
                "Keep the last number durably on the agent, and take a snapshot over only if it is "
                "not older."
            ),
        ),
        always_step(
            "the mirror's state never moves back while its database lasts",
            (action != "the database is lost").implies(_never_back(before.mirror, after.mirror)),
            why="A rollout goes forward, and repeated or late reports change nothing.",
            cites="RFC-0005 §4, §4.3",
        ),
        always_step(
            "the mirror's number never moves back while its database lasts",
            (action != "the database is lost").implies(
                after.mirror.last_event_seq >= before.mirror.last_event_seq
            ),
            why="The number is what repeated reports are told apart by.",
            cites="RFC-0005 §4",
        ),
        always(
            "a reverted host's closure is quarantined",
            (mirror.state == REVERTED).implies(quarantined),
            why="A closure that was rolled back is not dispatched on its channel again.",
            cites="RFC-0005 §4.2",
        ),
    )


def _progress() -> tuple[Property, ...]:
    return (
        _follows(CONVERGED).known_to_fail(
            length=10,
            explanation=(
                "The report of convergence is answered and then lost with a restart of the control "
                "plane. A Converged mirror is not looked for: the agent has nothing left to send, "
                "and no heartbeat moves a mirror on from Soaking."
            ),
            repair=(
                "Answer after applying; and let a heartbeat that shows a number above the mirror's "
                "ask for a replay."
            ),
        ),
        _follows(FAILED).known_to_fail(
            length=7,
            explanation=(
                "The switch fails on a host that runs the target already. Before the report "
                "arrives, a heartbeat completes the activation in the mirror, which is then "
                "Soaking under a number that the report's own is not above: the failure is dropped "
                "as repeated."
            ),
            repair="Do not number synthesised events out of the agent's own sequence.",
        ),
        _follows(REVERTED).known_to_fail(
            length=10,
            explanation=(
                "As with a failed host: once a heartbeat has put the mirror into Soaking with a "
                "number of its own making, neither the failure nor the rollback is legal there, "
                "and the closure that was rolled back is never quarantined."
            ),
            repair="Do not number synthesised events out of the agent's own sequence.",
        ),
    )


def _follows(state: State) -> Property:
    return leads_to(
        f"what is {state.name} on the agent becomes so in the mirror",
        known & (agent.state == state),
        mirror.state == state,
        why="Agent and mirror can't disagree for ever about how a rollout ended.",
        cites="RFC-0006 §2, §7",
    )


def _reached() -> tuple[Property, ...]:
    return tuple(
        sometimes(
            f"the mirror is {state.name}",
            mirror.state == state,
            why="A state that nothing reaches is no part of the design.",
            cites="RFC-0005 §3",
        )
        for state in STATES
    )
