"""What the design promises of the soak gate, the fail gate and the sweep window (RFC-0005 §6).

The world keeps account of what each recorded result is of and since when a probe fails; the
gates know only what the record says.
"""

from __future__ import annotations

from nixfleet_state_machine.events import PROBE_FAILURE_FIRST, event
from nixfleet_state_machine.record import ProbeStatus
from nixfleet_state_machine.states import CONVERGED, SOAKING
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.terms import (
    SOAK_DUE,
    TARGET,
    THRESHOLD,
    agent,
    declared,
    late,
    now,
)
from steptable.properties import (
    Property,
    action,
    after,
    always,
    always_event,
    always_step,
    before,
    step,
)
from steptable.terms import Term, all_of, any_of, instant


def soaking(probes: tuple[Probe, ...]) -> tuple[Property, ...]:
    """Every promise about the soak of a host with some declared probes."""
    converged = agent.state == CONVERGED
    running = [probe for probe in probes if probe.runs]
    enforcing = [probe for probe in probes if probe.enforces]
    return (
        always(
            "a converged host has soaked",
            converged.implies(now >= instant(SOAK_DUE)),
            why="Converged implies that the soak is over.",
            cites="RFC-0005 §3, §6",
        ),
        always(
            "a converged host has declared its topology",
            converged.implies(declared),
            why="A missing declaration holds the wave, and a converged host can't make up for "
            "one: it accepts nothing any more.",
            cites="RFC-0007 §8.3",
        ),
        *(_of_running() if running else ()),
        *(_of_enforcing(enforcing) if enforcing else ()),
    )


def _of_running() -> tuple[Property, ...]:
    first = before.agent.probe_failure_first_at
    soaks_on = (before.agent.state == SOAKING) & (after.agent.state == SOAKING)
    return (
        always_step(
            "the soak gate opens only after a probe was observed",
            (action == "the pass gate opens").implies(
                before.agent.probe_observed_first_at.is_known
            ),
            why="The first observation since the activation is what enables the soak gate.",
            cites="RFC-0005 §6",
        ),
        always_event(
            "the sweep window begins at the agent's own time of the first failure",
            step.accepted.implies(
                after.probe_failure_first_at
                == before.probe_failure_first_at.or_else(event.first_failed_at)
            ),
            fact=PROBE_FAILURE_FIRST,
            why="However late the report of it arrives; and no later failure moves it.",
            cites="RFC-0005 §4.2",
        ),
        always_step(
            "the sweep window runs from the first failure",
            (soaks_on & first.is_known).implies(after.agent.probe_failure_first_at == first),
            why="The window runs from the agent's own time of the first failure, and that is past.",
            cites="RFC-0005 §4.2",
        ),
    )


def _of_enforcing(enforcing: list[Probe]) -> tuple[Property, ...]:
    return (
        always(
            "every declared enforce probe of a converged host has passed",
            (agent.state == CONVERGED).implies(all_of(*map(_has_passed, enforcing))),
            why="Converged implies that every enforce probe passes; one that has never reported "
            "has not passed.",
            cites="RFC-0005 §3, §6, RFC-0007 §8.3",
        ),
        always_step(
            "a sustained failure is one probe's failure without a break",
            (action == "the fail gate opens").implies(any_of(*map(_has_lasted, enforcing))),
            why="The threshold is there so that a flapping probe does not fail a host.",
            cites="RFC-0005 §4.2",
        ),
        always_step(
            "no gate rests on a result of the prior closure",
            action.one_of("the pass gate opens", "the fail gate opens").implies(
                all_of(*map(_is_of_target, enforcing))
            ),
            why="A probe result of the prior closure never satisfies a gate of the new one.",
            cites="RFC-0005 §6",
        ),
    )


def _has_passed(probe: Probe) -> Term:
    found = agent.probes[probe.name].status
    return found.is_known & (found.value == ProbeStatus.PASS)


def _has_lasted(probe: Probe) -> Term:
    since: Term = getattr(before, f"{probe.name}_failing_since")
    return since.is_known & late(since.value, THRESHOLD, before.now)


def _is_of_target(probe: Probe) -> Term:
    basis: Term = getattr(before, f"{probe.name}_basis")
    return basis.is_known.implies(basis.value == TARGET)
