"""Whether every expression of a machine has the sort of its place, and every guard can fire."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.machine import Constructor, Emission, Machine, Row
from steptable.sorts import INSTANT, PAYLOAD, TRUTH, Field, Record, Sort, inner
from steptable.wellformed.firing import can_hold
from steptable.wellformed.sorting import NONE_YET, Present, Sorter, established


@dataclass
class Reading:
    """What reading all expressions of a machine found out."""

    faults: list[Fault] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)
    """Fields that some expression reads, as (record, field), but for a field's own update."""
    written: set[tuple[str, str]] = field(default_factory=set)
    emitted: set[str] = field(default_factory=set)


def check_expressions(machine: Machine) -> Reading:
    """Sort every expression of the machine."""
    reading = Reading()
    for row in machine.rows:
        _Row(machine, row, reading).check()
    for constructor in machine.constructors:
        _check_constructor(machine, constructor, reading)
    if machine.rehydration is not None:
        sorter = Sorter(
            f"'{machine.rehydration.name}'", machine.rehydration.at, {"record": machine.record}
        )
        for _, emissions in machine.rehydration.emits:
            for emission in emissions:
                _check_emission(sorter, emission, reading)
        _note(sorter, reading)
    return reading


def row_scope(machine: Machine, row: Row) -> dict[str, Sort]:
    """What guards and updates of a row may read."""
    event = machine.payload(row.fact)
    return {"record": machine.record, "event": event, "policy": machine.policy}


def emission_scope(machine: Machine, row: Row, side_event: Record) -> dict[str, Sort]:
    """What the effects of one side of a row may read."""
    states = machine.state_sort
    return row_scope(machine, row) | {
        "event": side_event,
        "row": Record("row", (Field("source", states), Field("target", states))),
        "fact": Record("fact", (Field("time", INSTANT), Field("durable", TRUTH))),
        "payload": PAYLOAD,
    }


def sorts_of(machine: Machine, row: Row) -> dict[expr.Node, Sort]:
    """The sort of every expression of a well-formed row, for those who write it elsewhere."""
    sorts: dict[expr.Node, Sort] = {}
    for event in machine.events:
        if event.fact == row.fact:
            sorter = Sorter(row.name, row.at, emission_scope(machine, row, event.fields))
            for guard in row.guards:
                sorter.sort(guard.condition)
            fields = {part.name: part.sort for part in machine.record}
            for name, node in row.sets:
                sorter.expect(node, fields[name], name)
            for emission in row.emissions(event.side):
                _check_emission(sorter, emission, Reading())
            sorts |= sorter.sorts
    return sorts


@dataclass
class _Row:
    machine: Machine
    row: Row
    reading: Reading

    def check(self) -> None:
        row, machine = self.row, self.machine
        sorter = Sorter(f"row '{row.name}'", row.at, row_scope(machine, row))
        present = self._guards(sorter)
        self._updates(sorter, present)
        _note(sorter, self.reading)
        for event in machine.events:
            if event.fact == row.fact:
                scope = emission_scope(machine, row, event.fields)
                side = Sorter(f"row '{row.name}', side {event.side.name}", row.at, scope)
                for emission in row.emissions(event.side):
                    _check_emission(side, emission, self.reading, present)
                _note(side, self.reading)
        self._exclusion(sorter)

    def _guards(self, sorter: Sorter) -> Present:
        present = NONE_YET
        before: tuple[expr.Node, ...] = ()
        for guard in self.row.guards:
            faults = len(sorter.faults)
            sorter.expect(guard.condition, TRUTH, f"guard '{guard.name}'", present)
            present |= established(guard.condition)
            if len(sorter.faults) == faults:
                self._fires(sorter, guard.at, guard.name, before, guard.condition)
            before = (*before, guard.condition)
        return present

    def _fires(
        self,
        sorter: Sorter,
        at: Location,
        name: str,
        before: tuple[expr.Node, ...],
        condition: expr.Node,
    ) -> None:
        where = f"row '{self.row.name}', guard '{name}'"
        after = " once the guards before it hold" if before else ""
        if not can_hold(expr.And((*before, condition)), sorter.sorts):
            advice = "correct the condition, or remove the row"
            problem = f"it can never hold{after}"
            sorter.faults.append(Fault(at, where, problem, advice, "never-holds"))
        elif not can_hold(expr.And((*before, expr.Not(condition))), sorter.sorts):
            problem = f"it can never refuse{after}"
            sorter.faults.append(Fault(at, where, problem, "remove the guard", "never-refuses"))

    def _updates(self, sorter: Sorter, present: Present) -> None:
        machine, row = self.machine, self.row
        shared = {
            machine.numbering.record_field: "the numbering sets it",
            machine.state_field.name: "the row's target sets it",
        }
        known = {part.name: part for part in machine.record}
        for name, node in row.sets:
            if name in shared:
                sorter.fault(node, f"'{name}' is set here", f"remove it: {shared[name]}", "shared")
            elif name not in known:
                advice = suggestion(name, known)
                sorter.fault(node, f"{machine.record} has no field '{name}'", advice, "unknown-name")
            else:
                sorter.expect(node, known[name].sort, f"'{name}'", present)
                self.reading.written.add((machine.record.name, name))

    def _exclusion(self, sorter: Sorter) -> None:
        """Report another row of the same pair, declared later, that can fire together with this."""
        rows = self.machine.rows_of(self.row.source.name, self.row.fact)
        for earlier, later in itertools.combinations(rows, 2):
            if earlier is not self.row or sorter.faults:
                continue
            for guard in later.guards:
                sorter.sort(guard.condition)
            conditions = tuple(g.condition for r in (earlier, later) for g in r.guards)
            if can_hold(expr.And(conditions), sorter.sorts):
                where = f"row '{later.name}'"
                problem = f"it can fire together with row '{earlier.name}' ({earlier.at})"
                advice = "give one of them a guard that excludes the other"
                self.reading.faults.append(Fault(later.at, where, problem, advice, "overlap"))


