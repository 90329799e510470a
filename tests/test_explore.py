"""The explorer finds what the interpreter finds, state for state and step for step."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from nixfleet_state_machine.worlds.reducer import world
from steptable import evaluate
from steptable.check import Step, occurrence, step_env
from steptable.evaluate import Accepted, Tagged, Values
from steptable.explore.python_engine import Layout, Search, search
from steptable.explore.shapes import Shaper, assemble
from steptable.explore.system import build
from steptable.sorts import Integer, Record
from steptable.world import Bounds


@pytest.fixture(scope="module")
def found() -> Search:
    return search(build(world))


def test_the_world_reducer_has_the_pinned_size(found: Search) -> None:
    """A change of the machine or of the engine that moves these numbers must be meant."""
    assert (len(found.parents), found.levels) == (2530, [26, 170, 740, 1018, 576])


def test_only_what_matters_is_stored(found: Search) -> None:
    """The cone of influence: instants and texts that nothing depends on cost no states."""
    stored = {variable.name for variable in found.system.variables}

    assert "host.probes[probe-1].mode" in stored
    assert not {name for name in stored if "failure_reason" in name or "started_at" in name}


@pytest.fixture(scope="module")
def records(found: Search) -> dict[int, Values]:
    """A whole record for each packed state, by walking every state's shortest path."""
    records: dict[int, Values] = {}
    system, layout = found.system, found.layout
    for record, values in system.initial:
        records.setdefault(layout.pack(values), record)
    for state, parent in found.parents.items():
        if state not in records:
            case, choices = next(
                (case, choices) for after, case, choices in found.explain(parent) if after == state
            )
            event, policy = occurrence(system, case, choices, records[parent])
            outcome = evaluate.step(world.machine, records[parent], event, policy)
            assert isinstance(outcome, Accepted)
            records[state] = {**outcome.record, **dict(world.forgets)}
    return records


def every_event(record: Values) -> list[tuple[Tagged, Values]]:
    """Every event with every payload that some rule can tell apart, by enumeration."""
    tried = []
    for event in world.machine.events:
        for number_step in (-1, 0, 1, 2):
            shaper = Shaper(world.bounds)
            chosen = Record(event.name, tuple(p for p in event.fields if p.name != "seq"))
            shaper.shape("event", chosen, lambda whole: whole)
            shaper.shape("policy", world.machine.policy, lambda whole: whole)
            names = [
                name
                for name, variable in shaper.variables.items()
                if not isinstance(variable.sort, Integer)
                and len(variable.domain) > 1
                # Presence and times of what is only carried make no difference by themselves.
                and not name.endswith("?")
                and not name.endswith("observed_at")
            ]
            first = {name: variable.domain[0] for name, variable in shaper.variables.items()}
            domains = [shaper.variables[name].domain for name in names]
            for values in product(*domains):
                given = first | dict(zip(names, values, strict=True))
                fields = assemble("event", chosen, given)
                fields["seq"] = record["last_event_seq"] + number_step
                policy = assemble("policy", world.machine.policy, given)
                tried.append((Tagged(event.name, fields), policy))
    return tried


def test_successors_are_those_of_the_interpreter(found: Search, records: dict[int, Values]) -> None:
    """From sampled states, every event by brute force leads where the engine says, and back."""
    system, layout = found.system, found.layout
    assert records.keys() == found.parents.keys()
    sample = random.Random(1).sample(sorted(records), 15)
    for state in sample:
        record = records[state]
        assert layout.pack(system.project(record)) == state
        reached = set()
        for event, policy in every_event(record):
            outcome = evaluate.step(world.machine, record, event, policy)
            if isinstance(outcome, Accepted):
                after = {**outcome.record, **dict(world.forgets)}
                reached.add(layout.pack(system.project(after)))

        assert {after for after, case, _ in found.explain(state) if case.row} == reached


def test_step_properties_hold_of_the_interpreter_too(records: dict[int, Values]) -> None:
    """What the engine settles while it builds the system is true of single steps as well."""
    sample = random.Random(2).sample(sorted(records), 4)
    over_steps = [item for item in world.properties if item.scope == "step"]
    for state in sample:
        for event, policy in every_event(records[state]):
            outcome = evaluate.step(world.machine, records[state], event, policy)
            env: dict[str, Any] = step_env(
                world.machine, Step(event, policy, records[state], outcome)
            )
            for item in over_steps:
                if item.fact in (None, world.machine.event(event.name).fact):
                    assert evaluate.evaluate(item.condition, env), item.name


def test_a_third_probe_shows_nothing_new() -> None:
    """Two probes are claimed to be enough: with three, every verdict is the same."""
    symbols = [
        (sort, (*values, "probe-3")) if sort.name == "ProbeName" else (sort, values)
        for sort, values in world.bounds.symbols
    ]
    wider = replace(world, bounds=Bounds(tuple(symbols), world.bounds.instants))
    found = search(build(wider))

    assert not found.steps
    assert {i for i in found.states if world.properties[i].kind != "sometimes"} == set()
    assert len(found.parents) > 10_000


def test_packing_is_reversible(found: Search) -> None:
    """Two states that differ in a stored value are never packed alike."""
    layout = Layout.of(found.system.variables)
    for state in random.Random(3).sample(sorted(found.parents), 200):
        assert layout.pack(tuple(layout.unpack(state).values())) == state
