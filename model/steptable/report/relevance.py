"""Which fields a reader of a trace needs to see, and which only stand in.

The explorer drops what nothing depends on; in a whole record such a field still has some
value, and a report full of those hides what matters. Fields are told apart by name alone,
so that one too many may be shown, but never one too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable import expr
from steptable.machine import Machine, Row, records_in
from steptable.properties import Property
from steptable.sorts import Field, Record


def relevant_fields(machine: Machine, judged: Property) -> frozenset[str]:
    """The names of the fields that guards or the property read, directly or through others."""
    known = _fields(machine)
    parts = list(expr.walk(judged.condition))
    if any(_is_whole(node) for node in parts):
        return frozenset(known)
    counted = any(isinstance(node, expr.Emitted) for node in parts)
    deciding = [judged.condition, *_deciding(machine.rows, counted)]
    names = {machine.state_field.name, machine.numbering.event_field}
    names |= {name for node in deciding for name in _read(node, known)}
    while more := set(_feeding(machine.rows, names)) - names:
        names |= more
    return frozenset(names)


def reads_policy(row: Row) -> bool:
    """Whether what a row does depends on the policy."""
    nodes = [node for _, node in row.sets]
    nodes += _deciding([row], counted=True)
    nodes += [n for side, _ in row.emits for item in row.emissions(side) for _, n in item.fields]
    return any(part == expr.Root("policy") for node in nodes for part in expr.walk(node))


def _fields(machine: Machine) -> dict[str, list[Field]]:
    """Every field of the machine by name."""
    roots = [machine.record, machine.policy, *(event.fields for event in machine.events)]
    known: dict[str, list[Field]] = {}
    for record in [*roots, *records_in(*roots)]:
        for part in record:
            known.setdefault(part.name, []).append(part)
    return known


def _is_whole(node: expr.Node) -> bool:
    """Whether a node compares records as a whole, with every field that they have."""
    match node:
        case expr.Compare(left=left, right=right):
            return any(_is_record(side) for side in (left, right))
    return False


def _is_record(node: expr.Node) -> bool:
    match node:
        case expr.Root() | expr.Attr(subject=expr.Rerun(), name="record"):
            return True
    return False


def _deciding(rows: Iterable[Row], counted: bool) -> Iterator[expr.Node]:
    """What decides which row is taken and, where effects are counted, which of them it has."""
    for row in rows:
        yield from (guard.condition for guard in row.guards)
        if counted:
            emissions = (item for side, _ in row.emits for item in row.emissions(side))
            yield from (item.condition for item in emissions if item.condition is not None)


def _read(node: expr.Node, known: dict[str, list[Field]]) -> Iterator[str]:
    """The fields that a node reads; of one that is compared as a whole, all within it."""
    for part in expr.walk(node):
        match part:
            case expr.Attr(name=name):
                yield name
            case expr.Compare(left=left, right=right):
                for side in (left, right):
                    if isinstance(side, expr.Attr):
                        whole = Record("", tuple(known.get(side.name, ())))
                        yield from (field.name for record in records_in(whole) for field in record)


def _feeding(rows: Iterable[Row], names: set[str]) -> Iterator[str]:
    """The fields out of which rows compute fields of these names."""
    for row in rows:
        for name, node in row.sets:
            if name in names:
                yield from _sources(node, names)


def _sources(node: expr.Node, names: set[str]) -> Iterator[str]:
    match node:
        case expr.Attr(name=name):
            yield name
    for child in _kept(node, names):
        yield from _sources(child, names)


def _kept(node: expr.Node, names: set[str]) -> Iterable[expr.Node]:
    """The parts of a node; of one that makes or changes a record, those for these fields."""
    match node:
        case expr.Make(fields=fields):
            return [value for name, value in fields if name in names]
        case expr.With(subject=subject, fields=fields):
            return [subject, *(value for name, value in fields if name in names)]
    return expr.children(node)
