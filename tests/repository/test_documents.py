"""What README, ARCHITECTURE.md and docs/ show is what happens: examples run, files are there.

A page is worked through from top to bottom (`support.pages` says how): one that begins with
`steptable init` in an empty folder, all others in this project. With REWRITE_GOLDEN=1 in the
environment, what is shown is brought up to date.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from steptable import machine, properties, sorts, terms, world
from steptable.cli.commands import app
from support.pages import DOCUMENTS, prose, read, worked_through
from support.projects import ROOT

LINK: Final = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
ENTRY: Final = re.compile(r"\*\*`([\w/.]+)`\*\* ")
ENGINE: Final = ROOT / "model" / "steptable"
PATH: Final = re.compile(r"`([\w./-]+\.(?:py|md|toml)|[\w./-]+/)`")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_page_shows_is_what_happens(name: str, tmp_path: Path) -> None:
    """A newcomer pastes the examples, and takes what stands below them for what comes out."""
    text = read(name)
    shown = worked_through(text, tmp_path if "\n$ steptable init\n" in text else ROOT)
    if os.environ.get("REWRITE_GOLDEN") == "1":
        (ROOT / name).write_text(shown, encoding="utf-8")

    assert read(name) == shown


def test_an_example_that_prints_otherwise_is_brought_up_to_date(tmp_path: Path) -> None:
    """What works a page through must notice each kind of lie in it."""
    python = "```python\nprint(1 + 1)\n```\n"

    assert worked_through(f"{python}\n```text\n3\n```\n", tmp_path) == (
        f"{python}\n```text\n2\n```\n"
    )
    assert worked_through(f"{python}\nand so on\n", tmp_path) == (
        f"{python}\nand so on\n\n```text\n2\n```\n"
    )
    assert worked_through("```console\n$ steptable nothing\nall is well\n```\n", tmp_path) != (
        "```console\n$ steptable nothing\nall is well\n```\n"
    )
    (tmp_path / "file.py").write_text("mine\n")
    assert worked_through("```python file.py\nyours\n```\n", tmp_path) == (
        "```python file.py\nmine\n```\n"
    )


def test_a_change_is_made_where_it_says(tmp_path: Path) -> None:
    """A reader who looks there finds something else, or is stuck where nothing fits."""
    begun = "```diff\n--- file.py\n+++ file.py\n"
    (tmp_path / "file.py").write_text("mine\n")

    assert worked_through(f"{begun}@@ -2 +2 @@\n-mine\n+yours\n```\n", tmp_path) == (
        f"{begun}@@ -1 +1 @@\n-mine\n+yours\n```\n"
    )
    assert (tmp_path / "file.py").read_text() == "yours\n"
    with pytest.raises(AssertionError):
        worked_through(f"{begun}@@ -1 +1 @@\n-mine\n+yours\n```\n", tmp_path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_paths_lead_somewhere(name: str) -> None:
    """A link to a file that has moved leaves its reader alone."""
    text = prose(name)
    folder = (ROOT / name).parent
    links = [target for target in LINK.findall(text) if not (folder / target).exists()]
    homes = [ROOT, ROOT / "model", ENGINE, ROOT / "spec", ROOT / "spec" / "nixfleet_state_machine"]
    paths = []
    # What is said of a package names its files without their folder.
    for part in re.split(r"^ *- (?=\*\*)", text, flags=re.MULTILINE):
        of = ENTRY.match(part)
        own = [ENGINE / of[1]] if of else []
        paths += [
            path
            for path in PATH.findall(part)
            if not path.startswith(("~", "/"))
            and not any((home / path).exists() for home in (*homes, *own))
        ]

    assert (links, paths) == ([], [])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_anchors_lead_to_headings(name: str) -> None:
    """A link into a page that has no such heading opens it at its top."""
    wrong = []
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", prose(name)):
        page = (ROOT / name).parent / target if target else ROOT / name
        headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        known = [re.sub(r"[^\w -]", "", item.lower()).replace(" ", "-") for item in headings]
        wrong += [anchor] if anchor not in known else []

    assert wrong == []


def test_every_page_is_named_in_the_readme() -> None:
    """A page that nobody finds is read by nobody."""
    linked = set(LINK.findall(prose("README.md")))

    assert set(DOCUMENTS[1:]) <= linked


def test_make_targets_that_documents_name_exist() -> None:
    """The two commands are the first thing that anyone types."""
    made = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {
        target
        for name in DOCUMENTS
        for words in re.findall(r"(?:`|^)make ([a-z -]+)", read(name), re.MULTILINE)
        for target in words.split(" #")[0].split()
    }

    assert {"check", "test"} <= named
    assert named <= made


# ── The command line ─────────────────────────────────────────────────────────────────


def commands(command: object, name: str = "steptable") -> Iterator[tuple[str, TyperCommand]]:
    """Every command by the words that call it."""
    if isinstance(command, TyperGroup):
        for part, below in command.commands.items():
            yield from commands(below, f"{name} {part}")
    elif isinstance(command, TyperCommand):
        yield name, command


COMMANDS: Final = dict(commands(typer.main.get_command(app)))


def options(command: TyperCommand) -> set[str]:
    return {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }


def test_every_command_and_option_stands_on_the_page_of_the_command_line() -> None:
    """What is not written down is found by chance."""
    text = read("docs/command-line.md")
    rows = {
        name: "".join(row for row in text.splitlines() if row.startswith(f"| `{name}"))
        for name in COMMANDS
    }

    assert [name for name, row in rows.items() if not row] == []
    assert [
        f"{name} {option}"
        for name, command in COMMANDS.items()
        for option in sorted(options(command) - {"--quiet", "--help"})
        if f"{option}" not in rows[name]
    ] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_options_that_documents_name_exist(name: str) -> None:
    """A command that was renamed is typed as it was written down."""
    wrong = []
    for call in re.findall(r"(?:`|^\$ )(steptable [^`\n]*)", read(name), re.MULTILINE):
        known = [key for key in COMMANDS if f"{call} ".startswith(f"{key} ")]
        given = set(re.findall(r"--[a-z-]+", call))
        every = options(COMMANDS[known[0]]) if known else {"--version", "--help"}
        if given - every or not (known or re.fullmatch(r"steptable (\w+: |= |--version).*", call)):
            wrong.append(call)

    assert wrong == []


# ── The language ─────────────────────────────────────────────────────────────────────


def words_of_the_language() -> set[str]:
    """What declarations are written in: all that those of this project use, and all there is of it.

    Beside the sorts, the properties and what can be asked of a term, that is what declarations and
    known models import.
    """
    declaring = {module.__name__ for module in (machine, properties, sorts, terms, world)}
    imported = {
        alias.name
        for folder in (ROOT / "spec", ROOT / "tests" / "known_models")
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in declaring
        for alias in node.names
    }
    promises = {
        name
        for name, made in inspect.getmembers(properties, inspect.isfunction)
        if made.__annotations__.get("return") == "Property"
    }
    asked = {name for name in vars(terms.Term) if not name.startswith("_")} - {"node"}
    return imported | promises | asked | {sort.__name__ for sort in get_args(sorts.Sort)}


# What types are called, which annotations of declarations need, and what asks sorts.
INWARD: Final = {
    "Delivery",
    "Duration",
    "Emission",
    "Enum",
    "Event",
    "Instant",
    "Member",
    "Operand",
    "Property",
    "Record",
    "Truth",
    "Variant",
    "is_comparable",
}


def test_the_page_of_the_language_has_all_of_it() -> None:
    """Whoever writes a model finds what there is, and a new word finds its place there."""
    page = set(re.findall(r"\w+", read("docs/language.md")))

    assert sorted(words_of_the_language() - INWARD - page) == []


# ── The first page ───────────────────────────────────────────────────────────────────


def test_the_fault_that_the_readme_shows_is_what_is_said_of_it(tmp_path: Path) -> None:
    """Line numbers move with every row, and what is said of a typo is meant to help."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "spec", tmp_path / "spec", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    table = tmp_path / "spec" / "nixfleet_state_machine" / "table.py"
    text = table.read_text(encoding="utf-8")
    typo = text.replace('"activation_started_at"', '"activation_startd_at"', 1)
    assert typo != text
    table.write_text(typo, encoding="utf-8")
    (shown,) = re.findall(r"^   (spec/.*activation_startd_at.*)$", read("README.md"), re.MULTILINE)

    assert shown in _faults(tmp_path)


def _faults(folder: Path) -> list[str]:
    """What the command line says, in a process of its own: the machine is imported here already."""
    done = subprocess.run(
        [sys.executable, "-m", "steptable.cli", "table"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()
