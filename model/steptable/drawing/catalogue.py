"""Every drawing that a project commits, and what is explored for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

from steptable.check import Result, check
from steptable.drawing.coverage import world_coverage_drawing
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.drawing.spaces import space_drawings
from steptable.explore.python_engine import search
from steptable.explore.system import build
from steptable.project import Project
from steptable.targets.draw import Drawing
from steptable.targets.reducer import reducer_source
from steptable.targets.structs import Structs
from steptable.world import World


def committed(project: Project, results: Sequence[Result]) -> list[Drawing]:
    """The drawings of a project, in the order of its gallery."""
    drawings = machine_drawings(project.machine)
    for result in results:
        # What a world without machines is grouped by is for its reader to say.
        if result.world.instances:
            found = search(build(result.world))
            drawings += space_drawings(found)
            drawings.append(world_coverage_drawing(found, project.machine))
    return [*drawings, *finding_drawings(results)]


def explored(project: Project, worlds: Sequence[World]) -> list[Result]:
    """What is found in some worlds, replayed through the reducer as it will be.

    The committed one may be stale just now; what counts is the one that is made with this.
    """
    name = "steptable.generated_reducer"
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(reducer_source(project.machine), f"<{name}>", "exec"), vars(module))
        structs = {project.machine.name: Structs(project.machine, module)}
        return [check(world, structs, engine="python") for world in worlds]
    finally:
        del sys.modules[name]
