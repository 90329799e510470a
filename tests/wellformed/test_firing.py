"""Whether a condition can hold is decided rightly: "never" is certain, and so are simple cases.

Random small conditions are judged twice: by the analysis, and by evaluating them with the
interpreter over every assignment of small domains.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steptable import expr
from steptable.interpreter.evaluate import evaluate
from steptable.machine import Guard, Machine
from steptable.sorts import TRUTH, Field, Integer, Optional, Record, Sort, Symbol
from steptable.terms import Term, all_of, any_of, if_else, root
from steptable.wellformed import faults_of
from steptable.wellformed.expressions.firing import can_hold
from steptable.wellformed.expressions.sorting import Sorter
from support.faulty.parcel import ROWS, SENDING, Speed, event, parcel, policy, record

SMALL = Integer(0, 4)
NAME = Symbol("Name")

FIELDS: dict[str, tuple[Sort, tuple[Any, ...]]] = {
    "speed": (Speed.sort, ("fast", "slow")),
    "mood": (Optional(Speed.sort), ("fast", "slow", None)),
    "count": (SMALL, (0, 1, 2, 3, 4)),
    "other": (SMALL, (0, 1, 2, 3, 4)),
    "known": (Optional(SMALL), (0, 2, 4, None)),
    "name": (NAME, ("a", "b", "c")),
    "alias": (Optional(NAME), ("a", "b", "c", None)),
}
THING = Record("thing", tuple(Field(name, sort) for name, (sort, _) in FIELDS.items()))

thing = root("thing")

ATOMS: tuple[Term, ...] = (
    *(thing.speed == value for value in (Speed.FAST, Speed.SLOW)),
    *(thing.mood == value for value in (Speed.FAST, Speed.SLOW)),
    thing.speed == thing.mood,
    thing.mood.is_known,
    *(thing.count == value for value in (0, 1, 3, 4)),
    thing.count < 0,
    thing.count < 2,
    thing.count >= 3,
    thing.count > 4,
    thing.count <= thing.other,
    thing.other < thing.count,
    thing.count == thing.other,
    thing.known == 2,
    thing.known.is_known,
    thing.known.is_known & (thing.known.value < 3),
    thing.known.is_known.implies(thing.known.value > 2),
    thing.known == thing.count,
    thing.name == "a",
    thing.name != "b",
    thing.name == thing.alias,
    thing.alias == "a",
    thing.alias.is_known,
    thing.count < thing.count,
)

conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: all_of(*pair)),
        st.tuples(inner, inner).map(lambda pair: any_of(*pair)),
        st.tuples(inner, inner).map(lambda pair: pair[0].iff(pair[1])),
        st.tuples(inner, inner, inner).map(lambda triple: if_else(*triple)),
        inner.map(lambda item: ~item),
    ),
    max_leaves=6,
)


def read_fields(node: expr.Node) -> set[str]:
    return {below.name for below in expr.walk(node) if isinstance(below, expr.Attr)}


def assignments(names: set[str]) -> Iterator[dict[str, Any]]:
    """Every value of every field that is asked for; the rest is beside the point."""
    asked = [name for name in FIELDS if name in names]
    for values in itertools.product(*(FIELDS[name][1] for name in asked)):
        yield dict(zip(asked, values, strict=True))


def holds_somewhere(node: expr.Node) -> bool:
    """Whether the interpreter finds an assignment that makes the condition true."""
    return any(evaluate(node, {"thing": values}) for values in assignments(read_fields(node)))


def judged(node: expr.Node) -> bool:
    sorter = Sorter("test", parcel.at, {"thing": THING})
    sorter.expect(node, TRUTH, "the condition")
    assert sorter.faults == []
    return can_hold(node, sorter.sorts)


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_never_is_certain(condition: Term) -> None:
    """A row that is called dead must be dead: people delete it on the strength of that."""
    if holds_somewhere(condition.node):
        assert judged(condition.node)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=4))
def test_what_is_compared_with_constants_alone_is_decided_exactly(atoms: list[Term]) -> None:
    """Rows are told apart by enums, bounds and names; there, "can hold" must not be generous."""
    condition = all_of(*(atom for atom in atoms if not _compares_two_fields(atom.node))).node

    assert judged(condition) == holds_somewhere(condition)


def _compares_two_fields(node: expr.Node) -> bool:
    return len(read_fields(node)) > 1


def test_is_generous_where_the_shape_of_a_condition_does_not_tell() -> None:
    """A known limit: orders of three terms are taken to be free of each other."""
    a, b, c = thing.count, thing.other, thing.known.or_else(0)
    circle = ((a < b) & (b < c) & (c < a)).node

    assert not holds_somewhere(circle)
    assert judged(circle)


def test_a_large_condition_is_decided_all_the_same() -> None:
    """Branches that are decided are left at once, so that the number of terms matters little."""
    many = Record("many", tuple(Field(f"f{i}", Speed.sort) for i in range(40)))
    all_fast = all_of(*(getattr(root("many"), f"f{i}") == Speed.FAST for i in range(40)))
    one_slow = root("many").f7 == Speed.SLOW
    sorter = Sorter("test", parcel.at, {"many": many})
    node = (all_fast & one_slow).node
    sorter.expect(node, TRUTH, "the condition")

    assert not can_hold(node, sorter.sorts)
    assert can_hold(all_fast.node, sorter.sorts)


def slugs(machine: Machine) -> list[str]:
    return [fault.slug for fault in faults_of(machine)]


def with_two_rows(first: Term, second: Term) -> Machine:
    """The parcel with two rows for the hand-over, each with one guard."""
    one = replace(SENDING, guards=(Guard.declare("one", first, must=""),))
    two = replace(SENDING, name="two", guards=(Guard.declare("two", second, must=""),))
    light = Guard.declare("light", event.grams <= policy.limit, must="")
    return replace(
        parcel,
        rows=(
            replace(one, guards=(*one.guards, light)),
            replace(two, guards=(*two.guards, light)),
            *ROWS[1:],
        ),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (event.speed == Speed.FAST, event.speed == Speed.SLOW),
        (event.speed == Speed.FAST, event.speed != Speed.FAST),
        (event.grams < 10, event.grams >= 10),
        (event.grams < 10, event.grams > 10),
        (record.due_at.is_known, ~record.due_at.is_known),
        (record.address == "Ulm/1", record.address == "Ulm/2"),
        (event.at < record.due_at.or_else(event.at), event.at >= record.due_at.or_else(event.at)),
        (
            record.due_at.is_known & (record.due_at.value < event.at),
            record.due_at.is_known & (event.at <= record.due_at.value),
        ),
        (
            record.scans.every(lambda s: s.speed == Speed.FAST),
            ~record.scans.every(lambda s: s.speed == Speed.FAST),
        ),
    ],
)
def test_rows_that_exclude_each_other_may_share_a_pair(first: Term, second: Term) -> None:
    """At most one row of a pair fires, so that their order means nothing."""
    assert slugs(with_two_rows(first, second)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (event.speed == Speed.FAST, event.grams < 10),
        (event.grams <= 10, event.grams >= 10),
        (record.due_at.is_known, record.sent_at.is_known),
        (record.due_at.is_known, (~record.due_at.is_known) | (event.grams > 3)),
        (event.at <= record.due_at.or_else(event.at), event.at >= record.due_at.or_else(event.at)),
    ],
)
def test_rows_that_do_not_exclude_each_other_may_not(first: Term, second: Term) -> None:
    """Which of two rows fires must not depend on the order in which they are written."""
    assert slugs(with_two_rows(first, second)) == ["overlap"]


def test_a_row_with_a_fault_in_a_guard_is_not_judged_further() -> None:
    """What has no sort tells nothing about when a row fires; the fault in it is what is said."""
    faulty = with_two_rows(event.speed == Speed.FATS, event.sped == Speed.SLOW)

    assert slugs(faulty) == ["unknown-name", "unknown-name"]
