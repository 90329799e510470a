"""The state space of a world as a picture: a quotient, with what breaks where painted on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from steptable.errors import UsageError
from steptable.explore.exploration import Exploration
from steptable.explore.graph import quotient, usual_groups
from steptable.report.formats.text import count
from steptable.support.renaming import file_slug
from steptable.targets.diagrams.dot_text import (
    FONT,
    LARGE,
    RULE,
    SMALL,
    broken,
    cell,
    escape,
    quote,
    quote_lines,
    table,
)
from steptable.targets.diagrams.draw import Drawing

if TYPE_CHECKING:
    import networkx as nx

MOST_NODES: Final = 24
MOST_ARROWS: Final = 36
"""What a reader can take in, and `dot` lays out in a moment."""

_NAMED: Final = 2
"""Up to so many actions are named at an arrow; more are in its tooltip."""

Quotient: TypeAlias = "nx.MultiDiGraph[tuple[str, ...]]"

_SOUND: Final = ("#DCEEFA", "#00567F")
_BROKEN: Final = ("#FADCC5", "#A84300")


def space_drawings(exploration: Exploration, by: tuple[str, ...] = ()) -> list[Drawing]:
    """The space of a world grouped by some names; by default, one for the state of each machine.

    Raises `UsageError` where that has more groups than a picture can show.
    """
    name = file_slug(exploration.system.world.name)
    if by:
        return [_drawing(exploration, f"space-{name}", by)]
    usual = usual_groups(exploration)
    return [
        _drawing(
            exploration,
            f"space-{name}" if len(usual) == 1 else f"space-{name}-{file_slug(path.root)}",
            (str(path),),
        )
        for path in usual
    ]


def _drawing(exploration: Exploration, name: str, by: tuple[str, ...]) -> Drawing:
    world = exploration.system.world.name
    graph = quotient(exploration, by)
    _refuse_large(graph, exploration)
    return Drawing(
        name,
        f"The states of the world {world}, by {', '.join(by)}",
        "Each box merges all states that agree on what stands in it; boxes with a cross hold "
        "states, or steps out of them, that break a promise.",
        shlex.join(["steptable", "draw", "space", "--world", world, "--by", ",".join(by)]),
        dot=space_dot(graph, exploration),
    )


def _refuse_large(graph: Quotient, exploration: Exploration) -> None:
    arrows = len({(source, target) for source, target in graph.edges() if source != target})
    if len(graph) <= MOST_NODES and arrows <= MOST_ARROWS:
        return
    world = exploration.system.world
    advice = "group by fewer"
    if world.instances:
        advice += f", such as --by {usual_groups(exploration)[-1]}"
    raise UsageError(
        f"world '{world.name}' grouped by {', '.join(graph.graph['by'])} has {len(graph):,} groups "
        f"and {count(arrows, 'arrow')} between them, and a picture shows {MOST_NODES} and "
        f"{MOST_ARROWS} at most; {advice}"
    )


def space_dot(graph: Quotient, exploration: Exploration) -> str:
    """A quotient as DOT."""
    world = exploration.system.world
    nodes = {node: f"n{number}" for number, node in enumerate(graph)}
    kinds = {item.name: item.kind for item in world.properties}
    found_out = {
        name for _, data in graph.nodes.data() for name in (*data["decided"], *data["breaks"])
    }
    painted = [item.name for item in world.properties if item.name in found_out]
    numbers = {name: f"P{number}" for number, name in enumerate(painted, start=1)}
    lines = [
        f"digraph {quote(world.name)} {{",
        f"  graph [rankdir=TB, nodesep=0.35, ranksep=0.45, tooltip={quote(world.doc)},",
        f"    fontname={quote(FONT)}, fontsize={SMALL}]",
        f'  node [shape=box, style="rounded,filled", fontname={quote(FONT)}, fontsize={SMALL}]',
        f"  edge [arrowsize=0.8, fontname={quote(FONT)}, fontsize={SMALL}]",
        "",
        *(_node(graph, node, nodes[node], numbers, kinds) for node in graph),
        "",
        *_edges(graph, nodes),
        "",
        _legend(graph, exploration, numbers, kinds),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(
    graph: Quotient,
    node: tuple[str, ...],
    identifier: str,
    numbers: dict[str, str],
    kinds: Mapping[str, str],
) -> str:
    data = graph.nodes[node]
    values = [
        f"{path} = {value}" if len(node) > 1 else value
        for path, value in zip(graph.graph["by"], node, strict=True)
    ]
    heads = "<BR/>".join(
        f'<FONT POINT-SIZE="{LARGE}"><B>{escape(value)}</B></FONT>' for value in values
    )
    lines = [f"<TR><TD{RULE}>{heads}</TD></TR>", '<TR><TD HEIGHT="4"></TD></TR>']
    lines.append(cell(escape(count(data["states"], "state"))))
    if data["initial"]:
        lines.append(cell(escape(f"{data['initial']:,} of them to start from")))
    loops = sum(edge["steps"] for edge in _between(graph, node, node).values())
    if loops:
        lines.append(cell(escape(f"{count(loops, 'step')} within")))
    broken_ones = list(_broken(data, numbers, kinds))
    lines += [cell(escape(text)) for text in broken_ones]
    seen = {
        number: f"{name}: {count(data['decided'][name], 'state')}"
        for name, number in numbers.items()
        if kinds[name] == "sometimes" and name in data["decided"]
    }
    if seen:
        lines.append(cell(broken(f"✓ {', '.join(seen)}", 24)))
    tips = [*values, *broken_ones, *seen.values(), *_tips(_between(graph, node, node))]
    bad = bool(broken_ones)
    fill, ink = _BROKEN if bad else _SOUND
    lasting = ', peripheries="2"' if not _leaves(graph, node) else ""
    pen = "2.6" if data["initial"] else "1.4"
    return (
        f'  {identifier} [fillcolor="{fill}", color="{ink}", penwidth="{pen}"{lasting}, '
        f"id={quote(f'group:{node}')},\n"
        f"    tooltip={quote_lines(tips)},\n"
        f"    label={table(lines)}]"
    )


def _broken(
    data: dict[str, Any], numbers: dict[str, str], kinds: Mapping[str, str]
) -> Iterator[str]:
    """The properties that are broken in a node, or by a step out of it."""
    for name, number in numbers.items():
        if kinds[name] != "sometimes" and (states := data["decided"].get(name, 0)):
            yield f"✗ {number}: {count(states, 'state')}"
        if name in data["breaks"]:
            yield f"✗ {number}: first broken by a step from here"


def _leaves(graph: Quotient, node: tuple[str, ...]) -> bool:
    return any(target != node for target in graph.successors(node))


def _between(
    graph: Quotient, source: tuple[str, ...], target: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """The edges between two nodes, by their action."""
    if not graph.has_edge(source, target):
        return {}
    return {str(action): edge for action, edge in graph[source][target].items()}


def _edges(graph: Quotient, nodes: dict[tuple[str, ...], str]) -> Iterator[str]:
    for source in graph:
        for target in graph.successors(source):
            if source != target:
                actions = _between(graph, source, target)
                steps = sum(edge["steps"] for edge in actions.values())
                text = [count(steps, "step")]
                if len(actions) > _NAMED:
                    text.append(count(len(actions), "action"))
                else:
                    text += [f"“{name}”" for name in actions]
                label = "<BR/>".join(broken(item, 26) for item in text)
                tips = quote_lines(_tips(actions))
                yield (
                    f"  {nodes[source]} -> {nodes[target]} "
                    f'[color="#333333", id={quote(f"steps:{source}>{target}")},\n'
                    f"    edgetooltip={tips}, labeltooltip={tips},\n"
                    f"    label={table([cell(label)])}]"
                )


def _tips(actions: dict[str, dict[str, Any]]) -> list[str]:
    """Every action with its steps and its rows."""
    return [
        f"{name}: {count(edge['steps'], 'step')}"
        + (f", row {', '.join(sorted(edge['rows']))}" if edge["rows"] else "")
        for name, edge in sorted(actions.items())
    ]


def _legend(
    graph: Quotient, exploration: Exploration, numbers: dict[str, str], kinds: Mapping[str, str]
) -> str:
    world = exploration.system.world
    size = f"{count(len(exploration), 'state')}, {count(exploration.transitions, 'step')}"
    texts = [
        f"world {world.name}: {size}",
        *([f"incomplete: {exploration.stopped}"] if exploration.stopped else []),
        f"a box: all states with the same {', '.join(graph.graph['by'])}",
        "steps within a box are counted in it; bold border: holds a start; double: never left",
        f"an arrow: steps between boxes; more than {_NAMED} actions are named in its tooltip",
        "✗ a promise is broken (then the box is filled otherwise), ✓ a witness is found:",
        *(f"{number} {kinds[name]}: {name}" for name, number in numbers.items()),
    ]
    if any(item.scope == "run" for item in world.properties):
        texts.append("promises over whole runs are not shown: no single state breaks one")
    lines = (cell(broken(text, 64)) for text in texts)
    return (
        f'  "legend of the drawing" [shape=plain, style="", fontsize={SMALL - 1}, id="legend",\n'
        '    tooltip="How to read the drawing",\n'
        f"    label={table(lines, border=1)}]"
    )
