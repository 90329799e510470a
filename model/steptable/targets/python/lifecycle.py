"""The functions around the table: those that begin a record, and the one that comes back to it."""

from __future__ import annotations

from itertools import groupby

from steptable.elaboration import whole_emission
from steptable.machine import Constructor, Machine, Rehydration
from steptable.sorts import TRUTH, Record, Sort, Symbol
from steptable.targets.python.effects import Beginning, effects_source, result
from steptable.targets.python.expressions import Source
from steptable.targets.python.source import (
    INDENT,
    WIDTH,
    annotation,
    broken,
    call,
    docstring,
    in_order,
    literal,
)
from steptable.targets.python.vocabulary import module_names
from steptable.wellformed.expressions.sorting import Sorter


def constructor_source(machine: Machine, constructor: Constructor) -> str:
    """A function that makes a record."""
    record = machine.record
    fields = {part.name: part for part in record}
    parameters = [f"{name}: {annotation(fields[name].sort)}" for name in constructor.arguments]
    source = _constructor_expressions(machine, constructor)
    values = {name: name for name in constructor.arguments}
    values |= {name: source.write(node, fields[name].sort) for name, node in constructor.sets}
    values[machine.state_field.name] = literal(constructor.state.name, machine.state_sort)
    arguments = [
        f"{part.name}={values[part.name]}" for part in in_order(record) if part.name in values
    ]
    lead = "return " if constructor.on is None else "state = "
    composite = "".join(
        f"{INDENT}{name} = {annotation(fields[name].sort)}({name})\n"
        for name in constructor.arguments
        if _is_composite(fields[name].sort)
    )
    made = composite + source.definitions(INDENT) + call(record.name, arguments, INDENT, lead=lead)
    if constructor.on is None:
        head = call(f"def {constructor.name}", parameters, "", tail=f" -> {record.name}:")
        return f"{head}\n{docstring(constructor.doc, INDENT)}{made}\n"
    parameters += [f"event: {constructor.on}", "now: datetime", f"policy: {machine.policy.name}"]
    head = call(f"def {constructor.name}", parameters, "", tail=f" -> {result(machine)}:")
    doc = docstring(f"{constructor.doc} Raises what `step` raises.", INDENT)
    doc += f'{INDENT}_argument({constructor.on}, event, "{constructor.name}", "event")\n'
    return f"{head}\n{doc}{made}\n{INDENT}return step(state, event, now, policy)\n"


def _is_composite(sort: Sort) -> bool:
    return isinstance(sort, Symbol) and bool(sort.parts)


def _constructor_expressions(machine: Machine, constructor: Constructor) -> Source:
    given = Record("given", tuple(p for p in machine.record if p.name in constructor.arguments))
    event = machine.event(constructor.on).fields if constructor.on else Record("event", ())
    sorter = Sorter(constructor.name, constructor.at, {"given": given, "event": event})
    sorter.check_fields(constructor.at, machine.record, dict(constructor.sets), partial=True)
    arguments = {("given", name): name for name in constructor.arguments}
    # An argument is a variable already: its text is its name.
    names = {name: name for name in constructor.arguments}
    taken = module_names(machine)
    return Source({"event": "event"}, sorter.sorts, arguments, names, set(names), taken=taken)


def rehydration_source(machine: Machine, rehydration: Rehydration) -> str:
    sorter = Sorter(rehydration.name, rehydration.at, {"record": machine.record})
    for emission in [emission for _, emissions in rehydration.emits for emission in emissions]:
        if emission.condition is not None:
            sorter.expect(emission.condition, TRUTH, "the condition of an effect")
        fields = dict(emission.fields)
        sorter.check_fields(rehydration.at, emission.effect.fields, fields, partial=False)
    text = f"def {rehydration.name}(state: {machine.record.name}) -> tuple[Effect, ...]:\n"
    text += docstring(rehydration.doc, INDENT)
    record = machine.record.name
    text += f'{INDENT}_argument({record}, state, "{rehydration.name}", "state")\n'
    text += f"{INDENT}match state.{machine.state_field.name}:\n"
    begins, taken = Beginning(), module_names(machine)
    for emissions, group in groupby(rehydration.emits, key=lambda pair: pair[1]):
        states = [literal(state.name, machine.state_sort) for state, _ in group]
        pattern = " | ".join(states)
        if len(f"{INDENT * 2}case {pattern}:") > WIDTH:
            pattern = broken(pattern, INDENT * 2)
        text += f"{INDENT * 2}case {pattern}:\n"
        source = Source({"record": "state"}, sorter.sorts, taken=taken)
        whole = tuple(whole_emission(item) for item in emissions)
        text += effects_source(source, whole, {}, INDENT * 3, begins=begins)
    return text
