"""Makes a world smaller that shows a disagreement, for as long as it still shows one like it.

One thing after another is left out, or an expression takes the place of what it stands in, all
over the world at once; what is then ill-formed, or agrees, is not gone on with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeAlias

from fuzz.compare import refused
from steptable import expr
from steptable.sorts import TRUTH
from steptable.wellformed.worlds.bounds import held_symbols
from steptable.world import World

Change: TypeAlias = tuple[Any, Any]
"""What is replaced wherever it stands, and by what."""


def shrunk(world: World, fails: Callable[[World], bool], *, seconds: float) -> World:
    """A smaller world that fails alike, as small as there is time for."""
    until = time.monotonic() + seconds
    smaller = True
    while smaller and time.monotonic() < until:
        smaller = False
        for old, new in _changes(world):
            if time.monotonic() > until:
                break
            changed = _replaced(world, old, new)
            if changed != world and _fails(changed, fails):
                world, smaller = changed, True
                break
    return world


def _fails(world: World, fails: Callable[[World], bool]) -> bool:
    try:
        return not refused(world) and fails(world)
    except Exception:  # noqa: BLE001  # whatever is wrong with it, it is not gone on with
        return False


def _changes(world: World) -> Iterator[Change]:
    """Everything that can be left out or put in place of another thing, large things first."""
    seen: set[tuple[type, str]] = set()
    level: list[Any] = [world]
    while level:
        following: list[Any] = []
        for thing in level:
            key = (type(thing), repr(thing))
            if key in seen:
                continue
            seen.add(key)
            yield from ((thing, other) for other in _smaller(thing))
            following += _within(thing)
        level = following


def _within(thing: Any) -> Iterator[Any]:
    if is_dataclass(thing):
        for part in fields(thing):
            if part.name != "at":
                yield from _flat(getattr(thing, part.name))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    elif is_dataclass(value):
        yield value


def _smaller(thing: Any) -> Iterator[Any]:
    if isinstance(thing, World):
        yield from (_without(thing, name) for name in thing.state.names)
    if isinstance(thing, expr.Node):
        yield from expr.children(thing)
        if not isinstance(thing, expr.Const):
            yield expr.Const(True, TRUTH)
            yield expr.Const(False, TRUTH)
    for part in fields(thing):
        value = getattr(thing, part.name)
        if isinstance(value, tuple) and part.name != "at":
            if len(value) > 2:
                yield from (replace(thing, **{part.name: half}) for half in _halves(value))
            for at in range(len(value)):
                yield replace(thing, **{part.name: value[:at] + value[at + 1 :]})
            for at, item in enumerate(value):
                # Pairs of a name and several values, such as those that a field starts with.
                if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], tuple):
                    for inner in range(len(item[1])):
                        left = (item[0], item[1][:inner] + item[1][inner + 1 :])
                        yield replace(thing, **{part.name: (*value[:at], left, *value[at + 1 :])})
        elif value is not None and part.default is None and part.name != "at":
            yield replace(thing, **{part.name: None})


def _without(world: World, name: str) -> World:
    """A world without an instance or a variable, and without what is done to it."""

    def others(pairs: Any) -> Any:
        return tuple(pair for pair in pairs if pair[0] != name)

    left = replace(
        world,
        instances=tuple(
            replace(item, reactions=tuple((of, others(sets)) for of, sets in item.reactions))
            for item in world.instances
            if item.name != name
        ),
        variables=tuple(item for item in world.variables if item.name != name),
        starts=tuple(
            replace(item, records=others(item.records), variables=others(item.variables))
            for item in world.starts
        ),
        actions=tuple(
            replace(
                item,
                sets=others(item.sets),
                deliveries=tuple(way for way in item.deliveries if way.instance != name),
            )
            for item in world.actions
        ),
        properties=tuple(item for item in world.properties if item.instance != name),
    )
    # A bound of what there is no more is a fault. What effects carry needs none.
    held = {part for symbol, _ in held_symbols(left) for part in (symbol, *symbol.parts)}
    symbols = tuple(pair for pair in left.bounds.symbols if left.instances or pair[0] in held)
    return replace(left, bounds=replace(left.bounds, symbols=symbols))


def _halves(value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield value[: len(value) // 2]
    yield value[len(value) // 2 :]


def _replaced(thing: Any, old: Any, new: Any) -> Any:
    """A thing with another one wherever an old one stood in it."""
    if type(thing) is type(old) and thing == old:
        return new
    if isinstance(thing, tuple):
        items = tuple(_replaced(item, old, new) for item in thing)
        same = all(ours is theirs for ours, theirs in zip(items, thing, strict=True))
        return thing if same else items
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = {part.name: getattr(thing, part.name) for part in fields(thing)}
        changed = {name: _replaced(value, old, new) for name, value in parts.items()}
        if any(changed[name] is not value for name, value in parts.items()):
            return replace(thing, **changed)
    return thing
