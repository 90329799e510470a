"""Whole members that are alike count once whatever their order: variables, instances, probes.

Members have actions and promises of their own. What is found of one among representatives is told
of all: each verdict, each trace, and each action that happens.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import comb
from typing import Any

import pytest

import nixfleet_state_machine
from known_models.mirror import mirror
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds.agent import two_probes
from steptable.check import Disagreement, Result, check
from steptable.explore.python.engine import PythonExploration, search
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.explore.system.keys import PropertyKey
from steptable.interpreter.simulate import Applied
from steptable.properties import sometimes
from steptable.sorts import TRUTH
from steptable.targets.structs import Structs
from steptable.terms import root
from steptable.wellformed.worlds import faults_of_world
from steptable.world import Action, Alike, Start, Variable, World
from support.alike_worlds import HOSTS, LAMPS, PROBES, WHY, lamps, probing, two_hosts
from support.symmetric import reduced, said, unordered, verdicts

STRUCTS = {machine.name: Structs(machine, nixfleet_state_machine)}


def alike(world: World, *members: str) -> World:
    return replace(world, interchangeable=(Alike(members),))


# ── Variables by name ────────────────────────────────────────────────────────────────


def test_hosts_of_the_benchmark_model_count_once_whatever_their_order() -> None:
    """Both settings are pinned: 24,649 states of two hosts are 12,403 up to their order."""
    world = alike(mirror(2, 1, 2), "h0", "h1")
    whole = search(build(world))

    assert len(whole) == 24_649
    assert len(unordered(whole, ("h0", "h1"))) == 12_403
    assert check(world, symmetry=True).states == 12_403
    assert len(reduced(world, by_sorting=False)) == 12_403
    assert said(check(world)) == said(check(world, symmetry=False))


@pytest.mark.parametrize(
    ("size", "one", "orbits"),
    [
        ((3, 0, 1), 24, 2_600),
        ((4, 0, 2), 33, 58_905),  # a host lies in two words there
        ((2, 2, 2), 1_003, 503_506),
    ],
)
def test_hosts_that_never_meet_are_as_many_sorted_tuples_of_one_host(
    size: tuple[int, int, int], one: int, orbits: int
) -> None:
    """Another way to count, as hosts of that model don't see each other: 1,003² is 1,006,009."""
    hosts, probes, capacity = size
    world = alike(mirror(*size), *(f"h{number}" for number in range(hosts)))

    assert check(mirror(1, probes, capacity)).states == one
    assert comb(one + hosts - 1, hosts) == orbits
    assert check(world, symmetry=True).states == orbits


def test_members_of_two_families_change_places_each_with_its_own() -> None:
    """A board of 2 times 2 squares has 16 colourings, and 7 up to the order of rows and columns."""
    squares = [f"row{row}_column{column}" for row in "01" for column in "01"]
    world = World(
        name="board",
        doc="Squares that are painted.",
        instances=(),
        variables=tuple(Variable.declare(name, TRUTH, False) for name in squares),
        starts=(Start.declare("unpainted", {}),),
        actions=tuple(
            Action.declare(f"paint {name}", guard=~root(name), sets={name: True})
            for name in squares
        ),
        properties=tuple(sometimes(f"{name} is painted", root(name), **WHY) for name in squares),
        interchangeable=(Alike(("row0", "row1")), Alike(("column0", "column1"))),
        terminal=True,
    )
    result = check(world, symmetry=True)

    assert (result.states, result.symmetry) == (7, "row0 and row1 and of column0 and column1")
    assert said(result) == said(check(world, symmetry=False))


# ── What is found of one is told of all ──────────────────────────────────────────────


def test_what_is_seen_of_one_member_alone_is_told_of_the_other() -> None:
    """Only the right lamp is ever lit in a representative; so is the left one in the world."""
    world = lamps(in_turn=True)
    found = reduced(world)
    taken = {
        case.action.name: hits
        for case, hits in zip(found.system.transitions, found.times_taken, strict=True)
    }

    assert len(search(build(world))) == 5
    assert [found.layout.unpack(state)["left_lit"] for state in found] == [0, 0, 0]
    assert taken["the left one burns out"] == 0
    result = check(world, symmetry=True)
    assert result.idle_actions == ()
    assert {name.split(": ")[-1]: verdict for name, verdict in verdicts(result).items()} == {
        "burnt": ("violated", False, 2),
        "lit": ("witnessed", False, 1),
        "alone": ("holds", False, None),
        "stays lit": ("violated", False, 2),
        "burns": ("holds", False, None),
        "never both": ("holds", False, None),
    }
    assert said(result) == said(check(world, symmetry=False))


def test_a_trace_is_about_the_member_whose_promise_it_breaks() -> None:
    """Whoever reads it looks for that one, and another one would not break it."""
    result = check(lamps(in_turn=True), symmetry=True)
    ends = {
        judgement.judged.name: [step.action.name for step in judgement.trace.steps]
        for judgement in result.judgements
        if judgement.trace is not None
    }

    assert ends == {
        f"{lamp}: {what}": [f"the {lamp} one is lit", f"the {lamp} one burns out"][:length]
        for lamp in LAMPS
        for what, length in (("burnt", 2), ("lit", 1), ("stays lit", 2))
    }


