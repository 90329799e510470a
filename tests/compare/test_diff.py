"""`steptable diff` compares revisions, folders and exports, and says it to people and programs."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from steptable.compare.difference import Difference, Version, difference
from steptable.compare.rules import RULES
from steptable.machine import Guard, Machine
from steptable.project.interchange import Declarations
from steptable.report.diff.dot import difference_dot
from steptable.report.diff.markdown import difference_markdown
from steptable.terms import root
from support.faulty.parcel import ARRIVING, parcel, with_row
from support.projects import ENVIRONMENT, ROAD, TABLE, Done, edited, golden, run, write_project

DEARER = edited(TABLE, "event.coins >= policy.coins", "event.coins > policy.coins")
RENAMED = edited(TABLE, '"paid", SHUT', '"bought", SHUT')
UNPAID = edited(TABLE, 'sets={"paid_at": event.at},', "")
UNPAID = edited(
    UNPAID,
    'Row.declare("passed", OPEN, PASSED, SHUT,',
    'Row.declare("passed", OPEN, PASSED, SHUT, sets={"paid_at": event.at},',
)


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The gate in a repository, committed once."""
    folder = write_project(tmp_path / "gate of mine")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Build a gate")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


# ── Versions ─────────────────────────────────────────────────────────────────────────


def test_a_revision_is_compared_with_the_working_tree(gate: Path) -> None:
    """The question of every review: what does this change do?"""
    write_project(gate, table=UNPAID)
    done = run(gate, "diff", "HEAD")

    assert (done.code, done.err) == (1, "")
    head, _, rest = done.out.partition("\n")
    assert head.startswith("Gate: HEAD (")
    assert head.endswith(") → working tree")
    assert golden("diff", rest) == rest


def test_a_folder_a_file_and_a_revision_of_one_version_say_the_same(gate: Path) -> None:
    """How a version was kept makes no difference."""
    kept = gate.parent / "kept.json"
    kept.write_text(run(gate, "export", "json").out, encoding="utf-8")
    other = write_project(gate.parent / "other", table=DEARER)
    said = [
        run(gate, "diff", name, str(other)).out.partition("\n")[2]
        for name in ("HEAD", str(gate), str(kept))
    ]

    assert "[journal-guard-strengthened] Shut, Paid" in said[0]
    assert said == [said[0]] * 3


def test_two_exports_are_compared_without_a_project(gate: Path, tmp_path: Path) -> None:
    """Whoever keeps versions need not keep their code."""
    for name, table in ("old", TABLE), ("new", RENAMED):
        write_project(gate, table=table)
        (tmp_path / f"{name}.json").write_text(run(gate, "export", "json").out, encoding="utf-8")

    assert run(tmp_path, "diff", "old.json", "new.json") == Done(
        0,
        """\
Gate: old.json → new.json

Promises
  explored      world street: 5 states

No change in behaviour
  renamed       row paid → bought (Shut, Paid)

no rule broken, no change of behaviour found, 0 verdicts differ
""",
        "",
    )


def test_a_version_that_is_the_same_breaks_nothing(gate: Path) -> None:
    """CI is quiet where there is nothing to say."""
    assert run(gate, "diff", "HEAD", "HEAD").out.splitlines()[-1] == "no difference"
    assert run(gate, "diff", "HEAD", "-q") == Done(0, "", "")


