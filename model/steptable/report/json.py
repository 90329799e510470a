"""A result for programs, as JSON. Keys are only ever added.

    {"passes": true, "worlds": [WORLD, ...]}

    WORLD     {"world": "...", "states": 1, "depth": 0, "events": 0, "seconds": 0.1,
               "stopped": "", "idle_rows": ["..."], "properties": [PROPERTY, ...]}
    PROPERTY  {"name": "...", "verdict": "holds", "vacuous": false, "why": "...", "cites": "...",
               "declared_at": "file:line", "trace": null | TRACE}
    TRACE     {"start": {FIELDS}, "steps": [STEP, ...]}
    STEP      {"event": "...", "fields": {FIELDS}, "policy": {FIELDS}, "row": null | "...",
               "refused": null | "stale" | "illegal" | "guard", "guard": null | "...",
               "changes": {FIELDS}, "effects": [{"name": "...", "fields": {FIELDS}}, ...]}

`stopped` is empty where every reachable state was explored, `verdict` one of "holds",
"violated", "witnessed", "unwitnessed" and "inconclusive". Fields are all there, those that
make no difference with a value that stands in; instants are seconds on the world's clock.
"""

from __future__ import annotations

from typing import Any

import msgspec

from steptable.check import Judgement, Result, Step, Trace
from steptable.evaluate import Accepted, Refused


def results_json(results: list[Result]) -> bytes:
    """All results of a run."""
    worlds = [_world(result) for result in results]
    whole = {"passes": all(result.passes for result in results), "worlds": worlds}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _world(result: Result) -> dict[str, Any]:
    return {
        "world": result.world.name,
        "states": result.states,
        "depth": len(result.levels) - 1,
        "events": result.events,
        "seconds": round(result.seconds, 3),
        "stopped": result.stopped,
        "idle_rows": [row.name for row in result.idle_rows],
        "properties": [_judgement(judgement) for judgement in result.judgements],
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    item = judgement.judged
    return {
        "name": item.name,
        "verdict": judgement.verdict,
        "vacuous": judgement.vacuous,
        "why": item.why,
        "cites": item.cites,
        "declared_at": str(item.at),
        "trace": None if judgement.trace is None else _trace(judgement.trace),
    }


def _trace(trace: Trace) -> dict[str, Any]:
    return {"start": dict(trace.start), "steps": [_step(step) for step in trace.steps]}


def _step(step: Step) -> dict[str, Any]:
    outcome = step.outcome
    effects = outcome.effects if isinstance(outcome, Accepted) else ()
    guard = outcome.guard if isinstance(outcome, Refused) else None
    return {
        "event": step.event.name,
        "fields": dict(step.event.fields),
        "policy": dict(step.policy),
        "row": step.row.name if step.row is not None else None,
        "refused": outcome.why if isinstance(outcome, Refused) else None,
        "guard": guard.name if guard is not None else None,
        "changes": step.changes(),
        "effects": effects,
    }
