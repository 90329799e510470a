"""What is printed for people steers nothing: no terminal, and no build whose log it becomes."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from steptable.report.formats.terminal import Terminal, progress
from steptable.support.plain import harmless, printable
from support.projects import TABLE, edited, run, write_project

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printed(*things: object) -> str:
    """What is put out for some things, one after another."""
    with redirect_stdout(io.StringIO()) as out:
        for thing in things:
            Terminal().print(thing)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b[31mb", r"a\x1b[31mb", id="colour"),
        pytest.param("\x1b]0;title\x1b\\", r"\x1b]0;title\x1b" + "\\", id="title"),
        pytest.param("\x9b2J", r"\x9b2J", id="eight bits"),
        pytest.param("a\u202eb", r"a\u202eb", id="turned round"),
        pytest.param("a\u2028b", r"a\u2028b", id="a line to some"),
        pytest.param("a\ud800b", r"a\ud800b", id="half a character"),
        pytest.param("::error::x", r"\::error::x", id="command"),
        pytest.param("a\n  ::set-output name=x::y", "a\n  \\::set-output name=x::y", id="indented"),
        pytest.param("x ##[error]y", r"x ##\[error]y", id="older command"),
        pytest.param("##vso[task.x]y", r"##vso\[task.x]y", id="another builder's"),
        pytest.param("tests/x.py::y [z] é → \U0001f600", None, id="nothing of it"),
    ],
)
def test_what_would_steer_is_written_out(text: str, shown: str | None) -> None:
    """It is somebody's name or message, and nothing that the reader asked for."""
    assert printed(text) == f"{text if shown is None else shown}\n"
    assert harmless(harmless(text)) == harmless(text)


def test_a_command_that_comes_in_pieces_is_none() -> None:
    """Labels have a style of their own, and are pieces of their own."""
    texts = (Text.assemble((":", "red"), ":error::x"), Text.assemble(("  ", "dim"), "::error::x"))

    assert printed(*texts) == ":\\:error::x\n  \\::error::x\n"


def test_tables_lines_and_errors_are_printed_alike() -> None:
    """There is one place that everything passes."""
    table = Table("\x1b[1mhead")
    table.add_row("\x9bcell")
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        Terminal().print_table(table)
        Terminal().print_line("+\t::x\x1b", "green")
        Terminal(stderr=True).print("\x1b[2Jerror")

    assert not CONTROLS.search(out.getvalue() + err.getvalue())
    assert out.getvalue().endswith("+\t::x\\x1b\n")
    assert err.getvalue() == "\\x1b[2Jerror\n"


@pytest.mark.parametrize("name", ["[red]x", "[/x]", "[link=http://x]y"])
def test_progress_takes_no_name_for_markup(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world called so would be drawn in red, or end in a traceback."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with (
        redirect_stderr(io.StringIO()) as err,
        progress(Terminal(stderr=True), name, quiet=False) as shown,
    ):
        shown.doing("looking")

    assert f"{name}: looking" in err.getvalue()


def test_names_out_of_an_exported_file_are_written_out(tmp_path: Path) -> None:
    """Somebody else has made the file, and asks to have it compared."""
    run(write_project(tmp_path), "generate")
    whole = run(tmp_path, "export", "json").out
    nasty = whole.replace('"Paid"', json.dumps("Pa\x1b[31mid")).replace(
        '"A gate."', '"\\n::error::x"'
    )
    (tmp_path / "old.json").write_text(nasty)
    (tmp_path / "bad.json").write_text('{"\\u001b[31m": "\\u009b\\n::error::x"}')

    for name in ("old.json", "bad.json"):
        done = run(tmp_path, "diff", name)
        assert done.code == 2
        assert not CONTROLS.search(done.out + done.err)
        assert not re.search(r"(?m)^\s*::", done.out + done.err)


@pytest.mark.parametrize("said", ["\x1b[31mred", "a\n::error::x", "##[error]x", "\u2066x"])
def test_errors_of_declarations_are_written_out(tmp_path: Path, said: str) -> None:
    """What an import raises is anybody's text."""
    table = edited(TABLE, 'GATE = Side("gate")', f"raise ValueError({said!r})")
    done = run(write_project(tmp_path, table=table), "check")

    assert done.code == 2
    assert not CONTROLS.search(done.err)
    assert not re.search(r"(?m)^\s*::|##\[", done.err)


def test_what_is_kept_is_shown_as_it_is() -> None:
    """A line of a file keeps its tabs, and text of several lines its lines."""
    assert printable("a\n\tb") == "a\n\tb"
    assert printable("a\n\tb", kept="") == r"a\x0a\x09b"
