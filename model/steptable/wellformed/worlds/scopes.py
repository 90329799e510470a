"""What can be read where in a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable.errors import Fault, Location, suggestion
from steptable.machine import Effect, Machine
from steptable.properties import Property, rerun_sort, step_sort
from steptable.sorts import PAYLOAD, Field, Record, Sort
from steptable.wellformed.expressions.sorting import RERUN, Sorter
from steptable.world import Action, Instance, World, payload_sort


def sorter_of(world: World, where: str, at: Location, scope: dict[str, Sort]) -> Sorter:
    """A sorter for expressions of a world."""
    return Sorter(f"world '{world.name}', {where}", at, scope, bounds=world.bounds)


def machines_in(world: World, named: str | None = None) -> list[Machine]:
    """The machines of all instances, or of the one of that name, each once."""
    found: list[Machine] = []
    for instance in world.instances:
        if named in (None, instance.name) and instance.machine not in found:
            found.append(instance.machine)
    return found


def state_scope(world: World) -> dict[str, Sort]:
    """Every instance and variable by its name."""
    return {part.name: part.sort for part in world.state}


def action_scope(world: World, action: Action) -> dict[str, Sort]:
    """What guards, sets and deliveries may read: the state before, and what was chosen."""
    chosen = tuple(Field(name, sort) for name, sort in action.choices)
    return state_scope(world) | {"choice": Record("choice", chosen)}


def reaction_scope(world: World, instance: Instance, effect: Effect) -> dict[str, Sort]:
    """What a reaction may read: the state at that moment, and the effect."""
    payload = payload_sort(instance.machine)
    parts = (
        Field(part.name, payload if part.sort == PAYLOAD else part.sort) for part in effect.fields
    )
    return state_scope(world) | {"effect": Record(effect.name, tuple(parts))}


def step_scope(world: World) -> dict[str, Sort]:
    """What a property over steps may read."""
    return {"before": world.state, "after": world.state, "action": world.action_sort}


def event_scope(machine: Machine, item: Property) -> dict[str, Sort]:
    """What a property over events may read, where the event reaches such a machine."""
    scope: dict[str, Sort] = {
        "before": machine.record,
        "after": machine.record,
        "step": step_sort(machine),
        RERUN: rerun_sort(machine),
    }
    if item.fact is not None:
        scope["event"] = machine.payload(item.fact)
    return scope


def unknown(
    what: str, name: str, declared: Iterable[str], at: Location, where: str
) -> Iterator[Fault]:
    """The fault of a name that is not known, if it is not."""
    names = list(dict.fromkeys(declared))
    if name not in names:
        yield Fault(
            at, where, f"there is no {what} '{name}'", suggestion(name, names), "unknown-name"
        )
