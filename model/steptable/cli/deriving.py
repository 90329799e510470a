"""The commands that make something of the declarations: generate, table."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Annotated, Final

import typer

from steptable import derive
from steptable.check import Check
from steptable.cli.app import Fresh, Quiet, app, err, out, shown_path
from steptable.cli.telling import told
from steptable.drawing.catalogue import committed
from steptable.errors import UsageError, suggestion
from steptable.kept.results import Kept
from steptable.project import Project, load
from steptable.report.formats.table import is_too_narrow, matrix_lines, matrix_view
from steptable.report.formats.terminal import ShownWorlds
from steptable.report.formats.text import Report
from steptable.targets.diagrams.draw import Drawing
from steptable.targets.diagrams.matrix import matrix_notes
from steptable.targets.python.in_memory import reducers


@app.command()
def generate(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is stale or stray.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what differs.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these: reducer, codec, machine (its drawings), or worlds (what is found in "
            "them, and the README); all but the last explore nothing."
        ),
    ] = None,
    fresh: Fresh = False,
    quiet: Quiet = False,
) -> None:
    """Write every derived file: the reducer, the codec, drawings as text, the README's diagram.

    Where a world can't be explored, what is made of the machine alone is written all the same.
    """
    parts = _parts(only)
    kept = Kept(fresh)
    project = load(worlds="worlds" in parts, kept=kept)
    if "codec" in parts and only and project.machine.wire is None:
        raise UsageError(f"--only codec: the machine {project.machine.name} declares no wire")
    files = derive.of_machine(project, parts)  # what does not work must not be replayed with
    whole, code, drawings = not only, 0, list[Drawing]()
    if "worlds" in parts:
        try:
            found, drawings = _of_worlds(project, kept, quiet=quiet)
            files |= found
        except _Unexplored as error:
            whole, code = False, error.code
    stale = _put(project, files, whole=whole, check_only=check_only, diff=diff, quiet=quiet)
    pictures = list(derive.odd_pictures(project, drawings)) if check_only and whole else []
    for path, kind in pictures:
        out.print(f"{kind}: {shown_path(path, project)}; run `steptable draw`")
    if not stale and not pictures and not code and not quiet:
        out.print(_current(len(files)))
    raise typer.Exit(code or (1 if check_only and (stale or pictures) else 0))


class _Unexplored(Exception):
    """Some worlds are not explored to their end, which has been said."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def _parts(only: list[str] | None) -> tuple[str, ...]:
    for name in only or ():
        if name not in derive.PARTS:
            raise UsageError(
                f"--only {name}: there is no such part; {suggestion(name, derive.PARTS)}"
            )
    return tuple(only) if only else derive.PARTS


def _of_worlds(
    project: Project, kept: Kept, *, quiet: bool
) -> tuple[dict[Path, bytes], list[Drawing]]:
    """The files that are made of what is found in worlds, and the drawings among them.

    Raises `_Unexplored` once it has said of each world that can't be explored why.
    """
    watcher = ShownWorlds(err, quiet=quiet)
    with reducers(project.own_machine) as structs:
        checking = Check(project.worlds, structs, kept=kept, watcher=watcher)
        results, overflows, code = told(checking, Report(err.columns))
    code = code or (2 if overflows else 0)
    if checking.interrupted:
        raise KeyboardInterrupt
    for result in results:
        if result.stopped:
            err.print(f"steptable: world '{result.world.name}' is not whole: {result.stopped}")
            code = code or 3
    if code or len(results) < len(project.worlds):
        err.print("what is made of worlds is left as it was")
        raise _Unexplored(code or 3)
    try:
        drawings = committed(project, results, kept, watcher)
    finally:
        watcher.hide()
    return derive.of_worlds(project, results, drawings), drawings


def _put(
    project: Project,
    files: dict[Path, bytes],
    *,
    whole: bool,
    check_only: bool,
    diff: bool,
    quiet: bool,
) -> bool:
    """Write files, or say which are not as they are to be: whether there are any."""
    found = derive.differences(project, files, whole=whole)
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
    return bool(found)


def _current(count: int) -> str:
    return f"{count} derived file{' is' if count == 1 else 's are'} up to date"


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
