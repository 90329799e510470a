"""Decides whether every fair run comes to a goal, by looking for a fair cycle that avoids it.

A run that never meets its goal ends in a set of states that it visits for ever. Such a set lies
within one strongly connected component of the states that avoid the goal. It is fair if each
weakly fair action is disabled somewhere in it or taken in it, and each strongly fair action
that is enabled somewhere in it is taken in it (Lichtenstein and Pnueli 1985; for strong fairness
by removing the states that enable an action which the component never takes, Emerson and Lei
1987). As in TLA, a run may also stand still for ever, where no fair action is enabled: an
environment that owes nothing need not act.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx

from steptable.explore.exploration import Exploration
from steptable.explore.layout import Packed
from steptable.explore.python_code import Writer, compiled


@dataclass(frozen=True)
class Lasso:
    """A run that avoids its goal for ever: a path, whose states from `loop` on are repeated.

    A run may also stand still at the end of its path: its loop is then its last state.
    """

    path: list[Packed]
    loop: int
    by: dict[int, str] = field(default_factory=dict)
    """The actions of those steps, by number, that make the loop fair; others are free."""


def find_lasso(found: Exploration, index: int) -> Lasso | bool:
    """A fair run that refutes a property over runs; else whether its premise is ever met."""
    holds = compiled(
        Writer(found.system, found.layout).predicate(
            [found.system.judged[index], found.system.met[index]]
        ),
        "holds",
    )
    states = list(found)
    bits = list(holds(states))
    item = found.system.world.properties[index]
    avoiding = {state for state, bit in zip(states, bits, strict=True) if not bit & 1}
    if item.premise is None:
        begun = avoiding & set(found.initial)
        met = True
    else:
        begun = {state for state, bit in zip(states, bits, strict=True) if bit & 2 and not bit & 1}
        met = any(bit & 2 for bit in bits)
    graph = _graph(found, begun, avoiding)
    # A loop of fair actions alone is shorter and easier to read, so it is looked for first.
    fair = {action.name for action in found.system.world.actions if action.fair}
    lean: nx.MultiDiGraph[Packed] = nx.MultiDiGraph()
    lean.add_nodes_from(graph.nodes(data=True))
    for before, after, name in graph.edges(keys=True):
        if name in fair:
            lean.add_edge(before, after, key=name)
    for part in (lean, graph):
        lassos = [
            _lasso(found, graph, begun, component) for component in _fair_components(found, part)
        ]
        if lassos:
            return min(lassos, key=lambda lasso: len(lasso.path))
    return met


def _graph(
    found: Exploration, begun: set[Packed], avoiding: set[Packed]
) -> nx.MultiDiGraph[Packed]:
    """The states that a run can come to without meeting its goal, with the steps between them."""
    graph: nx.MultiDiGraph[Packed] = nx.MultiDiGraph()
    graph.add_nodes_from(begun)
    waiting = deque(begun)
    while waiting:
        state = waiting.popleft()
        enabled = set()
        for after, case, _ in found.explain(state):
            enabled.add(case.action.name)
            if after in avoiding:
                if after not in graph:
                    waiting.append(after)
                graph.add_edge(state, after, key=case.action.name)
        graph.nodes[state]["enabled"] = frozenset(enabled)
    return graph


def _fair_components(
    found: Exploration, graph: nx.MultiDiGraph[Packed]
) -> Iterator[nx.MultiDiGraph[Packed]]:
    """The sets of states that a fair run can visit for ever."""
    fair = {action.name: action.fair for action in found.system.world.actions if action.fair}
    waiting = [graph]
    while waiting:
        whole = waiting.pop()
        for nodes in nx.strongly_connected_components(whole):
            part = whole.subgraph(nodes)
            if not part.number_of_edges():
                # One state without a loop: a run may stand still if nothing is owed there.
                if not any(graph.nodes[state]["enabled"] & fair.keys() for state in nodes):
                    yield part
                continue
            taken = {name for _, _, name in part.edges(keys=True)}
            enabled = [graph.nodes[state]["enabled"] for state in nodes]
            if any(
                kind == "weak" and name not in taken and all(name in each for each in enabled)
                for name, kind in fair.items()
            ):
                continue
            owed = {
                name
                for name, kind in fair.items()
                if kind == "strong" and name not in taken and any(name in e for e in enabled)
            }
            if not owed:
                yield part
                continue
            kept = [state for state in nodes if not owed & graph.nodes[state]["enabled"]]
            if kept:
                waiting.append(whole.subgraph(kept))


def _lasso(
    found: Exploration,
    graph: nx.MultiDiGraph[Packed],
    begun: set[Packed],
    component: nx.MultiDiGraph[Packed],
) -> Lasso:
    """A path to the component, and a tour through it that is fair."""
    entry = _way(graph, begun, set(component))
    prefix = found.path(entry[0])[:-1] + entry
    if not component.number_of_edges():
        return Lasso(prefix, len(prefix) - 1)
    first = len(prefix) - 1
    loop, by = _tour(found, graph, component, entry[-1])
    return Lasso(prefix + loop[1:], first, {first + number: name for number, name in by.items()})


def _tour(
    found: Exploration,
    graph: nx.MultiDiGraph[Packed],
    component: nx.MultiDiGraph[Packed],
    home: Packed,
) -> tuple[list[Packed], dict[int, str]]:
    """A closed walk that takes each fair action, or visits a state where it can't be taken.

    With it, by number, the steps that must be of a certain action.
    """
    walk = [home]
    by: dict[int, str] = {}
    for action in found.system.world.actions:
        if not action.fair:
            continue
        walked = (
            number
            for number, (here, there) in enumerate(pairwise(walk))
            if number not in by and component.has_edge(here, there, key=action.name)
        )
        if (number := next(walked, None)) is not None:
            by[number] = action.name
            continue
        steps = [(a, b) for a, b, name in component.edges(keys=True) if name == action.name]
        if steps:
            way = _way(component, {walk[-1]}, {source for source, _ in steps})
            target = next(b for a, b in steps if a == way[-1])
            walk += [*way[1:], target]
            by[len(walk) - 2] = action.name
        elif action.fair == "weak":
            idle = {s for s in component if action.name not in graph.nodes[s]["enabled"]}
            walk += _way(component, {walk[-1]}, idle)[1:]
    if len(walk) == 1:
        return walk + _way(component, component.successors(home), {home}), by
    return walk + _way(component, {walk[-1]}, {home})[1:], by


def _way(
    graph: nx.MultiDiGraph[Packed], sources: Iterable[Packed], targets: set[Packed]
) -> list[Packed]:
    """A shortest path from one of some states to one of others."""
    came: dict[Packed, Packed | None] = dict.fromkeys(sources)
    waiting = deque(came)
    while waiting:
        state = waiting.popleft()
        if state in targets:
            path: list[Packed] = []
            at: Packed | None = state
            while at is not None:
                path.append(at)
                at = came[at]
            return path[::-1]
        for after in graph.successors(state):
            if after not in came:
                came[after] = state
                waiting.append(after)
    raise LookupError("the component can't be reached")  # it was found from the sources
