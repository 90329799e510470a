"""The command that a project of one's own begins with: init."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from steptable import derive
from steptable.cli.app import app, out, shown_path
from steptable.project import load
from steptable.project.beginning import begin
from steptable.project.writing import write_all


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(help="Where to; by default this folder. It is made if need be.")
    ] = Path(),
) -> None:
    """Write a small project of one's own to begin from; nothing is overwritten."""
    written = begin(folder)
    project = load(folder)
    modules = {path: text.encode() for path, text in derive.modules(project).items()}
    write_all(modules)
    for path in (*written, *modules):
        out.print(f"wrote {shown_path(path, project)}")
    # A folder that is here already needs no way to it.
    way = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    out.print(f"next: {way}steptable check")
