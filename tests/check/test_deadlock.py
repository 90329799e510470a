"""Deadlock is judged unless a world may end anywhere; and what counts as something happening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steptable.check import Result, check
from steptable.explore.engines import Engine
from steptable.explore.promela.model import model
from steptable.explore.system.builder import build
from steptable.report.traces.verdict import broken
from steptable.sorts import Integer
from steptable.terms import instant, root
from steptable.world import Action, Bounds, Instance, Start, Variable, World, deliver
from support.turnstile import machine

ENGINES: tuple[Engine, ...] = ("python", "c")

steps, gate = root("steps"), root("gate")

WALK = Action.declare("walk", guard=steps < 2, sets={"steps": steps + 1})
REST = Action.declare("rest", guard=steps == 2, sets={"steps": steps})

world = World(
    name="path",
    doc="Two steps, and no more.",
    instances=(),
    variables=(Variable.declare("steps", Integer(0, 2), 0),),
    starts=(Start.declare("here", {}),),
    actions=(WALK,),
    properties=(),
)


def verdicts(result: Result) -> dict[str, tuple[str, int | None]]:
    """Each verdict, with the number of steps that show it."""
    return {
        item.judged.name: (item.verdict, None if item.trace is None else len(item.trace.steps))
        for item in result.judgements
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_a_world_that_says_nothing_is_to_go_on_for_ever(engine: Engine) -> None:
    """Who has not thought of ends is told of them, as by other checkers."""

    assert verdicts(check(world, engine=engine)) == {"no deadlock": ("violated", 2)}


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_promised_of_a_world_that_may_end_anywhere(engine: Engine) -> None:
    """What nobody asks for is not reported as held."""

    assert verdicts(check(replace(world, terminal=True), engine=engine)) == {}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("end", "verdict"), [(2, ("holds", None)), (1, ("violated", 2))])
def test_a_world_may_end_where_it_says_so(
    engine: Engine, end: int, verdict: tuple[str, int | None]
) -> None:
    """An end that is declared is none elsewhere."""
    of = replace(world, terminal=steps == end)

    assert verdicts(check(of, engine=engine)) == {"no deadlock": verdict}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_that_changes_nothing_is_something_that_happens(engine: Engine) -> None:
    """A state that is its own successor has one, however dull."""
    of = replace(world, actions=(WALK, REST))

    assert verdicts(check(of, engine=engine)) == {"no deadlock": ("holds", None)}


def pushing(**sets: int) -> World:
    """Somebody pushes a turnstile that takes no coins, and so refuses every push."""
    push = Action.declare(
        "push",
        sets=sets,
        events=[deliver("gate", "ArmPushed", serial=gate.last_serial, force=1, at=instant(0))],
    )
    return World(
        name="turnstile",
        doc="A push that is always stale.",
        instances=(Instance.declare("gate", machine),),
        variables=(Variable.declare("steps", Integer(0, 2), 0),),
        starts=(Start.declare("shut", {"gate": {"position": "Locked", "last_serial": 0}}),),
        actions=(push,),
        properties=(),
        bounds=Bounds.declare(symbols={}, instants=(0,), numbers=(0,)),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_event_that_is_refused_is_nothing_that_happens(engine: Engine) -> None:
    """A record that refuses whatever comes stands still for ever, and that is to be seen."""

    assert verdicts(check(pushing(), engine=engine)) == {"no deadlock": ("violated", 0)}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_set_beside_an_event_that_is_refused_happens(engine: Engine) -> None:
    """The action sets its variables whatever becomes of its event, even to what they are."""

    assert verdicts(check(pushing(steps=0), engine=engine)) == {"no deadlock": ("holds", None)}


def test_a_deadlock_says_whether_the_world_names_any_end() -> None:
    """'false is false' would be no reason."""
    reasons = []
    for of in (world, replace(world, terminal=steps == 1)):
        (judgement,) = check(of).judgements
        assert judgement.trace is not None
        reasons.append(broken(judgement.judged, of, judgement.trace))

    assert reasons == [
        "nothing can happen here, and the world says nowhere that it may end",
        "nothing can happen here, and this is false: steps is 1",
    ]


def test_spin_looks_for_deadlocks_where_we_do() -> None:
    """What a model allows to end can't be found to have ended."""
    models = {end: model(build(replace(world, terminal=end))) for end in (False, True)}

    assert ["no deadlock" in text for text in models.values()] == [True, False]
    assert ["end_idle" in text for text in models.values()] == [True, True]
