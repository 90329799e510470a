"""A result for a terminal: every verdict in a line, then whatever does not pass, in full.

Fields that nothing on the way depends on are left out of traces; JSON has them all.
"""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from steptable import expr
from steptable.check import Judgement, Result, Step, Trace, step_env
from steptable.evaluate import Accepted, Refused, Values, evaluate
from steptable.machine import Guard, Machine
from steptable.report.relevance import reads_policy, relevant_fields
from steptable.report.values import changes, fields
from steptable.targets.words import words
from steptable.world import World

_STYLES: Final = {
    "holds": "green",
    "witnessed": "green",
    "violated": "bold red",
    "unwitnessed": "bold red",
    "never taken": "bold red",
    "inconclusive": "bold yellow",
    "vacuous": "bold red",
    "incomplete": "bold yellow",
}

_LABEL: Final = 14
"""How wide the column of verdicts and labels is."""

_TIE: Final = "\N{NO-BREAK SPACE}"
"""Stands for blanks that no line is broken at: in labels, and around the arrow of a change."""


@dataclass(frozen=True)
class Report:
    """Writes results as lines no longer than `width`, or as long as they are where it is None."""

    width: int | None = None

    def world(self, result: Result, *, verbose: bool = True) -> Iterator[Text]:
        """A world: its size and every verdict, then each that does not pass, with its trace.

        Without `verbose`, only what does not pass; nothing at all where everything does.
        """
        if not verbose and result.passes:
            return
        name = f"world {result.world.name}"
        yield self._styled(f"{name}: {_size(result)}", name, "bold", "  ")
        for judgement in result.judgements:
            if verbose or not judgement.passes:
                yield self._line(_word(judgement), judgement.judged.name)
        for row in result.idle_rows:
            yield self._line("never taken", f"row '{row.name}', declared at {row.at}")
        if result.stopped:
            counts = ", ".join(f"{count:,}" for count in result.levels)
            found = f"{result.stopped}; states first found at each depth: {counts}"
            yield self._line("incomplete", found)
        for judgement in result.judgements:
            if not judgement.passes and judgement.verdict != "inconclusive":
                yield Text()
                yield from self._failing(result, judgement)
        if not result.passes:
            yield Text()

    def _failing(self, result: Result, judgement: Judgement) -> Iterator[Text]:
        item, word = judgement.judged, _word(judgement)
        yield self._styled(f"{word}: {item.name}", word, _STYLES[word], "  ")
        yield self._line("promised", f"{item.why} ({item.cites})")
        yield self._line("declared at", str(item.at))
        match judgement:
            case Judgement(vacuous=True):
                yield self._line("but", "its premise is never met, so nothing was judged")
            case Judgement(trace=None):
                yield self._line("but", f"no reachable state has this: {words(item.condition)}")
            case Judgement(trace=Trace() as trace):
                relevant = relevant_fields(result.world.machine, item)
                for label, text in _trace_lines(trace, result.world, relevant):
                    yield self._line(label, text)
                yield self._line("but", broken(judgement, result.world, trace))

    def _line(self, label: str, text: str) -> Text:
        """A label, and a text that hangs beside it."""
        start = f"  {label:<{_LABEL}}"
        return self._styled(start + text, start, _STYLES.get(label, "dim"), " " * len(start))

    def _styled(self, text: str, start: str, style: str, indent: str) -> Text:
        """A text with its start in a style, broken into lines that hang below the first."""
        if self.width is not None:
            tied = start.replace(" ", _TIE) + text[len(start) :].replace(" → ", f"{_TIE}→{_TIE}")
            width = max(self.width, len(indent) + 40)
            lines = textwrap.wrap(tied, width, subsequent_indent=indent, break_on_hyphens=False)
            text = "\n".join(lines).replace(_TIE, " ")
        return Text.assemble((start, style), text[len(start) :])


def _size(result: Result) -> str:
    return (
        f"{result.states:,} states, depth {len(result.levels) - 1}, "
        f"{result.events:,} events accepted, {result.seconds:.1f} s"
    )


