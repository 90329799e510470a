"""What a machine is: states, record, facts, effects, policy and rows, as immutable values.

A *fact* is something that happened; each *side* of the machine sees it as an
*event* of its own. A *row* says what a fact does in a state: the guards it must
pass, the state it leads to, the record fields it sets, and the effects that each
side produces, in order. Whatever all rows share is declared once: how events are
numbered, and effects written in terms of `row` and `fact`.

Nothing here judges a declaration (`steptable.wellformed`) or runs it (`steptable.interpreter`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias, TypeVar, cast

from steptable import expr
from steptable.errors import Fault, Location, SpecError, declared_at
from steptable.kinds import declaring, keeping
from steptable.sorts import U64, Enum, Field, Integer, Member, Record
from steptable.support.renaming import constant
from steptable.terms import Operand, lift, named

_Item = TypeVar("_Item")

Assignments: TypeAlias = tuple[tuple[str, expr.Node], ...]


def _several(values: Iterable[_Item]) -> tuple[_Item, ...]:
    """A tuple of the values; what is no sequence is kept as it is, for `wellformed` to report."""
    return tuple(values) if isinstance(values, Iterable) else values


def _states(source: State | Sequence[State]) -> State | tuple[State, ...]:
    """The states of a row, a lone one by itself; what is neither is kept for `wellformed`."""
    if not isinstance(source, tuple | list):
        return cast("State", source)
    states = tuple(source)
    return states[0] if len(states) == 1 else states


def _assignments(values: Mapping[str, Operand]) -> Assignments:
    return tuple((name, lift(value)) for name, value in values.items())


@dataclass(frozen=True)
class Side:
    """One of the parties that see each fact, such as an agent or its mirror."""

    name: str
    doc: str = ""

    def as_node(self) -> expr.Node:
        # Like a state: the sort is that of the place.
        return expr.Const(self.name, None, at=declared_at())


@dataclass(frozen=True)
class State:
    """A state of a machine, and a constant in expressions. A terminal state accepts nothing."""

    name: str
    doc: str
    initial: bool = False
    terminal: bool = False
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    def as_node(self) -> expr.Node:
        # The sort is that of the place: the states of whichever machine this stands in.
        return expr.Const(self.name, None, at=declared_at())

    @property
    def member(self) -> Member:
        """The state as a value of the enumeration of states."""
        return Member(constant(self.name), self.name, self.doc)


@declaring
def state_sort(name: str, doc: str, *states: State) -> Enum:
    """The enumeration of a machine's states, in reading order."""
    return Enum(name, tuple(state.member for state in states), doc)


@declaring
def partition(states: Sequence[State], *parts: Sequence[State]) -> tuple[tuple[State, ...], ...]:
    """The parts, where each state is in one of them: what means some of the states, means all.

    A state that is added later is in no part, which is a fault here, and left out nowhere.
    """
    at = declared_at()
    places = [state for part in parts for state in part]
    faults = [
        Fault(at, "partition", f"state '{state.name}' is {wrong}", advice, "no-partition")
        for state in dict.fromkeys([*states, *places])
        for wrong, advice in _misplaced(state, states, places)
    ]
    if faults:
        raise SpecError(faults)
    return tuple(map(tuple, parts))


def _misplaced(
    state: State, states: Sequence[State], places: Sequence[State]
) -> Iterator[tuple[str, str]]:
    if state not in states:
        yield "none of those that are parted", "remove it, or add it to them"
    elif state not in places:
        yield "in no part", "put it into the one where it belongs"
    elif places.count(state) > 1:
        yield "in several parts", "leave it in one"


@dataclass(frozen=True)
class Numbering:
    """How events are numbered: one whose number is not above the record's last is refused.

    Every accepted event sets the record's field; a refused one leaves it.
    """

    event_field: str
    record_field: str
    sort: Integer = U64
    doc: str = ""


@dataclass(frozen=True)
class Event:
    """A fact as one side sees it."""

    name: str
    side: Side
    fact: Fact
    fields: Record
    doc: str


@dataclass(frozen=True)
class Fact:
    """Something that happened, declared once for all sides.

    `halves` names the event of each side; `time` is the field with the moment it
    happened; `extra` has fields that only one side's event carries, which the wire
    payload therefore lacks. `durable` facts outlive a restart of their sender.
    """

    name: str
    doc: str
    halves: tuple[tuple[Side, str], ...]
    fields: tuple[Field, ...]
    time: str
    durable: bool
    extra: tuple[tuple[Side, tuple[Field, ...]], ...] = ()
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @declaring
    def declare(
        cls,
        name: str,
        doc: str,
        /,
        *,
        halves: Mapping[Side, str],
        time: str,
        durable: bool,
        extra: Mapping[Side, Mapping[str, Field]] | None = None,
        **fields: Field,
    ) -> Fact:
        """A fact with its fields as keywords."""
        only = tuple((side, named(dict(parts))) for side, parts in (extra or {}).items())
        return cls(name, doc, tuple(halves.items()), named(fields), time, durable, only)

    def extra_fields(self, side: Side) -> tuple[Field, ...]:
        return dict(self.extra).get(side, ())


