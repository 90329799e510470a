"""Worlds at random that are made of copies of one piece, which see each other without preference.

Each member has variables of its own, perhaps a machine, and actions; all share a variable, and
perhaps one says whose turn it is. A member's part is drawn with the dice of the piece, so that it
is the same for each but for the names. What looks at several members looks at all others alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from steptable.machine import Machine
from steptable.properties import (
    Property,
    after,
    always,
    always_event,
    always_step,
    before,
    never,
    sometimes,
    step,
)
from steptable.sorts import TRUTH, Sort, Symbol
from steptable.terms import Term, all_of, any_of, if_else, instant, lift, root
from steptable.world import (
    Action,
    Alike,
    Delivery,
    Instance,
    Start,
    Variable,
    World,
    choice,
    deliver,
    effect,
)
from support.random_machine import NEAR, SHINE, TURNED, random_machine
from support.random_terms import BOUNDS, CONTAINERS, SCALARS, SMALL, Author
from support.random_worlds import WHY, start_of

MEMBERS = ("h0", "h1", "h2")
WHO = Symbol("Who")
transposition = root("turn")


def random_copies(seed: int, *, with_machine: bool) -> World:
    """A world of two or three copies of a random piece."""
    return _Copies(seed, with_machine).world()


def flawed(seed: int, *, with_machine: bool) -> World:
    """Such a world with one thing changed for its last member, or changed to what it is."""
    copies = _Copies(seed, with_machine)
    world, member = copies.world(), copies.members[-1]
    dice = copies.dice("flaw")
    author = copies.author("flaw", member)
    actions, promises = list(world.actions), list(world.properties)
    at = dice.choice([n for n, item in enumerate(actions) if item.name.startswith(member)])
    of = dice.choice([n for n, item in enumerate(promises) if item.name.startswith(member)])
    match dice.choice(("guard", "guard", "sets", "promise", "choice")):
        case "guard":
            guard = Term(actions[at].guard) & author.condition()
            actions[at] = replace(actions[at], guard=guard.node)
        case "sets":
            sets = author.sets(copies.variables(member)) or {"level": author.value(SMALL)}
            changed = tuple((name, lift(value)) for name, value in sets.items())
            actions[at] = replace(actions[at], sets=changed)
        case "promise":
            promises[of] = always(promises[of].name, author.condition(), **WHY)
        case "choice":
            more = (*actions[at].choices, ("more", TRUTH))
            actions[at] = replace(actions[at], choices=more)
    return replace(world, actions=tuple(actions), properties=tuple(promises))


@dataclass(frozen=True)
class _Copies:
    seed: int
    with_machine: bool

    def dice(self, what: str) -> Random:
        """Dice that fall alike whenever the same is drawn with them, for whichever member."""
        return Random(f"{self.seed} {what}")

    @cached_property
    def members(self) -> tuple[str, ...]:
        return MEMBERS[: self.dice("members").choice((2, 2, 3))]

    @cached_property
    def has_turn(self) -> bool:
        return self.dice("turn").random() < 0.3

    @cached_property
    def machine(self) -> Machine:
        return random_machine(self.dice("machine"))

    @cached_property
    def sorts(self) -> tuple[Sort, ...]:
        dice = self.dice("sorts")
        most = 1 if self.with_machine or len(self.members) > 2 else 2
        return tuple(dice.choice((*SCALARS, *CONTAINERS)) for _ in range(dice.randint(1, most)))

    def world(self) -> World:
        symbols = (*BOUNDS.symbols, (WHO, self.members)) if self.has_turn else BOUNDS.symbols
        shared = [Variable.declare("level", SMALL, self.dice("level").choice((0, [0, 1])))]
        if self.has_turn:
            shared.append(Variable.declare("turn", WHO, list(self.members)))
        dice = self.dice("world")
        lamp = {"state": dice.choice(("Off", "On")), "colour": None, "level": 0, "last": 0}
        records = dict.fromkeys(self.members, lamp) if self.with_machine else {}
        return World(
            name="copies",
            doc="Whatever was drawn, once more for each member.",
            instances=tuple(map(self.instance, self.members)) if self.with_machine else (),
            variables=(*shared, *(v for member in self.members for v in self.variables(member))),
            starts=(Start.declare("some", records),),
            actions=tuple(a for member in self.members for a in self.actions(member)),
            properties=(*self.of_all(), *(p for m in self.members for p in self.of_one(m))),
            bounds=replace(BOUNDS, symbols=symbols),
            terminal=self.of_several("terminal") if dice.random() < 0.5 else True,
            interchangeable=(Alike(self.members),),
        )

    # ── A member ─────────────────────────────────────────────────────────────────────

    def variables(self, member: str) -> list[Variable]:
        dice = self.dice("starts")
        return [
            Variable.declare(
                f"{member}_v{n}", sort, [start_of(dice, sort) for _ in range(dice.randint(1, 2))]
            )
            for n, sort in enumerate(self.sorts)
        ]

    def instance(self, member: str) -> Instance:
        author = self.author("reactions", member)
        author.read(effect, SHINE.fields)
        sets = author.sets(self.variables(member))
        return Instance.declare(member, self.machine, on={SHINE: sets}, forgets={"last": 0})

    def silent(self, member: str) -> Instance:
        """The instance without its reactions, for those who read its record."""
        return Instance.declare(member, self.machine, forgets={"last": 0})

    def author(self, what: str, member: str, of: Callable[[str], Term] = root) -> Author:
        """Somebody who may read what is a member's, and what is everybody's."""
        author = Author(self.dice(what))
        author.read(of("level"), SMALL)
        for n, sort in enumerate(self.sorts):
            author.read(of(f"{member}_v{n}"), sort)
        if self.with_machine:
            author.read_record(of(member), self.silent(member))
        return author

    def actions(self, member: str) -> Iterator[Action]:
        for number in range(self.dice("actions").randint(1, 3)):
            yield self.action(member, number)

    def action(self, member: str, number: int) -> Action:
        """It is about the member, perhaps about all others, and perhaps done by turns."""
        what = f"action {number}"
        author, dice = self.author(what, member), self.dice(f"{what} otherwise")
        guard, sets = author.condition(), author.sets(self.variables(member))
        choices: dict[str, Sort] = {}
        if dice.random() < 0.5:
            sets["level"] = author.value(SMALL)
        if dice.random() < 0.5:
            others = [other for other in self.members if other != member]
            guard = guard & self.of_several(f"{what} others", others)
        if self.has_turn and dice.random() < 0.7:
            guard = guard & (transposition == member)
            hands_on = dice.random() < 0.5
            choices |= {"next": WHO} if hands_on else {}
            sets["turn"] = choice.next if hands_on else member
        if dice.random() < 0.3:
            choices["x"] = TRUTH
            guard = guard & choice.x if dice.random() < 0.5 else guard
        return Action.declare(
            f"{member} acts {number}",
            choices=choices,
            guard=guard,
            sets=sets,
            events=self.events(member, dice) if self.with_machine else (),
        )

    def events(self, member: str, dice: Random) -> list[Delivery]:
        if dice.random() < 0.3:
            return []
        number = root(member).last + dice.choice((0, 1, 1))
        event = next(e for e in self.machine.events if (e.fact, e.side) == (TURNED, NEAR))
        return [deliver(member, event.name, {"strict": True}, seq=number, at=instant(0))]

    def of_one(self, member: str) -> Iterator[Property]:
        author = self.author("promises", member)
        yield always(f"{member} always", author.condition(), **WHY)
        implied = author.condition().implies(author.condition())
        yield always(f"{member} implies", implied, **WHY)
        yield never(f"{member} never", author.condition() & author.condition(), **WHY)
        yield sometimes(f"{member} sometimes", author.condition() & author.condition(), **WHY)
        steps = self.author("steps", member, lambda name: getattr(after, name))
        acts = root("action") == f"{member} acts 0"
        yield always_step(f"{member} steps", acts.implies(steps.condition()), **WHY)
        if self.with_machine:
            events = Author(self.dice("events"))
            events.read_record(before, self.silent(member))
            events.read_record(after, self.silent(member))
            events.read(step.accepted, TRUTH)
            yield always_event(
                f"{member} events", events.condition(), instance=member, why="", cites=""
            )

    # ── Several members ──────────────────────────────────────────────────────────────

    def of_several(
        self, what: str, members: Sequence[str] = (), of: Callable[[str], Term] = root
    ) -> Term:
        """Something about some members, none of them preferred; about all where none is named."""
        parts = [self.author(what, one, of).condition() for one in members or self.members]
        match self.dice(f"{what} together").choice(("all", "any", "few")):
            case "all":
                return all_of(*parts)
            case "any":
                return any_of(*parts)
        first, *others = (if_else(part, 1, 0) for part in parts)
        return sum(others, first) < 2

    def of_all(self) -> Iterator[Property]:
        yield always("all always", self.of_several("all always"), **WHY)
        yield never("all never", self.of_several("all never"), **WHY)
        yield sometimes("all sometimes", self.of_several("all sometimes"), **WHY)
        ends = self.of_several("all steps", of=lambda name: getattr(after, name))
        yield always_step("all steps", (before.level != 2) | ends, **WHY)
