"""The commands that look into worlds: check and replay."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from steptable.check import Check, EngineOptions, Trace
from steptable.cli.app import Fresh, Quiet, app, err, named_worlds, out, write
from steptable.cli.telling import told
from steptable.drawing.findings import path_dot
from steptable.drawing.sequences.mermaid import sequence_mermaid
from steptable.drawing.sequences.story import story
from steptable.drawing.sequences.svg import sequence_svg
from steptable.errors import UsageError
from steptable.explore.c.engine import MOST_THREADS
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.overflows import overflow
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.explore.system.transitions import TransitionSystem
from steptable.kept.results import Kept
from steptable.project import load
from steptable.report.formats.github import step_summary, workflow_commands
from steptable.report.formats.guide import guide_lines
from steptable.report.formats.json import run_json
from steptable.report.formats.junit import run_junit
from steptable.report.formats.sarif import run_sarif
from steptable.report.formats.summary import coverage_view, idle_lines, summary, unneeded_lines
from steptable.report.formats.terminal import ShownWorlds
from steptable.report.formats.text import Report
from steptable.report.outcome import Run
from steptable.report.places import Places
from steptable.report.traces.pytest_code import test_source
from steptable.targets.diagrams.draw import picture
from steptable.targets.python.in_memory import reducers


class EngineChoice(StrEnum):
    """What explores."""

    auto = "auto"
    python = "python"
    c = "c"


class ReportFormat(StrEnum):
    """How `check` reports."""

    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    github = "github"


@app.command("check")
def check_command(
    worlds: Annotated[
        list[str] | None, typer.Argument(help="The worlds to explore; all if none is named.")
    ] = None,
    *,
    engine: Annotated[
        EngineChoice,
        typer.Option(help="What explores; auto compiles C for all but tiny worlds, if it can."),
    ] = EngineChoice.auto,
    threads: Annotated[
        int,
        typer.Option(min=1, max=MOST_THREADS, help="How many threads compiled C explores with."),
    ] = 1,
    symmetry: Annotated[
        bool | None,
        typer.Option(
            "--symmetry/--no-symmetry",
            help="Count states that differ by the order of interchangeable members once, or fail; "
            "or explore every state. Without either, they count once where that is sound.",
            show_default=False,
        ),
    ] = None,
    max_states: Annotated[
        int | None, typer.Option(min=1, help="Stop a world at so many states, if it has more.")
    ] = None,
    format: Annotated[  # noqa: A002
        ReportFormat, typer.Option(help="How to report; json has every field of a trace.")
    ] = ReportFormat.text,
    findings: Annotated[
        bool, typer.Option("--findings", help="Show findings in full, with their traces.")
    ] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough", help="Explore the larger worlds, too, and name updates nobody needs."
        ),
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show how many steps of each world take each row.")
    ] = False,
    fresh: Fresh = False,
    quiet: Quiet = False,
) -> None:
    """Explore every reachable state of the worlds, and judge every property."""
    kept = Kept(fresh)
    project = load(kept=kept)
    chosen = named_worlds(project, worlds or [], thorough=thorough)
    report = Report(out.columns, findings, f"{project.config.diagrams}/FINDINGS.md")
    with reducers(project.own_machine) as structs:
        checking = Check(
            chosen,
            structs,
            EngineOptions(engine.value, threads, symmetry, max_states),
            kept,
            ShownWorlds(err, quiet=quiet),
            cache(lambda message: err.print(f"steptable: {message}")),
        )
        results, overflows, code = told(
            checking, report, shown=format is ReportFormat.text, verbose=not quiet
        )
    known = {result.world.name for result in results}
    run = Run(
        tuple(results),
        skipped=tuple(world.name for world in chosen if world.name not in known),
        overflows=tuple(overflows),
        whole={world.name for world in project.worlds} <= {world.name for world in chosen},
        kept=kept,
    )
    interrupted = checking.interrupted
    _report(run, format, Places.of(project.root))
    if format is ReportFormat.text:
        if coverage:
            out.print_table(coverage_view(run))
        for line in idle_lines(run, report):
            out.print(line)
        if not quiet and not interrupted:
            interrupted = not _ask_further(run, report, updates=thorough)
        if not quiet or not run.passes:
            out.print(summary(run))
    raise typer.Exit(130 if interrupted else code or run.exit_code)


def _ask_further(run: Run, report: Report, *, updates: bool) -> bool:
    """Name what no property needs, or of a run that is red what to do about it; both take
    explorations of their own. Whether Ctrl-C has not come before all is said.
    """
    try:
        for line in unneeded_lines(run, report, updates=updates):
            out.print(line)
        for line in guide_lines(run, report):
            out.print(line)
    except KeyboardInterrupt:
        return False
    return True


def _report(run: Run, form: ReportFormat, places: Places) -> None:
    """Put out a run for programs; for people it is told world by world."""
    match form:
        case ReportFormat.json:
            write(run_json(run))
        case ReportFormat.junit:
            write(run_junit(run, places).encode())
        case ReportFormat.sarif:
            write(run_sarif(run, places))
        case ReportFormat.github:
            write("\n".join([*workflow_commands(run, places), str(summary(run))]).encode())
            if path := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(path).open("a", encoding="utf-8") as file:
                    file.write(step_summary(run))


@app.command()
def replay(
    world: Annotated[str, typer.Argument(help="The world that the trace is of.")],
    key: Annotated[str, typer.Argument(help="The key that `check` shows under a trace.")],
    *,
    as_pytest: Annotated[
        bool, typer.Option("--pytest", help="Print the trace as a test of the generated reducer.")
    ] = False,
    as_svg: Annotated[
        bool, typer.Option("--svg", help="Draw the trace as a sequence diagram (needs no dot).")
    ] = False,
    as_mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the trace as a Mermaid sequence diagram.")
    ] = False,
    as_path: Annotated[
        bool, typer.Option("--path", help="Draw the trace on the machine, as SVG (needs dot).")
    ] = False,
) -> None:
    """Show a trace again, without a search; one of the options gives it in another form."""
    if as_pytest + as_svg + as_mermaid + as_path > 1:
        raise UsageError("--pytest, --svg, --mermaid and --path exclude each other; give one")
    project = load()
    (chosen,) = named_worlds(project, [world])
    with reducers(project.own_machine) as structs:
        system = build(chosen)
        replayer = Replayer(SuccessorFunction.of(system), structs)
        try:
            trace = replayer.by_key(key)
        except LookupError as error:
            message = f"world '{world}' has no trace '{key}': {error.args[0]}"
            raise UsageError(message) from error
        if as_pytest:
            own = structs[project.machine.name]
            write(test_source(chosen, trace, own, project.package_name).rstrip().encode())
            return
    if as_svg:
        write(sequence_svg(story(chosen, trace)).rstrip().encode())
    elif as_mermaid:
        write(sequence_mermaid(story(chosen, trace)).rstrip().encode())
    elif as_path:
        write(picture(path_dot(chosen, project.machine, trace), "svg").rstrip())
    else:
        _show(system, trace)


def _show(system: TransitionSystem, trace: Trace) -> None:
    report = Report(out.columns)
    left = overflow(system, trace) if trace.leaves_bounds else None
    lines = report.replayed(system.world, trace) if left is None else report.overflow(left)
    for line in lines:
        out.print(line)
