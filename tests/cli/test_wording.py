"""What the command line says of itself and of wrong usage is said in words of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from steptable.cli.app import plain_refusal
from steptable.report.formats.table import is_too_narrow, matrix_lines
from steptable.report.formats.text import Report
from support.projects import Done, run, write_project
from support.turnstile import machine

COMMANDS = ("check", "replay", "generate", "draw", "table", "diff", "export", "export promela")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_speaks_of_no_types_of_python(tmp_path: Path, command: str) -> None:
    """A flag takes nothing, and a list is written by giving an option again."""
    told = run(tmp_path, *command.split(), "--help").out

    assert told
    assert [word for word in ("bool", "list[", "<str>", "int range") if word in told] == []


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Value error, 'z' is not one of 'auto', 'c'.", "'z' is not one of 'auto', 'c'."),
        (
            "Input should be a valid integer, unable to parse string as an integer",
            "write an integer",
        ),
        ("Input should be greater than or equal to 1", "write 1 or more"),
        ("Input should be less than or equal to 64", "write 64 or less"),
        ("Input should be a valid path", "it must be a valid path"),
    ],
)
def test_a_wrong_value_is_refused_in_plain_words(said: str, plain: str) -> None:
    """Who mistypes a value wants to know what to write, not which library looked at it."""
    assert plain_refusal(said) == plain


@pytest.mark.parametrize("option", ["--max-states x", "--threads 0", "--engine z", "--format z"])
def test_no_library_speaks_where_an_option_is_wrong(tmp_path: Path, option: str) -> None:
    """What is looked at by a library is said by the tool."""
    done = run(tmp_path, "check", *option.split())

    assert (done.code, done.out) == (2, "")
    assert "Value error" not in done.err
    assert "Input should" not in done.err


@pytest.mark.parametrize("option", ["--tests", "--journal"])
def test_a_file_that_is_something_else_is_one_fault(tmp_path: Path, option: str) -> None:
    """Hundreds of lines that say the same hide what is wrong: it is another file."""
    folder = write_project(tmp_path)
    run(folder, "generate", "-q")
    (folder / "README.txt").write_text("no json\n" * 400)
    done = run(folder, "draw", "coverage", option, "README.txt", "--format", "dot")

    if option == "--tests":
        (first, last) = done.err.splitlines()
        assert first.startswith("README.txt:1: recording: 400 of 400 lines are wrong, the first so")
        assert "is this a recording at all?" in first
        assert last == "1 fault; nothing was done"
    assert (done.code, done.out) == (2, "")


def test_a_recording_with_one_faulty_line_names_that_line(tmp_path: Path) -> None:
    """What is a recording but for some lines is corrected line by line."""
    folder = write_project(tmp_path)
    run(folder, "generate", "-q")
    line = json.dumps({"rows": {}, "states": {}, "refused": {}})
    (folder / "taken").write_text(f"{line}\nno json\n{line}\n{line}\n")
    done = run(folder, "draw", "coverage", "--tests", "taken", "--format", "dot")

    assert done.err.startswith("taken:2: recording: JSON is malformed")


@pytest.mark.parametrize("columns", [24, 40, 60, 80])
def test_lines_of_a_report_keep_to_a_narrow_terminal(columns: int) -> None:
    """Half a screen beside an editor is no wider than this."""
    text = "east: position=Shut, paid_at=t+0s, last=1 and_a_name_that_is_longer_than_all_the_line"
    line = str(Report(columns).line("never taken", text))

    assert max(map(len, line.split("\n"))) <= columns


def test_where_the_matrix_has_no_room_each_state_is_told_by_itself() -> None:
    """Columns of four letters can't be read."""
    assert not is_too_narrow(machine, None)
    assert not is_too_narrow(machine, 80)
    assert is_too_narrow(machine, 20)
    lines = list(matrix_lines(machine))

    assert [line for line in lines if line and not line.startswith(" ")] == [
        "Locked",
        "Unlocked",
        "Broken",
    ]
    assert "  Push: → Locked passed" in lines


def test_help_is_given_without_a_project(tmp_path: Path) -> None:
    """Whoever asks what there is has not begun yet."""
    assert run(tmp_path, "--help") == Done(0, run(tmp_path, "--help").out, "")
