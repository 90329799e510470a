"""The machine as DOT text: one page that a design review can look at.

What a state is in the course of things is computed from the rows: which ends can still be
reached from it. Shape and colour both say it, so that the picture can be read in grey. Rows
that stay in their state stand inside it; all other rows between two states share one edge.
What every row does, or every change of state, is said once, in the legend. Everything else
that is declared of a row is in its tooltip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from steptable.machine import Machine, Row, State
from steptable.reachability import reachable
from steptable.targets.diagrams.dot_rows import Rows, View
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

_LEGEND_WIDTH: Final = 40

# Tints and inks after the Okabe-Ito palette, which colour-blind eyes can tell apart.
_OPEN: Final = ("#DCEEFA", "#00567F")
_ENDS: Final = (
    ("#CFEDE3", "#00644A"),
    ("#FADCC5", "#A84300"),
    ("#F3DDE9", "#8A3F6B"),
    ("#F8F1B8", "#6B6300"),
)
_PALE: Final = "#999999"
"""The ink of what was not taken."""

Course: TypeAlias = Literal["start", "open", "decided", "end"]

_SHAPES: Final[dict[Course, tuple[str, str]]] = {
    "start": ("shape=ellipse", "filled"),
    "open": ("shape=box", "rounded,filled"),
    "decided": ("shape=octagon", "filled"),
    "end": ("shape=box, peripheries=2", "filled"),
}


@dataclass(frozen=True)
class Look:
    """What a state is in the course of things, and with it how it is drawn."""

    course: Course
    fill: str
    ink: str


def looks(machine: Machine) -> dict[str, Look]:
    """How each state is drawn, by its name.

    An end is a terminal state. A state is decided when it can still be left, but of several
    ends only one can be reached from it; it has the colour of that end. All others are open,
    the start among them.
    """
    terminals = [state.name for state in machine.states if state.terminal]
    looks_of_states = {}
    for state in machine.states:
        ahead = reachable(machine, [state.name])
        reached = [place for place, end in enumerate(terminals) if end in ahead]
        of_end = _ENDS[reached[0] % len(_ENDS)] if reached else _OPEN
        if state.terminal:
            looks_of_states[state.name] = Look("end", *of_end)
        elif state.initial:
            looks_of_states[state.name] = Look("start", *_OPEN)
        elif len(reached) == 1 < len(terminals):
            looks_of_states[state.name] = Look("decided", *of_end)
        else:
            looks_of_states[state.name] = Look("open", *_OPEN)
    return looks_of_states


def ends(row: Row) -> tuple[str, str]:
    """The names of the states where a row of a single state begins, and where it leads."""
    source, target = row.ends
    return source.name, target.name


def staying(machine: Machine, state: State) -> list[Row]:
    """The rows that stay in a state."""
    return [row for row in machine.rows_apart if row.stays and row.source == state]


def rows_between_states(machine: Machine) -> dict[tuple[str, str], list[Row]]:
    """The rows between each two states, in the order of their declaration."""
    rows_between: dict[tuple[str, str], list[Row]] = {}
    for row in machine.rows_apart:
        if not row.stays:
            rows_between.setdefault(ends(row), []).append(row)
    return rows_between


def machine_dot(machine: Machine, view: View | None = None) -> str:
    """The whole drawing, as far as a view shows it; by default, everything."""
    look, rows = looks(machine), Rows.of(machine, view or View())
    lines = [
        f"digraph {quote(machine.name)} {{",
        f"  graph [rankdir=TB, nodesep=0.3, ranksep=0.2, tooltip={quote(machine.doc)},",
        f"    fontname={quote(FONT)}, fontsize={SMALL}]",
        f"  node [style=filled, penwidth=1.4, fontname={quote(FONT)}, fontsize={SMALL}]",
        f"  edge [penwidth=1.2, arrowsize=0.8, fontname={quote(FONT)}, fontsize={SMALL}]",
        "",
        *(_state(state, look[state.name], rows) for state in machine.states),
        "",
        *(
            _edge(source, target, between, look[target].ink, rows)
            for (source, target), between in rows_between_states(machine).items()
        ),
        "",
        _legend(look, rows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _state(state: State, look: Look, rows: Rows) -> str:
    """A node: the name, and below it the rows that stay."""
    stay = staying(rows.machine, state)
    view = rows.view
    name = f'<FONT POINT-SIZE="{LARGE}"><B>{escape(state.name)}</B></FONT>'
    mark = view.states.get(state.name, "")
    name += f"<BR/><B>{escape(mark)}</B>" if mark else ""
    lines = [f"<TR><TD{RULE if stay else ''}>{name}</TD></TR>"]
    if stay:
        lines.append('<TR><TD HEIGHT="4"></TD></TR>')
    lines += [line for row in stay for line in rows.lines(row)]
    tips = [state.name, state.doc, *(tip for row in stay for tip in ("", *rows.tips(row)))]
    shape, style = _SHAPES[look.course]
    taken = not view.painted or state.name in view.states
    fill, ink = (look.fill, look.ink) if taken else ("#FFFFFF", _PALE)
    style = style if taken else f"{style},dashed"
    return (
        f"  {quote(state.name)} [{shape}, style={quote(style)}, "
        f'fillcolor="{fill}", color="{ink}", id={quote(f"state:{state.name}")},\n'
        f"    tooltip={quote_lines(tips)},\n"
        f"    label={table(lines)}]"
    )


def _edge(source: str, target: str, between: Sequence[Row], ink: str, rows: Rows) -> str:
    """An edge with all rows between two states, a label table of them beside it."""
    lines: list[str] = []
    tips: list[str] = []
    for row in between:
        lines += ([f"<TR><TD{RULE}></TD></TR>"] if lines else []) + rows.lines(row)
        tips += ([""] if tips else []) + rows.tips(row)
    names = ",".join(row.name for row in between)
    pen = f'color="{ink}"'
    if rows.view.painted:
        taken = rows.view.is_taken(between)
        pen = f'{pen}, penwidth="2.6"' if taken else f'color="{_PALE}", style="dashed"'
    return (
        f"  {quote(source)} -> {quote(target)} "
        f"[{pen}, id={quote(f'row:{names}')},\n"
        f"    edgetooltip={quote_lines(tips)}, labeltooltip={quote_lines(tips)},\n"
        f"    label={table(lines)}]"
    )


_COURSES: Final[dict[Course, str]] = {
    "start": "ellipse: the start",
    "open": "rounded: in flight, several ends",
    "decided": "octagon: in flight, one end left",
    "end": "double border: an end",
}


def _legend(look: dict[str, Look], rows: Rows) -> str:
    """A box of two columns: what states look like, and what stands only here."""
    drawn = [item.course for item in look.values()]
    states = [meaning for course, meaning in _COURSES.items() if course in drawn]
    states += ["colour: the one end left"] if "end" in drawn else []
    states.append("inside a state: rows that stay in it")
    columns = "".join(
        f'<TD VALIGN="TOP">{table(cell(text) for text in texts)[1:-1]}</TD>'
        for texts in ([escape(text) for text in states], list(_about_rows(rows)))
    )
    return (
        f'  "legend of the drawing" [shape=plain, style="", fontsize={SMALL - 1}, id="legend",\n'
        '    tooltip="How to read the drawing",\n'
        f"    label={table([f'<TR>{columns}</TR>'], border=1)}]"
    )


def _about_rows(rows: Rows) -> list[str]:
    """What the legend says of rows: what a view shows, and what it leaves to tooltips."""
    view = rows.view
    named = "fact" if view.side is None else f"{view.side.name} event"
    about_row = {
        "guards": [f"a row: {named}, name, guards, own effects"],
        "effects": [f"a row: {named}, name, names of guards, effects in order"],
        "names": [f"a row: {named}, name"],
    }[view.detail]
    lines = [broken(text, _LEGEND_WIDTH) for text in (*view.painted, *about_row)]
    for what, acts in ("every row", rows.by_all), ("every change of state", rows.by_moves):
        if view.detail == "guards":
            shared = rows.by_side((side, act) for side in rows.sides for act in acts)
            lines += [f"{what} → {text}" for text in shared]
    others = [side.name for side in rows.machine.sides if side not in rows.sides]
    hidden = {
        "guards": "what a row sets, and the order of its effects",
        "effects": "guards in words, and what a row sets",
        "names": "guards, effects, and what a row sets",
    }[view.detail]
    last = ["any other event of a state is refused", f"in tooltips only: {hidden}"]
    if others:
        last.append(f"in tooltips only: what {' or '.join(others)} does")
    return lines + [broken(text, _LEGEND_WIDTH) for text in last]
