"""What the design promises of agent and mirror together, at every moment (RFC-0005, RFC-0006).

Each promise is made once, for every world of the family; a world says of which of them it is
known that they fail in it, and by what (`defects`).
"""

from __future__ import annotations

from nixfleet_state_machine.states import (
    ACTIVATING,
    BROKEN_OFF,
    CONVERGED,
    FAILED,
    PENDING,
    REVERTED,
    STATES,
)
from nixfleet_state_machine.worlds.agent.promises import RANKS
from nixfleet_state_machine.worlds.mirror.terms import (
    TARGET,
    Setting,
    agent,
    been,
    is_durable,
    is_rollback,
    mirror,
    probes,
    quarantined,
    rollback,
    runs,
)
from steptable.machine import State
from steptable.properties import Property, action, after, always, always_step, before, sometimes
from steptable.terms import Term, all_of, any_of

MIRROR_CONVERGED = "the mirror says Converged of converged hosts only"
MIRROR_RUNS = "a host that the mirror calls Converged runs its target"
MIRROR_REVERTED = "a host that the mirror calls Reverted is off its target"
MIRROR_FOLLOWS = "the mirror is where the agent has been"
NOTHING_LOST = "every answered report is applied or visibly refused"
ONE_SWITCH = "a switch is fired at most once"
ONE_ROLLBACK = "a rollback is fired at most once"
AGENT_STATE = "the agent's state never moves back"
AGENT_NUMBER = "the agent's number never moves back"


def safety(setting: Setting) -> tuple[Property, ...]:
    """Every promise about what is, or what a step does."""
    return (*_of_mirror(), *_of_agent(setting), *_of_steps(setting))


def reached(*states: State) -> tuple[Property, ...]:
    """Each state of the mirror is reached; without any given, every state there is."""
    return tuple(
        sometimes(
            f"the mirror is {state.name}",
            mirror.state == state,
            why="A state that nothing reaches is no part of the design.",
            cites="RFC-0005 §3",
        )
        for state in states or STATES
    )


def _of_mirror() -> tuple[Property, ...]:
    return (
        always(
            MIRROR_CONVERGED,
            (mirror.state == CONVERGED).implies(agent.state == CONVERGED),
            why="A host counts for its successors only when it has converged.",
            cites="RFC-0005 §3, §4.3",
        ),
        always(
            MIRROR_RUNS,
            (mirror.state == CONVERGED).implies(runs == TARGET),
            why="Converged implies that the current closure is the declared target.",
            cites="RFC-0005 §3",
        ),
        always(
            MIRROR_REVERTED,
            (mirror.state == REVERTED).implies(runs != TARGET),
            why="Reverted implies that the current closure is not the declared target.",
            cites="RFC-0005 §3",
        ),
        always(
            MIRROR_FOLLOWS,
            all_of(
                *(
                    (mirror.state == state).implies(been.count_of(state) > 0)
                    for state in STATES
                    if state is not PENDING
                )
            ),
            why="Heartbeats are for liveness and drift; every state change comes from an event.",
            cites="RFC-0005 §4.3, RFC-0006 §2",
        ),
        always(
            "a reverted host's closure is quarantined",
            (mirror.state == REVERTED).implies(quarantined),
            why="A closure that was rolled back is not dispatched on its channel again.",
            cites="RFC-0005 §4.2",
        ),
    )


def _of_agent(setting: Setting) -> tuple[Property, ...]:
    failing = ("the activation fails", *(("the fail gate opens",) if probes(setting) else ()))
    return (
        always_step(
            ONE_SWITCH,
            (action == "the dispatch arrives").implies(before.been.count_of(ACTIVATING) == 0),
            why="A host is switched once per rollout, whatever restarts.",
            cites="RFC-0005 §4.2",
        ),
        always_step(
            ONE_ROLLBACK,
            _fires(before.rollback, after.rollback).implies(before.been.count_of(FAILED) == 0),
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
            "the agent alone decides a rollback",
            _fires(before.rollback, after.rollback).implies(
                action.one_of(*failing)
                & before.known
                & (before.agent.state != FAILED)
                & (after.agent.state == FAILED)
            ),
            why="The control plane never does, whatever it has heard.",
            cites="RFC-0005 §4.1",
        ),
    )


def _of_steps(setting: Setting) -> tuple[Property, ...]:
    state = _never_back(before.mirror, after.mirror)
    number = after.mirror.last_event_seq >= before.mirror.last_event_seq
    if setting.faults.database:
        opened = action == "the database is lost"
        state, number = opened | state, opened | number
    return (
        *(() if setting.replays else (_nothing_lost(setting),)),
        always_step(
            AGENT_STATE,
            _never_back(before.agent, after.agent),
            why="A rollout goes forward, whatever restarts.",
            cites="RFC-0005 §3, §4.3",
        ),
        always_step(
            AGENT_NUMBER,
            after.agent.last_event_seq >= before.agent.last_event_seq,
            why="A number that is used again is taken for a repeated report.",
            cites="RFC-0005 §4",
        ),
        always_step(
            "the mirror's state never moves back while its database lasts",
            state,
            why="A rollout goes forward, and repeated or late reports change nothing.",
            cites="RFC-0005 §4, §4.3",
        ),
        always_step(
            "the mirror's number never moves back while its database lasts",
            number,
            why="The number is what repeated reports are told apart by.",
            cites="RFC-0005 §4",
        ),
    )


def _nothing_lost(setting: Setting) -> Property:
    gone, rest = [], before.inbox
    for _ in range(setting.inbox):
        gone.append(is_durable(rest.head))
        rest = rest.pop()
    dropped: dict[str, Term] = {"the report is applied": _mistaken(before.inbox.head)}
    if setting.faults.control_plane:
        dropped["the control plane restarts"] = any_of(*gone)
        dropped["the report is dropped for want of a manifest"] = gone[0]
    return always_step(
        NOTHING_LOST,
        all_of(*((action == name).implies(~lost) for name, lost in dropped.items())),
        why="The agent deletes what was answered, so nobody else can send it again.",
        cites="RFC-0005 §4, RFC-0006 §2.6",
    )


def _mistaken(report: Term) -> Term:
    """A report is taken for a repeated one, though the mirror was never told what it tells."""
    told = before.mirror.state
    untold = {
        "DispatchAck": told == PENDING,
        "ActivationCompleted": ~before.mirror.current_closure.is_known,
        "ActivationDeferred": ~before.deferral,
        "ActivationFailed": ~told.one_of(*BROKEN_OFF),
        "Failed": ~told.one_of(*BROKEN_OFF),
        "RollbackComplete": told != REVERTED,
        "Converged": told != CONVERGED,
    }
    stale = report.is_known & (report.value.seq <= before.mirror.last_event_seq)
    return stale & any_of(*((report.value.kind == kind) & new for kind, new in untold.items()))


def _fires(of_before: Term, of_after: Term) -> Term:
    return (of_before == "idle") & (of_after != "idle")


def _never_back(of_before: Term, of_after: Term) -> Term:
    return all_of(
        *(
            (of_before.state == state).implies(of_after.state.one_of(*later))
            for state, later in RANKS
        )
    )
