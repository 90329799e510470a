"""The command that compares two versions: diff."""

from __future__ import annotations

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from steptable.check import Result, check
from steptable.cli.app import Quiet, app, err, out, write
from steptable.compare.difference import Difference, Version, difference
from steptable.errors import SpecError, UsageError
from steptable.project import writing
from steptable.report.diff.dot import difference_dot
from steptable.report.diff.json import difference_json
from steptable.report.diff.markdown import difference_markdown, rules_markdown
from steptable.report.diff.text import difference_lines, rules_lines
from steptable.report.formats.terminal import progress
from steptable.targets.diagrams.draw import picture
from steptable.targets.python.in_memory import generated
from steptable.versions import version, working_tree
from steptable.world import World

PICTURES: Final = ("dot", "svg", "png", "pdf")


class DiffFormat(StrEnum):
    """How `diff` reports."""

    text = "text"
    markdown = "markdown"
    json = "json"


@app.command()
def diff(
    old: Annotated[
        str | None,
        typer.Argument(help="A git revision, a folder, or a file of `steptable export json`."),
    ] = None,
    new: Annotated[
        str | None, typer.Argument(help="The same; by default the working tree.")
    ] = None,
    *,
    format: Annotated[  # noqa: A002
        DiffFormat, typer.Option(help="How to report; markdown is made for a review comment.")
    ] = DiffFormat.text,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Draw it, too: into a file that ends in .svg, .png, .pdf, .dot."
        ),
    ] = None,
    worlds: Annotated[
        bool,
        typer.Option(
            "--worlds/--no-worlds", help="Whether to explore worlds and compare what was promised."
        ),
    ] = True,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules instead.")] = False,
    quiet: Quiet = False,
) -> None:
    """Say what changed between two versions of the machine: in behaviour, not in text.

    Runs the Python of a revision or folder, to read what it declares: compare
    only what you would run. A file of [bold]steptable export json[/bold] is only read.
    What is said of a version comes from that version alone; where a module of
    it would come from elsewhere, nothing is compared.

    Exits with 1 if that breaks something for importers, on the wire, in old
    logs, or a property; a comparison that is cut short is not drawn.
    """
    if rules:
        _list_rules(format)
        return
    if old is None:
        raise UsageError("name a version to compare with: `steptable diff OLD [NEW]`")
    form = _form(out_file)
    first = version(old, worlds=worlds)
    second = working_tree(worlds=worlds) if new is None else version(new, worlds=worlds)
    interrupted = False
    try:
        compared = _compared(first, second, worlds=worlds, quiet=quiet)
    except KeyboardInterrupt:
        interrupted, compared = True, difference(first, second)
    whole = not interrupted and not compared.cut_short
    if out_file is not None and whole:
        text = difference_dot(compared)
        writing.write(out_file, text.encode() if form == "dot" else picture(text, form))
    _report(compared, format, verbose=not quiet)
    if interrupted:
        err.print("interrupted; the worlds were not compared")
        raise typer.Exit(130)
    for reason in compared.cut_short:
        err.print(f"incomplete: {reason}")
    raise typer.Exit(1 if compared.breaks else 0 if whole else 3)


def _form(file: Path | None) -> str:
    """The format that a file is to have."""
    form = "dot" if file is None else file.suffix.removeprefix(".").lower()
    if form not in PICTURES:
        endings = ", ".join(f".{ending}" for ending in PICTURES)
        raise UsageError(f"--out {file}: name a file that ends in one of {endings}")
    return form


def _compared(old: Version, new: Version, *, worlds: bool, quiet: bool) -> Difference:
    if not worlds:
        return difference(old, new)

    def judge(world: World, is_new: bool) -> Result:
        of = new if is_new else old
        machine = of.declared.machine
        label = f"{world.name} ({'new' if is_new else 'old'})"
        with ExitStack() as stack:
            shown = stack.enter_context(progress(err, label, quiet=quiet))
            structs = {}
            if machine is not None:
                structs[machine.name] = stack.enter_context(generated(machine))
            try:
                result = check(world, structs, progress=shown.searched, doing=shown.doing)
            except SpecError as error:  # a value leaves its bounds
                said = f"{error.faults[0].problem}; {error.faults[0].advice}"
                raise UsageError(
                    f"world '{world.name}' of {of.name} can't be explored: {said}, "
                    "or compare the machines alone with --no-worlds"
                ) from error
        if result.interrupted:
            raise KeyboardInterrupt
        return result

    return difference(old, new, judge)


def _report(difference: Difference, form: DiffFormat, *, verbose: bool) -> None:
    match form:
        case DiffFormat.text:
            for line in difference_lines(difference, out.columns, verbose=verbose):
                out.print(line)
        case DiffFormat.markdown:
            write(difference_markdown(difference).rstrip("\n").encode())
        case DiffFormat.json:
            write(difference_json(difference))


def _list_rules(form: DiffFormat) -> None:
    match form:
        case DiffFormat.text:
            for line in rules_lines():
                out.print(line)
        case DiffFormat.markdown:
            write(rules_markdown().rstrip("\n").encode())
        case DiffFormat.json:
            raise UsageError("rules are listed as text or markdown")
