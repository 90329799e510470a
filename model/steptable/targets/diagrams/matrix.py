"""The total matrix of states and events: every pair is a row or a refusal with its reason.

The halves of a fact share their rows, so that a fact is one line, with the event of each
side named. Rows and guards are written out; refusals are numbered, and their reasons
stand below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from steptable.machine import Fact, Guard, Machine, Refusal, Row, State
from steptable.targets.markdown import escape_markdown, one_line
from steptable.targets.words import guard_words

NARROW: Final = 12
"""How wide a cell of the text table may be before it is broken at a hyphen."""


@dataclass(frozen=True)
class Cell:
    """What one state says to one fact: rows, of which at most one fires, or a refusal."""

    state: State
    fact: Fact
    rows: tuple[Row, ...]
    refusal: Refusal | None


@dataclass(frozen=True)
class Matrix:
    """A line of cells per state, with a cell per fact, both in the order of their declaration."""

    states: tuple[State, ...]
    facts: tuple[Fact, ...]
    lines: tuple[tuple[Cell, ...], ...]
    refusals: tuple[Refusal, ...]

    def cell(self, state: State, fact: Fact) -> Cell:
        """What a state says to a fact."""
        return self.lines[self.states.index(state)][self.facts.index(fact)]

    def pairs(self) -> Iterator[tuple[str, str, Cell]]:
        """Every pair of a state and an event, by name, with its cell."""
        for line in self.lines:
            for cell in line:
                for _, event in cell.fact.halves:
                    yield cell.state.name, event, cell

    def number(self, refusal: Refusal) -> int:
        """The number under which the reason of a refusal is found."""
        return self.refusals.index(refusal) + 1


def matrix(machine: Machine) -> Matrix:
    """The matrix of a machine. Raises LookupError for a pair that is neither row nor refused."""
    lines = tuple(
        tuple(_cell(machine, state, fact) for fact in machine.facts) for state in machine.states
    )
    return Matrix(machine.states, machine.facts, lines, machine.refusals)


def _cell(machine: Machine, state: State, fact: Fact) -> Cell:
    rows = machine.rows_of(state.name, fact)
    refusal = machine.refusal_of(state.name, fact)
    if not rows and refusal is None:
        raise LookupError(f"state '{state.name}' neither accepts nor refuses '{fact.name}'")
    return Cell(state, fact, rows, refusal)


def matrix_table(machine: Machine) -> list[list[str]]:
    """The matrix as text, a line per fact and a column per state, under a line of headings.

    Cells may have several lines of text. Those of states are no wider than NARROW, but for
    names that can't be broken at a hyphen, so that six states fit a terminal.
    """
    whole = matrix(machine)
    sides = " / ".join(side.name for side in machine.sides)
    table = [[f"fact\n{sides}", *(one_line(state.name) for state in machine.states)]]
    for fact in machine.facts:
        cells = [whole.cell(state, fact) for state in machine.states]
        names = "\n".join(one_line(name) for name in (fact.name, *dict(fact.halves).values()))
        table.append([names, *("\n".join(_narrow(_lines(whole, cell))) for cell in cells)])
    return table


def _lines(whole: Matrix, cell: Cell) -> list[str]:
    """A cell line by line: for each row its target, its name and its guards."""
    if cell.refusal is not None:
        return [f"· {whole.number(cell.refusal)}"]
    lines = []
    for row in cell.rows:
        lines += ["stays" if row.stays else f"→ {row.ends[1].name}", row.name]
        lines += [f"if {guard.name}" for guard in row.guards]
    return [one_line(line) for line in lines]


def _narrow(lines: list[str]) -> Iterator[str]:
    for line in lines:
        begun = ""
        for piece in re.findall(r"[^-]*-|[^-]+", line):
            if begun and len(begun) + len(piece) > NARROW:
                yield begun
                begun = ""
            begun += piece
        yield begun


def matrix_notes(machine: Machine) -> list[str]:
    """What stands below the matrix: its sum, the reasons of refusals, and the guards in words."""
    pairs = list(matrix(machine).pairs())
    accepted = sum(bool(cell.rows) for _, _, cell in pairs)
    events = sum(len(fact.halves) for fact in machine.facts)
    return [
        f"{len(machine.states)} states with {events} events each, {len(pairs)} pairs: "
        f"{accepted} accepted, {len(pairs) - accepted} refused.",
        *(
            one_line(f"· {number} {refusal.state.name} refuses: {refusal.why}")
            for number, refusal in enumerate(machine.refusals, start=1)
        ),
        *(one_line(f"if {guard_words(guard)}") for guard in _guards(machine)),
    ]


def _guards(machine: Machine) -> list[Guard]:
    return list(dict.fromkeys(guard for row in machine.rows for guard in row.guards))


def matrix_markdown(machine: Machine) -> str:
    """The matrix as a Markdown table, with its notes as a list below it."""
    whole = matrix(machine)
    sides = " / ".join(escape_markdown(side.name) for side in machine.sides)
    heads = [f"fact ({sides})", *(escape_markdown(state.name) for state in machine.states)]
    lines = [_markdown_line(heads), _markdown_line(["---"] * len(heads))]
    for fact in machine.facts:
        names = [f"**{escape_markdown(fact.name)}**"]
        names += [escape_markdown(name) for _, name in fact.halves]
        cells = [_markdown_cell(whole, whole.cell(state, fact)) for state in machine.states]
        lines.append(_markdown_line(["<br>".join(names), *cells]))
    notes = [f"- {escape_markdown(note)}" for note in matrix_notes(machine)]
    return "\n".join([*lines, "", *notes]) + "\n"


def _markdown_line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(whole: Matrix, cell: Cell) -> str:
    return "<br>".join(escape_markdown(line) for line in _lines(whole, cell))
