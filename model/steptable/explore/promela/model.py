"""Writes a system as a model for SPIN, a checker of another make, for a second opinion.

The model is one process. It chooses a start, then takes one alternative of one transition after
another, with the choices of each written out; each alternative is a `d_step`, so that one step of
the world is one of SPIN's and nothing between two steps is a state. What is stored is what any
engine stores, so SPIN's states are ours and one more: the one before a start is chosen.

A property is checked when its number is given as PROPERTY. Whatever breaks it (or is the witness
that is wanted) is then one more alternative, which only fails an assertion; so the states before it
are the same with it and without it. That nothing can happen is left for SPIN itself to find, as
an invalid end state; a fair run that avoids its goal is an acceptance cycle (`promela_fairness`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Final, assert_never

from steptable import expr
from steptable.errors import UsageError
from steptable.explore.promela.fairness import (
    AT_START,
    AVOIDS,
    BEGINS,
    HAPPENED,
    Fair,
    declarations,
    options,
    watching,
)
from steptable.explore.promela.text import Words, comment
from steptable.explore.system.keys import DEADLOCK, OVERFLOW, Breakable, Implied, PropertyKey, keyed
from steptable.explore.system.transitions import Transition, TransitionSystem
from steptable.partial.codes import working_value
from steptable.partial.scalar import Scalar, both, constant, either, is_false, negation
from steptable.partial.scalar import substitute as substituted
from steptable.partial.variables import Variable

_MOST_ALTERNATIVES: Final = 20_000
"""More would take SPIN and a C compiler longer than they are worth."""

_MOST_PARTS: Final = 3_000_000
"""Operators, variables and constants in all ways together; twice as many take SPIN a minute to
read, and a C compiler two."""


@dataclass(frozen=True)
class _Alternative:
    """A transition with its choices made."""

    transition: Transition
    chosen: tuple[tuple[Variable, Any], ...]
    condition: Scalar
    within_bounds: Scalar
    updates: Mapping[str, Scalar]
    checks: Mapping[PropertyKey, Scalar]

    @property
    def possible(self) -> Scalar:
        return both(self.condition, self.within_bounds)

    def __str__(self) -> str:
        said = [self.transition.action.name]
        root = self.transition.choice_root
        said += [f"{choice.path.after(root)} = {value}" for choice, value in self.chosen]
        for taken in self.transition.delivered:
            by = "is refused" if taken.row is None else f"by row '{taken.row.name}'"
            said.append(f"{taken.event.name} at {taken.instance} {by}")
        return "; ".join(said)


def number(system: TransitionSystem, key: Breakable) -> int:
    """What PROPERTY must be for a property, or for what every system has to keep."""
    match key:
        case PropertyKey(index):
            return index + 1
        case Implied.OVERFLOW:
            return len(system.world.properties) + 1
        case Implied.DEADLOCK:
            return len(system.world.properties) + 2
        case _:
            assert_never(key)


def model(system: TransitionSystem) -> str:
    """The model, in Promela. The same for the same world, to the byte.

    Raises `UsageError` for a world with numbers or choices too many for SPIN.
    """
    return "".join(f"{line}\n" for line in _Model(system).lines())


class _Model:
    def __init__(self, system: TransitionSystem) -> None:
        self.system = system
        self.world = system.world
        self.words = Words(system)
        self.is_live = any(item.scope == "run" for item in self.world.properties)
        fair = [action.name for action in self.world.actions if action.fair]
        self.turns = {name: at for at, name in enumerate(fair, start=1)}

    def lines(self) -> Iterator[str]:
        # Written first, since what has to be saved within steps is known only then.
        process = [*self._process()]
        live = [*self._liveness()]
        yield from self._head()
        yield ""
        yield from self.words.declarations()
        yield from live
        yield ""
        yield from process

    def _head(self) -> Iterator[str]:
        yield comment(f"World {self.world.name}, for SPIN; made by steptable export promela.")
        yield comment(self.world.doc)
        yield "/* SPIN writes a checker for one of the properties below, or for 0, none of them:"
        yield " *   spin -a -o2 -DPROPERTY=0 MODEL"
        yield " * It counts the states, and finds the shortest way to an error:"
        yield " *   cc -DSAFETY -DNOREDUCE -DBFS -o pan pan.c && ./pan"
        yield " * or, for a property of runs, looks for a cycle:"
        yield " *   cc -DNOREDUCE -o pan pan.c && ./pan -a"
        yield " * An error is a counterexample, or the witness that is wanted of 'sometimes'."
        yield " * Without -o2 SPIN leaves out variables that no step reads: fewer states."
        yield " */"
        for key, item in keyed(self.world).items():
            at = number(self.system, key)
            yield comment(f"{at}: {item.kind} ({item.scope}): {item.name}")
        last = number(self.system, OVERFLOW)
        yield comment(f"{last}: no value leaves its bounds")
        if not self.world.may_end_anywhere:
            last = number(self.system, DEADLOCK)
            yield comment(f"{last}: no deadlock")
        # What is not checked must not seem to hold.
        yield f"#if PROPERTY < 0 || PROPERTY > {last}"
        yield "#error PROPERTY is the number of no property"
        yield "#endif"

    # ── The process ──────────────────────────────────────────────────────────────────

    def _process(self) -> Iterator[str]:
        yield "active proctype world()"
        yield "{"
        yield "  if"
        for start in dict.fromkeys(values for _, values in self.system.initial):
            yield f"  :: {self._step('true', self._starting(start))}"
        yield "  fi;"
        # Where this label is missing, SPIN takes it for an error that nothing can happen.
        label = ["end_idle:"]
        if not self.world.may_end_anywhere:
            label = [f"#if PROPERTY != {number(self.system, DEADLOCK)}", *label, "#endif"]
        yield from label
        yield "  do"
        if self.is_live:
            yield "  ::"
            yield from watching(self._fair)
            yield "  if"
        yield from self._steps()
        yield from self._judged()
        if self.is_live:
            yield from options()
            yield "  fi"
        yield "  od"
        yield "}"

    def _steps(self) -> Iterator[str]:
        moving = [
            way
            for way in self.alternatives
            if way.transition.is_step and not is_false(way.possible)
        ]
        for alternative in moving:
            condition, name = (
                self.words.text(alternative.possible),
                alternative.transition.action.name,
            )
            statements = [*self.words.assignments(alternative.updates)]
            yield f"  {comment(str(alternative))}"
            yield f"  :: {self._step(condition, statements, self.turns.get(name, 0))}"
        if not moving:
            yield "  :: false -> skip"

    @cached_property
    def alternatives(self) -> list[_Alternative]:
        transitions = self.system.transitions
        count = sum(_count(transition) for transition in transitions)
        if count > _MOST_ALTERNATIVES:
            raise UsageError(
                f"world '{self.world.name}' has {count:,} ways to go once every choice is written "
                f"out, more than the {_MOST_ALTERNATIVES:,} that SPIN can use; narrow its bounds"
            )
        parts = sum(_parts(transition) for transition in transitions)
        if parts > _MOST_PARTS:
            raise UsageError(
                f"world '{self.world.name}' has {count:,} ways to go, which take {parts:,} words "
                f"to write out, more than the {_MOST_PARTS:,} that SPIN can use; narrow its bounds"
            )
        return [way for transition in transitions for way in _alternatives(transition)]

    @property
    def _may_end(self) -> bool:
        """Whether there are states in which it is no deadlock that nothing can happen."""
        return not (self.world.may_end_anywhere or is_false(self.system.terminal))

    def _starting(self, values: tuple[Any, ...]) -> list[str]:
        """What makes a start out of a state in which everything is 0."""
        updates = {
            variable.name: constant(value)
            for variable, value in zip(self.system.variables, values, strict=True)
            if working_value(variable, value)
        }
        return [*self.words.assignments(updates)]

    def _step(self, condition: str, statements: list[str], transposition: int = 0) -> str:
        noted = [f"{HAPPENED}({transposition})"] if self.is_live else []
        return f"d_step {{ {condition} -> {'; '.join([*statements, *noted]) or 'skip'} }}"

    # ── What breaks a property ───────────────────────────────────────────────────────

    def _judged(self) -> Iterator[str]:
        for key, item in keyed(self.world).items():
            if item.scope != "run":
                comment_line = comment(f"{item.kind}: {item.name}")
                yield from self._failing(key, comment_line, self._violations(key))
        yield from self._failing(OVERFLOW, "/* no value leaves its bounds */", self._overflows())
        if self._may_end:
            ends = self.words.text(self.system.terminal)
            yield from self._where(DEADLOCK, [f"  :: {ends} -> break"])

    def _failing(
        self, key: Breakable, comment_line: str, violations: Iterator[Scalar]
    ) -> Iterator[str]:
        branches = [
            f"  :: d_step {{ {self.words.text(condition)} -> assert(false) }}"
            for condition in violations
            if not is_false(condition)
        ]
        if branches:
            yield from self._where(key, [f"  {comment_line}", *branches])

    def _violations(self, key: PropertyKey) -> Iterator[Scalar]:
        if key in self.system.conditions:
            holds = self.system.conditions[key]
            yield negation(holds) if self.system.property_of(key).kind == "always" else holds
        for alternative in self.alternatives:
            if key in alternative.checks:
                yield both(alternative.condition, negation(alternative.checks[key]))

    def _overflows(self) -> Iterator[Scalar]:
        for alternative in self.alternatives:
            if alternative.transition.is_step:
                yield both(alternative.condition, negation(alternative.within_bounds))

    # ── Runs ─────────────────────────────────────────────────────────────────────────

    def _liveness(self) -> Iterator[str]:
        """Goals, each where its property is checked, and what watches a run that avoids one."""
        for key, item in keyed(self.world).items():
            if item.scope != "run":
                continue
            begins = (
                "false"
                if item.premise is None
                else self.words.text(self.system.premise_of_run(key))
            )
            avoids = self.words.text(negation(self.system.conditions[key]))
            lines = [
                comment(f"{item.kind}: {item.name}"),
                f"#define {BEGINS} ({begins})",
                f"#define {AVOIDS} ({avoids})",
                f"#define {AT_START} {'true' if item.premise is None else 'false'}",
            ]
            yield from self._where(key, lines)
        if self.is_live:
            yield from declarations(self._fair)

    @cached_property
    def _fair(self) -> list[Fair]:
        fair = []
        for action in self.world.actions:
            if action.fair:
                ways = (
                    way
                    for way in self.alternatives
                    if way.transition.is_step and way.transition.action is action
                )
                enabled = self.words.text(either(*(way.possible for way in ways)))
                strong = action.fair == "strong"
                fair.append(Fair(action.name, self.turns[action.name], strong, enabled))
        return fair

    def _where(self, key: Breakable, lines: list[str]) -> Iterator[str]:
        """What is there only where that property is checked."""
        yield f"#if PROPERTY == {number(self.system, key)}"
        yield from lines
        yield "#endif"


def _count(transition: Transition) -> int:
    """How many alternatives a transition has."""
    return prod(len(item.domain) for item in transition.parameters)


def _parts(transition: Transition) -> int:
    """How much there is to write, at most, once each choice is written out."""
    return _count(transition) * sum(1 for node in transition.scalars() for _ in expr.walk(node))


def _alternatives(transition: Transition) -> Iterator[_Alternative]:
    """The transition with each of the choices that do not rule it out."""
    names = [parameter.name for parameter in transition.parameters]
    for values in product(*(parameter.domain for parameter in transition.parameters)):
        given = {name: constant(value) for name, value in zip(names, values, strict=True)}
        condition = substituted(transition.guard, given)
        if not is_false(condition):
            yield _Alternative(
                transition,
                tuple(zip(transition.parameters, values, strict=True)),
                condition,
                substituted(transition.within_bounds, given),
                {name: substituted(node, given) for name, node in transition.assignments.items()},
                {key: substituted(node, given) for key, node in transition.checks.items()},
            )