@dataclass(frozen=True)
class Effect:
    """Something that the runtime of a side must do; `side` is None where both may.

    Calling it with its fields makes an `Emission`. `emitted_by` says who produces
    an effect that no row does.
    """

    name: str
    side: Side | None
    fields: Record
    emitted_by: str = ""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @keeping
    def declare(
        cls, name: str, doc: str, /, *, side: Side | None, emitted_by: str = "", **fields: Field
    ) -> Effect:
        """An effect with its fields as keywords."""
        return cls(name, side, Record(name, named(fields), doc), emitted_by)

    @property
    def doc(self) -> str:
        return self.fields.doc

    def __call__(self, /, **values: Operand) -> Emission:
        return Emission(self, _assignments(values), at=declared_at())


@dataclass(frozen=True)
class Emission:
    """An effect with its fields filled in, produced where its condition holds."""

    effect: Effect
    fields: Assignments
    condition: expr.Node | None = None
    at: Location | None = field(default=None, compare=False, repr=False)

    def when(self, condition: Operand) -> Emission:
        """The same, but only where the condition holds of the state before the step."""
        return replace(self, condition=lift(condition))


Emits: TypeAlias = "Emission | BySide"


@dataclass(frozen=True)
class BySide:
    """One act that each side performs with an effect of its own."""

    name: str
    emissions: tuple[tuple[Side, Emission], ...]


@declaring
def by_side(name: str, emissions: Mapping[Side, Emission]) -> BySide:
    return BySide(name, tuple(emissions.items()))


@dataclass(frozen=True)
class Guard:
    """A named condition of a row. `must` completes the sentence "refused: ..."."""

    name: str
    condition: expr.Node
    must: str
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @keeping
    def declare(cls, name: str, condition: Operand, must: str) -> Guard:
        return cls(name, lift(condition), must)


@dataclass(frozen=True)
class Row:
    """What one fact does in one state, or in several where it does the same.

    A row without a target stays where it is, whichever of its states that is.
    """

    name: str
    source: State | tuple[State, ...]
    fact: Fact
    target: State | None
    guards: tuple[Guard, ...]
    sets: Assignments
    emits: tuple[tuple[Side, tuple[Emits, ...]], ...]
    why: str
    cites: str
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @keeping
    def declare(
        cls,
        name: str,
        source: State | Sequence[State],
        fact: Fact,
        target: State | None = None,
        *,
        guards: Sequence[Guard] = (),
        sets: Mapping[str, Operand] | None = None,
        emits: Mapping[Side, Sequence[Emits]],
        why: str,
        cites: str,
    ) -> Row:
        """A row; `source` is a state or a tuple of them, in each of which it says the same.

        `emits` lists the effects of each side in the order they are produced.
        """
        states = _states(source)
        return cls(
            name,
            states,
            fact,
            states if target is None and isinstance(states, State) else target,
            _several(guards),
            _assignments(sets or {}),
            tuple((side, _several(acts)) for side, acts in emits.items()),
            why,
            cites,
        )

    @property
    def sources(self) -> tuple[State, ...]:
        """The states in which it stands."""
        return self.source if isinstance(self.source, tuple) else (self.source,)

    @property
    def stays(self) -> bool:
        return self.target is None or self.sources == (self.target,)

    @property
    def apart(self) -> tuple[Row, ...]:
        """A row for each of its states, called after it and the state; itself if it has one."""
        if not isinstance(self.source, tuple):
            return (self,)
        return tuple(
            replace(
                self,
                name=self.name if len(self.source) == 1 else f"{self.name} in {source.name}",
                source=source,
                target=source if self.target is None else self.target,
            )
            for source in self.source
        )

    @property
    def ends(self) -> tuple[State, State]:
        """Where a row of a single state begins, and where it leads."""
        (source,) = self.sources
        return source, source if self.target is None else self.target

    def acts(self, side: Side) -> tuple[Emits, ...]:
        return dict(self.emits).get(side, ())

    def emissions(self, side: Side) -> tuple[Emission, ...]:
        """The effects of one side in order."""
        return tuple(
            dict(act.emissions)[side] if isinstance(act, BySide) else act
            for act in self.acts(side)
            if not isinstance(act, BySide) or side in dict(act.emissions)
        )


