"""What must happen to an agent and its host at last, when reboots and restarts are fair.

Nothing but Converged, Reverted and Failed under halt lasts for ever: one promise for each of
the other states, and one for an agent that has lost its record.
"""

from __future__ import annotations

from nixfleet_state_machine.states import ACTIVATING, FAILED, PENDING, REVERTED, SOAKING
from nixfleet_state_machine.worlds.agent.terms import agent, is_active, is_rollback, known
from steptable.properties import Property, leads_to

DONE = ~is_active(agent) & ~((agent.state == FAILED) & is_rollback)
"""An end: Converged, Reverted, or Failed under halt."""


def at_last() -> tuple[Property, ...]:
    """Every promise about what happens at last."""
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
            (agent.state == FAILED) & is_rollback & agent.current_closure_at_dispatch.is_known,
            agent.state == REVERTED,
            why="Failed is an end under halt only.",
            cites="RFC-0005 §4.1",
        ),
        leads_to(
            "a restarted agent has its record again while the rollout is active",
            ~known & is_active(agent),
            known,
            why="An agent without its record can do nothing for its rollout.",
            cites="RFC-0005 §4.3",
        ),
    )
