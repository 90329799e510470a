"""The command line, `steptable`: results to stdout, progress and errors to stderr.

Exit codes: 0 all is as declared; 1 something is violated, unwitnessed, never taken or
stale; 2 a declaration is ill-formed or the usage wrong; 3 the exploration is incomplete;
130 interrupted; 141 nobody reads the results on, as with `| head`.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from typer.core import TyperGroup

from steptable import derive
from steptable.check import Disagreement, Result, check
from steptable.errors import SpecError, UsageError, suggestion
from steptable.project import Project, load
from steptable.report.json import results_json
from steptable.report.table import matrix_view
from steptable.report.terminal import Terminal, progress
from steptable.report.text import Report, summary
from steptable.targets.draw import FORMATS, drawing
from steptable.targets.matrix import matrix_notes
from steptable.world import World

VIEWS: Final = ("machine",)


out = Terminal()
err = Terminal(stderr=True)


class _Commands(TyperGroup):
    """The commands; whatever they raise becomes a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SpecError as error:
            for fault in error.faults:
                err.print(str(fault))
            count = len(error.faults)
            err.print(f"{count} fault{'' if count == 1 else 's'}; nothing was done")
            raise typer.Exit(2) from error
        except UsageError as error:
            err.print(f"steptable: {error}")
            raise typer.Exit(2) from error
        except Disagreement as error:
            err.print(f"failure: {error}")
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            err.print("interrupted")
            raise typer.Exit(130) from error
        except BrokenPipeError as error:
            _silence()
            raise typer.Exit(141) from error
        except OSError as error:
            if error.filename:
                err.print(f"steptable: {error.filename}: {error.strerror}")
            else:
                _silence()
                err.print(f"steptable: the results can't be written: {error.strerror}")
            raise typer.Exit(2) from error


def _silence() -> None:
    """Give up on stdout; Python would try to write there again on its way out, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="One declared transition table: check it, generate its reducer, draw it.\n\n"
    "Reads what [bold]\\[tool.steptable][/bold] names in the pyproject.toml of this folder or of "
    "one above it.",
    epilog="Exit codes: 0 all as declared · 1 violated or stale · 2 ill-formed or wrong usage · "
    "3 incomplete · 130 interrupted.",
)


class ReportFormat(StrEnum):
    """How `check` reports."""

    text = "text"
    json = "json"


PictureFormat = StrEnum("PictureFormat", {name: name for name in FORMATS})  # type: ignore[misc]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is wrong.")]


@app.command("check")
def check_command(
    worlds: Annotated[
        list[str] | None, typer.Argument(help="The worlds to explore; all if none is named.")
    ] = None,
    max_states: Annotated[
        int | None, typer.Option(min=1, help="Stop a world once it has so many states.")
    ] = None,
    format: Annotated[  # noqa: A002
        ReportFormat, typer.Option(help="How to report; json has every field of a trace.")
    ] = ReportFormat.text,
    quiet: Quiet = False,
) -> None:
    """Explore every reachable state of the worlds, and judge every property."""
    project = load()
    chosen = _chosen(project, worlds or [])
    _demand_current(project)
    structs = project.structs()
    results: list[Result] = []
    report = Report(out.columns)
    interrupted = False
    for world in chosen:
        try:
            with progress(err, world.name, quiet=quiet) as tell:
                result = check(world, structs, max_states=max_states, progress=tell)
        except KeyboardInterrupt:
            interrupted = True
            break
        results.append(result)
        if format is ReportFormat.text:
            for line in report.world(result, verbose=not quiet):
                out.print(line)
        interrupted = result.stopped == "interrupted"
        if interrupted:
            break
    skipped = [world.name for world in chosen[len(results) :]]
    if format is ReportFormat.json:
        _write(results_json(results))
    elif skipped or not quiet or not all(result.passes for result in results):
        out.print(summary(results, skipped))
    raise typer.Exit(130 if interrupted else _exit_code(results))


def _exit_code(results: list[Result]) -> int:
    certain = (
        judgement
        for result in results
        for judgement in result.judgements
        if judgement.verdict != "inconclusive"
    )
    if any(not judgement.passes for judgement in certain):
        return 1
    if any(result.stopped for result in results):
        return 3
    return 0 if all(result.passes for result in results) else 1


def _chosen(project: Project, names: list[str]) -> list[World]:
    known = {world.name: world for world in project.worlds}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no world '{name}'; {suggestion(name, known)}")
    if not known:
        raise UsageError("no world is declared; name some as worlds in [tool.steptable]")
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def _demand_current(project: Project) -> None:
    """Exit if derived code is not of the declarations as they are: what it shows means nothing."""
    found = derive.stale_modules(project)
    for item in found:
        err.print(f"{item.kind}: {_shown(item.path, project)}; run `steptable generate`")
    if found:
        raise typer.Exit(1)


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
        name = _shown(difference.path, project)
        if diff:
            for line in difference.patch(name):
                out.print_line(line, _PATCH_STYLES.get(line[:1], "none"))
        if check_only:
            out.print(f"{difference.kind}: {name}; run `steptable generate`")
        elif not quiet:
            out.print(f"{'removed' if difference.kind == 'stray' else 'wrote'} {name}")
    pictures = derive.stale_pictures(project) if check_only else []
    for path in pictures:
        out.print(f"stale: {_shown(path, project)}; run `steptable draw`")
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
                    out.print(f"wrote {_shown(path, project)}")


def _shown(path: Path, project: Project) -> str:
    """A path as seen from the root of the project, or whole where it lies outside."""
    path = path.resolve()
    return str(path.relative_to(project.root) if path.is_relative_to(project.root) else path)


@app.command()
def table() -> None:
    """Print the total matrix: what each state says to each event."""
    machine = load().machine
    out.print(machine.doc)
    out.print_table(matrix_view(machine, out.columns))
    for note in matrix_notes(machine):
        out.print(note)


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="What to export: schema (JSON Schema of the wire).")],
) -> None:
    """Print the machine for other tools."""
    if what != "schema":
        raise UsageError(f"'{what}' can't be exported; {suggestion(what, ['schema'])}")
    project = load()
    _demand_current(project)
    _write(msgspec.json.format(msgspec.json.encode(project.wire_schema()), indent=2))


def _write(text: bytes) -> None:
    """Put out what programs read: the bytes as they are."""
    if sys.stdout is not None:  # it is None if it was closed before Python began
        sys.stdout.buffer.write(text + b"\n")
        sys.stdout.flush()


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a question mark for it.
            stream.reconfigure(errors="replace")
    app(prog_name="steptable")


if __name__ == "__main__":
    main()
