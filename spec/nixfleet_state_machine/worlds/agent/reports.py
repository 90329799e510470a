"""What the design promises of numbers, reports, and the mirror that reports make (RFC-0005 §4)."""

from __future__ import annotations

from nixfleet_state_machine.worlds.agent.progress import DONE
from nixfleet_state_machine.worlds.agent.terms import agent
from steptable.properties import Property, action, after, always_step, before, leads_to
from steptable.terms import root

mirror = root("mirror")
outbox = root("outbox")


def of_reports() -> tuple[Property, ...]:
    """Every promise about numbers, reports and what the mirror makes of them."""
    head = before.outbox.head
    arrives = (action == "a report arrives") & head.is_known
    return (
        always_step(
            "the agent's number never moves back",
            after.agent.last_event_seq >= before.agent.last_event_seq,
            why="A number that is used again is taken for a repeated report.",
            cites="RFC-0005 §4",
        ),
        always_step(
            "every accepted event is applied or visibly refused",
            arrives.implies(head.value.seq > before.mirror.last_event_seq),
            why="A report whose number is not new is dropped as a repetition, in silence; here "
            "none is ever sent twice.",
            cites="RFC-0005 §4, RFC-0006 §2",
        ),
        always_step(
            "the mirror can take whatever the agent took",
            (arrives & (head.value.seq > before.mirror.last_event_seq)).implies(
                after.mirror.last_event_seq == head.value.seq
            ),
            why="Agent and mirror can't disagree for one and the same sequence of events.",
            cites="RFC-0006 §2, §7",
        ),
        leads_to(
            "what the agent ends as its mirror ends as",
            DONE,
            mirror.state == agent.state,
            why="Agent and mirror can't disagree for ever about how a rollout ended.",
            cites="RFC-0006 §2, §7",
        ),
    )
