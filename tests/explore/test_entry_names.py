"""Keys of maps are anybody's text, and what is stored under one is never taken for another's."""

from __future__ import annotations

import pytest

from steptable.check import check
from steptable.explore.c.compiler import find_compiler
from steptable.explore.engines import Engine
from steptable.partial.shapes import entry_name
from steptable.properties import always, sometimes
from steptable.sorts import TRUTH, Map, Symbol
from steptable.terms import Structure, field, root
from steptable.world import Action, Bounds, Start, Variable, World

KEY = Symbol("Key")
KEYS = ("a", "b", "a].notes[b", "a]", "b\\", "[a")
Entry = Structure("Entry", "What is kept.", notes=field(Map(KEY, TRUTH)))
kept, chosen = root("kept"), root("choice").key

WORLD = World(
    name="shelf",
    doc="Things under keys, each with notes under keys.",
    instances=(),
    variables=(Variable.declare("kept", Map(KEY, Entry.sort), {}),),
    starts=(Start.declare("empty", {}),),
    actions=(
        Action.declare(
            "put",
            choices={"key": KEY},
            guard=~kept["a"].is_known,
            sets={"kept": kept.put("a", Entry())},
        ),
        Action.declare(
            "note",
            choices={"key": KEY},
            guard=kept["a"].is_known,
            sets={"kept": kept.put("a", Entry(notes=kept["a"].value.notes.put("b", True)))},
        ),
    ),
    bounds=Bounds.declare(symbols={KEY: KEYS}, instants=(0,)),
    properties=(
        always("nothing else is kept", ~kept["a].notes[b"].is_known, why="-", cites="-"),
        sometimes("a note is kept", kept["a"].value.notes["b"].is_known, why="-", cites="-"),
    ),
    terminal=True,
)


def test_each_entry_has_a_name_of_its_own() -> None:
    """Two variables of one name would be one variable."""
    names = [entry_name("m", key) for key in KEYS]
    names += [entry_name(f"{name}.notes", key) for name in names for key in KEYS]
    names += [entry_name(name, key) for name in names for key in KEYS]

    assert len(set(names)) == len(names)
    assert entry_name("m", "h0 of a.b") == "m[h0 of a.b]"


@pytest.mark.parametrize(
    "engine",
    [
        "python",
        pytest.param(
            "c", marks=pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
        ),
    ],
)
def test_an_entry_of_an_entry_is_not_an_entry_of_another_key(engine: Engine) -> None:
    """A key may look like the way to something else, and a promise of it be judged by that."""
    result = check(WORLD, engine=engine)

    assert [item.verdict for item in result.judgements] == ["holds", "witnessed"]
    assert result.states == 3
