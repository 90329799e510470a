"""Every drawing that a project commits, and what is explored for them, or kept of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from steptable.check import Result, Watcher
from steptable.drawing.coverage import world_coverage_drawing
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.drawing.spaces import space_drawings
from steptable.errors import UsageError
from steptable.explore.exploration import Exploration, Progress, demand_whole
from steptable.explore.memory import share
from steptable.explore.overflows import refuse_overflow
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.kept.results import Kept
from steptable.machine import Machine
from steptable.project import Project
from steptable.report.page.document import page_html
from steptable.report.page.walks import walk
from steptable.support.processes import answers, processors
from steptable.targets.diagrams.draw import FORMATS, Drawing, distinct
from steptable.world import World

PAGE: Final = "page"
"""The name of the drawing that has it all."""


def committed(
    project: Project, results: Sequence[Result], kept: Kept, watcher: Watcher
) -> list[Drawing]:
    """The drawings of a project, in the order of its gallery."""
    machine = project.own_machine
    drawings = [] if machine is None else machine_drawings(machine)
    # What a world without machines is grouped by is for its reader to say.
    worlds = [result.world for result in results if result.world.instances]
    of_worlds = world_drawings(machine, worlds, kept, watcher)
    for drawn in of_worlds:
        drawings += drawn.spaces
        if drawn.coverage is not None:
            drawings.append(drawn.coverage)
    drawings += finding_drawings(results)
    # Who wants no page has none; drawn once, it is kept up to date.
    if (project.diagrams / f"{PAGE}.{FORMATS['html']}").is_file():
        names = (world.name for world in worlds)
        walks = dict(zip(names, (drawn.walk for drawn in of_worlds), strict=True))
        drawings.append(page_drawing(project, results, walks))
    return distinct(drawings)


def searched(world: World, progress: Progress | None = None) -> Exploration:
    """All states of a world; no part is drawn: `demand_whole` and `refuse_overflow` say what is
    raised.
    """
    exploration = search(build(world), progress=progress)
    refuse_overflow(exploration)
    demand_whole(world.name, exploration.stopped)
    return exploration


class WorldDrawings(msgspec.Struct, frozen=True):
    """The drawings of the states of a world."""

    space: tuple[Drawing, ...]
    refused: str
    """Why there are none of the space; empty if there are."""
    coverage: Drawing | None
    """None of a project without a machine."""
    walk: Any
    """What it takes to walk in it, on the page."""

    @property
    def spaces(self) -> tuple[Drawing, ...]:
        """The drawings of its space. Raises `UsageError` where that can't be drawn."""
        if self.refused:
            raise UsageError(self.refused)
        return self.space


@dataclass(frozen=True)
class _Task:
    """The drawings of a world that are to be made."""

    machine: Machine | None
    world: World
    processes: int

    def __call__(self) -> bytes:
        share(self.processes)
        found, refused = searched(self.world), ""
        try:
            space = space_drawings(found)
        except UsageError as error:
            space, refused = [], str(error)
        machine = self.machine
        coverage = None if machine is None else world_coverage_drawing(found, machine)
        drawn = WorldDrawings(tuple(space), refused, coverage, walk(found.system))
        return msgspec.json.encode(drawn)


def world_drawings(
    machine: Machine | None, worlds: Sequence[World], kept: Kept, watcher: Watcher
) -> list[WorldDrawings]:
    """The drawings of the states of some worlds, made beside each other unless they are kept."""
    keys = [kept.key("drawings", machine, world) for world in worlds]
    texts = [kept.found(key) for key in keys]
    drawn = [None if text is None else _read(text) for text in texts]
    missing = [number for number, item in enumerate(drawn) if item is None]
    processes = min(processors(), len(missing))
    for number in missing:
        watcher.doing(worlds[number].name, "drawing")
    tasks: list[Callable[[], bytes]] = [
        _Task(machine, worlds[number], processes) for number in missing
    ]
    try:
        made = answers(tasks, processes, watcher.beat)
    finally:
        for number in missing:
            watcher.done(worlds[number].name)
    for number, text in zip(missing, made, strict=True):
        kept.keep(keys[number], text)
        drawn[number] = _read(text)
    return [item for item in drawn if item is not None]


def _read(text: bytes) -> WorldDrawings | None:
    try:
        return msgspec.json.decode(text, type=WorldDrawings)
    except msgspec.MsgspecError:
        return None


def page_drawing(
    project: Project, results: Sequence[Result], walks: Mapping[str, Any] | None = None
) -> Drawing:
    """The interactive page, with every verdict, trace and world; `walks` as its contents have."""
    return Drawing(
        PAGE,
        "All of it, to step through",
        "Open it from disk: every verdict, every trace step by step, every world to walk in.",
        "steptable draw page",
        html=page_html(project.own_machine, results, project.name, walks),
        usual=("html",),
        kept=("html",),
    )
