"""The machine as DOT text: one page that a design review can look at.

What a state is in the course of things is computed from the rows: which ends can still be
reached from it. Shape and colour both say it, so that the picture can be read in grey. Rows
that stay in their state stand inside it; all other rows between two states share one edge.
What every row does, or every change of state, is said once, in the legend. Everything else
that is declared of a row is in its tooltip.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import networkx as nx

from steptable.machine import BySide, Emission, Emits, Machine, Row, Side, State
from steptable.targets.words import guard_words, words

WIDTH: Final = 48
NARROW: Final = 40
"""Characters after which a line is broken: of a label, of the legend."""

FONT: Final = "DejaVu Sans,sans-serif"
SMALL: Final = 10
LARGE: Final = 12

# Tints and inks after the Okabe-Ito palette, which colour-blind eyes can tell apart.
_OPEN: Final = ("#DCEEFA", "#00567F")
_ENDS: Final = (
    ("#CFEDE3", "#00644A"),
    ("#FADCC5", "#A84300"),
    ("#F3DDE9", "#8A3F6B"),
    ("#F8F1B8", "#6B6300"),
)

Course: TypeAlias = Literal["start", "open", "decided", "end"]

_SHAPES: Final[dict[Course, str]] = {
    "start": "shape=ellipse",
    "open": 'shape=box, style="rounded,filled"',
    "decided": "shape=octagon",
    "end": "shape=box, peripheries=2",
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
    graph: nx.DiGraph[str] = nx.DiGraph((row.source.name, row.target.name) for row in machine.rows)
    graph.add_nodes_from(state.name for state in machine.states)
    ends = [state.name for state in machine.states if state.terminal]
    found = {}
    for state in machine.states:
        ahead = nx.descendants(graph, state.name) | {state.name}
        reached = [place for place, end in enumerate(ends) if end in ahead]
        of_end = _ENDS[reached[0] % len(_ENDS)] if reached else _OPEN
        if state.terminal:
            found[state.name] = Look("end", *of_end)
        elif state.initial:
            found[state.name] = Look("start", *_OPEN)
        elif len(reached) == 1 < len(ends):
            found[state.name] = Look("decided", *of_end)
        else:
            found[state.name] = Look("open", *_OPEN)
    return found


def moves(machine: Machine) -> dict[tuple[str, str], list[Row]]:
    """The rows between each two states, in the order of their declaration."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in machine.rows:
        if not row.stays:
            found.setdefault((row.source.name, row.target.name), []).append(row)
    return found


