"""Whether what a world calls interchangeable is there, each member once and in the same parts.

Whether members can really change places is shown by the explorer, which knows what they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from steptable.errors import Fault
from steptable.sorts import Symbol
from steptable.wellformed.worlds.bounds import held_symbols
from steptable.world import Alike, World, words


def check_symmetry(world: World) -> Iterator[Fault]:
    """Faults of what is called interchangeable: symbols, and members that are alike."""
    where = f"world '{world.name}'"
    held = {symbol for symbol, _ in held_symbols(world)}
    for item in world.interchangeable:
        if isinstance(item, Symbol) and item not in held:
            problem = f"nothing in this world is a {item}, so it can't be interchangeable"
            yield Fault(world.at, where, problem, "remove it", "unused-symmetry")
    families = [item for item in world.interchangeable if isinstance(item, Alike)]
    faults = [fault for family in families for fault in _members(world, family)]
    faults += _shared(world, families)
    yield from faults or (fault for family in families for fault in _unlike(world, family))


def _where(world: World, family: Alike) -> str:
    return f"world '{world.name}', alike {', '.join(map(repr, family.members)) or 'nobody'}"


def _members(world: World, family: Alike) -> Iterator[Fault]:
    """Faults of the members of one family."""
    at, where = family.at, _where(world, family)
    if len(family.members) < 2:
        problem, advice = "it takes two to change places", "name all members that are alike"
        yield Fault(at, where, problem, advice, "unused-symmetry")
    for number, member in enumerate(family.members):
        if not re.fullmatch(r"[^\W_](.*[^\W_])?", member):
            problem = f"{member!r} can't be a word of a name"
            advice = "begin and end it with a letter or a digit"
            yield Fault(at, where, problem, advice, "bad-member")
        elif member in family.members[:number]:
            problem = f"'{member}' is there twice"
            yield Fault(at, where, problem, "name each member once", "bad-member")
        elif not any(_has(name, member) for _, name in _names(world)):
            problem = f"no instance, variable or value of this world has '{member}' in its name"
            advice = "remove it, or write the very word that stands in their names"
            yield Fault(at, where, problem, advice, "unused-symmetry")


def _shared(world: World, families: list[Alike]) -> Iterator[Fault]:
    """Faults of members that are part of something else that is interchangeable."""
    every = [(member, family) for family in families for member in dict.fromkeys(family.members)]
    for (one, first), (two, second) in combinations(every, 2):
        if one == two:
            problem = f"'{one}' is alike to {_others(first, one)} already"
            advice = "name all that are alike in one place"
            yield Fault(second.at, _where(world, second), problem, advice, "bad-member")
        elif _has(one, two) or _has(two, one):
            inner, outer = sorted((one, two), key=len)
            problem = f"'{inner}' is a word of '{outer}', which is a member, too"
            yield Fault(second.at, _where(world, second), problem, "rename one", "bad-member")
    symbols = [item for item in world.interchangeable if isinstance(item, Symbol)]
    for member, family in every:
        for symbol in symbols:
            if any(_has(value, member) for value in world.bounds.of(symbol)):
                problem = f"'{member}' is in a value of {symbol}, which is interchangeable, too"
                advice = "leave one of them out"
                yield Fault(family.at, _where(world, family), problem, advice, "bad-member")


def _others(family: Alike, member: str) -> str:
    return " and ".join(f"'{other}'" for other in family.members if other != member)


def _unlike(world: World, family: Alike) -> Iterator[Fault]:
    """Faults of what one member has and its neighbour has not."""
    names = list(_names(world))
    missing: set[tuple[str, str]] = set()
    for left, right in pairwise(family.members):
        swapped = {left: right, right: left}
        order = [swapped.get(member, member) for member in family.members]
        for kind, name in names:
            wanted = kind, family.renamed(name, order)
            if wanted not in names and wanted not in missing:
                missing.add(wanted)
                problem = f"there is {kind} '{name}', but no '{wanted[1]}'"
                advice = "give all members the same, or leave one out"
                yield Fault(family.at, _where(world, family), problem, advice, "unlike-members")


def _names(world: World) -> Iterator[tuple[str, str]]:
    """All that can be of a member: what it is, and its name."""
    yield from (("instance", item.name) for item in world.instances)
    yield from (("variable", item.name) for item in world.variables)
    for symbol, values in world.bounds.symbols:
        yield from ((f"the {symbol}", value) for value in values)


def _has(name: str, member: str) -> bool:
    return words([member]).search(name) is not None
