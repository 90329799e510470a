"""Properties, premises, effects and what every system has to keep are told by keys of their own.

Numbers stand for them in generated code alone, and there is one numbering for every engine.
"""

from __future__ import annotations

import pytest

from nixfleet_state_machine.worlds.agent import world as agent
from steptable.explore.c.code import CWriter
from steptable.explore.c.compiler import find_compiler
from steptable.explore.engines import Engine, search
from steptable.explore.packed.code import PythonWriter
from steptable.explore.packed.layout import Layout
from steptable.explore.system.builder import build
from steptable.explore.system.keys import (
    DEADLOCK,
    OVERFLOW,
    PremiseKey,
    PropertyKey,
    effects_of,
    keyed,
)
from steptable.properties import after as afterwards
from steptable.properties import always, always_step, before, sometimes
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import Action, Bounds, Start, Variable, World

WHY = {"why": "-", "cites": "-"}
ENGINES = (
    "python",
    pytest.param(
        "c", marks=pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
    ),
)

count = root("count")
COUNTER = World(
    name="counter",
    doc="Counts up to three, of which nobody has thought; or is stuck at two.",
    instances=(),
    variables=(Variable.declare("count", Integer(0, 3), 0),),
    starts=(Start.declare("nothing", {}),),
    actions=(
        Action.declare("two more", guard=count != 2, sets={"count": count + 2}),
        Action.declare("one more", guard=count == 0, sets={"count": count + 1}),
    ),
    bounds=Bounds.declare(symbols={}, instants=(0,)),
    properties=(
        always("it is not one", count != 1, **WHY),
        always_step("it is not two", afterwards.count != 2, **WHY),
        sometimes("it is three", count == 3, **WHY),
        always_step("after three it is less", (before.count == 3).implies(True), **WHY),
    ),
    terminal=(count == 3).node,
)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_broken_is_told_by_key_whatever_the_engine(engine: Engine) -> None:
    """A number would be a property to one reader, and the end of a bound to another."""
    found = search(build(COUNTER), engine=engine)
    unpack = found.layout.unpack

    assert {key: unpack(state)["count"] for key, state in found.deciding_states.items()} == {
        PropertyKey(0): 1,
        PropertyKey(2): 3,
    }
    assert {
        key: (unpack(state)["count"], case is None)
        for key, (state, case, _) in found.violating_steps.items()
    } == {PropertyKey(1): (0, False), OVERFLOW: (3, False), DEADLOCK: (2, True)}
    assert found.met_premises == set(found.system.premises.of)


def test_every_engine_notes_the_same_by_one_numbering() -> None:
    """Each thing that can be noted has one number, and nothing else has that."""
    system = build(agent)
    numbering = PythonWriter(system, Layout.of(system.variables)).numbering
    compiled = CWriter(system, Layout.of(system.variables)).numbering.noted
    properties, effects = keyed(agent), set(effects_of(agent))

    assert numbering.decided == compiled.decided
    assert numbering.decided == tuple(k for k, one in properties.items() if one.scope == "state")
    assert set(compiled.broken) <= set(numbering.broken) <= {OVERFLOW, DEADLOCK, *properties}
    assert set(compiled.met) <= set(numbering.met) <= {*system.premises.of, *effects}
    for noted in (numbering.decided, numbering.broken, numbering.met):
        assert len(set(noted)) == len(noted)


def test_a_property_and_a_premise_of_one_number_are_two_things() -> None:
    """The first property and the first premise share nothing but their place."""
    assert len({PropertyKey(0), PremiseKey(0)}) == 2
