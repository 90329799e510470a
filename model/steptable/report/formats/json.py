"""A run for programs, as JSON. Keys are only ever added.

    {"passes": true, "worlds": [WORLD, ...], "skipped": ["..."],
     "idle_rows": ["..."], "idle_effects": ["..."],
     "unneeded_guards": [{"row": "...", "guard": "...", "declared_at": "file:line"}, ...],
     "overflows": [OVERFLOW, ...],
     "reasons": [{"world": "...", "what": "...", "reason": "...", "declared_at": "..."}, ...]}

    WORLD     {"world": "...", "states": 1, "transitions": 0, "depth": 0, "levels": [1],
               "seconds": 0.1, "stopped": "", "growth": {"VARIABLE": 2, ...},
               "symmetry": "", "asymmetry": "",
               "rows_taken": {"ROW": 1, ...}, "idle_actions": ["..."],
               "unused": [{"what": "...", "verdict": "...", "why": "", "passes": false,
                           "declared_at": "file:line"}, ...],
               "unread": [{"variable": "...", "declared_at": "file:line"}, ...],
               "properties": [PROPERTY, ...]}
    PROPERTY  {"id": "...", "name": "...", "kind": "always", "scope": "state",
               "verdict": "holds", "passes": true, "vacuous": false, "unmet": ["..."],
               "remark": "", "advice": "",
               "why": "...", "cites": "...", "declared_at": "file:line",
               "finding": null | {"length": 1, "through": ["..."], "explanation": "...",
                                  "repair": "...", "declared_at": "file:line"},
               "trace": null | TRACE}
    TRACE     {"key": "0/1", "loop": null | 0, "broken": null | "...",
               "start": {STATE}, "steps": [STEP, ...]}
    STEP      {"action": "...", "party": "...", "says": "...", "choices": {FIELDS},
               "events": [EVENT, ...], "after": {STATE}}
    OVERFLOW  {"world": "...", "declared_at": "file:line", "problem": "...", "advice": "...",
               "bounds": [{"name": "...", "declared_at": "file:line"}, ...], "trace": TRACE}
    EVENT     {"instance": "...", "event": "...", "fields": {FIELDS}, "policy": {FIELDS},
               "row": null | "...", "refused": null | "stale" | "illegal" | "guard",
               "guard": null | "...", "effects": [{"name": "...", "fields": {FIELDS}}, ...]}

`kind` is one of "always", "never", "sometimes", "eventually" and "leads_to", `scope` one of
"state", "step", "event" and "run", `verdict` one of "holds", "violated", "witnessed",
"unwitnessed", "inconclusive" and "finding". `stopped` is empty where every reachable state was
explored. `unused` has the parts of a world that are of no use: actions, deliveries, reactions and
starts; `passes` is whether the world has declared them so, with the reason `why`. `unread` has the
variables of the world on which nothing depends, and which are not explored. `unmet` has the
premises that were never met, `advice` what to do about a `remark`. `symmetry` names the members and
symbols up to whose order states are counted, `asymmetry` says why they are not though the world
asks for it. `loop` is the number of steps before those that repeat forever; where it is the number
of all steps, nothing more happens. A STATE has the record of each instance and the value of each
variable, by name. All fields are there, those that make no difference with a value that stands in;
instants are seconds on the world's clock, payloads have `name` and `fields`. An OVERFLOW is why a
world that was `skipped` was not judged: with the last step, a value leaves its bounds. `reasons`
says why parts of worlds, witnesses and rows never come about; of rows the `world` is "".
"""

from __future__ import annotations

from typing import Any

import msgspec

from steptable.check import Judgement, Overflow, Result, Trace
from steptable.explore.usage import Unused
from steptable.interpreter.evaluate import Refused
from steptable.interpreter.simulate import Applied, Step
from steptable.machine import Row
from steptable.properties import Finding, Property
from steptable.report.outcome import Run, with_ids
from steptable.report.traces.lines import sentence
from steptable.report.traces.verdict import broken
from steptable.targets.words import words
from steptable.world import World


