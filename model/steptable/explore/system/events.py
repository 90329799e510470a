"""What an event does to an instance whose machine state is known, over symbolic values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from steptable import expr
from steptable.elaboration import ElaboratedRow
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
    """One outcome of an event: by a row, or refused (`row` is None)."""

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
    """An event that comes to a record: what it is, what it carries, and under which policy."""

    machine: Machine
    event: Event
    fields: SymbolicRecord
    policy: SymbolicRecord
    variables: Mapping[str, Variable]
    decomposer: Decomposer
    emits: bool = True
    """Whether anybody asks for the effects."""

    def outcomes(self, record: SymbolicRecord) -> list[EventOutcome]:
        """Every outcome for a record whose state is a constant; the refusal is the last."""
        machine = self.machine
        state = record.of[machine.state_field.name]
        assert isinstance(state, expr.Const)
        rows = machine.rows_of(state.value, self.event.fact)
        outcomes = [
            self._outcome_by(ElaboratedRow(machine, row, self.event), record) for row in rows
        ]
        refused = negation(either(*(way.condition for way in outcomes)))
        return [*outcomes, EventOutcome(None, refused, record, ())]

    def _outcome_by(self, row: ElaboratedRow, record: SymbolicRecord) -> EventOutcome:
        env: dict[str, Symbolic] = {"record": record, "event": self.fields, "policy": self.policy}
        evaluator = PartialEvaluator(env, self.variables, self.decomposer)
        needed = (item.condition for item in row.requirements)
        condition = both(*evaluator.until_false(needed))
        if is_false(condition):  # its updates and effects need not have a meaning
            return EventOutcome(row.row, FALSE, record, ())
        updates = {name: evaluator.evaluate(node) for name, node in row.assignments}
        after = SymbolicRecord({**record.of, **updates})
        emitted = tuple(self._emitted(row, evaluator)) if self.emits else ()
        return EventOutcome(row.row, condition, after, emitted)

    def _emitted(
        self, row: ElaboratedRow, evaluator: PartialEvaluator
    ) -> Iterator[tuple[str, Scalar, SymbolicRecord]]:
        parts = {name: evaluator.evaluate(node) for name, node in row.payload.fields}
        kinds, kind = payload_sort(self.machine), row.payload.record.name
        payload = self.decomposer.tagged(kinds, kind, parts)
        evaluator = replace(evaluator, env={**evaluator.env, "payload": payload})
        for emission in row.emissions:
            holds = TRUE if emission.condition is None else evaluator.scalar(emission.condition)
            if not is_false(holds):  # where it is, its fields need not have a meaning
                fields = {name: evaluator.evaluate(node) for name, node in emission.fields}
                yield emission.effect.name, holds, SymbolicRecord(fields)

    def env(self, record: SymbolicRecord, outcome: EventOutcome) -> dict[str, Symbolic]:
        """What a property over events speaks of."""
        taken: dict[str, Symbolic] = {
            "accepted": FALSE if outcome.row is None else TRUE,
            "side": constant(self.event.side.name),
            "fact": constant(self.event.fact.name),
            **outcome.counts(),
        }
        return {
            "before": record,
            "after": outcome.after,
            "step": SymbolicRecord(taken),
            "event": self.fields,
        }

    def rerun(self, half: str, record: Symbolic) -> Symbolic:
        """What the event, or the other half of its fact, would do to some record."""
        assert isinstance(record, SymbolicRecord)
        event = self.machine.other_half(self.event) if half == "other" else self.event
        incoming = replace(self, event=event, emits=False)
        holder = self.machine.state_field.name
        state = record.of[holder]
        assert isinstance(state, expr.Node)
        if isinstance(state, expr.Const):
            return incoming.outcome(record)
        *others, last = (
            (value, incoming.outcome(SymbolicRecord({**record.of, holder: constant(value)})))
            for value in self.machine.state_sort.values
        )
        outcome_of_any = last[1]
        for value, outcome in others:
            outcome_of_any = choice(compare("==", state, constant(value)), outcome, outcome_of_any)
        return outcome_of_any

    def outcome(self, record: SymbolicRecord) -> Symbolic:
        """Whether the event is accepted by a record whose state is a constant, and what follows."""
        *outcomes, refused = self.outcomes(record)
        after: Symbolic = refused.after
        for way in outcomes:
            after = choice(way.condition, way.after, after)
        return SymbolicRecord({"accepted": negation(refused.condition), "record": after})


def assigned(free: Mapping[str, Symbolic], values: Mapping[str, Symbolic]) -> SymbolicRecord:
    """Fields that are chosen freely, but for those that are given."""
    return SymbolicRecord({**free, **values})
