"""What becomes of variables, instances, values and scalars when members change places.

Map keys and the elements of bags change places with the values of their symbol, and variables
with the member whose name is a word of theirs: a relabelling renames variables, and maps the
values of those that hold a symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from steptable import expr
from steptable.partial.codes import by_place
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar, constant, key
from steptable.partial.shapes import Decomposer
from steptable.partial.variables import Variable
from steptable.sorts import Symbol
from steptable.world import Alike, Bounds, Interchangeable, World


class Asymmetric(Exception):
    """What a world calls interchangeable is not, or nothing shows that it is."""


@dataclass(frozen=True)
class Relabelling:
    """New names and values for those of some members, and what becomes of variables by that."""

    values: Mapping[Symbol, Mapping[str, str]]
    """The value that each one turns into, of symbols whose values move."""
    names: Mapping[str, str]
    """The variable that each one turns into."""
    instances: Mapping[str, str]
    """The instance that each one turns into."""
    renamed: Callable[[str], str]
    """A name with those of members in it as they are after that."""

    @classmethod
    def of(cls, world: World, orders: Mapping[Interchangeable, tuple[str, ...]]) -> Relabelling:
        """Puts members into some order: the first of it in place of the first.

        Raises `Asymmetric` where that does not turn the variables of the world into each other.
        """
        alike = {of: order for of, order in orders.items() if isinstance(of, Alike)}

        def renamed(name: str) -> str:
            for of, order in alike.items():
                name = of.renamed(name, order)
            return name

        values = {
            symbol: dict(zip(of, map(renamed, orders.get(symbol, of)), strict=True))
            for symbol, of in world.bounds.symbols
        }
        symbols = tuple((symbol, tuple(turned.values())) for symbol, turned in values.items())
        before = _names(world, world.bounds, str)
        after = _names(world, replace(world.bounds, symbols=symbols), renamed)
        names = dict(zip(before, after, strict=True))
        for name, wanted in names.items():
            if wanted not in names:
                raise Asymmetric(f"there is no variable '{wanted}' for '{name}' to turn into")
        instances = {item.name: renamed(item.name) for item in world.instances}
        moving = {s: of for s, of in values.items() if any(one != two for one, two in of.items())}
        return cls(moving, names, instances, renamed)

    def of_value(self, place: Variable | None, value: Any) -> Any:
        """What a value becomes where a variable holds it; `place` is one with its domain."""
        if place is None or not isinstance(place.sort, Symbol):
            return value
        return self.values.get(place.sort, {}).get(value, value)

    def of_scalar(
        self, node: Scalar, variables: Mapping[str, Variable], place: Variable | None
    ) -> Scalar:
        """A scalar after the relabelling; `place` is a variable that has its domain."""

        def moved(item: expr.Const | expr.Bound, beside: Variable | None) -> Scalar:
            if isinstance(item, expr.Bound):
                return expr.Bound(self.names.get(item.name, item.name))
            return constant(self.of_value(beside, item.value))

        return by_place(node, place, variables, moved)


def members_of(world: World, interchangeable: Interchangeable) -> tuple[str, ...]:
    """What can change places."""
    if isinstance(interchangeable, Alike):
        return interchangeable.members
    return world.bounds.of(interchangeable)


def transpositions(world: World, interchangeable: Interchangeable) -> list[Relabelling]:
    """Each exchange of two neighbours: together they make up every order."""
    members = members_of(world, interchangeable)
    made = []
    for left, right in pairwise(members):
        swapped = {left: right, right: left}
        order = tuple(swapped.get(member, member) for member in members)
        made.append(Relabelling.of(world, {interchangeable: order}))
    return made


def orbit_of_scalar(
    node: Scalar, relabellings: Iterable[Relabelling], variables: Mapping[str, Variable]
) -> dict[Hashable, Scalar]:
    """A scalar and all that it turns into in some order, each by what is the same for its like."""
    orbit = {key(node): node}
    waiting = [node]
    for here in waiting:
        for relabelling in relabellings:
            there = relabelling.of_scalar(here, variables, None)
            if orbit.setdefault(key(there), there) is there:
                waiting.append(there)
    return orbit


def _names(world: World, bounds: Bounds, renamed: Callable[[str], str]) -> list[str]:
    """The variables of the whole state, in an order that does not depend on their names."""
    decomposer = Decomposer(bounds)
    for instance in world.instances:
        for part in instance.machine.record:
            path = Path.of(renamed(instance.name), part.name)
            decomposer.shape(path, part.sort, lambda whole: whole)
    for variable in world.variables:
        decomposer.shape(Path.of(renamed(variable.name)), variable.sort, lambda whole: whole)
    return list(decomposer.variables)
