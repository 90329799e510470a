"""The command that draws."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from steptable import derive
from steptable.cli.app import Quiet, app, out, shown_path
from steptable.drawing.machines import machine_drawings
from steptable.errors import UsageError, suggestion
from steptable.project import Project, load
from steptable.targets.draw import FORMATS, Drawing

PictureFormat = StrEnum("PictureFormat", {name: name for name in FORMATS})  # type: ignore[misc]


@app.command()
def draw(
    views: Annotated[
        list[str] | None, typer.Argument(help="What to draw; all if none is named.")
    ] = None,
    format: Annotated[  # noqa: A002
        list[PictureFormat] | None,
        typer.Option(help="Which formats; by default those of the gallery, svg and mostly png."),
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
    for drawing in _drawings(project, views or []):
        for form in FORMATS:
            if form in (wanted or drawing.usual):
                path = folder / drawing.file(form)
                derive.write(path, drawing.drawn(form))
                if not quiet:
                    out.print(f"wrote {shown_path(path, project)}")


def _drawings(project: Project, views: list[str]) -> Iterator[Drawing]:
    """The drawings of some views."""
    known = {drawing.name: drawing for drawing in machine_drawings(project.machine)}
    for view in views:
        if view not in known:
            raise UsageError(f"there is no view '{view}'; {suggestion(view, known)}")
    for view in dict.fromkeys(views or known):
        yield known[view]
