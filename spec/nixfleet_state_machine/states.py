"""The states of a host in a rollout (RFC-0005 §3).

Each host of a rollout is in exactly one of them, on its own agent and in the
control plane's mirror. `Converged` and `Reverted` are ends; `Failed` is an end
under the policy *halt* until an operator acts.
"""

from __future__ import annotations

from steptable.machine import State, partition, state_sort

PENDING = State(
    "Pending",
    "The rollout is open for this host; its dispatch has not been acknowledged.",
    initial=True,
)
ACTIVATING = State(
    "Activating",
    "The dispatch is acknowledged and the new closure is being activated; "
    "a deferred activation waits here for the next reboot.",
)
SOAKING = State(
    "Soaking",
    "The new closure runs and must prove itself: probes report until the soak is over.",
)
CONVERGED = State(
    "Converged",
    "The host runs its target closure, the soak is over and every enforce probe passes.",
    terminal=True,
)
FAILED = State(
    "Failed",
    "The activation failed, or a probe failed for too long; nothing is said of what runs now.",
)
REVERTED = State(
    "Reverted",
    "The host went back to the closure that it ran before the rollout.",
    terminal=True,
)

STATES = (PENDING, ACTIVATING, SOAKING, CONVERGED, FAILED, REVERTED)

HostState = state_sort("HostState", "Where a host is in its rollout.", *STATES)

# What is said of some of the states is said of these, so that a new state is left out nowhere.

ACTIVE, HALTED, ENDS = partition(
    STATES, (PENDING, ACTIVATING, SOAKING), (FAILED,), (CONVERGED, REVERTED)
)
"""The rollout is under way, in this order; it has failed, and may be rolled back; it is done."""

DISPATCHED = tuple(state for state in ACTIVE if not state.initial)
"""The rollout is under way, and its dispatch is acknowledged."""

OVER = tuple(state for state in STATES if state not in ACTIVE)
"""How the rollout goes is known."""

BROKEN_OFF = tuple(state for state in OVER if state != CONVERGED)
"""The rollout is over without its host having converged."""
