"""What holds of NixFleet's worlds and what does not; the check would notice either changing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

import nixfleet_state_machine
from nixfleet_state_machine.events import event
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import record
from nixfleet_state_machine.worlds import agent, reducer
from nixfleet_state_machine.worlds.agent import outbox
from steptable.check import Judgement, Result, check, idle_effects, idle_rows
from steptable.check.mutation import unneeded_guards, unneeded_updates
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.explore.system.keys import keyed
from steptable.machine import Guard, Machine, Row
from steptable.report.findings import findings_markdown
from steptable.targets.structs import Structs
from steptable.world import Bounds, World

WORLDS = (reducer.world, agent.world, outbox.world)
OFF_TARGET = "a reverted host is off its target"


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    structs = {machine.name: Structs(machine, nixfleet_state_machine)}
    return {world.name: check(world, structs) for world in WORLDS}


@pytest.mark.parametrize("name", [world.name for world in WORLDS])
def test_every_verdict_is_as_declared(results: Mapping[str, Result], name: str) -> None:
    """Promises hold, states are reached, and findings fail exactly as pinned."""
    result = results[name]

    assert [j.judged.name for j in result.judgements if not j.passes] == []
    assert result.passes
    assert result.idle_actions == ()


def test_the_worlds_have_the_pinned_sizes(results: Mapping[str, Result]) -> None:
    """A change of a world or of the engine that moves these numbers must be meant."""
    assert {name: result.states for name, result in results.items()} == {
        "reducer": 5070,
        "agent": 30718,
        "agent-outbox": 9789,
    }


def test_the_world_reducer_has_the_pinned_depth(results: Mapping[str, Result]) -> None:
    """How far it is to a state is what traces are as long as."""
    assert results["reducer"].levels == (50, 210, 982, 1874, 1522, 432)


def test_every_row_and_effect_is_exercised(results: Mapping[str, Result]) -> None:
    """What no world ever takes is either dead or not modelled."""
    assert idle_rows(list(results.values())) == ()
    assert idle_effects(list(results.values())) == ()


def test_every_guard_is_needed(results: Mapping[str, Result]) -> None:
    """A guard that can go without any promise falling guards nothing."""
    assert unneeded_guards(list(results.values())) == []


def with_guard(guard: Guard) -> Machine:
    """The machine with another guard on its convergence."""

    def guarded(row: Row) -> Row:
        return replace(row, guards=(*row.guards, guard)) if row.name == "converged" else row

    return replace(machine, rows=tuple(guarded(row) for row in machine.rows))


def in_world(world: World, changed: Machine) -> World:
    instances = tuple(replace(instance, machine=changed) for instance in world.instances)
    return replace(world, instances=instances)


def test_a_guard_that_nothing_needs_is_named() -> None:
    """The question is asked of each guard, so the answer must be able to be no."""
    idle = Guard.declare("channel-stays", record.channel == record.channel, must="be as it is")
    result = check(in_world(reducer.world, with_guard(idle)))

    assert [guard.name for _, guard in unneeded_guards([result])] == ["channel-stays"]


def test_an_update_that_nothing_needs_is_named() -> None:
    """When a rollout failed is only told to people; that it converged, and when, is relied on."""
    unneeded = {(row.name, name) for row, name in unneeded_updates([check(reducer.world)])}

    assert ("activation-failed", "failed_at") in unneeded
    assert ("converged", "converged_at") not in unneeded
    assert ("activation-failed", "policy_applied") not in unneeded


def repaired() -> Machine:
    """The machine with the repair of one finding: no rollback to the target."""
    guard = Guard.declare(
        "closure-is-another",
        event.reverted_to_closure != record.target_closure,
        must="a rollback leaves the target",
    )
    return replace(
        machine,
        rows=tuple(
            replace(row, guards=(guard,)) if row.name == "rollback-completed" else row
            for row in machine.rows
        ),
    )


def verdict_on(result: Result, name: str) -> Judgement:
    return next(item for item in result.judgements if item.judged.name == name)


def test_a_repaired_finding_turns_the_check_red() -> None:
    """A promise that holds again must not stay written down as broken."""
    result = check(in_world(reducer.world, repaired()))
    judgement = verdict_on(result, OFF_TARGET)

    assert judgement.verdict == "holds"
    assert "fails no longer" in judgement.remark
    assert not result.passes


def test_a_finding_that_fails_sooner_turns_the_check_red() -> None:
    """A shorter counterexample is another defect, or another environment."""
    pinned = tuple(
        replace(item, finding=replace(item.finding, length=5)) if item.finding else item
        for item in reducer.world.properties
    )
    result = check(replace(reducer.world, properties=pinned))
    judgement = verdict_on(result, OFF_TARGET)

    assert judgement.verdict == "violated"
    assert judgement.remark == "its shortest counterexample has 2 steps, not 5"


def test_the_page_of_findings_has_each_with_its_way_and_its_repair(
    results: Mapping[str, Result],
) -> None:
    """A design review decides on what this page shows."""
    page = findings_markdown(list(results.values()))
    pinned = [
        (result, j.judged.finding, j.trace)
        for result in results.values()
        for j in result.judgements
        if j.judged.finding is not None
    ]

    assert len(pinned) == 25
    for result, finding, trace in pinned:
        assert finding is not None
        assert trace is not None
        assert f"`steptable replay {result.world.name} {trace.key}`" in page
        assert page.count("**What would repair it**") == len(pinned)
    assert "repeat for ever" in page
    assert "nothing that is owed can happen any more" in page


def test_a_third_probe_shows_nothing_new() -> None:
    """Two probes are claimed to be enough: with three, every verdict is the same."""
    symbols = [
        (sort, (*values, "probe-3")) if sort.name == "ProbeName" else (sort, values)
        for sort, values in reducer.world.bounds.symbols
    ]
    wider = replace(reducer.world, bounds=Bounds(tuple(symbols), reducer.world.bounds.instants))
    exploration = search(build(wider))

    properties = keyed(reducer.world)
    pinned = {key for key, item in properties.items() if item.finding is not None}

    refuted = {k for k in exploration.deciding_states if properties[k].kind != "sometimes"}
    assert refuted | exploration.violating_steps.keys() == pinned
    assert len(exploration) > 10_000
