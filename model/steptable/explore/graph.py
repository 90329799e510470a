"""What was explored as a graph of networkx: every state, or a quotient of them.

The graph of states is for analyses of one's own; a quotient, which groups states that agree on
some variables or properties, is what can be drawn and read. Both count what they merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from steptable.errors import UsageError, suggestion
from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import Packed, width
from steptable.explore.system.keys import keyed
from steptable.partial.paths import Path
from steptable.properties import Property

if TYPE_CHECKING:
    import networkx as nx


def state_graph(exploration: Exploration) -> nx.MultiDiGraph[Packed]:
    """Every state as a node, every step as an edge.

    A node has the stored variables by name, as `variables`, and whether it is `initial`. An edge
    is keyed by number; it has the `action`, the `rows` that its events took, the `choices` that
    made a difference, and how many choices it stands for, as `steps`.
    """
    import networkx as nx  # noqa: PLC0415  # seldom needed, and slow to load

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
                    str(variable.path.after(transition.choice_root)): choice
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
    import networkx as nx  # noqa: PLC0415  # seldom needed, and slow to load

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
    for key, item in keyed(exploration.system.world).items():
        if key in exploration.violating_steps:
            state, _, _ = exploration.violating_steps[key]
            graph.nodes[nodes[state]]["breaks"].append(item.name)
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


def usual_groups(exploration: Exploration) -> tuple[Path, ...]:
    """By what states can be grouped where nothing is said: by the state of any one machine.

    Raises `UsageError` for a world without machines.
    """
    world = exploration.system.world
    states = tuple(Path.of(item.name, item.machine.state_field.name) for item in world.instances)
    if not states:
        known = ", ".join(dict.fromkeys(item.name for item in world.variables))
        raise UsageError(
            f"world '{world.name}' has no machine to group its states by; "
            f"say by what with --by, such as one of: {known}"
        )
    return states


def decides(item: Property, *, holds: bool) -> bool:
    """Whether a state in which the condition of a property holds or not breaks or witnesses it."""
    return holds != (item.kind == "always")


@dataclass(frozen=True)
class _Groups:
    """Which bits of a state tell its group, and how they read."""

    exploration: Exploration
    by: tuple[Path | str, ...]
    """Where the variables lie that are grouped by; of a property, its name."""
    properties: Mapping[int, Property]
    """Those over states, by the bit that has their condition."""

    @classmethod
    def of(cls, exploration: Exploration, by: Sequence[str]) -> _Groups:
        system = exploration.system
        properties = {
            bit: system.property_of(key) for bit, key in enumerate(system.state_conditions)
        }
        names = {item.name for item in properties.values()}
        groups = tuple(text if text in names else _path(exploration, text, names) for text in by)
        return cls(exploration, groups, properties)

    def nodes(self) -> Iterator[tuple[Packed, tuple[str, ...], list[str]]]:
        """Each state with its group, and the properties that it decides."""
        conditions = list(self.exploration.system.state_conditions.values())
        holding = self.exploration.conditions_in(self.exploration, conditions)
        mask = _mask(self.exploration, [item for item in self.by if isinstance(item, Path)])
        known: dict[tuple[Packed, int], tuple[tuple[str, ...], list[str]]] = {}
        for state, bits in zip(self.exploration, holding, strict=True):
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
        values = self.exploration.layout.unpacked(state)
        bit_of = {item.name: bit for bit, item in self.properties.items()}
        for item in self.by:
            if isinstance(item, Path):
                yield _shown(item, values)
            else:
                yield "true" if bits >> bit_of[item] & 1 else "false"


def _path(exploration: Exploration, text: str, properties: Set[str]) -> Path:
    """The path that a text names: that of a stored variable, or one that some of them are within.

    Raises `UsageError` where there is none, and no property is called so either.
    """
    stored = [variable.path for variable in exploration.layout.variables]
    known = {str(one): one for path in stored for one in path.beginnings()}
    if text not in known:
        world = exploration.system.world.name
        names = {str(path.owner) for path in stored} | properties
        raise UsageError(
            f"world '{world}' keeps no variable '{text}' that anything depends on, and has no "
            f"property over states of that name; {suggestion(text, names)}"
        )
    return known[text]


def _mask(exploration: Exploration, paths: Sequence[Path]) -> Packed:
    """The bits of all variables that lie at some paths, or below them."""
    layout = exploration.layout
    fields = (
        (1 << width(variable)) - 1 << shift
        for variable, shift in zip(layout.variables, layout.shifts, strict=True)
        if any(variable.path.is_within(path) for path in paths)
    )
    return reduce(or_, fields, 0)


def _shown(path: Path, values: Mapping[Path, Any]) -> str:
    """The values below a path: one by itself, several by name; what is absent is left out.

    Of a value that is there, but of which nothing is stored, no more than that is said.
    """
    absent = [one.value for one, value in values.items() if one.is_presence and not value]
    there = [
        one
        for one in values
        if one.is_within(path) and not any(one.is_within(value) for value in absent)
    ]
    told = {}
    for one in there:
        if not one.is_presence:
            told[one] = _plain(values[one])
        elif not any(other != one and other.is_within(one.value) for other in there):
            told[one.value] = "something"
    if not told:
        return "nothing"
    if list(told) in ([path], [path.value]):
        return next(iter(told.values()))
    return ", ".join(f"{one.after(path)}={text}" for one, text in told.items())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
