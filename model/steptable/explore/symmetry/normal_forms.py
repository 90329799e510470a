"""A system in parts that can be compared: as it is, and after a relabelling.

Each part is hashable, and equal parts mean the same. A choice is called by its name alone, not by
the action that it belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import NamedTuple, TypeAlias

from steptable import expr
from steptable.explore.symmetry.relabelling import Relabelling
from steptable.explore.system.keys import (
    EffectKey,
    Meetable,
    PremiseKey,
    PropertyKey,
    effects_of,
    keyed,
)
from steptable.explore.system.transitions import Transition, TransitionSystem
from steptable.partial.scalar import Scalar, constant, key, substitute
from steptable.partial.variables import Variable
from steptable.sorts import Symbol

Judged: TypeAlias = PropertyKey | Meetable


@dataclass(frozen=True)
class GroundTransition:
    """A transition with known choices of what moves; its scalars are over state and the others."""

    transition: Transition
    variables: Mapping[str, Variable]
    """The variables of its scalars."""
    choices: tuple[Variable, ...]
    """The choices that are left."""
    condition: Scalar
    bounds: tuple[Scalar, ...]
    updates: Mapping[str, Scalar]
    conditions: Mapping[Judged, Scalar]
    """What properties over steps and events demand, and when what is looked for is met."""


def ground_transitions(
    system: TransitionSystem, moving: Set[Symbol]
) -> dict[str, list[GroundTransition]]:
    """The transitions of each action, for each choice of a value of some symbols."""
    stored = {variable.name: variable for variable in system.variables}
    transitions: dict[str, list[GroundTransition]] = {
        action.name: [] for action in system.world.actions
    }
    for transition in system.transitions:
        transitions[transition.action.name] += _chosen(system, transition, stored, moving)
    return transitions


def _chosen(
    system: TransitionSystem,
    transition: Transition,
    stored: Mapping[str, Variable],
    moving: Set[Symbol],
) -> Iterator[GroundTransition]:
    own = [item for item in transition.parameters if item.sort in moving]
    others = {
        name: replace(item, path=item.path.after(transition.choice_root))
        for name, item in system.parameters.items()
        if item.path.is_within(transition.choice_root) and item not in own
    }
    variables = {**stored, **{item.name: item for item in others.values()}}
    called = {name: expr.Bound(item.name) for name, item in others.items()}
    choices = tuple(others[item.name] for item in transition.parameters if item not in own)
    for values in product(*(item.domain for item in own)):
        chosen = zip((item.name for item in own), map(constant, values), strict=True)
        substitution: dict[str, Scalar] = {**called, **dict(chosen)}

        updates = {
            name: substitute(node, substitution) for name, node in transition.assignments.items()
        }
        yield GroundTransition(
            transition,
            variables,
            choices,
            substitute(transition.guard, substitution),
            (
                substitute(transition.within_bounds, substitution),
                substitute(transition.required_bounds, substitution),
            ),
            {name: node for name, node in updates.items() if node != expr.Bound(name)},
            {
                judged: substitute(node, substitution)
                for judged, node in (*transition.checks.items(), *transition.premises.items())
            },
        )


class PropertyForm(NamedTuple):
    """All that a property says."""

    kind: Hashable
    condition: Hashable
    premises: Hashable
    """All that each of them turns into: who is symmetric meets one as soon as another."""
    of_steps: Hashable
    """Of each transition what must hold, and when each premise is met."""


class Signature(NamedTuple):
    """What a transition does, but for what properties ask of it."""

    guard: Hashable
    sets: Hashable
    rows: Hashable
    choices: Hashable
    bounds: Hashable


StepConditions: TypeAlias = Mapping[Judged, Hashable]
"""The conditions on a transition of each property, and by each premise."""


@dataclass(frozen=True)
class NormalForm:
    """A system as it is, or after a relabelling."""

    system: TransitionSystem
    ground_transitions: Mapping[str, list[GroundTransition]]
    """Its transitions by action."""
    state_premises: Mapping[PremiseKey, Hashable]
    """All that each premise of properties over states turns into."""
    relabelling: Relabelling | None = None

    @cached_property
    def terminal(self) -> Hashable:
        return self._key(self.system.terminal, {v.name: v for v in self.system.variables})

    @cached_property
    def transitions(self) -> Mapping[str, list[tuple[Signature, StepConditions]]]:
        """What each action does, transition by transition, and what properties ask of that."""
        return {
            name: [(self._signature(item), self._conditions(item)) for item in items]
            for name, items in self.ground_transitions.items()
        }

    @cached_property
    def actions(self) -> dict[str, Hashable]:
        """All that each action does."""
        return {
            name: _bag(signature for signature, _ in transitions)
            for name, transitions in self.transitions.items()
        }

    def judged_actions(self, called: Mapping[Judged, Judged] | None = None) -> dict[str, Hashable]:
        """All that each action does, with what each property says of it; `called` renames those.

        What is said of a property depends on that property alone, so that transitions need not go
        together in one way for all of them.
        """
        actions: dict[str, Hashable] = {}
        for name, transitions in self.transitions.items():
            of_judged: dict[Judged, list[Hashable]] = {}
            for signature, conditions in transitions:
                for judged, what in conditions.items():
                    renamed = judged if called is None else called[judged]
                    of_judged.setdefault(renamed, []).append((signature, what))
            by_judged = frozenset((one, _bag(items)) for one, items in of_judged.items())
            actions[name] = (self.actions[name], by_judged)
        return actions

    @cached_property
    def properties(self) -> dict[PropertyKey, PropertyForm]:
        """All that each property says."""
        system, of_steps = self.system, self._of_steps
        variables = {variable.name: variable for variable in system.variables}
        needed = system.premises.needed
        return {
            judged: PropertyForm(
                (item.kind, item.scope),
                self._key(system.conditions.get(judged), variables),
                _bag(self.state_premises.get(premise) for premise in needed[judged]),
                (
                    _bag(of_steps.get(judged, ())),
                    _bag(_bag(of_steps.get(premise, ())) for premise in needed[judged]),
                ),
            )
            for judged, item in keyed(system.world).items()
        }

    @cached_property
    def premises(self) -> dict[PremiseKey, PropertyForm]:
        """All that each premise says by itself."""
        return {
            premise: PropertyForm(
                ("premise", item.where[0]),
                None,
                self.state_premises.get(premise),
                _bag(self._of_steps.get(premise, ())),
            )
            for premise, item in self.system.premises.of.items()
        }

    @cached_property
    def _of_steps(self) -> dict[Judged, list[Hashable]]:
        """What each property, and each premise, says of all transitions."""
        of_steps: dict[Judged, list[Hashable]] = {}
        for transitions in self.transitions.values():
            for signature, conditions in transitions:
                for judged, what in conditions.items():
                    of_steps.setdefault(judged, []).append((signature, what))
        return of_steps

    @cached_property
    def effects(self) -> dict[EffectKey, EffectKey]:
        """What each kind of effect is called."""
        instances = self.relabelling.instances if self.relabelling else {}
        return {
            effect: replace(effect, instance=instances.get(effect.instance, effect.instance))
            for effect in effects_of(self.system.world)
        }

    def _signature(self, item: GroundTransition) -> Signature:
        names = self.relabelling.names if self.relabelling else {}
        instances = self.relabelling.instances if self.relabelling else {}
        return Signature(
            guard=self._key(item.condition, item.variables),
            sets=frozenset(
                (names.get(name, name), self._key(node, item.variables, item.variables[name]))
                for name, node in item.updates.items()
            ),
            rows=tuple(
                (instances.get(t.instance, t.instance), t.event.name, t.row and t.row.name)
                for t in item.transition.delivered
            ),
            choices=(
                item.transition.multiplicity,
                frozenset((v.name, v.sort, v.domain) for v in item.choices),
            ),
            bounds=tuple(self._key(node, item.variables) for node in item.bounds),
        )

    def _conditions(self, item: GroundTransition) -> StepConditions:
        return {judged: self._key(node, item.variables) for judged, node in item.conditions.items()}

    def _key(
        self, node: Scalar | None, variables: Mapping[str, Variable], place: Variable | None = None
    ) -> Hashable:
        if node is not None and self.relabelling is not None:
            node = self.relabelling.of_scalar(node, variables, place)
        return None if node is None else key(node)


def _bag(items: Iterable[Hashable]) -> Hashable:
    """The same for the same things, whatever their order."""
    return frozenset(Counter(items).items())
