"""What is opaque has one value in a world, whatever it is computed from."""

from __future__ import annotations

from steptable import expr
from steptable.explore.engines import search
from steptable.explore.system.builder import build
from steptable.properties import after as afterwards
from steptable.properties import always_step, before
from steptable.sorts import TEXT, Symbol
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
