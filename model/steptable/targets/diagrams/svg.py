"""The machine as a small SVG of its own, drawn without `dot`: what the interactive page lights up.

States have the shapes and colours of the large drawing (`targets.dot`). An edge is labelled by
facts; guards, rows that stay, what is set and the effects are counted or in tooltips only, since
the page tells them in full beside it. States are marked `data-state`, edges `data-source` and
`data-target`, each with the number of the state among the machine's, so that no name has to
serve as an identifier.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from steptable.machine import Machine, Row, State
from steptable.targets.diagrams.dot import Look, ends, looks, rows_between_states, staying
from steptable.targets.diagrams.layered import Box, Layered, Point, Size, layered

_LINE: Final = 15
"""Pixels from one line of text to the next."""

_NAME, _LABEL = 8.4, 6.7
"""Pixels that a character of a state's name, or of a label, takes at most on average."""

_LOOP: Final = 22
"""Pixels on either side of a state, for the loop of its rows that stay."""

_MARGIN: Final = 26
_CUT: Final = 9
"""Pixels around the drawing, and of the cut corners of an octagon."""


def machine_svg(machine: Machine) -> str:
    """The whole drawing."""
    edges = rows_between_states(machine)
    sizes = {state.name: _size(machine, state) for state in machine.states}
    labels = {edge: _label_size(_labels(rows)) for edge, rows in edges.items()}
    places = layered(sizes, labels)
    width, height = places.width + 2 * _MARGIN, places.height + 2 * _MARGIN
    number = {state.name: n for n, state in enumerate(machine.states)}
    look = looks(machine)
    parts = [
        *(_edge(rows, places, number[edge[0]], number[edge[1]]) for edge, rows in edges.items()),
        *(_state(machine, state, places.boxes[state.name], look) for state in machine.states),
    ]
    return (
        f'<svg class="machine" viewBox="{-_MARGIN} {-_MARGIN} {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        f'aria-label="{html.escape(f"The states of {machine.name}")}">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def _size(machine: Machine, state: State) -> Size:
    lines = 2 if staying(machine, state) else 1
    width = max(len(state.name) * _NAME, 12 * _LABEL if lines == 2 else 0)
    return round(width) + 30 + 2 * _LOOP, 22 + lines * _LINE


def _labels(rows: Sequence[Row]) -> list[str]:
    """A line for each row between two states: its fact, and how many guards it has to pass."""
    counts = {1: " if 1 guard", 0: ""}
    return [
        row.fact.name + counts.get(len(row.guards), f" if {len(row.guards)} guards") for row in rows
    ]


def _label_size(lines: Sequence[str]) -> Size:
    return round(max(map(len, lines)) * _LABEL) + 10, len(lines) * _LINE + 4


# ── States ───────────────────────────────────────────────────────────────────────────


def _state(machine: Machine, state: State, box: Box, look: dict[str, Look]) -> str:
    own = look[state.name]
    stay = staying(machine, state)
    shapes = [*_shape(own.course, Box(box.x, box.y, box.width - 2 * _LOOP, box.height))]
    if stay:
        shapes.append(_loop(box))
    if state.initial:
        shapes.append(
            f'<path class="entry" d="M{box.x - 14} {box.top - 18}'
            f'Q{box.x} {box.top - 18} {box.x} {box.top - 8}"/>'
            f'<circle class="dot" cx="{box.x - 17}" cy="{box.top - 18}" r="4"/>'
            + _arrow((box.x, box.top), down=True)
        )
    lines = [(state.name, "name")]
    if stay:
        count = len(stay)
        lines.append(("1 row stays" if count == 1 else f"{count} rows stay", "small"))
    texts = _texts(lines, box.x, box.y - (len(lines) - 1) * _LINE // 2 + 5)
    token = f'<circle class="token" cx="{box.x - box.width // 2 + _LOOP}" cy="{box.y}" r="8"/>'
    tips = [state.name, state.doc, *(f"{row.name} stays on {row.fact.name}" for row in stay)]
    return (
        f'<g class="state {own.course}" data-state="{machine.states.index(state)}" '
        f'style="--fill:{own.fill};--ink:{own.ink}">{_title(tips)}'
        f"{''.join((*shapes, *texts, token))}</g>"
    )


def _shape(course: str, box: Box) -> Iterator[str]:
    """An ellipse, rounded box, octagon or double box, as in the large drawing."""
    left, top = box.x - box.width // 2, box.top
    match course:
        case "start":
            yield (
                f'<ellipse class="body" cx="{box.x}" cy="{box.y}" '
                f'rx="{box.width // 2}" ry="{box.height // 2}"/>'
            )
        case "decided":
            right, bottom, cut = left + box.width, top + box.height, _CUT
            yield (
                f'<path class="body" d="M{left + cut} {top}H{right - cut}L{right} {top + cut}'
                f"V{bottom - cut}L{right - cut} {bottom}H{left + cut}L{left} {bottom - cut}"
                f'V{top + cut}Z"/>'
            )
        case "end":
            yield _rectangle("body", box, 2)
            yield _rectangle("inner", Box(box.x, box.y, box.width - 6, box.height - 6), 1)
        case _:
            yield _rectangle("body", box, 10)


def _rectangle(kind: str, box: Box, corner: int) -> str:
    return (
        f'<rect class="{kind}" x="{box.x - box.width // 2}" y="{box.top}" '
        f'width="{box.width}" height="{box.height}" rx="{corner}"/>'
    )


def _texts(lines: Iterable[tuple[str, str]], x: int, y: int) -> Iterator[str]:
    """Lines of text below each other, each with its kind; the first stands at the point."""
    for number, (text, kind) in enumerate(lines):
        yield f'<text class="{kind}" x="{x}" y="{y + number * _LINE}">{html.escape(text)}</text>'


def _loop(box: Box) -> str:
    """The arc of the rows that stay, at the right of a state."""
    x, y = box.x + box.width // 2 - _LOOP, box.y
    return (
        f'<g class="loop"><path class="line" d="M{x} {y - 7}C{x + 24} {y - 18} {x + 24} {y + 18} '
        f'{x + 6} {y + 9}"/><path class="head" d="M{x} {y + 7}l9 -2l-4 8Z"/></g>'
    )


# ── Edges ────────────────────────────────────────────────────────────────────────────


def _edge(rows: Sequence[Row], places: Layered, source: int, target: int) -> str:
    edge = ends(rows[0])
    box, points = places.labels[edge], places.lines[edge]
    lines = ((text, "small") for text in _labels(rows))
    label = [_rectangle("plate", box, 4), *_texts(lines, box.x, box.top + 14)]
    tips = [f"{row.name}: {' to '.join(ends(row))} on {row.fact.name}" for row in rows]
    down = points[-1][1] > points[-2][1]
    return (
        f'<g class="edge" data-source="{source}" data-target="{target}">{_title(tips)}'
        f'<path class="line" d="{_curve(points)}"/>{_arrow(points[-1], down=down)}'
        f"{''.join(label)}</g>"
    )


def _curve(points: Sequence[Point]) -> str:
    """Upright at every point; straight where one stands above the other."""
    path = "M{} {}".format(*points[0])
    for (x, y), (u, v) in pairwise(points):
        middle = (y + v) // 2
        path += f"V{v}" if x == u else f"C{x} {middle} {u} {middle} {u} {v}"
    return path


def _arrow(tip: Point, *, down: bool) -> str:
    x, y = tip
    back = y - 9 if down else y + 9
    return f'<path class="head" d="M{x} {y}L{x - 5} {back}H{x + 5}Z"/>'


def _title(lines: Iterable[str]) -> str:
    return f"<title>{html.escape(chr(10).join(' '.join(line.split()) for line in lines))}</title>"