def machine_dot(machine: Machine) -> str:
    """The whole drawing."""
    look, shared = looks(machine), _Shared.of(machine)
    lines = [
        f"digraph {quote(machine.name)} {{",
        f"  graph [rankdir=TB, nodesep=0.3, ranksep=0.2, tooltip={quote(machine.doc)},",
        f"    fontname={quote(FONT)}, fontsize={SMALL}]",
        f"  node [style=filled, penwidth=1.4, fontname={quote(FONT)}, fontsize={SMALL}]",
        f"  edge [penwidth=1.2, arrowsize=0.8, fontname={quote(FONT)}, fontsize={SMALL}]",
        "",
        *(_state(state, look[state.name], shared) for state in machine.states),
        "",
        *(
            _edge(source, target, rows, look[target].ink, shared)
            for (source, target), rows in moves(machine).items()
        ),
        "",
        _legend(look, shared),
        "}",
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Shared:
    """Acts that need no mention at a row: those of every row, and of every change of state."""

    machine: Machine
    by_all: tuple[Emits, ...]
    by_moves: tuple[Emits, ...]

    @classmethod
    def of(cls, machine: Machine) -> _Shared:
        by_all = _common(machine, machine.rows)
        by_moves = _common(machine, [row for row in machine.rows if not row.stays])
        return cls(machine, by_all, tuple(act for act in by_moves if act not in by_all))

    def effects(self, row: Row) -> list[str]:
        """What a row does besides, told by side where the sides differ."""
        known = self.by_all if row.stays else self.by_all + self.by_moves
        return self.lines(
            (side, act) for side in self.machine.sides for act in row.acts(side) if act not in known
        )

    def lines(self, acts: Iterable[tuple[Side, Emits]]) -> list[str]:
        """A line per effect: without a side where all sides have it."""
        told: dict[str, list[str]] = {}
        for side, act in acts:
            told.setdefault(_effect(act, side), []).append(side.name)
        names = [side.name for side in self.machine.sides]
        return [
            f"{text}" if sides == names else f"{', '.join(sides)}: {text}"
            for text, sides in told.items()
        ]


def _common(machine: Machine, rows: Sequence[Row]) -> tuple[Emits, ...]:
    """The acts that every side performs in every one of the rows."""
    first = rows[0].acts(machine.sides[0]) if rows else ()
    return tuple(
        act for act in first if all(act in row.acts(side) for row in rows for side in machine.sides)
    )


def _effect(act: Emits, side: Side) -> str:
    emission: Emission = dict(act.emissions)[side] if isinstance(act, BySide) else act
    where = "" if emission.condition is None else f" if {words(emission.condition)}"
    return f"{emission.effect.name}{where}"


def _state(state: State, look: Look, shared: _Shared) -> str:
    """A node: the name, and below it the rows that stay."""
    rows = [row for row in shared.machine.rows if row.source == state and row.stays]
    rule = _RULE if rows else ""
    name = f'<FONT POINT-SIZE="{LARGE}"><B>{escape(state.name)}</B></FONT>'
    lines = [f"<TR><TD{rule}>{name}</TD></TR>"]
    lines += [line for row in rows for line in _row_lines(row, shared)]
    tips = [state.name, state.doc, *(tip for row in rows for tip in ("", *_tips(row, shared)))]
    return (
        f"  {quote(state.name)} [{_SHAPES[look.course]}, "
        f'fillcolor="{look.fill}", color="{look.ink}", id={quote(f"state:{state.name}")},\n'
        f"    tooltip={quote_lines(tips)},\n"
        f"    label={_table(lines)}]"
    )


def _edge(source: str, target: str, rows: Sequence[Row], ink: str, shared: _Shared) -> str:
    """An edge with all rows between two states, a label table of them beside it."""
    lines: list[str] = []
    tips: list[str] = []
    for row in rows:
        lines += ([f"<TR><TD{_RULE}></TD></TR>"] if lines else []) + _row_lines(row, shared)
        tips += ([""] if tips else []) + _tips(row, shared)
    names = ",".join(row.name for row in rows)
    return (
        f"  {quote(source)} -> {quote(target)} "
        f'[color="{ink}", id={quote(f"row:{names}")},\n'
        f"    edgetooltip={quote_lines(tips)}, labeltooltip={quote_lines(tips)},\n"
        f"    label={_table(lines)}]"
    )


def _row_lines(row: Row, shared: _Shared) -> list[str]:
    """A row: its fact and its name, its guards, and what it does besides."""
    name = f'<FONT COLOR="#555555"><I>{escape(row.name)}</I></FONT>'
    text = [f"if {guard_words(guard)}" for guard in row.guards] + shared.effects(row)
    return [_cell(f"<B>{escape(row.fact.name)}</B>  {name}"), *(_cell(_broken(t)) for t in text)]


def _tips(row: Row, shared: _Shared) -> list[str]:
    """Everything declared of a row."""
    sides = shared.machine.sides
    return [
        f"row {row.name}: {row.why} ({row.cites})",
        *(f"{side.name} event {name}" for side, name in row.fact.halves),
        *(f"if {guard_words(guard)}" for guard in row.guards),
        *(f"sets {name} = {words(value)}" for name, value in row.sets),
        *(f"{side.name}: {_effect(act, side)}" for side in sides for act in row.acts(side)),
    ]


_COURSES: Final[dict[Course, str]] = {
    "start": "ellipse: the start",
    "open": "rounded: in flight, several ends",
    "decided": "octagon: in flight, one end left",
    "end": "double border: an end",
}


def _legend(look: dict[str, Look], shared: _Shared) -> str:
    """A box of two columns: what states look like, and what stands only here."""
    drawn = [item.course for item in look.values()]
    states = [meaning for course, meaning in _COURSES.items() if course in drawn]
    states += ["colour: the one end left", "inside a state: rows that stay in it"]
    rows = ["a row: fact, name, guards, own effects"]
    for what, acts in ("every row", shared.by_all), ("every change of state", shared.by_moves):
        told = shared.lines((side, act) for side in shared.machine.sides for act in acts)
        rows += [f"{what} → {text}" for text in told]
    rows.append("any other event of a state is refused")
    rows.append("in tooltips only: what a row sets, and the order of its effects")
    columns = "".join(
        f'<TD VALIGN="TOP">{_table(_cell(_broken(text, NARROW)) for text in texts)[1:-1]}</TD>'
        for texts in (states, rows)
    )
    return (
        f'  "legend of the drawing" [shape=plain, style="", fontsize={SMALL - 1}, id="legend",\n'
        '    tooltip="How to read the drawing",\n'
        f"    label={_table([f'<TR>{columns}</TR>'], border=1)}]"
    )


_PAD: Final = "&#160;"
_RULE: Final = ' BORDER="1" SIDES="B" COLOR="#999999"'


def _table(lines: Iterable[str], border: int = 0) -> str:
    rows = "".join(f"\n      {line}" for line in lines)
    frame = f'BORDER="{border}" COLOR="#999999" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"'
    return f"<<TABLE {frame}>{rows}\n    </TABLE>>"


def _cell(text: str) -> str:
    return f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{_PAD}{text}{_PAD}</TD></TR>'


def _broken(text: str, width: int = WIDTH) -> str:
    """Text over several lines, all but the first indented."""
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return f"<BR/>{_PAD * 4}".join(escape(line) for line in lines)


def escape(text: str) -> str:
    """Text inside an HTML-like label, on one line."""
    return html.escape(" ".join(text.split()))


def quote(text: str) -> str:
    """A quoted string of DOT, in which no sequence has a meaning of its own."""
    return quote_lines([text])


def quote_lines(lines: Iterable[str]) -> str:
    r"""The same of several lines, with `\n` between them."""
    texts = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\n".join(texts).replace("\n", "\\n") + '"'
