"""What a run must come to at last is decided rightly, and each counterexample is a fair run.

Graphs at random, with actions as labels and some fairness of each: verdicts are those of
`fuzz.verdicts`. Worlds of every other kind are compared in `test_fuzz`.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.oracle import explore
from fuzz.verdicts import (
    can_avoid,
    can_avoid_within_components,
    has_shorter_lasso,
    is_vacuous,
    refutes,
)
from steptable.check import check
from steptable.explore.liveness.lassos import Lasso, LassoFinder
from steptable.explore.python.engine import search
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.explore.system.keys import keyed
from steptable.properties import eventually, leads_to
from steptable.sorts import Integer
from steptable.terms import Term, any_of, root
from steptable.world import Action, Bounds, Fairness, Start, Variable, World, choice

NODES = 6
MOST = 4
"""All runs of so many steps can be tried."""
WHY = {"why": "It was drawn.", "cites": "hypothesis"}

at = root("at")


class Edge(NamedTuple):
    """A step of a graph, by the action of some number."""

    source: int
    action: int
    target: int


def graph(
    edges: Collection[Edge],
    fairness: list[Fairness],
    *,
    goal: Collection[int] = (),
    premise: Collection[int] = (),
    starts: Collection[int] = (0,),
    nodes: int = NODES,
) -> World:
    """A world that goes from node to node, with its promises."""
    node = Integer(0, nodes - 1)
    return World(
        name="graph",
        doc="Nodes and edges.",
        instances=(),
        variables=(Variable.declare("at", node, sorted(starts)),),
        starts=(Start.declare("some", {}),),
        actions=tuple(
            Action.declare(
                f"action {number}",
                choices={"to": node},
                guard=any_of(
                    *(
                        (at == edge.source) & (choice.to == edge.target)
                        for edge in sorted(edges)
                        if edge.action == number
                    )
                ),
                sets={"at": choice.to},
                fair=fair,
            )
            for number, fair in enumerate(fairness)
        ),
        properties=(
            eventually("at last", _is_in(goal), **WHY),
            leads_to("leads to", _is_in(premise), _is_in(goal), **WHY),
        ),
        bounds=Bounds.declare(symbols={}, instants=(0,)),
        terminal=True,
    )


def _is_in(nodes: Collection[int]) -> Term:
    return any_of(*(at == node for node in sorted(nodes)))


def agree(world: World) -> None:
    """Raise unless the verdicts on runs are right, and their counterexamples real."""
    exploration = explore(world, most_states=100, most_steps=1000)
    for judgement in check(world).judgements:
        item, trace = judgement.judged, judgement.trace
        assert (trace is not None) == can_avoid(exploration, item)
        if trace is not None:
            assert refutes(exploration, item, trace, build(world).project)
            assert len(trace.steps) > MOST or not has_shorter_lasso(
                exploration, item, len(trace.steps)
            )
        else:
            assert judgement.vacuous == is_vacuous(exploration, item)


nodes = st.integers(0, NODES - 1)
few_nodes = st.sets(nodes, max_size=2)
edges = st.builds(Edge, nodes, st.integers(0, 2), nodes)
fairness = st.lists(st.sampled_from(("", "weak", "strong")), min_size=3, max_size=3)


@settings(max_examples=300, deadline=None)
@given(
    st.sets(edges, max_size=14),
    fairness,
    few_nodes,
    few_nodes,
    st.sets(nodes, min_size=1, max_size=2),
)
def test_verdicts_on_runs_are_those_of_brute_force(
    steps: set[Edge],
    fair: list[Fairness],
    goal: set[int],
    premise: set[int],
    starts: set[int],
) -> None:
    """Every way to label few nodes: several actions between two, loops, and dead ends."""
    agree(graph(steps, fair, goal=goal, premise=premise, starts=starts))


def drawn(seed: int) -> World:
    """A larger graph, sparse and mostly strongly fair, so that components fall apart often."""
    dice = random.Random(seed)
    nodes, actions = dice.randint(8, 20), dice.randint(2, 7)
    node = range(nodes)
    steps = {
        Edge(dice.choice(node), dice.randrange(actions), dice.choice(node))
        for _ in range(dice.randint(nodes, 2 * nodes))
    }
    # A ring, so that much of it is one component.
    steps |= {Edge(n, dice.randrange(actions), (n + 1) % nodes) for n in node}
    fair: list[Fairness] = [dice.choice(("", "weak", "strong", "strong")) for _ in range(actions)]
    goal, premise = (dice.sample(node, dice.randint(0, nodes // 4)) for _ in range(2))
    return graph(steps, fair, goal=goal, premise=premise, nodes=nodes)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_verdicts_on_runs_of_larger_graphs_are_right(seed: int) -> None:
    """Where components owe something, and what is left of them is looked at again."""
    world = drawn(seed)
    exploration = explore(world, most_states=100, most_steps=10_000)
    for judgement in check(world).judgements:
        item, trace = judgement.judged, judgement.trace
        assert (trace is not None) == can_avoid_within_components(exploration, item)
        assert trace is None or refutes(exploration, item, trace, build(world).project)


def lassos(world: World, *, budget: int, upside_down: bool = False) -> list[Lasso | None]:
    """The lassos of a world's promises, with a budget; perhaps of states in reverse order."""
    exploration = search(build(world))
    if upside_down:
        exploration.parents = dict(reversed(exploration.parents.items()))
    runs = LassoFinder(exploration, budget=budget)
    return [runs.find_lasso(key) for key in keyed(world)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_lasso_without_a_search_for_a_shorter_one_is_a_fair_run_all_the_same(seed: int) -> None:
    """Where a shortest tour is too much to ask for, what is shown is still a counterexample."""
    world = drawn(seed)
    exploration = explore(world, most_states=100, most_steps=10_000)
    replayer = Replayer(search(build(world)), {})
    pairs = zip(lassos(world, budget=0), lassos(world, budget=10**6), strict=True)
    for item, (composed, shortest) in zip(world.properties, pairs, strict=True):
        assert (composed is None) == (shortest is None)
        if composed is not None and shortest is not None:
            trace = replayer.along(composed.path, composed.loop, composed.by)
            assert refutes(exploration, item, trace, build(world).project)
            assert len(composed.path) >= len(shortest.path)
            assert shortest.is_shortest


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_in_which_states_are_found_makes_no_difference(seed: int) -> None:
    """Every engine shows the same counterexample, so that its replay key is the same, too."""
    world = drawn(seed)
    for budget in (0, 10**6):
        assert lassos(world, budget=budget) == lassos(world, budget=budget, upside_down=True)


def lasso(world: World, name: str) -> tuple[list[str], list[str]] | None:
    """The actions of a counterexample before its loop, and within."""
    trace = next(j.trace for j in check(world).judgements if j.judged.name == name)
    if trace is None:
        return None
    actions = [step.action.name for step in trace.steps]
    return actions[: trace.loop], actions[trace.loop :]


TWO_WAYS = [Edge(0, 0, 1), Edge(0, 1, 1), Edge(1, 2, 0)]
"""From 0 to 1 by either of two actions, and back by a third."""


def test_a_lasso_takes_the_actions_that_make_it_fair() -> None:
    """Where two actions lead the same way, the one that is owed is the one that is shown."""
    world = graph(TWO_WAYS, ["", "strong", "weak"])

    assert lasso(world, "at last") == ([], ["action 1", "action 2"])


def test_a_run_may_stand_still_where_nothing_is_owed() -> None:
    """As in TLA: an environment that owes nothing need not act."""
    assert lasso(graph(TWO_WAYS, ["", "", "weak"], goal={1}), "at last") == ([], [])


def test_a_weakly_fair_action_that_stays_possible_is_taken() -> None:
    """Then the run may not stand still, and comes to its goal."""
    assert lasso(graph(TWO_WAYS, ["weak", "", ""], goal={1}), "at last") is None


ESCAPE = [Edge(0, 0, 1), Edge(1, 0, 0), Edge(1, 1, 2)]
"""A loop of two, out of which an action leads that is possible in one of them."""


def test_weak_fairness_is_no_way_out_of_a_loop_that_disables_it() -> None:
    """An action that is possible only now and then need not be taken if it is weakly fair."""
    world = graph(ESCAPE, ["weak", "weak"], goal={2})

    assert lasso(world, "at last") == ([], ["action 0", "action 0"])


def test_strong_fairness_leads_out_of_it() -> None:
    """An action that is possible again and again is taken if it is strongly fair."""
    assert lasso(graph(ESCAPE, ["weak", "strong"], goal={2}), "at last") is None


NEST = [
    # Round 0-1-2-3; from 1 action 1 leads out for good, from 2 action 2 does, from 3 action 3.
    *(Edge(node, 0, (node + 1) % 4) for node in range(4)),
    Edge(1, 1, 5),
    Edge(2, 2, 5),
    Edge(3, 3, 5),
    # A loop of its own at 0, which owes none of them.
    Edge(0, 0, 0),
]


def test_what_owes_nothing_within_what_owes_much_is_found() -> None:
    """One owed action after another takes states away, until a loop is left that is fair."""
    free: list[Fairness] = ["", "strong", "strong", "strong"]
    owed: list[Fairness] = ["weak", "strong", "strong", "strong"]

    assert lasso(graph(NEST, free, goal={5}), "at last") == ([], [])
    assert lasso(graph(NEST, owed, goal={5}), "at last") == ([], ["action 0"])


def test_a_nest_without_such_a_loop_is_left() -> None:
    """Where every state owes something sooner or later, fairness leads out."""
    edges = [edge for edge in NEST if edge != Edge(0, 0, 0)]

    owed: list[Fairness] = ["weak", "strong", "strong", "strong"]

    assert lasso(graph(edges, owed, goal={5}), "at last") is None


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (KeyboardInterrupt, "interrupted after all 2 states, judging 'at last'"),
        (MemoryError, "out of memory after all 2 states, judging 'at last'"),
    ],
)
def test_a_search_for_cycles_that_is_cut_short_is_inconclusive(
    stop: type[BaseException], said: str
) -> None:
    """Ctrl-C and the end of memory lose nothing of what is known by then."""

    def doing(what: str) -> None:
        if what.startswith("looking for fair cycles"):
            raise stop

    result = check(graph(TWO_WAYS, ["weak", "", ""]), doing=doing)

    assert [judgement.verdict for judgement in result.judgements] == ["inconclusive"] * 2
    assert (result.stopped, result.interrupted) == (said, stop is KeyboardInterrupt)
    assert (result.states, result.passes) == (2, False)
