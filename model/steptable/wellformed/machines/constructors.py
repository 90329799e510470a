"""Whether each way to make a record gives every field a value of its sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from steptable.errors import Fault, suggestion
from steptable.machine import Constructor, Machine
from steptable.sorts import Record, Sort
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.machines.reading import Reading

SET_FOR_ALL: Final = "remove it: the machine sets it for all rows and constructors alike"


def set_for_all(machine: Machine) -> set[str]:
    """The record fields that no row or constructor sets itself: the state and the number."""
    states = {part.name for part in machine.record if part.sort == machine.state_sort}
    return states | {machine.numbering.record_field}


def check_constructor(machine: Machine, constructor: Constructor, reading: Reading) -> None:
    """Sort the computed fields of a constructor, and report what it leaves unset."""
    record, where = machine.record, f"constructor '{constructor.name}'"
    reading.report(*_arguments(machine, constructor, where))
    given = Record("given", tuple(p for p in record if p.name in constructor.arguments))
    scope: dict[str, Sort] = {"given": given}
    if constructor.on is not None:
        events = {event.name: event for event in machine.events}
        if constructor.on not in events:
            advice = suggestion(constructor.on, events)
            problem = f"the machine has no event '{constructor.on}'"
            reading.report(Fault(constructor.at, where, problem, advice, "unknown-name"))
            return
        scope["event"] = events[constructor.on].fields
    sorter = Sorter(where, constructor.at, scope)
    sorter.check_fields(constructor.at, record, dict(constructor.sets), partial=True)
    known = {*constructor.arguments, *dict(constructor.sets)}
    for part in record:
        if part.is_required and part.name not in {*known, *set_for_all(machine)}:
            advice = f"take '{part.name}' as an argument, or compute it"
            problem = f"it leaves '{part.name}' unset"
            sorter.faults.append(Fault(constructor.at, where, problem, advice, "unset"))
    reading.written.update((record.name, name) for name in known)
    reading.note(sorter)


def _arguments(machine: Machine, constructor: Constructor, where: str) -> Iterator[Fault]:
    record, at = machine.record, constructor.at
    names = [*constructor.arguments, *dict(constructor.sets)]
    for index, name in enumerate(names):
        if name in set_for_all(machine):
            yield Fault(at, where, f"'{name}' is set here", SET_FOR_ALL, "shared-field")
        if name in names[:index]:
            yield Fault(at, where, f"'{name}' is given twice", "keep one", "duplicate-name")
        if name in constructor.arguments and name not in record.names:
            advice = suggestion(name, record.names)
            yield Fault(at, where, f"{record} has no field '{name}'", advice, "unknown-name")
