"""The command that draws."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from steptable import derive
from steptable.cli.app import Quiet, app, out, shown_path
from steptable.drawing.catalogue import explored
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.errors import UsageError, suggestion
from steptable.project import Project, load
from steptable.targets.draw import FORMATS, Drawing

PictureFormat = StrEnum("PictureFormat", {name: name for name in FORMATS})  # type: ignore[misc]


@app.command()
def draw(
    views: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to draw: machine, machine-effects, machine-SIDE, matrix, findings; "
            "all if none is named."
        ),
    ] = None,
    *,
    format: Annotated[  # noqa: A002
        list[PictureFormat] | None,
        typer.Option(
            help="Which formats; by default svg, and of some png too. Drawings that have none of "
            "them are left out, unless they are named."
        ),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Where to; by default the project's diagrams.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Draw the diagrams. Most pictures need `dot` (graphviz); dot and mermaid text does not."""
    project = load()
    folder = out_dir or project.diagrams
    wanted = [str(item) for item in format or ()]
    drawings = _drawings(project, views or [])
    # Where dot is missing, all that needs none is drawn nevertheless.
    for drawing in sorted(drawings, key=lambda item: item.dot is not None):
        for form in wanted or drawing.usual:
            if views or form in drawing.formats:
                path = folder / drawing.file(form)
                derive.write(path, drawing.drawn(form))
                if not quiet:
                    out.print(f"wrote {shown_path(path, project)}")
    if not views and not wanted and out_dir is None:
        _remove_strays(project, drawings, quiet=quiet)


def _drawings(project: Project, views: list[str]) -> list[Drawing]:
    """The drawings of some views, or of all."""
    machines = {drawing.name: drawing for drawing in machine_drawings(project.machine)}
    worlds: dict[str, Callable[[], list[Drawing]]] = {
        "findings": lambda: finding_drawings(explored(project)),
    }
    known = [*machines, *worlds]
    for view in views:
        if view not in known:
            raise UsageError(f"there is no view '{view}'; {suggestion(view, known)}")
    found: list[Drawing] = []
    for view in dict.fromkeys(views or known):
        found += [machines[view]] if view in machines else worlds[view]()
    return found


def _remove_strays(project: Project, drawings: list[Drawing], *, quiet: bool) -> None:
    """Remove pictures of what there is no more; only where everything has been drawn."""
    for path, kind in list(derive.odd_pictures(project, drawings)):
        if kind == "stray":
            path.unlink()
            if not quiet:
                out.print(f"removed {shown_path(path, project)}")
