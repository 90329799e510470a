"""What holds between agent and control plane, what does not, and by which fault it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

import nixfleet_state_machine
from nixfleet_state_machine.events import CP
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.states import CONVERGED, PENDING, SOAKING
from nixfleet_state_machine.worlds import mirror
from nixfleet_state_machine.worlds.mirror import redispatch, replica, wave
from nixfleet_state_machine.worlds.mirror.closing import world_of
from nixfleet_state_machine.worlds.mirror.progress import lasts
from nixfleet_state_machine.worlds.mirror.promises import (
    AGENT_NUMBER,
    AGENT_STATE,
    MIRROR_CONVERGED,
    MIRROR_FOLLOWS,
    MIRROR_REVERTED,
    MIRROR_RUNS,
    NOTHING_LOST,
    ONE_ROLLBACK,
    ONE_SWITCH,
    safety,
)
from nixfleet_state_machine.worlds.mirror.terms import Faults, Setting, Wire
from nixfleet_state_machine.worlds.mirror.terms import mirror as mirror_record
from steptable.check import Judgement, Result, check
from steptable.machine import Machine, Row
from steptable.properties import before
from steptable.targets.structs import Structs
from steptable.terms import Term
from steptable.world import World

WORLDS = (
    mirror.world,
    mirror.calm,
    mirror.overwriting,
    mirror.replaying,
    mirror.unordered,
    redispatch.world,
    wave.world,
    replica.world,
)


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    structs = {machine.name: Structs(machine, nixfleet_state_machine)}
    return {world.name: check(world, structs) for world in WORLDS}


@pytest.mark.parametrize("name", [world.name for world in WORLDS])
def test_every_verdict_is_as_declared(results: Mapping[str, Result], name: str) -> None:
    """Promises hold, states are reached, and findings fail exactly as pinned."""
    result = results[name]

    assert [(j.judged.name, j.verdict, j.remark) for j in result.judgements if not j.passes] == []
    assert result.passes
    assert result.idle_actions == ()


def test_the_worlds_have_the_pinned_sizes(results: Mapping[str, Result]) -> None:
    """A change of a world or of the engine that moves these numbers must be meant."""
    assert {name: result.states for name, result in results.items()} == {
        "mirror": 14436,
        "mirror-calm": 3407,
        "mirror-overwriting": 3083,
        "mirror-replaying": 17318,
        "mirror-unordered": 9194,
        "redispatch": 505,
        "wave": 1949,
        "replica": 13358,
    }


def unbroken(result: Result) -> set[str]:
    """The promises that hold in a world."""
    return {j.judged.name for j in result.judgements if j.verdict == "holds"}


def test_a_replay_mends_what_heartbeats_had_invented(results: Mapping[str, Result]) -> None:
    """The design's replay in place of what heartbeats fill in makes these promises hold."""
    assert unbroken(results["mirror-replaying"]) == {
        MIRROR_FOLLOWS,
        lasts(PENDING, "agent"),
        lasts(SOAKING, "agent"),
    }
    assert not unbroken(results["mirror"]) & unbroken(results["mirror-replaying"])


def is_broken(judgement: Judgement) -> bool:
    """A promise about states or steps fails."""
    return judgement.verdict == "violated" and judgement.judged.scope != "run"


def broken(setting: Setting) -> set[str]:
    """The promises about states and steps that fail in some setting."""
    promised = [item.name for item in safety(setting)]
    result = check(
        world_of("tried", "A setting that is tried.", setting, judges=promised, fails={})
    )
    return {j.judged.name for j in result.judgements if is_broken(j)}


INVENTIONS = {MIRROR_CONVERGED, MIRROR_RUNS, MIRROR_FOLLOWS}
PUT_BACK = {AGENT_STATE, AGENT_NUMBER, ONE_SWITCH, ONE_ROLLBACK, MIRROR_REVERTED}

