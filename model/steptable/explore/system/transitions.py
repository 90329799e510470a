"""What an engine needs to know of a world: its variables, and every transition of its actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from steptable import expr
from steptable.explore.system.keys import Meetable, PremiseKey, PropertyKey
from steptable.explore.system.premises import Premises
from steptable.interpreter.evaluate import Values
from steptable.machine import Event, Row
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar
from steptable.partial.variables import Variable
from steptable.properties import Property
from steptable.sorts import Field, Record
from steptable.world import Action, World


@dataclass(frozen=True)
class DeliveredEvent:
    """An event that reached an instance in a transition; `row` is None if it was refused."""

    instance: str
    event: Event
    row: Row | None


@dataclass
class Transition:
    """What an action can do: one of its outcomes, as a guard and assignments.

    It goes by certain rows of its events, or they are refused.
    """

    action: Action
    choice_root: Path
    """Where this action's choices are."""
    delivered: tuple[DeliveredEvent, ...]
    guard: Scalar
    assignments: dict[str, Scalar]
    checks: dict[PropertyKey, Scalar]
    """For properties over steps and events: what must hold, where undecided."""
    premises: dict[Meetable, Scalar]
    """When a premise of theirs is met, or an effect emitted."""
    within_bounds: Scalar
    """What must hold so that no value overflows."""
    required_bounds: Scalar
    """That part of it which must hold even if nothing depends on what is bounded."""
    parameters: tuple[Variable, ...] = ()
    """The choices of the environment that the transition depends on."""
    multiplicity: int = 1
    """How many choices this stands for: the product of the domains it does not depend on."""

    @property
    def is_step(self) -> bool:
        """Whether it is a step at all: not just an event that was refused."""
        refused = bool(self.delivered) and all(taken.row is None for taken in self.delivered)
        return not refused or bool(self.action.sets)

    def scalars(self) -> Iterator[Scalar]:
        """Every scalar of the transition."""
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
    conditions: dict[PropertyKey, Scalar]
    """For properties over states and runs: the condition."""
    premises: Premises
    """What must be met so that no property holds without being put to the test."""
    premise_conditions: dict[PremiseKey, Scalar]
    """The premises of properties over states and runs."""
    terminal: Scalar
    """Where it is no deadlock that nothing can happen."""
    initial: list[tuple[Values, tuple[Any, ...]]] = field(default_factory=list)
    """Whole states to start from, with their stored values."""

    def property_of(self, key: PropertyKey) -> Property:
        return self.world.properties[key.index]

    @property
    def state_conditions(self) -> dict[PropertyKey, Scalar]:
        """The conditions of properties over states alone."""
        conditions = self.conditions.items()
        return {key: node for key, node in conditions if self.property_of(key).scope == "state"}

    @property
    def state_premises(self) -> dict[PremiseKey, Scalar]:
        """The premises of properties over states alone."""
        return {key: self.premise_conditions[key] for key in self.premises.of_scopes("state")}

    def premise_of_run(self, key: PropertyKey) -> Scalar:
        """The premise of a property over runs: where its condition becomes due."""
        (premise,) = self.premises.needed[key]
        return self.premise_conditions[premise]

    def project(self, state: Values) -> tuple[Any, ...]:
        """The stored values of a whole state."""
        return tuple(variable.value_in(state) for variable in self.variables)


CHOICE: Final = Path.of("choice")
"""Where the choices of an action's own are, below its root."""


def choice_root(number: int) -> Path:
    """Where everything is that the environment chooses for an action, by the action's number.

    No instance or variable can be called so.
    """
    return Path.of(f"action {number}")


def event_path(delivery: int) -> Path:
    """Where the fields of an event are that are left to choose, below the root of its action."""
    return Path.of(str(delivery), "event")


def policy_path(delivery: int) -> Path:
    """Where the same is of a policy."""
    return Path.of(str(delivery), "policy")


def choice_sort(action: Action) -> Record:
    """The choices of an action, as a record."""
    return Record("choice", tuple(Field(name, sort) for name, sort in action.choices))


def variables_in(node: expr.Node) -> frozenset[str]:
    """The variables that a scalar reads."""
    known = _READ.get(id(node))
    if known is None:
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        own = {node.name} if isinstance(node, expr.Bound) else ()
        known = node, frozenset(own).union(*map(variables_in, expr.children(node)))
        _READ[id(node)] = known
    return known[1]


_READ: Final[dict[int, tuple[expr.Node, frozenset[str]]]] = {}
"""What scalars read that were asked of, each with itself, so that its id stays its own: scalars
share most of their parts, and each is asked of many times."""

_MOST_READ: Final = 1 << 17