def run_json(run: Run) -> bytes:
    """All that a run found out."""
    whole = {
        "passes": run.passes,
        "worlds": [_world(result) for result in run.results],
        "skipped": run.skipped,
        "idle_rows": [row.name for row in run.idle_rows],
        "idle_effects": [effect.name for effect in run.idle_effects],
        "unneeded_guards": [
            {"row": row.name, "guard": guard.name, "declared_at": str(guard.at)}
            for row, guard in run.unneeded_guards
        ],
        "overflows": [_overflow(item) for item in run.overflows],
        "reasons": [
            {"world": world, "what": _asked(item), "reason": why.text, "declared_at": str(why.at)}
            for (world, item), why in run.reasons.items()
        ],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _asked(item: Unused | Row | Property) -> str:
    return item.what if isinstance(item, Unused) else item.name


def _overflow(error: Overflow) -> dict[str, Any]:
    (fault,) = error.faults
    return {
        "world": error.world.name,
        "declared_at": str(fault.location),
        "problem": fault.problem,
        "advice": fault.advice,
        "bounds": [{"name": item.name, "declared_at": str(item.at)} for item in error.bounded],
        "trace": trace_json(error.trace, fault.problem),
    }


def _world(result: Result) -> dict[str, Any]:
    return {
        "world": result.world.name,
        "states": result.states,
        "transitions": result.transitions,
        "depth": len(result.levels) - 1,
        "levels": result.levels,
        "seconds": round(result.seconds, 3),
        "stopped": result.stopped,
        "growth": {str(path): count for path, count in result.growth},
        "symmetry": result.symmetry,
        "asymmetry": result.asymmetry,
        "rows_taken": result.rows_taken,
        "idle_actions": result.idle_actions,
        "unused": [
            {
                "what": part.what,
                "verdict": part.verdict,
                "why": part.why,
                "passes": part.passes,
                "declared_at": str(part.at),
            }
            for part in result.unused
        ],
        "unread": [{"variable": item.name, "declared_at": str(item.at)} for item in result.unread],
        "properties": [_judgement(result.world, name, item) for name, item in with_ids(result)],
    }


def _judgement(world: World, name: str, judgement: Judgement) -> dict[str, Any]:
    item, trace = judgement.judged, judgement.trace
    return {
        "id": name,
        "name": item.name,
        "kind": item.kind,
        "scope": item.scope,
        "verdict": judgement.verdict,
        "passes": judgement.passes,
        "vacuous": judgement.vacuous,
        "unmet": [words(node) for node in judgement.unmet],
        "remark": judgement.remark,
        "advice": judgement.advice,
        "why": item.why,
        "cites": item.cites,
        "declared_at": str(item.at),
        "finding": item.finding and _finding(item.finding),
        "trace": None if trace is None else trace_json(trace, broken(item, world, trace)),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "length": finding.length,
        "through": finding.through,
        "explanation": finding.explanation,
        "repair": finding.repair,
        "declared_at": str(finding.at),
    }


def trace_json(trace: Trace, why: str | None) -> dict[str, Any]:
    """A TRACE; `why` says what of a property it breaks."""
    return {
        "key": trace.key,
        "loop": trace.loop,
        "broken": why,
        "start": trace.start,
        "steps": [_step(step) for step in trace.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action.name,
        "party": step.action.party,
        "says": sentence(step),
        "choices": step.choices,
        "events": [_event(applied) for applied in step.applied],
        "after": step.after,
    }


def _event(applied: Applied) -> dict[str, Any]:
    refused = applied.outcome if isinstance(applied.outcome, Refused) else None
    guard = None if refused is None else refused.guard
    return {
        "instance": applied.instance,
        "event": applied.event.name,
        "fields": applied.event.fields,
        "policy": applied.policy,
        "row": None if applied.row is None else applied.row.name,
        "refused": None if refused is None else refused.why,
        "guard": None if guard is None else guard.name,
        "effects": applied.effects,
    }
