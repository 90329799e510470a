"""Every number in README, ARCHITECTURE.md and docs/ is generated, or compared with what it counts.

Blocks between marks are made by `steptable generate`, and examples are tried. What is left is
prose: each number in it belongs to a sentence that stands here with the number it must have. So a
changed declaration makes a page stale, not wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from math import factorial
from typing import Final

import pytest

import steptable.cli
from nixfleet_state_machine.machine import machine
from steptable.explore.engines import TINY
from steptable.explore.symmetry.orbits import MOST_ORDERS
from support.pages import DOCUMENTS, prose, read

WORDS: Final = (
    *("three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
NUMBER: Final = re.compile(
    rf"(?<![\w.-])(?:\d[\d.,]*|{'|'.join(WORDS)}|dozens?|hundreds?|thousands?|millions?)\b",
    re.IGNORECASE,
)

EXIT_CODE: Final = re.compile(r"^\| (\d+) \|", re.MULTILINE)

# Names that have numbers in them, and none that counts anything here.
NAMES: Final = re.compile(r"RFC-\d{4}|TLA\+|UTF-8")


def word(number: int) -> str:
    """A number as prose has it."""
    return dict(enumerate(WORDS, start=3)).get(number, str(number))


def project() -> dict[str, str]:
    table = tomllib.loads(read("pyproject.toml"))["project"]
    return {"python": table["requires-python"].removeprefix(">=")}


def members(orders: int) -> int:
    """Of how many members there are so many orders."""
    return next(number for number in range(orders) if factorial(number) == orders)


def seconds_of_fuzzing() -> str:
    (number,) = re.findall(r"^SECONDS \?= (\d+)$", read("Makefile"), re.MULTILINE)
    return str(number)


# A sentence or a part of one, with the number that it must have, and the page that has it.
FIGURES: Final = (
    (
        "README.md",
        "all {} pairs of a state and an event",
        len(machine.states) * len(machine.events),
    ),
    (
        "README.md",
        "({} facts, each with an agent and a control plane half)",
        word(len(machine.facts)),
    ),
    ("README.md", "On Linux with Python {} or newer", project()["python"]),
    ("docs/engines.md", "a world of more than {} states to C", f"{TINY:,}"),
    ("docs/symmetry.md", "up to {} members", word(members(MOST_ORDERS))),
    ("docs/second-opinion.md", "({} by default)", seconds_of_fuzzing()),
)


def numbers(text: str) -> Iterator[str]:
    """The numbers of a text, but for those in code, in names and before items of a list."""
    text = re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE)
    text = re.sub(r"(`+).*?\1", "", " ".join(text.split()))
    yield from NUMBER.findall(NAMES.sub("", re.sub(r"\]\([^)]*\)", "]", text)))


@pytest.mark.parametrize(("page", "sentence", "figure"), FIGURES)
def test_a_number_in_prose_is_what_it_counts(page: str, sentence: str, figure: object) -> None:
    """Nobody looks through prose for a number when a row or a fact is added."""
    text = " ".join(prose(page).split())

    assert sentence.format(figure) in text


@pytest.mark.parametrize("page", DOCUMENTS)
def test_prose_has_no_number_that_nothing_is_compared_with(page: str) -> None:
    """A number that is typed by hand was right on the day it was typed."""
    text = prose(page)
    for where, sentence, figure in FIGURES:
        if where == page:
            text = re.sub(r"\s+".join(map(re.escape, sentence.format(figure).split())), "", text)
    if page == "docs/command-line.md":
        text = EXIT_CODE.sub("| |", text)

    assert list(numbers(text)) == []


def test_a_number_is_found_however_it_is_written() -> None:
    """What finds none would let any number pass."""
    text = "1. Seven `8` hosts of RFC-0004,\n3,407 states and a dozen [rows](page-9.md) in 3.5 s.\n"

    assert list(numbers(text)) == ["Seven", "3,407", "dozen", "3.5"]


def test_exit_codes_are_those_of_the_command_line() -> None:
    """Scripts and CI go by them."""
    rows = EXIT_CODE.findall(read("docs/command-line.md"))

    assert rows == re.findall(r"\b\d+\b", steptable.cli.__doc__ or "")
