"""Which states of a machine rows lead to, whatever their guards say.

What a machine comes to in a world is for explorers to say; nothing here looks at guards.
"""

from __future__ import annotations

from collections.abc import Iterable

from steptable.machine import Machine


def reachable(machine: Machine, sources: Iterable[str]) -> set[str]:
    """The names of the states that rows lead to from some states, those included."""
    import networkx as nx  # noqa: PLC0415  # seldom needed, and slow to load

    starts = set(sources)
    ends = (row.ends for row in machine.rows_apart)
    graph: nx.DiGraph[str] = nx.DiGraph((source.name, target.name) for source, target in ends)
    graph.add_nodes_from(starts)
    return starts.union(*(nx.descendants(graph, start) for start in starts))
