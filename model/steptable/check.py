"""Judges the properties of a world: explores it, and turns what was found into verdicts.

A violation counts only if it can be replayed: its trace is walked again with the
interpreter, on whole records, and each step is repeated by the generated reducer. If one
of them disagrees, that is a fault of this tool and is reported as such.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from steptable import evaluate
from steptable.evaluate import Accepted, Outcome, Tagged, Values
from steptable.explore.python_engine import Packed, Progress, Search, search
from steptable.explore.shapes import assemble, value_of
from steptable.explore.system import Case, System, build
from steptable.machine import Event, Machine, Row
from steptable.properties import Property
from steptable.targets.structs import Structs
from steptable.world import World

Verdict: TypeAlias = Literal["holds", "violated", "witnessed", "unwitnessed", "inconclusive"]


class Disagreement(Exception):
    """Explorer, interpreter and generated reducer do not say the same: a bug of ours."""


@dataclass(frozen=True)
class Step:
    """One event applied on the way of a trace."""

    event: Tagged
    policy: Values
    before: Values
    outcome: Outcome

    @property
    def after(self) -> Values:
        return self.outcome.record if isinstance(self.outcome, Accepted) else self.before

    @property
    def row(self) -> Row | None:
        return self.outcome.row if isinstance(self.outcome, Accepted) else None

    def changes(self) -> dict[str, Any]:
        """The record fields that the step changed, with their new values."""
        return {name: value for name, value in self.after.items() if value != self.before[name]}


@dataclass(frozen=True)
class Trace:
    """A shortest way from an initial record to what it shows."""

    start: Values
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Judgement:
    """What was found out about one property."""

    judged: Property
    verdict: Verdict
    trace: Trace | None = None
    vacuous: bool = False
    """It holds only because its premise is never met."""

    @property
    def passes(self) -> bool:
        return self.verdict in ("holds", "witnessed") and not self.vacuous


@dataclass(frozen=True)
class Result:
    """What one run found out about a world."""

    world: World
    judgements: tuple[Judgement, ...]
    states: int
    events: int
    """Events accepted on the way, every payload counted."""
    levels: tuple[int, ...]
    """How many states were first found at each depth."""
    idle_rows: tuple[Row, ...]
    """Rows that no step took."""
    stopped: str
    seconds: float

    @property
    def passes(self) -> bool:
        judged = all(judgement.passes for judgement in self.judgements)
        return judged and not self.idle_rows and not self.stopped


def check(
    world: World,
    structs: Structs | None = None,
    *,
    max_states: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Explore a world and judge each of its properties.

    With `structs`, traces are replayed through the generated reducer. Raises `Disagreement`
    where a replay does not show what the exploration found.
    """
    began = time.perf_counter()
    system = build(world)
    found = search(system, max_states=max_states, progress=progress)
    replay = _Replay(system, found, structs)
    judgements = tuple(
        _judge(index, item, found, replay) for index, item in enumerate(world.properties)
    )
    taken = {
        case.row.name
        for case, hits in zip(found.cases, found.hits, strict=True)
        if hits and case.row is not None
    }
    idle = tuple(row for row in world.machine.rows if row.name not in taken)
    return Result(
        world,
        judgements,
        states=len(found.parents),
        events=sum(
            hits * case.weight
            for case, hits in zip(found.cases, found.hits, strict=True)
            if case.row is not None
        ),
        levels=tuple(found.levels),
        # Of a search that was cut short, nothing can be said of what it has not seen.
        idle_rows=() if found.stopped else idle,
        stopped=found.stopped,
        seconds=time.perf_counter() - began,
    )


def _judge(index: int, item: Property, found: Search, replay: _Replay) -> Judgement:
    if item.kind == "sometimes":
        if index in found.states:
            return Judgement(item, "witnessed", replay.to_state(index, item))
        return Judgement(item, "inconclusive" if found.stopped else "unwitnessed")
    if index in found.states:
        return Judgement(item, "violated", replay.to_state(index, item))
    if index in found.steps:
        return Judgement(item, "violated", replay.to_step(index, item))
    if found.stopped:
        return Judgement(item, "inconclusive")
    return Judgement(item, "holds", vacuous=index not in found.met)


