"""What a world is: a machine closed by an environment, so that all its behaviour is finite.

The environment is a set of actions with parameters over finite domains. Each delivers
an event to the instance, through the very same rows that programs run. The bounds that
make domains finite stand apart from machine and actions, and are meant to be varied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steptable import expr
from steptable.errors import Location, declared_at
from steptable.machine import Assignments, Event, Machine
from steptable.properties import Property
from steptable.sorts import Integer, Symbol
from steptable.terms import Term, lift, root


@dataclass(frozen=True)
class Bounds:
    """The finite domains of a world, by sort.

    `symbols` gives each symbol sort its values (a sort that is left out has one value of
    its own name); `instants` are points in time, as seconds on the world's clock.
    """

    symbols: tuple[tuple[Symbol, tuple[str, ...]], ...]
    instants: tuple[int, ...]

    @classmethod
    def declare(cls, *, symbols: Mapping[Symbol, Sequence[str]], instants: Sequence[int]) -> Bounds:
        return cls(
            tuple((sort, tuple(values)) for sort, values in symbols.items()), tuple(instants)
        )

    def of(self, symbol: Symbol) -> tuple[str, ...]:
        return dict(self.symbols).get(symbol, (symbol.name,))


@dataclass(frozen=True)
class Start:
    """A family of initial records: each field ranges over its choices, all others are empty."""

    name: str
    choices: tuple[tuple[str, tuple[Any, ...]], ...]
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    def declare(cls, name: str, /, **choices: Any) -> Start:
        """Each keyword is a record field: one value, or a list of them."""
        return cls(
            name,
            tuple(
                (key, tuple(_plain(v) for v in (value if isinstance(value, list) else [value])))
                for key, value in choices.items()
            ),
        )


def _plain(value: Any) -> Any:
    node = lift(value)
    return node.value if isinstance(node, expr.Const) else value


@dataclass(frozen=True)
class Action:
    """Something that can happen: an event of the machine, with any payload, reaches an instance.

    `parameters` are finite choices of the environment beyond the event's own fields;
    `fields` says how event fields are computed from them and from the `record`.
    Fields that are not computed range over their whole domain.
    """

    name: str
    event: str
    parameters: tuple[tuple[str, Integer], ...] = ()
    fields: Assignments = ()


@dataclass(frozen=True)
class World:
    """A machine, the records it may start from, what can happen to it, and what must hold.

    `forgets` are record fields that are put back to a fixed value once a step has been
    judged, which makes the world finite; sound where rows use a field only in
    comparison with what the environment chooses relative to it.
    """

    name: str
    doc: str
    machine: Machine
    instance: str
    starts: tuple[Start, ...]
    actions: tuple[Action, ...]
    bounds: Bounds
    properties: tuple[Property, ...]
    forgets: tuple[tuple[str, Any], ...] = ()
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


parameter = root("parameter")
"""What the environment has chosen, in the computed fields of an action."""


def any_event(machine: Machine, *, number_steps: range) -> tuple[Action, ...]:
    """An action for each event of the machine, with any payload.

    Its number is the record's last one plus a step out of `number_steps`: below 1 is
    stale, 1 is next, more skips.
    """
    numbering = machine.numbering
    last = Term(expr.Attr(expr.Root("record"), numbering.record_field))
    number = (last + parameter.number_step).node
    step = Integer(number_steps.start, number_steps.stop - 1)

    def action(event: Event) -> Action:
        fields = ((numbering.event_field, number),)
        return Action(event.name, event.name, (("number_step", step),), fields)

    return tuple(action(event) for event in machine.events)
