"""Every drawing that a project commits, and what is explored for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

from steptable.check import Result, check
from steptable.drawing.coverage import world_coverage_drawing
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.drawing.spaces import space_drawings
from steptable.explore.exploration import Exploration, Progress, demand_whole
from steptable.explore.overruns import refuse_overflow
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.project import Project
from steptable.report.formats.terminal import Shown
from steptable.report.page.document import page_html
from steptable.targets.diagrams.draw import Drawing, distinct
from steptable.targets.python.in_memory import generated
from steptable.targets.structs import Structs
from steptable.world import World


def committed(project: Project, results: Sequence[Result]) -> list[Drawing]:
    """The drawings of a project, in the order of its gallery."""
    machine = project.own_machine
    drawings = [] if machine is None else machine_drawings(machine)
    for result in results:
        # What a world without machines is grouped by is for its reader to say.
        if result.world.instances:
            found = searched(result.world)
            drawings += space_drawings(found)
            if machine is not None:
                drawings.append(world_coverage_drawing(found, machine))
    drawings += finding_drawings(results)
    page = page_drawing(project, results)
    # Who wants no page has none; drawn once, it is kept up to date.
    is_kept = (project.diagrams / page.file("html")).is_file()
    return distinct([*drawings, page] if is_kept else drawings)


def searched(world: World, progress: Progress | None = None) -> Exploration:
    """All states of a world; no part is drawn: `demand_whole` and `refuse_overrun` say what is
    raised.
    """
    exploration = search(build(world), progress=progress)
    refuse_overflow(exploration)
    demand_whole(world.name, exploration.stopped)
    return exploration


def page_drawing(project: Project, results: Sequence[Result]) -> Drawing:
    """The interactive page, with every verdict, trace and world."""
    return Drawing(
        "page",
        "All of it, to step through",
        "Open it from disk: every verdict, every trace step by step, every world to walk in.",
        "steptable draw page",
        html=page_html(project.own_machine, results, project.name),
        usual=("html",),
        kept=("html",),
    )


Watch: TypeAlias = Callable[[str], AbstractContextManager[Shown | None]]
"""Told the name of each world before it is explored; gives what its progress is told to."""


def explored(project: Project, worlds: Sequence[World], watch: Watch | None = None) -> list[Result]:
    """What is found in some worlds, replayed through the reducer as it will be.

    The committed one may be stale just now; what counts is the one that is made with this. The
    engine is always the same, so that of several shortest traces the same one is drawn.
    """
    results, machine = [], project.own_machine
    with nullcontext() if machine is None else generated(machine) as own:
        structs = {} if machine is None or own is None else {machine.name: own}
        for world in worlds:
            with nullcontext() if watch is None else watch(world.name) as shown:
                results.append(_checked(world, structs, shown))
    return results


def _checked(world: World, structs: Mapping[str, Structs], shown: Shown | None) -> Result:
    """A world, wholly explored; `demand_whole` says what is raised, since no part is drawn."""
    result = check(
        world,
        structs,
        engine="python",
        progress=None if shown is None else shown.searched,
        doing=None if shown is None else shown.doing,
    )
    demand_whole(world.name, result.stopped)
    return result
