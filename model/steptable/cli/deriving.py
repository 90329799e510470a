"""The commands that make something of the declarations: generate, table."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import Annotated, Final

import typer

from steptable import derive
from steptable.cli.app import Quiet, app, err, out, shown_path
from steptable.drawing.catalogue import committed, explored
from steptable.project import load
from steptable.report.formats.table import is_too_narrow, matrix_lines, matrix_view
from steptable.report.formats.terminal import progress
from steptable.targets.diagrams.matrix import matrix_notes


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
    derive.modules(project)  # what does not work must not be replayed with, nor written
    results = explored(project, project.worlds, partial(progress, err, quiet=quiet))
    drawings = committed(project, results)
    files = derive.derived_files(project, results, drawings)
    found = derive.differences(project, files)
    if not check_only:
        derive.repair(found)
    for difference in found:
        name = shown_path(difference.path, project)
        if diff:
            for line in difference.patch(name):
                out.print_line(line, _PATCH_STYLES.get(line[:1], "none"))
        if check_only:
            out.print(f"{difference.kind}: {name}; run `steptable generate`")
        elif not quiet:
            out.print(f"{'removed' if difference.kind == 'stray' else 'wrote'} {name}")
    pictures = list(derive.odd_pictures(project, drawings)) if check_only else []
    for path, kind in pictures:
        out.print(f"{kind}: {shown_path(path, project)}; run `steptable draw`")
    if not found and not pictures and not quiet:
        out.print(f"{len(files)} derived files are up to date")
    raise typer.Exit(1 if check_only and (found or pictures) else 0)


_PATCH_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


@app.command()
def table() -> None:
    """Print the total matrix: what each state says to each event."""
    machine = load().machine
    _print_wrapped(machine.doc)
    if is_too_narrow(machine, out.columns):
        for line in matrix_lines(machine):
            _print_wrapped(line)
        out.print()
    else:
        out.print_table(matrix_view(machine, out.columns))
    for note in matrix_notes(machine):
        _print_wrapped(note)


def _print_wrapped(text: str) -> None:
    """Print text, on a terminal in lines that are no longer than it is wide."""
    hanging = " " * (len(text) - len(text.lstrip()) + 2)
    lines = textwrap.wrap(text, out.columns, subsequent_indent=hanging) if out.columns else [text]
    for line in lines or [""]:
        out.print(line)
