"""What a row means for one side, worked out once: conditions, assignments, effects, in plain terms.

A declaration says things in short: every row is numbered, changes the state, and may speak of
`row`, `fact` and `payload`. Here all of that is written out, so that every target (an explorer, a
reducer in any language, a comparison of versions) reads the same plain expressions. What is left
in them are `record`, `event` and `policy`; and `payload`, where an effect carries the whole of it:
the row says what that is made of, and a target makes it once.

The interpreter does not use this: it is what this is tested against. Nothing here knows a world
or a language that rows are written in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from steptable import expr
from steptable.machine import Assignments, Emission, Event, Guard, Machine, Row, Side
from steptable.sorts import MISSING, PAYLOAD, TRUTH, Field, Map, Optional, Sort
from steptable.wellformed.expressions.sorting import Sorter

_Parts: TypeAlias = Mapping[tuple[str, str], expr.Node]
"""What the fields of some roots stand for."""


@dataclass(frozen=True)
class Requirement:
    """What must hold for an event to be accepted, and what is to blame where it does not."""

    condition: expr.Node
    guard: Guard | None
    """None: the number of the event, which is not above the last."""


@dataclass(frozen=True)
class ElaboratedRow:
    """A row as one side sees it, with everything written out."""

    machine: Machine
    row: Row
    event: Event

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """In the order in which they are tried; the number comes before the table is looked at."""
        own = (Requirement(guard.condition, guard) for guard in self.row.guards)
        return (Requirement(freshness(self.machine), None), *own)

    @cached_property
    def assignments(self) -> Assignments:
        """Every field of the record that an accepted event sets, in the order of the record.

        They read the record as it was; a field that is not among them stays as it is.
        """
        machine, numbering = self.machine, self.machine.numbering
        values = dict(self.row.sets)
        values[numbering.record_field] = _read("event", numbering.event_field)
        if not self.row.stays:
            values[machine.state_field.name] = self._parts["row", "target"]
        return tuple(
            (part.name, values[part.name]) for part in machine.record if part.name in values
        )

    @cached_property
    def payload(self) -> expr.Make:
        """What `payload` stands for: the fields of the event that travel, named after its fact."""
        record = self.machine.payload(self.row.fact)
        return expr.Make(record, tuple((part.name, _read("event", part.name)) for part in record))

    @cached_property
    def emissions(self) -> tuple[Emission, ...]:
        """The effects of the side in order, each with its condition and with all of its fields."""
        emissions = self.row.emissions(self.event.side)
        return tuple(whole_emission(item, self._parts) for item in emissions)

    @cached_property
    def sorts(self) -> dict[expr.Node, Sort]:
        """The sort of every expression, for those who write it in a language that has types."""
        machine, row = self.machine, self.row
        scope: dict[str, Sort] = {
            "record": machine.record,
            "event": self.event.fields,
            "policy": machine.policy,
            "payload": PAYLOAD,
        }
        sorter = Sorter(row.name, row.at, scope)
        for item in self.requirements:
            sorter.expect(item.condition, TRUTH, "a requirement")
        sorter.check_fields(row.at, machine.record, dict(self.assignments), partial=True)
        sorter.sort(self.payload)
        for emission in self.emissions:
            if emission.condition is not None:
                sorter.expect(emission.condition, TRUTH, "the condition of an effect")
            sorter.check_fields(row.at, emission.effect.fields, dict(emission.fields), partial=True)
        return sorter.sorts

    @cached_property
    def _parts(self) -> _Parts:
        fact = self.row.fact
        return {
            ("row", "source"): self._source,
            ("row", "target"): self._target,
            ("fact", "time"): _read("event", fact.time),
            ("fact", "durable"): expr.Const(fact.durable, TRUTH),
        }

    @property
    def _source(self) -> expr.Node:
        sources = self.row.sources
        if len(sources) == 1:
            return expr.Const(sources[0].name, self.machine.state_sort)
        return _read("record", self.machine.state_field.name)  # whichever it is

    @property
    def _target(self) -> expr.Node:
        target = self.row.target
        if target is None:
            return self._source
        return expr.Const(target.name, self.machine.state_sort)


def elaborated(machine: Machine, row: Row, side: Side) -> ElaboratedRow:
    """A row as one side sees it."""
    return ElaboratedRow(machine, row, machine.half(row.fact, side))


def freshness(machine: Machine) -> expr.Compare[expr.Node]:
    """That an event is newer than all that were accepted; asked of every event before all else."""
    numbering = machine.numbering
    number, last = _read("event", numbering.event_field), _read("record", numbering.record_field)
    return expr.Compare(">", number, last)


def whole_emission(emission: Emission, parts: _Parts | None = None) -> Emission:
    """An effect with every field, those that are left out by their defaults.

    `parts` says what the fields of some roots stand for.
    """
    given = {name: _plain(node, parts or {}) for name, node in emission.fields}
    whole = (
        (part.name, given[part.name] if part.name in given else default_of(part))
        for part in emission.effect.fields
    )
    condition = emission.condition
    return replace(
        emission,
        condition=None if condition is None else _plain(condition, parts or {}),
        fields=tuple(whole),
    )


def default_of(part: Field) -> expr.Node:
    """What a field holds that is not given: its default, else nothing or no entries."""
    if expr.is_node(part.default):
        return part.default
    if part.default is not MISSING:
        return expr.Const(part.default, part.sort)
    match part.sort:
        case Map():
            return expr.Const({}, None)
        case Optional():
            return expr.Const(None, None)
    raise LookupError(part.name)  # wellformed has seen to it that it is given


def _read(root: str, name: str) -> expr.Attr:
    return expr.Attr(expr.Root(root), name)


def _plain(node: expr.Node, parts: _Parts) -> expr.Node:
    """An expression with what the fields of some roots stand for."""
    if isinstance(node, expr.Attr) and isinstance(node.subject, expr.Root):
        return parts.get((node.subject.name, node.name), node)
    return expr.rebuild(node, lambda part: _plain(part, parts)) if parts else node
