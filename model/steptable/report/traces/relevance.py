"""Which fields a reader of a trace needs to see, and which only stand in.

The explorer drops what nothing depends on; in a whole state such a field still has some
value, and a report full of those hides what matters. Fields and variables are told apart by
name alone, so that one too many may be shown, but never one too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable import expr
from steptable.machine import Assignments, Machine, Row, records_in
from steptable.properties import Property
from steptable.sorts import Field, Record
from steptable.world import World


def relevant_names(world: World, judged: Iterable[Property]) -> frozenset[str]:
    """The fields and variables that decide what happens or how it is judged, or lead to that."""
    machines = _machines(world)
    known = _fields(machines)
    spoken = list(_spoken(judged))
    parts = [part for node in spoken for part in expr.walk(node)]
    if any(_is_whole(part, {item.name for item in world.instances}) for part in parts):
        return frozenset({*known, *(item.name for item in world.variables)})
    counted = any(isinstance(part, expr.Emitted) for part in parts)
    counted = counted or any(item.reactions for item in world.instances)
    rows = [row for machine in machines for row in machine.rows]
    names = {machine.state_field.name for machine in machines}
    names |= {machine.numbering.event_field for machine in machines}
    deciding = [*spoken, *_deciding_rows(rows, counted), *_deciding_actions(world)]
    names |= {name for node in deciding for name in _read(node, known)}
    updates = list(_updates(world, rows))
    while more := set(_feeding(updates, names)) - names:
        names |= more
    return frozenset(names)


def spoken_of(item: Property) -> frozenset[str]:
    """The names that a property itself mentions."""
    return frozenset(name for node in _spoken([item]) for name in _read(node, {}))


def reads_policy(row: Row) -> bool:
    """Whether what a row does depends on the policy."""
    nodes = [node for _, node in row.sets]
    nodes += _deciding_rows([row], counted=True)
    nodes += [n for side, _ in row.emits for item in row.emissions(side) for _, n in item.fields]
    return any(part == expr.Root("policy") for node in nodes for part in expr.walk(node))


def _machines(world: World) -> list[Machine]:
    machines: list[Machine] = []
    for item in world.instances:
        if all(item.machine is not machine for machine in machines):
            machines.append(item.machine)
    return machines


def _spoken(judged: Iterable[Property]) -> Iterator[expr.Node]:
    for item in judged:
        yield item.condition
        if item.premise is not None:
            yield item.premise


def _fields(machines: Iterable[Machine]) -> dict[str, list[Field]]:
    """Every field of the machines by name."""
    known: dict[str, list[Field]] = {}
    for machine in machines:
        roots = [machine.record, machine.policy, *(event.fields for event in machine.events)]
        for record in [*roots, *records_in(*roots)]:
            for part in record:
                known.setdefault(part.name, []).append(part)
    return known


def _is_whole(node: expr.Node, instances: set[str]) -> bool:
    """Whether a node compares records as a whole, with every field that they have."""
    return isinstance(node, expr.Compare) and any(
        _is_record(side, instances) for side in (node.left, node.right)
    )


def _is_record(node: expr.Node, instances: set[str]) -> bool:
    ends = expr.Root("before"), expr.Root("after")
    if isinstance(node, expr.Attr):
        if isinstance(node.subject, expr.Rerun):
            return node.name == "record"
        return node.subject in ends and node.name in instances
    return node in ends or (isinstance(node, expr.Root) and node.name in instances)


def _deciding_rows(rows: Iterable[Row], counted: bool) -> Iterator[expr.Node]:
    """What decides which row is taken and, where effects are counted, which of them it has."""
    for row in rows:
        yield from (guard.condition for guard in row.guards)
        if counted:
            emissions = (item for side, _ in row.emits for item in row.emissions(side))
            yield from (item.condition for item in emissions if item.condition is not None)


def _deciding_actions(world: World) -> Iterator[expr.Node]:
    """What decides whether an action can happen, and what it delivers."""
    for action in world.actions:
        yield action.guard
        yield from (item.payload for item in action.deliveries if item.payload is not None)
    yield world.may_end


def _updates(world: World, rows: Iterable[Row]) -> Iterator[Assignments]:
    """Everything that is computed for some name."""
    yield from (row.sets for row in rows)
    yield from (sets for item in world.instances for _, sets in item.reactions)
    for action in world.actions:
        yield action.sets
        for delivery in action.deliveries:
            number = world.instance(delivery.instance).machine.numbering.event_field
            # Events are numbered after each other in every world; that alone tells nobody anything.
            yield tuple(item for item in delivery.fields if item[0] != number)
            yield delivery.policy


def _read(node: expr.Node, fields_read: dict[str, list[Field]]) -> Iterator[str]:
    """The names that a node reads; of one that is compared as a whole, all within it."""
    for part in expr.walk(node):
        if isinstance(part, expr.Attr | expr.Root):
            yield part.name
        elif isinstance(part, expr.Compare):
            for side in (part.left, part.right):
                if isinstance(side, expr.Attr):
                    whole = Record("", tuple(fields_read.get(side.name, ())))
                    yield from (field.name for record in records_in(whole) for field in record)


def _feeding(updates: Iterable[Assignments], names: set[str]) -> Iterator[str]:
    """The names out of which values of these names are computed."""
    for sets in updates:
        for name, node in sets:
            if name in names:
                yield from _sources(node, names)


def _sources(node: expr.Node, names: set[str]) -> Iterator[str]:
    if isinstance(node, expr.Attr | expr.Root):
        yield node.name
    for child in _kept(node, names):
        yield from _sources(child, names)


def _kept(node: expr.Node, names: set[str]) -> Iterable[expr.Node]:
    """The parts of a node; of one that makes or changes a record, those for these fields."""
    if not isinstance(node, expr.Make | expr.With):
        return expr.children(node)
    fields = [value for name, value in node.fields if name in names]
    return fields if isinstance(node, expr.Make) else [node.subject, *fields]
