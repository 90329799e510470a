"""What a search has used, counted: rows taken, effects emitted, parts that are of no use."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace

from steptable import expr
from steptable.errors import Location
from steptable.explore.exploration import Exploration
from steptable.explore.system.keys import effects_of
from steptable.explore.system.starts import starts_of
from steptable.explore.system.transitions import TransitionSystem
from steptable.machine import Assignments
from steptable.partial.paths import Part, Path
from steptable.parts import IDLE, delivery_part, parts_of, reaction_part, start_part
from steptable.world import Variable, World


@dataclass(frozen=True)
class Unused:
    """A part of a world that is of no use, or is though it was declared to be of none."""

    what: str
    verdict: str
    """What is the matter with it; with `what` before it, a sentence."""
    at: Location
    why: str = ""
    """The reason that the world gives for it."""
    passes: bool = False
    """Whether it is as declared."""
    name: str = ""
    """What the world would call it, to declare it idle."""
    never: bool = True
    """Whether it is of no use; if not, it was declared to be, and is."""

    def __str__(self) -> str:
        return f"{self.what} {self.verdict}"


def rows_taken(exploration: Exploration) -> dict[str, int]:
    """How many steps took each row, by name; rows that none took are left out."""
    taken: dict[str, int] = {}
    for transition, hits in zip(
        exploration.system.transitions, exploration.times_taken, strict=True
    ):
        for item in transition.delivered:
            if item.row is not None and hits:
                taken[item.row.name] = taken.get(item.row.name, 0) + hits * transition.multiplicity
    return taken


def effects_emitted(exploration: Exploration) -> frozenset[str]:
    """The kinds of effects that some step produced."""
    return frozenset(
        key.effect
        for key in effects_of(exploration.system.world)
        if key in exploration.met_premises
    )


def idle_actions(exploration: Exploration) -> tuple[str, ...]:
    """Actions that never happen, or whose events are always refused; none of a search cut short."""
    if exploration.stopped:
        return ()
    hits = zip(exploration.system.transitions, exploration.times_taken, strict=True)
    happened = _and_alike(
        exploration, {transition.action.name for transition, n in hits if n and transition.is_step}
    )
    return tuple(a.name for a in exploration.system.world.actions if a.name not in happened)


def unused_parts(world: World, used: Set[str], *, whole: bool) -> tuple[Unused, ...]:
    """The parts of a world that are not among those of use, unless the search was cut short, which
    leaves that open; and those that are of use though the world says otherwise.
    """
    declared = {item.name: item for item in world.idle}
    told = []
    for part in parts_of(world):
        known = declared.get(part.name)
        if part.name in used:
            if known is not None:
                text = f"is declared as idle, but is of use (it was said: {known.why})"
                told.append(Unused(part.what, text, known.at, name=part.name, never=False))
        elif whole:
            why = "" if known is None else known.why
            verdict, passes = IDLE[part.kind], known is not None
            told.append(Unused(part.what, verdict, part.at, why, passes, part.name))
    return tuple(told)


def used_parts(exploration: Exploration) -> Set[str]:
    """The names of the parts of a world that are of use."""
    return frozenset(_used(exploration))


def _used(exploration: Exploration) -> Iterator[str]:
    system, world = exploration.system, exploration.system.world
    happened, accepted = set[str](), dict[int, set[str]]()
    for transition, hits in zip(system.transitions, exploration.times_taken, strict=True):
        if hits and transition.is_step:
            happened.add(transition.action.name)
            for number, taken in enumerate(transition.delivered):
                if taken.row is not None:
                    accepted.setdefault(number, set()).add(transition.action.name)
    everywhere = _and_alike(exploration, happened)
    yield from everywhere
    for number, names in accepted.items():
        yield from (delivery_part(name, number) for name in _and_alike(exploration, names))
    for action in world.actions:
        if action.name not in everywhere:  # that says enough of all that it would deliver
            yield from (delivery_part(action.name, n) for n in range(len(action.deliveries)))
    for key in effects_of(world):
        if key in exploration.met_premises:
            yield reaction_part(key.instance, key.effect)
    before = set[object]()
    for start in world.starts:
        own = {system.project(state) for state in starts_of(replace(world, starts=(start,)))}
        if own - before:
            yield start_part(start.name)
        before |= own


def _and_alike(exploration: Exploration, actions: set[str]) -> set[str]:
    """Some actions, and those that take their places where members change places."""
    return actions if exploration.orbits is None else exploration.orbits.actions_like(actions)


def unread(system: TransitionSystem) -> tuple[Variable, ...]:
    """The variables of a world that nothing reads: no guard, no property, nothing that leads to
    one.

    They are not explored: a cone of influence leaves them out. One that never changes is no
    variable any more, and read where it is mentioned.
    """
    world = system.world
    stored = {item.path.segments[0] for item in system.variables}
    set_somewhere = {name for sets in _assignments(world) for name, _ in sets}
    mentioned = {name for node in _read(world) for name in _names(node)}
    return tuple(
        item
        for item in world.variables
        if Part(item.name) not in stored
        and (item.name in set_somewhere or len(item.starts) > 1 or item.name not in mentioned)
    )


def _assignments(world: World) -> Iterator[Assignments]:
    for action in world.actions:
        yield action.sets
    for instance in world.instances:
        yield from (sets for _, sets in instance.reactions)


def _read(world: World) -> Iterator[expr.Node]:
    """Every expression of a world."""
    yield world.may_end
    for item in world.properties:
        yield item.condition
        if item.premise is not None:
            yield item.premise
    for action in world.actions:
        yield action.guard
        for delivery in action.deliveries:
            yield from (node for _, node in (*delivery.fields, *delivery.policy))
            if delivery.payload is not None:
                yield delivery.payload
    for sets in _assignments(world):
        yield from (node for _, node in sets)


def _names(node: expr.Node) -> Iterator[str]:
    """The names of what an expression reads: wholes, and what is read of those before and after."""
    for part in expr.walk(node):
        if isinstance(part, expr.Root | expr.Attr):
            yield part.name


def growth(exploration: Exploration) -> tuple[tuple[Path, int], ...]:
    """The five variables with the most distinct values, with how many there are."""
    paths = (variable.path for variable in exploration.layout.variables)
    counts = zip(paths, exploration.domain_use(), strict=True)
    most = sorted(counts, key=lambda pair: (pair[1], str(pair[0])), reverse=True)
    return tuple(most[:5])
