"""Rows at random: guards, updates, and what each side emits."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from fuzz.author import Author
from fuzz.vocabulary import Vocabulary
from fuzz.writing import Unwritable
from steptable import expr
from steptable.machine import (
    BySide,
    Effect,
    Emission,
    Emits,
    Fact,
    Guard,
    Machine,
    Numbering,
    Row,
    Side,
    State,
)
from steptable.sorts import INSTANT, PAYLOAD, TRUTH, Enum, Field, Record, Sort
from steptable.wellformed.expressions.firing import can_hold
from steptable.wellformed.expressions.sorting import Sorter
from steptable.wellformed.machines.rows import row_scope

WHY: Final = ("It was drawn.", "dice")


class Rows:
    """Draws the rows of a machine of which all else is known."""

    dice: Random
    words: Vocabulary
    name: str
    sides: tuple[Side, ...]
    states: tuple[State, ...]
    holder: Enum
    numbering: Numbering
    record: Record
    policy: Record
    facts: tuple[Fact, ...]
    effects: tuple[Effect, ...]
    leaving: dict[State, Fact]
    """The fact on which each state is left."""
    drawn: set[tuple[State, Fact]]
    """The pairs that have their rows."""

    def with_rows(self, rows: tuple[Row, ...]) -> Machine:
        """The machine with some rows, and without refusals and constructors."""
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

    def rows_of(self, state: State) -> Iterator[Row]:
        """Rows for some facts, of which one leaves the state."""
        if state.terminal:
            return
        following = self.states[(self.states.index(state) + 1) % len(self.states)]
        for fact in self.facts:
            if (state, fact) in self.drawn:
                continue
            target = following if fact == self.leaving[state] else None
            kind = self.dice.choice(("none", "one", "guarded", "guarded", "two", "two"))
            if kind == "none" and target is None and not fact.extra:
                continue
            states = (state,) if target else (state, *self._alike(state, fact))
            self.drawn |= {(other, fact) for other in states}
            guards = self._guards(states, fact) if kind in ("guarded", "two") else ()
            yield self._row(f"{state.name} {fact.name}", states, fact, target, guards)
            if kind == "two" and guards:
                opposite = Guard("not so", expr.Not(guards[0].condition), "it must not be so")
                fewer = self.dice.choice((states, states[:1]))
                yield self._row(f"{state.name} {fact.name} else", fewer, fact, None, (opposite,))

    def _alike(self, state: State, fact: Fact) -> Iterator[State]:
        """Later states in which the rows of a fact are to be the same."""
        for other in self.states[self.states.index(state) + 1 :]:
            if not other.terminal and fact != self.leaving[other] and self.dice.random() < 0.5:
                yield other

    def _scope(self, fact: Fact) -> dict[str, Sort]:
        number = Field("seq", self.numbering.sort)
        payload = Record(fact.name, (*fact.fields, number))
        return {"record": self.record, "event": payload, "policy": self.policy}

    def _guards(self, states: tuple[State, ...], fact: Fact) -> tuple[Guard, ...]:
        """One or two conditions, each of which can hold and can refuse once the first holds."""
        author = Author.over(self.dice, self.words, self._scope(fact), in_world=False)
        guards: list[Guard] = []
        for name in ("so", "so too")[: self.dice.choice((1, 1, 2))]:
            for _ in range(5):
                condition = author.condition(self.dice.randint(0, 2))
                before = [g.condition for g in guards]
                if all(self._decides(state, fact, before, condition) for state in states):
                    guards.append(Guard(name, condition, "it must be so"))
                    break
        return tuple(guards)

    def _decides(
        self, state: State, fact: Fact, before: list[expr.Node], condition: expr.Node
    ) -> bool:
        row = self._row("probe", (state,), fact, None, (), bare=True)
        sorter = Sorter("probe", row.at, row_scope(self.with_rows(()), row))
        for node in (*before, condition):
            sorter.expect(node, TRUTH, "a guard")
        here: expr.Node = expr.Compare(
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
        states: tuple[State, ...],
        fact: Fact,
        target: State | None,
        guards: tuple[Guard, ...],
        *,
        bare: bool = False,
    ) -> Row:
        dice = self.dice
        if target is None and len(states) == 1:
            target = dice.choice((*states, *states, *self.states))
        elif target is None:
            others = [state for state in self.states if state not in states]
            target = dice.choice((None, None, *others))
        source = states[0] if len(states) == 1 else states
        if bare:
            return Row(name, source, fact, target, guards, (), (), *WHY)
        author = Author.over(dice, self.words, self._scope(fact), in_world=False)
        own = [(p.name, p.sort) for p in self.record if p.name not in ("state", "last")]
        sets = author.assignments(dice.sample(own, dice.randint(0, min(2, len(own)))))
        acts = self._acts(fact)
        return Row(name, source, fact, target, guards, sets, acts, *WHY)

    def _acts(self, fact: Fact) -> tuple[tuple[Side, tuple[Emits, ...]], ...]:
        """What each side emits, some of it by a common act."""
        own = {side: list(self._emissions(fact, side)) for side in self.sides}
        common: list[Emits] = []
        if len(self.sides) == 2 and all(own.values()) and self.dice.random() < 0.3:
            common.append(BySide("both", tuple((side, own[side].pop()) for side in self.sides)))
        return tuple((side, (*common, *own[side])) for side in self.sides)

    def _emissions(self, fact: Fact, side: Side) -> Iterator[Emission]:
        scope = self._scope(fact)
        event = next(e for e in self.with_rows(()).events if (e.fact, e.side) == (fact, side))
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
                fields = tuple(
                    (p.name, author.value(p.sort, 1))
                    for p in effect.fields
                    if p.is_required or self.dice.random() < 0.8
                )
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
