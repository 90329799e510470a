"""What the scalars of a system are called on the page, and when they mean something.

The engine stores a value that is not there as the first of its domain (`partial.shapes`);
a reader must not take such a stand-in for a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from steptable.explore.system.transitions import (
    CHOICE,
    TransitionSystem,
    choice_root,
    choice_sort,
    event_path,
    policy_path,
)
from steptable.machine import Machine
from steptable.partial.paths import Part, Path
from steptable.partial.shapes import Decomposer, union
from steptable.partial.variables import Variable
from steptable.report.traces.values import shown
from steptable.sorts import Bag, Integer, Map, Optional, Queue, Record, Sort, Variant
from steptable.world import Action, Bounds

Condition: TypeAlias = tuple[Path, tuple[Any, ...]]
"""A scalar, and the values of which it must have one."""

Conditions: TypeAlias = tuple[Condition, ...]


def of_states(system: TransitionSystem) -> dict[Path, Conditions]:
    """For each scalar of a whole state, all that must be so where it is more than a stand-in."""
    bounds = system.world.bounds
    parts = (_within(Path.of(part.name), part.sort, bounds, ()) for part in system.world.state)
    return {path: given for found in parts for path, given in found}


def of_choices(system: TransitionSystem) -> dict[Path, Conditions]:
    """The same for each scalar that the environment chooses."""
    bounds = system.world.bounds
    return {
        scalar: given
        for number, action in enumerate(system.world.actions)
        for path, record in _choices(system, action)
        for scalar, given in _within(choice_root(number).joined(path), record, bounds, ())
    }


def _choices(system: TransitionSystem, action: Action) -> Iterator[tuple[Path, Record]]:
    """What the environment may choose of an action, below the root of that."""
    yield CHOICE, choice_sort(action)
    for number, delivery in enumerate(action.deliveries):
        machine: Machine = system.world.instance(delivery.instance).machine
        yield policy_path(number), machine.policy
        if delivery.event is not None:
            yield event_path(number), machine.event(delivery.event).fields


def _within(
    path: Path, sort: Sort, bounds: Bounds, conditions: Conditions
) -> Iterator[tuple[Path, Conditions]]:
    """The scalars of a value with their conditions, as `partial.shapes` declares them."""
    match sort:
        case Optional(of=of):
            yield path.presence, conditions
            yield from _within(path, of, bounds, (*conditions, (path.presence, (True,))))
        case Record(fields=fields):
            for part in fields:
                yield from _within(path.field(part.name), part.sort, bounds, conditions)
        case Map(key=key, value=value):
            for at in Decomposer(bounds).keys(path, key):
                entry = value if sort.total else Optional(value)
                yield from _within(path.entry(at), entry, bounds, conditions)
        case Queue(of=of, capacity=capacity):
            yield path.length, conditions
            for slot in range(capacity):
                longer = (path.length, tuple(range(slot + 1, capacity + 1)))
                yield from _within(path.slot(slot), of, bounds, (*conditions, longer))
        case Variant(cases=cases):
            kind = path.field("kind")
            yield kind, conditions
            for part in union(sort):
                kinds = tuple(case.name for case in cases if case.get(part.name) is not None)
                yield from _within(
                    path.field(part.name), part.sort, bounds, (*conditions, (kind, kinds))
                )
        case Bag(of=of):
            for at in Decomposer(bounds).keys(path, of):
                yield path.entry(at), conditions
        case _:
            yield path, conditions


def told(system: TransitionSystem, variable: Variable) -> dict[str, Any]:
    """A scalar as the page tells of it: whose it is, its name, and what its values are called."""
    scope, of, path = _place(system, variable)
    made: dict[str, Any] = {"scope": scope, "name": f"{of}{path.value}"}
    if path.is_presence:
        return made | {"words": ["nothing", "something"]}
    if path.is_length:
        made["name"] = f"length of {made['name']}"
    if variable.is_numeric:
        made["numbers"] = variable.domain
    if not isinstance(variable.sort, Integer):
        made["words"] = [shown(variable.sort, value, None) for value in variable.domain]
    return made


def _place(system: TransitionSystem, variable: Variable) -> tuple[str, str, Path]:
    """Whose a scalar is, "" where it is nobody's in particular; what goes before its name; and
    where it lies there."""
    path = variable.path
    if variable.name in system.parameters:
        match path.segments[1:]:
            case (Part("choice"), *chosen) | (Part(), Part("event"), *chosen):
                return "", "", Path(tuple(chosen))
            case (Part(), Part("policy"), *chosen):
                return "", "policy ", Path(tuple(chosen))
    if any(item.name == path.root for item in system.world.instances):
        return path.root, "", path.after(Path.of(path.root))
    return "", "", path


def is_of_others(presence: Path, others: Iterable[Path]) -> bool:
    """Whether the value that a presence is about has scalars among others."""
    return any(other != presence and other.is_within(presence.value) for other in others)
