"""The rollout policy, as far as a host's machine carries it.

The reducer reads `on_health_failure` alone, and that for a failed activation
only; a sustained probe failure carries the policy that the agent applied in its
event. The other fields are for the planner: they are carried and never compared.
"""

from __future__ import annotations

from steptable.sorts import FLAG, I32, TEXT, Opaque, Optional
from steptable.terms import Enumeration, Structure, field

OnHealthFailure = Enumeration(
    "OnHealthFailure",
    "What the signed manifest wants done when a host fails (RFC-0005 §4.1).",
    HALT=("halt", "Stay Failed until an operator acts."),
    ROLLBACK_AND_HALT=("rollback-and-halt", "Go back to the prior closure, then stay Reverted."),
)

TEXTS = Opaque("list", TEXT)

WaveSelector = Structure(
    "WaveSelector",
    "Which hosts a wave takes in.",
    tags=field(TEXTS, "Hosts that have all of these tags.", default=()),
    tags_any=field(TEXTS, "Hosts that have at least one of these tags.", default=()),
    hosts=field(TEXTS, "Hosts by name.", default=()),
    channel=field(Optional(TEXT), "Hosts of one channel."),
    all=field(FLAG, "Every host.", default=False),
)

Wave = Structure(
    "Wave",
    "One step of a rollout over the fleet.",
    selector=field(Opaque("value", WaveSelector.sort), "The hosts of the wave."),
    soak_minutes=field(I32, "How long each host of the wave soaks, in minutes.", default=0),
)

SystemdFailedUnits = Structure(
    "SystemdFailedUnits",
    "A ceiling on failed systemd units.",
    max=field(I32, "The most failed units that still count as healthy.", default=0),
)

HealthGate = Structure(
    "HealthGate",
    "What a host must satisfy besides its probes; empty when nothing is asked for.",
    systemd_failed_units=field(
        Optional(Opaque("value", SystemdFailedUnits.sort)), "The ceiling on failed systemd units."
    ),
)

RolloutPolicy = Structure(
    "RolloutPolicy",
    "The policy of a rollout, out of its signed manifest.",
    on_health_failure=field(OnHealthFailure, "What to do when a host fails."),
    strategy=field(TEXT, "How the planner walks the waves.", default=""),
    waves=field(Opaque("list", Wave.sort), "The waves in order.", default=()),
    health_gate=field(
        Opaque("value", HealthGate.sort), "What a host must satisfy.", default=HealthGate()
    ),
)
