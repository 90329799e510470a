"""What must hold at some time, so that no property holds because nothing puts it to the test.

A property is taken apart by what it means, not by how it is spelled: negations are pushed inwards,
so that it becomes *clauses*, all of which must hold, each of them a disjunction. `if_else` and
`iff` are two clauses, and a condition on what may be missing is one on what is there. Of a clause

- with negated and other parts (unless p, q), what is negated is the premise;
- of two parts or more that are all negated (never p and q), or of which none is, each must make
  a difference: where one always holds, the others are superfluous;
- of a single part nothing is asked but that there is something to judge.

An inequality counts as negated where nothing else does. Of a property about every value of a map,
the same is asked of its values, one at least. What is asked for is a condition over the same
things as the property; it must be met once: in a state, by a step or by an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from steptable import expr
from steptable.explore.system.clauses import ALWAYS, Clause, clauses_of
from steptable.explore.system.keys import PremiseKey, PropertyKey, keyed
from steptable.machine import Fact
from steptable.properties import Property, Scope
from steptable.world import World


@dataclass(frozen=True)
class Premise:
    """What must be met, and where: in any state, or by any step or event that is spoken of."""

    where: tuple[Scope, Fact | None, str | None]
    """Scope, fact and instance of the property."""
    text_node: expr.Node
    """The premise as it stands in the property."""
    condition: expr.Node
    """The same with what it relies on, which the property has said before."""

    def is_of(self, fact: Fact, instance: str) -> bool:
        """Whether an event that carries a fact to an instance can meet it."""
        _, own_fact, own_instance = self.where
        return own_fact in (None, fact) and own_instance in (None, instance)


@dataclass(frozen=True)
class Premises:
    """Every premise of a world's properties."""

    of: dict[PremiseKey, Premise]
    needed: dict[PropertyKey, tuple[PremiseKey, ...]]
    """The premises of each property."""

    @classmethod
    def of_world(cls, world: World) -> Premises:
        """Premises that several properties share are there once."""
        keys: dict[Premise, PremiseKey] = {}
        needed = {}
        for key, item in keyed(world).items():
            asked = dict.fromkeys(premises_of(item))
            if len(asked) > 1:  # whatever is met is something to judge
                asked = {one: None for one in asked if one.text_node != ALWAYS}
            for one in asked:
                keys.setdefault(one, PremiseKey(len(keys)))
            needed[key] = tuple(keys[one] for one in asked)
        return cls({key: one for one, key in keys.items()}, needed)

    def of_scopes(self, *scopes: Scope) -> dict[PremiseKey, Premise]:
        """Those of properties over states, steps, events or runs."""
        return {key: one for key, one in self.of.items() if one.where[0] in scopes}


def premises_of(item: Property) -> Iterator[Premise]:
    """What must hold at some time, so that a property says no less than it seems to."""
    where = (item.scope, item.fact, item.instance)
    match item.kind:
        case "always":
            asked = _asked_of(item.condition)
        case "never":
            asked = _asked_of(expr.Not(item.condition))
        case _:
            asked = iter([_Requirement(item.premise or ALWAYS)])
    for one in asked:
        # What is only read where something else holds has no meaning elsewhere.
        relied = one.relied_on if _reads_values(one.stated) else ()
        condition = expr.And((*relied, one.stated)) if relied else one.stated
        yield Premise(where, one.stated, condition)


@dataclass(frozen=True)
class _Requirement:
    stated: expr.Node
    relied_on: tuple[expr.Node, ...] = ()
    """What the property has said before, and what can be relied on where this is read."""


def _asked_of(condition: expr.Node) -> Iterator[_Requirement]:
    """What is asked of a condition that must always hold."""
    for clause in clauses_of(condition):
        given = tuple(dict.fromkeys(node for part in clause for node in part.relied_on))
        yield from (_Requirement(said, given) for said in _asked_of_clause(clause))
        # A conclusion is read where the premises hold, and may rely on that.
        premises = tuple(part.opposite for part in clause if part.is_negated)
        for part in clause:
            if isinstance(part.node, expr.Every) and not part.is_negated:
                yield from _asked_of_values(part.node, (*part.relied_on, *premises))


def _asked_of_clause(clause: Clause) -> Iterator[expr.Node]:
    negated = [part for part in clause if part.is_negated]
    if not negated:
        negated = [part for part in clause if _is_inequality(part.node)]
    if len(clause) < 2:
        yield ALWAYS
    elif negated and len(negated) < len(clause):
        denied = [part.opposite for part in negated]
        yield denied[0] if len(denied) == 1 else expr.And(tuple(denied))
    else:
        yield from (part.opposite for part in clause if not _reads_values(part.node))


def _asked_of_values(every: expr.Every, relied_on: tuple[expr.Node, ...]) -> Iterator[_Requirement]:
    """What is asked of a property about every value of a map: that some value is concerned."""
    for one in _asked_of(every.body):
        relied = one.relied_on if _reads_values(one.stated) else ()
        said = expr.negate(expr.And((*relied, one.stated)) if relied else one.stated)
        yield _Requirement(expr.Not(replace(every, body=said)), relied_on)


def _is_inequality(node: expr.Node) -> bool:
    return isinstance(node, expr.Compare) and node.op == "!="


def _reads_values(node: expr.Node) -> bool:
    return any(isinstance(part, expr.Value) for part in expr.walk(node))
