"""What can be said of states and steps, by name: their properties, and the premises that they meet.

A property, a premise of properties, a kind of effect and what every system has to keep are
different things, and no number stands for any of them but in generated code (`packed.numbering`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias, final

from steptable.properties import Property
from steptable.world import World


@final
@dataclass(frozen=True)
class PropertyKey:
    """A property of the world, by its place among them."""

    index: int


@final
@dataclass(frozen=True)
class PremiseKey:
    """A premise of properties, by its place among those of the world."""

    index: int


@final
@dataclass(frozen=True)
class EffectKey:
    """A kind of effect that an instance can produce."""

    instance: str
    effect: str


class Implied(Enum):
    """What steps and states can break in every system, whatever is declared."""

    OVERFLOW = "a value leaves its bounds"
    DEADLOCK = "nothing can happen"


OVERFLOW: Final[Literal[Implied.OVERFLOW]] = Implied.OVERFLOW
DEADLOCK: Final[Literal[Implied.DEADLOCK]] = Implied.DEADLOCK

Breakable: TypeAlias = PropertyKey | Implied
"""What a step can break."""

Meetable: TypeAlias = PremiseKey | EffectKey
"""What a state or a step can meet."""


def keyed(world: World) -> dict[PropertyKey, Property]:
    """The properties of a world by key, in order."""
    return {PropertyKey(index): item for index, item in enumerate(world.properties)}


def effects_of(world: World) -> list[EffectKey]:
    """Every kind of effect that an instance can produce."""
    return [
        EffectKey(item.name, effect.name)
        for item in world.instances
        for effect in item.machine.effects
    ]
