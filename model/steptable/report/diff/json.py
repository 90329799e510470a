"""A difference for programs, as JSON. Keys are only ever added.

    {"old": "...", "new": "...", "machine": "...", "breaks": false, "verdict": "...",
     "breaches": [{"rule": "...", "severity": "error", "audience": "wire", "where": "...",
                   "what": "...", "why": "..."}, ...],
     "behaviour": [CHANGE, ...], "reachable": ["..."], "unreachable": ["..."],
     "never_taken": ["..."], "renamed": [{"what": "row", "where": "...", "old": "...",
     "new": "..."}, ...], "reordered": ["..."],
     "vocabulary": [{"sign": "+", "what": "..."}, ...], "judged": true, "worlds": [WORLD, ...]}

    CHANGE    {"state": "...", "fact": "...", "kind": "changed", "old_rows": ["..."],
               "new_rows": ["..."], "lines": [{"sign": "-", "text": "..."}, ...],
               "differs": [{"way": "refused", "what": "", "event": "...", "inputs":
               {"record": {FIELDS}, ...}, "old": "...", "new": "..."}, ...], "tried": ["..."]}
    WORLD     {"world": "...", "old_states": null | 1, "new_states": null | 1,
               "old_symmetry": null | "", "new_symmetry": null | "",
               "promises": [{"name": "...", "old": null | "holds", "new": null | "violated",
               "flips": true, "restated": false, "old_trace": null | TRACE,
               "new_trace": null | TRACE}, ...]}

`kind` is one of "added", "removed", "changed", "undecided" and "same", `way` one of "refused",
"accepted", "target", "update" and "effects", `sign` one of "+", "-" and "~". A TRACE is that
of `steptable check --format json`; it is there where the verdict is not what it was. Where a
symmetry is not empty, states are counted up to the order of what it names.
"""

from __future__ import annotations

from typing import Any

import msgspec

from steptable.check import Judgement, Result
from steptable.compare.behaviour import Change
from steptable.compare.difference import Difference
from steptable.compare.properties import Judged, PropertyChange
from steptable.compare.witness import Witness
from steptable.report.diff.rows import changed_lines
from steptable.report.diff.sections import verdict
from steptable.report.formats.json import trace_json
from steptable.report.traces.verdict import broken


def difference_json(difference: Difference) -> bytes:
    """All that is not the same."""
    whole = {
        "old": difference.old.name,
        "new": difference.new.name,
        "machine": "" if difference.new.declared.machine is None else difference.new.machine.name,
        "breaks": difference.breaks,
        "verdict": verdict(difference),
        "breaches": [
            {
                "rule": item.rule.name,
                "severity": item.rule.severity,
                "audience": item.rule.audience,
                "where": item.where,
                "what": item.what,
                "why": item.rule.why,
            }
            for item in difference.breaches
        ],
        "behaviour": [_change(change, difference) for change in difference.behaviour.changes],
        "reachable": difference.behaviour.reachable,
        "unreachable": difference.behaviour.unreachable,
        "never_taken": difference.idle,
        "renamed": difference.renamed,
        "reordered": difference.behaviour.reordered,
        "vocabulary": difference.words,
        "judged": difference.judged,
        "worlds": [_world(world) for world in difference.worlds],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _change(change: Change, difference: Difference) -> dict[str, Any]:
    return {
        "state": change.state,
        "fact": change.fact,
        "kind": change.kind,
        "old_rows": [row.name for row in change.old],
        "new_rows": [row.name for row in change.new],
        "lines": [
            {"sign": line.sign, "text": line.text}
            for line in changed_lines(change, difference.old.machine, difference.new.machine)
        ],
        "differs": [
            {
                "way": aspect.kind,
                "what": aspect.what,
                "event": witness.event,
                "inputs": _inputs(witness),
                "old": witness.old,
                "new": witness.new,
            }
            for aspect, witness in change.witnesses
        ],
        "tried": change.tried,
    }


def _inputs(witness: Witness) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    for (root, name), value in witness.inputs.varied:
        told.setdefault(root, {})[name] = value
    return told


def _world(world: Judged) -> dict[str, Any]:
    return {
        "world": world.name,
        "old_states": None if world.old is None else world.old.states,
        "new_states": None if world.new is None else world.new.states,
        "old_symmetry": None if world.old is None else world.old.symmetry,
        "new_symmetry": None if world.new is None else world.new.symmetry,
        "promises": [_property(world, item) for item in world.properties],
    }


def _property(world: Judged, item: PropertyChange) -> dict[str, Any]:
    return {
        "name": item.name,
        "old": None if item.old is None else item.old.verdict,
        "new": None if item.new is None else item.new.verdict,
        "flips": item.flips,
        "restated": item.restated,
        "old_trace": _trace(item, item.old, world.old),
        "new_trace": _trace(item, item.new, world.new),
    }


def _trace(item: PropertyChange, judgement: Judgement | None, result: Result | None) -> Any:
    if not item.flips or judgement is None or judgement.trace is None or result is None:
        return None
    why = broken(judgement.judged, result.world, judgement.trace)
    return trace_json(judgement.trace, why)
