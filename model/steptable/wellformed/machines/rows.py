"""Whether every expression of a machine has the sort of its place, and every guard can fire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from steptable import expr
from steptable.errors import Fault, suggestion
from steptable.machine import Machine, Row, State
from steptable.sorts import INSTANT, PAYLOAD, TRUTH, Field, Record, Sort
from steptable.wellformed.expressions.firing import can_hold
from steptable.wellformed.expressions.fitting import NONE_YET, Present, established
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.machines.constructors import SET_FOR_ALL, check_constructor, set_for_all
from steptable.wellformed.machines.reading import Reading, check_emission


def check_expressions(machine: Machine) -> Reading:
    """Sort every expression of the machine."""
    reading = Reading()
    for row in machine.rows:
        _Row(machine, row, reading).check()
    for constructor in machine.constructors:
        check_constructor(machine, constructor, reading)
    rehydration = machine.rehydration
    if rehydration is not None:
        where = f"rehydration '{rehydration.name}'"
        sorter = Sorter(where, rehydration.at, {"record": machine.record})
        for _, emissions in rehydration.emits:
            for emission in emissions:
                check_emission(sorter, emission, reading)
        reading.note(sorter)
    return reading


def reads_what_may_be_missing(machine: Machine, row: Row) -> bool:
    """Whether a row reads the value of an optional that nothing has shown to have one."""
    reading = Reading()
    _Row(machine, row, reading).check()
    return any(fault.slug == "unguarded-value" for fault in reading.faults)


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


_HERE: Final = expr.Const(None, None)
"""A node without a place: faults of it stand where the sorter does."""


@dataclass
class _Row:
    machine: Machine
    row: Row
    reading: Reading

    def check(self) -> None:
        row, machine = self.row, self.machine
        sorter = self._sorter(row)
        present = self._guards(sorter)
        self._updates(sorter, present)
        self.reading.note(sorter)
        for event in machine.events:
            if event.fact == row.fact:
                scope = emission_scope(machine, row, event.fields)
                side = Sorter(f"row '{row.name}', side {event.side.name}", row.at, scope)
                for emission in row.emissions(event.side):
                    check_emission(side, emission, self.reading, present)
                self.reading.note(side)
        self._exclusion()

    def _sorter(self, row: Row) -> Sorter:
        return Sorter(f"row '{row.name}'", row.at, row_scope(self.machine, row))

    def _guards(self, sorter: Sorter) -> Present:
        present = NONE_YET
        before: tuple[expr.Node, ...] = ()
        for guard in self.row.guards:
            where = f"row '{self.row.name}', guard '{guard.name}'"
            own = replace(sorter, where=where, at=guard.at, faults=[])
            own.expect(guard.condition, TRUTH, "its condition", present)
            present |= established(guard.condition)
            if not own.faults:
                for source in self.row.sources:
                    self._fires(own, source, before, guard.condition)
                before = (*before, guard.condition)
            sorter.faults.extend(own.faults)
        return present

    def _fires(
        self, sorter: Sorter, source: State, before: tuple[expr.Node, ...], condition: expr.Node
    ) -> None:
        after = f" in state '{source.name}'"
        after += " once the guards before it hold" if before else ""
        in_state = tuple(self._in_state(sorter, source))
        if not can_hold(expr.And((*in_state, *before, condition)), sorter.sorts):
            advice = "correct the condition, or remove the row"
            sorter.fault(_HERE, f"it can never hold{after}", advice, "never-holds")
        elif not can_hold(expr.And((*in_state, *before, expr.Not(condition))), sorter.sorts):
            advice = "correct the condition, or remove the guard"
            sorter.fault(_HERE, f"it can never refuse{after}", advice, "never-refuses")

    def _in_state(self, sorter: Sorter, source: State) -> Iterator[expr.Node]:
        """What a row knows of the record before its guards: that it is in a state of the row's."""
        for part in self.machine.record:
            if part.sort == self.machine.state_sort:
                state = expr.Attr(expr.Root("record"), part.name)
                sorter.sort(state)
                yield expr.Compare("==", state, expr.Const(source.name, None))

    def _updates(self, sorter: Sorter, present: Present) -> None:
        record, row = self.machine.record, self.row
        for name, node in row.sets:
            part = record.get(name)
            if name in set_for_all(self.machine):
                sorter.fault(node, f"'{name}' is set here", SET_FOR_ALL, "shared-field")
            elif part is None:
                advice = suggestion(name, record.names)
                sorter.fault(node, f"{record} has no field '{name}'", advice, "unknown-name")
            else:
                # On its own, because a field that only its own update reads is not needed.
                own = self._sorter(row)
                own.expect(node, part.sort, f"'{name}'", present)
                self.reading.note(own, apart_from=(record.name, name))
                self.reading.written.add((record.name, name))

    def _exclusion(self) -> None:
        """Report each row of the same pair, declared later, that can fire together with this."""
        earlier, rows = self.row, self.machine.rows
        own = {state.name for state in earlier.sources}
        place = next((place for place, row in enumerate(rows) if row is earlier), len(rows))
        for later in rows[place + 1 :]:
            if later.fact != earlier.fact or own.isdisjoint(s.name for s in later.sources):
                continue
            sorter = self._sorter(later)
            for row in (earlier, later):
                present = NONE_YET
                for guard in row.guards:
                    sorter.expect(guard.condition, TRUTH, "a guard", present)
                    present |= established(guard.condition)
            conditions = tuple(g.condition for r in (earlier, later) for g in r.guards)
            if not sorter.faults and can_hold(expr.And(conditions), sorter.sorts):
                where = f"row '{later.name}'"
                problem = f"it can fire together with row '{earlier.name}' ({earlier.at})"
                advice = "give one of them a guard that excludes the other"
                self.reading.report(Fault(later.at, where, problem, advice, "overlap"))
