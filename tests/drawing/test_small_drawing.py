"""The drawing that needs no `dot`: nothing overlaps, nothing is missing, and any name fits in."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from nixfleet_state_machine.machine import machine
from steptable.machine import Machine
from steptable.targets.diagrams.dot import rows_between_states
from steptable.targets.diagrams.layered import Box, Edge, Layered, layered
from steptable.targets.diagrams.svg import machine_svg
from support import lease
from support.formatting import formatting_machine

SIZES = st.tuples(st.integers(1, 120), st.integers(1, 60))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[int, int]], dict[Edge, tuple[int, int]]]:
    """Boxes with their sizes, and edges between different ones with the sizes of their labels."""
    names = [f"box {number}" for number in range(draw(st.integers(1, 7)))]
    sizes = {name: draw(SIZES) for name in names}
    pairs = [(a, b) for a in names for b in names if a != b]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else []
    return sizes, {edge: draw(SIZES) for edge in edges}


def overlaps(one: Box, other: Box) -> bool:
    return (
        abs(one.x - other.x) * 2 < one.width + other.width - 2
        and abs(one.y - other.y) * 2 < one.height + other.height - 2
    )


def is_inside(box: Box, places: Layered) -> bool:
    return (
        box.x - box.width // 2 >= -1
        and box.x + box.width // 2 <= places.width + 1
        and box.top >= 0
        and box.bottom <= places.height + 1
    )


@given(graphs())
def test_neither_boxes_nor_labels_overlap(
    graph: tuple[dict[str, tuple[int, int]], dict[Edge, tuple[int, int]]],
) -> None:
    """A name under another one can't be read; and each is as large as was asked for."""
    sizes, labels = graph
    places = layered(sizes, labels)
    boxes = [*places.boxes.values(), *places.labels.values()]

    assert [(a, b) for a, b in itertools.combinations(boxes, 2) if overlaps(a, b)] == []
    assert [box for box in boxes if not is_inside(box, places)] == []
    assert {name: (box.width, box.height) for name, box in places.boxes.items()} == sizes
    assert {edge: (box.width, box.height) for edge, box in places.labels.items()} == labels


@given(graphs())
def test_every_edge_runs_from_its_source_through_its_label_to_its_target(
    graph: tuple[dict[str, tuple[int, int]], dict[Edge, tuple[int, int]]],
) -> None:
    """Whoever follows a line from a box must come to the right one."""
    sizes, labels = graph
    places = layered(sizes, labels)

    assert places.lines.keys() == labels.keys()
    for (source, target), points in places.lines.items():
        ends = (places.boxes[source], places.boxes[target])
        for (_, y), box in zip((points[0], points[-1]), ends, strict=True):
            assert y in (box.top, box.bottom)
        label = places.labels[source, target]
        assert label.x in {x for x, _ in points}


def test_edges_that_can_do_without_crossing_do() -> None:
    """A drawing without a crossing that needs none is as one would draw it by hand."""
    names = "new", "under way", "tried", "done", "failed", "undone"
    ways = [
        ("new", "under way"),
        ("under way", "tried"),
        ("tried", "done"),
        ("under way", "failed"),
        ("tried", "failed"),
        ("failed", "undone"),
    ]
    places = layered(dict.fromkeys(names, (60, 30)), dict.fromkeys(ways, (60, 15)))
    boxes = places.boxes

    assert [boxes[name].y for name in names] == sorted(boxes[name].y for name in names)
    assert boxes["new"].x == boxes["under way"].x
    left = boxes["failed"].x < boxes["done"].x
    assert left == (places.labels["under way", "failed"].x < places.labels["tried", "failed"].x)


def drawn(of: Machine) -> ElementTree.Element:
    return ElementTree.fromstring(machine_svg(of))


def test_each_state_and_each_row_between_two_is_there_by_number() -> None:
    """The page finds what to light up by the place in the declaration, whatever the names."""
    for of in (machine, lease.machine, formatting_machine()):
        number = {state.name: n for n, state in enumerate(of.states)}
        parts = drawn(of).findall("g")
        states = [part for part in parts if "data-state" in part.attrib]
        edges = [part for part in parts if "data-source" in part.attrib]

        assert {int(part.attrib["data-state"]) for part in states} == set(number.values())
        assert {
            (int(part.attrib["data-source"]), int(part.attrib["data-target"])) for part in edges
        } == {(number[source], number[target]) for source, target in rows_between_states(of)}


def test_every_row_is_named_in_a_tooltip() -> None:
    """What the small drawing has no room for must not be lost."""
    for of in (machine, lease.machine, formatting_machine()):
        told = " ".join(part.text or "" for part in drawn(of).iter("title"))

        assert [row.name for row in of.rows if row.name not in told] == []


def test_a_name_is_never_markup() -> None:
    """A state may be called whatever its declaration says."""
    texts = [part.text for part in drawn(formatting_machine()).iter("text")]

    assert 'Off "<&>"' in texts
    assert "On\\n*_[x]_*" in texts
