"""Machines at random: sides, states, records, facts, effects, policies and rows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from fuzz.author import Author, Unwritable
from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.machine import (
    BySide,
    Constructor,
    Effect,
    Emission,
    Emits,
    Fact,
    Guard,
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
    TRUTH,
    U64,
    Field,
    Integer,
    Record,
    Sort,
)
from steptable.wellformed import faults_of
from steptable.wellformed.firing import can_hold
from steptable.wellformed.rows import row_scope
from steptable.wellformed.sorting import Sorter

WHY: Final = {"why": "It was drawn.", "cites": "dice"}


def machine_of(dice: Random, words: Vocabulary, name: str) -> Machine:
    """A machine whose names all begin with `name`, so that several can be in one world.

    Nothing in it may go unused, which is not known before it is whole: then another is drawn.
    """
    machine = _Drawing(dice, words, name).machine()
    for _ in range(5):
        if not faults_of(machine):
            break
        machine = _Drawing(dice, words, name).machine()
    return machine


class _Drawing:
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
        rows = tuple(row for state in self.states for row in self._rows_of(state))
        emitted = {e.effect.name for row in rows for s in self.sides for e in row.emissions(s)}
        first = self._with_rows(rows)
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

    def _with_rows(self, rows: tuple[Row, ...]) -> Machine:
        return Machine(
            self.name,
            "Some machine.",
            self.sides,
            self.states,
            self.holder,
            self.record,
            self.facts,
            self.effects,
            self.policy,
            (),
            self.numbering,
            rows,
            (),
        )

    def _wire(self) -> Wire | None:
        if self.dice.random() < 0.2:
            return None
        envelope = Record(f"{self.name}Envelope", (Field("event", PAYLOAD),))
        return Wire(envelope, "event", self.dice.choice(self.sides))

    def _refusals(self, rows: tuple[Row, ...]) -> Iterator[Refusal]:
        for state in self.states:
            taken = {row.fact.name for row in rows if row.source == state}
            refused = tuple(fact for fact in self.facts if fact.name not in taken)
            if refused:
                yield Refusal(state, refused, "It was drawn.")

    def _constructors(self) -> Iterator[Constructor]:
        """One from arguments alone, and perhaps one that computes what it can."""
        own = [part for part in self.record if part.name not in ("state", "last")]
        names = tuple(part.name for part in own)
        yield Constructor(f"new_{self.name.lower()}", "From all.", self.states[0], names)
        if self.dice.random() < 0.8:
            event = self.dice.choice(self._with_rows(()).events)
            computed = self.dice.choice(own)
            rest = tuple(name for name in names if name != computed.name)
            given = Record("given", tuple(part for part in own if part.name in rest))
            author = Author.over(
                self.dice, self.words, {"given": given, "event": event.fields}, in_world=False
            )
            sets = author.assignments([(computed.name, computed.sort)])
            if sets:
                name = f"first_{self.name.lower()}"
                yield Constructor(name, "From one.", self.states[0], rest, sets, event.name)

    # ── Rows ─────────────────────────────────────────────────────────────────────────

    def _rows_of(self, state: State) -> Iterator[Row]:
        if state.terminal:
            return
        following = self.states[(self.states.index(state) + 1) % len(self.states)]
        leaving = self.dice.choice(self.facts)
        for fact in self.facts:
            target = following if fact == leaving else None
            kind = self.dice.choice(("none", "one", "guarded", "guarded", "two", "two"))
            if kind == "none" and target is None and not fact.extra:
                continue
            guards = self._guards(state, fact) if kind in ("guarded", "two") else ()
            yield self._row(f"{state.name} {fact.name}", state, fact, target, guards)
            if kind == "two" and guards:
                opposite = Guard("not so", expr.Not(guards[0].condition), "it must not be so")
                yield self._row(f"{state.name} {fact.name} else", state, fact, None, (opposite,))

    def _scope(self, fact: Fact) -> dict[str, Sort]:
        number = Field("seq", self.numbering.sort)
        payload = Record(fact.name, (*fact.fields, number))
        return {"record": self.record, "event": payload, "policy": self.policy}

    def _guards(self, state: State, fact: Fact) -> tuple[Guard, ...]:
        """One or two conditions, each of which can hold and can refuse once the first holds."""
        author = Author.over(self.dice, self.words, self._scope(fact), in_world=False)
        guards: list[Guard] = []
        for name in ("so", "so too")[: self.dice.choice((1, 1, 2))]:
            for _ in range(5):
                condition = author.condition(self.dice.randint(0, 2))
                if self._decides(state, fact, [g.condition for g in guards], condition):
                    guards.append(Guard(name, condition, "it must be so"))
                    break
        return tuple(guards)

    def _decides(
        self, state: State, fact: Fact, before: list[expr.Node], condition: expr.Node
    ) -> bool:
        row = self._row("probe", state, fact, None, (), bare=True)
        sorter = Sorter("probe", row.at, row_scope(self._with_rows(()), row))
        for node in (*before, condition):
            sorter.expect(node, TRUTH, "a guard")
        here = expr.Compare(
            "==", expr.Attr(expr.Root("record"), "state"), expr.Const(state.name, None)
        )
        sorter.expect(here, TRUTH, "the state")
        if sorter.faults:
            return False
        known = (here, *before)
        ways = (condition, expr.Not(condition))
        return all(can_hold(expr.And((*known, way)), sorter.sorts) for way in ways)

    def _row(
        self,
        name: str,
        state: State,
        fact: Fact,
        target: State | None,
        guards: tuple[Guard, ...],
        *,
        bare: bool = False,
    ) -> Row:
        dice = self.dice
        if target is None:
            target = dice.choice((state, state, *self.states))
        if bare:
            return Row(name, state, fact, target, guards, (), (), **WHY)
        author = Author.over(dice, self.words, self._scope(fact), in_world=False)
        own = [(p.name, p.sort) for p in self.record if p.name not in ("state", "last")]
        sets = author.assignments(dice.sample(own, dice.randint(0, min(2, len(own)))))
        acts = self._acts(fact)
        return Row(name, state, fact, target, guards, sets, acts, **WHY)

    def _acts(self, fact: Fact) -> tuple[tuple[Side, tuple[Emits, ...]], ...]:
        """What each side emits, some of it by a common act."""
        own = {side: list(self._emissions(fact, side)) for side in self.sides}
        common: list[Emits] = []
        if len(self.sides) == 2 and all(own.values()) and self.dice.random() < 0.3:
            common.append(BySide("both", tuple((side, own[side].pop()) for side in self.sides)))
        return tuple((side, (*common, *own[side])) for side in self.sides)

    def _emissions(self, fact: Fact, side: Side) -> Iterator[Emission]:
        scope = self._scope(fact)
        event = next(e for e in self._with_rows(()).events if (e.fact, e.side) == (fact, side))
        ends = Record("row", (Field("source", self.holder), Field("target", self.holder)))
        about = Record("fact", (Field("time", INSTANT), Field("durable", TRUTH)))
        scope |= {"event": event.fields, "payload": PAYLOAD}
        author = Author.over(self.dice, self.words, scope, in_world=False)
        for name, sort in (("row", ends), ("fact", about)):
            author.scope.read(expr.Root(name), sort, whole=False)
        for effect in self.effects:
            if effect.side not in (None, side) or self.dice.random() < 0.4:
                continue
            if any(part in effect.fields for _, parts in fact.extra for part in parts):
                continue
            try:
                fields = tuple((p.name, author.value(p.sort, 1)) for p in effect.fields)
            except Unwritable:
                continue
            yield Emission(effect, fields, self._when(author, scope | {"row": ends, "fact": about}))
        for part in fact.extra_fields(side):
            # Nobody else need read what one side's event alone carries.
            heard = next(e for e in self.effects if part.name in e.fields.names)
            yield Emission(heard, ((part.name, expr.Attr(expr.Root("event"), part.name)),))

    def _when(self, author: Author, scope: dict[str, Sort]) -> expr.Node | None:
        if self.dice.random() < 0.5:
            return None
        condition = author.condition(1)
        sorter = Sorter("probe", self.states[0].at, scope)
        sorter.expect(condition, TRUTH, "the condition")
        return condition if not sorter.faults and can_hold(condition, sorter.sorts) else None
