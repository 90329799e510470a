"""The whole declaration in one value: what every derived thing is made of."""

from __future__ import annotations

from nixfleet_state_machine.effects import EFFECTS
from nixfleet_state_machine.events import AGENT, CP, FACTS, NUMBERING, WIRE
from nixfleet_state_machine.lifecycle import bootstrap, new_pending, rehydration
from nixfleet_state_machine.policy import RolloutPolicy
from nixfleet_state_machine.record import HostRolloutState
from nixfleet_state_machine.states import STATES, HostState
from nixfleet_state_machine.table import REFUSALS, ROWS
from steptable.machine import Machine

machine = Machine(
    name="HostRollout",
    doc="One host in one rollout, on its agent and in the control plane's mirror.",
    sides=(AGENT, CP),
    states=STATES,
    state_sort=HostState,
    record=HostRolloutState.sort,
    facts=FACTS,
    effects=EFFECTS,
    policy=RolloutPolicy.sort,
    identity=("rollout_id", "hostname"),
    numbering=NUMBERING,
    rows=ROWS,
    refusals=REFUSALS,
    constructors=(new_pending, bootstrap),
    rehydration=rehydration,
    wire=WIRE,
)
