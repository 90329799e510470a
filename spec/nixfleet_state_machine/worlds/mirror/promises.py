"""What the design promises of agent and mirror together, and where it fails."""

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
            length=3,
            explanation=(
                "A heartbeat that shows the target running while the mirror is still Pending is "
                "taken for a host that was done before a lost database, and the whole rollout is "
                "filled in. But a host runs its target from the moment of the switch: if the "
                "heartbeat overtakes the report of the dispatch, the mirror is Converged while the "
                "host has only begun to soak. A host that ran its target before the dispatch needs "
                "not even that."
            ),
            repair=(
                "Do not fill in Converged from what runs: ask for a replay of the agent's events "
                "after the last number it holds, and let the mirror converge on the agent's word "
                "alone."
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
            length=3,
            explanation=(
                "The same invention: the heartbeat leads the mirror through Activating and Soaking "
                "to Converged, on events that no agent has sent."
            ),
            repair=(
                "Where a heartbeat shows drift, ask for a replay of the agent's events after the "
                "last number it holds; let the mirror change by nothing else."
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
            "the agent's number never moves back",
            after.agent.last_event_seq >= before.agent.last_event_seq,
            why="A number that is used again is taken for a repeated report.",
            cites="RFC-0005 §4",
        ).known_to_fail(
            length=3,
            explanation=(
                "The snapshot that a restarted agent takes over carries the mirror's last number, "
                "which lags behind the agent's own. The numbers in between are used again, for "
                "other events."
            ),
            repair=("Keep the last number durably on the agent, beside the queue of its reports."),
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
        _ends("Activating on the agent", agent, ACTIVATING).known_to_fail(
            length=5,
            explanation=(
                "The switch restarts the agent before it can report, and a heartbeat makes the "
                "mirror Converged before the report of the dispatch is applied. A Converged record "
                "is not active, so no answer carries a snapshot any more: the agent never learns "
                "of its rollout again."
            ),
            repair=(
                "As above: no invented Converged. And let a snapshot be sent until the agent "
                "itself has reported an end."
            ),
        ),
        _ends("Soaking on the agent", agent, SOAKING).known_to_fail(
            length=8,
            explanation=(
                "The mirror is Converged by a heartbeat's invention while the host soaks. When the "
                "agent restarts, there is no snapshot for it, so it never finishes its soak, and "
                "its probes never run again."
            ),
            repair=(
                "As above: no invented Converged, and a snapshot until the agent has reported an "
                "end."
            ),
        ),
        leads_to(
            "a closure that was rolled back is quarantined at last",
            agent.state == REVERTED,
            quarantined,
            why="A closure that was rolled back is not dispatched on its channel again.",
            cites="RFC-0005 §4.2",
        ).known_to_fail(
            length=10,
            explanation=(
                "The report of the rollback is answered and then lost with a restart of the "
                "control plane. Nothing asks for it again, so the closure that failed stays free "
                "to be dispatched on its channel."
            ),
            repair=(
                "Answer after applying; where a heartbeat shows drift, ask for a replay of the "
                "agent's events after the last number it holds."
            ),
        ),
        _follows(CONVERGED).known_to_fail(
            length=10,
            explanation=(
                "The report of convergence is answered and then lost with a restart of the control "
                "plane. The agent has nothing left to send, and no heartbeat moves a mirror on "
                "from Soaking."
            ),
            repair=(
                "Answer after applying; where a heartbeat shows drift, ask for a replay of the "
                "agent's events after the last number it holds."
            ),
        ),
        _follows(FAILED).known_to_fail(
            length=7,
            explanation=(
                "The report of the failure is answered and then lost with a restart of the control "
                "plane. The mirror stays Activating, and a heartbeat from a host that does not run "
                "its target changes nothing."
            ),
            repair=(
                "Answer after applying; where a heartbeat shows drift, ask for a replay of the "
                "agent's events after the last number it holds."
            ),
        ),
        _follows(REVERTED).known_to_fail(
            length=10,
            explanation=(
                "After a restart the control plane has no manifest, and drops the report that it "
                "has just answered. A report that was dropped so is lost like one that was never "
                "applied."
            ),
            repair=(
                "Answer after applying, and keep what can't be applied yet; where a heartbeat "
                "shows drift, ask for a replay of the agent's events after the last number it "
                "holds."
            ),
        ),
    )


def _ends(name: str, record: Term, state: State) -> Property:
    return leads_to(
        f"{name} does not last for ever",
        record.state == state,
        record.state != state,
        why="Nothing but Converged, Reverted and Failed under halt lasts for ever.",
        cites="RFC-0005 §3, §4.3",
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
