"""Judges what the oracle has found, by looking at every state, step and set of states.

A verdict on runs is reached by trying every set of states that a run might visit for ever; what
the explorer shows as a counterexample is followed step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import combinations
from typing import Any, TypeAlias

import networkx as nx

from fuzz.domains import frozen, remembered
from fuzz.oracle import Explored, Happening, TooLarge, event_env, step_env
from steptable.explore.retracing import Trace
from steptable.explore.system.premises import premises_of
from steptable.interpreter.evaluate import Values, evaluate
from steptable.properties import Property
from steptable.world import World

Project: TypeAlias = Callable[[Values], Any]
"""What an explorer keeps of a whole state."""


def shortest(found: Explored, item: Property) -> int | None:
    """The length of a shortest trace that decides a property, if one does.

    It decides an `always` or a `never` by breaking it, a `sometimes` by showing it.
    """
    wanted = item.kind != "always"
    lengths: list[int] = []
    for here, state in found.states.items():
        depth = found.depth[here]
        if item.scope == "state" and bool(evaluate(item.condition, state)) == wanted:
            lengths.append(depth)
        for happening in _attempts(found, here):
            said = _said_of(found.world, item, happening)
            lengths += [depth + 1 for env in said if not evaluate(item.condition, env)]
    return min(lengths, default=None)


def is_vacuous(found: Explored, item: Property) -> bool:
    """Whether a premise of a property is never met: of `always p implies q`, that is p."""
    spoken_of = [
        env
        for here, state in found.states.items()
        for env in (
            [state]
            if item.scope in ("state", "run")
            else [e for step in _attempts(found, here) for e in _said_of(found.world, item, step)]
        )
    ]
    return not all(
        any(evaluate(premise.condition, env) for env in spoken_of) for premise in premises_of(item)
    )


def _attempts(found: Explored, here: Hashable) -> list[Happening]:
    """Every step out of a state, and everything that is refused in it."""
    return [*(happening for happening, _ in found.steps[here]), *found.refused[here]]


def _said_of(world: World, item: Property, happening: Happening) -> Iterator[Values]:
    """What a property over steps or events speaks of, of one step."""
    if item.scope == "step":
        yield step_env(happening)
    if item.scope == "event":
        for arrival in happening.arrivals:
            fact = world.instance(arrival.instance).machine.event(arrival.event.name).fact
            if item.instance in (None, arrival.instance) and item.fact in (None, fact):
                yield event_env(world, arrival)


def dead_ends(found: Explored) -> list[int]:
    """The depths of the states in which nothing can happen, and that are not terminal."""
    return [
        found.depth[here]
        for here, state in found.states.items()
        if not found.steps[here] and not evaluate(found.world.may_end, state)
    ]


# ── Runs ─────────────────────────────────────────────────────────────────────────────


def can_avoid(found: Explored, item: Property) -> bool:
    """Whether some fair run refutes a property over runs, by trying every set of states.

    A set of states that some run visits for ever, and none besides, is strongly connected. It
    can be fair if each weakly fair action is disabled somewhere in it or taken within it, and
    each strongly fair one is enabled nowhere in it or taken within it. A single state will do
    even without a step to itself: a run may stand still where no fair action is enabled.
    Raises `TooLarge` where there are too many sets.
    """
    graph = _avoiding(found, item)
    within = set(graph)
    if len(within) > 11:
        raise TooLarge
    return any(
        _is_visited_for_ever(graph, set(nodes)) and _is_fair(found, set(nodes))
        for size in range(1, len(within) + 1)
        for nodes in combinations(within, size)
    )


def can_avoid_within_components(found: Explored, item: Property) -> bool:
    """The same for larger worlds, by taking apart one component after another."""
    graph = _avoiding(found, item)
    waiting = [set(graph)]
    while waiting:
        whole = waiting.pop()
        for nodes in nx.strongly_connected_components(graph.subgraph(whole)):
            if _is_fair(found, nodes):
                return True
            taken = _taken_within(found, nodes)
            strong = {a.name for a in found.world.actions if a.fair == "strong"} - taken
            kept = {here for here in nodes if not strong & _possible(found, here)}
            if kept < nodes:
                waiting.append(kept)
    return False


def has_shorter_lasso(found: Explored, item: Property, length: int) -> bool:
    """Whether some run of fewer steps, path and loop together, refutes a property over runs.

    Tried one by one: every path from a start, and every place where it might begin to repeat.
    """
    waiting: list[tuple[list[Hashable], list[str]]] = [
        ([here], []) for here, depth in found.depth.items() if depth == 0
    ]
    while waiting:
        places, actions = waiting.pop()
        if len(actions) >= length:
            continue
        for loop in [at for at, place in enumerate(places) if place == places[-1]]:
            is_fair = _owes_nothing(found, set(actions[loop:]), set(places[loop:]))
            if is_fair and _breaks(found, item, places, loop):
                return True
        for happening, there in found.steps[places[-1]]:
            waiting.append(([*places, there], [*actions, happening.action.name]))
    return False


def _avoiding(found: Explored, item: Property) -> nx.DiGraph[Hashable]:
    """The states that a run can come to while a promise is owed, with the steps between them."""
    avoiding = {here for here, state in found.states.items() if not evaluate(item.condition, state)}
    begun = {
        here
        for here in avoiding
        if (
            found.depth[here] == 0
            if item.premise is None
            else evaluate(item.premise, found.states[here])
        )
    }
    graph: nx.DiGraph[Hashable] = nx.DiGraph()
    graph.add_nodes_from(avoiding)
    graph.add_edges_from(
        (here, there) for here in avoiding for _, there in found.steps[here] if there in avoiding
    )
    within = begun.union(*(nx.descendants(graph, here) for here in begun))
    return nx.DiGraph(graph.subgraph(within))


def _is_visited_for_ever(graph: nx.DiGraph[Hashable], nodes: set[Hashable]) -> bool:
    return len(nodes) == 1 or nx.is_strongly_connected(graph.subgraph(nodes))


def _is_fair(found: Explored, nodes: set[Hashable]) -> bool:
    return _owes_nothing(found, _taken_within(found, nodes), nodes)


def _taken_within(found: Explored, nodes: set[Hashable]) -> set[str]:
    return {
        happening.action.name
        for here in nodes
        for happening, there in found.steps[here]
        if there in nodes
    }


def _possible(found: Explored, here: Hashable) -> set[str]:
    return {happening.action.name for happening, _ in found.steps[here]}


def _owes_nothing(found: Explored, taken: set[str], nodes: set[Hashable]) -> bool:
    """Whether a loop that visits some states, and takes some actions, is fair."""
    possible = [_possible(found, here) for here in nodes]
    for action in found.world.actions:
        if action.name in taken:
            continue
        if action.fair == "weak" and all(action.name in each for each in possible):
            return False
        if action.fair == "strong" and any(action.name in each for each in possible):
            return False
    return True


def refutes(found: Explored, item: Property, trace: Trace, project: Project) -> bool:
    """Whether a trace is a fair run of the world that does not keep the promise."""
    world = found.world
    places = [frozen(trace.start, world.state)]
    for step in trace.steps:
        after = frozen(remembered(world, step.after), world.state)
        possible = {(other.action.name, there) for other, there in found.steps[places[-1]]}
        if frozen(step.before, world.state) != places[-1]:
            return False
        if (step.action.name, after) not in possible:
            return False
        places.append(after)
    if found.depth[places[0]] != 0 or trace.loop is None:
        return False
    # What nothing depends on need not come back.
    first, last = (project(found.states[place]) for place in (places[trace.loop], places[-1]))
    taken = {step.action.name for step in trace.steps[trace.loop :]}
    return bool(
        first == last
        and _breaks(found, item, places, trace.loop)
        and _owes_nothing(found, taken, set(places[trace.loop :]))
    )


def _breaks(found: Explored, item: Property, places: list[Hashable], loop: int) -> bool:
    """Whether the promise is due at some state, and is kept neither there nor ever after."""
    states = [found.states[place] for place in places]
    due = [
        number
        for number, state in enumerate(states)
        if (number == 0 if item.premise is None else evaluate(item.premise, state))
    ]
    kept = [number for number, state in enumerate(states) if evaluate(item.condition, state)]
    # What is kept within the loop is kept again and again.
    last = max(kept, default=-1)
    return last < loop and any(when > last for when in due)
