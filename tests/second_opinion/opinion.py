"""What SPIN must find in the model of a world, if it and our own explorer are both right.

SPIN's counts differ from ours by its own bookkeeping, in ways that can be said exactly:

- It has one state more, the one before a start is chosen; so each depth is one more, too.
- It makes one step more for each start, the choice of it, and counts its first state as come
  to by a step.
- A choice that makes no difference is counted by us and made by neither, so the steps that are
  compared are those that are made.
- What refutes a state is an error at that state's depth; what refutes a step is one at the
  depth of the state before it, where the step is the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from second_opinion.spin import Findings
from steptable.check import Judgement, check, properties_of
from steptable.explore.exploration import Exploration
from steptable.explore.promela.model import model, number
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.explore.system.keys import DEADLOCK, OVERFLOW, Breakable, keyed
from steptable.explore.system.transitions import TransitionSystem
from steptable.world import World

ASSERTION: Final = "assertion violated"
STUCK: Final = "invalid end state"
CYCLE: Final = "acceptance cycle"
BOUNDS: Final = "no value leaves its bounds"


@dataclass(frozen=True)
class Claim:
    """A property with what SPIN must say of it."""

    name: str
    number: int
    runs: bool
    error: str = ""
    """The error that SPIN must end with; empty for none."""
    depth: int = 0

    @property
    def expected(self) -> tuple[str, int]:
        return self.error, self.depth

    def said(self, found: Findings) -> tuple[str, int]:
        # Of a run, SPIN looks for any cycle and not for a short one.
        return found.error, 0 if self.runs else found.error_depth

    def agrees(self, found: Findings) -> bool:
        return self.said(found) == self.expected


@dataclass(frozen=True)
class Opinion:
    """A world, its model, and what SPIN is to find there."""

    exploration: Exploration
    model: str
    claims: tuple[Claim, ...]

    @property
    def is_within_bounds(self) -> bool:
        """Whether each step could be taken; one that leaves the bounds is not gone on with."""
        return OVERFLOW not in self.exploration.violating_steps

    @property
    def counts(self) -> Findings:
        """What SPIN must count."""
        starts, deepest = self.exploration.levels[0], len(self.exploration.levels) - 1
        return Findings(
            states=len(self.exploration) + 1,
            transitions=sum(self.exploration.times_taken) + starts + 1,
            depth=deepest + 1,
        )


def promised(world: World) -> list[str]:
    """The names of what is claimed of a world that keeps within its bounds, in order."""
    return [BOUNDS, *(item.name for item in properties_of(world))]


def opinion(world: World) -> Opinion:
    """Our own opinion of a world, put so that SPIN can contradict it."""
    system = build(world)
    exploration = search(system)
    bounds = Claim(BOUNDS, number(system, OVERFLOW), runs=False)
    if OVERFLOW in exploration.violating_steps:
        # A world that leaves its bounds is judged no further.
        length = len(exploration.path(exploration.violating_steps[OVERFLOW][0]))
        bounds = replace(bounds, error=ASSERTION, depth=length)
        return Opinion(exploration, model(system), (bounds,))
    # SPIN knows of no symmetry of ours: every state is compared, and none for another.
    judgements = check(world, symmetry=False).judgements
    keys: list[Breakable] = [*keyed(world), DEADLOCK]
    claims = [_claim(system, at, j) for at, j in zip(keys, judgements, strict=False)]
    return Opinion(exploration, model(system), (bounds, *claims))


def _claim(system: TransitionSystem, key: Breakable, judgement: Judgement) -> Claim:
    item, trace = judgement.judged, judgement.trace
    runs = item.scope == "run" and key != DEADLOCK
    claim = Claim(item.name, number(system, key), runs)
    if trace is None:
        return claim
    if runs:
        return replace(claim, error=CYCLE)
    length = len(trace.steps)
    if key == DEADLOCK:
        return replace(claim, error=STUCK, depth=length + 1)
    return replace(claim, error=ASSERTION, depth=length + (item.scope == "state"))
