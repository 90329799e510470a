"""What can go wrong with either side in the world `mirror`, and the reboot of a deferred host."""

from __future__ import annotations

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.states import PENDING
from nixfleet_state_machine.worlds.mirror.terms import (
    NOW,
    PRIOR,
    TARGET,
    Setting,
    agent,
    faults,
    inbox,
    known,
    mirror,
    rollback,
    staged,
    switch,
)
from steptable.sorts import Optional
from steptable.terms import EMPTY, NOTHING, Operand, Term
from steptable.world import Action

DEAD: dict[str, Operand] = {"known": False, "switch": "idle", "rollback": "idle"}
WRONG: dict[str, Operand] = {"faults": faults - 1}


def fault_actions(setting: Setting) -> tuple[Action, ...]:
    """Each fault that the setting has, as often as it allows."""
    reboot = Action.declare(
        "the host reboots",
        party="host",
        says="an operator reboots the host, and the staged target takes effect",
        guard=staged,
        sets=DEAD | {"runs": TARGET, "staged": False},
        fair="strong",
    )
    return (
        *((reboot,) if setting.defers else ()),
        *(_of_agent() if setting.faults.agent else ()),
        *(_of_control_plane(setting) if setting.faults.control_plane else ()),
        *(_of_database() if setting.faults.database else ()),
    )


def _of_agent() -> tuple[Action, ...]:
    return (
        Action.declare(
            "the agent restarts",
            party="host",
            says="the agent dies and starts again, without its record",
            guard=known & (faults > 0),
            sets=DEAD | WRONG,
        ),
        Action.declare(
            "the switch restarts the agent",
            party="host",
            says="the switch succeeds, but restarts the agent before it can report",
            guard=known & (switch == "ordered") & (faults > 0),
            sets=DEAD | WRONG | {"runs": TARGET},
        ),
        Action.declare(
            "the rollback restarts the agent",
            party="host",
            says="the host is back on its prior closure, but the agent dies before it can report",
            guard=known & (rollback == "ordered") & (faults > 0),
            sets=DEAD | WRONG | {"runs": agent.current_closure_at_dispatch.or_else(PRIOR)},
        ),
    )


def _of_control_plane(setting: Setting) -> tuple[Action, ...]:
    empty = inbox
    for _ in range(setting.inbox):
        empty = empty.pop()
    return (
        Action.declare(
            "the control plane restarts",
            party="CP",
            says="the control plane restarts: what it had answered but not applied is gone, "
            "and so is the manifest",
            guard=faults > 0,
            sets=WRONG | {"inbox": empty, "manifest": False},
        ),
    )


def _of_database() -> tuple[Action, ...]:
    return (
        Action.declare(
            "the database is lost",
            party="CP",
            says="the control plane loses its database, and opens the record again",
            guard=(mirror.state != PENDING) & (faults > 0),
            sets=WRONG | {"mirror": _opened(), "deferral": False, "quarantined": False},
        ),
    )


def _opened() -> Term:
    """A record as the control plane opens it."""
    empty: dict[str, Operand] = {
        part.name: NOTHING for part in machine.record if isinstance(part.sort, Optional)
    }
    fresh = empty | {"state": PENDING, "probes": EMPTY, "soak_due_at": NOW, "last_event_seq": 0}
    return mirror.with_fields(**fresh)
