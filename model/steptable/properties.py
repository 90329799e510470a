"""What is to hold of a world: properties over states and over steps, each with its reason.

A state property speaks of the record by the name of its instance. A step property
speaks of one event applied: `before` and `after` are the records around it, `step`
says what was applied and whether it was accepted, `event` has the fields of the fact
that the property is restricted to. `rerun` asks what would have happened instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from steptable import expr
from steptable.errors import Location, declared_at
from steptable.machine import Effect, Fact, Machine
from steptable.sorts import TRUTH, Enum, Field, Member, Record
from steptable.terms import Term, root

Kind: TypeAlias = Literal["always", "never", "sometimes"]
Scope: TypeAlias = Literal["state", "step"]

before: Final = root("before")
"""The record before the step."""

after: Final = root("after")
"""The record after the step; the same record where the event was refused."""

step: Final = root("step")
"""The step itself: `step.accepted`, `step.side`, `step.fact`."""


@dataclass(frozen=True)
class Property:
    """One promise about a world. `always` and `never` are safety, `sometimes` wants a witness."""

    name: str
    kind: Kind
    scope: Scope
    condition: expr.Node
    why: str
    cites: str
    fact: Fact | None = None
    """A step property may be restricted to the events of one fact, whose fields it may read."""
    at: Location = field(default_factory=declared_at, compare=False, repr=False)


def always(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Every reachable state satisfies the condition."""
    return Property(name, "always", "state", condition.node, why, cites)


def never(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """No reachable state satisfies the condition."""
    return Property(name, "never", "state", condition.node, why, cites)


def sometimes(name: str, condition: Term, *, why: str, cites: str) -> Property:
    """Some reachable state satisfies the condition, and a shortest way to one is shown."""
    return Property(name, "sometimes", "state", condition.node, why, cites)


def always_step(
    name: str, condition: Term, *, fact: Fact | None = None, why: str, cites: str
) -> Property:
    """Every step out of a reachable state satisfies the condition, refused ones included."""
    return Property(name, "always", "step", condition.node, why, cites, fact)


def emits(of: Term, effect: Effect) -> Term:
    """How many effects of that kind a step produced."""
    return Term(expr.Emitted(of.node, effect.name, at=declared_at()))


def rerun(*, half: Literal["same", "other"] = "same", record: Term = before) -> Term:
    """What the same event would have done to another record, or its mirrored half to this one.

    Has `accepted`, and `record`, the record that would have resulted.
    """
    return Term(expr.Rerun(half, record.node, at=declared_at()))


def step_sort(machine: Machine) -> Record:
    """What a step property may read of `step`."""
    sides = Enum("Side", tuple(Member(side.name, side.name) for side in machine.sides))
    facts = Enum("Fact", tuple(Member(fact.name, fact.name) for fact in machine.facts))
    return Record("step", (Field("accepted", TRUTH), Field("side", sides), Field("fact", facts)))


def rerun_sort(machine: Machine) -> Record:
    """What a property may read of a step that was not taken."""
    return Record("rerun", (Field("accepted", TRUTH), Field("record", machine.record)))