def test_nothing_of_an_older_tree_is_run_but_its_declarations(gate: Path) -> None:
    """A folder to compare with is not a folder to be trusted with more."""
    other = write_project(gate.parent / "other")
    for name in ("msgspec", "rich", "sitecustomize", "steptable"):
        (other / f"{name}.py").write_text("raise SystemExit('it was run')\n")
    before = sorted(other.rglob("*"))

    assert run(gate, "diff", str(other)).code == 0
    assert sorted(other.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "steptable: name a version to compare with: `steptable diff OLD [NEW]`"),
        ("nowhere", "steptable: 'nowhere' is no folder, no file, and no revision of the rep"),
        ("--output=x", "No such option"),
        ("-- --output=x", "steptable: '--output=x' is no folder, no file, and no revision"),
        ("pyproject.toml", "steptable: pyproject.toml is no JSON: "),
        ("HEAD --out it.gif", "steptable: --out it.gif: name a file that ends in one of .dot,"),
        ("HEAD --format xml", "markdown"),
        ("HEAD HEAD HEAD", "unexpected extra argument"),
        ("--rules --format json", "steptable: rules are listed as text or markdown"),
    ],
)
def test_wrong_usage_is_a_sentence(gate: Path, arguments: str, said: str) -> None:
    """A typo in a pipeline is told from a broken rule."""
    done = run(gate, "diff", *arguments.split())

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_version_that_this_engine_cannot_load_is_one_sentence(gate: Path) -> None:
    """Old declarations may be written for an engine of their time."""
    other = write_project(gate.parent / "other", environment="import yesterday\n")
    done = run(gate, "diff", str(other))
    alone = run(gate, "diff", str(other), "--no-worlds")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        f"steptable: the declarations of {other} can't be loaded by this steptable: "
        "gate/environment.py:1: gate.environment: it can't be read: "
    )
    assert done.err.endswith("; its machine alone can be: write --no-worlds\n")
    assert alone.code == 0
    assert "promises were not judged" in alone.out


def test_a_world_that_overruns_its_bounds_is_one_sentence(gate: Path) -> None:
    """A change can lead a world where it has no room."""
    counting = edited(TABLE, "last=field(U64", "n=field(COINS, default=0),\n    last=field(U64")
    counting = edited(counting, '{"paid_at": event.at}', '{"paid_at": event.at, "n": record.n + 1}')
    guard = 'guards=(Guard.declare("often", record.n > 1, must="it must be often used"),),'
    counting = edited(
        counting, '"stolen", SHUT, STOLEN, GONE,', f'"stolen", SHUT, STOLEN, GONE, {guard}'
    )
    write_project(gate, table=counting)
    done = run(gate, "diff", "HEAD")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("steptable: world 'street' of working tree can't be explored: ")
    assert done.err.endswith("or compare the machines alone with --no-worlds\n")


def test_a_revision_outside_a_repository_is_a_sentence(tmp_path: Path) -> None:
    """Not every folder is under version control."""
    done = run(write_project(tmp_path), "diff", "HEAD")

    assert (done.code, done.out) == (2, "")
    assert "'HEAD' is no folder, no file, and no revision" in done.err


def test_what_is_called_alike_is_told_by_how_states_are_counted(gate: Path) -> None:
    """Fewer states may be the same ones, of which those that differ by an order count once."""
    alike = edited(ROAD, "properties=of", "interchangeable=(Alike(GATES),), properties=of")
    alike = edited(alike, "import Bounds", "import Alike, Bounds")
    write_project(gate, environment=ROAD)
    kept = gate.parent / "kept.json"
    kept.write_text(run(gate, "export", "json").out, encoding="utf-8")
    write_project(gate, environment=alike)
    done = run(gate, "diff", str(kept))
    told = json.loads(run(gate, "diff", str(kept), "--format", "json").out)["worlds"]

    assert (
        "  explored      world road: 25 states → 15 states up to the order of upper and lower\n"
        in done.out
    )
    assert [(world["old_symmetry"], world["new_symmetry"]) for world in told] == [
        ("", "upper and lower")
    ]
    assert '"is": "Alike"' in run(gate, "export", "json").out


# ── Forms ────────────────────────────────────────────────────────────────────────────


def test_json_has_all_that_is_told(gate: Path) -> None:
    """A program decides by fields, not by words."""
    write_project(gate, table=UNPAID)
    done = run(gate, "diff", "HEAD", "--format", "json")
    told = json.loads(done.out)

    assert (done.code, done.err, told["breaks"]) == (1, "", True)
    assert [item["rule"] for item in told["breaches"]] == [
        "journal-update-changed",
        "journal-update-changed",
        "promise-broken",
    ]
    assert [(c["state"], c["fact"], c["kind"]) for c in told["behaviour"]] == [
        ("Shut", "Paid", "changed"),
        ("Open", "Passed", "changed"),
    ]
    (flip,) = [item for item in told["worlds"][0]["promises"] if item["flips"]]
    assert (flip["old"], flip["new"]) == ("holds", "violated")
    assert len(flip["new_trace"]["steps"]) == 1


