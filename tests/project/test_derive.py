"""Derived files are what the declarations make of them, to the byte, or `generate` says so."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from steptable.derive import Difference
from steptable.errors import UsageError
from steptable.project.writing import write
from steptable.report.readme import CLOSING, opening
from steptable.targets.diagrams.draw import PICTURE_MARK
from steptable.targets.header import MARK
from support.projects import ENVIRONMENT, ROOT, TABLE, Done, edited, run, start, write_project

OPENING = opening("machine")

DERIVED = (
    "diagrams/README.md",
    "diagrams/coverage-street.dot",
    "diagrams/machine-effects.dot",
    "diagrams/machine.dot",
    "diagrams/machine.mmd",
    "diagrams/matrix.dot",
    "diagrams/matrix.md",
    "diagrams/space-street.dot",
    "gate/reducer.py",
)
CURRENT = Done(0, f"{len(DERIVED)} derived files are up to date\n", "")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The gate with its derived files."""
    run(write_project(tmp_path), "generate")
    return tmp_path


def texts(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names or DERIVED}


def says(name: str, kind: str) -> Done:
    return Done(1, f"{kind}: {name}; run `steptable generate`\n", "")


def test_generating_writes_every_file_once(tmp_path: Path) -> None:
    """A second run finds nothing to do, and touches nothing."""
    write_project(tmp_path)
    first = run(tmp_path, "generate")
    written = {name: (tmp_path / name).stat().st_mtime_ns for name in DERIVED}

    assert sorted(first.out.splitlines()) == [f"wrote {name}" for name in DERIVED]
    assert run(tmp_path, "generate") == CURRENT
    assert written == {name: (tmp_path / name).stat().st_mtime_ns for name in DERIVED}


def test_every_derived_file_says_so_in_its_first_line(gate: Path) -> None:
    """Whoever opens one in an editor sees at once not to."""
    assert [
        name for name, text in texts(gate).items() if MARK.encode() not in text.split(b"\n")[0]
    ] == []


def test_the_committed_files_come_out_of_any_checkout_folder_and_hash_seed(tmp_path: Path) -> None:
    """A reviewer who generates anew must see the very same bytes."""
    names = [
        "README.md",
        *(f"diagrams/{name}" for name in ("machine.dot", "machine.mmd", "matrix.md")),
        *(f"spec/nixfleet_state_machine/{name}.py" for name in ("reducer", "wire")),
    ]
    committed = texts(ROOT, *names)
    running = []
    for seed, below in (("1", "."), ("2", "spec/nixfleet_state_machine/worlds")):
        checkout = tmp_path / f"checkout {seed}"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "spec", checkout / "spec", ignore=ignored)
        for name in ("reducer", "wire"):
            (checkout / "spec" / "nixfleet_state_machine" / f"{name}.py").unlink()
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, checkout / name)
        running.append((checkout, start(checkout / below, "generate", PYTHONHASHSEED=seed)))
    for checkout, process in running:
        _, err = process.communicate(timeout=300)
        assert (process.returncode, err) == (0, "")
        assert texts(checkout, *names) == committed


@pytest.mark.parametrize("name", DERIVED)
def test_a_missing_file_is_named(gate: Path, name: str) -> None:
    """A checkout from which a file was lost must not pass."""
    (gate / name).unlink()

    assert run(gate, "generate", "--check") == says(name, "missing")
    assert not (gate / name).exists()


@pytest.mark.parametrize("name", DERIVED)
def test_a_file_edited_by_hand_is_named(gate: Path, name: str) -> None:
    """One blank is enough: the next run would take it away again."""
    with (gate / name).open("a") as file:
        file.write(" ")

    assert run(gate, "generate", "--check", "-q") == says(name, "stale")


def test_a_file_with_other_line_ends_is_stale(gate: Path) -> None:
    """Byte for byte means line ends too."""
    file = gate / "gate" / "reducer.py"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert run(gate, "generate", "--check") == says("gate/reducer.py", "stale")


