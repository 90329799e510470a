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
from steptable.explore.system.transitions import EMITTED, Transition, TransitionSystem, effects_of
from steptable.partial.scalar import Scalar, constant, key, substitute
from steptable.partial.variables import Variable
from steptable.sorts import Symbol


@dataclass(frozen=True)
class GroundTransition:
    """A case with known choices of what moves; its scalars are of the state and other choices."""

    transition: Transition
    known: Mapping[str, Variable]
    """The variables of its scalars."""
    choices: tuple[Variable, ...]
    """The choices that are left."""
    condition: Scalar
    bounds: tuple[Scalar, ...]
    updates: Mapping[str, Scalar]
    said: Mapping[int, tuple[Scalar | None, Scalar | None]]
    """What promises over steps and events demand, and their premises, by index."""


def ground_transitions(
    system: TransitionSystem, moving: Set[Symbol]
) -> dict[str, list[GroundTransition]]:
    """The cases of each action, for each choice of a value of some symbols."""
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
    known = {**stored, **{item.name: item for item in others.values()}}
    called = {name: expr.Bound(item.name) for name, item in others.items()}
    choices = tuple(others[item.name] for item in transition.parameters if item not in own)
    for values in product(*(item.domain for item in own)):
        chosen = zip((item.name for item in own), map(constant, values), strict=True)
        given: dict[str, Scalar] = {**called, **dict(chosen)}

        def of(node: Scalar | None, given: Mapping[str, Scalar] = given) -> Scalar | None:
            return None if node is None else substitute(node, given)

        updates = {name: substitute(node, given) for name, node in transition.assignments.items()}
        yield GroundTransition(
            transition,
            known,
            choices,
            substitute(transition.guard, given),
            (
                substitute(transition.within_bounds, given),
                substitute(transition.required_bounds, given),
            ),
            {name: node for name, node in updates.items() if node != expr.Bound(name)},
            {
                index: (of(transition.checks.get(index)), of(transition.premises.get(index)))
                for index in (*transition.checks, *transition.premises)
            },
        )


class PropertyForm(NamedTuple):
    """All that a promise says."""

    kind: Hashable
    condition: Hashable
    premises: Hashable
    """All that each of them turns into: who is symmetric meets one as soon as another."""
    of_steps: Hashable
    """Of each case what must hold, and when each premise is met."""


class Signature(NamedTuple):
    """What a case does, but for what is promised of it."""

    guard: Hashable
    sets: Hashable
    rows: Hashable
    choices: Hashable
    limits: Hashable


StepConditions: TypeAlias = Mapping[int, Hashable]
"""What each promise says of a case, by index."""


@dataclass(frozen=True)
class NormalForm:
    """A system as it is, or after a relabelling."""

    system: TransitionSystem
    chosen: Mapping[str, list[GroundTransition]]
    """Its cases by action."""
    premises: Mapping[int, Hashable]
    """All that each premise of promises over states turns into, by index."""
    relabelling: Relabelling | None = None

    @cached_property
    def terminal(self) -> Hashable:
        return self._key(self.system.terminal, {v.name: v for v in self.system.variables})

    @cached_property
    def cases(self) -> Mapping[str, list[tuple[Signature, StepConditions]]]:
        """What each action does, case by case, and what is promised of that."""
        return {
            name: [(self._signature(item), self._said(item)) for item in items]
            for name, items in self.chosen.items()
        }

    @cached_property
    def actions(self) -> dict[str, Hashable]:
        """All that each action does."""
        return {
            name: _bag(signature for signature, _ in transitions)
            for name, transitions in self.cases.items()
        }

    def judged_actions(self, called: Mapping[int, int]) -> dict[str, Hashable]:
        """All that each action does, with what each promise says of it; `called` gives indexes.

        What is said of a promise depends on that promise alone, so that cases need not go together
        in one way for all of them.
        """
        judged: dict[str, Hashable] = {}
        for name, transitions in self.cases.items():
            of_promises: dict[int, list[Hashable]] = {}
            for signature, said in transitions:
                for index, what in said.items():
                    of_promises.setdefault(called[index], []).append((signature, what))
            by_promise = frozenset((index, _bag(items)) for index, items in of_promises.items())
            judged[name] = (self.actions[name], by_promise)
        return judged

    @cached_property
    def promises(self) -> dict[int, PropertyForm]:
        """All that each promise says, and each premise by itself, by index."""
        system = self.system
        known = {variable.name: variable for variable in system.variables}
        of_steps: dict[int, list[Hashable]] = {}
        for transitions in self.cases.values():
            for signature, said in transitions:
                for index, what in said.items():
                    of_steps.setdefault(index, []).append((signature, what))
        needed = system.premises.needed
        promises = {
            index: PropertyForm(
                (item.kind, item.scope),
                self._key(system.conditions.get(index), known),
                _bag(self.premises.get(premise) for premise in needed[index]),
                (
                    _bag(of_steps.get(index, ())),
                    _bag(_bag(of_steps.get(premise, ())) for premise in needed[index]),
                ),
            )
            for index, item in enumerate(system.world.properties)
        }
        return promises | {
            index: PropertyForm(
                ("premise", item.where[0]),
                None,
                self.premises.get(index),
                _bag(of_steps.get(index, ())),
            )
            for index, item in system.premises.of.items()
        }

    @cached_property
    def effects(self) -> dict[int, tuple[str, str]]:
        """Each kind of effect of an instance, by its index among those of promises."""
        instances = self.relabelling.instances if self.relabelling else {}
        return {
            EMITTED - number: (instances.get(instance, instance), effect)
            for number, (instance, effect) in enumerate(effects_of(self.system.world))
        }

    def _signature(self, item: GroundTransition) -> Signature:
        names = self.relabelling.names if self.relabelling else {}
        instances = self.relabelling.instances if self.relabelling else {}
        return Signature(
            guard=self._key(item.condition, item.known),
            sets=frozenset(
                (names.get(name, name), self._key(node, item.known, item.known[name]))
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
            limits=tuple(self._key(node, item.known) for node in item.bounds),
        )

    def _said(self, item: GroundTransition) -> StepConditions:
        return {
            index: tuple(self._key(node, item.known) for node in nodes)
            for index, nodes in item.said.items()
        }

    def _key(
        self, node: Scalar | None, known: Mapping[str, Variable], place: Variable | None = None
    ) -> Hashable:
        if node is not None and self.relabelling is not None:
            node = self.relabelling.of_scalar(node, known, place)
        return None if node is None else key(node)


def _bag(items: Iterable[Hashable]) -> Hashable:
    """The same for the same things, whatever their order."""
    return frozenset(Counter(items).items())
