"""What is to hold of a world: properties, each with its reason and its source.

Four things can be spoken of. A *state*: instances and variables by their names. A *step*:
`before` and `after` are whole states, `action` the name of what happened. An *event* that
reaches an instance: `before` and `after` are its records around it, `step` says what was
applied and whether it was accepted, `event` has the fields of the fact that the property is
restricted to, and `rerun` asks what would have happened instead. And a *run*, for what must
happen at last (`eventually`, `leads_to`), under the fairness that the actions declare.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from steptable import expr
from steptable.errors import Location, declared_at
from steptable.kinds import declaring
from steptable.machine import Effect, Fact, Machine
from steptable.sorts import TRUTH, Enum, Field, Member, Record
from steptable.terms import Term, root

Kind: TypeAlias = Literal["always", "never", "sometimes", "eventually", "leads_to"]
Scope: TypeAlias = Literal["state", "step", "event", "run"]

before: Final = root("before")
"""What was before the step, or the instance's record before the event."""

after: Final = root("after")
"""What is after; where an event was refused, its record is the same."""

action: Final = root("action")
"""The name of the action that was taken, in properties over steps."""

step: Final = root("step")
"""The event that was applied: `step.accepted`, `step.side`, `step.fact`."""


NO_DEADLOCK: Final = "no deadlock"
"""The name of what every world promises that does not say that it may end anywhere."""


@dataclass(frozen=True)
class Finding:
    """A property that is known to fail: how, why, and what would repair it.

    `length` is the number of steps of a shortest counterexample; of a run that never ends, of
    its path and its loop together. `through` has actions that it goes through, in order, among
    others; the last is the one at which the property breaks: of a run that never ends a step of
    its loop, or where it stands still the last of its path. The day it fails no longer, or
    otherwise, the check goes red.
    """

    length: int
    explanation: str
    repair: str
    through: tuple[str, ...] = ()
    """Empty: it is pinned by its length alone."""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


@dataclass(frozen=True)
class Defect:
    """Something that is wrong with a design, by which several properties fail."""

    what: str
    repair: str

    @declaring
    def breaks(self, length: int, how: str, *, through: tuple[str, ...]) -> Finding:
        """What it does to one property, as the finding that it is."""
        return Finding(length, f"{self.what} {how}", self.repair, through)


@dataclass(frozen=True)
class Property:
    """One property about a world. `always` and `never` are safety, `sometimes` wants a witness."""

    name: str
    kind: Kind
    scope: Scope
    condition: expr.Node
    why: str
    cites: str
    fact: Fact | None = None
    """A property over events may be restricted to one fact, whose fields it may then read."""
    instance: str | None = None
    """A property over events may be restricted to one instance."""
    premise: expr.Node | None = None
    """What leads to the condition, of a property over runs; None: every start does."""
    finding: Finding | None = None
    at: Location = field(default_factory=declared_at, compare=False, repr=False)

    @declaring
    def known_to_fail(
        self, *, length: int, explanation: str, repair: str, through: tuple[str, ...] = ()
    ) -> Property:
        """The same property as a finding: pinned, never weakened."""
        return replace(self, finding=Finding(length, explanation, repair, through))


@declaring
def always(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Every reachable state satisfies the condition."""
    return Property(name, "always", "state", condition.node, why, cites)


@declaring
def never(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """No reachable state satisfies the condition."""
    return Property(name, "never", "state", condition.node, why, cites)


@declaring
def sometimes(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Some reachable state satisfies the condition, and a shortest way to one is known."""
    return Property(name, "sometimes", "state", condition.node, why, cites)


@declaring
def always_step(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Every step out of a reachable state satisfies the condition."""
    return Property(name, "always", "step", condition.node, why, cites)


@declaring
def always_event(
    name: str,
    condition: Term,
    *,
    fact: Fact | None = None,
    instance: str | None = None,
    why: str,
    cites: str,
) -> Property:
    """Every event that reaches an instance satisfies the condition, refused ones included."""
    return Property(name, "always", "event", condition.node, why, cites, fact, instance)


@declaring
def eventually(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Every fair run comes to a state that satisfies the condition."""
    return Property(name, "eventually", "run", condition.node, why, cites)


@declaring
def leads_to(name: str, premise: Term, condition: Term, *, why: str, cites: str) -> Property:
    """On every fair run, each state with the premise is followed by one with the condition."""
    return Property(name, "leads_to", "run", condition.node, why, cites, premise=premise.node)


@declaring
def emits(of: Term, effect: Effect) -> Term:
    """How many effects of that kind an event produced."""
    return Term(expr.Emitted(of.node, effect.name, at=declared_at()))


@declaring
def rerun(*, half: Literal["same", "other"] = "same", record: Term = before) -> Term:
    """What the same event would have done to another record, or its mirrored half to this one.

    Has `accepted`, and `record`, the record that would have resulted.
    """
    return Term(expr.Rerun(half, record.node, at=declared_at()))


def step_sort(machine: Machine) -> Record:
    """What a property over events may read of `step`."""
    sides = Enum("Side", tuple(Member(side.name, side.name) for side in machine.sides))
    facts = Enum("Fact", tuple(Member(fact.name, fact.name) for fact in machine.facts))
    return Record("step", (Field("accepted", TRUTH), Field("side", sides), Field("fact", facts)))


def rerun_sort(machine: Machine) -> Record:
    """What a property may read of an event that was not applied."""
    return Record("rerun", (Field("accepted", TRUTH), Field("record", machine.record)))
