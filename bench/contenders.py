"""Who steps a rollout: this project's reducer, and those it is measured against.

A contender prepares runs; a run takes one walk, from its first event to its last. Preparing is
not timed, since a program makes its machines once, and events are what there are many of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bench import handwritten, libraries
from bench.walks import POLICY, START, Outcome, Walk
from nixfleet_state_machine import step


class Run(Protocol):
    """One walk, ready to be taken once."""

    def walk(self) -> None:
        """Take every event; this is timed."""

    def outcomes(self) -> list[Outcome]:
        """Take every event, and say what each led to."""


@dataclass(frozen=True)
class Contender:
    """One way to step a rollout."""

    name: str
    prepare: Callable[[Walk], Run]


Step: TypeAlias = Callable[..., Outcome]


@dataclass(frozen=True)
class Reduced:
    """A walk for a pure reducer."""

    step: Step
    taken: Walk

    def walk(self) -> None:
        step, record = self.step, self.taken.start
        for event in self.taken.events:
            record, _ = step(record, event, START, POLICY)

    def outcomes(self) -> list[Outcome]:
        record, made = self.taken.start, []
        for event in self.taken.events:
            made.append(self.step(record, event, START, POLICY))
            record = made[-1][0]
        return made


GENERATED = Contender("generated reducer", lambda walk: Reduced(step, walk))
HANDWRITTEN = Contender("hand-written match", lambda walk: Reduced(handwritten.step, walk))
TRANSITIONS = Contender("transitions", libraries.with_transitions)
STATEMACHINE = Contender("python-statemachine, by hand", libraries.with_statemachine)
ADAPTER = Contender("python-statemachine, adapter", libraries.Adapted)

CONTENDERS = (GENERATED, HANDWRITTEN, TRANSITIONS, STATEMACHINE, ADAPTER)
