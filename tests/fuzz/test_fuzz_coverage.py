"""Drawn worlds consist of the whole language: every expression, every sort, at every place.

What the language does not admit somewhere, and what is admitted and not drawn, stands here with
the reason; anything else that is missing fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, get_args

import pytest

from fuzz import coverage
from fuzz.compare import refused
from fuzz.worlds import world_of
from steptable import sorts
from support.nodes import NODES

MOST: Final = 1500
"""Worlds that are drawn before something is called missing."""

NAMES: Final = {kind.__name__ for kind in NODES}
SORTS: Final = {sort.__name__ for sort in get_args(sorts.Sort)}

IN_ROWS: Final = (
    "guard",
    "update",
    "field of an effect",
    "condition of an effect",
    "constructor",
)
IN_ACTIONS: Final = (
    "guard of an action",
    "set by an action",
    "field of a delivery",
    "policy",
    "payload",
    "reaction",
)
IN_PROMISES: Final = (
    "promise over states",
    "promise over steps",
    "promise over runs",
    "premise",
    "terminal",
)
OVER_EVENTS: Final = "promise over events"
PLACES: Final = (*IN_ROWS, "default", *IN_ACTIONS, *IN_PROMISES, OVER_EVENTS)
HOLDERS: Final = (
    "variable",
    "choice",
    *(f"field of {name}" for name in ("a record", "a policy", "an event", "what is emitted")),
    *(f"{kind} in a machine" for kind in ("optional", "map", "key of a map", "record")),
    *(f"{kind} in a choice" for kind in ("optional", "record")),
    *(
        f"{kind} in a world"
        for kind in ("optional", "map", "total map", "key of a map", "record", "queue", "bag")
    ),
)

Exception_ = tuple[tuple[str, ...], tuple[str, ...], str]
"""Kinds, places, and why there are none."""

OF_WORLDS: Final = ("Length", "Head", "Push", "Pop", "Count", "Change")
WITHOUT_READING: Final = ("Const", "Make")

NODES_NOT_ADMITTED: Final[tuple[Exception_, ...]] = (
    (("Unknown",), PLACES, "stands for a name that does not exist, which is a fault"),
    (
        ("Emitted", "Rerun"),
        tuple(place for place in PLACES if place != OVER_EVENTS),
        "speak of an event",
    ),
    (OF_WORLDS, (*IN_ROWS, OVER_EVENTS), "queues and bags are variables of worlds"),
)
NODES_NOT_DRAWN: Final[tuple[Exception_, ...]] = (
    (
        tuple(NAMES - {*WITHOUT_READING, "Unknown", "Emitted", "Rerun"}),
        ("default",),
        "a default reads nothing, so that it is a value, or a record made of values",
    ),
    (
        ("Push", "Pop", "Change", "Put", "Where", "Every", "Make", "With", "Count", "Length"),
        ("policy",),
        "few are given; those that are mean what fields of a delivery mean",
    ),
    (
        ("Push", "Pop", "Change", "Put", "Where", "Every", "Count", "Bound", "Negative", "Extreme"),
        ("payload",),
        "few are computed; what they depend on is drawn at other places",
    ),
    (("Change",), ("field of a delivery",), "it is seldom within one: few worlds have bags there"),
    (
        ("Bound", "Every", "Some", "Where", "CountWhere", "Put"),
        ("constructor",),
        "no world makes a record by a constructor, and few constructors make a map",
    ),
)

COMPARED: Final = ("guard", "condition of an effect", "guard of an action", *IN_PROMISES)
SORTS_NOT_ADMITTED: Final[tuple[Exception_, ...]] = (
    (
        ("Queue", "Bag", "Variant"),
        (
            *IN_ROWS,
            OVER_EVENTS,
            "default",
            *(place for place in HOLDERS if place.startswith("field") or "machine" in place),
        ),
        "queues, bags and payloads are variables of worlds",
    ),
    (("Instant",), ("default",), "it is one of a world's clock, and machines have none"),
    (
        ("Map", "Queue", "Bag", "Variant"),
        tuple(place for place in HOLDERS if "choice" in place),
        "nobody can choose one",
    ),
    (
        ("Optional",),
        tuple(place for place in HOLDERS if place.startswith(("optional", "map", "queue"))),
        "a value would be nothing in two ways",
    ),
    (
        tuple(SORTS - {"Enum", "Symbol", "Integer"}),
        ("bag in a world", "key of a map in a world", "key of a map in a machine"),
        "a key is a plain value",
    ),
)
SORTS_NOT_DRAWN: Final[tuple[Exception_, ...]] = (
    (("Opaque",), COMPARED, "what is opaque is not compared, and stands in no condition"),
    (("Opaque",), ("constructor", "default", "policy", "payload"), "it is carried, not given"),
    (
        ("Opaque",),
        ("map in a world", "total map in a world"),
        "it is seldom: opaque values are one sort of many",
    ),
    (
        ("Bag",),
        ("payload",),
        "few are computed; what they depend on is drawn at other places",
    ),
)


@pytest.fixture(scope="module")
def drawn() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Every kind of expression and of sort that was drawn with its place, until none is missing."""
    nodes: set[tuple[str, str]] = set()
    kinds: set[tuple[str, str]] = set()
    for seed in range(MOST):
        world = world_of(seed)
        nodes.update(coverage.nodes_by_place(world))
        kinds.update(coverage.sorts_by_place(world))
        if nodes >= _wanted_nodes() and kinds >= _wanted_sorts():
            break
    return nodes, kinds


def _wanted_nodes() -> set[tuple[str, str]]:
    pairs = {(node, place) for node in NAMES for place in PLACES}
    return pairs - {*_pairs(NODES_NOT_ADMITTED), *_pairs(NODES_NOT_DRAWN)}


def _wanted_sorts() -> set[tuple[str, str]]:
    pairs = {(sort, place) for sort in SORTS for place in (*PLACES, *HOLDERS)}
    return pairs - {*_pairs(SORTS_NOT_ADMITTED), *_pairs(SORTS_NOT_DRAWN)}


def _pairs(exceptions: Iterable[Exception_]) -> Iterator[tuple[str, str]]:
    for kinds, places, _ in exceptions:
        yield from ((kind, place) for kind in kinds for place in places)


def test_every_expression_is_drawn_at_every_place(
    drawn: tuple[set[tuple[str, str]], set[tuple[str, str]]],
) -> None:
    """A kind of expression that no world has can be wrong without anybody noticing."""
    nodes, _ = drawn

    assert _wanted_nodes() - nodes == set()
    assert nodes & {*_pairs(NODES_NOT_ADMITTED)} == set()
    assert {place for _, place in nodes} == set(PLACES)


def test_every_sort_is_drawn_at_every_place(
    drawn: tuple[set[tuple[str, str]], set[tuple[str, str]]],
) -> None:
    """So can a sort, and one within another."""
    _, kinds = drawn
    places = (*PLACES, *HOLDERS)

    assert _wanted_sorts() - kinds == set()
    assert kinds & {*_pairs(SORTS_NOT_ADMITTED)} == set()
    assert {place for _, place in kinds} == set(places)


def test_what_is_drawn_is_well_formed() -> None:
    """What is refused is compared with nothing."""
    faulty = [seed for seed in range(60) if refused(world_of(seed))]

    assert len(faulty) <= 1
