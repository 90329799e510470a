"""A run for GitHub Actions: annotations at the declarations, and a summary of the step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from steptable.check import Judgement, Result
from steptable.errors import Location
from steptable.report.formats.summary import summary
from steptable.report.formats.text import count, counterexample, overflow, to_edit, word
from steptable.report.outcome import Run
from steptable.report.places import Places
from steptable.targets.markdown import code_span


def workflow_commands(run: Run, places: Places) -> Iterator[str]:
    """A workflow command for each thing that is to be said of a line."""
    for result in run.results:
        for judgement in result.judgements:
            yield from _annotation(result, judgement, places)
    for row in run.idle_rows:
        text = f"no world takes row '{row.name}'{run.reason('', row)}"
        yield _command("error", "never taken", text, row.at, places)
    for effect in run.idle_effects:
        text = f"no world emits effect {effect.name}"
        yield _command("error", "never emitted", text, effect.at, places)
    for result in run.results:
        for part in result.dead:
            text = f"world '{result.world.name}': {part}{run.reason(result.world.name, part)}"
            yield _command("error", "idle", text, part.at, places)
    for text, at in run.questions:
        yield _command("notice", "unneeded", text, at, places)
    for error in run.overflows:
        (fault,) = error.faults
        title = f"overrun: world {error.world.name}"
        yield _command("error", title, overflow(error), fault.location, places)
    for name in run.skipped:
        yield _command("warning", "incomplete", f"world '{name}' was not explored", None, places)


def _annotation(result: Result, judgement: Judgement, places: Places) -> Iterator[str]:
    item = judgement.judged
    title = f"{word(judgement)}: {item.name} ({result.world.name})"
    if judgement.verdict == "inconclusive":
        yield _command("warning", title, result.stopped, item.at, places)
    elif not judgement.passes:
        text = counterexample(result.world, judgement)
        yield _command("error", title, text, to_edit(judgement), places)
    elif item.finding is not None:
        yield _command("notice", title, item.finding.explanation, item.at, places)


def _command(level: str, title: str, text: str, at: Location | None, places: Places) -> str:
    place = f"file={_property(places.path(at))},line={at.line}," if at else ""
    return f"::{level} {place}title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    """A message as a workflow command takes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def step_summary(run: Run) -> str:
    """The run as Markdown: a table of verdicts, then each counterexample, folded."""
    lines = [f"### steptable: {summary(run)}", ""]
    for result in run.results:
        depth = len(result.levels) - 1
        size = f"{count(result.states, 'state')}, depth {depth}"
        lines += [f"#### World {code_span(result.world.name)}: {size}", ""]
        if result.stopped:
            lines += [f"Incomplete: {_cell(result.stopped)}", ""]
        lines += ["| verdict | property |", "| --- | --- |"]
        lines += [
            f"| {word(judgement)} | {_cell(judgement.judged.name)} |"
            for judgement in result.judgements
        ]
        lines.append("")
        for judgement in result.judgements:
            if judgement.verdict == "finding" or (
                not judgement.passes and judgement.verdict != "inconclusive"
            ):
                lines += _folded(
                    f"{word(judgement)}: {judgement.judged.name}",
                    counterexample(result.world, judgement),
                )
    for error in run.overflows:
        lines += _folded(f"overrun: world {error.world.name}", overflow(error))
    idle = [f"- row {code_span(row.name)} is never taken" for row in run.idle_rows]
    idle += [f"- effect {code_span(effect.name)} is never emitted" for effect in run.idle_effects]
    idle += [
        f"- in world {code_span(result.world.name)}, {_cell(str(part))}"
        for result in run.results
        for part in result.dead
    ]
    idle += [f"- {_cell(text)}" for text, _ in run.questions]
    idle += [f"- world {code_span(name)} was not explored" for name in run.skipped]
    return "\n".join([*lines, *idle, *([""] if idle else [])])


def _cell(text: str) -> str:
    """A text in a cell of a table, with nothing in it that Markdown or HTML takes for its own."""
    return _html(text).replace("|", "\\|").replace("\n", " ")


def _html(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]":
        text = text.replace(mark, f"&#{ord(mark)};")
    return text


def _folded(title: str, text: str) -> list[str]:
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    opening = f"<details><summary>{_html(title)}</summary>"
    return [opening, "", f"{fence}text", text, fence, "", "</details>", ""]
