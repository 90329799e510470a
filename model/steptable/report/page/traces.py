"""A trace as plain data: each step in words, and what is known of every field after it.

    TRACE   {"key": "0/1", "loop": null | 0, "broken": "..." | null, "start": MOMENT,
             "steps": [STEP, ...], "relevant": {"SCOPE": ["FIELD", ...]}}
    STEP    {"says": "...", "party": "...", "events": [EVENT, ...], "changes": ["..."],
             "more": ["..."], "after": MOMENT}
    EVENT   {"instance": "...", "call": "...", "row": "..." | null, "refused": "..." | null,
             "changes": ["..."], "more": ["..."], "effects": ["..."]}
    MOMENT  {"at": ["STATE", ...], "fields": {"SCOPE": {"FIELD": "VALUE"}}}

`changes` are those that have to do with the property at hand, `more` all the others. `at` has
the state of each instance, in the order of the world's. A scope is an instance, or "" for what
is the world's own; of the fields after a step, only those are there that are no longer as they
were. Opaque fields are left out everywhere: nothing can depend on them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from steptable.check import Judgement, Trace
from steptable.interpreter.evaluate import Values
from steptable.interpreter.simulate import Applied, Step
from steptable.report.traces.lines import TraceWriter, refusal, sentence
from steptable.report.traces.relevance import relevant_names
from steptable.report.traces.values import changes, shown
from steptable.report.traces.verdict import broken
from steptable.sorts import Field, Opaque, Record, inner
from steptable.world import World

Data: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, dict[str, str]]


def trace_data(world: World, judgement: Judgement, trace: Trace) -> Data:
    """A trace, with an eye to the property that it is about."""
    forgotten = {name for item in world.instances for name, _ in item.forgets}
    telling = _TraceData(world, relevant_names(world, [judgement.judged]) - forgotten)
    known = telling.fields(trace.start)
    steps = []
    for step in trace.steps:
        after = telling.fields(step.after)
        moment = {"at": telling.states(step.after), "fields": _new(known, after)}
        steps.append(telling.step(step) | {"after": moment})
        known = after
    return {
        "key": trace.key,
        "loop": trace.loop,
        "broken": broken(judgement.judged, world, trace),
        "start": {"at": telling.states(trace.start), "fields": telling.fields(trace.start)},
        "steps": steps,
        "relevant": {
            scope: [name for name in values if name in telling.relevant]
            for scope, values in known.items()
        },
    }


def _new(before: Fields, after: Fields) -> Fields:
    """The fields that are no longer as they were."""
    found = {
        scope: {name: value for name, value in fields.items() if value != before[scope][name]}
        for scope, fields in after.items()
    }
    return {scope: fields for scope, fields in found.items() if fields}


@dataclass(frozen=True)
class _TraceData:
    world: World
    relevant: Container[str]

    def states(self, state: Values) -> list[str]:
        return [state[item.name][item.machine.state_field.name] for item in self.world.instances]

    def fields(self, state: Values) -> Fields:
        """What every field is, in words: by instance, then what is the world's own."""
        found = {
            item.name: self._words(item.machine.record, state[item.name])
            for item in self.world.instances
        }
        own = tuple(Field(item.name, item.sort) for item in self.world.variables)
        return found | ({"": self._words(Record("", own), state)} if own else {})

    def _words(self, record: Record, values: Values) -> dict[str, str]:
        return {
            part.name: shown(
                part.sort,
                values[part.name],
                self.relevant if part.name in self.relevant else None,
            )
            for part in record
            if not isinstance(inner(part.sort), Opaque)
        }

    def step(self, step: Step) -> Data:
        return {
            "says": sentence(step),
            "party": step.action.party,
            "events": [self._event(applied) for applied in step.applied],
            **self._changed(list(self._apart(step))),
        }

    def _apart(self, step: Step) -> Iterator[tuple[Record, Values, Values]]:
        """What became of the whole state without an event: around all of them."""
        arrived, left = dict(step.before), dict(step.before)
        for item in self.world.instances:
            met = [applied for applied in step.applied if applied.instance == item.name]
            arrived[item.name] = met[0].before if met else step.after[item.name]
            left[item.name] = met[-1].after if met else step.after[item.name]
        yield self.world.state, step.before, arrived
        yield self.world.state, left, step.after

    def _event(self, applied: Applied) -> Data:
        machine = self.world.instance(applied.instance).machine
        row = applied.row
        return {
            "instance": applied.instance,
            "call": TraceWriter(self.world, self.relevant, ()).event(applied),
            "row": None if row is None else row.name,
            "refused": None if row is not None else refusal(machine, applied),
            "effects": [effect.name for effect in applied.effects],
            **self._changed([(machine.record, applied.before, applied.after)]),
        }

    def _changed(self, pairs: list[tuple[Record, Values, Values]]) -> Data:
        told = [text for pair in pairs for text in changes(*pair, self.relevant)]
        every = [text for pair in pairs for text in changes(*pair, None)]
        return {"changes": told, "more": [text for text in every if text not in told]}
