"""Two versions of a machine are compared by what they do, and every difference has an input."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixfleet_state_machine.machine import machine as nixfleet
from steptable.check.mutation import without_guard
from steptable.compare.behaviour import Behaviour, Change, Renaming, behaviour
from steptable.compare.normal import normal
from steptable.compare.witness import Aspect
from steptable.interpreter.evaluate import Accepted, Outcome, evaluate, step
from steptable.machine import Guard, Machine, Row
from support.faulty.parcel import ARRIVING, Speed, event, parcel, record, with_row
from support.faulty.parcel import SCANNING as SCANNED_ROW
from support.random_machine import FACTS, Lamp, random_machine
from support.random_terms import Author
from support.strategies import Domain, events, policies, records

NOTHING = Behaviour((), (), (), (), ())
LAMPS = Domain(instants=(0, 1, 2), symbols={"Key": ("k", "l")})


def row(machine: Machine, name: str) -> Row:
    """The row of that name."""
    return next(item for item in machine.rows if item.name == name)


def ways(found: Behaviour) -> list[tuple[str, str, str, list[str]]]:
    """What differs, in short."""
    return [
        (change.state, change.fact, change.kind, sorted({a.kind for a, _ in change.witnesses}))
        for change in found.changes
    ]


# ── What is no change ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("machine", [parcel, nixfleet], ids=str)
def test_a_machine_does_what_it_does(machine: Machine) -> None:
    """Nothing is told where nothing is."""
    assert behaviour(machine, machine) == NOTHING


def test_renamed_rows_and_guards_are_no_change_and_are_told_as_renamed() -> None:
    """A better name is no reason for an alarm."""
    light, *others = ARRIVING.guards
    renamed = replace(ARRIVING, name="brought", guards=(replace(light, name="timely"), *others))
    rows = tuple(renamed if item is ARRIVING else item for item in parcel.rows)

    assert behaviour(parcel, replace(parcel, rows=rows)) == replace(
        NOTHING,
        renamed=(
            Renaming("row", "Sent, Arrived", "arrived", "brought"),
            Renaming("guard", "row brought", "in-time", "timely"),
        ),
    )


def test_reordered_declarations_are_no_change() -> None:
    """Where something stands in a file says nothing."""
    turned = replace(
        parcel,
        rows=parcel.rows[::-1],
        facts=parcel.facts[::-1],
        states=parcel.states[::-1],
        effects=parcel.effects[::-1],
    )

    assert behaviour(parcel, turned) == NOTHING


def test_reordered_guards_are_told_because_the_reason_of_a_refusal_shows_it() -> None:
    """The same is refused, but with another guard's name."""
    turned = with_row(replace(ARRIVING, guards=ARRIVING.guards[::-1]))

    assert behaviour(parcel, turned) == replace(NOTHING, reordered=("arrived",))


def test_what_is_written_otherwise_is_the_same_on_every_input_of_a_domain_that_is_named() -> None:
    """Two forms of one thing are never called equal without saying on what."""
    by_hand = Guard.declare("weighed", record.grams >= 1, must="it must have been weighed")
    written = with_row(replace(ARRIVING, guards=(*ARRIVING.guards[:2], by_hand)))
    (change,) = behaviour(parcel, written).changes

    assert (change.kind, change.witnesses, change.tried) == (
        "same",
        (),
        (
            "all 1,620 inputs over the values of event at (4), record due_at (5), "
            "record grams (3), record scans (9), record speed (3)",
        ),
    )


# ── What is a change ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("guard", ARRIVING.guards, ids=lambda guard: guard.name)
def test_a_dropped_guard_is_found_with_what_it_let_through(guard: Guard) -> None:
    """More is accepted, and only that."""
    changed = without_guard(parcel, ARRIVING, guard)
    (change,) = behaviour(parcel, changed).changes
    ((aspect, witness),) = change.witnesses

    assert (change.state, change.fact, change.kind) == ("Sent", "Arrived", "changed")
    assert (aspect, witness.old) == (Aspect("accepted", ""), f"refused by the guard {guard.name}")
    assert witness.new == "accepted, → Delivered"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (with_row(replace(SCANNED_ROW, sets=())), ["update"]),
        (with_row(replace(ARRIVING, emits=())), ["effects"]),
        (with_row(replace(ARRIVING, target=parcel.states[0])), ["effects", "target"]),
        (
            with_row(
                replace(
                    ARRIVING,
                    emits=tuple((side, acts[::-1]) for side, acts in ARRIVING.emits),
                )
            ),
            ["effects"],
        ),
        (
            with_row(
                replace(
                    ARRIVING,
                    guards=(
                        *ARRIVING.guards,
                        Guard.declare("never-slow", record.speed != Speed.SLOW, must=""),
                    ),
                )
            ),
            ["refused"],
        ),
    ],
    ids=["update", "effects", "target", "order", "guard"],
)
def test_each_way_of_differing_is_told_apart(changed: Machine, told: list[str]) -> None:
    """A reviewer asks what becomes of the record, the effects, the state."""
    found = behaviour(parcel, changed)

    assert [change[3] for change in ways(found)] == [told]


