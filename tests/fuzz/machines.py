"""Machines at random: sides, states, records, facts, effects, policies and rows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from fuzz.author import Author
from fuzz.rows import Rows
from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Machine,
    Numbering,
    Refusal,
    Row,
    Side,
    State,
    Wire,
    state_sort,
)
from steptable.sorts import (
    INSTANT,
    PAYLOAD,
    U64,
    Field,
    Integer,
    Record,
)
from steptable.wellformed import faults_of


def machine_of(dice: Random, words: Vocabulary, name: str) -> Machine:
    """A machine whose names all begin with `name`, so that several can be in one world.

    Nothing in it may go unused, which is not known before it is whole: then another is drawn.
    """
    words.has_clock = False
    machine = _Drawing(dice, words, name).machine()
    for _ in range(5):
        if not faults_of(machine):
            break
        machine = _Drawing(dice, words, name).machine()
    words.has_clock = True
    return machine


class _Drawing(Rows):
    def __init__(self, dice: Random, words: Vocabulary, name: str) -> None:
        self.dice, self.words, self.name = dice, words, name
        self.sides = (Side(f"{name}near"), Side(f"{name}far"))[: dice.choice((1, 2, 2, 2))]
        self.states = self._states()
        self.holder = state_sort(f"{name}State", "How it is.", *self.states)
        self.numbering = Numbering(
            "seq", "last", dice.choice((U64, Integer(0, 3), words.integer()))
        )
        self.shared = [words.field(f"{name.lower()}s{n}", words.choosable()) for n in range(2)]
        self.record = self._record()
        self.policy = Record(
            f"{name}Policy",
            tuple(
                words.field(f"p{n}", words.choosable() if dice.random() < 0.8 else words.held())
                for n in range(dice.choice((0, 1, 1, 2)))
            ),
        )
        self.facts = tuple(self._fact(n) for n in range(dice.randint(1, 3)))
        self.leaving = {state: dice.choice(self.facts) for state in self.states}
        self.drawn = set()
        self.effects = (
            *(self._effect(n) for n in range(dice.randint(1, 3))),
            *(
                Effect(f"{name}Hear{part.name}", side, Record(f"{name}Hear{part.name}", (part,)))
                for fact in self.facts
                for side, parts in fact.extra
                for part in parts
            ),
        )

    def _states(self) -> tuple[State, ...]:
        names = [f"{self.name}Off", f"{self.name}On", f"{self.name}Gone"]
        if self.dice.random() < 0.4:
            del names[1]
        ends = self.dice.random() < 0.5
        return tuple(
            State(name, "Some state.", at == 0, ends and at == len(names) - 1)
            for at, name in enumerate(names)
        )

    def _record(self) -> Record:
        words, dice = self.words, self.dice
        parts = [words.field(f"r{n}", words.held()) for n in range(dice.randint(1, 3))]
        parts.insert(dice.randint(0, len(parts)), Field("state", self.holder))
        first = words.domain(self.numbering.sort)[0]
        parts.append(Field("last", self.numbering.sort, default=first))
        return Record(f"{self.name}Record", tuple(parts), "What it remembers.")

    def _fact(self, number: int) -> Fact:
        words, dice = self.words, self.dice
        name = f"{self.name}Fact{number}"
        parts = [Field("at", INSTANT)]
        parts += [part for part in self.shared if dice.random() < 0.5]
        if dice.random() < 0.6:
            parts.append(words.field(f"e{self.name.lower()}{number}", words.choosable()))
        if dice.random() < 0.2:
            parts.append(words.field(f"m{self.name.lower()}{number}", words.held()))
        dice.shuffle(parts)
        extra = []
        if dice.random() < 0.3:
            sort = words.choosable()
            extra.append((self.sides[0], (words.field(f"x{number}", sort),)))
        return Fact(
            name,
            "Something happened.",
            tuple((side, f"{side.name.title()}Has{number}") for side in self.sides),
            tuple(parts),
            "at",
            dice.random() < 0.5,
            tuple(extra),
        )

    def _effect(self, number: int) -> Effect:
        words, dice = self.words, self.dice
        parts = [
            words.field(f"o{number}{letter}", words.held())
            for letter in "ab"[: dice.choice((0, 1, 1, 2))]
        ]
        if dice.random() < 0.5:
            parts.append(Field("payload", PAYLOAD))
        side = dice.choice((None, None, *self.sides))
        return Effect(
            f"{self.name}Do{number}", side, Record(f"{self.name}Do{number}", tuple(parts))
        )

    def machine(self) -> Machine:
        """The whole, with rows for some pairs and refusals for the others."""
        rows = tuple(row for state in self.states for row in self.rows_of(state))
        emitted = {e.effect.name for row in rows for s in self.sides for e in row.emissions(s)}
        first = self.with_rows(rows)
        return Machine(
            first.name,
            first.doc,
            first.sides,
            first.states,
            first.state_sort,
            first.record,
            first.facts,
            tuple(
                effect
                if effect.name in emitted
                else Effect(effect.name, effect.side, effect.fields, "the runtime")
                for effect in self.effects
            ),
            first.policy,
            (),
            first.numbering,
            rows,
            tuple(self._refusals(rows)),
            tuple(self._constructors()),
            None,
            self._wire(),
        )

    def _wire(self) -> Wire | None:
        if self.dice.random() < 0.2:
            return None
        envelope = Record(f"{self.name}Envelope", (Field("event", PAYLOAD),))
        # What one side's event has alone does not travel, so that the other side receives.
        drawn = self.dice.choice(self.sides)
        able = [side for side in (drawn, *self.sides) if not self._has_extra(side)]
        return Wire(envelope, "event", able[0]) if able else None

    def _has_extra(self, side: Side) -> bool:
        return any(fact.extra_fields(side) for fact in self.facts)

    def _refusals(self, rows: tuple[Row, ...]) -> Iterator[Refusal]:
        for state in self.states:
            taken = {row.fact.name for row in rows if state in row.sources}
            refused = tuple(fact for fact in self.facts if fact.name not in taken)
            if refused:
                yield Refusal(state, refused, "It was drawn.")

    def _constructors(self) -> Iterator[Constructor]:
        """One from arguments alone, and perhaps one that computes what it can."""
        own = [part for part in self.record if part.name not in ("state", "last")]
        names = tuple(part.name for part in own)
        yield Constructor(f"new_{self.name.lower()}", "From all.", self.states[0], names)
        if self.dice.random() < 0.8:
            event = self.dice.choice(self.with_rows(()).events)
            computed = self.dice.choice(own)
            rest = tuple(name for name in names if name != computed.name)
            given = Record("given", tuple(part for part in own if part.name in rest))
            roots = {"event": event.fields}
            author = Author.over(self.dice, self.words, roots, in_world=False)
            author.scope.read(expr.Root("given"), given, whole=False)
            sets = author.assignments([(computed.name, computed.sort)])
            if sets:
                name = f"first_{self.name.lower()}"
                yield Constructor(name, "From one.", self.states[0], rest, sets, event.name)
