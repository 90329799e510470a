"""What leaves the bounds of a world: which value, by which action, and the way there.

The step is taken by the interpreter, on whole values, so that what it stores can be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from steptable.errors import Fault, Location, SpecError
from steptable.explore.exploration import Exploration
from steptable.explore.replay import Replayer
from steptable.explore.retracing import Trace
from steptable.explore.system.forgetting import is_forgotten
from steptable.explore.system.keys import OVERFLOW
from steptable.explore.system.transitions import TransitionSystem
from steptable.interpreter.evaluate import Values
from steptable.partial.paths import Path
from steptable.sorts import Duration, Instant, Integer, Map, Optional, Record, Sort, inner
from steptable.wellformed.expressions.values import is_large, wrongs
from steptable.world import World


@dataclass(frozen=True)
class Bounded:
    """Something that holds a value which leaves its bounds: what to widen, and where."""

    name: str
    sort: Sort
    at: Location

    def __str__(self) -> str:
        return f"'{self.name}', {_article(self.sort)} {self.sort}, is declared at {self.at}"


class Overflow(SpecError):
    """A value leaves the bounds of a world, at the end of a trace."""

    def __init__(
        self, world: World, trace: Trace, wrong: list[str], bounded: tuple[Bounded, ...] = ()
    ) -> None:
        self.world = world
        self.trace = trace
        self.wrong = tuple(wrong)
        self.bounded = bounded
        action = trace.steps[-1].action
        fault = Fault(
            action.at,
            f"world '{world.name}', action '{action.name}'",
            f"{', '.join(wrong) or 'a value leaves its bounds'}, at step {len(trace.steps)}",
            "widen the bound, or guard the action",
            "overrun",
        )
        super().__init__([fault])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.world, self.trace, list(self.wrong), self.bounded)


def refuse_overflow(exploration: Exploration) -> None:
    """Raise `Overflow` where a step leaves the bounds of the world."""
    if (overflow_found := overflow_of(exploration)) is not None:
        raise overflow_found


def overflow_of(exploration: Exploration) -> Overflow | None:
    """The first step that leaves the bounds of the world, if one does."""
    if OVERFLOW not in exploration.violating_steps:
        return None
    state, number, choices = exploration.violating_steps[OVERFLOW]
    # Generated code refuses values that are none of their sort: the interpreter goes alone.
    trace = Replayer(exploration, {}).to_step(
        exploration.path(state), number, choices, leaves_bounds=True
    )
    return overflow(exploration.system, trace)


def overflow(system: TransitionSystem, trace: Trace) -> Overflow:
    """What leaves its bounds with the last step of a trace."""
    wrong_values = [*_wrong_given(system.world, trace), *_wrong(system, trace.end)]
    bounded = tuple(dict.fromkeys(place for _, place in wrong_values))
    return Overflow(system.world, trace, [problem for problem, _ in wrong_values], bounded)


def _wrong_given(world: World, trace: Trace) -> Iterator[tuple[str, Bounded]]:
    """Which numbers of an event or a policy are none of their own sorts."""
    for applied in trace.steps[-1].applied:
        machine = world.instance(applied.instance).machine
        event = machine.event(applied.event.name)
        for sorts, values in (
            (event.fields, applied.event.fields),
            (machine.policy, applied.policy),
        ):
            for part in sorts:
                for name, of, value in _numbers(part.name, part.sort, values[part.name]):
                    if not of.low <= value <= of.high:
                        problem = f"'{name}' of {sorts} can't be {value}, which is no {of}"
                        yield problem, Bounded(f"{sorts}.{name}", of, part.at)


def _numbers(name: str, sort: Sort, value: Any) -> Iterator[tuple[str, Integer, int]]:
    """Every number within a value: how it is called, of which sort it is to be, and the number."""
    match sort:
        case Optional(of=of) if value is not None:
            yield from _numbers(name, of, value)
        case Record():
            for part in sort:
                yield from _numbers(f"{name}.{part.name}", part.sort, value[part.name])
        case Map(value=of):
            for at, item in value.items():
                yield from _numbers(f"{name}[{at}]", of, item)
        case Integer():
            yield name, sort, value


def _wrong(system: TransitionSystem, state: Values) -> Iterator[tuple[str, Bounded]]:
    """What is wrong with the values that the world has to keep, and where each is declared."""
    world = system.world
    held = [
        (Path.of(item.name), Bounded(item.name, item.sort, item.at), state[item.name])
        for item in world.variables
    ]
    held += [
        (path, Bounded(str(path), part.sort, part.at), state[item.name][part.name])
        for item in world.instances
        for part in item.machine.record
        for path in [Path.of(item.name, part.name)]
    ]
    for path, place, value in held:
        if _is_bounded(system, path, inner(place.sort)):
            for problem, _ in wrongs(place.name, value, place.sort, world.bounds):
                yield problem, place


def _article(sort: Sort) -> str:
    return "an" if str(sort)[0] in "aeiouAEIOU" else "a"


def _is_bounded(system: TransitionSystem, path: Path, sort: Sort) -> bool:
    """Whether a value has to be within its bounds.

    Of a record, an instant or a large number that nothing depends on may be any.
    """
    world = system.world
    may_be_any = isinstance(sort, Instant | Duration) or (
        isinstance(sort, Integer) and is_large(sort)
    )
    if not may_be_any or any(Path.of(item.name) == path for item in world.variables):
        return not is_forgotten(world, path)
    return any(item.path == path for item in system.variables)
