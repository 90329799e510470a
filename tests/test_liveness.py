"""What a run must come to at last is decided rightly, and each counterexample is a fair run.

Small graphs at random, with actions as labels and some fairness of each: verdicts are those of
`brute_verdicts`. Worlds of every other kind are compared in `test_random_systems`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from brute_force import explore
from brute_verdicts import can_avoid, is_vacuous, refutes
from steptable.check import check
from steptable.properties import eventually, leads_to
from steptable.sorts import Integer
from steptable.terms import Term, any_of, root
from steptable.world import Action, Bounds, Fairness, Start, Variable, World, choice

NODES = 6
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
) -> World:
    """A world that goes from node to node, with its promises."""
    node = Integer(0, NODES - 1)
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
    )


def _is_in(nodes: Collection[int]) -> Term:
    return any_of(*(at == node for node in sorted(nodes)))


def agree(world: World) -> None:
    """Raise unless the verdicts on runs are right, and their counterexamples real."""
    found = explore(world, most_states=100, most_steps=1000)
    for judgement in check(world).judgements:
        item, trace = judgement.judged, judgement.trace
        assert (trace is not None) == can_avoid(found, item)
        if trace is not None:
            assert refutes(found, item, trace)
        else:
            assert judgement.vacuous == is_vacuous(found, item)


nodes = st.integers(0, NODES - 1)
few_nodes = st.sets(nodes, max_size=2)
edges = st.builds(Edge, nodes, st.integers(0, 2), nodes)
fairness = st.lists(st.sampled_from(("", "weak", "strong")), min_size=3, max_size=3)


@settings(max_examples=400, deadline=None)
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