@dataclass
class _Replay:
    """Walks what the explorer found with the interpreter, on whole records."""

    system: System
    found: Search
    structs: Structs | None

    def to_state(self, index: int, item: Property) -> Trace:
        trace = self._walk(self.found.path(self.found.states[index]))
        record = trace.steps[-1].after if trace.steps else trace.start
        shown = evaluate.evaluate(item.condition, {self.system.world.instance: record})
        self._demand(shown == (item.kind != "always"), f"property '{item.name}'")
        return trace

    def to_step(self, index: int, item: Property) -> Trace:
        state, number, choices = self.found.steps[index]
        trace = self._walk(self.found.path(state))
        record = trace.steps[-1].after if trace.steps else trace.start
        last = self._step(record, self.found.cases[number], choices)
        shown = evaluate.evaluate(item.condition, step_env(self.system.world.machine, last))
        self._demand(not shown, f"property '{item.name}'")
        return Trace(trace.start, (*trace.steps, last))

    def _walk(self, path: list[Packed]) -> Trace:
        layout = self.found.layout
        start = next(
            record for record, values in self.system.initial if layout.pack(values) == path[0]
        )
        record, steps = start, []
        for here, there in pairwise(path):
            case, choices = next(
                (case, choices)
                for after, case, choices in self.found.explain(here)
                if after == there
            )
            step = self._step(record, case, choices)
            record = step.after
            steps.append(step)
            reached = layout.pack(self.system.project(record))
            self._demand(reached == there, f"event {step.event.name}")
        return Trace(start, tuple(steps))

    def _step(self, record: Values, case: Case, choices: tuple[Any, ...]) -> Step:
        event, policy = occurrence(self.system, case, choices, record)
        outcome = evaluate.step(self.system.world.machine, record, event, policy)
        row = outcome.row if isinstance(outcome, Accepted) else None
        self._demand(row == case.row, f"event {event.name}")
        if self.structs is not None and not self.structs.agrees(record, event, policy, outcome):
            raise Disagreement(
                f"world '{self.system.world.name}': the generated reducer does not do what the "
                f"table says for {event.name}; if it is not stale, this is a bug of steptable"
            )
        return Step(event, policy, record, outcome)

    def _demand(self, agreed: bool, what: str) -> None:
        if not agreed:
            raise Disagreement(
                f"world '{self.system.world.name}', {what}: the explorer and the interpreter "
                "disagree; this is a bug of steptable"
            )


def occurrence(
    system: System, case: Case, choices: tuple[Any, ...], record: Values
) -> tuple[Tagged, Values]:
    """The whole event and policy that a case stands for; choices without influence stand in."""
    values = {name: variable.domain[0] for name, variable in system.parameters.items()}
    for variable, choice in zip(case.parameters, choices, strict=True):
        values[variable.name] = value_of(variable, choice)
    parameter = {name: values[f"parameter.{name}"] for name, _ in case.action.parameters}
    env = {"record": record, "parameter": parameter}
    computed = {name: evaluate.evaluate(node, env) for name, node in case.action.fields}
    fields = {
        part.name: computed[part.name]
        if part.name in computed
        else assemble(f"event.{part.name}", part.sort, values)
        for part in case.event.fields
    }
    policy = assemble("policy", system.world.machine.policy, values)
    return Tagged(case.event.name, fields), policy


def step_env(machine: Machine, step: Step) -> dict[str, Any]:
    """What a property over steps speaks of, for a step that was taken."""
    event = machine.event(step.event.name)
    accepted = isinstance(step.outcome, Accepted)
    return {
        "before": step.before,
        "after": step.after,
        "event": step.event.fields,
        "step": {
            "accepted": accepted,
            "side": event.side.name,
            "fact": event.fact.name,
            "effects": step.outcome.effects if isinstance(step.outcome, Accepted) else (),
        },
        "rerun": _rerun(machine, event, step),
    }


def _rerun(machine: Machine, event: Event, step: Step) -> Callable[[str, Values], Values]:
    def rerun(half: str, record: Values) -> Values:
        kind = event
        if half == "other":
            kind = next(e for e in machine.events if e.fact == event.fact and e != event)
        # The other half may have fields of its own, which no row may read.
        fields = {name: step.event.fields.get(name) for name in kind.fields.names}
        outcome = evaluate.step(machine, record, Tagged(kind.name, fields), step.policy)
        taken = isinstance(outcome, Accepted)
        return {
            "accepted": taken,
            "record": outcome.record if isinstance(outcome, Accepted) else record,
            "effects": outcome.effects if isinstance(outcome, Accepted) else (),
        }

    return rerun
