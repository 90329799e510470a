"""What the page lets people walk through is the world itself: step for step, and in its words."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from known_models.mirror import mirror
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds import agent, reducer
from nixfleet_state_machine.worlds import mirror as mirrored
from steptable.explore.exploration import Exploration, SuccessorFunction
from steptable.explore.python.engine import search
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.explore.system.keys import OVERFLOW
from steptable.explore.system.transitions import Transition
from steptable.partial.codes import value_of
from steptable.properties import sometimes
from steptable.report.page.document import page_html
from steptable.report.page.walks import walk
from steptable.report.traces.lines import sentence
from steptable.report.traces.verdict import broken
from steptable.sorts import Integer
from steptable.terms import if_else, root
from steptable.world import Bounds, Start, Variable, World
from support.browser import Page, browsing, needs_browser
from support.random_worlds import random_world

WORLDS: Final = (reducer.world, agent.world, mirrored.world, mirror(1, 1, 2, lossy=True))

# All ways out of some states, each with its case by what it does, its choices and where it leads.
WAYS: Final = """
const [walk, states] = arguments;
const steps = system(walk);
return states.map((state) => steps.ways(state).map(({ case: item, codes, after }) => [
  walk.actions[item.action].name, item.events, item.choices.map((at) => codes[at]), after,
]));
"""

# A walk that is chosen by some numbers: the key of each step, and what is told of it.
WALK: Final = """
const [world, start, numbers] = arguments;
const steps = system(world.walk);
let state = world.walk.starts[start];
let key = [start];
const told = [];
for (const number of numbers) {
  const ways = steps.ways(state);
  if (ways.length === 0) break;
  const way = ways[number % ways.length];
  key = [...key, number % ways.length];
  state = way.after;
  told.push([key.join("/"), steps.says(way), state, steps.effects(way),
    brokenPromises(world, steps, state, way).map(([n]) => n)]);
}
return told;
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The scripts of the page, with no world of their own."""
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page_html(machine, []), encoding="utf-8")
    with browsing() as driver:
        page = Page(driver, file)
        page.open()
        yield page


def data(world: World) -> Any:
    """The walk of a world as a browser has it."""
    return msgspec.json.decode(msgspec.json.encode(walk(build(world))))


def codes(exploration: Exploration, state: int) -> list[int]:
    values = exploration.layout.unpack(state)
    return [
        variable.domain.index(values[variable.name]) for variable in exploration.layout.variables
    ]


def ways(exploration: Exploration, state: int) -> list[Any]:
    """What the engine says of a state, as `WAYS` puts it."""

    def told(after: int, case: Transition, choices: tuple[Any, ...]) -> list[Any]:
        events = [[t.instance, t.event.name, t.row and t.row.name] for t in case.delivered]
        chosen = [
            variable.domain.index(value_of(variable, choice))
            for variable, choice in zip(case.parameters, choices, strict=True)
        ]
        return [case.action.name, events, chosen, codes(exploration, after)]

    return [told(*way) for way in (*exploration.successors(state), *exploration.refusals(state))]


def agree(page: Page, world: World, exploration: Exploration, states: list[int]) -> None:
    """Raise unless the browser takes the same steps out of some states."""
    there = page.ask(WAYS, data(world), [codes(exploration, state) for state in states])
    for state, taken in zip(states, there, strict=True):
        assert taken == ways(exploration, state)


@needs_browser
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_browser_takes_the_very_steps_of_the_engine(page: Page, world: World) -> None:
    """In the same order, too: the key of a walk is one that `steptable replay` takes."""
    exploration = search(build(world), max_states=4000)
    states = list(exploration)

    agree(page, world, exploration, states[:10] + Random(1).sample(states, 60))


@needs_browser
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans())
def test_so_it_does_in_any_world(page: Page, seed: int, size: int, with_machine: bool) -> None:
    """Whatever sorts and expressions a world is made of."""
    world = random_world(seed, size=size, with_machine=with_machine)
    exploration = search(build(world), max_states=200)
    assume(OVERFLOW not in exploration.violating_steps)

    agree(page, world, exploration, list(exploration)[:40])


@needs_browser
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_walk_is_told_as_its_replay_is(page: Page, world: World) -> None:
    """Sentences, effects and broken promises are those of the interpreter, step by step."""
    system = build(world)
    replayer = Replayer(SuccessorFunction.of(system), {})
    kinds = [{"kind": item.kind} for item in world.properties]
    dice = Random(2)
    for start in dice.choices(range(len(system.initial)), k=5):
        numbers = [dice.randrange(2**30) for _ in range(12)]
        told = page.ask(WALK, {"walk": data(world), "properties": kinds}, start, numbers)
        for key, says, _, effects, wrong in told:
            trace = replayer.by_key(key)
            step = trace.steps[-1]
            emitted = [[a.instance, e.name] for a in step.applied for e in a.effects]
            judged = [
                number
                for number, item in enumerate(world.properties)
                if item.scope != "run" and item.kind != "sometimes" and broken(item, world, trace)
            ]

            assert (says, effects, wrong) == (sentence(step), _once(emitted), judged)


def _once(items: list[list[str]]) -> list[list[str]]:
    return [item for number, item in enumerate(items) if item not in items[:number]]


def test_a_world_whose_numbers_a_browser_would_round_is_not_offered() -> None:
    """A simulator that counts wrongly is worse than none."""

    count = root("count")

    def counting(most: int, more: int = 0) -> World:
        far = if_else(count == 0, count + more, count)
        return World(
            name="counting",
            doc="A number, small or large.",
            instances=(),
            variables=(Variable.declare("count", Integer(0, 2**64 - 1), [0, most]),),
            starts=(Start.declare("full", {}),),
            actions=(),
            properties=(sometimes("it is full", far == most, why="So.", cites="§1"),),
            bounds=Bounds(numbers=(0, most)),
            terminal=True,
        )

    assert walk(build(counting(2**53 - 1))) is not None
    assert walk(build(counting(2**53))) is None
    assert walk(build(counting(1, 2**53))) is not None
    assert walk(build(counting(1, 2**53 + 1))) is None
