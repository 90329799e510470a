"""What to do about a run that is red: how many of each kind, where to edit, what to type."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from steptable.check import Judgement, Result
from steptable.report.formats.text import Report, count, replay_command, to_edit, word
from steptable.report.outcome import Run


def guide_lines(run: Run, report: Report) -> Iterator[Text]:
    """The reasons that were found out, then the number of each kind, each with its next step."""
    for (world, item), why in run.reasons.items():
        what = getattr(item, "what", None) or f"'{item.name}'"
        yield report.line("because", f"{what}{f' of world {world}' if world else ''}: {why}")
    # What alone is red has just been told in full.
    steps = list(_steps(run)) if _red(run) > 1 else []
    if steps:
        yield Text()
        yield Text("what to do", style="bold")
    for label, text in steps:
        yield report.line(label, text)


def _red(run: Run) -> int:
    """How many things are not as declared."""
    parts = len(run.overflows) + len(run.idle_rows) + len(run.idle_effects) + len(run.dead)
    return run.failing + parts


def _steps(run: Run) -> Iterator[tuple[str, str]]:
    red: dict[str, list[tuple[Result, Judgement]]] = {}
    for result in run.results:
        for judgement in result.judgements:
            if not judgement.passes and judgement.verdict != "inconclusive":
                red.setdefault(word(judgement), []).append((result, judgement))
    for kind, found in red.items():
        yield from _judged(kind, found)
    if run.overflows:
        at = run.overflows[0].trace.steps[-1].action.at
        what = count(len(run.overflows), "world")
        yield "overrun", f"{what} not judged; widen the bound, or guard the action at {at}"
    if dead := run.dead:
        (first, *_), what = dead, count(len(dead), "part")
        advice = f'declare it, Idle("{first.name}", why="…")' if first.never else "take Idle(…) out"
        yield "idle", f"{what}; correct it at {first.at}, remove it, or {advice}"
    if run.idle_rows:
        (row, *_), what = run.idle_rows, count(len(run.idle_rows), "row")
        yield "never taken", f"{what}; let a world take it, or remove it at {row.at}"
    if run.idle_effects:
        (effect, *_), what = run.idle_effects, count(len(run.idle_effects), "effect")
        yield "never emitted", f"{what}; let a world take a row with it, or remove it, {effect.at}"
    if red or run.idle_rows or run.idle_effects:
        yield "changed", "steptable diff REVISION says what has changed since then, and for whom"


_ADVICE = {
    "violated": "repair the row or the action that it ends with, or discuss the promise",
    "unwitnessed": "let the world come there, or take the wish out",
    "vacuous": "let its premise be met, or take the promise out",
}


def _judged(kind: str, judged: list[tuple[Result, Judgement]]) -> Iterator[tuple[str, str]]:
    """How many properties have a verdict, what to do, and how to see the first of them."""
    result, judgement = judged[0]
    advice = judgement.advice or _ADVICE[kind]
    first = f"at {to_edit(judgement)}"
    several = (
        f"; the first is '{judgement.judged.name}' {first}" if len(judged) > 1 else f" {first}"
    )
    yield kind, f"{count(len(judged), 'property')}{several}: {advice}"
    if judgement.trace is not None:
        again = replay_command(result.world, judgement.trace)
        yield "", f"{again} shows the way there, --svg draws it, --pytest makes a test of it"
