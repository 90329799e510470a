"""A run as JUnit XML, which most continuous integration reads: a test case for each property.

What is inconclusive is an error there: nothing was shown to fail, and nothing to hold.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from steptable.check import Judgement, Result
from steptable.errors import Location
from steptable.report.formats.text import counterexample, overflow, to_edit, word
from steptable.report.outcome import UNREAD, Run
from steptable.report.places import Places

# What XML 1.0 can't say at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def run_junit(run: Run, places: Places) -> str:
    """The document."""
    root = Element("testsuites", name="steptable")
    for result in run.results:
        suite = _suite(root, result.world.name)
        suite.set("time", f"{result.seconds:.3f}")
        for judgement in result.judgements:
            item = judgement.judged
            case = _case(
                suite, f"{result.world.name}.{item.kind}", item.name, to_edit(judgement), places
            )
            _judged(case, result, judgement)
        for part in result.unused:
            case = _case(suite, f"{result.world.name}.parts", part.what, part.at, places)
            if part.passes:
                SubElement(case, "system-out").text = _text(f"{part}: {part.why}")
            else:
                why = run.reason(result.world.name, part)
                _wrong(case, "failure", "idle", f"{part}{why}")
    left = {error.world.name: error for error in run.overflows}
    for error in left.values():
        (fault,) = error.faults
        suite = _suite(root, error.world.name)
        case = _case(suite, error.world.name, fault.where, fault.location, places)
        _wrong(case, "error", "overrun", fault.problem, overflow(error))
    for name in run.skipped:
        if name in left:
            continue
        case = SubElement(_suite(root, name), "testcase", classname=_text(name), name=_text(name))
        _wrong(case, "error", "skipped", "the world was not explored")
    if run.idle_rows or run.idle_effects or run.unneeded_guards or run.unread:
        suite = _suite(root, "all worlds")
        for row in run.idle_rows:
            case = _case(suite, "rows", row.name, row.at, places)
            _wrong(case, "failure", "never-taken", f"no world takes this row{run.reason('', row)}")
        for effect in run.idle_effects:
            case = _case(suite, "effects", effect.name, effect.at, places)
            _wrong(case, "failure", "never-emitted", "no world emits this effect")
        for row, guard in run.unneeded_guards:
            case = _case(suite, f"guards.{row.name}", guard.name, guard.at, places)
            SubElement(case, "system-out").text = "no property falls without this guard"
        for variable in run.unread:
            case = _case(suite, "variables", variable.name, variable.at, places)
            SubElement(case, "system-out").text = UNREAD
    for element in (root, *root):
        element.set("tests", str(len(element.findall(".//testcase"))))
        element.set("failures", str(len(element.findall(".//failure"))))
        element.set("errors", str(len(element.findall(".//error"))))
    indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, encoding='unicode')}"


def _suite(root: Element, name: str) -> Element:
    return SubElement(root, "testsuite", name=_text(name))


def _case(suite: Element, group: str, name: str, at: Location, places: Places) -> Element:
    case = SubElement(suite, "testcase", classname=_text(group), name=_text(name))
    if at:
        case.set("file", _text(places.path(at)))
        case.set("line", str(at.line))
    return case


def _judged(case: Element, result: Result, judgement: Judgement) -> None:
    told = word(judgement)
    if judgement.verdict == "inconclusive":
        _wrong(case, "error", told, f"inconclusive: {result.stopped}")
    elif not judgement.passes:
        text = counterexample(result.world, judgement)
        _wrong(case, "failure", told.replace(" ", "-"), f"{told}: {judgement.judged.name}", text)
    elif judgement.verdict == "finding":
        SubElement(case, "system-out").text = _text(counterexample(result.world, judgement))


def _wrong(case: Element, tag: str, kind: str, message: str, text: str = "") -> None:
    SubElement(case, tag, type=kind, message=_text(message)).text = _text(text) or None


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
