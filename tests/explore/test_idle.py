"""A part of a world that is of no use is named in every format, and fails the check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from known_models.mirror import mirror
from steptable.check import Result, check
from steptable.report.formats.github import step_summary, workflow_commands
from steptable.report.formats.json import run_json
from steptable.report.formats.junit import run_junit
from steptable.report.formats.sarif import run_sarif
from steptable.report.formats.summary import summary
from steptable.report.formats.text import Report
from steptable.report.outcome import Run
from steptable.report.places import Places
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import (
    Action,
    Alike,
    Bounds,
    Idle,
    Instance,
    Start,
    Variable,
    World,
    deliver,
)
from support.projects import ENVIRONMENT, edited, run, write_project
from support.turnstile import BROKEN, CHIME, LOCKED, machine

HERE = Path(__file__).resolve().parents[1]
PLACES = Places(HERE)

gate, heard, shout = root("gate"), root("heard"), root("shout")

NEXT = gate.last_serial + 1
PUSHED = deliver("gate", "ArmPushed", {"coins": 1}, force=1, at=0, serial=NEXT)
FORCED = deliver("gate", "ArmPushed", {"coins": 1}, force=9, at=0, serial=NEXT)
PAID = deliver("gate", "CoinInserted", {"coins": 1}, amount=1, at=0, serial=NEXT)

BUSY = World(
    name="street",
    doc="A turnstile that is paid, and a passer-by.",
    instances=(
        Instance.declare(
            "gate",
            machine,
            on={CHIME: {"heard": 1}},
            forgets={"last_serial": 0, "paid": 0},
        ),
    ),
    variables=(
        Variable.declare("heard", Integer(0, 1), 0),
        Variable.declare("shout", Integer(0, 1), 0),
    ),
    starts=(Start.declare("morning", {"gate": {"position": LOCKED}}),),
    actions=(
        Action.declare("pay", sets={"shout": 1 - shout}, events=[PAID]),
        Action.declare("push", events=[PUSHED]),
    ),
    bounds=Bounds.declare(symbols={}, instants=(0,)),
    properties=(),
    terminal=True,
)
"""Everything in it is of use."""

SLEEP = Action.declare("sleep", guard=heard > 1, sets={"heard": 0})
KNOCK = Action.declare("knock", guard=gate.position == BROKEN, events=[PUSHED])
SHOUT = Action.declare("shout", guard=gate.position == BROKEN, sets={"shout": 1}, events=[PUSHED])

IDLE: Mapping[str, tuple[World, str, str]] = {
    "an action whose guard never holds": (
        replace(BUSY, actions=(*BUSY.actions, SLEEP)),
        "sleep",
        "action 'sleep' never happens",
    ),
    "an action whose events are always refused": (
        replace(
            BUSY,
            actions=(*BUSY.actions, KNOCK),
            starts=(Start.declare("morning", {"gate": {"position": [LOCKED, BROKEN]}}),),
        ),
        "knock",
        "action 'knock' never happens",
    ),
    "an event that is always refused": (
        replace(
            BUSY,
            actions=(*BUSY.actions, SHOUT),
            starts=(Start.declare("morning", {"gate": {"position": [LOCKED, BROKEN]}}),),
        ),
        "shout, delivery 1",
        "ArmPushed that action 'shout' delivers to gate is always refused",
    ),
    "a reaction to what is never emitted": (
        replace(BUSY, actions=(Action.declare("push", events=[FORCED]),)),
        "gate: Chime",
        "the reaction of gate to Chime never fires",
    ),
    "a start that is among the others": (
        replace(
            BUSY, starts=(*BUSY.starts, Start.declare("again", {"gate": {"position": LOCKED}}))
        ),
        "start again",
        "start 'again' adds nothing to the starts before it",
    ),
}

REASON = f"this part of its guard is never true: heard > 1 ({SLEEP.guard.at})"


def said(result: Result) -> list[str]:
    return [str(part) for part in result.dead]


def test_a_world_whose_parts_are_all_of_use_passes() -> None:
    """Nothing is told where nothing is wrong."""
    result = check(BUSY)

    assert (result.unused, result.passes) == ((), True)


@pytest.mark.parametrize("what", IDLE)
def test_what_is_of_no_use_is_told(what: str) -> None:
    """It is dead, or a mistake in a guard that nobody would notice."""
    world, _, told = IDLE[what]
    result = check(world)

    assert said(result) == [told]
    assert not result.passes
    assert Run((result,)).exit_code == 1


@pytest.mark.parametrize("what", IDLE)
def test_what_is_declared_to_be_of_no_use_passes_with_its_reason(what: str) -> None:
    """A world may be built of parts that others need."""
    world, name, told = IDLE[what]
    result = check(replace(world, idle=(Idle(name, "Other worlds need it."),)))

    assert (said(result), result.passes) == ([], True)
    assert [(str(part), part.why) for part in result.unused] == [(told, "Other worlds need it.")]


@pytest.mark.parametrize("name", ["pay", "pay, delivery 1", "gate: Chime", "start morning"])
def test_what_is_of_use_after_all_turns_the_check_red(name: str) -> None:
    """What was said of it is no longer true."""
    result = check(replace(BUSY, idle=(Idle(name, "Nobody pays."),)))
    (told,) = said(result)

    assert told.endswith("is declared as idle, but is of use (it was said: Nobody pays.)")
    assert not result.passes


def test_a_search_that_was_cut_short_calls_nothing_idle() -> None:
    """What comes later may need it."""
    world, _, _ = IDLE["an action whose guard never holds"]

    assert check(world, max_states=1).unused == ()


def test_what_happens_to_one_of_several_alike_happens_to_each() -> None:
    """Where one state stands for many, so does one action."""
    world = replace(mirror(2, 0, 1), interchangeable=(Alike(("h0", "h1")),))
    reduced, whole = check(world), check(world, symmetry=False)

    assert reduced.symmetry
    assert reduced.unused == whole.unused
    assert {part.what.partition("_")[2] for part in whole.unused} != set()


# ── Formats ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def idle() -> Run:
    """A run with a part that is of no use, and with one that is so on purpose."""
    actions = (*BUSY.actions, SLEEP, replace(SLEEP, name="doze"))
    return Run(
        (check(replace(BUSY, actions=actions, idle=(Idle("doze", "It is loud."),))),), whole=False
    )


def test_text_says_it(idle: Run) -> None:
    """In a line that is there with -q, too; what is as declared is told where all is."""
    lines = [str(line) for line in Report().world(idle.results[0])]
    quiet = [str(line) for line in Report().world(idle.results[0], verbose=False)]
    at = SLEEP.at

    assert f"  idle          action 'sleep' never happens ({at})" in lines
    assert f"  as declared   action 'doze' never happens: It is loud. ({at})" in lines
    assert [line for line in quiet if "never happens" in line] == [
        f"  idle          action 'sleep' never happens ({at})"
    ]
    assert str(summary(idle)) == "not ok: 1 idle part"


def test_json_says_it(idle: Run) -> None:
    """With the reason, and whether that is as declared."""
    whole = json.loads(run_json(idle))
    (street,) = whole["worlds"]

    assert whole["passes"] is False
    assert street["idle_actions"] == ["sleep", "doze"]
    assert [
        (part["what"], part["verdict"], part["why"], part["passes"]) for part in street["unused"]
    ] == [
        ("action 'sleep'", "never happens", "", False),
        ("action 'doze'", "never happens", "It is loud.", True),
    ]


def test_junit_says_it(idle: Run) -> None:
    """As a case that fails, and one that passes with its reason."""
    (suite,) = ElementTree.fromstring(run_junit(idle, PLACES))
    failing, passing = suite

    assert suite.get("failures") == "1"
    assert failing.attrib == {
        "classname": "street.parts",
        "name": "action 'sleep'",
        "file": "explore/test_idle.py",
        "line": str(SLEEP.at.line),
    }
    assert failing[0].attrib == {
        "type": "idle",
        "message": f"action 'sleep' never happens; {REASON}",
    }
    assert passing[0].text == "action 'doze' never happens: It is loud."


def test_sarif_says_it(idle: Run) -> None:
    """As an error at the declaration."""
    (entry,) = json.loads(run_sarif(idle, PLACES))["runs"]
    (result,) = entry["results"]

    assert (result["ruleId"], result["level"]) == ("idle", "error")
    assert result["message"]["text"] == f"world 'street': action 'sleep' never happens; {REASON}"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": SLEEP.at.line}


def test_github_says_it(idle: Run) -> None:
    """As an annotation, and in the summary of the step."""
    assert list(workflow_commands(idle, PLACES)) == [
        f"::error file=explore/test_idle.py,line={SLEEP.at.line},title=idle::"
        f"world 'street': action 'sleep' never happens; {REASON}"
    ]
    assert "- in world `street`, action 'sleep' never happens" in step_summary(idle).splitlines()


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_every_format_means_the_same_exit_code(tmp_path: Path, form: str) -> None:
    """A build fails where what was said of a part is not so."""
    run(write_project(tmp_path), "generate")
    assert run(tmp_path, "check", "--format", form).code == 0

    declared = edited(
        ENVIRONMENT, "    bounds=", "    idle=(Idle('start new', '-'),),\n    bounds="
    )
    used = edited(declared, "import Bounds, ", "import Bounds, Idle, ")
    write_project(tmp_path, environment=used)
    assert run(tmp_path, "check", "--format", form).code == 1
