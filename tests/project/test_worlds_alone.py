"""A project of worlds without any machine: a planner, a protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from steptable.errors import UsageError
from steptable.project import load
from steptable.project.interchange import Declarations, from_json, to_json
from support.projects import edited, fresh_interpreter, run

pytest_plugins = ("pytester",)

CROSSING = '''\
"""Somebody crosses a river with a boat."""

from steptable.properties import never, sometimes
from steptable.sorts import Enum, Integer, Member
from steptable.terms import root
from steptable.world import Action, Start, Variable, World

SIDE = Enum("Side", (Member("NEAR", "near"), Member("FAR", "far")))
boat, trips = root("boat"), root("trips")

world = World(
    name="river",
    doc="A boat on a river.",
    instances=(),
    variables=(
        Variable.declare("boat", SIDE, "near", "Where the boat is."),
        Variable.declare("trips", Integer(0, 3), 0, "How often it has crossed."),
    ),
    starts=(Start.declare("near", {}),),
    actions=(
        Action.declare(
            "cross",
            party="ferry",
            says="the boat goes over",
            guard=(boat == "near") & (trips < 3),
            sets={"boat": "far", "trips": trips + 1},
        ),
        Action.declare(
            "return",
            party="ferry",
            says="the boat comes back",
            guard=boat == "far",
            sets={"boat": "near"},
        ),
    ),
    properties=(
        sometimes("over", boat == "far", why="It is a ferry.", cites="§1"),
        never("thrice", trips == 3, why="Three are too many.", cites="§2").known_to_fail(
            length=5, through=("cross",), explanation="It does so.", repair="Stop it."
        ),
    ),
    terminal=trips == 3,
)
'''


@pytest.fixture
def river(tmp_path: Path) -> Path:
    (tmp_path / "crossing.py").write_text(CROSSING, encoding="utf-8")
    table = '[tool.steptable]\nworlds = ["crossing:world"]\n'
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    return tmp_path


def declared(folder: Path) -> Declarations:
    with fresh_interpreter():
        return load(folder).declared


def written(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sorted(str(path.relative_to(folder)) for path in files)


def test_its_worlds_are_checked(river: Path) -> None:
    """A model needs no table of rows to be worth judging."""
    done = run(river, "check")

    assert (done.code, done.out.splitlines()[-1]) == (
        0,
        "ok: 3 properties of 1 world as declared, 1 of them a finding",
    )


def test_generate_writes_what_there_is_to_write(river: Path) -> None:
    """No reducer and no matrix are made of nothing; findings have their page and their drawings."""
    before = written(river)
    made = run(river, "generate")
    found = [name for name in written(river) if name not in before]

    assert (made.code, found) == (
        0,
        ["diagrams/FINDINGS.md", "diagrams/README.md", "diagrams/findings/river-thrice.mmd"],
    )
    assert run(river, "generate", "--check").code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("table",),
        ("export", "schema"),
        ("draw", "coverage"),
        ("replay", "river", "0/0", "--path"),
        ("replay", "river", "0/0", "--pytest"),
    ],
    ids=" ".join,
)
def test_what_is_of_a_machine_says_in_a_sentence_that_there_is_none(
    river: Path, command: tuple[str, ...]
) -> None:
    """There is no reducer to test, and no picture to paint."""
    done = run(river, *command)

    assert (done.code, "names worlds and no machine" in done.err) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ("replay", "river", "0/0"),
        ("replay", "river", "0/0", "--mermaid"),
        ("replay", "river", "0/0", "--svg"),
        ("draw", "space", "--world", "river", "--by", "boat", "--format", "dot"),
        ("draw", "findings", "--format", "mermaid"),
        ("draw", "page"),
        ("export", "promela", "river"),
        ("export", "json"),
    ],
    ids=" ".join,
)
def test_what_is_of_a_world_is_there(river: Path, command: tuple[str, ...]) -> None:
    """A trace, a drawing and an export need no machine."""
    done = run(river, *command)

    assert (done.code, done.err.replace("wrote", "").count("steptable:")) == (0, 0)


def test_its_worlds_survive_as_json(river: Path) -> None:
    """A version is kept whole, to be compared later."""
    whole = declared(river)

    assert from_json(to_json(whole), "it") == whole


def test_an_export_of_nothing_is_none(river: Path) -> None:
    """A file without machine and worlds has lost something."""
    whole = json.loads(to_json(declared(river))) | {"worlds": []}

    with pytest.raises(UsageError, match="no machine stands here"):
        from_json(json.dumps(whole), "it")


def test_versions_are_compared_by_their_promises(river: Path) -> None:
    """Of worlds there are verdicts, and whoever relies on one is told when it falls."""
    old = river / "old.json"
    old.write_text(run(river, "export", "json").out, encoding="utf-8")
    changed = edited(CROSSING, "(trips < 3)", "(trips < 2)")
    (river / "crossing.py").write_text(changed, encoding="utf-8")
    done = run(river, "diff", str(old), "--format", "json")
    told = json.loads(done.out)

    assert (done.code, told["machine"], [item["rule"] for item in told["breaches"]]) == (
        1,
        "",
        ["promise-broken"],
    )


def test_its_promises_are_tests(river: Path, pytester: pytest.Pytester) -> None:
    """A suite need not have a reducer either."""
    for name in ("crossing.py", "pyproject.toml"):
        (pytester.path / name).write_text((river / name).read_text("utf-8"), encoding="utf-8")
    result = pytester.runpytest_subprocess("--steptable", "-q")

    result.assert_outcomes(passed=4)


def test_a_table_that_names_nothing_is_a_fault(tmp_path: Path) -> None:
    """There would be nothing to do, and no word about why."""
    (tmp_path / "pyproject.toml").write_text("[tool.steptable]\n", encoding="utf-8")

    with pytest.raises(UsageError, match="names no machine and no worlds"):
        load(tmp_path)
