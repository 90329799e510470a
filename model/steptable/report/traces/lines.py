"""A trace in plain words, step by step: who acts, what happens, by which row, what changes.

Only what changes is shown, and of that only what has to do with the matter; JSON has all.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from steptable import expr
from steptable.check import Trace
from steptable.interpreter.evaluate import Accepted, Refused, Values
from steptable.interpreter.simulate import Applied, Step
from steptable.machine import Guard, Machine
from steptable.properties import Property
from steptable.report.traces.relevance import reads_policy, relevant_names, spoken_of
from steptable.report.traces.values import changes, fields, shown
from steptable.sorts import Field, Record
from steptable.world import World

STANDSTILL = "from here nothing more happens, and nothing is owed"


@dataclass(frozen=True)
class Line:
    """One line of a trace: what it is about, whose lane it is in, and what it says."""

    label: str
    party: str
    text: str


@dataclass(frozen=True)
class TraceWriter:
    """Tells the traces of a world, as far as they have to do with some names."""

    world: World
    relevant: Container[str]
    spoken: Container[str]
    """What the property at hand mentions: shown at the start, even if it never changes."""

    @classmethod
    def whole(cls, world: World) -> TraceWriter:
        """One that tells whatever any property of the world, or what happens in it, depends on;
        and every variable, of which a world has none that it does not want to know.
        """
        variables = frozenset(item.name for item in world.variables)
        return cls(world, relevant_names(world, world.properties) | variables, variables)

    @classmethod
    def of(cls, world: World, judged: Iterable[Property]) -> TraceWriter:
        properties = list(judged)
        spoken = frozenset(name for item in properties for name in spoken_of(item))
        return cls(world, relevant_names(world, properties), spoken)

    def lines(self, trace: Trace) -> Iterator[Line]:
        """The whole trace, with its loop marked."""
        for number, text in enumerate(self.start(trace)):
            yield Line("" if number else "start", "", text)
        for number, step in enumerate(trace.steps):
            if number == trace.loop:
                yield Line("loop", "", loop_text(trace))
            first, *rest = self.step(step)
            yield Line(f"step {number + 1}", step.action.party, first)
            yield from (Line("", "", text) for text in rest)
        if trace.loop == len(trace.steps):
            yield Line("loop", "", STANDSTILL)

    def end(self, trace: Trace) -> Iterator[str]:
        """The state that a trace leads to: each record, and every variable that matters."""
        for instance in self.world.instances:
            record = fields(instance.machine.record, trace.end[instance.name], self.relevant)
            yield f"{instance.name}: {record}"
        values = ", ".join(
            f"{item.name}={shown(item.sort, trace.end[item.name], self.relevant)}"
            for item in self.world.variables
            if item.name in self.relevant
        )
        if values:
            yield f"world: {values}"

    def start(self, trace: Trace) -> Iterator[str]:
        """Where it starts: each record, and the variables that matter from the outset."""
        for instance in self.world.instances:
            record = fields(instance.machine.record, trace.start[instance.name], self.relevant)
            yield f"{instance.name}: {record}"
        free = {item.name for item in self.world.variables if len(item.starts) > 1}
        free |= {
            name for start in self.world.starts for name, some in start.variables if len(some) > 1
        }
        shown_values = ", ".join(
            f"{item.name}={shown(item.sort, trace.start[item.name], self.relevant)}"
            for item in self.world.variables
            if item.name in self.relevant and (item.name in free or item.name in self.spoken)
        )
        if shown_values:
            yield f"world: {shown_values}"
        elif not self.world.instances:
            yield "nothing has happened yet"

    def step(self, step: Step) -> Iterator[str]:
        """One step: its sentence, then each event with what came of it, then what else changed."""
        told = sentence(step).split(" ")
        untold: list[str | None] = []
        for applied in step.applied:
            call, name = self.event(applied), applied.event.name
            untold.append(None if name in told else call)
            if name in told:
                told[told.index(name)] = call
        yield " ".join(told)
        if chosen := ", ".join(untold_choices(step)):
            yield f"choice: {chosen}"
        records = {item.name: step.before[item.name] for item in self.world.instances}
        for applied, apart in zip(step.applied, untold, strict=True):
            yield from self._put(applied.instance, records[applied.instance], applied.before)
            whose = f"{applied.instance}: " if len(self.world.instances) > 1 else ""
            if apart is not None:
                yield f"{whose}{apart}"
            yield from self._outcome(applied, whose)
            records[applied.instance] = applied.after
        for name, record in records.items():
            yield from self._put(name, record, step.after[name])
        own = Record("world", tuple(Field(v.name, v.sort) for v in self.world.variables))
        if changed := ", ".join(changes(own, step.before, step.after, self.relevant)):
            yield f"world: {changed}"

    def _put(self, instance: str, before: Values, after: Values) -> Iterator[str]:
        """What an action makes of a record without an event."""
        record = self.world.instance(instance).machine.record
        changed = ", ".join(changes(record, before, after, self.relevant))
        if changed:
            yield f"{instance}: {changed}"

    def _outcome(self, applied: Applied, whose: str) -> Iterator[str]:
        machine = self.world.instance(applied.instance).machine
        match applied.outcome:
            case Refused():
                yield f"{whose}{refusal(machine, applied)}"
            case Accepted(row, after, effects):
                changed = ", ".join(changes(machine.record, applied.before, after, self.relevant))
                yield f"{whose}row '{row.name}': {changed or 'nothing changes'}"
                yield f"effects: {', '.join(effect.name for effect in effects) or 'none'}"

    def event(self, applied: Applied) -> str:
        """What arrived, with the fields that matter, and the policy where it decides."""
        machine = self.world.instance(applied.instance).machine
        event = machine.event(applied.event.name)
        text = f"{event.name}({fields(event.fields, applied.event.fields, self.relevant)})"
        rows = machine.rows_of(applied.before[machine.state_field.name], event.fact)
        if applied.outcome != Refused("stale") and any(reads_policy(row) for row in rows):
            policy = fields(machine.policy, applied.policy, self.relevant)
            text += f" under {machine.policy.name}({policy})" if policy else ""
        return text


def sentence(step: Step) -> str:
    """What happens, in plain words, with the choices filled in."""
    sorts = dict(step.action.choices)

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        known = name in sorts
        return shown(sorts[name], step.choices[name], None) if known else match[0]

    return re.sub(r"\{(\w+)\}", filled, step.action.says) or step.action.name


def untold_choices(step: Step) -> Iterator[str]:
    """The choices that neither the sentence of an action nor what it delivers shows."""
    action = step.action
    delivered = [node for item in action.deliveries for _, node in (*item.fields, *item.policy)]
    delivered += [item.payload for item in action.deliveries if item.payload is not None]
    seen = set(re.findall(r"\{(\w+)\}", action.says))
    seen |= {
        part.name
        for node in delivered
        for part in expr.walk(node)
        if isinstance(part, expr.Attr) and part.subject == expr.Root("choice")
    }
    for name, sort in action.choices:
        if name not in seen:
            yield f"{name}={shown(sort, step.choices[name], None)}"


def refusal(machine: Machine, applied: Applied) -> str:
    """Why an event was refused."""
    match applied.outcome:
        case Refused("stale"):
            number = machine.numbering
            last = f"{number.record_field}={applied.before[number.record_field]}"
            return f"refused: its {number.event_field} is not above {last}"
        case Refused(guard=Guard(name=name, must=must)):
            return f"refused by guard '{name}': {must}"
    state = applied.before[machine.state_field.name]
    return f"refused: no row takes it in state {state}"


def loop_text(trace: Trace) -> str:
    """What is said where a loop begins."""
    count = len(trace.steps) - (trace.loop or 0)
    last = "the last step repeats" if count == 1 else f"the last {count} steps repeat"
    return f"from here {last} for ever"
