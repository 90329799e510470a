"""What a world is: machines closed by an environment, so that all their behaviour is finite.

A world has *instances* of machines and *variables* of its own: a clock, a queue, what a host
really runs. *Actions* change them. An action may happen whenever its guard holds, with any of
its choices; it sets variables, all at once, and delivers events to instances, through the very
same rows that programs run. What an instance emits can be observed: a *reaction* says what
becomes of variables when an effect of some kind is produced.

One action is one step, in this order: the variables that it sets are computed from the state
before; then its events are delivered one after another, each with its fields computed from
the state before the step, and each effect's reactions follow it at once.

The bounds that make domains finite stand apart from machine and actions, and are meant to be
varied. A value that leaves its bounds when a step has been taken, a text as well as a number, is
reported as an error of the world; nothing wraps round, and nothing is dropped. (Of a record, an
instant or a large number that nothing depends on may be any: it is not kept.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from steptable import expr
from steptable.errors import Location, declared_at
from steptable.kinds import declaring
from steptable.machine import Assignments, Effect, Machine
from steptable.properties import Finding, Property
from steptable.sorts import TRUTH, Enum, Field, Integer, Member, Record, Sort, Symbol, Variant
from steptable.terms import Operand, SortLike, Term, as_node, as_sort, lift, root

ALWAYS: Final = expr.Const(True, None)
"""The guard of an action that may always happen."""

NOWHERE: Final = expr.Const(False, TRUTH)
"""Where a world may end that is to go on forever."""

Fairness: TypeAlias = Literal["", "weak", "strong"]


def _assignments(values: Mapping[str, Operand] | None) -> Assignments:
    return tuple((name, lift(value)) for name, value in (values or {}).items())


@dataclass(frozen=True)
class Bounds:
    """The finite domains of a world, by sort.

    `symbols` gives its values to each symbol sort that something holds; what is only emitted,
    or part of a composite symbol, needs none. `instants` are points in time, as seconds on the
    world's clock; `numbers` are the values of integers whose own sort is too large to enumerate.
    """

    symbols: tuple[tuple[Symbol, tuple[str, ...]], ...] = ()
    instants: tuple[int, ...] = (0,)
    numbers: tuple[int, ...] = ()

    @classmethod
    @declaring
    def declare(
        cls,
        *,
        symbols: Mapping[Symbol, Sequence[str]],
        instants: Sequence[int] = (0,),
        numbers: Sequence[int] = (),
    ) -> Bounds:
        pairs = tuple((sort, tuple(values)) for sort, values in symbols.items())
        return cls(pairs, tuple(instants), tuple(numbers))

    def of(self, symbol: Symbol) -> tuple[str, ...]:
        """The values of a symbol sort; none of one that is left out."""
        return dict(self.symbols).get(symbol, ())


@dataclass(frozen=True)
class Instance:
    """A record of a machine in a world, and what the world does about the effects it emits.

    `forgets` are record fields that are put back to a fixed value once a step has been
    judged, which makes the world finite. It is checked that nothing depends on them: a number may
    be compared with what is relative to it, such as the number of an event, and with nothing else.
    They have no bounds.
    """

    name: str
    machine: Machine
    reactions: tuple[tuple[str, Assignments], ...] = ()
    forgets: tuple[tuple[str, Any], ...] = ()
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @declaring
    def declare(
        cls,
        name: str,
        machine: Machine,
        *,
        on: Mapping[Effect, Mapping[str, Operand]] | None = None,
        forgets: Mapping[str, Any] | None = None,
    ) -> Instance:
        """An instance; `on` sets variables of the world when an effect is emitted."""
        reactions = tuple((effect.name, _assignments(sets)) for effect, sets in (on or {}).items())
        return cls(name, machine, reactions, tuple((forgets or {}).items()))


@dataclass(frozen=True)
class Variable:
    """Something of the world that is no machine's, with the values it may start with."""

    name: str
    sort: Sort
    starts: tuple[Any, ...]
    doc: str = ""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @declaring
    def declare(cls, name: str, sort: SortLike, start: Any, doc: str = "") -> Variable:
        """A variable; a list of starts is a free choice among them."""
        return cls(name, as_sort(sort), _choices(start), doc)


@dataclass(frozen=True)
class Start:
    """A family of initial states: each field ranges over its choices, all others are empty."""

    name: str
    records: tuple[tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]], ...]
    variables: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @declaring
    def declare(
        cls,
        name: str,
        records: Mapping[str, Mapping[str, Any]],
        variables: Mapping[str, Any] | None = None,
    ) -> Start:
        """`records` gives the fields of each instance; a list is a free choice among its items."""
        families = tuple(
            (instance, tuple((part, _choices(value)) for part, value in fields.items()))
            for instance, fields in records.items()
        )
        own = tuple((key, _choices(value)) for key, value in (variables or {}).items())
        return cls(name, families, own)


def _choices(value: Any) -> tuple[Any, ...]:
    return tuple(_plain(item) for item in (value if isinstance(value, list) else [value]))


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        # A set is a bag that has each of them once.
        return {_plain(item): 1 for item in sorted(value, key=repr)}
    if isinstance(value, dict | tuple):
        return value
    node = lift(value)
    return node.value if isinstance(node, expr.Const) else value


@dataclass(frozen=True)
class Delivery:
    """An event that reaches an instance: one of its machine's, or whatever a payload says.

    Fields that are not given range over their whole domain; so does the policy.
    """

    instance: str
    event: str | None
    fields: Assignments = ()
    payload: expr.Node | None = None
    policy: Assignments = ()
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


@declaring
def deliver(
    instance: str, event: str, policy: Mapping[str, Operand] | None = None, /, **fields: Operand
) -> Delivery:
    """An event of the machine reaches an instance."""
    return Delivery(instance, event, _assignments(fields), None, _assignments(policy))


