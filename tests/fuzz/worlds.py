"""Worlds at random: variables of every sort, instances of machines, starts, actions, reactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fuzz.author import Author
from fuzz.deliveries import Deliveries, reads_numbers
from fuzz.machines import machine_of
from fuzz.promises import promises_of
from fuzz.vocabulary import Vocabulary, symbols_in
from steptable import expr
from steptable.machine import Assignments, Effect, Machine
from steptable.sorts import (
    PAYLOAD,
    U64,
    Field,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
)
from steptable.world import (
    ALWAYS,
    Action,
    Fairness,
    Instance,
    Start,
    Variable,
    World,
    payload_sort,
)


def world_of(seed: int) -> World:
    """The world of a seed."""
    dice = Random(f"world {seed}")
    return _Drawing(dice, Vocabulary(dice), seed).world()


@dataclass
class _Drawing(Deliveries):
    dice: Random
    words: Vocabulary
    seed: int
    machines: list[Machine] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    forgetful: set[str] = field(default_factory=set)

    def world(self) -> World:
        """The whole."""
        dice = self.dice
        count = dice.choice((0, 0, 1, 1, 1, 2))
        self.machines = [machine_of(dice, self.words, name) for name in ("A", "B")[:count]]
        names = ["a", "b"][:count]
        if count == 1 and dice.random() < 0.3:
            names.append("c")
        owners = dict(zip(names, [*self.machines, *self.machines], strict=False))
        self.forgetful = {
            name
            for name, machine in owners.items()
            if machine.numbering.sort == U64 and not reads_numbers(machine) and dice.random() < 0.3
        }
        self._variables()
        self.instances = [Instance(name, machine) for name, machine in owners.items()]
        self.instances = [self._instance(item) for item in self.instances]
        actions = tuple(self._action(n) for n in range(dice.randint(2, 5)))
        drawn = World(
            name=f"drawn{self.seed}",
            doc="Whatever was drawn.",
            instances=tuple(self.instances),
            starts=tuple(self._start(n) for n in range(dice.choice((1, 1, 2)))),
            actions=actions,
            properties=promises_of(dice, self.words, self),
            variables=tuple(self.variables),
            terminal=self.author().condition() if dice.random() < 0.6 else dice.random() < 0.5,
        )
        used = set(_symbols_of(drawn))
        return World(
            **{
                **{name: getattr(drawn, name) for name in drawn.__dataclass_fields__},
                "bounds": self.words.bounds(used),
                "interchangeable": self._interchangeable(drawn),
            }
        )

    def _interchangeable(self, world: World) -> tuple[Symbol, ...]:
        """Symbols that are perhaps alike: whether they are is for the explorer to find out."""
        if self.dice.random() < 0.7:
            return ()
        held = {symbol for sort in sorts_of(world) for symbol in symbols_in(sort, parts=False)}
        plain = [s for s in held if not s.parts and len(self.words.symbols[s]) > 1]
        return tuple(self.dice.sample(sorted(plain, key=str), min(1, len(plain))))

    def _variables(self) -> None:
        for n in range(self.dice.randint(1 if self.machines else 2, 3)):
            sort = self.words.kept()
            if self.machines and self.dice.random() < 0.35:
                sort = self._post()
            count = self.dice.randint(1, 3)
            starts = tuple(self.words.value(sort) for _ in range(count))
            unique = tuple({repr(value): value for value in starts}.values())
            self.variables.append(Variable(f"v{n}", sort, unique))

    def _post(self) -> Sort:
        """Something that payloads can be under way in."""
        payload = payload_sort(self.dice.choice(self.machines))
        pair = Record(
            f"{payload.cases[0].name}Letter",
            (Field("stamp", self.words.scalar(), read_by="tests"), Field("body", payload)),
        )
        return self.dice.choice(
            (
                Queue(payload, 1),
                Queue(payload, 2),
                Optional(payload),
                Map(self.words.key(), payload, total=self.dice.random() < 0.5),
                payload,
                pair,
            )
        )

    # ── What can be read ─────────────────────────────────────────────────────────────

    def roots(self) -> dict[str, Sort]:
        """The whole state; what is forgotten is read by nobody."""
        return {item.name: item.sort for item in self.variables}

    def author(self, *, under: expr.Node | None = None, **more: Sort) -> Author:
        """An author who may read the whole state, and more."""
        author = Author.over(self.dice, self.words, more)
        self.reads_state(author, under)
        return author

    def reads_state(self, author: Author, under: expr.Node | None = None) -> None:
        """Let an author read the state, under a root of its own or by the names themselves."""

        def named(name: str) -> expr.Node:
            return expr.Root(name) if under is None else expr.Attr(under, name)

        for item in self.variables:
            author.scope.read(named(item.name), item.sort)
        for instance in self.instances:
            record = instance.machine.record
            if instance.name not in self.forgetful:
                author.scope.read(named(instance.name), record)
                continue
            for part in record:
                if part.name != "last":
                    author.scope.read(expr.Attr(named(instance.name), part.name), part.sort)

    # ── Instances and starts ─────────────────────────────────────────────────────────

    def _instance(self, item: Instance) -> Instance:
        reactions = tuple(
            (effect.name, self._reaction(item.machine, effect))
            for effect in item.machine.effects
            if self.variables and self.dice.random() < 0.7
        )
        first = self.words.domain(item.machine.numbering.sort)[0]
        forgets = (("last", first),) if item.name in self.forgetful else ()
        return Instance(item.name, item.machine, reactions, forgets)

    def _reaction(self, machine: Machine, effect: Effect) -> Assignments:
        payload = payload_sort(machine)
        fields = Record(
            effect.name,
            tuple(
                Field(part.name, payload if part.sort == PAYLOAD else part.sort)
                for part in effect.fields
            ),
        )
        author = self.author(effect=fields)
        chosen = self.dice.sample(self.variables, min(len(self.variables), 2))
        return author.assignments([(item.name, item.sort) for item in chosen])

    def _start(self, number: int) -> Start:
        records = tuple((item.name, self._started(item)) for item in self.instances)
        own = tuple(
            (item.name, (self.words.value(item.sort),))
            for item in self.variables
            if self.dice.random() < 0.2
        )
        return Start(f"start {number}", records, own)

    def _started(self, item: Instance) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        given = []
        forgotten = dict(item.forgets)
        for part in item.machine.record:
            if part.name in forgotten:
                given.append((part.name, (forgotten[part.name],)))
            elif part.sort == item.machine.state_sort:
                states = part.sort.values
                given.append((part.name, (self.dice.choice(states[:2]),)))
            elif part.is_required or self.dice.random() < 0.4:
                some = (self.words.value(part.sort) for _ in range(self.dice.choice((1, 1, 2))))
                given.append((part.name, tuple({repr(v): v for v in some}.values())))
        return tuple(given)

    # ── Actions ──────────────────────────────────────────────────────────────────────

    def _action(self, number: int) -> Action:
        dice = self.dice
        choices = tuple(
            (f"c{n}", self.words.opaque() if dice.random() < 0.03 else self.words.choosable())
            for n in range(dice.choice((0, 0, 1, 1, 2)))
        )
        chosen = Record("choice", tuple(Field(name, sort) for name, sort in choices))
        author = self.author(choice=chosen)
        for name, sort in choices:
            # What was chosen is looked at more than what there is.
            for _ in range(2):
                author.scope.read(expr.Attr(expr.Root("choice"), name), sort)
        guard = author.condition() if dice.random() < 0.4 else ALWAYS
        deliveries = []
        for _ in range(dice.choice((0, 1, 1, 2)) if self.instances else 0):
            delivery, wanted = self.delivery(author, dice.choice(self.instances))
            deliveries.append(delivery)
            guard = guard if wanted is None else expr.And((wanted, guard))
        reached = {item.instance for item in deliveries}
        settable = [(item.name, item.sort) for item in self.variables]
        sets = author.assignments(
            dice.sample(settable, min(len(settable), dice.choice((0, 1, 2, 2, 3))))
        )
        for item in self.instances:
            if item.name not in reached and dice.random() < 0.2:
                sets += author.assignments([(item.name, item.machine.record)])
        fair: Fairness = dice.choice(("", "", "weak", "strong"))
        return Action(f"act {number}", "", "", choices, guard, tuple(sets), tuple(deliveries), fair)


def sorts_of(world: World) -> Iterator[Sort]:
    """Every sort that something in a world has a value of, but for what is only emitted."""
    yield from (item.sort for item in world.variables)
    yield from (sort for action in world.actions for _, sort in action.choices)
    for machine in (item.machine for item in world.instances):
        yield from (machine.record, machine.policy)
        yield from (event.fields for event in machine.events)


def _symbols_of(world: World) -> Sequence[Symbol]:
    """Every symbol that something in the world has a value of, or is part of such a one."""
    emitted = (e.fields for item in world.instances for e in item.machine.effects)
    return [symbol for sort in (*sorts_of(world), *emitted) for symbol in symbols_in(sort)]
