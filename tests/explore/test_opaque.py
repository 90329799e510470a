"""What is opaque has one value in a world, whatever it is computed from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steptable import expr
from steptable.check import check
from steptable.explore.engines import Engine, search
from steptable.explore.system.builder import build
from steptable.properties import after as afterwards
from steptable.properties import always_step, before
from steptable.sorts import (
    INSTANT,
    TEXT,
    TRUTH,
    Enum,
    Field,
    Map,
    Member,
    Opaque,
    Record,
    Symbol,
)
from steptable.terms import Structure, Term, field, root
from steptable.world import Action, Bounds, Start, Variable, World

CHANNEL, VERSION = Symbol("Channel"), Symbol("Version")
ROLLOUT = Symbol("Rollout", parts=(CHANNEL, VERSION), separator="@")
Note = Structure("Note", "What is noted.", text=field(TEXT, "A text."))

world = World(
    name="notes",
    doc="Somebody notes which version it was.",
    instances=(),
    variables=(
        Variable.declare("note", Note.sort, {"text": ""}),
        Variable.declare("rollout", ROLLOUT, ["stable@1", "edge@2"]),
    ),
    starts=(Start.declare("new", {}),),
    actions=(
        Action.declare(
            "write",
            sets={"note": Note(text=Term(expr.Part(root("rollout").node, ROLLOUT, VERSION)))},
        ),
    ),
    bounds=Bounds.declare(
        symbols={ROLLOUT: ("stable@1", "edge@2"), CHANNEL: ("stable", "edge"), VERSION: ("1",)},
        instants=(0,),
    ),
    properties=(
        always_step("it stays", before.note == afterwards.note, why="It is opaque.", cites="§1"),
    ),
)


def test_what_is_written_into_something_opaque_makes_no_new_state() -> None:
    """Two states that nothing can tell apart would be counted, and stepped from, twice."""
    assert len(search(build(world))) == 2


COLOUR = Enum("Colour", (Member("RED", "red"), Member("BLUE", "blue")))
CARD = Record("Card", (Field("at", INSTANT), Field("by", Map(CHANNEL, TRUTH))))
OPAQUE = (
    (TEXT, "some"),
    (Opaque("number"), 1.5),
    (Opaque("flag"), True),
    (Opaque("list", TEXT), ("some",)),
    (Opaque("map", TRUTH), {"some": True}),
    (Opaque("value", COLOUR), "blue"),
    (Opaque("value", CARD), {"at": 1, "by": {}}),
)


@pytest.mark.parametrize("engine", ["python", "c"])
@pytest.mark.usefixtures("unoptimised")
def test_whatever_is_opaque_is_kept(engine: Engine) -> None:
    """Every engine looks values up in domains, and some of what is opaque is made of others."""
    held = Record("Held", tuple(Field(f"o{n}", sort) for n, (sort, _) in enumerate(OPAQUE)))
    start = {f"o{n}": value for n, (_, value) in enumerate(OPAQUE)}
    kept = always_step("it stays", before.held == afterwards.held, why="It is opaque.", cites="§1")
    other = replace(
        world,
        variables=(*world.variables, Variable.declare("held", held, start)),
        properties=(*world.properties, kept),
        interchangeable=(CHANNEL,),
    )

    assert check(other, engine=engine).states == 2
