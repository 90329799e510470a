"""Hypothesis strategies over the interpreter's values, made out of a machine's sorts.

A sort's values are few and chosen to collide: closures that are the target, the prior one
or another, instants just before, at and after the soak deadline. Nothing here knows the
rows, except `walks`, which asks the interpreter where a sequence has got to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Accepted, Tagged, Values
from steptable.machine import Machine
from steptable.sorts import (
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)

SOAK_DEADLINE: Final = 10

_SHAPES: Final[Mapping[str, Sequence[Any]]] = {
    "text": ("", "so it goes"),
    "number": (-0.5, 0.0, 3.0),
    "flag": (False, True),
}


@dataclass(frozen=True)
class Domain:
    """The values that instants, durations and symbols of given names range over."""

    instants: Sequence[int] = (SOAK_DEADLINE - 1, SOAK_DEADLINE, SOAK_DEADLINE + 1)
    durations: Sequence[int] = (0, 1, SOAK_DEADLINE)
    symbols: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {
            "ClosureHash": ("target", "target", "prior", "other"),
            "ProbeName": ("disk", "http", "unit"),
        }
    )

    def values(self, sort: Sort) -> SearchStrategy[Any]:
        """Values of a sort. Payloads are made by steps alone, so they have none here."""
        match sort:
            case Truth():
                return st.booleans()
            case Integer(low, high):
                near = {low, low + 1, 0, 1, 7, high - 1, high}
                return st.sampled_from(sorted(n for n in near if low <= n <= high))
            case Instant():
                return st.sampled_from(self.instants)
            case Duration():
                return st.sampled_from(self.durations)
            case Symbol(parts=parts, separator=separator) if parts:
                return st.tuples(*(self.values(part) for part in parts)).map(separator.join)
            case Symbol(name=name):
                return st.sampled_from(self.symbols.get(name, ("one", "two")))
            case Enum():
                return st.sampled_from(sort.values)
            case Optional(of=of):
                # Present more often than not, since nothing more can be said of what is absent.
                return st.one_of(st.none(), self.values(of), self.values(of))
            case Record():
                return st.fixed_dictionaries({part.name: self.of_field(part) for part in sort})
            case Map(key, value):
                return st.dictionaries(self.values(key), self.values(value), max_size=3)
            case Opaque(shape, of):
                return self._opaque(shape, of)
            case _:
                raise TypeError(f"no record holds a {sort}")

    def of_field(self, part: Field) -> SearchStrategy[Any]:
        return self.values(part.sort)

    def _opaque(self, shape: str, of: Sort | None) -> SearchStrategy[Any]:
        if of is None:
            return st.sampled_from(_SHAPES[shape])
        if shape == "list":
            return st.lists(self.values(of), max_size=2).map(tuple)
        if shape == "map":
            return st.dictionaries(st.sampled_from(("a", "b")), self.values(of), max_size=2)
        return self.values(of)


DOMAIN: Final = Domain()


@st.composite
def records(
    draw: DrawFn, machine: Machine, domain: Domain = DOMAIN, *, state: str | None = None
) -> Values:
    """Records of any content, whether or not steps lead to it; in one state where that is given."""
    fields = {part.name: domain.of_field(part) for part in machine.record}
    if state is not None:
        fields[machine.state_field.name] = st.just(state)
    fields[machine.numbering.record_field] = st.integers(0, 3)
    return draw(st.fixed_dictionaries(fields))


@st.composite
def events(
    draw: DrawFn,
    machine: Machine,
    record: Values,
    domain: Domain = DOMAIN,
    *,
    names: Sequence[str] = (),
) -> Tagged:
    """Events of any payload, of the names given; stale, next, or skipping numbers."""
    known = [event.name for event in machine.events]
    kind = machine.event(draw(st.sampled_from(names or known)))
    last = record[machine.numbering.record_field]
    fields = {part.name: domain.of_field(part) for part in kind.fields}
    # Mostly the next one: a stale number hides everything else about an event.
    numbers = [*[last + 1] * 5, last + 2, last + 7, last, max(last - 1, 0)]
    fields[machine.numbering.event_field] = st.sampled_from(numbers)
    return Tagged(kind.name, draw(st.fixed_dictionaries(fields)))


def policies(machine: Machine, domain: Domain = DOMAIN) -> SearchStrategy[Values]:
    """Policies of any content."""
    return domain.values(machine.policy)


@st.composite
def walks(
    draw: DrawFn,
    machine: Machine,
    start: Values,
    policy: Values,
    domain: Domain = DOMAIN,
    *,
    length: int = 12,
) -> Sequence[Tagged]:
    """Sequences of events from a record; most are legal where they come, so that walks get far."""
    record, walk = start, []
    for _ in range(draw(st.integers(1, length))):
        state = record[machine.state_field.name]
        legal = [e.name for e in machine.events if machine.rows_of(state, e.fact)]
        names = legal if draw(st.integers(0, 3)) else []
        walk.append(draw(events(machine, record, domain, names=names)))
        outcome = evaluate.step(machine, record, walk[-1], policy)
        record = outcome.record if isinstance(outcome, Accepted) else record
    return walk
