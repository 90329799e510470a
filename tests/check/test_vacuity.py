"""A promise that nothing puts to the test does not pass, however it is spelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from steptable.check import Judgement, check
from steptable.explore.c.compiler import find_compiler
from steptable.explore.engines import Engine
from steptable.properties import (
    Property,
    action,
    after,
    always,
    always_step,
    before,
    leads_to,
    never,
)
from steptable.sorts import Integer, Map, Optional, Symbol
from steptable.targets.words import words
from steptable.terms import EMPTY, NOTHING, Operand, Term, all_of, any_of, if_else, root
from steptable.world import Action, Bounds, Start, Variable, World

light, note, boxes = root("light"), root("note"), root("boxes")
LIT, BURNT = light == 1, light == 2
"""What happens here, and what never does."""

BOX = Symbol("Box")
WHY = {"why": "-", "cites": "§1"}

world = World(
    name="lamp",
    doc="A lamp that never burns out, a note that nobody writes, and a box with the number 1.",
    instances=(),
    variables=(
        Variable.declare("light", Integer(0, 2), 0),
        Variable.declare("note", Optional(Integer(0, 2)), NOTHING),
        Variable.declare("boxes", Map(BOX, Integer(0, 2)), EMPTY),
    ),
    starts=(Start.declare("dark", {}),),
    actions=(
        Action.declare("on", guard=light == 0, sets={"light": 1}),
        Action.declare("off", guard=light == 1, sets={"light": 0}),
        Action.declare("fill", sets={"boxes": boxes.put("red", 1)}),
        Action.declare("burn", guard=light == 2, sets={"light": 0}),
    ),
    bounds=Bounds.declare(symbols={BOX: ("red",)}, instants=()),
    properties=(),
    terminal=True,
)

ENGINES: tuple[Engine, ...] = ("python", "c") if find_compiler() else ("python",)


def judged(item: Property, engine: Engine = "python") -> Judgement:
    (found,) = check(replace(world, properties=(item,)), engine=engine).judgements
    assert found.verdict == "holds"
    return found


def unmet(item: Property, engine: Engine = "python") -> list[str]:
    return [words(node) for node in judged(item, engine).unmet]


Spelling = Callable[[Term, Term, Term], Term]
"""A premise, a conclusion, and the light at the time."""

IMPLICATIONS: dict[str, Spelling] = {
    "implies": lambda p, c, _: p.implies(c),
    "the premise first": lambda p, c, _: ~p | c,
    "the premise last": lambda p, c, _: c | ~p,
    "any of": lambda p, c, _: any_of(False, c, ~p),
    "not both": lambda p, c, _: ~(p & ~c),
    "not both, the other way": lambda p, c, _: ~(~c & p),
    "a choice": lambda p, c, _: if_else(p, c, True),
    "a choice by the opposite": lambda p, c, _: if_else(~p, True, c),
    "a choice of two conclusions": lambda p, c, now: if_else(p, c, now < 2),
    "the contraposition": lambda p, c, _: (~c).implies(~p),
    "twice denied": lambda p, c, _: ~~p.implies(c),
    "within a conjunction": lambda p, c, now: all_of(now <= 2, p.implies(c)),
    "after another premise": lambda p, c, now: (now < 3).implies(p.implies(c)),
    "within a premise": lambda p, c, now: ((now < 3) & p).implies(c),
    "within a conclusion": lambda p, c, now: (now < 3).implies((now < 4) & (~p | c)),
    "exactly where": lambda p, c, _: p.iff(p & c),
    "no implication of the opposite": lambda p, c, _: ~(p & p.implies(~c)),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spelling", IMPLICATIONS)
def test_an_implication_is_vacuous_where_its_premise_is_never_met(
    spelling: str, engine: Engine
) -> None:
    """What is meant counts, not which of many ways to write it somebody has taken."""
    promise = always("p", IMPLICATIONS[spelling](BURNT, light > 0, light), **WHY)

    assert judged(promise, engine).vacuous
    assert not judged(promise, engine).passes
    assert "light is 2" in "; ".join(unmet(promise, engine))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spelling", IMPLICATIONS)
def test_an_implication_whose_premise_is_met_is_not_vacuous(spelling: str, engine: Engine) -> None:
    """A check that cried wolf would be turned off."""
    assert unmet(always("p", IMPLICATIONS[spelling](LIT, light > 0, light), **WHY), engine) == []


@pytest.mark.parametrize("spelling", IMPLICATIONS)
def test_the_same_holds_of_what_must_never_be(spelling: str) -> None:
    """`never` is the promise of the opposite."""
    denied = IMPLICATIONS[spelling]

    assert judged(never("p", ~denied(BURNT, light > 0, light), **WHY)).vacuous
    assert not judged(never("p", ~denied(LIT, light > 0, light), **WHY)).vacuous


@pytest.mark.parametrize("spelling", IMPLICATIONS)
def test_the_same_holds_of_what_a_step_must_do(spelling: str) -> None:
    """An action that never happens keeps every promise about it."""

    def promise(premise: Term) -> Property:
        condition = IMPLICATIONS[spelling](premise, after.light > 0, before.light)
        return always_step("p", condition, **WHY)

    assert judged(promise(action == "burn")).vacuous
    assert not judged(promise(action == "on")).vacuous


BY_VALUE: dict[str, tuple[Term, Term]] = {
    "a choice of values": (if_else(BURNT, light, 1) == 1, if_else(LIT, light, 1) == 1),
    "a choice by the opposite": (if_else(~BURNT, 1, light) == 1, if_else(~LIT, 1, light) == 1),
    "two choices of values": (
        if_else(BURNT, 1, 0) <= if_else(light > 0, 1, 0),
        if_else(LIT, 1, 0) <= if_else(light > 0, 1, 0),
    ),
    "a choice of something": (
        if_else(BURNT, note, NOTHING) == NOTHING,
        if_else(LIT, note, NOTHING) == NOTHING,
    ),
    "a fallback": (note.or_else(1) == 1, boxes["red"].or_else(1) == 1),
    "one of": (
        light.one_of(2).implies(light > 0),
        light.one_of(1, 2).implies(light > 0),
    ),
    "an inequality": ((light != 2) | (light > 0), (light != 1) | (light > 0)),
    "what is known": (note.is_known.implies(note.value == 1), LIT.implies(light > 0)),
}


@pytest.mark.parametrize("spelling", BY_VALUE)
def test_a_premise_may_hide_in_a_comparison(spelling: str) -> None:
    """`if_else(p, x, 1) == 1` says nothing where p never holds."""
    idle, busy = BY_VALUE[spelling]

    assert judged(always("p", idle, **WHY)).vacuous
    assert not judged(always("p", busy, **WHY)).vacuous


CLAIMS: dict[str, Term] = {
    "a claim": light < 2,
    "with what never holds": any_of(False, light < 2),
    "a choice of truths": if_else(light < 2, True, False),
    "a choice of truths, the other way": if_else(light == 2, False, True),
    "a choice of numbers": if_else(light < 2, 1, 0) == 1,
    "a choice of truths as a conclusion": LIT.implies(if_else(light < 2, True, False)),
    "a choice of numbers as a conclusion": LIT.implies(if_else(light < 2, 1, 0) == 1),
    "what makes no difference": if_else(LIT, light < 2, light < 2),
}


@pytest.mark.parametrize("spelling", CLAIMS)
def test_a_claim_that_holds_everywhere_is_not_vacuous(spelling: str) -> None:
    """It is kept since it is true, and that its opposite never comes is what it says."""
    assert unmet(always("p", CLAIMS[spelling], **WHY)) == []
    assert unmet(never("p", ~CLAIMS[spelling], **WHY)) == []


def test_a_promise_of_many_alternatives_is_taken_apart_in_no_time() -> None:
    """Each doubles the clauses, so that a promise of some lines would never be judged."""
    many = any_of(*(all_of((light != 2) | (note == n), light + n >= n) for n in range(64)))

    assert judged(always("p", many, **WHY)).verdict == "holds"


def test_each_clause_is_judged_by_itself() -> None:
    """One premise that is met says nothing of the next."""
    both = all_of(LIT.implies(light > 0), BURNT.implies(light > 0))

    assert unmet(always("p", both, **WHY)) == ["light is 2"]
    assert unmet(always("p", all_of(LIT.implies(light > 0), light <= 1), **WHY)) == []


def test_what_must_never_come_together_must_each_come() -> None:
    """`never(a & b)` says nothing where there is no a at all."""
    assert unmet(never("p", LIT & BURNT, **WHY)) == ["light is 2"]
    assert unmet(never("p", LIT & (light == 0), **WHY)) == []
    assert unmet(never("p", BURNT, **WHY)) == []


def test_an_alternative_that_is_never_needed_is_told() -> None:
    """Of `a or b` only a is looked at where a always holds."""
    assert unmet(always("p", (light < 2) | LIT, **WHY)) == ["light ≥ 2"]
    assert unmet(always("p", (light < 1) | LIT, **WHY)) == []


EVERY: dict[str, Callable[[Operand], Term]] = {
    "every value": lambda least: boxes.every(lambda box: (box >= least).implies(box <= 1)),
    "every value of some": lambda least: boxes.where(lambda box: box >= least).every(
        lambda item: item <= 1
    ),
    "none of some": lambda least: boxes.where(lambda box: (box >= least) & (box > 1)) == EMPTY,
    "all of them": lambda least: boxes == boxes.where(lambda box: (box >= least).implies(box <= 1)),
    "after a premise": lambda least: (light < 3).implies(
        boxes.every(lambda box: (box < least) | (box <= 1))
    ),
}


@pytest.mark.parametrize("spelling", EVERY)
def test_a_promise_of_every_value_needs_a_value(spelling: str) -> None:
    """Of an empty map everything is true, and of one whose values are never concerned."""
    promise = EVERY[spelling]
    empty = replace(world, actions=tuple(a for a in world.actions if a.name != "fill"))
    (nothing,) = check(replace(empty, properties=(always("p", promise(1), **WHY),))).judgements

    assert nothing.vacuous
    assert judged(always("p", promise(2), **WHY)).vacuous


def test_a_promise_of_every_value_that_is_concerned_is_not_vacuous() -> None:
    """The box holds 1, and that is what is spoken of."""
    assert unmet(always("p", EVERY["every value"](1), **WHY)) == []
    assert unmet(always("p", EVERY["every value of some"](1), **WHY)) == []
    assert unmet(always("p", EVERY["all of them"](1), **WHY)) == []
    assert unmet(always("p", boxes.every(lambda box: box == 1), **WHY)) == []


def test_a_premise_that_reads_what_another_part_has_shown_is_judged_where_that_holds() -> None:
    """What a value is where there is none means nothing."""
    red = boxes["red"]
    known = red.is_known.implies((red.value == 1) & (red.value == 2).implies(light > 0))

    assert unmet(always("p", known, **WHY)) == ['boxes at "red" is known and boxes at "red" is 2']


def test_what_must_come_at_last_must_be_owed_once() -> None:
    """A promise about runs whose premise is never met is kept by every run."""
    assert unmet(leads_to("p", BURNT, light == 0, **WHY)) == ["light is 2"]