@declaring
def receive(
    instance: str, payload: Term, policy: Mapping[str, Operand] | None = None, /
) -> Delivery:
    """A payload reaches an instance, as the event that it is to the receiving side."""
    return Delivery(instance, None, (), payload.node, _assignments(policy))


@dataclass(frozen=True)
class Action:
    """Something that can happen. `says` is a sentence about it, with its choices in braces."""

    name: str
    party: str = ""
    says: str = ""
    choices: tuple[tuple[str, Sort], ...] = ()
    guard: expr.Node = ALWAYS
    sets: Assignments = ()
    deliveries: tuple[Delivery, ...] = ()
    fair: Fairness = ""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @declaring
    def declare(
        cls,
        name: str,
        *,
        party: str = "",
        says: str = "",
        choices: Mapping[str, SortLike] | None = None,
        guard: Operand = None,
        sets: Mapping[str, Operand] | None = None,
        events: Sequence[Delivery] = (),
        fair: Fairness = "",
    ) -> Action:
        """`fair`: an action that can happen does so at last (weak: if it stays possible).

        Without a guard (None) it may always happen.
        """
        return cls(
            name,
            party,
            says,
            tuple((key, as_sort(sort)) for key, sort in (choices or {}).items()),
            ALWAYS if guard is None else lift(guard),
            _assignments(sets),
            tuple(events),
            fair,
        )


@dataclass(frozen=True)
class Alike:
    """Members of a world that are the same but for their names: hosts, probes.

    Of a member are the instances, the variables and the values of symbols that have its name as
    a word of theirs, like `h0` and `h0_queue`. With another member's name there they are that
    one's.
    """

    members: tuple[str, ...]
    at: Location = field(default_factory=declared_at, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        *others, last = self.members
        return f"{', '.join(others)} and {last}"

    def renamed(self, name: str, order: Sequence[str]) -> str:
        """A name in which each member is called what stands in its place in an order of them."""
        called = dict(zip(self.members, order, strict=True))
        return words(self.members).sub(lambda found: called[found[0]], name)


def words(names: Iterable[str]) -> re.Pattern[str]:
    """Finds each of some names where it is a word of another: beside no letter and no digit."""
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])")


Interchangeable: TypeAlias = Symbol | Alike
"""All values of a symbol, or some members."""


@dataclass(frozen=True)
class Idle:
    """A part of a world that is of no use there, on purpose; the day it is, the check goes red.

    Called by its name: an action by its own, what it delivers `ACTION, delivery 1`, a reaction
    `INSTANCE: EFFECT`, and a family of starts `start NAME`.
    """

    name: str
    why: str
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


@dataclass(frozen=True)
class World:
    """Everything that can happen to some machines, and what must hold of it."""

    name: str
    doc: str
    instances: tuple[Instance, ...]
    starts: tuple[Start, ...]
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    bounds: Bounds = Bounds()
    variables: tuple[Variable, ...] = ()
    interchangeable: tuple[Interchangeable, ...] = ()
    """What can change places without anybody noticing, values of symbols or whole members: states
    that differ by their order alone are then explored once. It is checked, not believed."""
    varies: str = ""
    """What the environment may do, in a sentence, for those who read the findings."""
    terminal: Operand | expr.Node = NOWHERE
    """Where it is no deadlock that nothing can happen; True of a world that may end anywhere.

    A step that changes nothing is something that happens, and its state no deadlock. An event
    that is refused is none: where an action delivers nothing else and sets nothing, all stands
    still.
    """
    deadlock: Finding | None = None
    """What is known of a deadlock that it has, pinned like any other finding."""
    idle: tuple[Idle, ...] = ()
    """The parts of it that are of no use in it, each with a reason."""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terminal", as_node(self.terminal))

    @property
    def may_end(self) -> expr.Node:
        """The condition under which it is no deadlock that nothing can happen."""
        return as_node(self.terminal)

    @property
    def may_end_anywhere(self) -> bool:
        """Whether it says so: its deadlocks are then not looked for."""
        return isinstance(self.terminal, expr.Const) and self.terminal.value is True

    @cached_property
    def state(self) -> Record:
        """The whole state as a record: the instances' records, and the variables."""
        records = (Field(item.name, item.machine.record) for item in self.instances)
        own = (Field(item.name, item.sort) for item in self.variables)
        return Record("state", (*records, *own))

    @cached_property
    def action_sort(self) -> Enum:
        return Enum("Action", tuple(Member(item.name, item.name) for item in self.actions))

    def instance(self, name: str) -> Instance:
        return next(item for item in self.instances if item.name == name)


choice = root("choice")
"""What the environment has chosen, in the guard and the computed values of an action."""

effect = root("effect")
"""The effect at hand, in the reactions of an instance."""


@declaring
def payload_sort(machine: Machine) -> Variant:
    """The sort of what travels between the sides of a machine: the payload of any fact."""
    return Variant("Payload", tuple(machine.payload(fact) for fact in machine.facts))


@declaring
def any_event(instance: str, machine: Machine, *, number_steps: range) -> tuple[Action, ...]:
    """An action for each event of the machine, with any payload.

    Its number is the record's last one plus a step out of `number_steps`: below 1 is
    stale, 1 is next, more skips.
    """
    numbering = machine.numbering
    last = Term(expr.Attr(expr.Root(instance), numbering.record_field))
    step = Integer(number_steps.start, number_steps.stop - 1)
    number = last + choice.number_step
    return tuple(
        Action.declare(
            event.name,
            party=event.side.name,
            says=f"{event.name} arrives",
            choices={"number_step": step},
            events=[Delivery(instance, event.name, ((numbering.event_field, number.node),))],
        )
        for event in machine.events
    )
