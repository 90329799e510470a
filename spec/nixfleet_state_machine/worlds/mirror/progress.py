"""What the design promises of agent and mirror at last, if wire, restarts and reboots are fair."""

from __future__ import annotations

from nixfleet_state_machine.states import (
    ACTIVE,
    ENDS,
    FAILED,
    HALTED,
    OVER,
    REVERTED,
)
from nixfleet_state_machine.worlds.agent.promises import RANKS
from nixfleet_state_machine.worlds.mirror.terms import (
    agent,
    is_rollback,
    mirror,
    quarantined,
)
from steptable.machine import State
from steptable.properties import Property, leads_to
from steptable.terms import Term

DONE = (agent.state.one_of(*ENDS) | (agent.state.one_of(*HALTED) & ~is_rollback)) & (
    mirror.state == agent.state
)
"""All is done: Converged, Reverted, or Failed under halt, on the agent and in the mirror."""

QUARANTINED_AT_LAST = "a closure that was rolled back is quarantined at last"


def lasts(state: State, party: str) -> str:
    """The name of the promise that a state is left again."""
    return f"{state.name} {'on the agent' if party == 'agent' else 'in the mirror'} comes to an end"


def follows(state: State) -> str:
    """The name of the promise that the mirror hears of an end."""
    return f"what is {state.name} on the agent becomes so in the mirror"


def progress() -> tuple[Property, ...]:
    """Every promise about what must happen at last."""
    return (
        *(
            _ends(state, party, record)
            for party, record in (("agent", agent), ("mirror", mirror))
            for state in (*ACTIVE, *HALTED)
        ),
        *(_follows(state, later) for state, later in RANKS if state in OVER),
        leads_to(
            QUARANTINED_AT_LAST,
            agent.state == REVERTED,
            quarantined,
            why="A closure that was rolled back is not dispatched on its channel again.",
            cites="RFC-0005 §4.2",
        ),
    )


def _ends(state: State, party: str, record: Term) -> Property:
    there: Term = record.state == state
    if state is FAILED:
        there &= is_rollback
    return leads_to(
        lasts(state, party),
        there,
        record.state != state,
        why="Nothing but Converged, Reverted and Failed under halt lasts for ever.",
        cites="RFC-0005 §3, §4.3",
    )


def _follows(state: State, later: tuple[State, ...]) -> Property:
    return leads_to(
        follows(state),
        agent.state == state,
        mirror.state.one_of(*later),
        why="Agent and mirror can't disagree for ever about how a rollout ended.",
        cites="RFC-0006 §2, §7",
    )
