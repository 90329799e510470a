"""The command that draws."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from steptable import derive
from steptable.check import Check, Overflow, Result
from steptable.cli.app import (
    Fresh,
    Quiet,
    app,
    demand_current,
    err,
    named_worlds,
    out,
    shown_path,
)
from steptable.drawing.catalogue import page_drawing, searched, world_drawings
from steptable.drawing.coverage import Coverage, coverage_drawing
from steptable.drawing.findings import finding_drawings
from steptable.drawing.journal import journal_coverage
from steptable.drawing.machines import machine_drawings
from steptable.drawing.recording import recorded_coverage
from steptable.drawing.spaces import space_drawings
from steptable.errors import UsageError, suggestion
from steptable.explore.exploration import demand_whole
from steptable.kept.results import Kept
from steptable.project import Project, load, writing
from steptable.project.settings import demand_inside
from steptable.report.formats.terminal import ShownWorlds, progress
from steptable.report.formats.text import Report
from steptable.targets.diagrams.draw import FORMATS, Drawing, distinct
from steptable.targets.python.in_memory import reducers
from steptable.world import World

PictureFormat = StrEnum("PictureFormat", {name: name for name in FORMATS})  # type: ignore[misc]

_ASIDE: Final = Path("build") / "diagrams"
"""Where drawings go that are no part of what a project keeps: there they would be strays."""

_OF_WORLDS: Final = ("space", "coverage", "findings", "page")


@app.command()
def draw(
    views: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to draw: machine, machine-SIDE, machine-effects, matrix, space, coverage, "
            "findings, page; all if none is named."
        ),
    ] = None,
    *,
    worlds: Annotated[
        list[str] | None,
        typer.Option("--world", help="Of all but the machine: the worlds; by default all."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="Of space: what states are grouped by, with commas: variables such as "
            "agent.state, or names of properties over states."
        ),
    ] = "",
    journal: Annotated[
        Path | None,
        typer.Option(help="Of coverage: a journal of real events, as JSON lines, to replay."),
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option(help="Of coverage: what `pytest --steptable-coverage FILE` has recorded."),
    ] = None,
    format: Annotated[  # noqa: A002
        list[PictureFormat] | None,
        typer.Option(
            help="Which formats; by default svg, and of some png too. Drawings that have none of "
            "them are left out, unless they are named."
        ),
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Where to; by default the project's diagrams, and build/diagrams for what they "
            "do not have: space --by, coverage --journal and --tests.",
        ),
    ] = None,
    fresh: Fresh = False,
    quiet: Quiet = False,
) -> None:
    """Draw the diagrams. Most pictures need `dot` (graphviz); dot and mermaid text does not.

    A journal opens each record with a line {"record": {...}, "policy": {...}},
    where the record has the arguments of the machine's constructor; all other
    lines are envelopes of the wire.
    """
    asked = _Asked(views or [], worlds or [], _names(by), journal, tests, quiet, Kept(fresh))
    asked.demand_sense()
    project = load(kept=asked.kept)
    folder = out_dir or (project.root / _ASIDE if asked.is_own else project.diagrams)
    wanted = [str(item) for item in format or ()]
    overflows: list[Overflow] = []
    drawings = distinct(_drawings(project, asked, overflows))
    made = [
        (drawing, form)
        for drawing in drawings
        for form in FORMATS
        if form in (wanted or drawing.usual) and (views or form in drawing.formats)
    ]
    if out_dir is None:
        demand_inside(project.root, (folder / drawing.file(form) for drawing, form in made))
    # Where dot is missing, all that needs none is drawn nevertheless.
    for drawing, form in sorted(made, key=lambda pair: pair[0].needs_dot(pair[1])):
        path = folder / drawing.file(form)
        writing.write(path, drawing.drawn(form))
        if not quiet:
            out.print(f"wrote {shown_path(path, project)}")
    if asked.everything and not wanted and out_dir is None and not overflows:
        _remove_strays(project, drawings, quiet=quiet)
    report = Report(err.columns)
    for error in overflows:
        for line in report.overflow(error):
            err.print(line)
    if overflows:
        err.print(f"not drawn: {', '.join(dict.fromkeys(item.world.name for item in overflows))}")
        raise typer.Exit(2)


@dataclass(frozen=True)
class _Asked:
    """What is to be drawn."""

    views: list[str]
    worlds: list[str]
    by: tuple[str, ...]
    journal: Path | None
    tests: Path | None
    quiet: bool
    kept: Kept

    @property
    def is_own(self) -> bool:
        """Whether it is a question of one's own, whose drawing no project keeps."""
        return bool(self.by or self.journal or self.tests)

    @property
    def everything(self) -> bool:
        return not self.views and not self.worlds

    def demand_sense(self) -> None:
        """Raise `UsageError` for an option that nothing drawn here has a use for."""
        if self.worlds and self.views and not set(self.views) & set(_OF_WORLDS):
            raise UsageError(f"--world is of {', '.join(_OF_WORLDS)}; name one of these views")
        if self.by and self.views != ["space"]:
            raise UsageError("--by is of the view 'space'; write `steptable draw space --by ...`")
        given = (self.journal is not None) + (self.tests is not None) + bool(self.worlds)
        if (self.journal or self.tests) and (self.views != ["coverage"] or given > 1):
            raise UsageError(
                "--journal and --tests are of the view 'coverage', one at a time and without "
                "--world; write `steptable draw coverage --journal FILE`"
            )


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _drawings(project: Project, asked: _Asked, overflows: list[Overflow]) -> Iterator[Drawing]:
    """The drawings that are asked for; a world whose values leave its bounds is left out of them,
    and added to `overflows`."""
    own = project.own_machine
    machines = {} if own is None else {item.name: item for item in machine_drawings(own)}
    known = [*machines, *_OF_WORLDS]
    for view in asked.views:
        if view not in known:
            raise UsageError(f"there is no view '{view}'; {suggestion(view, known)}")
    usual = _OF_WORLDS if asked.worlds else known if project.worlds else machines
    views = dict.fromkeys(asked.views or usual)
    yield from (machines[view] for view in views if view in machines)
    if asked.journal is not None or asked.tests is not None:
        yield _measured(project, asked)
        return
    if not views.keys() & set(_OF_WORLDS):
        return
    worlds = named_worlds(project, asked.worlds)
    watcher = ShownWorlds(err, quiet=asked.quiet)
    try:
        yield from _of_worlds(project, worlds, asked, views, watcher=watcher, overflows=overflows)
    finally:
        watcher.hide()