def _word(judgement: Judgement) -> str:
    return "vacuous" if judgement.vacuous else judgement.verdict


def _trace_lines(trace: Trace, world: World, relevant: Container[str]) -> Iterator[tuple[str, str]]:
    """A trace step by step: the event, the row, the fields that changed, the effects."""
    start = fields(world.machine.record, trace.start, relevant)
    yield "start", f"{world.instance}: {start}"
    for number, step in enumerate(trace.steps, start=1):
        yield f"step {number}", _event(step, world.machine, relevant)
        yield from _outcome(step, world.machine, relevant)


def _event(step: Step, machine: Machine, relevant: Container[str]) -> str:
    event = machine.event(step.event.name)
    text = f"{event.name}({fields(event.fields, step.event.fields, relevant)})"
    rows = machine.rows_of(step.before[machine.state_field.name], event.fact)
    if step.outcome != Refused("stale") and any(reads_policy(row) for row in rows):
        policy = fields(machine.policy, step.policy, relevant)
        text += f" under {machine.policy.name}({policy})" if policy else ""
    return text


def _outcome(step: Step, machine: Machine, relevant: Container[str]) -> Iterator[tuple[str, str]]:
    match step.outcome:
        case Refused("stale"):
            number = machine.numbering
            last = f"{number.record_field}={step.before[number.record_field]}"
            yield "", f"refused: its {number.event_field} is not above {last}"
        case Refused(guard=Guard(name=name, must=must)):
            yield "", f"refused by guard '{name}': {must}"
        case Refused():
            state = step.before[machine.state_field.name]
            yield "", f"refused: no row takes it in state {state}"
        case Accepted(row, after, effects):
            changed = ", ".join(changes(machine.record, step.before, after, relevant))
            yield "", f"row '{row.name}': {changed or 'nothing changes'}"
            yield "", f"effects: {', '.join(effect.name for effect in effects) or 'none'}"


def broken(judgement: Judgement, world: World, trace: Trace) -> str:
    """What of a promise is not kept at the end of a trace, in words."""
    item = judgement.judged
    if item.scope == "step":
        env = step_env(world.machine, trace.steps[-1])
    else:
        env = {world.instance: trace.steps[-1].after if trace.steps else trace.start}
    if item.kind == "never":
        return f"this is true: {words(item.condition)}"
    return _denial(item.condition, env)


def _denial(node: expr.Node, env: Values) -> str:
    match node:
        case expr.Or((expr.Not(premise), conclusion)):
            return f"{words(premise)}, and yet {_denial(conclusion, env)}"
        case expr.And(items):
            # What comes after the first that fails may make no sense without it.
            return _denial(next(item for item in items if not evaluate(item, env)), env)
    return f"this is false: {words(node)}"


def summary(results: list[Result], skipped: Iterable[str] = ()) -> Text:
    """One line for the whole run; `skipped` names the worlds that it did not come to."""
    judged = [judgement for result in results for judgement in result.judgements]
    properties = _count(len(judged), "property")
    unexplored = [f"world '{name}' was not explored" for name in skipped]
    if all(result.passes for result in results) and not unexplored:
        worlds = _count(len(results), "world")
        return Text.assemble(("ok", "bold green"), f": {properties} of {worlds} as declared")
    undecided = sum(item.verdict == "inconclusive" for item in judged)
    failing = sum(not item.passes for item in judged) - undecided
    idle = sum(len(result.idle_rows) for result in results)
    parts = (
        [f"{failing} of {properties} {'does' if failing == 1 else 'do'} not pass"]
        if failing
        else []
    )
    parts += [f"{_count(idle, 'row')} never taken"] if idle else []
    wrong = bool(parts)
    parts += [f"{undecided} of {properties} inconclusive"] if undecided else []
    parts += unexplored
    word = ("not ok", "bold red") if wrong else ("incomplete", "bold yellow")
    return Text.assemble(word, f": {', '.join(parts) or 'not every state was explored'}")


def _count(number: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"
