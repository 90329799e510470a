"""A result for a terminal: every verdict in a line, then whatever does not pass, in full.

Fields that nothing on the way depends on are left out of traces; JSON has them all.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from steptable.check import Judgement, Overflow, Result, Trace
from steptable.check.pinning import way
from steptable.errors import Location
from steptable.explore.overflows import Bounded
from steptable.explore.system.clauses import ALWAYS
from steptable.explore.usage import Unused
from steptable.interpreter.evaluate import evaluate
from steptable.properties import Finding, Property
from steptable.report.traces.bounds import bound_behind, takes_from_world
from steptable.report.traces.lines import Line, TraceWriter
from steptable.report.traces.verdict import broken
from steptable.targets.words import words
from steptable.world import World

STYLES: Final = {
    "holds": "green",
    "witnessed": "green",
    "finding": "magenta",
    "violated": "bold red",
    "unwitnessed": "bold red",
    "vacuous": "bold red",
    "not as pinned": "bold red",
    "never taken": "bold red",
    "never emitted": "bold red",
    "idle": "bold red",
    "inconclusive": "bold yellow",
    "incomplete": "bold yellow",
    "violates": "bold red",
    "witnesses": "green",
    "loop": "bold",
    "replay": "cyan",
}

_LABEL: Final = 14
"""How wide the column of verdicts and labels is."""

_NUMBER: Final = 9
"""How wide the numbers of steps are where lanes stand beside them."""

_LEAST: Final = 24
"""No line is made narrower than this; labels need that much."""

_NARROW: Final = "    "
"""What lines hang by where the terminal has no room for a column of labels beside the text."""

_TIE: Final = "\N{NO-BREAK SPACE}"
"""Stands for blanks that no line is broken at: in labels, and around the arrow of a change."""


@dataclass(frozen=True)
class Report:
    """Writes results as lines no longer than `width`, or as long as they are where it is None."""

    width: int | None = None
    findings: bool = False
    """Whether findings that are as pinned are shown in full too."""
    page: str = "diagrams/FINDINGS.md"
    """Where findings are told in full."""

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
                yield self.line(word(judgement), self._verdict(judgement))
                if judgement.verdict == "finding" and judgement.advice and not self.findings:
                    yield self.line("", judgement.advice)
        for part in result.unused:
            if verbose or not part.passes:
                yield self.part(part)
        if result.symmetry:
            told = f"states that differ by the order of {result.symmetry} alone count once"
            yield self.line("symmetry", told)
        if result.asymmetry:
            yield self.line("symmetry", f"every state is explored: {result.asymmetry}")
        if result.stopped:
            yield from self._stopped(result)
        shown = [item for item in result.judgements if self._in_full(item)]
        for judgement in shown:
            yield Text()
            yield from self.failing(result.world, judgement)
        if shown or not result.passes:
            yield Text()

    def part(self, part: Unused) -> Text:
        """A part of a world that is of no use, or should be of none."""
        reason = f": {part.why}" if part.why else ""
        return self.line("as declared" if part.passes else "idle", f"{part}{reason} ({part.at})")

    def _verdict(self, judgement: Judgement) -> str:
        item = judgement.judged
        if judgement.verdict == "finding" and item.finding is not None:
            return f"{item.name} — pinned: {count(item.finding.length, 'step')}; see {self.page}"
        return item.name

    def _in_full(self, judgement: Judgement) -> bool:
        if judgement.verdict == "finding":
            return self.findings
        return not judgement.passes and judgement.verdict != "inconclusive"

    def _stopped(self, result: Result) -> Iterator[Text]:
        """How far a search came, and what makes the world so large."""
        counts = ", ".join(f"{count:,}" for count in result.levels)
        yield self.line(
            "incomplete", f"{result.stopped}; states first found at each depth: {counts}"
        )
        grown = [(path, count) for path, count in result.growth if count > 1]
        if grown:
            text = ", ".join(f"{path} ({count:,})" for path, count in grown)
            yield self.line("", f"variables with the most distinct values: {text}")
        if result.interrupted:
            return  # it was patience that ended, not room
        bounds = (bound_behind(result.world, path) for path, _ in grown)
        if lower := next((bound for bound in bounds if bound), None):
            yield self.line("", f"to make it smaller, lower {lower}")

    def failing(self, world: World, judgement: Judgement) -> Iterator[Text]:
        """What was promised, the way to where it is not kept, and what is then not the case."""
        item, told = judgement.judged, word(judgement)
        yield self._styled(f"{told}: {item.name}", told, STYLES[told], "  ")
        yield self.line("promised", f"{item.why} ({item.cites})")
        yield self.line("declared at", str(item.at))
        if judgement.remark:
            yield self.line("but", judgement.remark)
            if item.finding is not None:
                yield self.line("pinned", f"{_pinned(item.finding)}, at {item.finding.at}")
        if judgement.vacuous:
            yield self.line("but", vacuity(judgement))
        elif judgement.trace is not None:
            yield from self.trace(world, [item], judgement.trace)
            if text := broken(item, world, judgement.trace):
                yield self.line("but", text)
            if item.finding is not None:
                yield from self._finding(item.finding)
            yield self.line("replay", replay_command(world, judgement.trace))
        elif judgement.verdict == "unwitnessed":
            yield self.line("but", f"no reachable state has this: {words(item.condition)}")
        if judgement.advice:
            yield self.line("so", judgement.advice)

    def _finding(self, finding: Finding) -> Iterator[Text]:
        yield self.line("because", finding.explanation)
        yield self.line("repair", finding.repair)

    def replayed(self, world: World, trace: Trace) -> Iterator[Text]:
        """A trace by itself, and what it shows of the world's properties."""
        name = f"world {world.name}"
        yield self._styled(f"{name}: trace {trace.key}", name, "bold", "  ")
        broken_ones = [
            (item, text) for item in world.properties if (text := broken(item, world, trace))
        ]
        judged = [item for item, _ in broken_ones]
        # What breaks nothing was asked for to be looked at, whatever matters in it.
        writer = TraceWriter.of(world, judged) if judged else TraceWriter.whole(world)
        yield from self._told(writer, trace)
        for number, text in enumerate(writer.end(trace) if trace.steps else ()):
            yield self.line("" if number else "end", text)
        for item, text in broken_ones:
            yield self.line("violates", f"{item.name}: {text}")
        for item in world.properties:
            if item.kind == "sometimes" and evaluate(item.condition, trace.end):
                yield self.line("witnesses", item.name)

    def overflow(self, error: Overflow) -> Iterator[Text]:
        """A world that could not be judged, since a value leaves its bounds: the way there, and
        what to widen."""
        for fault in error.faults:
            yield Text(str(fault))
        yield from self.trace(error.world, error.world.properties, error.trace)
        for place in error.bounded:
            yield self.line("bound", bound(error.world, place))
        yield self.line("replay", replay_command(error.world, error.trace))

    def trace(self, world: World, judged: Iterable[Property], trace: Trace) -> Iterator[Text]:
        """A trace; where several parties act, each step is in the lane of its own."""
        yield from self._told(TraceWriter.of(world, judged), trace)

    def _told(self, writer: TraceWriter, trace: Trace) -> Iterator[Text]:
        lines = list(writer.lines(trace))
        parties = {line.party for line in lines if line.party}
        lane = max(map(len, parties)) if len(parties) > 1 else 0
        for line in lines:
            yield self.line(_label(line, lane), line.text, max(_LABEL, lane and _NUMBER + lane + 2))

    def line(self, label: str, text: str, width: int = _LABEL) -> Text:
        """A label, and a text that hangs beside it."""
        start = f"  {label:<{width}}"
        text = " ".join(part.strip() for part in text.splitlines())
        return self._styled(start + text, start, STYLES.get(label, "dim"), " " * len(start))

    def _styled(self, text: str, start: str, style: str, indent: str) -> Text:
        """A text with its start in a style, broken into lines that hang below the first."""
        if self.width is not None:
            tied = start.replace(" ", _TIE) + text[len(start) :].replace(" → ", f"{_TIE}→{_TIE}")
            width = max(self.width, _LEAST)
            if 2 * len(indent) > width:
                indent = _NARROW
            lines = textwrap.wrap(tied, width, subsequent_indent=indent, break_on_hyphens=False)
            text = "\n".join(lines).replace(_TIE, " ")
        return Text.assemble((start, style), text[len(start) :])


