"""Everything that the page shows, as plain data: machines, worlds, verdicts, traces, walks.

    PAGE      {"name": "...", "machines": [MACHINE, ...], "worlds": [WORLD, ...]}
    MACHINE   {"name": "...", "doc": "...", "states": [STATE, ...],
               "state_field": "...", "numbering": "...", "rows": [ROW, ...],
               "refusals": [{"state": 0, "facts": ["..."], "why": "..."}]}
    STATE     {"name": "...", "doc": "...", "what": "..."}
    ROW       {"name": "...", "source": 0, "target": 1, "fact": "...",
               "events": [["SIDE", "EVENT"]], "guards": ["..."], "sets": ["..."],
               "effects": [["SIDE", ["..."]]], "why": "...", "cites": "..."}
    WORLD     {"name": "...", "doc": "...", "varies": "...", "states": 1, "transitions": 0,
               "depth": 0, "stopped": "...", "idle": ["..."], "parties": ["..."],
               "instances": [{"name": "...", "machine": 0}], "taken": {"ROW": 1},
               "properties": [PROPERTY, ...], "walk": WALK | null}
    PROPERTY  {"id": "...", "name": "...", "kind": "...", "word": "...", "passes": true,
               "promise": "...", "why": "...", "cites": "...", "remark": "...",
               "finding": {"explanation": "...", "repair": "..."} | null, "trace": TRACE | null}

States are numbers in their machine, machines in the page. WALK is described in `walks`, TRACE in
`traces`. Nothing here depends on when, where or how fast a check was run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from steptable.check import Judgement, Result
from steptable.explore.system.builder import build
from steptable.machine import Emission, Machine, Row
from steptable.properties import Property
from steptable.report.formats.text import vacuity, word
from steptable.report.outcome import with_ids
from steptable.report.page.traces import trace_data
from steptable.report.page.walks import walk
from steptable.targets.diagrams.dot import Course, looks
from steptable.targets.words import guard_words, words
from steptable.world import World

Data: TypeAlias = dict[str, Any]

_COURSES: Final[dict[Course, str]] = {
    "start": "the start",
    "open": "in flight, several ends ahead",
    "decided": "in flight, one end ahead",
    "end": "an end",
}


def contents(
    machine: Machine | None,
    results: Sequence[Result],
    name: str = "",
    walks: Mapping[str, Data | None] | None = None,
) -> Data:
    """All of it: the machine, and what was found out about each world.

    `walks` has what it takes to walk in some worlds, by name, where that is known already.
    """
    known = walks or {}
    machines = machines_of(machine, results)
    return {
        "name": name if machine is None else machine.name,
        "machines": [_machine(item) for item in machines],
        "worlds": [
            _world(result, machines)
            | {"walk": known[at] if (at := result.world.name) in known else walk_of(result.world)}
            for result in results
        ],
    }


def machines_of(machine: Machine | None, results: Iterable[Result]) -> list[Machine]:
    """The machine, if there is one, and the other ones that are in some world, each once."""
    found = [] if machine is None else [machine]
    for result in results:
        for item in result.world.instances:
            if item.machine not in found:
                found.append(item.machine)
    return found


# ── Machines ─────────────────────────────────────────────────────────────────────────


def _machine(machine: Machine) -> Data:
    look = looks(machine)
    number = {state.name: place for place, state in enumerate(machine.states)}
    number_field = machine.numbering.event_field
    return {
        "name": machine.name,
        "doc": machine.doc,
        "states": [
            {"name": item.name, "doc": item.doc, "what": _COURSES[look[item.name].course]}
            for item in machine.states
        ],
        "state_field": machine.state_field.name,
        "numbering": f"An event whose {number_field} is not above the record's "
        f"{machine.numbering.record_field} is refused, too; every row sets that field to it.",
        "rows": [_row(machine, row, number) for row in machine.rows_apart],
        "refusals": [
            {
                "state": number[item.state.name],
                "facts": [fact.name for fact in item.facts],
                "why": item.why,
            }
            for item in machine.refusals
        ],
    }


def _row(machine: Machine, row: Row, number: dict[str, int]) -> Data:
    source, target = row.ends
    return {
        "name": row.name,
        "source": number[source.name],
        "target": number[target.name],
        "fact": row.fact.name,
        "events": [[side.name, event] for side, event in row.fact.halves],
        "guards": [guard_words(guard) for guard in row.guards],
        "sets": [f"{name} = {words(node)}" for name, node in row.sets],
        "effects": [
            [side.name, [_effect(item) for item in row.emissions(side)]] for side in machine.sides
        ],
        "why": row.why,
        "cites": row.cites,
    }


def _effect(emission: Emission) -> str:
    where = "" if emission.condition is None else f" if {words(emission.condition)}"
    return f"{emission.effect.name}{where}"


# ── Worlds ───────────────────────────────────────────────────────────────────────────


def _world(result: Result, machines: Sequence[Machine]) -> Data:
    world = result.world
    return {
        "name": world.name,
        "doc": world.doc,
        "varies": world.varies,
        "states": result.states,
        "transitions": result.transitions,
        "depth": len(result.levels) - 1,
        "stopped": result.stopped,
        "idle": [str(part) for part in result.dead],
        "parties": list(dict.fromkeys(item.party for item in world.actions)),
        "instances": [
            {"name": item.name, "machine": machines.index(item.machine)} for item in world.instances
        ],
        "taken": dict(sorted(result.rows_taken.items())),
        "properties": [_property(world, name, item) for name, item in with_ids(result)],
    }


def walk_of(world: World) -> Data | None:
    """What it takes to walk in a world."""
    return walk(build(world))


def _property(world: World, name: str, judgement: Judgement) -> Data:
    item, trace = judgement.judged, judgement.trace
    finding = item.finding
    return {
        "id": name,
        "name": item.name,
        "kind": item.kind,
        "word": word(judgement),
        "passes": judgement.passes,
        "promise": _sentence(item),
        "why": item.why,
        "cites": item.cites,
        "remark": "; ".join(_remarks(judgement)),
        "finding": finding and {"explanation": finding.explanation, "repair": finding.repair},
        "trace": None if trace is None else trace_data(world, judgement, trace),
    }


def _remarks(judgement: Judgement) -> Iterator[str]:
    """What is to be said beside the verdict."""
    if judgement.remark:
        yield judgement.remark
    if judgement.vacuous:
        yield vacuity(judgement)
    if not judgement.passes and judgement.advice:
        yield judgement.advice


def _sentence(item: Property) -> str:
    """What a property says, in the words of the declaration."""
    condition = words(item.condition)
    match item.kind:
        case "leads_to":
            premise = "every start" if item.premise is None else words(item.premise)
            return f"{premise} leads to: {condition}"
        case kind:
            about = {"step": " on every step", "event": " of every event"}.get(item.scope, "")
            return f"{kind}{about}: {condition}"
