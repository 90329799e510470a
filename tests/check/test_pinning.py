"""A finding is pinned by the way in which it fails; one that fails in another goes red."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nixfleet_state_machine.worlds import agent, mirror
from nixfleet_state_machine.worlds.agent import outbox
from steptable.check import Judgement, check, properties_of
from steptable.explore.c.compiler import find_compiler
from steptable.project import load
from steptable.properties import Finding, Property, leads_to, never
from steptable.report.findings import findings_markdown
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import Action, Bounds, Start, Variable, World

ONE_SWITCH = "a switch is fired at most once"
PROJECT = load(Path(__file__).parents[2])

at = root("at")
NEVER = never("it never comes to 2", at == 2, why="-", cites="§1")


def crossing(*ways: str, length: int = 2, through: tuple[str, ...] = ()) -> World:
    """A place 0, a place 1, and one or several ways from there to place 2."""
    finding = Finding(length, "Somebody crosses.", "Nobody does.", through)
    return World(
        name="crossing",
        doc="A road.",
        instances=(),
        variables=(Variable.declare("at", Integer(0, 3), 0),),
        starts=(Start.declare("home", {}),),
        actions=(
            Action.declare("set out", guard=at == 0, sets={"at": 1}),
            *(Action.declare(way, guard=at == 1, sets={"at": 2}) for way in ways),
            Action.declare("turn", guard=at == 2, sets={"at": 3}, fair="weak"),
            Action.declare("turn back", guard=at == 3, sets={"at": 2}, fair="weak"),
        ),
        bounds=Bounds.declare(symbols={}, instants=()),
        properties=(replace(NEVER, finding=finding),),
        terminal=True,
    )


def judged(world: World) -> Judgement:
    return check(world).judgements[0]


def test_a_finding_that_fails_as_pinned_is_one() -> None:
    """Through the actions that it names, in order, and at last by the last of them."""
    for through in ((), ("walk",), ("set out", "walk")):
        assert judged(crossing("walk", through=through)).verdict == "finding"


def test_a_finding_that_fails_in_another_way_in_as_many_steps_goes_red() -> None:
    """The length alone says nothing of what went wrong."""
    world = crossing("ride", "walk", through=("walk",))
    judgement = judged(world)
    by_walk = replace(world, actions=tuple(a for a in world.actions if a.name != "ride"))

    assert (judgement.verdict, judgement.passes) == ("violated", False)
    assert judgement.remark == "it fails in another way, not by 'walk'"
    assert judgement.advice.endswith('write length=2, through=("set out", "ride")')
    assert judged(by_walk).verdict == "finding"


def test_what_comes_last_must_be_where_the_promise_breaks() -> None:
    """An action on the way is not the one that does it."""
    assert judged(crossing("walk", through=("set out",))).verdict == "violated"
    assert judged(crossing("walk", through=("walk", "set out"))).verdict == "violated"


def test_a_finding_that_is_pinned_by_its_length_alone_says_what_to_write() -> None:
    """What is to be pasted stands there."""
    advice = judged(crossing("walk")).advice

    assert advice.startswith("it is pinned by its length alone; write length=2, through=")
    assert judged(crossing("walk", through=("set out", "walk"))).advice == ""


def test_of_a_run_that_never_ends_the_last_is_a_step_of_its_loop() -> None:
    """That is where the promise is broken, again and again."""
    promise = leads_to("it goes home", at == 2, at == 0, why="-", cites="§1")

    def verdict(*through: str) -> str:
        pinned = replace(promise, finding=Finding(4, "It turns.", "Do not.", through))
        return judged(replace(crossing("walk"), properties=(pinned,))).verdict

    assert verdict() == "finding"
    assert verdict("walk", "turn") == "finding"
    assert verdict("turn", "turn back") == "finding"
    assert verdict("set out", "walk") == "violated"


STATES: dict[str, tuple[Property, str]] = {
    "holds": (
        replace(NEVER, condition=(at == 4).node),
        "not as pinned: it is declared as a finding, but fails no longer; "
        "declare it as a promise again",
    ),
    "vacuous": (
        replace(NEVER, condition=((at == 4) & (at != 1)).node),
        "not as pinned: it is declared as a finding, but nothing puts it to the test any more; "
        "this was never the case, so nothing was judged by it: at is 4; "
        "let its premise be met again, or take the promise out",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_says_what_a_finding_is_that_does_not_fail(state: str) -> None:
    """A promise that holds is none of those that do not hold, and was not broken in 0 steps."""
    item, told = STATES[state]
    finding = replace(NEVER, name="another", finding=Finding(2, "It comes.", "-", ("walk",)))
    known = replace(item, finding=Finding(2, "It comes.", "-", ("walk",)))
    page = findings_markdown([check(replace(crossing("walk"), properties=(finding, known)))])
    failing, _, others = page.partition("## Declared as findings, but not seen to fail")

    assert "| crossing | another | §1 | 2 |" in failing
    assert NEVER.name not in failing
    assert f"| crossing | {NEVER.name} | §1 | {told} |" in others


def test_the_page_says_what_is_undecided_of_a_finding() -> None:
    """A search that was cut short has neither seen it fail nor seen it hold."""
    page = findings_markdown([check(crossing("walk"), max_states=1)])

    assert f"| crossing | {NEVER.name} | §1 | inconclusive: stopped at 1 states" in page
    assert "| 0 |" not in page.partition("## What was varied")[0]


def test_the_page_says_of_a_finding_that_it_fails_otherwise() -> None:
    """The way that is shown is not the one that is explained."""
    page = findings_markdown([check(crossing("ride", through=("ride", "ride")))])

    assert "**Not as pinned**: it fails in another way, not through 'ride' and at last 'ride'." in (
        page
    )


# ── NixFleet's findings ──────────────────────────────────────────────────────────────


def test_every_finding_of_the_host_rollout_says_by_what_it_fails() -> None:
    """An explanation that nothing ties to a way is believed long after it has ceased to be true."""
    loose = [
        (world.name, item.name)
        for world in (*PROJECT.worlds, *PROJECT.thorough)
        for item in properties_of(world)
        if item.finding is not None and not item.finding.through
    ]

    assert loose == []


@pytest.mark.usefixtures("unoptimised")
@pytest.mark.parametrize(
    "world", [item for item in PROJECT.worlds if item.name != "agent"], ids=lambda item: item.name
)
@pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler")
def test_both_engines_show_the_same_ways(world: World) -> None:
    """What is pinned must not depend on who has found it."""
    slow, fast = (
        [(j.judged.name, j.verdict, j.trace and j.trace.key) for j in result.judgements]
        for result in (check(world, engine="python"), check(world, engine="c"))
    )

    assert slow == fast


def test_another_defect_of_the_same_length_is_no_known_one() -> None:
    """An agent whose late snapshot is harmless, but that is dispatched twice, is another case."""

    def otherwise(action: Action) -> Action:
        if action.name != "a snapshot arrives":
            return action
        return replace(action, name="the operator puts the record back")

    changed = replace(outbox.world, actions=tuple(map(otherwise, outbox.world.actions)))
    finding = next(item for item in changed.properties if item.name == ONE_SWITCH).finding
    found = {item.judged.name: item for item in check(changed).judgements}[ONE_SWITCH]

    assert finding is not None
    assert found.trace is not None
    assert len(found.trace.steps) == finding.length
    assert (found.verdict, found.passes) == ("violated", False)


def test_findings_stand_where_they_are_declared() -> None:
    """A report that names a place must name the one where something is to be changed."""
    every = [item.finding.at.file for item in mirror.world.properties if item.finding]
    agents = [item.finding.at.file for item in agent.world.properties if item.finding]

    assert {file.rpartition("worlds/")[2] for file in every} == {"mirror/findings.py"}
    assert {file.rpartition("worlds/")[2] for file in agents} == {"agent/findings.py"}
