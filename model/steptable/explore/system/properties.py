"""What the properties of a world say of states, of a step and of an event, as scalars.

A property is known by its key, a premise by its own. What they are evaluated in is up to whoever
asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from steptable.explore.system.keys import PremiseKey, PropertyKey, keyed
from steptable.explore.system.premises import Premises
from steptable.machine import Event
from steptable.partial.evaluator import PartialEvaluator
from steptable.partial.scalar import Scalar
from steptable.world import Instance, World


class WorldProperties:
    """The properties of a world, and their premises."""

    def __init__(self, world: World) -> None:
        self.properties = keyed(world)
        self.premises = Premises.of_world(world)

    def state_checks(self, evaluator: PartialEvaluator) -> dict[PropertyKey, Scalar]:
        """The conditions of properties over states and runs."""
        return {
            key: evaluator.scalar(item.condition)
            for key, item in self.properties.items()
            if item.scope in ("state", "run")
        }

    def state_premises(self, evaluator: PartialEvaluator) -> dict[PremiseKey, Scalar]:
        asked = self.premises.of_scopes("state", "run")
        return {key: evaluator.scalar(item.condition) for key, item in asked.items()}

    def step_checks(self, evaluator: PartialEvaluator) -> Iterator[tuple[PropertyKey, Scalar]]:
        for key, item in self.properties.items():
            if item.scope == "step":
                yield key, evaluator.scalar(item.condition)

    def step_premises(self, evaluator: PartialEvaluator) -> Iterator[tuple[PremiseKey, Scalar]]:
        for key, premise in self.premises.of_scopes("step").items():
            yield key, evaluator.scalar(premise.condition)

    def event_checks(
        self, instance: Instance, event: Event, evaluator: PartialEvaluator
    ) -> Iterator[tuple[PropertyKey, Scalar]]:
        for key, item in self.properties.items():
            if (
                item.scope == "event"
                and item.fact in (None, event.fact)
                and item.instance in (None, instance.name)
            ):
                yield key, evaluator.scalar(item.condition)

    def event_premises(
        self, instance: Instance, event: Event, evaluator: PartialEvaluator
    ) -> Iterator[tuple[PremiseKey, Scalar]]:
        for key, premise in self.premises.of_scopes("event").items():
            if premise.is_of(event.fact, instance.name):
                yield key, evaluator.scalar(premise.condition)
