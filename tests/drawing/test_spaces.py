"""The state space as a graph: whole, or as a quotient, and both count what the engine counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import networkx as nx
import pytest

from known_models.alternating_bit import alternating_bit
from nixfleet_state_machine.worlds.reducer import world as reducer
from steptable.drawing.spaces import space_drawings
from steptable.errors import UsageError
from steptable.explore.exploration import Exploration
from steptable.explore.graph import quotient, state_graph
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.world import World
from support.projects import TOWN, Done, edited, run, write_project

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")


def found(world: World) -> Exploration:
    return search(build(world))


@pytest.mark.parametrize("world", [reducer, alternating_bit(2)], ids=lambda world: world.name)
def test_the_graph_has_every_state_and_every_step(world: World) -> None:
    """An analysis of one's own must be of the very space that was judged."""
    space = found(world)
    graph = state_graph(space)

    assert len(graph) == len(space)
    assert sum(data["steps"] for *_, data in graph.edges(data=True)) == space.transitions
    assert [s for s, data in graph.nodes(data=True) if data["initial"]] == space.initial
    assert set(nx.descendants(graph, space.initial[0])) <= set(space)


@pytest.mark.parametrize("by", [["received"], ["sending", "wire"], ["everything has been taken"]])
def test_a_quotient_merges_and_counts_without_losing_anything(by: list[str]) -> None:
    """The numbers in a picture are those of the exploration."""
    space = found(alternating_bit(2))
    merged = quotient(space, by)

    assert sum(data["states"] for _, data in merged.nodes(data=True)) == len(space)
    assert sum(data["initial"] for _, data in merged.nodes(data=True)) == len(space.initial)
    assert sum(data["steps"] for *_, data in merged.edges(data=True)) == space.transitions


def test_a_quotient_says_which_states_break_or_witness_what() -> None:
    """A promise painted on the wrong states would send a reviewer the wrong way."""
    space = found(alternating_bit(2))
    merged = quotient(space, ["received"])
    name = "everything has been taken"

    assert {node: data["decided"].get(name, 0) for node, data in merged.nodes(data=True)} == {
        ("0",): 0,
        ("1",): 0,
        ("2",): merged.nodes["2",]["states"],
    }


def test_a_step_that_breaks_a_promise_marks_where_it_starts() -> None:
    """Promises over steps belong to no state; the first broken step does."""
    space = found(alternating_bit(2, careless=True))
    merged = quotient(space, ["received"])

    assert [node for node, data in merged.nodes(data=True) if data["breaks"]] == [("1",)]


def test_an_unknown_group_is_named_with_the_nearest_known_one() -> None:
    """What nothing depends on is not kept, and so can't tell states apart."""
    with pytest.raises(UsageError, match=r"keeps no variable 'recieved'.*did you mean 'received'"):
        quotient(found(alternating_bit(1)), ["recieved"])


def test_a_picture_that_nobody_could_read_is_refused_with_a_smaller_one() -> None:
    """A layout of thousands of nodes takes minutes and shows nothing."""
    with pytest.raises(UsageError, match=r"a picture shows 24 and 36 at most; .*--by host.state"):
        space_drawings(found(reducer), ("host",))


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    run(write_project(tmp_path), "generate")
    return tmp_path


@needs_dot
def test_the_space_of_any_project_is_drawn(gate: Path) -> None:
    """A machine of one's own gets the same pictures."""
    assert run(gate, "draw", "space") == Done(0, "wrote diagrams/space-street.svg\n", "")
    text = (gate / "diagrams" / "space-street.svg").read_text()
    assert all(state in text for state in ("Shut", "Open", "Gone"))


def test_a_world_without_machines_is_grouped_by_what_is_asked_for(tmp_path: Path) -> None:
    """Classic models have variables alone."""
    channel = (
        "from known_models.alternating_bit import alternating_bit\n"
        "world = alternating_bit(2, careless=True)\n"
    )
    folder = write_project(tmp_path, environment=channel)
    run(folder, "generate")
    asked = ("draw", "space", "--format", "dot", "--world", "alternating-bit")

    assert run(folder, *asked).err == (
        "steptable: world 'alternating-bit' has no machine to group its states by; say by what "
        "with --by, such as one of: sending, sender_bit, received, receiver_bit, wire, acks\n"
    )
    assert run(folder, *asked, "--by", "received").out == (
        "wrote build/diagrams/space-alternating-bit.dot\n"
    )


@pytest.mark.parametrize("view", [("space", "--by", "purse"), ("coverage",)])
def test_a_world_that_overruns_its_bounds_is_not_drawn(
    view: tuple[str, ...], tmp_path: Path
) -> None:
    """What lies beyond the bounds is missing, and nothing in a drawing would say so."""
    folder = write_project(tmp_path, environment=TOWN)
    run(folder, "generate", "-q")
    spent = edited(TOWN, '"purse": purse - choice.price', '"purse": purse - choice.price - 1')
    write_project(folder, environment=spent)
    before = {path: path.read_bytes() for path in (folder / "diagrams").glob("*.*")}
    done = run(folder, "draw", *view, "--format", "dot")

    assert (done.code, done.out) == (2, "")
    assert "world 'town', action 'pay': 'purse' can't be -1" in done.err
    assert {path: path.read_bytes() for path in (folder / "diagrams").glob("*.*")} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["machine", "--by", "x"], "--by is of the view 'space'"),
        (["machine", "--world", "street"], "--world is of space, coverage, findings"),
        (["space", "--journal", "x"], "--journal and --tests are of the view 'coverage'"),
        (["space", "--world", "stret"], "did you mean 'street'?"),
        (["spase"], "did you mean 'space'?"),
    ],
)
def test_an_option_without_a_use_is_a_sentence(gate: Path, arguments: list[str], said: str) -> None:
    """What is asked for in vain must not be passed over."""
    done = run(gate, "draw", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