SMALL = Setting(numbers=5, outbox=2, inbox=1, defers=False)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        pytest.param(replace(SMALL, fills_in=False), set(), id="nothing"),
        pytest.param(
            replace(SMALL, fills_in=False, faults=Faults(number=1), wire=Wire(repeats=True)),
            set(),
            id="repeated reports",
        ),
        pytest.param(SMALL, INVENTIONS, id="what heartbeats fill in"),
        pytest.param(
            replace(SMALL, fills_in=False, faults=Faults(number=1, control_plane=True)),
            {NOTHING_LOST},
            id="a restart of the control plane",
        ),
        pytest.param(
            replace(SMALL, fills_in=False, faults=Faults(number=1, agent=True)),
            PUT_BACK | {MIRROR_CONVERGED, MIRROR_RUNS, NOTHING_LOST},
            id="a restart of the agent",
        ),
        pytest.param(
            replace(SMALL, fills_in=False, faults=Faults(number=1, database=True)),
            set(),
            id="a lost database",
        ),
        pytest.param(
            replace(SMALL, fills_in=False, wire=Wire(overtakes=True)),
            set(),
            id="reports that overtake each other",
        ),
        pytest.param(
            replace(SMALL, numbers=4, fills_in=False, overwrites=True),
            PUT_BACK | {MIRROR_CONVERGED, MIRROR_RUNS, NOTHING_LOST},
            id="snapshots that overwrite",
        ),
    ],
)
def test_what_goes_wrong_is_caused_by(setting: Setting, expected: set[str]) -> None:
    """A finding is understood when it is known without which fault it is gone."""
    assert broken(setting) == expected


def test_a_report_is_lost_from_any_place_of_the_inbox() -> None:
    """A loss is one wherever the report waits: here it is behind one that may be lost."""
    setting = replace(SMALL, inbox=2, fills_in=False, faults=Faults(number=1, control_plane=True))
    [promise] = [item for item in safety(setting) if item.name == NOTHING_LOST]
    head = before.inbox.head
    behind = (head.is_known & (head.value.kind == "ProbeResult")).implies(Term(promise.condition))
    world = world_of("tried", "A longer inbox.", setting, judges=(), fails={})
    result = check(
        replace(world, properties=(replace(promise, condition=behind.node),), terminal=True)
    )

    assert [j.verdict for j in result.judgements] == ["violated"]


def with_row(changed: Row) -> Machine:
    """The machine with one row in place of the one of its name."""
    rows = tuple(changed if row.name == changed.name else row for row in machine.rows)
    return replace(machine, rows=rows)


def judged_with(changed: Machine, world: World) -> set[str]:
    """What fails in a world whose instances have another machine."""
    instances = tuple(replace(instance, machine=changed) for instance in world.instances)
    result = check(replace(world, instances=instances))
    return {j.judged.name for j in result.judgements if is_broken(j)}


def test_a_transition_that_is_not_logged_is_noticed_by_the_replica() -> None:
    """That the log gives the record again must be able to fail."""
    row = next(row for row in machine.rows if row.name == "activation-completed")
    unlogged = tuple((side, acts[1:] if side == CP else acts) for side, acts in row.emits)

    assert judged_with(with_row(replace(row, emits=unlogged)), replica.world) == {
        "replaying the event log gives the same record",
        "replaying the event log refuses nothing",
    }


def test_a_gate_without_the_declaration_lets_a_silent_host_pass() -> None:
    """What the log tells is what holds the wave, and nothing else does."""
    gate = next(action for action in wave.world.actions if action.name == "the wave advances")
    careless = replace(gate, guard=((mirror_record.state == CONVERGED) & ~wave.advanced).node)
    actions = tuple(careless if action == gate else action for action in wave.world.actions)
    result = check(replace(wave.world, actions=actions))

    assert {j.judged.name for j in result.judgements if is_broken(j)} == {
        "a missing declaration holds the wave",
        "an enforce probe that has not passed holds the wave",
    }
