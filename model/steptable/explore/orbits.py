"""States that differ by the order of interchangeable values, and the one that stands for them.

Such states form an orbit. The representative is made by sorting, where each value has a part of
the state to itself: the same fields for each, side by side or apart. Where that is not so, since
a variable holds a value or depends on two at once, it is the least of the packed states of the
orbit. Both are kept as data about bits, from which an engine writes its code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, product
from math import factorial, prod
from typing import Final, TypeAlias

from steptable.explore.cases import System
from steptable.explore.layout import Layout, Packed, width
from steptable.explore.python_code import compiled
from steptable.explore.symmetry import Asymmetric, Relabelling, demand_symmetry, exchanges
from steptable.sorts import Symbol

MOST_ORDERS: Final = 5040
"""More orders than this, of 7 values, are not tried for one state."""

Bits: TypeAlias = tuple[int, int]
"""Where a field lies in a packed state: its shift and its width."""

Part: TypeAlias = tuple[Bits, ...]
"""The fields of one value; those of another are in the same order."""


@dataclass(frozen=True)
class Move:
    """What becomes of one field of a state: its new place and, for held values, new codes."""

    source: Bits
    shift: int
    codes: tuple[int, ...] | None


@dataclass(frozen=True)
class Orbits:
    """Which states are the same but for the order of the values of some symbols."""

    symbols: tuple[Symbol, ...]
    orders: tuple[tuple[Move, ...], ...]
    """What each order makes of the fields that it moves."""
    parts: tuple[tuple[Part, ...], ...] | None
    """For each symbol, the part of each of its values; None if they can't be told apart."""

    @classmethod
    def of(cls, system: System, layout: Layout) -> Orbits:
        """Raises `Asymmetric` unless every interchangeable symbol of the world is shown to be."""
        world = system.world
        symbols = world.interchangeable
        values = [world.bounds.of(symbol) for symbol in symbols]
        count = prod(factorial(len(of)) for of in values)
        if count > MOST_ORDERS:
            raise Asymmetric(f"there are {count:,} orders of {_named(symbols)}, too many to try")
        for symbol in symbols:
            demand_symmetry(system, symbol)
        orders = tuple(
            _moves(layout, Relabelling.of(world, dict(zip(symbols, order, strict=True))))
            for order in product(*(permutations(of) for of in values))
        )
        return cls(symbols, orders, _parts(system, layout))

    @property
    def of_what(self) -> str:
        return _named(self.symbols)

    @cached_property
    def canonical(self) -> Callable[[Packed], Packed]:
        """The state that stands for all of an orbit."""
        lines = self._sorting(self.parts) if self.parts is not None else self._least()
        return compiled("".join(["def canonical(s):\n", *lines, "  return s\n"]), "canonical")

    def towards(self, state: Packed, wanted: Packed) -> Callable[[Packed], Packed]:
        """The order that turns one state of an orbit into another."""
        return next(turn for moves in self.orders if (turn := _turn(moves))(state) == wanted)

    @staticmethod
    def _sorting(parts: Sequence[tuple[Part, ...]]) -> Iterator[str]:
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
        for moves in filter(None, self.orders):
            yield f"  t = {_moved(moves)}\n  if t < least: least = t\n"
        yield "  s = least\n"


def _named(symbols: Sequence[Symbol]) -> str:
    return " and ".join(str(symbol) for symbol in symbols)


def _moves(layout: Layout, relabelling: Relabelling) -> tuple[Move, ...]:
    at = dict(zip((v.name for v in layout.variables), layout.shifts, strict=True))
    moves = []
    for variable, shift in zip(layout.variables, layout.shifts, strict=True):
        target = at[relabelling.names[variable.name]]
        new = [relabelling.of_value(variable, value) for value in variable.domain]
        codes = tuple(variable.domain.index(value) for value in new)
        same = codes == tuple(range(len(codes)))
        if target != shift or not same:
            moves.append(Move((shift, width(variable)), target, None if same else codes))
    return tuple(moves)


def _moved(moves: Sequence[Move]) -> str:
    """A packed state after some moves, as Python."""
    every = sum(((1 << move.source[1]) - 1) << move.source[0] for move in moves)
    terms = [f"s & {~every}"]
    for move in moves:
        shift, bits = move.source
        field = f"(s >> {shift} & {(1 << bits) - 1})"
        code = field if move.codes is None else f"{move.codes!r}[{field}]"
        terms.append(f"{code} << {move.shift}")
    return " | ".join(terms)


def _turn(moves: Sequence[Move]) -> Callable[[Packed], Packed]:
    return compiled(f"def turn(s):\n  return {_moved(moves)}\n", "turn")


def _gathered(part: Part) -> str:
    """The fields of a part side by side, as one number."""
    terms, at = [], 0
    for shift, bits in part:
        terms.append(f"(s >> {shift} & {(1 << bits) - 1}) << {at}")
        at += bits
    return " | ".join(terms) or "0"


def _spread(name: str, part: Part) -> str:
    """What was gathered, in its place again."""
    terms, at = [], 0
    for shift, bits in part:
        terms.append(f"({name} >> {at} & {(1 << bits) - 1}) << {shift}")
        at += bits
    return " | ".join(terms) or "0"


def _parts(system: System, layout: Layout) -> tuple[tuple[Part, ...], ...] | None:
    """The part of each value of each symbol, if no field belongs to two, or holds a value."""
    symbols = system.world.interchangeable
    if any(variable.sort in symbols for variable in system.variables):
        return None
    bits = {
        variable.name: (shift, width(variable))
        for variable, shift in zip(layout.variables, layout.shifts, strict=True)
    }
    found, owned = [], 0
    touched: set[str] = set()
    for symbol in symbols:
        made = exchanges(system.world, symbol)
        members = _members(list(bits), made)
        if members is None:
            return None
        names = {name for member in members for name in member}
        touched |= names
        owned += len(names)
        found.append(tuple(tuple(bits[name] for name in member) for member in members))
    return tuple(found) if len(touched) == owned else None


def _members(names: Sequence[str], made: Sequence[Relabelling]) -> list[list[str]] | None:
    """The variables of each value, if every one that is renamed belongs to a single value."""
    if not made:
        return []
    moved = [{name for name in names if step.names[name] != name} for step in made]
    first = moved[0].difference(*moved[1:])
    if len(made) == 1:
        # Of two that change places, either may be called the first.
        first = {name for name in first if names.index(name) < names.index(made[0].names[name])}
    members = [[name for name in names if name in first]]
    for step in made:
        members.append([step.names[name] for name in members[-1]])
    pairs = zip(moved, pairwise(members), strict=True)
    return members if all(names == {*left, *right} for names, (left, right) in pairs) else None
