"""A red run ends with what to do: how many of each kind, where to edit, what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from steptable.check import check
from steptable.check.diagnosis import why_never_happens, why_unwitnessed
from steptable.properties import sometimes
from steptable.report.formats.guide import guide_lines
from steptable.report.formats.text import Report
from steptable.report.outcome import Run
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import Action, Bounds, Start, Variable, World, choice
from support.projects import TABLE, edited, run, write_project

count, step = root("count"), Integer(0, 3)


def counter(*actions: Action, **parts: object) -> World:
    """A world of one number, up to 3."""
    return World(
        name="counter",
        doc="It counts.",
        instances=(),
        variables=(Variable.declare("count", step, 0),),
        starts=(Start.declare("zero", {}),),
        actions=(Action.declare("add", guard=count < 3, sets={"count": count + 1}), *actions),
        properties=parts.get("properties", ()),  # type: ignore[arg-type]
        bounds=Bounds.declare(symbols={}, instants=(0,)),
        terminal=True,
    )


@pytest.mark.parametrize(
    ("guard", "said"),
    [
        (count > 3, "this part of its guard is never true: count > 3"),
        (
            (count > 1) & (count < 2),
            "this part of its guard is never true where those before it are: count < 2",
        ),
        (
            (count > 1) & (choice.by > count),
            "this part of its guard is never true where those before it are: choice by > count",
        ),
    ],
)
def test_an_action_that_never_happens_says_which_part_is_never_met(
    guard: object, said: str
) -> None:
    """Of a guard with several parts, all but one may be right."""
    action = Action.declare("jump", choices={"by": Integer(0, 2)}, guard=guard)  # type: ignore[arg-type]
    reason = why_never_happens(counter(action), action)

    assert (reason.text, reason.at.file) == (said, __file__)


def test_a_witness_that_is_not_found_says_which_part_is_never_met() -> None:
    """A wish of several parts is looked at part by part, too."""
    item = sometimes("far", (count > 2) & (count == 1), why="It is.", cites="§1")

    reason = why_unwitnessed(counter(properties=(item,)), item)
    assert reason is not None
    assert reason.text == "this part is never true where those before it are: count is 1"


def test_a_row_that_is_never_taken_says_which_guard_is_never_true(tmp_path: Path) -> None:
    """The guards of a row are tried one after another, until it is taken no longer."""
    table = edited(
        TABLE,
        "guards=(enough,)",
        "guards=(enough, Guard.declare('again', record.paid_at.is_known, must='it must'))",
    )
    folder = write_project(tmp_path, table=table)
    run(folder, "generate", "-q")
    done = run(folder, "check")

    assert done.code == 1
    assert (
        "because       'paid': guard 'again' is never true where those before it are in state Shut "
        "(gate/table.py:57)\n"
        "  because       'passed': Passed never comes in state Open, in no world (gate/table.py:"
    ) in done.out


def test_what_alone_is_red_is_told_once() -> None:
    """A run with one thing wrong has just told it, with what to type."""
    item = sometimes("far", count > 3, why="It is.", cites="§1")
    found = Run((check(counter(properties=(item,))),))

    assert [str(line) for line in guide_lines(found, Report())] == []


def test_kinds_are_counted_with_the_first_of_each() -> None:
    """What to edit first is named by its line."""
    items = tuple(sometimes(f"far {n}", count > n, why="It is.", cites="§1") for n in (3, 4))
    found = Run((check(counter(properties=items)),))
    lines = [str(line) for line in guide_lines(found, Report())]

    assert lines[:2] == ["", "what to do"]
    assert lines[2] == (
        f"  unwitnessed   2 properties; the first is 'far 3' at {items[0].at}: let the world come "
        "there, or take the wish out"
    )
    assert lines[3].startswith("  changed       steptable diff REVISION says")