def _check_emission(
    sorter: Sorter, emission: Emission, reading: Reading, present: Present = NONE_YET
) -> None:
    at = emission.at or sorter.at
    if emission.condition is not None:
        sorter.expect(emission.condition, TRUTH, "the condition of an effect", present)
        present |= established(emission.condition)
        if not sorter.faults and not can_hold(emission.condition, sorter.sorts):
            problem = f"the condition of {emission.effect.name} can never hold"
            sorter.faults.append(
                Fault(at, sorter.where, problem, "correct the condition", "never-holds")
            )
    sorter.check_fields(
        at, emission.effect.fields, dict(emission.fields), present, partial=False
    )
    reading.emitted.add(emission.effect.name)


def _check_constructor(machine: Machine, constructor: Constructor, reading: Reading) -> None:
    record = machine.record
    where = f"constructor '{constructor.name}'"

    def report(problem: str, advice: str, slug: str) -> None:
        reading.faults.append(Fault(constructor.at, where, problem, advice, slug))

    for name in constructor.arguments:
        if name not in record.names:
            advice = suggestion(name, record.names)
            report(f"{record} has no field '{name}'", advice, "unknown-name")
    given = Record("given", tuple(p for p in record if p.name in constructor.arguments))
    scope: dict[str, Sort] = {"given": given}
    if constructor.on is not None:
        names = [event.name for event in machine.events]
        if constructor.on not in names:
            advice = suggestion(constructor.on, names)
            report(f"the machine has no event '{constructor.on}'", advice, "unknown-name")
            return
        scope["event"] = machine.event(constructor.on).fields
    sorter = Sorter(where, constructor.at, scope)
    sorter.check_fields(constructor.at, record, dict(constructor.sets), partial=True)
    known = {*constructor.arguments, *dict(constructor.sets), machine.state_field.name}
    for part in record:
        if part.is_required and part.name not in known:
            report(f"it leaves '{part.name}' unset", f"give or compute '{part.name}'", "unset")
    reading.written.update((record.name, name) for name in known)
    _note(sorter, reading)


def _note(sorter: Sorter, reading: Reading) -> None:
    """Keep the faults, and which fields were read and made."""
    reading.faults.extend(sorter.faults)
    sorter.faults = []
    reading.read.update(_fields_read(sorter.sorts))
    for node in sorter.sorts:
        if isinstance(node, expr.Make):
            reading.written.update((node.record.name, name) for name, _ in node.fields)


def _fields_read(sorts: Mapping[expr.Node, Sort]) -> set[tuple[str, str]]:
    return {
        (str(inner(sorts[node.subject])), node.name)
        for node in sorts
        if isinstance(node, expr.Attr) and node.subject in sorts
    }
