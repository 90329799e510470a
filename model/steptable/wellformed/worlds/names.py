"""Whether every name in a world means one thing, and something can happen there at all."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from typing import Final

from steptable.errors import Fault, Location
from steptable.parts import parts_of
from steptable.support.renaming import is_identifier
from steptable.wellformed.machines.names import TAKEN
from steptable.wellformed.worlds.scopes import unknown
from steptable.world import Action, World

_ROOTS: Final = frozenset({"before", "after", "action", "choice", "effect", "event", "step"})
"""What properties, actions and reactions speak of beside instances and variables."""


def check_names(world: World) -> Iterator[Fault]:
    """Faults of names, and of a world in which nothing can happen."""
    yield from _empty(world)
    yield from _repeated(world)
    yield from _readable(world)
    yield from _idle(world)
    for action in world.actions:
        yield from _says(world, action)
        for name, _ in action.choices:
            where = f"world '{world.name}', action '{action.name}', choice '{name}'"
            yield from _writable(name, TAKEN, action.at, where)


def _empty(world: World) -> Iterator[Fault]:
    where = f"world '{world.name}'"
    if not world.starts:
        yield Fault(world.at, where, "it starts nowhere", "declare a Start", "no-starts")
    if not world.actions:
        yield Fault(world.at, where, "nothing can happen", "declare an Action", "no-actions")


def _repeated(world: World) -> Iterator[Fault]:
    parts = [(f"instance '{item.name}'", item.name, item.at) for item in world.instances]
    parts += [(f"variable '{item.name}'", item.name, item.at) for item in world.variables]
    kinds: dict[str, Iterable[tuple[str, str, Location]]] = {
        "instance or variable": parts,
        "start": [(f"start '{item.name}'", item.name, item.at) for item in world.starts],
        "action": [(f"action '{item.name}'", item.name, item.at) for item in world.actions],
        "property": [(f"property '{item.name}'", item.name, item.at) for item in world.properties],
    }
    for kind, named in kinds.items():
        first: dict[str, Location] = {}
        for what, name, at in named:
            if name in first:
                problem = f"there is another {kind} of that name at {first[name]}"
                where = f"world '{world.name}', {what}"
                yield Fault(at, where, problem, "rename one", "duplicate-name")
            first.setdefault(name, at)


def _idle(world: World) -> Iterator[Fault]:
    """What is called idle is a part of the world, and there is a reason."""
    names = [part.name for part in parts_of(world)]
    first: dict[str, Location] = {}
    for item in world.idle:
        where = f"world '{world.name}', what is idle in it"
        yield from unknown("part", item.name, names, item.at, where)
        if not item.why.strip():
            problem = f"no reason is given for '{item.name}'"
            yield Fault(item.at, where, problem, "say why it is of no use", "no-reason")
        if item.name in first:
            problem = f"'{item.name}' stands at {first[item.name]}, too"
            yield Fault(item.at, where, problem, "remove one", "duplicate-name")
        first.setdefault(item.name, item.at)


def _readable(world: World) -> Iterator[Fault]:
    """Instances and variables are read as `root(name)`, and as `before.name` in properties."""
    for kind, items in (("instance", world.instances), ("variable", world.variables)):
        for item in items:
            where = f"world '{world.name}', {kind} '{item.name}'"
            yield from _writable(item.name, TAKEN | _ROOTS, item.at, where)


def _writable(name: str, taken: frozenset[str], at: Location, where: str) -> Iterator[Fault]:
    if not is_identifier(name) or name.startswith("_"):
        problem = f"'{name}' is no name that expressions can read"
        advice = "write an identifier of Python that begins with a letter"
        yield Fault(at, where, problem, advice, "reserved-name")
    elif name in taken:
        problem = f"'{name}' has a meaning of its own in expressions"
        yield Fault(at, where, problem, "write another name", "reserved-name")


def _says(world: World, action: Action) -> Iterator[Fault]:
    where = f"world '{world.name}', action '{action.name}'"
    try:
        parts = [name for _, name, _, _ in string.Formatter().parse(action.says)]
    except ValueError:
        problem = f"its sentence {action.says!r} has a brace without the other"
        yield Fault(action.at, where, problem, "write {choice}, or no brace", "bad-sentence")
        return
    known = [name for name, _ in action.choices]
    for name in parts:
        if name is not None:
            yield from unknown("choice", name, known, action.at, where)
