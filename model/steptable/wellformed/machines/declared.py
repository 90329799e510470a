"""What a machine declares under names of its own: its types and functions, its records."""

from __future__ import annotations

from collections.abc import Iterator

from steptable.errors import Location
from steptable.machine import Machine, records_in
from steptable.sorts import Enum, Integer, Record, Sort, Symbol


def defined(machine: Machine) -> Iterator[tuple[str, str, object, Location]]:
    """What becomes a type or a function: its kind, its name, itself, and where it stands."""
    for fact in machine.facts:
        yield "fact", fact.name, fact, fact.at
        for side, name in fact.halves:
            yield "event", name, (fact, side), fact.at
    for effect in machine.effects:
        yield "effect", effect.name, effect, effect.at
    for constructor in machine.constructors:
        yield "constructor", constructor.name, constructor, constructor.at
    if machine.rehydration is not None:
        yield "rehydration", machine.rehydration.name, machine.rehydration, machine.rehydration.at
    for sort, at in named_sorts(machine):
        yield "sort", str(sort), sort, at


def named_sorts(machine: Machine) -> Iterator[tuple[Record | Enum | Symbol | Integer, Location]]:
    """Every sort with a name, each with the place where it is first used."""
    declared_at: dict[Record | Enum | Symbol | Integer, Location] = {}
    for record in (machine.record, machine.policy):
        declared_at.setdefault(record, machine.at)
    for record in all_records(machine):
        for part in record:
            for sort in _within(part.sort):
                declared_at.setdefault(sort, part.at or machine.at)
    yield from declared_at.items()


def all_records(machine: Machine) -> Iterator[Record]:
    """Every record whose fields are declared, events and effects included."""
    roots = [machine.record, machine.policy, *(event.fields for event in machine.events)]
    roots += [effect.fields for effect in machine.effects]
    roots += [machine.wire.envelope] if machine.wire else []
    yield from dict.fromkeys([*records_in(*roots), *roots])


def _within(sort: Sort | None) -> Iterator[Record | Enum | Symbol | Integer]:
    match sort:
        case Symbol(parts=parts):
            yield from parts
            yield sort
        case Enum() | Record() | Integer(name=str(_)) if getattr(sort, "name", ""):
            yield sort
        case _:
            for name in ("key", "value", "of"):
                yield from _within(getattr(sort, name, None)) if sort is not None else ()
