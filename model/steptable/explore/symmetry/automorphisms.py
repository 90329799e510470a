"""Whether members of a world can change places without anybody noticing, shown exactly.

Nothing is taken on trust from a declaration: a world is symmetric if each exchange of two
neighbours maps the system onto itself. What must come out the same is the values of every variable;
the transitions of each action, for every choice of what moves, as those of some action; each
property, as itself or as another one of its kind; where nothing need happen; and the set of starts.
Sameness is that of expressions whose conjunctions, disjunctions, comparisons and sums have no
order. It may fail to see that two expressions mean the same, and then nothing is reduced: that is
safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NoReturn, TypeVar

from steptable.explore.symmetry.normal_forms import (
    Judged,
    NormalForm,
    Signature,
    ground_transitions,
)
from steptable.explore.symmetry.relabelling import (
    Asymmetric,
    Relabelling,
    members_of,
    orbit_of_scalar,
    transpositions,
)
from steptable.explore.system.keys import Meetable, PremiseKey, PropertyKey, keyed
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import Scalar
from steptable.world import Alike, Interchangeable, World

_Key = TypeVar("_Key", PropertyKey, PremiseKey, str)


@dataclass(frozen=True)
class Automorphism:
    """Two neighbours that can change places, and what turns into what by that."""

    relabelling: Relabelling
    properties: Mapping[PropertyKey, PropertyKey]
    """What each property turns into."""
    meetable: Mapping[Meetable, Meetable]
    """What each premise and each kind of effect turns into."""
    actions: Mapping[str, str]


def automorphisms(system: TransitionSystem) -> list[list[Automorphism]]:
    """For all that the world calls interchangeable, each exchange of two neighbours.

    Raises `Asymmetric`, with the reason, if one is noticed.
    """
    world = system.world
    for item in world.properties:
        if item.scope == "run":
            raise Asymmetric(f"promise '{item.name}' is about runs")
    every = [transpositions(world, item) for item in world.interchangeable]
    checks = [
        [_Check(system, _who(world, item, at), one) for at, one in enumerate(made)]
        for item, made in zip(world.interchangeable, every, strict=True)
    ]
    for check in chain(*checks):
        check.demand_states()
    # Only of variables that turn into stored ones there is anything else to be said.
    premises = {of: frozenset(nodes) for of, nodes in premises_of(system, chain(*every)).items()}
    moving = {symbol for relabelling in chain(*every) for symbol in relabelling.values}
    before = NormalForm(system, ground_transitions(system, moving), premises)
    return [[check.shown(before) for check in some] for some in checks]


def _who(world: World, interchangeable: Interchangeable, at: int) -> str:
    """Who changes places in an exchange, by its number."""
    if isinstance(interchangeable, Alike):
        return " and ".join(members_of(world, interchangeable)[at : at + 2])
    return f"every {interchangeable}"


def premises_of(
    system: TransitionSystem, relabellings: Iterable[Relabelling]
) -> dict[PremiseKey, dict[Hashable, Scalar]]:
    """What each premise of properties over states may turn into."""
    known = {variable.name: variable for variable in system.variables}
    every = list(relabellings)
    return {
        key: orbit_of_scalar(node, every, known) for key, node in system.premise_conditions.items()
    }


_DIFFERS: Final = {
    "guard": "has another guard",
    "sets": "sets something else",
    "rows": "takes other rows",
    "choices": "has other choices",
    "limits": "has other bounds",
}
"""What is said of an action by what of its signatures is not the same."""


@dataclass(frozen=True)
class _Check:
    """Whether an exchange maps a system onto itself."""

    system: TransitionSystem
    who: str
    relabelling: Relabelling

    def demand_states(self) -> None:
        """Raise unless it maps the states and the starts onto themselves."""
        self._demand_instances()
        self._demand_variables()
        self._demand_starts()

    def shown(self, before: NormalForm) -> Automorphism:
        """The exchange. Raises unless it maps all that happens and is promised onto itself."""
        after = replace(before, relabelling=self.relabelling)
        if after.terminal != before.terminal:
            self._fail("what it calls terminal")
        # What actions do comes first, so that none is taken for a property that is not kept.
        _partners(
            after.actions, before.actions, lambda name: self._fail_action(name, before, after)
        )
        properties = _partners(
            after.properties,
            before.properties,
            lambda key: self._fail_property(key, before, after),
            self._likely_properties,
        )
        premises = _partners(
            after.premises,
            before.premises,
            self._fail_premise,
            lambda key, _: self._likely_premises(key, properties),
        )
        meetable = dict[Meetable, Meetable](chain(premises.items(), after.effects.items()))
        renamed = dict[Judged, Judged](chain(properties.items(), meetable.items()))
        actions = _partners(
            after.judged_actions(renamed),
            before.judged_actions(),
            lambda name: self._fail(f"what is promised of action '{name}'"),
            lambda name, _: [self.relabelling.renamed(name)],
        )
        return Automorphism(self.relabelling, properties, meetable, actions)

    def _fail(self, what: str, detail: str = "") -> NoReturn:
        raise Asymmetric(f"nothing shows that {what} treats {self.who} alike{detail}")

    def _demand_instances(self) -> None:
        world = self.system.world
        for name, other in self.relabelling.instances.items():
            if world.instance(name).machine != world.instance(other).machine:
                self._fail(f"instance '{name}'", f": '{other}' has another machine")

    def _demand_variables(self) -> None:
        variables = {variable.name: variable for variable in self.system.variables}
        for name, variable in variables.items():
            other = self.relabelling.names[name]
            if other not in variables:
                self._fail(f"what depends on '{name}'", f": nothing depends on '{other}'")
            like = variables[other]
            if (variable.sort, variable.domain) != (like.sort, like.domain):
                self._fail(f"variable '{name}'", f": '{other}' has other values")

    def _demand_starts(self) -> None:
        """The starts are the same set."""
        at = {variable.name: place for place, variable in enumerate(self.system.variables)}
        starts = {values for _, values in self.system.initial}
        moved = set()
        for values in starts:
            after = list(values)
            for variable, value in zip(self.system.variables, values, strict=True):
                place = at[self.relabelling.names[variable.name]]
                after[place] = self.relabelling.of_value(variable, value)
            moved.add(tuple(after))
        if moved != starts:
            self._fail("the set of its starts")

    def _fail_action(self, name: str, before: NormalForm, after: NormalForm) -> NoReturn:
        other = self.relabelling.renamed(name)
        if other == name or other not in before.transitions:
            self._fail(f"action '{name}'")
        for part in Signature._fields:
            here, there = (
                Counter(getattr(signature, part) for signature, _ in transitions)
                for transitions in (after.transitions[name], before.transitions[other])
            )
            if here != there:
                self._fail(f"action '{name}'", f": '{other}' {_DIFFERS[part]}")
        self._fail(f"action '{name}'", f": '{other}' goes otherwise")

    def _likely_properties(self, key: PropertyKey, _: object) -> Iterator[PropertyKey]:
        """What a property may turn into, by its name."""
        name = self.relabelling.renamed(self.system.property_of(key).name)
        yield from (other for other, item in keyed(self.system.world).items() if item.name == name)

    def _likely_premises(
        self, key: PremiseKey, properties: Mapping[PropertyKey, PropertyKey]
    ) -> Iterator[PremiseKey]:
        """What a premise may turn into, by the properties that need it."""
        needed = self.system.premises.needed
        for own, premises in needed.items():
            if key in premises:
                yield from needed[properties[own]]

    def _fail_property(self, key: PropertyKey, before: NormalForm, after: NormalForm) -> NoReturn:
        wanted, name = after.properties[key], self.system.property_of(key).name
        if any(
            item._replace(premises=wanted.premises) == wanted for item in before.properties.values()
        ):
            self._fail(f"the premise of promise '{name}'")
        self._fail(f"promise '{name}'")

    def _fail_premise(self, key: PremiseKey) -> NoReturn:
        needed = self.system.premises.needed
        own = next(
            key_of_property for key_of_property, premises in needed.items() if key in premises
        )
        self._fail(f"the premise of promise '{self.system.property_of(own).name}'")


def _partners(
    moved: Mapping[_Key, Hashable],
    there: Mapping[_Key, Hashable],
    fail: Callable[[_Key], NoReturn],
    likely: Callable[[_Key, Mapping[_Key, _Key]], Iterable[_Key]] = lambda *_: (),
) -> dict[_Key, _Key]:
    """What each thing turns into: something that is the same, to each another one.

    Where several are the same by themselves, it is a `likely` one: what is called after the other
    member, or belongs to what its owner turns into.
    """
    free: dict[Hashable, list[_Key]] = {}
    for name, what in there.items():
        free.setdefault(what, []).append(name)
    partners: dict[_Key, _Key] = {}
    for name, what in moved.items():
        same = free.get(what)
        if not same:
            fail(name)
        partner = next((one for one in likely(name, partners) if one in same), same[0])
        same.remove(partner)
        partners[name] = partner
    return partners
