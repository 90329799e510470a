"""States that differ by the order of interchangeable members, and the one that stands for them.

Such states form an orbit. The representative is made by sorting, where each member has a part of
the state to itself: the same fields for each, side by side or apart. Where that is not so, since
a variable holds a value or depends on two at once, it is the least of the packed states of the
orbit. Both are kept as data about bits, from which an engine writes its code.

With members, properties and actions change places. What each may turn into is known too, so that
what is found of one holds of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from math import factorial, prod
from typing import Final, TypeVar

from steptable.explore.packed.compiling import compiled
from steptable.explore.packed.layout import Layout, Packed
from steptable.explore.symmetry.automorphisms import automorphisms, premises_of
from steptable.explore.symmetry.permutations import (
    FieldBits,
    FieldMove,
    Permutation,
    composed,
    parts_of,
    permutation_of,
    permuted,
)
from steptable.explore.symmetry.relabelling import Asymmetric, members_of
from steptable.explore.system.keys import Meetable, PremiseKey, PropertyKey
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import Scalar, either
from steptable.world import Interchangeable

Key = TypeVar("Key", PropertyKey, Meetable)

MOST_ORDERS: Final = 5040
"""More orders than this, of 7 members, are not tried for one state."""


@dataclass(frozen=True)
class Transposition:
    """An exchange of two neighbours: what becomes of states, properties and actions by it."""

    permutation: Permutation
    properties: Mapping[PropertyKey, PropertyKey]
    """What each property turns into."""
    meetable: Mapping[Meetable, Meetable]
    """What each premise and each kind of effect turns into."""
    actions: Mapping[str, str]

    def of(self, key: Key) -> Key:
        """What a property turns into, or what is met."""
        match key:
            case PropertyKey():
                return self.properties[key]
            case _:
                return self.meetable[key]


@dataclass(frozen=True)
class Orbits:
    """Which states are the same but for the order of some members."""

    interchangeable: tuple[Interchangeable, ...]
    transpositions: tuple[Transposition, ...]
    """Each exchange of two neighbours, of which any order is composed."""
    parts: tuple[tuple[FieldBits, ...], ...] | None
    """Of all that is interchangeable, the part of each member; None if they can't be told apart."""
    orbit_premises: Mapping[PremiseKey, Scalar]
    """When each premise of properties over states is met in some order."""

    @classmethod
    def of(cls, system: TransitionSystem, layout: Layout) -> Orbits:
        """Raises `Asymmetric` unless all that the world calls interchangeable is shown to be."""
        world = system.world
        every = world.interchangeable
        count = prod(factorial(len(members_of(world, item))) for item in every)
        if count > MOST_ORDERS:
            raise Asymmetric(f"there are {count:,} orders of {_named(every)}, too many to try")
        exchanges = automorphisms(system)
        transpositions = tuple(
            Transposition(
                permutation_of(layout, item.relabelling),
                item.properties,
                item.meetable,
                item.actions,
            )
            for item in chain(*exchanges)
        )
        relabellings = [[item.relabelling for item in made] for made in exchanges]
        premises = premises_of(system, chain(*relabellings))
        met = {key: either(*nodes.values()) for key, nodes in premises.items()}
        return cls(every, transpositions, parts_of(layout, relabellings), met)

    @property
    def of_what(self) -> str:
        return _named(self.interchangeable)

    def with_orbit_premises(self, system: TransitionSystem) -> TransitionSystem:
        """The system, where a premise is met in a state if it is in any of its orbit."""
        return replace(system, premise_conditions=dict(self.orbit_premises))

    @cached_property
    def orders(self) -> tuple[Permutation, ...]:
        """What each order but the first makes of the fields that it moves."""
        orders_found: dict[frozenset[FieldMove], None] = {frozenset(): None}
        waiting: list[frozenset[FieldMove]] = [*orders_found]
        for here in waiting:
            for transposition in self.transpositions:
                there = frozenset(composed(here, transposition.permutation))
                if there not in orders_found:
                    orders_found[there] = None
                    waiting.append(there)
        return tuple(tuple(sorted(moves, key=lambda move: move.source)) for moves in waiting[1:])

    @cached_property
    def canonical(self) -> Callable[[Packed], Packed]:
        """The state that stands for all of an orbit."""
        lines = self._sorting(self.parts) if self.parts is not None else self._least()
        return compiled("".join(["def canonical(s):\n", *lines, "  return s\n"]), "canonical")

    def transpositions_between(self, state: Packed, wanted: Packed) -> tuple[Transposition, ...]:
        """Transpositions that make one state of an orbit into another."""
        found: dict[Packed, tuple[Transposition, ...]] = {state: ()}
        waiting = [state]
        for here in waiting:
            for transposition in () if wanted in found else self.transpositions:
                there = permuted(here, transposition.permutation)
                if there not in found:
                    found[there] = (*found[here], transposition)
                    waiting.append(there)
        return found[wanted]

    def counterparts(self, key: Key) -> dict[Key, tuple[Transposition, ...]]:
        """The orbit of a property, or of what is met: itself first, each with what leads there."""
        found: dict[Key, tuple[Transposition, ...]] = {key: ()}
        waiting: list[Key] = [key]
        here: Key  # which mypy does not work out for each kind
        for here in waiting:
            for transposition in self.transpositions:
                there, path = transposition.of(here), (*found[here], transposition)
                if found.setdefault(there, path) is path:
                    waiting.append(there)
        return found

    def actions_like(self, names: Iterable[str]) -> set[str]:
        """All actions that some may turn into, themselves included."""
        found = set(names)
        waiting = list(found)
        for name in waiting:
            for other in {
                transposition.actions[name] for transposition in self.transpositions
            } - found:
                found.add(other)
                waiting.append(other)
        return found

    @staticmethod
    def _sorting(parts: Sequence[tuple[FieldBits, ...]]) -> Iterator[str]:
        for members in (some for some in parts if len(some) > 1):
            names = [f"p{number}" for number in range(len(members))]
            for name, part in zip(names, members, strict=True):
                yield f"  {name} = {_gathered(part)}\n"
            listed = ", ".join(names)
            every = sum(((1 << bits) - 1) << shift for part in members for shift, bits in part)
            spread = [_spread(name, part) for name, part in zip(names, members, strict=True)]
            yield f"  if not {' <= '.join(names)}:\n    {listed} = sorted(({listed},))\n"
            yield f"    s = s & {~every} | {' | '.join(spread)}\n"

    def _least(self) -> Iterator[str]:
        yield "  least = s\n"
        for moves in self.orders:
            yield f"  t = {_moved(moves)}\n  if t < least: least = t\n"
        yield "  s = least\n"


def _named(interchangeable: Sequence[Interchangeable]) -> str:
    return " and of ".join(str(item) for item in interchangeable)


def _moved(moves: Sequence[FieldMove]) -> str:
    """A packed state after some moves of fields, as Python."""
    every = sum(((1 << move.source[1]) - 1) << move.source[0] for move in moves)
    terms = [f"s & {~every}"]
    for move in moves:
        shift, bits = move.source
        field = f"(s >> {shift} & {(1 << bits) - 1})"
        code = field if move.codes is None else f"{move.codes!r}[{field}]"
        terms.append(f"{code} << {move.shift}")
    return " | ".join(terms)


def _gathered(part: FieldBits) -> str:
    """The fields of a part side by side, as one number."""
    terms, at = [], 0
    for shift, bits in part:
        terms.append(f"(s >> {shift} & {(1 << bits) - 1}) << {at}")
        at += bits
    return " | ".join(terms) or "0"


def _spread(name: str, part: FieldBits) -> str:
    """What was gathered, in its place again."""
    terms, at = [], 0
    for shift, bits in part:
        terms.append(f"({name} >> {at} & {(1 << bits) - 1}) << {shift}")
        at += bits
    return " | ".join(terms) or "0"
