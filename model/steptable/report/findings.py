"""The findings of a project's worlds as one page for a design review."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from steptable.check import Judgement, Result, Trace, properties_of
from steptable.interpreter.simulate import Step
from steptable.report.formats.text import vacuity, word
from steptable.report.names import picture_names
from steptable.report.traces.relevance import relevant_names
from steptable.report.traces.values import changes
from steptable.targets.markdown import code_span, escape_markdown
from steptable.world import World


def findings_markdown(results: Sequence[Result]) -> str:
    """Every property that is known to fail: its source, how it fails, and what would repair it.

    What is declared as a finding and was not seen to fail stands by itself: it does not fail, is
    put to no test any more, or is not decided.
    """
    declared = [
        (result, judgement)
        for result in results
        for judgement in result.judgements
        if judgement.judged.finding is not None
    ]
    pinned = [item for item in declared if item[1].trace is not None]
    unseen = [item for item in declared if item[1].trace is None]
    lines = [
        "# Findings",
        "",
        "Promises of the design that do not hold, found by exploring every reachable state of "
        "the worlds below. Each counterexample is a shortest one (of a run that never ends: path "
        "and loop together, if a shortest loop is not too much to search for), and each of its "
        "events has been repeated by the generated reducer. A finding is pinned: when it fails no "
        "longer, or otherwise than here, `steptable check` says so.",
        "",
        *_contents(pinned),
        *(line for result, judgement in pinned for line in _finding(result, judgement)),
        *_not_seen(unseen),
        *_varied(results),
    ]
    return "\n".join(lines) + "\n"


def _contents(pinned: Sequence[tuple[Result, Judgement]]) -> Iterator[str]:
    yield "| world | promise | source | steps |"
    yield "|---|---|---|---|"
    for result, judgement in pinned:
        item = judgement.judged
        assert judgement.trace is not None  # noqa: S101  # only such are listed
        cells = (result.world.name, item.name, item.cites, str(len(judgement.trace.steps)))
        yield f"| {' | '.join(escape_markdown(cell) for cell in cells)} |"
    yield ""


def _finding(result: Result, judgement: Judgement) -> Iterator[str]:
    item, finding = judgement.judged, judgement.judged.finding
    assert finding is not None  # noqa: S101  # only such are listed
    yield f"## {escape_markdown(item.name)}"
    yield ""
    yield f"**Promise** ({escape_markdown(item.cites)}): {escape_markdown(item.why)}"
    yield ""
    yield f"**What goes wrong**: {escape_markdown(finding.explanation)}"
    yield ""
    if judgement.remark:
        yield f"**Not as pinned**: {escape_markdown(judgement.remark)}."
        yield ""
    if judgement.trace is not None:
        yield f"**How**, in the world {code_span(result.world.name)}:"
        yield ""
        yield from _trace(result.world, judgement, judgement.trace)
        yield ""
        picture = picture_names(result.world.name, properties_of(result.world))[item.name]
        links = f"[as a sequence diagram]({picture}.svg), [on the machine]({picture}-path.svg)"
        again = shlex.join(["steptable", "replay", result.world.name, judgement.trace.key])
        yield f"{code_span(again)} · {links}"
        yield ""
    yield f"**What would repair it**: {escape_markdown(finding.repair)}"
    yield ""


def _not_seen(unseen: Sequence[tuple[Result, Judgement]]) -> Iterator[str]:
    if not unseen:
        return
    yield "## Declared as findings, but not seen to fail"
    yield ""
    yield "| world | promise | source | what it is now |"
    yield "|---|---|---|---|"
    for result, judgement in unseen:
        item = judgement.judged
        cells = (result.world.name, item.name, item.cites, _state(result, judgement))
        yield f"| {' | '.join(escape_markdown(cell) for cell in cells)} |"
    yield ""


def _state(result: Result, judgement: Judgement) -> str:
    if judgement.verdict == "inconclusive":
        return f"inconclusive: {result.stopped}"
    told = [vacuity(judgement)] if judgement.vacuous else []
    return "; ".join([f"{word(judgement)}: {judgement.remark}", *told, judgement.advice])


def _trace(world: World, judgement: Judgement, trace: Trace) -> Iterator[str]:
    forgotten = {name for instance in world.instances for name, _ in instance.forgets}
    relevant = relevant_names(world, [judgement.judged]) - forgotten
    for number, step in enumerate(trace.steps, start=1):
        if trace.loop == number - 1:
            yield f"   *From here, steps {number} to {len(trace.steps)} repeat for ever:*"
        yield f"{number}. {_sentence(step)}"
        changed = "; ".join(changes(world.state, step.before, step.after, relevant))
        told = [*_rows(step), *([changed] if changed else [])]
        if told:
            yield f"   <br>{escape_markdown(' · '.join(told))}"
    if trace.loop == len(trace.steps):
        yield ""
        yield "*And there it stays: nothing that is owed can happen any more.*"


def _sentence(step: Step) -> str:
    says = step.action.says or step.action.name
    for name, value in step.choices.items():
        says = says.replace(f"{{{name}}}", str(value))
    party = f"**{escape_markdown(step.action.party)}**: " if step.action.party else ""
    return f"{party}{escape_markdown(says)}."


def _rows(step: Step) -> Iterator[str]:
    for applied in step.applied:
        went = f"row {applied.row.name}" if applied.row is not None else "refused"
        yield f"{applied.event.name} → {applied.instance}: {went}"


def _varied(results: Sequence[Result]) -> Iterator[str]:
    yield "## What was varied"
    yield ""
    yield "| world | what it is | states | depth | what may happen in it |"
    yield "|---|---|---|---|---|"
    for result in results:
        world = result.world
        size = (f"{result.states:,}", str(len(result.levels) - 1))
        cells = (world.name, world.doc, *size, world.varies)
        yield f"| {' | '.join(escape_markdown(cell) for cell in cells)} |"
