"""Where a scalar lies is a value: keys are anybody's text, and nothing is taken for another thing.

Whatever is asked of a path is asked of its parts, never of its text.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steptable.check import check
from steptable.errors import UsageError
from steptable.explore.c.compiler import find_compiler
from steptable.explore.engines import Engine
from steptable.explore.graph import quotient
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.partial.paths import About, Entry, Part, Path
from steptable.properties import always, sometimes
from steptable.sorts import TRUTH, Map, Symbol
from steptable.terms import Structure, field, root
from steptable.world import Action, Bounds, Start, Variable, World

KEY = Symbol("Key")
KEYS = ("a", "b", "a].notes[b", "a]", "b\\", "[a")
Shelved = Structure("Shelved", "What is kept.", notes=field(Map(KEY, TRUTH)))
Light = Structure("Light", "Whether there is any.", light=field(TRUTH))
Wish = Structure("Wish", "What is wished for.", choice=field(Light.sort))
kept, chosen = root("kept"), root("choice").key

WORLD = World(
    name="shelf",
    doc="Things under keys, each with notes under keys.",
    instances=(),
    variables=(Variable.declare("kept", Map(KEY, Shelved.sort), {}),),
    starts=(Start.declare("empty", {}),),
    terminal=True,
    actions=(
        Action.declare(
            "put",
            choices={"key": KEY},
            guard=~kept["a"].is_known,
            sets={"kept": kept.put("a", Shelved())},
        ),
        Action.declare(
            "note",
            choices={"key": KEY},
            guard=kept["a"].is_known,
            sets={"kept": kept.put("a", Shelved(notes=kept["a"].value.notes.put("b", True)))},
        ),
    ),
    bounds=Bounds.declare(symbols={KEY: KEYS}, instants=(0,)),
    properties=(
        always("nothing else is kept", ~kept["a].notes[b"].is_known, why="-", cites="-"),
        sometimes("a note is kept", kept["a"].value.notes["b"].is_known, why="-", cites="-"),
    ),
)


def test_each_entry_has_a_name_of_its_own() -> None:
    """Two variables of one name would be one variable."""
    paths = [Path.of("m").entry(key) for key in KEYS]
    paths += [path.field("notes").entry(key) for path in paths for key in KEYS]
    paths += [path.entry(key) for path in paths for key in KEYS]

    assert len(set(map(str, paths))) == len(paths)
    assert str(Path.of("m").entry("h0 of a.b")) == "m[h0 of a.b]"


names = st.sampled_from(["m", "mm", "n"])
keys = st.text("ab.[]?#\\", max_size=4)
segments = st.one_of(st.builds(Part, names), st.builds(Entry, keys), st.sampled_from(list(About)))
paths = st.builds(
    lambda root, rest: Path((Part(root), *rest)), names, st.lists(segments, max_size=4)
)


@given(paths, paths)
def test_no_two_paths_have_one_text(one: Path, other: Path) -> None:
    """Scalars are called by the texts of their paths."""
    assert (str(one) == str(other)) == (one == other)


@given(paths, paths)
def test_what_is_within_a_path_goes_on_from_there(one: Path, other: Path) -> None:
    """A path that begins with the text of another one need not lead through the same place."""
    assert one.is_within(other) == (other in one.beginnings())
    assert not one.is_within(other) or other.joined(one.after(other)) == one


@pytest.mark.parametrize(
    ("path", "text", "owner", "value", "declaration"),
    [
        (Path.of("host", "due"), "host.due", "host.due", "host.due", "host.due"),
        (Path.of("host", "due").presence, "host.due?", "host.due", "host.due", "host.due?"),
        (Path.of("wire").length, "wire#", "wire", "wire", "wire#"),
        (
            Path.of("wire").slot(0).field("kind"),
            "wire[0].kind",
            "wire",
            "wire[0].kind",
            "wire.kind",
        ),
        (
            Path.of("m").entry("a].b?").field("at").presence,
            r"m[a\].b?].at?",
            "m",
            r"m[a\].b?].at",
            "m.at?",
        ),
    ],
)
def test_a_path_knows_its_parts(
    path: Path, text: str, owner: str, value: str, declaration: str
) -> None:
    """Layouts, faults and drawings ask for them, and must not be led astray by a key."""
    asked = (path, path.owner, path.value, path.declaration)

    assert tuple(map(str, asked)) == (text, owner, value, declaration)
    assert path.root == path.names[0]


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


# ── Questions that were asked of texts ───────────────────────────────────────────────


@pytest.mark.parametrize(
    "by", ["kep", "kept[a", "kept[a].notes[a", "kept[a].notes[a].", "kept.[a]", "kept[c]", ""]
)
def test_what_leads_to_no_stored_variable_groups_nothing(by: str) -> None:
    """The beginning of a name is no path, and would group by what nobody has meant."""
    with pytest.raises(UsageError, match="world 'shelf' keeps no variable"):
        quotient(search(build(WORLD)), [by])


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("kept", {"[a]=something": 1, "[a].notes[b]=something": 1, "nothing": 1}),
        ("kept[a]?", {"something": 2, "nothing": 1}),
        ("kept[a].notes", {"[b]=something": 1, "nothing": 2}),
        ("kept[a].notes[b]", {"something": 1, "nothing": 2}),
    ],
)
def test_states_are_grouped_by_what_leads_to_a_stored_variable(
    by: str, groups: dict[str, int]
) -> None:
    """What is there is told from what is not, even where nothing depends on what it is."""
    graph = quotient(search(build(WORLD)), [by])

    assert {node: data["states"] for (node,), data in graph.nodes(data=True)} == groups


@pytest.mark.parametrize("name", ["wish", "a0", "action", "choice_of"])
def test_no_variable_is_taken_for_a_choice(name: str) -> None:
    """The choices of actions are scalars beside those of states, whatever those are called."""
    wish, choice = root(name), root("choice")
    world = World(
        name="well",
        doc="A wish with a part that is called like the choices of actions.",
        instances=(),
        variables=(
            Variable.declare(name, Wish.sort, {"choice": {"light": False}}),
            Variable.declare("dark", TRUTH, False),
        ),
        starts=(Start.declare("quiet", {}),),
        terminal=True,
        actions=(
            Action.declare(
                "look",
                choices={"light": TRUTH},
                guard=choice.light & ~wish.choice.light,
                sets={"dark": True},
            ),
        ),
        bounds=Bounds.declare(symbols={}, instants=(0,)),
        properties=(sometimes("it is dark", root("dark"), why="-", cites="-"),),
    )

    assert [item.verdict for item in check(world, engine="python").judgements] == ["witnessed"]