def test_a_file_of_older_declarations_is_named(gate: Path) -> None:
    """What was declared has changed, what was made of it has not."""
    write_project(gate, table=edited(TABLE, 'doc="A gate."', 'doc="A gate of iron."'))
    done = run(gate, "generate", "--check")

    assert "stale: gate/reducer.py; run `steptable generate`" in done.out.splitlines()
    assert done.code == 1


@pytest.mark.parametrize("name", ["gate/wire.py", "diagrams/old.mmd"])
def test_a_stray_file_is_named_and_then_removed(gate: Path, name: str) -> None:
    """A codec of a wire that is declared no more would go on being imported."""
    sign = "#" if name.endswith(".py") else "%%"
    (gate / name).write_text(f"{sign} {MARK}\n")

    assert run(gate, "generate", "--check") == says(name, "stray")
    assert run(gate, "generate") == Done(0, f"removed {name}\n", "")
    assert not (gate / name).exists()


@pytest.mark.parametrize("name", ["gate/helper.py", "gate/below/reducer.py", "diagrams/notes.md"])
def test_files_of_others_are_left_alone(gate: Path, name: str) -> None:
    """Only what says of itself that it is derived, and lies where derived files do, is removed."""
    file = gate / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"# {MARK}\n" if "below" in name else f"\n# {MARK}\n")

    assert run(gate, "generate") == CURRENT
    assert file.exists()


@pytest.mark.parametrize(
    "text", ["def (", "import nothing_of_that_name\n", "raise SystemExit(3)\n", "\xff\x00", ""]
)
def test_a_broken_reducer_is_repaired(gate: Path, text: str) -> None:
    """What derives must not depend on what it derives."""
    expected = texts(gate)
    (gate / "gate" / "reducer.py").write_text(text, encoding="latin-1")

    assert run(gate, "generate") == Done(0, "wrote gate/reducer.py\n", "")
    assert texts(gate) == expected


def test_the_difference_is_shown_as_a_patch(gate: Path) -> None:
    """A reviewer sees what the change of a declaration does to the code."""
    reducer = gate / "gate" / "reducer.py"
    *lines, last = reducer.read_text().splitlines(keepends=True)
    reducer.write_text("".join([*lines, last.rstrip("\n")]))
    (gate / "diagrams" / "machine.mmd").write_text("nonsense\n")
    done = run(gate, "generate", "--check", "--diff")
    patch = [line for line in done.out.splitlines() if not line.startswith((" ", "+    "))]

    assert (done.code, patch) == (
        1,
        [
            "--- gate/reducer.py\tas it is",
            "+++ gate/reducer.py\tas it is made",
            f"@@ -{len(lines) - 2},4 +{len(lines) - 2},4 @@",
            f"-{last.rstrip()}",
            "\\ No newline at end of file",
            f"+{last.rstrip()}",
            "stale: gate/reducer.py; run `steptable generate`",
            "--- diagrams/machine.mmd\tas it is",
            "+++ diagrams/machine.mmd\tas it is made",
            "@@ -1 +1,11 @@",
            "-nonsense",
            f"+%% {MARK}",
            "+stateDiagram-v2",
            "stale: diagrams/machine.mmd; run `steptable generate`",
        ],
    )


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the program patch")
def test_the_patch_can_be_applied(gate: Path) -> None:
    """New, changed, and removed files: it means the same to other tools."""
    expected = texts(gate)
    (gate / "gate" / "reducer.py").write_text("no line end")
    (gate / "diagrams" / "machine.dot").unlink()
    (gate / "diagrams" / "old.mmd").write_text(f"%% {MARK}\n")
    done = run(gate, "generate", "--check", "--diff")
    subprocess.run(
        ["patch", "-p0"], cwd=gate, input=done.out, text=True, check=True, capture_output=True
    )

    assert texts(gate) == expected
    assert not (gate / "diagrams" / "old.mmd").exists()


