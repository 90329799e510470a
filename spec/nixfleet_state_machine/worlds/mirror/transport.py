"""What carries reports and heartbeats in the world `mirror`: in order and once, or not quite."""

from __future__ import annotations

from nixfleet_state_machine.worlds.mirror.terms import (
    TRANSIENT,
    Setting,
    faults,
    inbox,
    is_durable,
    kept,
    mirror,
    outbox,
    owed,
    probes,
    runs,
    shown,
)
from steptable.terms import Operand, Term, if_else, root
from steptable.world import Action


def wire_actions(setting: Setting) -> tuple[Action, ...]:
    """Posting and answering, with what may go wrong, heartbeats under way, and replays."""
    wire, head = setting.wire, outbox.head
    arrives = head.is_known & (inbox.queued < setting.inbox)
    answered: dict[str, Operand] = {"outbox": outbox.pop()}
    if setting.replays:
        # What is posted meanwhile comes after what is owed: reports are sent in order.
        arrives &= owed == 0
        answered["kept"] = if_else(is_durable(head), kept.push(head.value), kept)
    actions = [
        Action.declare(
            "a report is posted",
            party="wire",
            says="the oldest report is posted and answered",
            guard=arrives,
            sets={"inbox": inbox.push(head.value)} | answered,
            fair="strong",
        )
    ]
    if wire.loses and probes(setting):
        actions.append(
            Action.declare(
                "a transient report is lost",
                party="wire",
                says="a report that is not durable is lost",
                guard=head.is_known & head.value.kind.one_of(*TRANSIENT),
                sets={"outbox": outbox.pop()},
            )
        )
    if wire.repeats:
        actions.append(
            Action.declare(
                "a report is posted, its answer lost",
                party="wire",
                says="the oldest report is posted, but the answer is lost: it will be posted again",
                guard=arrives & (faults > 0),
                sets={"inbox": inbox.push(head.value), "faults": faults - 1},
            )
        )
    if wire.overtakes:
        actions.append(
            Action.declare(
                "a report is overtaken",
                party="wire",
                says="the oldest report will be posted after those behind it",
                guard=head.is_known & (outbox.queued > 1),
                sets={"outbox": outbox.pop().push(head.value)},
            )
        )
    if wire.late:
        actions.append(
            Action.declare(
                "a heartbeat is sent",
                party="agent",
                says="a heartbeat leaves the host, with what it runs now",
                guard=root("beat") != runs,
                sets={"beat": runs},
                fair="strong",
            )
        )
    return (*actions, *(_replay(setting) if setting.replays else ()))


def _replay(setting: Setting) -> tuple[Action, ...]:
    head = kept.head
    above = head.is_known & (head.value.seq > mirror.last_event_seq)
    return (
        Action.declare(
            "a heartbeat asks for a replay",
            party="CP",
            says="a heartbeat shows another closure than the mirror knows of; the agent is asked "
            "for the reports after the last number that the mirror has",
            guard=_drift(shown(setting)) & (owed == 0) & (kept.queued > 0),
            sets={"owed": kept.queued},
            fair="strong",
        ),
        Action.declare(
            "a report is sent again",
            party="wire",
            says="the oldest report that a replay owes is posted again, if the mirror has no "
            "higher number",
            guard=(owed > 0) & head.is_known & (inbox.queued < setting.inbox),
            sets={
                "owed": owed - 1,
                # What was sent goes to the end, so that in the end all are in order again.
                "kept": kept.pop().push(head.value),
                "inbox": if_else(above, inbox.push(head.value), inbox),
            },
            fair="strong",
        ),
    )


def _drift(closure: Term) -> Term:
    """The closure is not the one that the mirror, as far as it knows, expects of the host."""
    dispatched = mirror.current_closure_at_dispatch
    unheard = ~mirror.current_closure.is_known & ~dispatched.is_known
    expected = mirror.current_closure.or_else(dispatched.or_else(closure))
    return (expected != closure) | (unheard & (closure == mirror.target_closure))
