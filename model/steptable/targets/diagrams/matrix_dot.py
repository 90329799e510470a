"""The total matrix as a picture: a table in DOT, with accepted pairs filled and bordered.

It says what the Markdown says, cell for cell; filled cells have a border too, so that the
matrix can be read in grey.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from steptable.machine import Machine
from steptable.targets.diagrams.dot import looks
from steptable.targets.diagrams.dot_text import FONT, LARGE, SMALL, broken, escape, faint, quote
from steptable.targets.diagrams.matrix import Cell, Matrix, matrix, matrix_notes

_NOTE_WIDTH: Final = 150
_LINE: Final = "#999999"


def matrix_dot(machine: Machine) -> str:
    """The whole drawing."""
    whole = matrix(machine)
    sides = " / ".join(escape(side.name) for side in machine.sides)
    heads = [f'<TD ALIGN="LEFT"><B>fact</B><BR ALIGN="LEFT"/>{sides}</TD>']
    heads += [f"<TD><B>{escape(state.name)}</B></TD>" for state in machine.states]
    lines = [_line(heads), *_facts(machine, whole)]
    columns = len(machine.states) + 1
    for note in matrix_notes(machine):
        text = broken(note, _NOTE_WIDTH).replace("<BR/>", '<BR ALIGN="LEFT"/>')
        lines.append(_line([f'<TD BORDER="0" COLSPAN="{columns}" ALIGN="LEFT">{text}</TD>']))
    frame = f'BORDER="0" CELLBORDER="1" COLOR="{_LINE}" CELLSPACING="0" CELLPADDING="4"'
    body = "".join(f"\n    {line}" for line in lines)
    return (
        f"digraph {quote(machine.name)} {{\n"
        f"  graph [tooltip={quote(machine.doc)}]\n"
        f'  "matrix" [shape=plain, id="matrix", tooltip={quote(machine.doc)}, '
        f"fontname={quote(FONT)}, fontsize={SMALL},\n"
        f"    label=<<TABLE {frame}>{body}\n    </TABLE>>]\n"
        "}\n"
    )


def _facts(machine: Machine, whole: Matrix) -> Iterator[str]:
    fills = {name: look.fill for name, look in looks(machine).items()}
    for fact in machine.facts:
        names = [f"<B>{escape(fact.name)}</B>", *(escape(name) for _, name in fact.halves)]
        text = '<BR ALIGN="LEFT"/>'.join(names)
        cells = [f'<TD ALIGN="LEFT" BALIGN="LEFT">{text}</TD>']
        cells += [_cell(whole, whole.cell(state, fact), fills) for state in machine.states]
        yield _line(cells)


def _cell(whole: Matrix, cell: Cell, fills: dict[str, str]) -> str:
    if cell.refusal is not None:
        return f'<TD><FONT COLOR="#555555">· {whole.number(cell.refusal)}</FONT></TD>'
    texts = []
    for row in cell.rows:
        where = "stays" if row.stays else f"→ {row.ends[1].name}"
        texts += [f'<FONT POINT-SIZE="{LARGE}"><B>{escape(where)}</B></FONT>', faint(row.name)]
        texts += [f"if {escape(guard.name)}" for guard in row.guards]
    fill = fills[cell.rows[0].ends[1].name]
    return f'<TD BGCOLOR="{fill}" BORDER="2" COLOR="#333333">{"<BR/>".join(texts)}</TD>'


def _line(cells: list[str]) -> str:
    return f"<TR>{''.join(cells)}</TR>"