def test_a_renamed_side_is_compared_under_its_new_name() -> None:
    """What is declared under another name must not slip through."""
    sender, carrier = parcel.sides
    called = replace(carrier, name="courier")
    facts = {
        fact: replace(fact, halves=((sender, fact.halves[0][1]), (called, fact.halves[1][1])))
        for fact in parcel.facts
    }
    rows = tuple(
        replace(item, fact=facts[item.fact], emits=((sender, item.acts(sender)), (called, ())))
        for item in parcel.rows
    )
    changed = replace(parcel, sides=(sender, called), facts=tuple(facts.values()), rows=rows)

    assert [found[2:] for found in ways(behaviour(parcel, changed))] == [
        ("changed", ["effects"])
    ] * 3


def test_rows_that_come_and_go_change_what_can_be_reached() -> None:
    """Whether a state is still part of the design is seen at a glance."""
    fewer = replace(parcel, rows=tuple(item for item in parcel.rows if item is not ARRIVING))
    gone, back = behaviour(parcel, fewer), behaviour(fewer, parcel)

    assert gone == replace(
        NOTHING,
        changes=(Change("Sent", "Arrived", "removed", (ARRIVING,), ()),),
        unreachable=("Delivered",),
    )
    assert back == replace(
        NOTHING,
        changes=(Change("Sent", "Arrived", "added", (), (ARRIVING,)),),
        reachable=("Delivered",),
    )


# ── Against random machines ──────────────────────────────────────────────────────────


def happened(outcome: Outcome) -> Any:
    """What came of a step, without the row's name."""
    return (outcome.record, outcome.effects) if isinstance(outcome, Accepted) else None


@given(st.data(), st.integers(0, 2**32))
@settings(max_examples=80, deadline=None, database=None)
def test_no_difference_that_a_random_step_shows_is_missed(data: st.DataObject, seed: int) -> None:
    """What is called the same must be the same, whoever asks."""
    old = random_machine(Random(seed))
    new = _mutated(data, old, random_machine(Random(seed + 1)))
    known = {(change.state, change.fact): change.kind for change in behaviour(old, new).changes}
    for _ in range(10):
        values = data.draw(records(old, LAMPS))
        given_event = data.draw(events(old, values, LAMPS))
        policy = data.draw(policies(old, LAMPS))
        first, second = (happened(step(m, values, given_event, policy)) for m in (old, new))
        pair = values["state"], old.event(given_event.name).fact.name
        if first != second:
            assert known.get(pair) in ("added", "removed", "changed", "undecided")


def _mutated(data: st.DataObject, old: Machine, other: Machine) -> Machine:
    """The machine with the rows of one pair taken from another one."""
    state, fact = data.draw(st.sampled_from(["Off", "On"])), data.draw(st.sampled_from(FACTS))
    kept = [r for r in old.rows_apart if (r.ends[0].name, r.fact) != (state, fact)]
    taken = [r for r in other.rows_apart if (r.ends[0].name, r.fact) == (state, fact)]
    return replace(old, rows=(*kept, *taken))


@given(st.data(), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, database=None)
def test_a_normal_form_means_what_it_was_made_of(data: st.DataObject, seed: int) -> None:
    """Only then does one form for two things prove that they are the same."""
    author = Author(Random(seed))
    machine = random_machine(Random(seed))
    for part in Lamp.sort:
        author.read(getattr(record, part.name), part.sort)
    for part in FACTS[0].fields:
        author.read(getattr(event, part.name), part.sort)
    node = author.condition(depth=2).node
    again = normal(node)
    for _ in range(5):
        values = data.draw(records(machine, LAMPS))
        fields = data.draw(events(machine, values, LAMPS, names=["NearTurned"])).fields
        env = {"record": values, "event": fields}
        try:
            meant = evaluate(node, env)
        except TypeError:  # it compares what is not there, as no declaration may
            continue
        assert evaluate(again, env) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((record.a < 1) & (record.b < 2), (record.b < 2) & (record.a < 1)),
        (~(record.a < 1), record.a >= 1),
        (record.a > record.b, record.b < record.a),
        (record.a == record.b, record.b == record.a),
        (~((record.a < 1) | (record.b < 2)), (record.a >= 1) & (record.b >= 2)),
        (record.m.every(lambda x: x.lit), record.m.every(lambda y: y.lit)),
        ((record.a < 1) & ((record.b < 2) & (record.a < 1)), (record.a < 1) & (record.b < 2)),
    ],
)
def test_ways_of_writing_one_thing_have_one_form(one: Any, other: Any) -> None:
    """No search is needed where a look suffices."""
    assert normal(one.node) == normal(other.node)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (record.a < 1, record.a <= 1),
        ((record.a < 1) | (record.b < 2), (record.a < 1) & (record.b < 2)),
        (record.a - record.b < 1, record.b - record.a < 1),
        (record.a.or_else(1) == 1, record.a.or_else(2) == 1),
    ],
)
def test_different_things_have_different_forms(one: Any, other: Any) -> None:
    """A form that took two things for one would hide a change."""
    assert normal(one.node) != normal(other.node)
