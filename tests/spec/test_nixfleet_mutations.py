"""Each promise about one record can fall: some mistake in the machine breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import nixfleet_state_machine
from nixfleet_state_machine.effects import (
    LOCAL_FIRE_SWITCH,
    REMOTE_INSERT_QUARANTINE,
)
from nixfleet_state_machine.events import AGENT, CP
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.states import ACTIVATING, CONVERGED, FAILED, SOAKING
from nixfleet_state_machine.table import (
    VISIBILITY,
    fire_rollback_under,
    record_transition,
    report,
)
from nixfleet_state_machine.worlds.reducer import world
from steptable import expr
from steptable.check import Result, check, idle_rows
from steptable.machine import Emits, Machine, Row
from steptable.targets.structs import Structs
from steptable.terms import root

event, policy, record = root("event"), root("policy"), root("record")


def with_row(name: str, change: Callable[[Row], Row]) -> Machine:
    """The machine with one row changed."""
    assert any(row.name == name for row in machine.rows)
    rows = tuple(change(row) if row.name == name else row for row in machine.rows)
    return replace(machine, rows=rows)


def with_emits(name: str, agent: tuple[Emits, ...], cp: tuple[Emits, ...]) -> Machine:
    return with_row(name, lambda row: replace(row, emits=((AGENT, agent), (CP, cp))))


def without_guard(guard: str) -> Machine:
    return with_row(
        "converged",
        lambda row: replace(row, guards=tuple(g for g in row.guards if g.name != guard)),
    )


def stricter_probes() -> Machine:
    """Convergence that asks every probe to pass, whatever its mode."""
    condition = record.probes.every(lambda probe: probe.status == "pass").node
    return with_row(
        "converged",
        lambda row: replace(
            row,
            guards=tuple(
                replace(guard, condition=condition if guard.name == "enforce-probes-pass" else old)
                for guard in row.guards
                for old in [guard.condition]
            ),
        ),
    )


def judged(changed: Machine) -> Result:
    (host,) = world.instances
    return check(replace(world, instances=(replace(host, machine=changed),)))


def fallen(result: Result) -> dict[str, int]:
    """The properties that do not pass, with the length of their trace."""
    return {
        judgement.judged.name: len(judgement.trace.steps) if judgement.trace else -1
        for judgement in result.judgements
        if not judgement.passes
    }


def test_everything_declared_passes_and_is_replayed_through_the_reducer() -> None:
    """The design's promises about one record hold, and each witness is one of the reducer too."""
    result = check(world, {machine.name: Structs(machine, nixfleet_state_machine)})

    assert fallen(result) == {}
    assert result.passes
    assert {judgement.verdict for judgement in result.judgements} == {
        "holds",
        "witnessed",
        "finding",
    }
    assert idle_rows([result]) == ()
    assert result.idle_actions == ()


SWITCH = LOCAL_FIRE_SWITCH(rollout_id=record.rollout_id, target=record.target_closure)
QUARANTINE = REMOTE_INSERT_QUARANTINE(channel=record.channel, closure=record.target_closure)
TARGET_RUNS = "converged hosts run their target, soaked, with passing probes"
ROLLBACK = "a rollback is fired only on failing, by the agent, under the policy, to a known closure"

MUTATIONS: dict[str, tuple[Machine, dict[str, int]]] = {
    "no closure guard": (without_guard("closure-is-target"), {TARGET_RUNS: 1}),
    "no soak guard": (without_guard("soak-is-over"), {TARGET_RUNS: 1}),
    "no probe guard": (without_guard("enforce-probes-pass"), {TARGET_RUNS: 2}),
    "every probe gates": (
        stricter_probes(),
        {
            "observe and disabled probes never change an outcome": 2,
            "convergence is refused only for one of its three conditions": 2,
        },
    ),
    "a transition is forgotten": (
        with_emits("rollback-completed", (report,), (report, record_transition)),
        {"a transition is recorded exactly when the state changes": 2},
    ),
    "a transition without a change": (
        with_emits("activation-deferred", (report, record_transition), (report,)),
        {"a transition is recorded exactly when the state changes": 1},
    ),
    "the switch again while activating": (
        with_emits("activation-deferred", (report, SWITCH), (report,)),
        {"the switch is fired only on leaving Pending": 1},
    ),
    "the agent quarantines": (
        with_emits("activation-started", (report, QUARANTINE), (report,)),
        {"agent events emit agent effects only": 1},
    ),
    "the control plane switches": (
        with_emits("activation-started", (report,), (report, SWITCH)),
        {
            "control plane events emit control plane effects only": 1,
            "the switch is fired only on leaving Pending": 1,
        },
    ),
    "a rollback under the wrong policy": (
        with_emits(
            "sustained-failure",
            (report, record_transition, fire_rollback_under(policy.on_health_failure)),
            (report, record_transition),
        ),
        {
            ROLLBACK: 1,
            "a rollback is fired on every agent failure that calls for one": 1,
        },
    ),
    "a report is forgotten": (
        with_emits("activation-started", (), (report,)),
        {"every accepted event is reported once": 1},
    ),
    "probe results outlive the switch": (
        with_row(
            "activation-completed",
            lambda row: replace(row, sets=tuple(s for s in row.sets if s[0] != "probes")),
        ),
        {"a host begins to soak without probe results": 1},
    ),
    "a converged host that fails again": (
        with_row("sustained-failure", lambda row: replace(row, source=CONVERGED)),
        {"ends absorb": 2},
    ),
    "a failed host that fails again": (
        with_row("activation-failed", lambda row: replace(row, source=FAILED)),
        {
            "only a completed rollback leaves Failed": 2,
            "a transition is recorded exactly when the state changes": 2,
            ROLLBACK: 2,
            # It failed by a failed activation, and fails by another failure in as many steps.
            "a reverted host is off its target": 2,
        },
    ),
    "a row that nothing leads to": (
        with_row("activation-completed", lambda row: replace(row, target=ACTIVATING)),
        {
            "a transition is recorded exactly when the state changes": 1,
            "a host begins to soak without probe results": -1,
            "a host begins to soak with no failure in its sweep window": -1,
        },
    ),
    "probes count before the switch": (
        with_row("probe-result", lambda row: replace(row, source=ACTIVATING, target=SOAKING)),
        {
            "a transition is recorded exactly when the state changes": 1,
            "a host begins to soak without probe results": 1,
        },
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_machine_is_found_out(name: str) -> None:
    """Each mistake makes the properties fall that speak of it, each with its shortest trace."""
    changed, expected = MUTATIONS[name]

    assert fallen(judged(changed)) == expected


BY_CONSTRUCTION = {
    "a refused event changes nothing",
    "a refused event has no effects",
    "an accepted event raises last_event_seq",
    "both halves of a fact lead to the same record",
    "an event that is repeated is refused, and changes nothing",
}
"""What no machine can break, since all rows share it; random runs of the reducer test it too."""


def test_every_promise_can_fall() -> None:
    """A promise that no mistake breaks would be no check of anything."""
    broken = {name for _, names in MUTATIONS.values() for name in names}
    promised = {item.name for item in world.properties if item.kind != "sometimes"}
    found = {item.name for item in world.properties if item.finding is not None}

    assert broken | BY_CONSTRUCTION | found == promised


def test_mutations_are_real() -> None:
    """A mutation that changed nothing would prove nothing."""
    assert all(repr(changed) != repr(machine) for changed, _ in MUTATIONS.values())
    assert VISIBILITY[AGENT] == (report,)
    assert isinstance(record_transition.fields[0][1], expr.Node)
