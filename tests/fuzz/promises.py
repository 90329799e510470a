"""Promises at random, of every kind and scope, over everything that each may speak of."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Final

from fuzz.author import Author
from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.machine import Fact, Machine
from steptable.properties import Property, rerun_sort, step_sort
from steptable.sorts import TRUTH, Record
from steptable.world import Instance

if TYPE_CHECKING:
    from fuzz.worlds import _Drawing

_WHY: Final = ("It was drawn.", "dice")


def promises_of(dice: Random, words: Vocabulary, world: _Drawing) -> tuple[Property, ...]:
    """Some promises about a world whose variables and instances are known."""
    return tuple(_Promising(dice, words, world).all())


class _Promising:
    def __init__(self, dice: Random, words: Vocabulary, world: _Drawing) -> None:
        self.dice, self.words, self.world = dice, words, world

    def all(self) -> Iterator[Property]:
        """Each kind over each scope, some of them in several spellings."""
        dice, states = self.dice, self.world.author()
        yield Property("always", "always", "state", states.condition(), *_WHY)
        yield Property("implied", "always", "state", self.implication(states), *_WHY)
        yield Property("never", "never", "state", self._rare(states), *_WHY)
        yield Property("sometimes", "sometimes", "state", self._rare(states), *_WHY)
        steps = self._steps()
        yield Property("steps", "always", "step", steps.condition(), *_WHY)
        yield Property("steps implied", "always", "step", self.implication(steps), *_WHY)
        yield Property("at last", "eventually", "run", states.condition(), *_WHY)
        premise = states.condition()
        yield Property("leads", "leads_to", "run", states.condition(), *_WHY, premise=premise)
        for item in self.world.instances:
            yield from self._events(item)
        if dice.random() < 0.5:
            yield from self._reading_all()

    def implication(self, author: Author) -> expr.Node:
        """That something holds where something else does, in one of its spellings."""
        premise, then = author.condition(1), author.condition(1)
        refused = expr.Not(premise)
        return self.dice.choice(
            (
                expr.Or((refused, then)),
                expr.Or((then, refused)),
                expr.Or((expr.Not(expr.And((premise, expr.Not(then)))),)),
                expr.Not(expr.And((premise, expr.Not(then)))),
                expr.If(premise, then, expr.Const(True, None)),
                expr.And((expr.Or((refused, then)), expr.Or((refused, author.condition(1))))),
            )
        )

    def _rare(self, author: Author) -> expr.Node:
        return expr.And((author.condition(1), author.condition(1)))

    def _steps(self) -> Author:
        author = Author.over(self.dice, self.words, {}, compares_records=True)
        for end in ("before", "after"):
            self.world.reads_state(author, expr.Root(end))
        for name in ("act 0", "act 1"):
            taken: expr.Node = expr.Compare("==", expr.Root("action"), expr.Const(name, None))
            author.scope.read(taken, TRUTH)
        return author

    # ── Events ───────────────────────────────────────────────────────────────────────

    def _events(self, item: Instance) -> Iterator[Property]:
        machine = item.machine
        names = [other.name for other in self.world.instances if other.machine == machine]
        alone = len(names) == len(self.world.instances)
        author = self._over_events(machine)
        yield Property(
            f"events of {item.name}",
            "always",
            "event",
            author.condition(),
            *_WHY,
            instance=None if alone and self.dice.random() < 0.3 else item.name,
        )
        fact = self.dice.choice(machine.facts)
        author = self._over_events(machine, fact)
        yield Property(
            f"{fact.name} at {item.name}",
            "always",
            "event",
            self.implication(author) if self.dice.random() < 0.5 else author.condition(),
            *_WHY,
            fact=fact,
            instance=item.name if not alone or self.dice.random() < 0.5 else None,
        )

    def _over_events(self, machine: Machine, fact: Fact | None = None) -> Author:
        author = Author(
            self.dice,
            self.words,
            Author.over(self.dice, self.words, {}).scope,
            compares_records=True,
            emits=machine.effects,
        )
        record = machine.record
        forgets = any(
            item.name in self.world.forgetful
            for item in self.world.instances
            if item.machine == machine
        )
        for end in ("before", "after"):
            for part in record:
                if not (forgets and part.name == "last"):
                    author.scope.read(expr.Attr(expr.Root(end), part.name), part.sort)
            if not forgets:
                author.scope.read(expr.Root(end), record)
        author.scope.read(expr.Root("step"), step_sort(machine), whole=False)
        if fact is not None:
            own = machine.payload(fact)
            parts = tuple(part for part in own if not (forgets and part.name == "seq"))
            for part in parts:
                author.scope.read(expr.Attr(expr.Root("event"), part.name), part.sort)
        self._reruns(author, machine, forgets=forgets)
        return author

    def _reruns(self, author: Author, machine: Machine, *, forgets: bool) -> None:
        """What would have happened instead: the same event, or its other half."""
        before = expr.Root("before")
        ways = [expr.Rerun("same", before)]
        if not forgets:
            part = self.dice.choice([p for p in machine.record if p.name != "last"])
            changed = expr.With(before, ((part.name, author.value(part.sort, 1)),))
            ways += [expr.Rerun("same", expr.Root("after")), expr.Rerun("same", changed)]
        if len(machine.sides) == 2:
            ways.append(expr.Rerun("other", before))
        result = rerun_sort(machine)
        for way in self.dice.sample(ways, min(2, len(ways))):
            author.scope.read(expr.Attr(way, "accepted"), TRUTH)
            record = result.get("record")
            assert record is not None
            if not forgets:
                author.scope.read(expr.Attr(way, "record"), record.sort)

    # ── Everything ───────────────────────────────────────────────────────────────────

    def _reading_all(self) -> Iterator[Property]:
        """Comparisons that depend on all of a state, so that nothing of it can be dropped."""
        for item in self.world.variables:
            ends = (expr.Attr(expr.Root(end), item.name) for end in ("before", "after"))
            if isinstance(item.sort, Record):
                same = expr.Compare("==", *ends)
                yield Property(f"{item.name} stays", "always", "step", same, *_WHY)
        for instance in self.world.instances:
            if instance.name not in self.world.forgetful:
                ends = (expr.Attr(expr.Root(end), instance.name) for end in ("before", "after"))
                same = expr.Compare("==", *ends)
                yield Property(f"{instance.name} stays", "always", "step", same, *_WHY)
