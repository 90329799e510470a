"""What the worlds around one agent show: which causes are behind their findings, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from nixfleet_state_machine.record import ProbeMode
from nixfleet_state_machine.worlds import agent
from nixfleet_state_machine.worlds.agent import findings, outbox
from nixfleet_state_machine.worlds.agent.probes import Probe
from nixfleet_state_machine.worlds.agent.promises import acts, known_to_fail
from steptable.check import check
from steptable.properties import NO_DEADLOCK
from steptable.terms import Term, root
from steptable.world import Action, World

BY_HEARTBEAT = "a heartbeat completes the activation"


def failing(world: World) -> set[str]:
    """The promises of a world that do not hold, whether or not they are declared as findings."""
    result = check(world)
    assert not result.stopped
    return {j.judged.name for j in result.judgements if j.trace and j.verdict != "witnessed"}


def acting(world: World, actions: Iterable[Action]) -> World:
    return replace(world, actions=tuple(actions))


def test_a_host_without_probes_that_gate_shows_no_other_faults_and_is_always_decided() -> None:
    """What holds a soaking host for ever is a failing enforce probe, and nothing else."""
    observing = agent.world_of("observing", "", (Probe("log", ProbeMode.OBSERVE),), {})

    assert failing(observing) < findings.AGENT.keys() - {"a soaking host is decided"}


def test_a_host_whose_only_probe_is_disabled_shows_no_other_faults() -> None:
    """A disabled probe does not run and gates nothing, as if there were none."""
    off = agent.world_of("off", "", (Probe("off", ProbeMode.DISABLED),), {})

    assert failing(off) < findings.AGENT.keys()


def test_an_agent_that_completes_its_own_activations_keeps_three_more_promises() -> None:
    """The repair that these findings name is the one that removes them."""
    own = acting(agent.world, (a for a in agent.world.actions if a.name != BY_HEARTBEAT))
    kept = findings.AGENT.keys() - failing(own)

    assert kept == {
        "a soaking host is decided",
        "the agent's state changes by events alone",
        "what became of a switch or a rollback is never refused",
    }


def test_late_snapshots_and_completion_by_heartbeat_are_behind_all_faults_of_the_outbox() -> None:
    """With both repairs, numbers and states never move back and mirror and agent agree."""
    nothing_waits = root("outbox").queued == 0
    drained = (
        replace(action, guard=(Term(action.guard) & nothing_waits).node)
        if action.name == "a snapshot arrives"
        else action
        for action in outbox.world.actions
        if action.name != BY_HEARTBEAT
    )

    assert failing(outbox.world) == findings.OUTBOX.keys()
    assert failing(acting(outbox.world, drained)) == {NO_DEADLOCK}


def test_two_late_snapshots_find_no_more_than_one() -> None:
    """The bound on late snapshots hides nothing."""
    assert failing(outbox.larger) == findings.OUTBOX.keys()


def test_a_finding_of_no_promise_is_refused() -> None:
    """A misspelt name must not leave a promise undeclared."""
    misspelt = {"a switch is fired once": findings.OUTBOX["a switch is fired at most once"]}

    with pytest.raises(KeyError, match="a switch is fired once"):
        known_to_fail(acts(), misspelt)
