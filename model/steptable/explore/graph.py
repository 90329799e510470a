"""What was explored as a graph of networkx: every state, or a quotient of them.

The graph of states is for analyses of one's own; a quotient, which groups states that agree on
some variables or properties, is what can be drawn and read. Both count what they merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import networkx as nx

from steptable.errors import UsageError, suggestion
from steptable.explore.exploration import Exploration
from steptable.explore.packed.code import PythonWriter, compiled
from steptable.explore.packed.layout import Packed, width
from steptable.properties import Property


def state_graph(exploration: Exploration) -> nx.MultiDiGraph[Packed]:
    """Every state as a node, every step as an edge.

    A node has the stored variables by name, as `variables`, and whether it is `initial`. An edge
    is keyed by number; it has the `action`, the `rows` that its events took, the `choices` that
    made a difference, and how many choices it stands for, as `steps`.
    """
    graph: nx.MultiDiGraph[Packed] = nx.MultiDiGraph(world=exploration.system.world.name)
    initial = set(exploration.initial)
    for state in exploration:
        variables = exploration.layout.unpack(state)
        graph.add_node(state, variables=variables, initial=state in initial)
    for state in exploration:
        for after, transition, choices in exploration.successors(state):
            # Of a search that was cut short, steps may lead to states that it has not come to.
            if after in graph:
                named = {
                    variable.name.removeprefix(transition.prefix): choice
                    for variable, choice in zip(transition.parameters, choices, strict=True)
                }
                rows = tuple(
                    taken.row.name for taken in transition.delivered if taken.row is not None
                )
                graph.add_edge(
                    state,
                    after,
                    action=transition.action.name,
                    rows=rows,
                    choices=named,
                    steps=transition.multiplicity,
                )
    return graph


def quotient(exploration: Exploration, by: Sequence[str]) -> nx.MultiDiGraph[tuple[str, ...]]:
    """The states grouped by variables (`agent.state`, or all of `agent`), or by properties.

    A node is the text of each of these; it has how many `states` it merges, how many of them are
    `initial`, and for each property over states how many of them break or witness it, as
    `decided`. `breaks` has the properties over steps whose first broken step starts in it. An
    edge is keyed by its action; it has the number of `steps`, and the `rows` taken by them.

    Raises `UsageError` for a name that is neither a stored variable nor a property over states.
    """
    groups = _Groups.of(exploration, by)
    graph: nx.MultiDiGraph[tuple[str, ...]] = nx.MultiDiGraph(
        world=exploration.system.world.name, by=tuple(by)
    )
    nodes: dict[Packed, tuple[str, ...]] = {}
    initial = set(exploration.initial)
    for state, node, decided in groups.nodes():
        nodes[state] = node
        if node not in graph:
            graph.add_node(node, states=0, initial=0, decided={}, breaks=[])
        data = graph.nodes[node]
        data["states"] += 1
        data["initial"] += state in initial
        for name in decided:
            data["decided"][name] = data["decided"].get(name, 0) + 1
    for index, (state, _, _) in sorted(exploration.violating_steps.items()):
        if index >= 0:
            graph.nodes[nodes[state]]["breaks"].append(
                exploration.system.world.properties[index].name
            )
    for state, node in nodes.items():
        for after, transition, _ in exploration.successors(state):
            target = nodes.get(after)
            if target is None:
                continue
            action = transition.action.name
            if not graph.has_edge(node, target, action):
                graph.add_edge(node, target, action, steps=0, rows=set())
            edge = graph.edges[node, target, action]
            edge["steps"] += transition.multiplicity
            edge["rows"] |= {
                taken.row.name for taken in transition.delivered if taken.row is not None
            }
    return graph


def usual_groups(exploration: Exploration) -> tuple[str, ...]:
    """By what states can be grouped where nothing is said: by the state of any one machine.

    Raises `UsageError` for a world without machines.
    """
    world = exploration.system.world
    names = tuple(f"{item.name}.{item.machine.state_field.name}" for item in world.instances)
    if not names:
        known = ", ".join(dict.fromkeys(item.name for item in world.variables))
        raise UsageError(
            f"world '{world.name}' has no machine to group its states by; "
            f"say by what with --by, such as one of: {known}"
        )
    return names


def decides(item: Property, *, holds: bool) -> bool:
    """Whether a state in which the condition of a property holds or not breaks or witnesses it."""
    return holds != (item.kind == "always")


@dataclass(frozen=True)
class _Groups:
    """Which bits of a state tell its group, and how they read."""

    exploration: Exploration
    by: tuple[str, ...]
    masks: Mapping[str, Packed]
    properties: Mapping[int, Property]
    """Those over states, by the bit that has their condition."""

    @classmethod
    def of(cls, exploration: Exploration, by: Sequence[str]) -> _Groups:
        world = exploration.system.world
        properties = {bit: world.properties[i] for bit, i in enumerate(_over_states(exploration))}
        masks = {}
        names = {item.name for item in properties.values()}
        for path in by:
            if path not in names:
                if not any(_is_below(item.name, path) for item in exploration.layout.variables):
                    known = {_root(item.name) for item in exploration.system.variables} | names
                    raise UsageError(
                        f"world '{world.name}' keeps no variable '{path}' that anything depends "
                        f"on, and has no property over states of that name; "
                        f"{suggestion(path, known)}"
                    )
                masks[path] = _mask(exploration, path)
        return cls(exploration, tuple(by), masks, properties)

    def nodes(self) -> Iterator[tuple[Packed, tuple[str, ...], list[str]]]:
        """Each state with its group, and the properties that it decides."""
        system = self.exploration.system
        conditions = [system.conditions[index] for index in _over_states(self.exploration)]
        source = PythonWriter(system, self.exploration.layout).predicate(conditions)
        holds = compiled(source, "holds")
        mask = reduce(or_, self.masks.values(), 0)
        known: dict[tuple[Packed, int], tuple[tuple[str, ...], list[str]]] = {}
        for state, bits in zip(self.exploration, holds(iter(self.exploration)), strict=True):
            key = (state & mask, bits)
            if key not in known:
                decided = [
                    item.name
                    for bit, item in self.properties.items()
                    if decides(item, holds=bool(bits >> bit & 1))
                ]
                known[key] = (tuple(self._text(state, bits)), decided)
            yield state, *known[key]

    def _text(self, state: Packed, bits: int) -> Iterator[str]:
        values = self.exploration.layout.unpack(state)
        bit_of = {item.name: bit for bit, item in self.properties.items()}
        for path in self.by:
            if path in self.masks:
                yield _shown(path, values)
            else:
                yield "true" if bits >> bit_of[path] & 1 else "false"


def _over_states(exploration: Exploration) -> list[int]:
    """The indexes of the properties over states."""
    properties = exploration.system.world.properties
    return [index for index in exploration.system.conditions if properties[index].scope == "state"]


def _mask(exploration: Exploration, path: str) -> Packed:
    """The bits of all variables that a path names, or that lie below it."""
    layout = exploration.layout
    return sum(
        (1 << width(variable)) - 1 << shift
        for variable, shift in zip(layout.variables, layout.shifts, strict=True)
        if _is_below(variable.name, path)
    )


def _is_below(name: str, path: str) -> bool:
    return name == path or (name.startswith(path) and name[len(path)] in ".[#?")


def _root(name: str) -> str:
    """The path of a variable, without what is inside a map, a queue or an optional."""
    return min((name.partition(mark)[0] for mark in "[#?"), key=len)


def _shown(path: str, values: Mapping[str, Any]) -> str:
    """The values below a path: one by itself, several by name; what is absent is left out."""
    told = {}
    for name, value in values.items():
        if not _is_below(name, path) or name.endswith("?"):
            continue
        absent = any(
            values[known] is False
            for known in values
            if known.endswith("?") and _is_below(name, known[:-1])
        )
        if not absent:
            told[name] = _plain(value)
    if not told:
        return "nothing"
    if list(told) == [path]:
        return told[path]
    return ", ".join(f"{name.removeprefix(path).lstrip('.')}={text}" for name, text in told.items())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
