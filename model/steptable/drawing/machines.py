"""The drawings of a machine by itself: the whole, each side's half, its effects, the matrix."""

from __future__ import annotations

from typing import Final

from steptable.machine import Machine
from steptable.support.renaming import file_slug
from steptable.targets.diagrams.dot import machine_dot
from steptable.targets.diagrams.dot_rows import View
from steptable.targets.diagrams.draw import Drawing
from steptable.targets.diagrams.matrix_dot import matrix_dot
from steptable.targets.diagrams.mermaid import machine_mermaid

_PICTURES: Final = ("svg", "png")


def machine_drawings(machine: Machine) -> list[Drawing]:
    """Every drawing of a machine that needs no exploration."""
    halves = [
        Drawing(
            f"machine-{file_slug(side.name)}",
            f"What {side.name} does",
            f"The same states with the events and effects of {side.name} alone: this is what an "
            f"implementation of {side.name} must do.",
            f"steptable draw machine-{file_slug(side.name)}",
            dot=machine_dot(machine, View(side=side)),
        )
        for side in machine.sides
    ]
    return [
        Drawing(
            "machine",
            "The machine",
            "Shape and colour say what a state is in the course of things, rows that stay in a "
            "state stand inside it, and each arrow carries a table of its rows with their guards.",
            "steptable draw machine",
            dot=machine_dot(machine),
            mermaid=machine_mermaid(machine),
            usual=_PICTURES,
        ),
        *(halves if len(halves) > 1 else []),
        Drawing(
            "machine-effects",
            "Its effects",
            "Below each row stand the effects of each side, in the order in which they are "
            "produced.",
            "steptable draw machine-effects",
            dot=machine_dot(machine, View(detail="effects")),
        ),
        Drawing(
            "matrix",
            "The total matrix",
            "Every pair of a state and a fact is a row (filled: where it leads, its name, its "
            "guards) or a refusal, whose number leads to its reason below.",
            "steptable draw matrix",
            dot=matrix_dot(machine),
            usual=_PICTURES,
        ),
    ]
