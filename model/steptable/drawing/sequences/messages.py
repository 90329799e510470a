"""Who sends what to whom in a world, as far as its declaration tells.

A variable that is a queue is a channel: whoever's actions push to it send, whoever's actions
pop it receive. What became of a message is read off the action that handled it. A message is
*repeated* if an action sends the head of a queue on and leaves it there. It is *lost* if an
action takes it out of its queue, and neither delivers it, nor sends it on, nor (in a world
without machines) does anything else. An instance belongs to the party that delivers most
events to it. No action is known here by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from steptable import expr
from steptable.interpreter.simulate import Step
from steptable.sorts import Queue, inner
from steptable.world import Action, World

Kind: TypeAlias = Literal["sent", "repeated", "lost", "event", "record"]

NOBODY = "the world"
"""The lane of actions without a party."""


@dataclass(frozen=True)
class Message:
    """Something that goes from one lane to another, or was to."""

    kind: Kind
    source: str
    target: str
    queue: str = ""
    value: Any = None

    @property
    def is_sent(self) -> bool:
        """Whether it is on its way after the step."""
        return self.kind in ("sent", "repeated")


@dataclass(frozen=True)
class Parties:
    """The parties of a world, and the channels between them."""

    world: World

    @cached_property
    def lanes(self) -> tuple[str, ...]:
        """Every party, in the order of their actions."""
        return tuple(dict.fromkeys(lane(action) for action in self.world.actions))

    @cached_property
    def queues(self) -> dict[str, Queue]:
        """The channels: every variable that is a queue."""
        sorts = {item.name: inner(item.sort) for item in self.world.variables}
        return {name: sort for name, sort in sorts.items() if isinstance(sort, Queue)}

    @cached_property
    def owners(self) -> dict[str, str]:
        """The party that each instance belongs to."""
        found = {}
        for instance in self.world.instances:
            counts = Counter(
                lane(action)
                for action in self.world.actions
                for delivery in action.deliveries
                if delivery.instance == instance.name
            )
            found[instance.name] = counts.most_common(1)[0][0] if counts else instance.name
        return found

    def sender(self, queue: str) -> str | None:
        """The party that puts messages into a queue first."""
        for action in self.world.actions:
            reached = {delivery.instance for delivery in action.deliveries}
            reactions = [
                node
                for instance in self.world.instances
                if instance.name in reached
                for _, sets in instance.reactions
                for name, node in sets
                if name == queue
            ]
            own = [node for name, node in action.sets if name == queue]
            if any(_holds(node, expr.Push) for node in (*own, *reactions)):
                return lane(action)
        return None

    def receiver(self, queue: str) -> str | None:
        """The party that does something with the messages of a queue."""
        for action in self.world.actions:
            if self._pops(action, queue) and not self._loses(action, queue):
                return lane(action)
        return None

    def messages(self, step: Step) -> Iterator[Message]:
        """What goes between parties in one step, in the order of the queues, then events."""
        actor = lane(step.action)
        sets = dict(step.action.sets)
        for queue in self.queues:
            taken, put = moved(step.before[queue], step.after[queue])
            if taken and self._loses(step.action, queue):
                source, target = self.sender(queue) or actor, self.receiver(queue) or actor
                for value in taken:
                    yield Message("lost", source, target, queue, value)
            for value in put:
                stays = [
                    other
                    for other in self.queues
                    if queue in sets and _sends_head(sets[queue], other)
                    if not moved(step.before[other], step.after[other])[0]
                ]
                kind: Kind = "repeated" if stays else "sent"
                yield Message(kind, actor, self.receiver(queue) or actor, queue, value)
        for delivery, applied in zip(step.action.deliveries, step.applied, strict=True):
            owner = self.owners[delivery.instance]
            if owner != actor:
                yield Message("event", actor, owner, value=applied.event)
        for name, owner in self.owners.items():
            if name in sets and owner != actor:
                yield Message("record", actor, owner, value=name)

    def _pops(self, action: Action, queue: str) -> bool:
        sets = dict(action.sets)
        return queue in sets and not _keeps(sets[queue], queue)

    def _loses(self, action: Action, queue: str) -> bool:
        """Whether what an action takes out of a queue goes nowhere."""
        sets = dict(action.sets)
        if any(_sends_head(node, queue) for node in sets.values()):
            return False
        nodes = [d.payload for d in action.deliveries if d.payload is not None]
        nodes += [node for d in action.deliveries for _, node in d.fields]
        if any(_reads_head(node, queue) for node in nodes):
            return False
        return bool(self.world.instances) or set(sets) == {queue}


def lane(action: Action) -> str:
    """The lane that an action is drawn in."""
    return action.party or NOBODY


def moved(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """What was taken out of a queue at its front, and what was put in at its end.

    The fewest that explain the change: one taken out and put in again is no change.
    """
    for taken in range(len(before) + 1):
        rest = before[taken:]
        if after[: len(rest)] == rest:
            return before[:taken], after[len(rest) :]
    raise AssertionError("nothing is left of a queue when all is taken out")


def _holds(node: expr.Node, kind: type[expr.Node]) -> bool:
    return any(isinstance(part, kind) for part in expr.walk(node))


def _keeps(node: expr.Node, queue: str) -> bool:
    """Whether the new value of a queue still has all of its old messages."""
    if isinstance(node, expr.If):
        return _keeps(node.then, queue) and _keeps(node.otherwise, queue)
    if isinstance(node, expr.Push):
        return _keeps(node.queue, queue)
    return node == expr.Root(queue)


def _sends_head(node: expr.Node, queue: str) -> bool:
    """Whether the head of a queue is put into a queue."""
    pushed = (part.value for part in expr.walk(node) if isinstance(part, expr.Push))
    return any(_reads_head(value, queue) for value in pushed)


def _reads_head(node: expr.Node, queue: str) -> bool:
    heads = (part for part in expr.walk(node) if isinstance(part, expr.Head))
    return any(head.queue == expr.Root(queue) for head in heads)
