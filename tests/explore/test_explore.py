"""The explorer finds what the interpreter finds, state for state and step for step."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import pytest

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds.reducer import world
from steptable.check import check
from steptable.errors import SpecError
from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import Layout
from steptable.explore.python.engine import search
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Values
from steptable.interpreter.simulate import Applied, Free, Step, event_env, take
from steptable.machine import Row
from steptable.partial.paths import Path
from steptable.partial.shapes import Decomposer, assemble
from steptable.properties import after, always, always_event, always_step, before, rerun
from steptable.sorts import Bag, Field, Integer, Record
from steptable.terms import EMPTY, if_else, root
from steptable.world import Action, Instance, Start, Variable, World, any_event
from support import post
from support.random_machine import OFF, TURNED, random_machine
from support.random_terms import BOUNDS, COLOUR


@pytest.fixture(scope="module")
def exploration() -> Exploration:
    return search(build(world))


def test_a_world_has_the_pinned_size() -> None:
    """A change of the engine that moves these numbers must be meant."""
    found = search(build(post.world))

    assert (len(found), found.levels) == (6238, [4, 412, 2018, 2806, 998])


def test_only_what_matters_is_stored() -> None:
    """The cone of influence: instants and texts that nothing depends on cost no states."""
    stored = {variable.name for variable in build(post.world).variables}

    assert "parcel.scans[depot].speed" in stored
    assert not {name for name in stored if "remark" in name or "sent_at" in name}


def remembered(state: Values) -> Values:
    """A whole state as the explorer goes on from it."""
    host = {**state["host"], **dict(world.instance("host").forgets)}
    return {**state, "host": host}


def whole(exploration: Exploration, packed: int) -> Values:
    """A whole state that is packed so, by walking the shortest path to it."""
    return remembered(Replayer(exploration, {}).along(exploration.path(packed)).end)


def test_every_state_is_reached_by_the_interpreter(exploration: Exploration) -> None:
    """The path to a state, walked by the interpreter, ends in a state that is packed like it."""
    system, layout = exploration.system, exploration.layout
    for packed in random.Random(4).sample(sorted(exploration), 200):
        assert layout.pack(system.project(whole(exploration, packed))) == packed


def every_step(state: Values) -> list[Step]:
    """Every event with every payload that some rule can tell apart, by enumeration."""
    steps = []
    for action in world.actions:
        for number_step, free in product((-1, 0, 1, 2), every_payload(action.name)):
            step = take(world, state, action, {"number_step": number_step}, [free])
            assert step is not None
            steps.append(step)
    return steps


def every_payload(name: str) -> list[Free]:
    """The payloads of an event, and the policies, that some rule can tell apart."""
    decomposer = Decomposer(world.bounds)
    event = machine.event(name)
    chosen = Record(name, tuple(p for p in event.fields if p.name != "seq"))
    decomposer.shape(Path.of("event"), chosen, lambda value: value)
    decomposer.shape(Path.of("policy"), machine.policy, lambda value: value)
    several = [
        variable
        for variable in decomposer.variables.values()
        if not isinstance(variable.sort, Integer)
        and len(variable.domain) > 1
        # Presence and times of what is only carried make no difference by themselves.
        and not variable.path.is_presence
        and not variable.name.endswith("observed_at")
    ]
    first = {variable.path: variable.domain[0] for variable in decomposer.variables.values()}
    payloads = []
    for values in product(*(variable.domain for variable in several)):
        given = first | {v.path: value for v, value in zip(several, values, strict=True)}
        fields = assemble(Path.of("event"), chosen, given)
        payloads.append(Free(fields, assemble(Path.of("policy"), machine.policy, given)))
    return payloads


def accepted(step: Step) -> Applied | None:
    """The event of a step, if a row took it."""
    (applied,) = step.applied
    return applied if applied.row is not None else None


def test_successors_are_those_of_the_interpreter(exploration: Exploration) -> None:
    """From sampled states, every event by brute force leads where the engine says, and back."""
    system, layout = exploration.system, exploration.layout
    for packed in random.Random(1).sample(sorted(exploration), 15):
        state = whole(exploration, packed)
        reached = {
            layout.pack(system.project(remembered(step.after)))
            for step in every_step(state)
            if accepted(step)
        }

        assert {after for after, _, _ in exploration.successors(packed)} == reached


def test_event_properties_hold_of_the_interpreter_too(exploration: Exploration) -> None:
    """What the engine settles while it builds the system is true of single steps as well."""
    over_events = [item for item in world.properties if item.scope == "event"]
    for packed in random.Random(2).sample(sorted(exploration), 4):
        for step in every_step(whole(exploration, packed)):
            (applied,) = step.applied
            env = event_env(machine, applied)
            for item in over_events:
                if item.fact in (None, machine.event(applied.event.name).fact):
                    assert evaluate.evaluate(item.condition, env), item.name


def test_a_number_keeps_its_range_even_if_nothing_reads_it() -> None:
    """A record that leaves its own sort is a fault of the machine, whoever looks at it."""
    lamp = random_machine(random.Random(0))
    rows = (
        Row.declare(
            "brighter",
            OFF,
            TURNED,
            None,
            sets={"level": root("record").level + 1},
            emits={},
            why="Each turn makes it brighter.",
            cites="this test",
        ),
    )
    start = {"state": "Off", "last": 0}
    dark = World(
        name="dark",
        doc="A lamp that nobody looks at.",
        instances=(Instance.declare("lamp", replace(lamp, rows=rows), forgets={"last": 0}),),
        starts=(Start.declare("new", {"lamp": start}),),
        actions=any_event("lamp", lamp, number_steps=range(1, 2)),
        properties=(),
        bounds=BOUNDS,
        terminal=True,
    )

    with pytest.raises(SpecError, match=r"'lamp.level' can't be 3, .*, at step 3"):
        check(dark)


def test_a_bag_is_emptied_by_what_empties_a_map() -> None:
    """The same word means the same: nothing is in it, whether it is stored, chosen or compared."""
    bag, (red, *_) = root("bag"), COLOUR.values
    emptied = World(
        name="balls",
        doc="A bag that is filled and emptied.",
        instances=(),
        variables=(Variable.declare("bag", Bag(COLOUR, 2), {}),),
        starts=(Start.declare("empty", {}),),
        actions=(
            Action.declare("add", guard=bag.count_of(red) < 2, sets={"bag": bag.add(red)}),
            Action.declare("empty", guard=bag.count_of(red) == 2, sets={"bag": EMPTY}),
            Action.declare("calm", sets={"bag": if_else(bag.count_of(red) == 1, EMPTY, bag)}),
        ),
        properties=(
            always(
                "empty is what has none",
                (bag == EMPTY).iff(bag.count_of(red) == 0),
                why="-",
                cites="-",
            ),
        ),
        bounds=BOUNDS,
        terminal=True,
    )
    judged = check(emptied)

    assert (judged.levels, judged.transitions) == ((1, 1, 1), 6)
    assert [item.verdict for item in judged.judgements] == ["holds"]


def test_packing_is_reversible(exploration: Exploration) -> None:
    """Two states that differ in a stored value are never packed alike."""
    layout = Layout.of(exploration.system.variables)
    for state in random.Random(3).sample(sorted(exploration), 200):
        assert layout.pack(tuple(layout.unpack(state).values())) == state


def test_a_bag_in_a_record_is_emptied_by_what_empties_a_map() -> None:
    """Wherever the bag stands, and whatever asks for it after the step."""
    item = Record("Item", (Field("bag", Bag(COLOUR, 1)),))
    held, (red, *_) = root("held"), COLOUR.values
    emptied = World(
        name="boxes",
        doc="A box with a bag in it.",
        instances=(),
        variables=(Variable.declare("held", item, {"bag": {red: 1}}),),
        starts=(Start.declare("full", {}),),
        actions=(Action.declare("empty", sets={"held": held.with_fields(bag=EMPTY)}),),
        properties=(
            always_step("empty", after.held.bag.count_of(red) == 0, why="-", cites="-"),
            always_step("so", after.held.bag == EMPTY, why="-", cites="-"),
        ),
        bounds=BOUNDS,
        terminal=True,
    )

    assert [item.verdict for item in check(emptied).judgements] == ["holds", "holds"]


def test_an_event_may_be_rerun_on_a_record_in_any_state() -> None:
    """The state of a record that is put together is a matter of values, like every other field."""
    lamp = random_machine(random.Random(3))
    start = {"state": ["Off", "On"], "colour": None, "level": 0, "last": 0}
    either = if_else(before.level == 0, lamp.states[1], lamp.states[0])
    other = before.with_fields(state=either)
    rerun_of = World(
        name="both",
        doc="A lamp that is asked what it would do.",
        instances=(Instance.declare("lamp", lamp),),
        variables=(),
        starts=(Start.declare("new", {"lamp": start}),),
        actions=any_event("lamp", lamp, number_steps=range(1, 2)),
        properties=(
            always_event(
                "it is the same for both",
                rerun(record=other).accepted.iff(
                    if_else(
                        before.level == 0,
                        rerun(record=before.with_fields(state=lamp.states[1])).accepted,
                        rerun(record=before.with_fields(state=lamp.states[0])).accepted,
                    )
                ),
                why="-",
                cites="-",
            ),
        ),
        bounds=BOUNDS,
        terminal=True,
    )

    assert [item.verdict for item in check(rerun_of).judgements] == ["holds"]