def test_markdown_renders_as_it_is_meant(gate: Path) -> None:
    """It is pasted into a review as it comes."""
    write_project(gate, table=UNPAID)
    done = run(gate, "diff", "HEAD", "--format", "markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(done.out)
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    fences = [token.info for token in tokens if token.type == "fence"]

    assert done.code == 1
    assert headings[1:] == ["What it breaks", "Behaviour", "Promises"]
    assert fences == ["diff", "text", "diff", "text", "text"]
    assert "table_open" in [token.type for token in tokens]


def test_markdown_stays_within_a_comment_and_says_what_it_left_out(
    gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment that is too long is refused whole."""
    monkeypatch.setattr("steptable.report.diff.markdown.MOST", 10)
    write_project(gate, table=UNPAID)

    assert "the steps are left out" in run(gate, "diff", "HEAD", "--format", "markdown").out


def test_rules_are_listed(gate: Path) -> None:
    """What is looked after can be read without reading code."""
    text, table = run(gate, "diff", "--rules"), run(gate, "diff", "--rules", "--format", "markdown")

    assert (text.code, len(text.out.splitlines())) == (0, len(RULES))
    assert [line.split()[1] for line in text.out.splitlines()] == [rule.name for rule in RULES]
    assert len(table.out.splitlines()) == len(RULES) + 2


# ── The drawing ──────────────────────────────────────────────────────────────────────


def compared(old: Machine, new: Machine) -> Difference:
    return difference(Version("old", Declarations(old)), Version("new", Declarations(new)))


def test_a_drawing_tells_new_gone_and_changed_by_sign_and_line() -> None:
    """It is read in grey, too."""
    fewer = replace(parcel, rows=parcel.rows[:2])
    gone, new = difference_dot(compared(parcel, fewer)), difference_dot(compared(fewer, parcel))

    assert '"Sent" -> "Delivered" [style=dashed' in gone
    assert "\N{MINUS SIGN} Arrived" in gone
    assert "~ Delivered" in gone
    assert '"Sent" -> "Delivered" [style=bold' in new
    assert "+ Arrived" in new


def test_text_of_a_declaration_cannot_break_out_of_a_drawing_or_a_comment() -> None:
    """A name is a name, whatever it contains."""
    odd = '</TABLE>> "] ```\n# x <b> | `'
    guard = Guard.declare(odd, root("record").grams > 1, must="")
    found = compared(parcel, with_row(replace(ARRIVING, guards=(*ARRIVING.guards, guard))))
    page = difference_markdown(found)
    tokens = MarkdownIt("commonmark").enable("table").parse(page)

    headings = [t.content for before, t in pairwise(tokens) if before.type == "heading_open"]

    assert headings[1:] == ["What it breaks", "Behaviour", "Not compared"]
    drawn = difference_dot(found)
    assert "&lt;/TABLE&gt;&gt; &quot;]" in drawn
    assert '</TABLE>> "]' not in drawn


def test_a_difference_is_drawn_without_dot_and_the_same_each_time(gate: Path) -> None:
    """The text of a drawing needs nothing installed."""
    write_project(gate, table=DEARER)
    texts = []
    for name in ("one.dot", "two.dot"):
        run(gate, "diff", "HEAD", "--no-worlds", "-q", "--out", name)
        texts.append((gate / name).read_text())

    assert texts[0] == texts[1]
    assert "~ Paid" in texts[0]


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
def test_a_difference_is_drawn_as_a_picture(gate: Path) -> None:
    """Reviews are decided on pictures."""
    write_project(gate, table=DEARER)

    assert run(gate, "diff", "HEAD", "--no-worlds", "-q", "--out", "new/it.svg").code == 1
    assert "<svg" in (gate / "new" / "it.svg").read_text()
    assert ENVIRONMENT in (gate / "gate" / "environment.py").read_text()
