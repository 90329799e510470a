"""The README's examples run as they stand there, one after another, and print what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_examples_print_what_the_readme_says() -> None:
    """A newcomer pastes the examples; each text block after a Python block is its output."""
    scope: dict[str, object] = {}
    printed = io.StringIO()
    shown, ran = "", 0
    for kind, text in BLOCKS:
        if kind == "python":
            with contextlib.redirect_stdout(printed):
                exec(compile(text, "README.md", "exec"), scope)
            ran += 1
        elif kind == "text":
            shown += text

    assert shown == printed.getvalue()
    assert ran >= 3


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    """A link to a file that has moved leaves its reader alone."""
    assert (ROOT / target).exists()


def test_make_targets_that_the_readme_names_exist() -> None:
    """The two commands are the first thing that anyone types."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    made = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", README))

    assert named
    assert named <= made
