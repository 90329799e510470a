"""A whole run for a terminal: what no world does, the coverage of rows, and the last line."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from steptable.check.mutation import MOST_STATES
from steptable.report.formats.text import Report, count
from steptable.report.outcome import UNREAD, Run
from steptable.support.plain import harmless


def idle_lines(run: Run, report: Report) -> Iterator[Text]:
    """The rows and effects that no world comes to."""
    for row in run.idle_rows:
        yield report.line("never taken", f"row '{row.name}', declared at {row.at}")
    for effect in run.idle_effects:
        yield report.line("never emitted", f"effect {effect.name}, declared at {effect.at}")


def unneeded_lines(run: Run, report: Report, *, updates: bool) -> Iterator[Text]:
    """What no property needs: it is superfluous, or a promise that nobody has written down."""
    for row, guard in run.unneeded_guards:
        what = f"guard '{guard.name}' of row '{row.name}' ({guard.at})"
        yield report.line("unneeded", f"{what}: no property falls without it")
    for variable in run.unread:
        yield report.line("unread", f"variable '{variable.name}' ({variable.at}): {UNREAD}")
    for row, name in run.unneeded_updates if updates else ():
        what = f"update of '{name}' by row '{row.name}' ({row.at})"
        where = f"of a world with up to {MOST_STATES:,} states"
        yield report.line("unneeded", f"{what}: no property {where} falls without it")


def coverage_view(run: Run) -> Table:
    """How many steps of each world take each row."""
    table = Table(box=box.ROUNDED, padding=(0, 1), pad_edge=False)
    table.add_column(Text("row"))
    for result in run.results:
        table.add_column(Text(harmless(result.world.name)), justify="right")
    for name in dict.fromkeys(
        row.name
        for result in run.results
        for item in result.world.instances
        for row in item.machine.rows_apart
    ):
        counts = (result.rows_taken.get(name, 0) for result in run.results)
        cells = (Text(f"{taken:,}" if taken else "·") for taken in counts)
        table.add_row(Text(harmless(name)), *cells)
    return table


def summary(run: Run) -> Text:
    """One line for the whole run."""
    properties = count(len(run.judged), "property")
    unexplored = [f"not explored: {', '.join(run.skipped)}"] if run.skipped else []
    if run.passes:
        worlds = count(len(run.results), "world")
        known = sum(item.verdict == "finding" for item in run.judged)
        findings = f", {known} of them {'a finding' if known == 1 else 'findings'}" if known else ""
        return Text.assemble(
            ("ok", "bold green"), f": {properties} of {worlds} as declared{findings}"
        )
    verb = "does" if run.failing == 1 else "do"
    parts = [f"{run.failing} of {properties} {verb} not pass"] if run.failing else []
    parts += [f"{count(len(run.idle_rows), 'row')} never taken"] if run.idle_rows else []
    parts += [f"{count(len(run.idle_effects), 'effect')} never emitted"] if run.idle_effects else []
    parts += [f"{count(len(run.dead), 'idle part')}"] if run.dead else []
    word = ("not ok", "bold red") if parts else ("incomplete", "bold yellow")
    parts += [f"{run.inconclusive} of {properties} inconclusive"] if run.inconclusive else []
    parts += unexplored
    return Text.assemble(word, f": {', '.join(parts) or 'not every state was explored'}")
