"""What an event does to an instance whose machine state is known, over symbolic values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from steptable import expr
from steptable.machine import Event, Machine, Row
from steptable.partial.evaluator import PartialEvaluator
from steptable.partial.scalar import (
    FALSE,
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    is_false,
    is_true,
    negation,
)
from steptable.partial.shapes import Decomposer
from steptable.partial.symbolic import Symbolic, SymbolicRecord, choice
from steptable.partial.variables import Variable
from steptable.world import payload_sort


@dataclass
class EventOutcome:
    """One way an event can go: by a row, or refused (`row` is None)."""

    row: Row | None
    condition: Scalar
    after: SymbolicRecord
    emitted: tuple[tuple[str, Scalar, SymbolicRecord], ...]
    """The effects in order: name, condition, fields."""

    def counts(self) -> dict[str, Symbolic]:
        """How many effects of each kind there are, under the names that properties use."""
        counts: dict[str, Scalar] = {}
        for effect, holds, _ in self.emitted:
            name = f"emits {effect}"
            before = counts.get(name, constant(0))
            more = (
                constant(before.value + 1)
                if isinstance(before, expr.Const)
                else expr.Arithmetic("+", before, constant(1))
            )
            counts[name] = more if is_true(holds) else expr.If(holds, more, before)
        return dict(counts)


@dataclass(frozen=True)
class IncomingEvent:
    """An event on its way to a record: what it is, what it carries, and under which policy."""

    machine: Machine
    event: Event
    fields: SymbolicRecord
    policy: SymbolicRecord
    variables: Mapping[str, Variable]
    decomposer: Decomposer
    emits: bool = True
    """Whether anybody asks for the effects."""

    def outcomes(self, record: SymbolicRecord) -> list[EventOutcome]:
        """Every way to go from a record whose state is a constant; the refusal is the last."""
        machine, numbering = self.machine, self.machine.numbering
        state = record.of[machine.state_field.name]
        assert isinstance(state, expr.Const)
        number, last = self.fields.of[numbering.event_field], record.of[numbering.record_field]
        assert isinstance(number, expr.Node)
        assert isinstance(last, expr.Node)
        fresh = compare(">", number, last)
        ways = [
            self._outcome_by(row, fresh, record)
            for row in machine.rows_of(state.value, self.event.fact)
        ]
        refused = negation(either(*(way.condition for way in ways)))
        return [*ways, EventOutcome(None, refused, record, ())]

    def _outcome_by(self, row: Row, fresh: Scalar, record: SymbolicRecord) -> EventOutcome:
        machine, fields = self.machine, self.fields
        fact = {"time": fields.of[row.fact.time], "durable": constant(row.fact.durable)}
        ends = {"source": constant(row.source.name), "target": constant(row.target.name)}
        env: dict[str, Symbolic] = {
            "record": record,
            "event": fields,
            "policy": self.policy,
            "row": SymbolicRecord(ends),
            "fact": SymbolicRecord(fact),
            "payload": self.decomposer.tagged(payload_sort(machine), row.fact.name, fields.of),
        }
        evaluator = PartialEvaluator(env, self.variables, self.decomposer)
        condition = both(fresh, *evaluator.until_false(guard.condition for guard in row.guards))
        if is_false(condition):  # its updates and effects need not have a meaning
            return EventOutcome(row, FALSE, record, ())
        updates = {name: evaluator.evaluate(node) for name, node in row.sets}
        updates[machine.state_field.name] = constant(row.target.name)
        updates[machine.numbering.record_field] = fields.of[machine.numbering.event_field]
        emitted = []
        for emission in row.emissions(self.event.side) if self.emits else ():
            holds = TRUE if emission.condition is None else evaluator.scalar(emission.condition)
            if is_false(holds):  # its fields need not have a meaning
                continue
            parts = {name: evaluator.evaluate(node) for name, node in emission.fields}
            emitted.append((emission.effect.name, holds, SymbolicRecord(parts)))
        after = SymbolicRecord({**record.of, **updates})
        return EventOutcome(row, condition, after, tuple(emitted))

    def env(self, record: SymbolicRecord, way: EventOutcome) -> dict[str, Symbolic]:
        """What a property over events speaks of."""
        taken: dict[str, Symbolic] = {
            "accepted": FALSE if way.row is None else TRUE,
            "side": constant(self.event.side.name),
            "fact": constant(self.event.fact.name),
            **way.counts(),
        }
        return {
            "before": record,
            "after": way.after,
            "step": SymbolicRecord(taken),
            "event": self.fields,
        }

    def rerun(self, half: str, record: Symbolic) -> Symbolic:
        """What the event, or the other half of its fact, would do to some record."""
        assert isinstance(record, SymbolicRecord)
        event = self.machine.other_half(self.event) if half == "other" else self.event
        reach = replace(self, event=event, emits=False)
        holder = self.machine.state_field.name
        state = record.of[holder]
        assert isinstance(state, expr.Node)
        if isinstance(state, expr.Const):
            return reach.outcome(record)
        *others, last = (
            (value, reach.outcome(SymbolicRecord({**record.of, holder: constant(value)})))
            for value in self.machine.state_sort.values
        )
        found = last[1]
        for value, outcome in others:
            found = choice(compare("==", state, constant(value)), outcome, found)
        return found

    def outcome(self, record: SymbolicRecord) -> Symbolic:
        """Whether the event is accepted by a record whose state is a constant, and what follows."""
        *ways, refused = self.outcomes(record)
        after: Symbolic = refused.after
        for way in ways:
            after = choice(way.condition, way.after, after)
        return SymbolicRecord({"accepted": negation(refused.condition), "record": after})


def assigned(free: Mapping[str, Symbolic], given: Mapping[str, Symbolic]) -> SymbolicRecord:
    """Fields that are chosen freely, but for those that are given."""
    return SymbolicRecord({**free, **given})
