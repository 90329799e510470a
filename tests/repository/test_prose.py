"""Prose of the declarations says nothing that a change of them would make wrong unseen."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SPEC: Final = Path(__file__).parents[2] / "spec" / "nixfleet_state_machine"
GENERATED: Final = ("reducer.py", "wire.py")

_NUMBERS: Final = (
    r"\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?"
)
_COUNTED: Final = (
    r"facts|events|effects|states|rows|refusals|pairs|kinds|findings|promises|properties|worlds"
)
COUNT: Final = re.compile(rf"\b(?:{_NUMBERS})\s+(?:{_COUNTED})\b", re.IGNORECASE)


def prose(source: str) -> Iterator[str]:
    """The docstrings and comments of a module, and the texts that stand alone below a name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def counts(source: str) -> list[str]:
    """Where prose says how many there are of something that is declared."""
    return [found[0] for text in prose(source) for found in COUNT.finditer(text)]


def test_no_prose_counts_what_is_declared() -> None:
    """A number in a comment stays as it is when a state is added, and nobody is told."""
    files = [file for file in SPEC.rglob("*.py") if file.name not in GENERATED]

    found = {str(file.relative_to(SPEC)): counts(file.read_text("utf-8")) for file in files}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "source",
    ['"""The twelve facts."""', "x = 1  # of 24 events", 'x = 1\n"""All 10,606 states."""'],
)
def test_a_count_is_found_wherever_prose_stands(source: str) -> None:
    """The test above can fail."""
    assert len(counts(source)) == 1