@dataclass(frozen=True)
class Refusal:
    """Facts that a state does not accept, and why."""

    state: State
    facts: tuple[Fact, ...]
    why: str
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


@dataclass(frozen=True)
class Constructor:
    """A way to make a new record: from arguments alone, or out of a first event.

    `arguments` are record fields given by the caller; `sets` are computed from
    `given` (those arguments) and `event`; all other fields are empty. With `on`,
    the event is then stepped through the table.
    """

    name: str
    doc: str
    state: State
    arguments: tuple[str, ...]
    sets: Assignments = ()
    on: str | None = None
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @classmethod
    @keeping
    def declare(
        cls,
        name: str,
        doc: str,
        state: State,
        arguments: Sequence[str],
        *,
        sets: Mapping[str, Operand] | None = None,
        on: str | None = None,
    ) -> Constructor:
        return cls(name, doc, state, _several(arguments), _assignments(sets or {}), on)


@dataclass(frozen=True)
class Rehydration:
    """The effects that bring a runtime back in line with a record it has just read."""

    name: str
    doc: str
    emits: tuple[tuple[State, tuple[Emission, ...]], ...]
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


@dataclass(frozen=True)
class Wire:
    """The message that carries one fact: its envelope, and the side that it informs."""

    envelope: Record
    event_field: str
    receiver: Side


@dataclass(frozen=True)
class Machine:
    """A whole declaration. Change a copy with `dataclasses.replace`; nothing is shared."""

    name: str
    doc: str
    sides: tuple[Side, ...]
    states: tuple[State, ...]
    state_sort: Enum
    record: Record
    facts: tuple[Fact, ...]
    effects: tuple[Effect, ...]
    policy: Record
    identity: tuple[str, ...]
    """The record fields that say which of many records this is; errors carry them."""
    numbering: Numbering
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    constructors: tuple[Constructor, ...] = ()
    rehydration: Rehydration | None = None
    wire: Wire | None = None
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every fact as every side sees it, side by side."""
        return tuple(
            self._event(fact, side, name)
            for side in self.sides
            for fact in self.facts
            for half, name in fact.halves
            if half == side
        )

    def _event(self, fact: Fact, side: Side, name: str) -> Event:
        number = Field(self.numbering.event_field, self.numbering.sort, self.numbering.doc)
        fields = Record(name, (*fact.fields, *fact.extra_fields(side), number), fact.doc)
        return Event(name, side, fact, fields, fact.doc)

    def event(self, name: str) -> Event:
        return next(event for event in self.events if event.name == name)

    def half(self, fact: Fact, side: Side) -> Event:
        """The fact as one side sees it."""
        return next(event for event in self.events if event.fact == fact and event.side == side)

    def other_half(self, event: Event) -> Event:
        """The same fact as another side sees it. Raises StopIteration where there is one side."""
        return next(e for e in self.events if e.fact == event.fact and e != event)

    def rows_of(self, state: str, fact: Fact) -> tuple[Row, ...]:
        """The rows of a state and a fact, each as it is there; at most one of them can fire."""
        return tuple(
            row
            for declared in self.rows
            if declared.fact == fact
            for row in declared.apart
            if row.ends[0].name == state
        )

    @property
    def rows_apart(self) -> tuple[Row, ...]:
        """The rows of each state, one for each state where a row has several."""
        return tuple(part for row in self.rows for part in row.apart)

    def refusal_of(self, state: str, fact: Fact) -> Refusal | None:
        return next(
            (
                refusal
                for refusal in self.refusals
                if refusal.state.name == state and fact in refusal.facts
            ),
            None,
        )

    def payload(self, fact: Fact) -> Record:
        """What travels of a fact: the fields that every side's event has, and the number."""
        number = Field(self.numbering.event_field, self.numbering.sort, self.numbering.doc)
        return Record(fact.name, (*fact.fields, number), fact.doc)

    @property
    def state_field(self) -> Field:
        """The record field that holds the state."""
        return next(part for part in self.record if part.sort == self.state_sort)


def records_in(*roots: Record) -> Iterator[Record]:
    """The record sorts that fields of the given ones mention, innermost first, each once."""
    yield from dict.fromkeys(record for root in roots for record in _mentioned(root))


def _mentioned(sort: object) -> Iterator[Record]:
    match sort:
        case Record(fields=fields):
            for part in fields:
                yield from _below(part.sort)
        case _:
            return


def _below(sort: object) -> Iterator[Record]:
    of = getattr(sort, "of", None) or getattr(sort, "value", None)
    if isinstance(sort, Record):
        yield from _mentioned(sort)
        yield sort
    elif of is not None and not isinstance(of, str):
        yield from _below(of)
