"""Deliveries at random: events and payloads, policies, and how events are numbered."""

from __future__ import annotations

from random import Random

from fuzz.author import Author
from fuzz.writing import Unwritable
from steptable import expr
from steptable.machine import Machine
from steptable.sorts import INSTANT, Integer, Map, Optional, Queue, Record, Sort, Variant
from steptable.world import Delivery, Instance, payload_sort


def is_choosable(sort: Sort) -> bool:
    """Whether an environment can choose a value of it."""
    match sort:
        case Optional(of=of):
            return is_choosable(of)
        case Record(fields=parts):
            return all(is_choosable(part.sort) for part in parts)
    return not isinstance(sort, Map | Queue | Variant)


def reads_numbers(machine: Machine) -> bool:
    """Whether a row reads how its events are numbered, or a whole record with such a number."""
    wholes = (expr.Root("record"), expr.Root("event"))
    nodes = [
        node
        for row in machine.rows
        for item in (
            *(guard.condition for guard in row.guards),
            *(node for _, node in row.sets),
            *(n for side in machine.sides for e in row.emissions(side) for _, n in e.fields),
            *(e.condition for side in machine.sides for e in row.emissions(side) if e.condition),
        )
        for node in expr.walk(item)
    ]
    read = [node.subject for node in nodes if isinstance(node, expr.Attr)]
    whole = sum(node in wholes for node in nodes) > sum(node in wholes for node in read)
    return whole or any(isinstance(n, expr.Attr) and n.name in ("seq", "last") for n in nodes)


class Deliveries:
    """Draws what reaches instances."""

    dice: Random
    forgetful: set[str]

    def delivery(self, author: Author, to: Instance) -> tuple[Delivery, expr.Node | None]:
        """A delivery, and what must be the case for it."""
        machine, dice = to.machine, self.dice
        policy = author.assignments(
            [
                (part.name, part.sort)
                for part in machine.policy
                if not is_choosable(part.sort) or dice.random() < 0.5
            ],
            dice.choice((1, 2)),
        )
        payload = payload_sort(machine)
        posts = [pair for pair in author.scope.known if pair[1] in (payload, Optional(payload))]
        # Numbers that travel are not relative to what the receiver remembers.
        wired = machine.wire is not None and to.name not in self.forgetful
        if wired and posts and dice.random() < 0.7:
            node, sort = dice.choice(posts)
            there, wanted = author, None
            if isinstance(sort, Optional):
                wanted, node = expr.Present(node), expr.Value(node)
                there = author.knowing((node, payload))
            if dice.random() < 0.5:
                # One of several, or one that depends on something.
                first, second = there.value(payload), there.value(payload, 0)
                node = expr.If(there.condition(), first, second) if dice.random() < 0.6 else first
            return Delivery(to.name, None, (), node, policy), wanted
        event = dice.choice(machine.events)
        given = []
        for part in event.fields:
            try:
                if part.name == machine.numbering.event_field:
                    given += self._numbered(author, to)
                elif (
                    not is_choosable(part.sort) or part.sort == INSTANT or self.dice.random() < 0.6
                ):
                    given.append((part.name, author.value(part.sort, dice.choice((1, 2)))))
            except Unwritable:
                if not is_choosable(part.sort):
                    return self.delivery(author, to)
        return Delivery(to.name, event.name, tuple(given), None, policy), None

    def _numbered(self, author: Author, to: Instance) -> list[tuple[str, expr.Node]]:
        """How an event is numbered: relative to the last one, freely, or as computed."""
        step = self.dice.choice((0, 1, 1, 1, 2))
        last = expr.Attr(expr.Root(to.name), "last")
        by = expr.Const(step, Integer(step, step))
        following: expr.Node = expr.Arithmetic("+", last, by)
        sort = to.machine.numbering.sort
        if to.name in self.forgetful:
            return [("seq", following)]
        if self.dice.random() < 0.4:
            return []
        if self.dice.random() < 0.3:
            return [("seq", author.value(sort, 1))]
        return [("seq", author.kept(following, sort))]