def test_lines_of_a_patch_end_where_other_tools_see_them_end(gate: Path) -> None:
    """A form feed or U+2028 in a README ends a line to Python alone."""
    readme = gate / "README.md"
    text = f"# Gate\x0cof iron\u2028and wood\n{OPENING}\nold\n{CLOSING}\n"
    readme.write_text(text, encoding="utf-8")
    done = run(gate, "generate", "--check", "--diff")
    assert "\\ No newline at end of file" not in done.out.splitlines()
    assert run(gate, "generate").code == 0
    assert readme.read_text(encoding="utf-8").startswith("# Gate\x0cof iron\u2028and wood\n")


def test_the_readme_keeps_all_but_its_diagram(gate: Path) -> None:
    """Everything around the markers is its author's, line ends included."""
    readme = gate / "README.md"
    readme.write_bytes(f"# Gate\r\n{OPENING}\nold\n{CLOSING}\nmore\r\n".encode())

    assert run(gate, "generate") == Done(0, "wrote README.md\n", "")
    text = readme.read_bytes().decode()
    assert text.startswith(f"# Gate\r\n{OPENING}\n\n```mermaid\nstateDiagram-v2\n")
    assert text.endswith(f"```\n\n{CLOSING}\nmore\r\n")


def test_the_readme_shows_the_worlds_where_it_has_a_place_for_them(gate: Path) -> None:
    """A count of states that was typed by hand would go stale with the next row."""
    readme = gate / "README.md"
    readme.write_text(f"# Gate\n{opening('worlds')}\n{CLOSING}\nmore\n")

    assert run(gate, "generate") == Done(0, "wrote README.md\n", "")
    assert readme.read_text() == (
        f"# Gate\n{opening('worlds')}\n\n"
        "| world | what it is | states | findings |\n"
        "|---|---|--:|--:|\n"
        "| `street` | A gate under any event. | 5 |  |\n"
        f"\n{CLOSING}\nmore\n"
    )


@pytest.mark.parametrize("text", ["# Gate\n", f"{CLOSING}\n"])
def test_a_readme_without_a_place_for_the_diagram_is_a_sentence(gate: Path, text: str) -> None:
    """The two lines to add are quoted; nothing is written meanwhile."""
    (gate / "README.md").write_text(text)

    assert run(gate, "generate") == Done(
        2,
        "",
        f"steptable: README.md has no place for the diagram; add the lines '{OPENING}' and "
        f"'{CLOSING}' where it belongs, or write readme = \"\" in [tool.steptable] to do without\n",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{OPENING}\n", f"'machine' without an end; add the line '{CLOSING}' behind it"),
        (
            f"{CLOSING}\n{OPENING}\n",
            f"'machine' without an end; add the line '{CLOSING}' behind it",
        ),
        (
            f"{OPENING}\n{opening('worlds')}\n{CLOSING}\n",
            f"'machine' without an end; add the line '{CLOSING}' behind it",
        ),
        (f"{opening('world')}\n{CLOSING}\n", "'world'; did you mean 'worlds'?"),
    ],
)
def test_a_block_of_the_readme_that_can_not_be_made_is_a_sentence(
    gate: Path, text: str, problem: str
) -> None:
    """What follows a block without an end must not be taken for what was generated."""
    (gate / "README.md").write_text(text)

    assert run(gate, "generate") == Done(2, "", f"steptable: README.md has a block {problem}\n")
    assert (gate / "README.md").read_text() == text


def test_a_readme_that_wants_no_diagram_is_left_alone(gate: Path) -> None:
    """The way out that the sentence names exists."""
    (gate / "README.md").write_text("# Gate\n")
    with (gate / "pyproject.toml").open("a") as file:
        file.write('readme = ""\n')

    assert run(gate, "generate") == CURRENT


def test_a_picture_of_an_older_drawing_is_stale(gate: Path) -> None:
    """Pictures are drawn by another command, which is the one to run."""
    (gate / "diagrams" / "machine.svg").write_text("<svg/>")

    assert run(gate, "generate", "--check") == Done(
        1, "stale: diagrams/machine.svg; run `steptable draw`\n", ""
    )


