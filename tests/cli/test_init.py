"""A project of one's own begins with one command, which takes nothing away from anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from steptable.project.beginning import FILES
from support.projects import Done, run

WRITTEN = (*FILES, "lease/reducer.py")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_project_is_green_from_the_first(tmp_path: Path) -> None:
    """Whoever begins sees at once what a check says, and every part of the example is needed."""
    assert run(tmp_path, "init") == Done(
        0, "".join(f"wrote {name}\n" for name in WRITTEN) + "next: steptable check\n", ""
    )
    assert run(tmp_path, "check") == Done(
        0,
        """\
world office: 9 states, depth 4, 10 transitions, 0.0 s
  holds         who works has the lease
  witnessed     bob works
  holds         no deadlock
ok: 3 properties of 1 world as declared
""",
        "",
    )


def test_what_it_writes_can_be_derived_from_like_any_project(tmp_path: Path) -> None:
    """Its README has its places, and its reducer is current."""
    run(tmp_path, "init")

    done = run(tmp_path, "generate")
    assert "wrote lease/reducer.py" not in done.out.splitlines()
    assert "wrote README.md" in done.out.splitlines()
    assert run(tmp_path, "generate", "--check").code == 0


def test_a_folder_is_made_and_the_way_to_it_is_said(tmp_path: Path) -> None:
    """The line that is said last can be pasted, whatever the folder is called."""
    done = run(tmp_path, "init", "new/my lease")

    assert done.out.splitlines()[-1] == "next: cd 'new/my lease' && steptable check"
    assert run(tmp_path / "new" / "my lease", "check").code == 0


@pytest.mark.parametrize("name", ["pyproject.toml", "README.md", "lease/notes.txt"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    """Somebody's settings are worth more than an example."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    before = contents(tmp_path)

    assert run(tmp_path, "init") == Done(
        2,
        "",
        f"steptable: {tmp_path} has {name.partition('/')[0]} already, and nothing is overwritten; "
        "name an empty folder\n",
    )
    assert contents(tmp_path) == before


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    """It would put a file where nobody looks for it."""
    (tmp_path / "README.md").symlink_to(tmp_path / "elsewhere")

    assert run(tmp_path, "init").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    """A fresh clone has a licence and a .git before it has a project."""
    (tmp_path / "LICENSE").write_text("mine")

    assert run(tmp_path, "init").code == 0
    assert (tmp_path / "LICENSE").read_text() == "mine"


def test_a_file_in_the_way_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    """Not a traceback, and nothing is written beside it."""
    (tmp_path / "taken").write_text("mine")

    assert run(tmp_path, "init", "taken") == Done(
        2, "", f"steptable: taken/pyproject.toml can't be written: {tmp_path}/taken is no folder\n"
    )
    assert contents(tmp_path) == {"taken": b"mine"}


def test_a_second_beginning_in_one_place_changes_nothing(tmp_path: Path) -> None:
    """The command is typed again by mistake once the example has become a project."""
    run(tmp_path, "init")
    (tmp_path / "lease" / "world.py").write_text("mine")
    before = contents(tmp_path)

    done = run(tmp_path, "init")
    assert done.err == (
        f"steptable: {tmp_path} has pyproject.toml and README.md and lease already, and nothing "
        "is overwritten; name an empty folder\n"
    )
    assert contents(tmp_path) == before
