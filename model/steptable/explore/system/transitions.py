"""What an engine needs to know of a world: its variables, and every way its actions can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from steptable import expr
from steptable.explore.system.premises import Premises
from steptable.interpreter.evaluate import Values
from steptable.machine import Event, Row
from steptable.partial.scalar import Scalar
from steptable.partial.shapes import Variable
from steptable.sorts import Field, Record
from steptable.world import Action, World

EMITTED: Final = -100
"""Less the number of an effect in `effects_of`: stands for it among the indexes of properties."""


@dataclass(frozen=True)
class DeliveredEvent:
    """An event that reached an instance on the way of a case; `row` is None if it was refused."""

    instance: str
    event: Event
    row: Row | None


@dataclass
class Transition:
    """One way an action can go."""

    action: Action
    prefix: str
    """What the names of this action's choices begin with."""
    delivered: tuple[DeliveredEvent, ...]
    guard: Scalar
    assignments: dict[str, Scalar]
    checks: dict[int, Scalar]
    """For properties over steps and events, by index: what must hold, where undecided."""
    premises: dict[int, Scalar]
    """When a premise of theirs is met, by its index; or an effect emitted (`EMITTED`)."""
    within_bounds: Scalar
    """What must hold lest a bound be overrun."""
    required_bounds: Scalar
    """That part of it which must hold even if nothing depends on what is bounded."""
    parameters: tuple[Variable, ...] = ()
    """The choices of the environment that the case depends on."""
    multiplicity: int = 1
    """How many choices this stands for: the product of the domains it does not depend on."""

    @property
    def is_step(self) -> bool:
        """Whether it is a step at all: not just an event that was refused."""
        refused = bool(self.delivered) and all(taken.row is None for taken in self.delivered)
        return not refused or bool(self.action.sets)

    def scalars(self) -> Iterator[Scalar]:
        """Every scalar of the case."""
        yield self.guard
        yield self.within_bounds
        yield from self.checks.values()
        yield from self.premises.values()
        yield from self.assignments.values()


@dataclass
class TransitionSystem:
    """What an engine needs to know of a world."""

    world: World
    variables: tuple[Variable, ...]
    """Those that are stored."""
    parameters: dict[str, Variable]
    transitions: list[Transition]
    conditions: dict[int, Scalar]
    """For properties over states and runs, by index: the condition."""
    premises: Premises
    """What must be met lest a property holds without being put to the test."""
    premise_conditions: dict[int, Scalar]
    """The premises of properties over states and runs, by their index."""
    terminal: Scalar
    """Where it is no deadlock that nothing can happen."""
    initial: list[tuple[Values, tuple[Any, ...]]] = field(default_factory=list)
    """Whole states to start from, with their stored values."""

    @property
    def state_premises(self) -> dict[int, Scalar]:
        """The premises of properties over states alone."""
        return {index: self.premise_conditions[index] for index in self.premises.of_scopes("state")}

    def premise_of_run(self, index: int) -> Scalar:
        """The premise of a property over runs: where its condition is promised."""
        (premise,) = self.premises.needed[index]
        return self.premise_conditions[premise]

    def project(self, state: Values) -> tuple[Any, ...]:
        """The stored values of a whole state."""
        return tuple(variable.value_in(state) for variable in self.variables)


def effects_of(world: World) -> list[tuple[str, str]]:
    """Every kind of effect that an instance can produce, as (instance, effect)."""
    return [(item.name, effect.name) for item in world.instances for effect in item.machine.effects]


def choice_sort(action: Action) -> Record:
    """The choices of an action, as a record."""
    return Record("choice", tuple(Field(name, sort) for name, sort in action.choices))


def variables_in(node: Scalar) -> frozenset[str]:
    """The variables that a scalar reads."""
    known = _READ.get(id(node))
    if known is None:
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        own = {node.name} if isinstance(node, expr.Bound) else ()
        known = node, frozenset(own).union(*map(variables_in, expr.children(node)))
        _READ[id(node)] = known
    return known[1]


_READ: Final[dict[int, tuple[Scalar, frozenset[str]]]] = {}
"""What scalars read that were asked of, each with itself, so that its id stays its own: scalars
share most of their parts, and each is asked of many times."""

_MOST_READ: Final = 1 << 17