def test_a_page_that_was_drawn_once_is_kept_up_to_date(gate: Path) -> None:
    """Verdicts of an older declaration would mislead a review; who wants no page has none."""
    page = gate / "diagrams" / "page.html"
    run(gate, "draw", "page")
    drawn = page.read_bytes()
    current = run(gate, "generate", "--check")
    write_project(gate, environment=edited(ENVIRONMENT, 'why="Things do."', 'why="It may."'))

    assert current == Done(0, "10 derived files are up to date\n", "")
    assert run(gate, "generate", "--check") == says("diagrams/page.html", "stale")
    assert run(gate, "generate") == Done(0, "wrote diagrams/page.html\n", "")
    assert page.read_bytes() == drawn.replace(b"Things do.", b"It may.")


def test_a_failed_write_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """All of a file or nothing, and no scraps beside it."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(UsageError, match="taken can't be written: Is a directory"):
        write(tmp_path / "taken", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_written_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    """Replacing a file must not make it anybody else's."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    write(link, b"new")

    assert (file.read_bytes(), file.stat().st_mode & 0o777, link.is_symlink()) == (
        b"new",
        0o640,
        True,
    )


def test_a_new_file_of_a_patch_comes_from_nowhere() -> None:
    """As git and patch write it."""
    made = Difference(Path("new.py"), "missing", b"", b"a = 1\n")

    assert list(made.patch("new.py")) == [
        "--- /dev/null\tas it is",
        "+++ new.py\tas it is made",
        "@@ -0,0 +1 @@",
        "+a = 1",
    ]


# ── The gallery ──────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
def test_a_picture_of_what_is_no_more_is_named_and_then_removed(gate: Path) -> None:
    """A finding that is gone must not go on being shown."""
    picture = gate / "diagrams" / "findings" / "street-old.svg"
    picture.parent.mkdir()
    picture.write_text(f"<svg/>\n{PICTURE_MARK}0 -->\n")
    own = picture.with_name("own.svg")
    own.write_text("<svg/>\n")

    assert run(gate, "generate", "--check") == Done(
        1, "stray: diagrams/findings/street-old.svg; run `steptable draw`\n", ""
    )
    run(gate, "draw")
    assert (picture.exists(), own.exists()) == (False, True)


def test_the_gallery_shows_every_drawing_once_and_its_links_lead_somewhere() -> None:
    """A reviewer opens one page, and from there everything."""
    folder = ROOT / "diagrams"
    page = (folder / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", page)
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page)
    drawn = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.svg"))]

    assert sorted(shown) == drawn
    assert [link for link in links if not (folder / link).is_file()] == []


# ── Inside ───────────────────────────────────────────────────────────────────────────


def test_nothing_outside_a_project_is_written_or_removed(gate: Path) -> None:
    """A link among the derived files leads to what is somebody else's."""
    run(gate, "generate")
    outside = gate.parent / "outside"
    outside.mkdir()
    stray = outside / "stray.md"
    stray.write_text(f"<!-- {MARK} -->\n")
    (outside / "stray.svg").write_text("<!-- drawn from sha256:0 -->")
    kept = {file: file.read_bytes() for file in outside.iterdir()}
    matrix, findings = gate / "diagrams" / "matrix.md", gate / "diagrams" / "findings"
    matrix.unlink()
    matrix.symlink_to(stray)
    said = [run(gate, "generate").err, run(gate, "generate", "--check").err]
    matrix.unlink()
    run(gate, "generate")
    findings.symlink_to(outside)
    said += [run(gate, *command).err for command in (("generate",), ("draw", "matrix", "-q"))]
    findings.unlink()
    page = gate / "diagrams" / "machine.mmd"
    page.unlink()
    page.symlink_to(outside / "new")
    said.append(run(gate, "draw", "machine", "--format", "mermaid").err)

    into = "leads out of the project, to"
    assert said == [
        f"steptable: diagrams/matrix.md {into} {stray}; remove that link\n",
        f"steptable: diagrams/matrix.md {into} {stray}; remove that link\n",
        f"steptable: diagrams/findings {into} {outside}; remove that link\n",
        "",
        f"steptable: diagrams/machine.mmd {into} {outside / 'new'}; remove that link\n",
    ]
    assert {file: file.read_bytes() for file in outside.iterdir()} == kept