def test_a_promise_is_broken_as_soon_as_any_one_like_it() -> None:
    """The first representative with one lit lamp has the right one lit; the left is no later."""
    world = lamps(in_turn=False)
    found = reduced(world)
    names = [item.name for item in world.properties]
    lit = {lamp: found.deciding_states[PropertyKey(names.index(f"{lamp}: lit"))] for lamp in LAMPS}
    left = next(state for state in found if found.layout.unpack(state)["left_lit"] == 1)

    assert len(found.path(left)) - 1 == 2
    assert lit["left"] not in set(found)
    assert [len(found.path(state)) - 1 for state in lit.values()] == [1, 1]
    assert said(check(world, symmetry=True)) == said(check(world, symmetry=False))


def test_paths_lead_by_real_steps_to_every_state_of_an_orbit() -> None:
    """Also to those that were never looked at."""
    world = alike(mirror(2, 0, 1), "h0", "h1")
    found, whole = reduced(world), search(build(world))

    assert found.orbits is not None
    for state in whole:
        path = found.path(state)
        assert path[0] in whole.initial
        assert path[-1] == state
        assert len(path) == len(whole.path(state))
        for here, there in pairwise(path):
            assert there in {after for after, _, _ in found.successors(here)}
    assert len(found) < len(whole)


# ── Instances of machines ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("in_memory", [False, True])
def test_instances_change_places_with_what_the_world_knows_of_them(in_memory: bool) -> None:
    """Records, variables, names that are held, events and effects go along with a host."""
    world = two_hosts(in_memory=in_memory)
    result = check(world, STRUCTS, symmetry=True)
    whole = search(build(world))

    assert faults_of_world(world) == ()
    assert result.states == len({_hosts_unordered(whole, state) for state in whole})
    assert result.states < len(whole)
    assert len(reduced(world, by_sorting=False)) == result.states
    assert said(result) == said(check(world, STRUCTS, symmetry=False))
    assert result.idle_actions == ()


def applied(result: Result, host: str) -> list[Applied]:
    """All events in the traces of what is promised of a host, or witnessed of it."""
    return [
        item
        for judgement in result.judgements
        if host in judgement.judged.name.split()[:1] and judgement.trace is not None
        for step in judgement.trace.steps
        for item in step.applied
    ]


def test_traces_of_each_host_are_ones_of_the_generated_reducer() -> None:
    """Turned ones as well: what a table does not say of the one it does not say of the other."""
    result = check(two_hosts(in_memory=True), STRUCTS, symmetry=True)
    structs = STRUCTS[machine.name]

    for host in HOSTS:
        events = applied(result, host)
        assert {item.instance for item in events} == set(HOSTS)
        for item in events:
            assert structs.agrees(item.before, item.event, item.policy, item.outcome)


def test_a_reducer_that_does_something_else_is_a_disagreement() -> None:
    """Where symmetry is made use of, nothing is shown that was not replayed, either."""
    row = next(row for row in machine.rows if row.name == "activation-failed")
    sets = tuple((name, root("record").soak_due_at.node) for name, _ in row.sets[:1])
    changed = replace(row, sets=(*sets, *row.sets[1:]))
    other = replace(machine, rows=tuple(changed if r == row else r for r in machine.rows))
    world = two_hosts(in_memory=False)
    instances = tuple(replace(item, machine=other) for item in world.instances)

    with pytest.raises(Disagreement, match="does not do what the table says for LocalActivationFa"):
        check(
            replace(world, instances=instances),
            {other.name: Structs(other, nixfleet_state_machine)},
            symmetry=True,
        )


def _hosts_unordered(exploration: PythonExploration, state: int) -> frozenset[object]:
    """A state as each of the hosts sees it."""
    values = exploration.layout.unpack(state).items()
    return frozenset(
        frozenset((_seen(name, *pair), _seen(value, *pair)) for name, value in values)
        for pair in (HOSTS, HOSTS[::-1])
    )


def _seen(text: Any, host: str, other: str) -> Any:
    is_text = isinstance(text, str)
    return text.replace(host, "here").replace(other, "there") if is_text else text


# ── Probes ───────────────────────────────────────────────────────────────────────────


def test_probes_of_one_mode_change_places_in_variables_records_and_promises() -> None:
    """The keys of a record's map are their names, and actions and promises are of each."""
    world = probing()
    result = check(world, STRUCTS, symmetry=True)
    whole = check(world, STRUCTS, symmetry=False)

    assert faults_of_world(world) == ()
    assert said(result) == said(whole)
    assert (result.states, whole.states) == (9_604, 18_715)
    assert len(unordered(search(build(world)), PROBES)) == result.states
    for what in ("fails", "fails a host", "fails no converged host", "runs once"):
        assert verdicts(result)[f"web {what}"] == verdicts(result)[f"log {what}"]


def test_probes_of_two_modes_do_not() -> None:
    """An observe probe gates nothing."""
    world = replace(
        two_probes,
        properties=tuple(item for item in two_probes.properties if item.scope != "run"),
        interchangeable=(Alike(PROBES),),
    )

    with pytest.raises(Asymmetric, match="what depends on 'web_look_of' treats web and log alike"):
        reduced(world)
