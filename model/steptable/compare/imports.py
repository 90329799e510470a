"""What a new version breaks for those who import the reducer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from steptable.compare.rules import Breach, breach
from steptable.machine import Constructor, Machine
from steptable.sorts import Enum, Field, Record, Symbol
from steptable.targets.python.source import annotation
from steptable.targets.python.vocabulary import named_sorts, values

Use: TypeAlias = Literal["given", "read", "both"]
"""What importers do with a struct: make it, read it, or do both."""


def import_breaches(old: Machine, new: Machine) -> Iterator[Breach]:
    """Every breach, in the order of the old declaration."""
    yield from _states(old, new)
    yield from _events(old, new)
    yield from _effects(old, new)
    yield from _constructors(old, new)
    yield from _struct(old.record, new.record, "read")
    yield from _struct(old.policy, new.policy, "given")
    yield from _sorts(old, new)


def _states(old: Machine, new: Machine) -> Iterator[Breach]:
    before, after = ([state.name for state in machine.states] for machine in (old, new))
    for name in before:
        if name not in after:
            yield breach("import-state-removed", f"state {name}", "it is gone")
    for name in after:
        if name not in before:
            yield breach("import-state-added", f"state {name}", "it is new")


def _events(old: Machine, new: Machine) -> Iterator[Breach]:
    before = {event.name: event for event in old.events}
    after = {event.name: event for event in new.events}
    for name, event in before.items():
        if name in after:
            yield from _struct(event.fields, after[name].fields, "given")
        else:
            facts = [other for other in after.values() if other.fact.name == event.fact.name]
            now = next((f": {o.name} now" for o in facts if o.side.name == event.side.name), "")
            yield breach("import-name-removed", f"event {name}", f"it is gone{now}")
    for name in after:
        if name not in before:
            yield breach("import-event-added", f"event {name}", "it is new")


def _effects(old: Machine, new: Machine) -> Iterator[Breach]:
    after = {effect.name: effect for effect in new.effects}
    for effect in old.effects:
        if effect.name in after:
            yield from _struct(effect.fields, after[effect.name].fields, "read")
        else:
            yield breach("import-name-removed", f"effect {effect.name}", "it is gone")
    known = {effect.name for effect in old.effects}
    for effect in new.effects:
        if effect.name not in known:
            what = f"it is new: {effect.doc}" if effect.doc else "it is new"
            yield breach("import-effect-added", f"effect {effect.name}", what.rstrip("."))


def _constructors(old: Machine, new: Machine) -> Iterator[Breach]:
    after = {item.name: item for item in new.constructors}
    for item in old.constructors:
        if item.name not in after:
            yield breach("import-name-removed", f"constructor {item.name}", "it is gone")
        elif _signature(item) != _signature(after[item.name]):
            problem = f"it takes {_signature(after[item.name])}, not {_signature(item)}"
            yield breach("import-constructor-changed", f"constructor {item.name}", problem)
    first, second = old.rehydration, new.rehydration
    if first is not None and (second is None or second.name != first.name):
        yield breach("import-name-removed", f"function {first.name}", "it is gone")


def _signature(item: Constructor) -> str:
    return f"({', '.join([*item.arguments, *([item.on] if item.on else [])])})"


def _sorts(old: Machine, new: Machine) -> Iterator[Breach]:
    """Enumerations, names of their own, and the records that fields hold."""
    after = _types(new)
    for name, sort in _types(old).items():
        now = after.get(name)
        if type(now) is not type(sort):
            yield breach("import-name-removed", f"type {name}", "it is gone")
        elif isinstance(sort, Record) and isinstance(now, Record):
            yield from _struct(sort, now, "both")
        elif isinstance(sort, Enum) and isinstance(now, Enum):
            yield from _values(sort, now)


def _types(machine: Machine) -> dict[str, Enum | Symbol | Record]:
    """What importers can name beside the record, the policy, states, events and effects."""
    apart = (machine.record.name, machine.policy.name, machine.state_sort.name)
    sorts = [*named_sorts(machine), *values(machine)]
    return {
        sort.name: sort
        for sort in sorts
        if isinstance(sort, Enum | Symbol | Record) and sort.name not in apart
    }


def _values(old: Enum, new: Enum) -> Iterator[Breach]:
    """The members of an enumeration; code names them by their Python names, and by their texts."""
    before, after = ({(m.name, m.value): m for m in sort.members} for sort in (old, new))
    for name, value in before:
        if (name, value) not in after:
            problem = f"{name} ({value!r}) is gone"
            yield breach("import-value-removed", f"enumeration {old.name}", problem)
    for name, value in after:
        if (name, value) not in before:
            problem = f"{name} ({value!r}) is new"
            yield breach("import-value-added", f"enumeration {old.name}", problem)


def _struct(old: Record, new: Record, use: Use) -> Iterator[Breach]:
    for part in old:
        now = new.get(part.name)
        where = f"{old.name}.{part.name}"
        if now is None:
            yield breach("import-field-removed", where, "the field is gone")
        elif not _fits(part, now, use):
            problem = f"{annotation(now.sort)}, not {annotation(part.sort)}"
            yield breach("import-field-type-changed", where, f"it is {problem}")
        elif use != "read" and now.is_required and not part.is_required:
            yield breach("import-field-required-added", where, "it must be given now")
    for part in new:
        if use != "read" and part.is_required and old.get(part.name) is None:
            problem = "it is new and must be given"
            yield breach("import-field-required-added", f"{new.name}.{part.name}", problem)


def _fits(old: Field, new: Field, use: Use) -> bool:
    """Whether code that was written for a field still fits it: what is given may become optional.

    What is read may become certain, in the same way.
    """
    before, after = annotation(old.sort), annotation(new.sort)
    empty = " | None"
    wider, narrower = after == before + empty, before == after + empty
    return before == after or (use == "given" and wider) or (use == "read" and narrower)