def test_two_derived_files_of_one_path_are_refused(gate: Path) -> None:
    """Each would make the other stale."""
    settings = gate / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}readme = "diagrams/README.md"\n')
    done = run(gate, "generate")
    settings.write_text("".join(settings.read_text().splitlines(keepends=True)[:-1]))
    (gate / "diagrams" / "matrix.md").unlink()
    (gate / "diagrams" / "matrix.md").symlink_to("machine.mmd")

    assert done.err == (
        "steptable: more than one derived file would be diagrams/README.md; write other paths for "
        "package, diagrams or readme in [tool.steptable]\n"
    )
    assert "more than one derived file would be diagrams/" in run(gate, "generate").err


# ── Parts ────────────────────────────────────────────────────────────────────────────

PARTS = {
    "reducer": ("gate/reducer.py",),
    "machine": (
        *(f"diagrams/{name}" for name in ("machine-effects.dot", "machine.dot", "machine.mmd")),
        *("diagrams/matrix.dot", "diagrams/matrix.md"),
    ),
    "worlds": (
        *(f"diagrams/{name}" for name in ("README.md", "coverage-street.dot", "space-street.dot")),
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_made_alone(tmp_path: Path, part: str) -> None:
    """Who changes one row wants the reducer now, and the drawings later."""
    done = run(write_project(tmp_path), "generate", "--only", part)

    assert sorted(done.out.splitlines()) == [f"wrote {name}" for name in PARTS[part]]
    assert run(tmp_path, "generate", "--check", "--only", part).code == 0
    assert sorted(name for names in PARTS.values() for name in names) == sorted(DERIVED)


def test_a_part_has_no_strays(gate: Path) -> None:
    """What is not looked at can't be known to be too much."""
    (gate / "diagrams" / "old.mmd").write_text(f"%% {MARK}\n")

    assert run(gate, "generate", "--only", "machine").code == 0
    assert (gate / "diagrams" / "old.mmd").exists()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("redcer", "--only redcer: there is no such part; did you mean 'reducer'?"),
        (
            "x",
            "--only x: there is no such part; write one of: codec, machine, reducer, worlds",
        ),
        ("codec", "--only codec: the machine Gate declares no wire"),
    ],
)
def test_a_part_that_there_is_not_is_a_wrong_use(gate: Path, part: str, said: str) -> None:
    """Nothing would be made, which must not look like nothing to do."""
    assert run(gate, "generate", "--only", part) == Done(2, "", f"steptable: {said}\n")


OVERFLOWING = """
from dataclasses import replace
from steptable.sorts import Integer
from steptable.world import Action, Variable

world = replace(
    world,
    variables=(Variable.declare("miles", Integer(0, 2), 0, "How far."),),
    actions=(*world.actions, Action.declare("drive", sets={"miles": root("miles") + 1})),
    properties=(
        *world.properties,
        always("it is a way", root("miles") >= 0, why="It is one.", cites="§1"),
    ),
)
"""


def test_where_a_world_cannot_be_explored_the_rest_is_written(gate: Path) -> None:
    """The reducer depends on no world; what does is left as it was, and the exit code says so."""
    before = texts(gate)
    table = edited(TABLE, 'doc="A gate."', 'doc="A gate of iron."')
    write_project(gate, table=table, environment=ENVIRONMENT + OVERFLOWING)
    done = run(gate, "generate")
    now = texts(gate)
    written = {line.removeprefix("wrote ") for line in done.out.splitlines()}

    assert done.code == 2
    assert "'miles' can't be 3" in done.err
    assert done.err.splitlines()[-1] == "what is made of worlds is left as it was"
    assert "gate/reducer.py" in written
    assert written <= {*PARTS["reducer"], *PARTS["machine"]}
    assert {name for name in DERIVED if now[name] != before[name]} == written
