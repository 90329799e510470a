"""What is asked of each value of a map: of every one, of some, how many, and of their keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from steptable import expr
from steptable.check import check
from steptable.compare.normal import normal
from steptable.errors import SpecError
from steptable.explore.engines import Engine
from steptable.explore.system.premises import premises_of
from steptable.interpreter.evaluate import evaluate
from steptable.properties import always, never, sometimes
from steptable.sorts import TRUTH, Map, Symbol
from steptable.targets.words import words
from steptable.terms import Term, lift, root
from steptable.wellformed.worlds import faults_of_world
from steptable.world import Action, Bounds, Start, Variable, World, choice

HOST = Symbol("Host")
ONE = lift(1)
leads, lit = root("leads"), root("lit")

VALUES: dict[str, Any] = {
    "leads": {"a": "a", "b": "a"},
    "lit": {"a": True, "b": False, "c": True},
}


@pytest.mark.parametrize(
    ("term", "value", "said"),
    [
        (lit.every(lambda on: on), False, "every on in lit: on"),
        (lit.some(lambda on: on), True, "some on in lit: on"),
        (~lit.some(lambda on: on), False, "not (some on in lit: on)"),
        (lit.count_where(lambda on: on), 2, "number of each on in lit where on"),
        (
            leads.some(lambda host, leader: leader == host),
            True,
            "some leader at host in leads: leader = host",
        ),
        (
            leads.every(lambda host, leader: leader == host),
            False,
            "every leader at host in leads: leader = host",
        ),
        (
            leads.count_where(lambda host, leader: lit[host] == lit[leader]),
            1,
            "number of each leader at host in leads where lit at host = lit at leader",
        ),
        (
            leads.where(lambda host, leader: leader != host),
            {"b": "a"},
            "each leader at host in leads where leader ≠ host",
        ),
    ],
)
def test_means_and_says_what_it_asks(term: Term, value: object, said: str) -> None:
    """The interpreter is the meaning, and words are what people read on drawings."""

    assert (evaluate(term.node, VALUES), words(term.node)) == (value, said)


@pytest.mark.parametrize(
    ("condition", "every", "some", "count"),
    [(lambda on: on, True, False, 0), (lambda on: ~on, True, False, 0)],
)
def test_of_no_values_every_one_and_none_is_so(
    condition: Any, every: bool, some: bool, count: int
) -> None:
    """The empty map is where 'every' and 'some' differ most."""
    empty: dict[str, Any] = {"lit": {}}
    asked = (lit.every(condition), lit.some(condition), lit.count_where(condition))

    assert [evaluate(term.node, empty) for term in asked] == [every, some, count]


def test_a_key_that_is_not_read_is_as_good_as_none() -> None:
    """What a parameter is there for makes no difference where nothing is made of it."""

    assert lit.every(lambda _host, on: on).node == lit.every(lambda on: on).node


def of_nothing() -> bool:
    return True


def of_three(key: Term, value: Term, other: Term) -> Term:
    return (key == value) & other


def of_any(*values: Term) -> Term:
    return values[0]


@pytest.mark.parametrize(
    ("condition", "slug"),
    [
        (of_nothing, "not-a-condition"),
        (of_three, "not-a-condition"),
        (of_any, "not-a-condition"),
        (True, "wrong-kind"),
        ("on", "wrong-kind"),
    ],
)
def test_a_condition_is_a_function_of_a_value_or_of_key_and_value(
    condition: Any, slug: str
) -> None:
    """A parameter too many is named, instead of a traceback out of the library."""
    with pytest.raises(SpecError) as caught:
        lit.some(condition)

    assert [fault.slug for fault in caught.value.faults] == [slug]


def test_a_parameter_with_a_default_is_the_author_s_own() -> None:
    """So a loop hands what it goes through to what it makes."""
    (term,) = [lit.some(lambda on, wanted=wanted: on.iff(wanted)) for wanted in (True,)]

    assert term.node == lit.some(lambda on: on.iff(True)).node


def test_names_make_no_difference_nor_does_the_spelling_of_some() -> None:
    """A version that writes it otherwise is the same."""
    spellings = [
        leads.some(lambda host, leader: leader == host),
        leads.some(lambda a, b: a == b),
        ~leads.every(lambda host, leader: leader != host),
    ]

    assert len({normal(term.node) for term in spellings}) == 1
    assert normal(leads.some(lambda a: a == "a").node) != normal(
        leads.some(lambda k, _: k == "a").node
    )


def asked_of(condition: Term, kind: Any = always) -> list[str]:
    promise = kind("p", condition, why="Why.", cites="§1")
    return [words(one.condition) for one in premises_of(promise)]


def test_a_promise_that_something_is_never_there_asks_for_values() -> None:
    """An empty map puts nothing to the test, however the promise is spelled."""
    spelled = [
        asked_of(lit.every(lambda on: ~on)),
        asked_of(~lit.some(lambda on: on)),
        asked_of(lit.some(lambda on: on), never),
        asked_of(lit.count_where(lambda on: on) == 0),
        asked_of(Term(expr.Compare(">", ONE, lit.count_where(lambda on: on).node))),
    ]

    assert spelled == [["true", "not (every on in lit: false)"]] * 5


def test_that_there_is_some_value_is_a_conclusion() -> None:
    """It need not fail at some time, for the promise to say something."""
    known = lit["a"].is_known

    assert asked_of(known.implies(lit.some(lambda on: on))) == ['lit at "a" is known']


PUT = Action.declare(
    "put",
    choices={"host": HOST, "leader": HOST},
    guard=leads.count_where(lambda host, leader: leader != host) < 2,
    sets={"leads": leads.put(choice.host, choice.leader)},
)
KEEP = Action.declare(
    "keep", sets={"leads": leads.where(lambda host, leader: lit[host].is_known & (leader == host))}
)
LIGHT = Action.declare(
    "light",
    choices={"host": HOST},
    guard=~lit.some(lambda host, _: host == choice.host),
    sets={"lit": lit.put(choice.host, True)},
)

world = World(
    name="election",
    doc="Hosts follow hosts.",
    instances=(),
    variables=(
        Variable.declare("leads", Map(HOST, HOST), {}),
        Variable.declare("lit", Map(HOST, TRUTH), {}),
    ),
    starts=(Start.declare("alone", {}),),
    actions=(PUT, KEEP, LIGHT),
    bounds=Bounds.declare(symbols={HOST: ("a", "b", "c")}, instants=(0,)),
    properties=(
        always(
            "few follow",
            leads.count_where(lambda host, leader: leader != host) <= 2,
            why="It is guarded.",
            cites="§1",
        ),
        never("two lead", leads.some(lambda h, o: leads[o] == h), why="Why?", cites="§1"),
        sometimes("all", leads.count_where(lambda o: o == "a") == 3, why="May be.", cites="§1"),
    ),
)


def said(of: World, engine: Engine) -> tuple[int, list[tuple[str, int | None]]]:
    result = check(of, engine=engine)
    assert not result.asymmetry
    return result.states, [
        (item.verdict, None if item.trace is None else len(item.trace.steps))
        for item in result.judgements
    ]


@pytest.mark.parametrize("engine", ["python", "c"])
def test_every_engine_goes_through_maps_alike(engine: Engine) -> None:
    """Of 64 maps those 8 are out of reach in which nobody leads himself; each with 8 of lights."""
    verdicts = [("holds", None), ("violated", 1), ("witnessed", 3), ("holds", None)]

    assert said(world, engine) == (56 * 8, verdicts)


@pytest.mark.parametrize("engine", ["python", "c"])
def test_keys_change_places_like_what_else_has_their_names(engine: Engine) -> None:
    """Which hosts are lit makes no difference to how many there are."""
    alike = replace(
        world,
        variables=world.variables[1:],
        actions=(LIGHT,),
        properties=(
            never("all", lit.count_where(lambda on: on) == 3, why="Too bright.", cites="§1"),
        ),
        interchangeable=(HOST,),
    )

    assert said(alike, engine) == (4, [("violated", 3), ("violated", 3)])


def test_the_key_has_the_sort_of_the_map_s_keys() -> None:
    """Compared with something else, it is a fault with a line."""
    wrong = leads.some(lambda host, _: host == 1)
    of = replace(world, properties=(always("x", wrong, why="", cites=""),))

    assert [fault.slug for fault in faults_of_world(of)] == ["sort"]


def test_a_value_and_its_key_do_not_share_a_name() -> None:
    """Python says so of a function; a file can say anything."""
    node = expr.Some(leads.node, "host", expr.Bound("host"), "host")
    of = replace(world, properties=(always("x", Term(node), why="", cites=""),))

    assert "duplicate-name" in {fault.slug for fault in faults_of_world(of)}
