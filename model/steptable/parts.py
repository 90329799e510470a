"""What a world is made of that should be of use: a part that never is, is dead or a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from steptable.errors import Location
from steptable.world import World

Kind: TypeAlias = Literal["action", "delivery", "reaction", "start"]

IDLE: Final[dict[Kind, str]] = {
    "action": "never happens",
    "delivery": "is always refused",
    "reaction": "never fires",
    "start": "adds nothing to the starts before it",
}
"""What is said of a part that is of no use."""


@dataclass(frozen=True)
class Part:
    """A part of a world, under the name by which the world may call it idle."""

    kind: Kind
    name: str
    what: str
    at: Location


def delivery_part(action: str, number: int) -> str:
    """The name of what an action delivers, counted from 0."""
    return f"{action}, delivery {number + 1}"


def reaction_part(instance: str, effect: str) -> str:
    """The name of what becomes of an effect."""
    return f"{instance}: {effect}"


def start_part(start: str) -> str:
    """The name of a family of starts."""
    return f"start {start}"


def parts_of(world: World) -> Iterator[Part]:
    """Every part of a world, in the order of its declarations."""
    for start in world.starts:
        yield Part("start", start_part(start.name), f"start '{start.name}'", start.at)
    for action in world.actions:
        what = f"action '{action.name}'"
        yield Part("action", action.name, what, action.at)
        for number, delivery in enumerate(action.deliveries):
            told = f"{delivery.event or 'the payload'} that {what} delivers to {delivery.instance}"
            yield Part("delivery", delivery_part(action.name, number), told, delivery.at)
    for instance in world.instances:
        for effect, _ in instance.reactions:
            what = f"the reaction of {instance.name} to {effect}"
            yield Part("reaction", reaction_part(instance.name, effect), what, instance.at)
