"""Every drawing that a project commits, and what is explored for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

from steptable.check import Result, check
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.project import Project
from steptable.targets.draw import Drawing
from steptable.targets.reducer import reducer_source
from steptable.targets.structs import Structs


def committed(project: Project, results: Sequence[Result]) -> list[Drawing]:
    """The drawings of a project, in the order of its gallery."""
    return [*machine_drawings(project.machine), *finding_drawings(results)]


def explored(project: Project) -> list[Result]:
    """What the worlds of a project are drawn from: all of them, if any has a finding, else none.

    Replayed through the reducer as it will be. The committed one may be stale just now; what
    counts is the one that is made with this.
    """
    if not any(item.finding for world in project.worlds for item in world.properties):
        return []
    name = "steptable.generated_reducer"
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(reducer_source(project.machine), f"<{name}>", "exec"), vars(module))
        structs = {project.machine.name: Structs(project.machine, module)}
        return [check(world, structs, engine="python") for world in project.worlds]
    finally:
        del sys.modules[name]
