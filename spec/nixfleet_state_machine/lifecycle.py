"""How a record begins, and how a runtime comes back to one after a restart."""

from __future__ import annotations

from nixfleet_state_machine.events import event
from nixfleet_state_machine.record import Channel, RolloutId
from nixfleet_state_machine.states import (
    ACTIVATING,
    CONVERGED,
    FAILED,
    PENDING,
    REVERTED,
    SOAKING,
)
from nixfleet_state_machine.table import reset_probe_cache
from steptable.machine import Constructor, Rehydration
from steptable.terms import part_of, root

given = root("given")
"""The arguments of a constructor."""

new_pending = Constructor.declare(
    "new_pending",
    "Open the record of a host in a rollout: Pending, nothing known beyond the arguments.",
    PENDING,
    ("rollout_id", "hostname", "channel", "target_closure", "dispatched_at", "soak_due_at"),
)

bootstrap = Constructor.declare(
    "bootstrap",
    "Open the record of a rollout that the agent has not heard of, and take its first step. "
    "The agent does not know when the control plane opened it: the arrival stands in for that.",
    PENDING,
    ("rollout_id", "hostname"),
    sets={
        "channel": part_of(given.rollout_id, RolloutId, Channel),
        "target_closure": event.target_closure,
        "dispatched_at": event.received_at,
        "soak_due_at": event.soak_due_at,
    },
    on="LocalActivate",
)

rehydration = Rehydration(
    "rehydration_effects",
    "What an agent does about a record that it has read back after a restart: start the probes "
    "anew, where there may be any. It never fires a switch or a rollback again.",
    (
        (PENDING, ()),
        (ACTIVATING, (reset_probe_cache,)),
        (SOAKING, (reset_probe_cache,)),
        (CONVERGED, (reset_probe_cache,)),
        (FAILED, (reset_probe_cache,)),
        (REVERTED, (reset_probe_cache,)),
    ),
)
