"""Every drawing that a project commits."""

from __future__ import annotations

from steptable.drawing.machines import machine_drawings
from steptable.project import Project
from steptable.targets.draw import Drawing


def committed(project: Project) -> list[Drawing]:
    """The drawings of a project, in the order of its gallery."""
    return machine_drawings(project.machine)
