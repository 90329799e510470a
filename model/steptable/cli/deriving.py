"""The commands that make something of the declarations: generate, draw, table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from steptable import derive
from steptable.cli.app import Quiet, app, out, shown_path
from steptable.errors import UsageError, suggestion
from steptable.project import load
from steptable.report.table import matrix_view
from steptable.targets.draw import FORMATS, drawing
from steptable.targets.matrix import matrix_notes

VIEWS: Final = ("machine",)

PictureFormat = StrEnum("PictureFormat", {name: name for name in FORMATS})  # type: ignore[misc]


@app.command()
def generate(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is stale or stray.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what differs.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write every derived file: the reducer, the codec, drawings as text, the README's diagram."""
    project = load()
    files = derive.derived_files(project)
    found = derive.differences(project, files)
    if not check_only:
        for difference in found:
            derive.repair(difference)
    for difference in found:
        name = shown_path(difference.path, project)
        if diff:
            for line in difference.patch(name):
                out.print_line(line, _PATCH_STYLES.get(line[:1], "none"))
        if check_only:
            out.print(f"{difference.kind}: {name}; run `steptable generate`")
        elif not quiet:
            out.print(f"{'removed' if difference.kind == 'stray' else 'wrote'} {name}")
    pictures = derive.stale_pictures(project) if check_only else []
    for path in pictures:
        out.print(f"stale: {shown_path(path, project)}; run `steptable draw`")
    if not found and not pictures and not quiet:
        out.print(f"{len(files)} derived files are up to date")
    raise typer.Exit(1 if check_only and (found or pictures) else 0)


_PATCH_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


@app.command()
def draw(
    views: Annotated[
        list[str] | None, typer.Argument(help="What to draw; all if none is named: machine.")
    ] = None,
    format: Annotated[  # noqa: A002
        list[PictureFormat] | None, typer.Option(help="Which formats; by default svg and png.")
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Where to; by default the project's diagrams.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Draw the diagrams. Pictures need `dot` (graphviz); dot and mermaid text does not."""
    project = load()
    for view in views or VIEWS:
        if view not in VIEWS:
            raise UsageError(f"there is no view '{view}'; {suggestion(view, VIEWS)}")
    wanted = {str(item) for item in format or ("svg", "png")}
    for view in dict.fromkeys(views or VIEWS):
        for form, ending in FORMATS.items():
            if form in wanted:
                path = (out_dir or project.diagrams) / f"{view}.{ending}"
                derive.write(path, drawing(project.machine, form))
                if not quiet:
                    out.print(f"wrote {shown_path(path, project)}")


@app.command()
def table() -> None:
    """Print the total matrix: what each state says to each event."""
    machine = load().machine
    out.print(machine.doc)
    out.print_table(matrix_view(machine, out.columns))
    for note in matrix_notes(machine):
        out.print(note)
