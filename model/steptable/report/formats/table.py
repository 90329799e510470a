"""The total matrix of states and events for a terminal, as wide as that allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from steptable.machine import Machine
from steptable.support.plain import harmless
from steptable.targets.diagrams.matrix import matrix_table

_LEAST: Final = 12
"""What the names of facts and events need, broken between their words."""


def matrix_view(machine: Machine, columns: int | None) -> Table:
    """The matrix, a line per fact; where `columns` are too few, names are broken between words."""
    head, *lines = [[harmless(cell) for cell in line] for line in matrix_table(machine)]
    padding = 1
    names = columns
    if columns is not None:
        widths = [max(map(_width, column)) for column in zip(head, *lines, strict=True)][1:]
        padding = 1 if columns - _frame(widths, 1) >= _LEAST else 0
        names = max(columns - _frame(widths, padding), _LEAST)
    table = Table(box=box.ROUNDED, padding=(0, padding), pad_edge=False, show_lines=True)
    for cell in head:
        table.add_column(Text(cell), overflow="fold")
    for first, *cells in lines:
        folded = first if names is None else "\n".join(_fold(first, names))
        table.add_row(Text(folded), *(Text(cell) for cell in cells))
    return table


def is_too_narrow(machine: Machine, columns: int | None) -> bool:
    """Whether a terminal has no room for the matrix, even with its names broken."""
    if columns is None:
        return False
    head, *lines = matrix_table(machine)
    widths = [max(map(_width, column)) for column in zip(head, *lines, strict=True)][1:]
    return columns < _frame(widths, 0) + _LEAST


def matrix_lines(machine: Machine) -> Iterator[str]:
    """The same as the matrix, state by state, for a terminal that has no room for it."""
    head, *lines = matrix_table(machine)
    for column, state in enumerate(head[1:], start=1):
        yield ""
        yield harmless(" ".join(state.split("\n")))
        for line in lines:
            fact, cell = line[0].split("\n")[0], " ".join(line[column].split("\n"))
            yield harmless(f"  {fact}: {cell}")


def _width(cell: str) -> int:
    return max(map(len, cell.split("\n")))


def _frame(widths: list[int], padding: int) -> int:
    """What a line takes beside the names: columns of these widths, and all borders."""
    return sum(widths) + 2 * padding * len(widths) + len(widths) + 2


def _fold(cell: str, width: int) -> Iterator[str]:
    """Lines no longer than `width`; names are broken before a capital letter."""
    for line in cell.split("\n"):
        begun = ""
        for word in re.findall(r".[^A-Z]*", line):
            if begun.strip() and len(begun) + len(word) > width:
                yield begun
                begun = " "
            begun += word
        yield begun