def _label(line: Line, lane: int) -> str:
    return f"{line.label:<{_NUMBER}}{line.party}" if lane and line.party else line.label


def _size(result: Result) -> str:
    return (
        f"{result.states:,} states, depth {len(result.levels) - 1}, "
        f"{result.transitions:,} transitions, {result.seconds:.1f} s"
    )


def _pinned(finding: Finding) -> str:
    through = f" {way(finding.through)}" if finding.through else ""
    return f"{count(finding.length, 'step')}{through}"


def vacuity(judgement: Judgement) -> str:
    """What was never the case, so that a promise holds without being put to the test."""
    if judgement.unmet == (ALWAYS,):
        return "there was never anything to judge"
    unmet = "; nor was this: ".join(words(node) for node in judgement.unmet)
    return f"this was never the case, so nothing was judged by it: {unmet}"


def word(judgement: Judgement) -> str:
    """The one word that is said of a property."""
    if judgement.remark:
        return "not as pinned"
    return "vacuous" if judgement.vacuous else judgement.verdict


def replay_command(world: World, trace: Trace) -> str:
    """What to type to see a trace again."""
    return shlex.join(["steptable", "replay", world.name, trace.key])


def bound(world: World, place: Bounded) -> str:
    """What holds a value that leaves its bounds, and where these are declared."""
    shared = f"; its values are in the bounds of the world, at {world.at}"
    return f"{place}{shared if takes_from_world(place.sort) else ''}"


def overflow(error: Overflow) -> str:
    """The way to a value that leaves its bounds, as plain text."""
    return "\n".join(str(line) for line in Report().overflow(error))


def to_edit(judgement: Judgement) -> Location:
    """Where to look first: of a finding that is not as pinned, at what is pinned."""
    finding = judgement.judged.finding
    return finding.at if judgement.remark and finding is not None else judgement.judged.at


def counterexample(world: World, judgement: Judgement) -> str:
    """Why a property does not pass, in full, as plain text."""
    return "\n".join(str(line) for line in Report().failing(world, judgement))


def count(number: int, what: str) -> str:
    """A number of things."""
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"
