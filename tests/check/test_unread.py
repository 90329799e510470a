"""Variables that nothing reads are named, and those that something reads are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from steptable.check import Result, check
from steptable.properties import after, always, always_step
from steptable.report.formats.github import workflow_commands
from steptable.report.outcome import Run
from steptable.report.places import Places
from steptable.sorts import TRUTH, Integer, Record
from steptable.terms import field, named, root
from steptable.world import Action, Start, Variable, World

steps, limit = root("steps"), root("limit")

WALK = Action.declare("walk", sets={"steps": steps + 1}, guard=steps < limit)
MEASURE = Action.declare("measure", sets={"far": ~root("far")})

world = World(
    name="path",
    doc="Steps up to a limit that never changes.",
    instances=(),
    variables=(
        Variable.declare("steps", Integer(0, 3), 0),
        Variable.declare("limit", Integer(0, 3), 2),
        Variable.declare("far", TRUTH, False, "Changed, and read for its own change alone."),
        Variable.declare("wide", TRUTH, True, "Neither changed nor read."),
        Variable.declare("deep", TRUTH, [True, False], "A choice that makes no difference."),
        Variable.declare(
            "pair",
            Record("Pair", named({"left": field(TRUTH), "right": field(TRUTH)})),
            [{"left": True, "right": True}, {"left": False, "right": True}],
            "Read in part.",
        ),
    ),
    starts=(Start.declare("here", {}),),
    actions=(WALK, MEASURE),
    properties=(always("left", root("pair").left.implies(steps < 3), why="It is so.", cites="§1"),),
    terminal=True,
)


def unread(*results: Result, whole: bool = True) -> list[str]:
    return [item.name for item in Run(results, whole=whole).unread]


def test_a_variable_is_read_where_a_guard_a_promise_or_what_leads_to_one_depends_on_it() -> None:
    """What is superfluous, or whose promise was forgotten, does not look like what is explored."""

    assert unread(check(world)) == ["far", "wide", "deep"]


def test_a_variable_that_a_promise_over_steps_reads_is_read() -> None:
    """It stands after a dot there, behind before and after."""
    promise = always_step("far", after.far.implies(after.wide), why="So it is.", cites="§1")

    assert unread(check(replace(world, properties=(*world.properties, promise)))) == ["deep"]


def test_a_variable_that_another_world_of_the_family_reads_is_read() -> None:
    """Worlds share declarations, and the smaller ones do not need all of them."""
    deep = always("deep", root("deep") | ~root("deep") | (steps < 3), why="Yes.", cites="§1")
    other = replace(world, name="other", terminal=root("deep"), properties=(deep,))
    results = check(world), check(other)

    assert unread(*results) == ["far", "wide"]


def test_nothing_is_said_where_not_every_world_was_asked_for() -> None:
    """Another world may read it."""

    assert unread(check(world), whole=False) == []


def test_an_unread_variable_is_a_notice_and_no_failure(tmp_path: Path) -> None:
    """A variable may stand there for those who read the world."""
    run = Run((check(world),))
    said = [line for line in workflow_commands(run, Places(tmp_path)) if "'wide'" in line]

    assert run.passes
    assert [line.partition("::")[2].split(" ")[0] for line in said] == ["notice"]
