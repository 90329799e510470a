"""A run as SARIF 2.1.0, for code scanning: each counterexample is a flow through declarations.

A broken property is an error at its property, a finding a note; what is inconclusive is a result
of the kind "open", which is neither a pass nor a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from steptable.check import Judgement, Result, Trace
from steptable.errors import Location
from steptable.interpreter.simulate import Step
from steptable.properties import Property
from steptable.report.formats.text import counterexample, overflow, to_edit, word
from steptable.report.outcome import Run, with_ids
from steptable.report.places import Places
from steptable.report.traces.lines import STANDSTILL, TraceWriter, loop_text
from steptable.report.traces.verdict import broken
from steptable.support.distribution import address, version
from steptable.world import World

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_ROOT: Final = "%SRCROOT%"
_LINK: Final = re.compile(r"\[([^\[\]]*)\]\(")
_IDLE: Final = {
    "never-taken": (
        "Every row is taken in some world.",
        "A row that no world takes is checked by nothing, however many properties hold.",
        "Widen a world so that it takes the row, or remove the row.",
    ),
    "never-emitted": (
        "Every effect is emitted in some world.",
        "An effect that no world emits is checked by nothing, however many properties hold.",
        "Widen a world so that a row with the effect is taken, or remove the effect.",
    ),
    "overrun": (
        "Every value stays within the bounds of its world.",
        "A world whose values leave their bounds is not judged at all.",
        "Widen the bound, or guard the action; `steptable replay` shows the way there.",
    ),
    "unneeded": (
        "Every guard and every variable is needed by some property.",
        "One without which no property falls is superfluous, or its promise is not written.",
        "Write down the promise that needs it, or remove it.",
    ),
    "idle": (
        "Every part of a world is of use, or declared to be of none.",
        "An action that never happens, or a value never chosen, restricts what was checked.",
        "Correct what keeps it from happening, remove it, or declare it idle with a reason.",
    ),
}


def run_sarif(run: Run, places: Places) -> bytes:
    """The document."""
    rules = [_rule(name, item) for result in run.results for name, item in with_ids(result)]
    rules += [_described(name, name, *texts) for name, texts in _IDLE.items()]
    found = [entry for result in run.results for entry in _results(result, places)]
    for row in run.idle_rows:
        text = f"no world takes the row '{row.name}'{run.reason('', row)}"
        found.append(_result("never-taken", "error", text, row.at, places))
    for effect in run.idle_effects:
        text = f"no world emits the effect {effect.name}"
        found.append(_result("never-emitted", "error", text, effect.at, places))
    for result in run.results:
        for part in result.dead:
            text = f"world '{result.world.name}': {part}{run.reason(result.world.name, part)}"
            found.append(_result("idle", "error", text, part.at, places))
    for error in run.overflows:
        (fault,) = error.faults
        entry = _result("overrun", "error", overflow(error), fault.location, places)
        flow = _passed(error.world, error.world.properties, fault.location, error.trace, places)
        flow.append(_location(fault.location, fault.problem, places))
        found.append(entry | {"codeFlows": [_threads(flow)]})
    for text, at in run.questions:
        found.append(_result("unneeded", "note", text, at, places))
    ordinals = {rule["id"]: number for number, rule in enumerate(rules)}
    for entry in found:
        entry["ruleIndex"] = ordinals[entry["ruleId"]]
    cut = [result.stopped for result in run.results if result.stopped]
    cut += [f"world '{name}' was not explored" for name in run.skipped]
    notes = [{"level": "warning", "message": _message(text)} for text in cut]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notes}
    driver = {
        "name": "steptable",
        "version": version(),
        "informationUri": address(),
        "rules": rules,
    }
    only = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        # Where that is, whoever reads the document knows.
        "originalUriBaseIds": {_ROOT: {"description": _message("The root of the checkout.")}},
        "results": found,
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [only]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _rule(name: str, judgement: Judgement) -> dict[str, Any]:
    item = judgement.judged
    why = f"{item.why} ({item.cites})"
    if item.finding is None:
        advice = "Follow the steps of the counterexample; `steptable replay` shows them again."
    else:
        advice = f"Known to fail: {item.finding.explanation} Repair: {item.finding.repair}"
    return _described(name, item.name, item.name, why, f"{why}\n\n{advice}")


def _described(name: str, title: str, short: str, full: str, advice: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": title,
        "shortDescription": _message(short),
        "fullDescription": _message(full),
        "help": _message(advice),
    }


def _message(text: str) -> dict[str, str]:
    """A text as it is to be read.

    A brace begins a placeholder unless it is doubled (§3.11.5). A bracket may begin a link, as in
    [a word](1), unless it has a backslash before it (§3.11.6); others are left as they are, since
    not every viewer takes the backslash away.
    """
    braced = text.replace("{", "{{").replace("}", "}}")
    return {"text": _LINK.sub(r"\\[\1\\](", braced)}


def _results(result: Result, places: Places) -> list[dict[str, Any]]:
    found = []
    for name, judgement in with_ids(result):
        item = judgement.judged
        if judgement.verdict == "inconclusive":
            text = f"inconclusive: {item.name}: {result.stopped}"
            found.append(_result(name, "none", text, item.at, places) | {"kind": "open"})
        elif not judgement.passes or judgement.verdict == "finding":
            level = "error" if not judgement.passes else "note"
            text = counterexample(result.world, judgement)
            entry = _result(name, level, text, to_edit(judgement), places)
            if judgement.trace is not None:
                entry["codeFlows"] = [_flow(result, judgement, judgement.trace, places)]
            found.append(entry | {"properties": {"verdict": word(judgement)}})
    return found


def _result(rule: str, level: str, text: str, at: Location, places: Places) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": _message(text),
        "locations": [_location(at, None, places)],
        "partialFingerprints": {"property/v1": rule},
    }


def _flow(result: Result, judgement: Judgement, trace: Trace, places: Places) -> dict[str, Any]:
    """The steps in order, each at the row that it takes, and the property that it breaks."""
    item, world = judgement.judged, result.world
    passed = _passed(world, [item], item.at, trace, places)
    if why := broken(item, world, trace):
        passed.append(_location(item.at, why, places))
    return _threads(passed)


def _passed(
    world: World, judged: Iterable[Property], at: Location, trace: Trace, places: Places
) -> list[dict[str, Any]]:
    """Where a trace goes through; it starts, and stands still, at what it is shown for."""
    writer = TraceWriter.of(world, judged)
    passed = [_location(at, "start: " + "; ".join(writer.start(trace)), places)]
    for number, step in enumerate(trace.steps):
        text = "\n".join(writer.step(step))
        lane = f"{step.action.party}: " if step.action.party else ""
        if number == trace.loop:
            text = f"{loop_text(trace)}\n{text}"
        passed.append(_location(_place(step), f"{lane}{text}", places))
    if trace.loop == len(trace.steps):
        passed.append(_location(at, STANDSTILL, places))
    return passed


def _threads(passed: list[dict[str, Any]]) -> dict[str, Any]:
    locations = [
        {"location": location, "executionOrder": number}
        for number, location in enumerate(passed, start=1)
    ]
    return {"threadFlows": [{"locations": locations}]}


def _place(step: Step) -> Location:
    """Where to look for what a step does: at the last row that it takes, else at its action."""
    rows = [applied.row for applied in step.applied if applied.row is not None]
    return rows[-1].at if rows else step.action.at


def _location(at: Location, text: str | None, places: Places) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if at:
        artifact: dict[str, Any] = {"uri": places.uri(at)}
        if not artifact["uri"].startswith("file:"):
            artifact["uriBaseId"] = _ROOT
        region = {"startLine": at.line}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": region}
    if text is not None:
        location["message"] = _message(text)
    return location