def _of_worlds(
    project: Project,
    worlds: list[World],
    asked: _Asked,
    views: dict[str, None],
    *,
    watcher: ShownWorlds,
    overflows: list[Overflow],
) -> Iterator[Drawing]:
    machine = project.machine if "coverage" in asked.views else project.own_machine
    if asked.by:
        for world in worlds:
            try:
                with progress(err, world.name, quiet=asked.quiet) as shown:
                    found = searched(world, shown.searched)
            except Overflow as error:
                overflows.append(error)
                continue
            yield from space_drawings(found, asked.by)
    elif views.keys() & {"space", "coverage"}:
        # What a world without machines is grouped by is for its reader to say.
        for world in (world for world in worlds if world.instances or asked.views):
            try:
                (drawings,) = world_drawings(machine, [world], asked.kept, watcher)
            except Overflow as error:
                overflows.append(error)
                continue
            if "space" in views:
                yield from drawings.spaces
            if "coverage" in views and drawings.coverage is not None:
                yield drawings.coverage
    if views.keys() & {"findings", "page"}:
        left_out = {error.world.name for error in overflows}
        rest = [world for world in worlds if world.name not in left_out]
        results = _explored(project, rest, asked.kept, watcher, overflows)
        if "findings" in views:
            yield from finding_drawings(results)
        if "page" in views:
            yield page_drawing(project, results)


def _explored(
    project: Project,
    worlds: list[World],
    kept: Kept,
    watcher: ShownWorlds,
    overflows: list[Overflow],
) -> list[Result]:
    """What is found in some worlds to their end, as no part is drawn; others leave their bounds."""
    results = []
    with reducers(project.own_machine) as structs:
        checking = Check(worlds, structs, kept=kept, watcher=watcher)
        for outcome in checking.outcomes():
            match outcome.result:
                case Overflow() as error:
                    overflows.append(error)
                case Result() as result:
                    demand_whole(result.world.name, result.stopped)
                    results.append(result)
                case error:
                    raise error
    if checking.interrupted:
        raise KeyboardInterrupt
    return results


def _measured(project: Project, asked: _Asked) -> Drawing:
    """The coverage of a journal, or of tests."""
    machine = project.machine
    if asked.journal is not None:
        demand_current(project)
        found = journal_coverage(machine, project.reducer(), project.wire(), asked.journal)
        return _painted(project, found, "journal", asked.journal)
    assert asked.tests is not None  # noqa: S101  # one of the two is given
    return _painted(project, recorded_coverage(machine, asked.tests), "tests", asked.tests)


def _painted(project: Project, coverage: Coverage, what: str, file: Path) -> Drawing:
    command = shlex.join(["steptable", "draw", "coverage", f"--{what}", str(file)])
    return coverage_drawing(project.machine, coverage, f"coverage-{what}", command)


def _remove_strays(project: Project, drawings: list[Drawing], *, quiet: bool) -> None:
    """Remove pictures of what there is no more; only where everything has been drawn."""
    for path, kind in list(derive.odd_pictures(project, drawings)):
        if kind == "stray":
            path.unlink()
            if not quiet:
                out.print(f"removed {shown_path(path, project)}")
