"""Whether two versions of a machine do the same in a state, on an event, and where not: an input.

What is the same in form is the same for all values. What differs in form is stepped through
the interpreter, in both versions, on every input of a small domain (`steptable.compare.inputs`);
of each way in which the two differ, the first input is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from steptable import expr
from steptable.compare.inputs import Domain, Filled, Input, domain, fitted
from steptable.compare.normal import Form, Shared, form
from steptable.compare.telling import told
from steptable.interpreter.evaluate import Accepted, Outcome, Tagged, Values, step
from steptable.machine import Event, Machine

_Versions: TypeAlias = tuple[Filled, Filled]
_Done: TypeAlias = tuple[Values, Outcome]

AspectKind: TypeAlias = Literal["refused", "accepted", "target", "update", "effects"]


@dataclass(frozen=True)
class Aspect:
    """One way in which two versions differ: no longer accepted, newly accepted, or otherwise."""

    kind: AspectKind
    what: str
    """The field of an update, the side of effects."""


@dataclass(frozen=True)
class Witness:
    """An input on which two versions differ, and what each makes of it."""

    event: str
    inputs: Input
    old: str
    new: str


@dataclass(frozen=True)
class Answer:
    """What was found out about one event in one state."""

    witnesses: Mapping[Aspect, Witness]
    tried: Domain


@dataclass(frozen=True)
class Pair:
    """An event in a state, in both versions."""

    old: Machine
    new: Machine
    state: str
    events: tuple[Event, Event]
    shared: Shared

    def forms(self) -> tuple[frozenset[Form], frozenset[Form]]:
        """What each version's rows mean, in normal form."""
        versions = zip((self.old, self.new), self.events, strict=True)
        first, second = (
            frozenset(
                form(machine, row, event.side, self.shared)
                for row in machine.rows_of(self.state, event.fact)
            )
            for machine, event in versions
        )
        return first, second

    def compare(self) -> Answer:
        """Step both versions on every input of a small domain."""
        tried = domain(self.old, self.new, self.events, _differing(*self.forms()))
        versions = (
            Filled(self.old, self.state, self.events[0]),
            Filled(self.new, self.state, self.events[1]),
        )
        found: dict[Aspect, Input] = {}
        for chosen in tried.inputs():
            for aspect in self._differences(*self._outcomes(versions, chosen)):
                found.setdefault(aspect, chosen)
        witnesses = {
            aspect: self._witness(versions, aspect, self._plain(versions, tried, aspect, chosen))
            for aspect, chosen in found.items()
        }
        return Answer(witnesses, tried)

    def _outcomes(self, versions: _Versions, chosen: Input) -> tuple[_Done, _Done]:
        """What each version makes of an input, with the record before."""
        first, second = (inputs.of(chosen) for inputs in versions)
        return (first[0], step(self.old, *first)), (second[0], step(self.new, *second))

    def _plain(self, versions: _Versions, tried: Domain, aspect: Aspect, chosen: Input) -> Input:
        """The most ordinary input near one that shows a difference, and still shows it."""
        for plainer in tried.plainer(chosen):
            if aspect in self._differences(*self._outcomes(versions, plainer)):
                return self._plain(versions, tried, aspect, plainer)
        return chosen

    def _witness(self, versions: _Versions, aspect: Aspect, chosen: Input) -> Witness:
        old, new = self._outcomes(versions, chosen)
        what = aspect.kind, aspect.what
        return Witness(
            self.events[1].name, chosen, told(*what, *old, new[1]), told(*what, *new, old[1])
        )

    def _differences(self, first: _Done, second: _Done) -> Iterator[Aspect]:
        (before, old), (other, new) = first, second
        if not isinstance(old, Accepted) or not isinstance(new, Accepted):
            if isinstance(old, Accepted):
                yield Aspect("refused", "")
            elif isinstance(new, Accepted):
                yield Aspect("accepted", "")
            return
        if old.row.ends[1].name != new.row.ends[1].name:
            yield Aspect("target", "")
        of_state = {self.old.state_field.name, self.new.state_field.name}
        for name in sorted((old.record.keys() | new.record.keys()) - of_state):
            if self._set(name, before, old) != self._set(name, other, new):
                yield Aspect("update", name)
        if self._carried(old.effects) != self._carried(new.effects):
            yield Aspect("effects", self.events[1].side.name)

    def _set(self, name: str, before: Values, outcome: Accepted) -> Any:
        """What a field holds afterwards; one that a version lacks counts as left alone."""
        if name not in before or outcome.record[name] == before[name]:
            return ("as it was",)
        after = outcome.record[name]
        for machine in (self.old, self.new):
            part = machine.record.get(name)
            after = after if part is None else fitted(part.sort, after)
        return (after, "now")

    def _carried(self, effects: Sequence[Tagged]) -> list[Any]:
        """Effects as far as both versions know them; a payload is told by its name."""
        return [
            (
                effect.name,
                {
                    name: value.name if isinstance(value, Tagged) else value
                    for name, value in effect.fields.items()
                    if self.shared.keeps(effect.name, name)
                },
            )
            for effect in effects
        ]


def _differing(old: frozenset[Form], new: frozenset[Form]) -> list[expr.Node]:
    """The expressions that matter: all guards, and whatever else is not the same in both."""
    guards = [item.guards for item in (*old, *new)]
    if len(old) != 1 or len(new) != 1:
        return [node for item in (*old, *new) for node in item.nodes()]
    (first,), (second,) = old, new
    sets = dict(first.sets).items() ^ dict(second.sets).items()
    nodes = [node for _, node in sets]
    # An update that one version lacks leaves the field as it is.
    nodes += [expr.Attr(expr.Root("record"), name) for name, _ in sets]
    if first.emits != second.emits:
        for effect in (*first.emits, *second.emits):
            nodes += [effect.condition, *(node for _, node in effect.fields)]
    return guards + nodes
