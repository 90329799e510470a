"""What a check says: a verdict on each property of a world, and what of the world is of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from steptable.explore.exploration import INTERRUPTED
from steptable.explore.retracing import Trace
from steptable.explore.usage import Unused
from steptable.expr import Node
from steptable.machine import Effect, Row
from steptable.partial.paths import Path
from steptable.properties import NO_DEADLOCK, Property
from steptable.world import Variable, World

Verdict: TypeAlias = Literal[
    "holds", "violated", "witnessed", "unwitnessed", "inconclusive", "finding"
]


@dataclass(frozen=True)
class Judgement:
    """What was found out about one property."""

    judged: Property
    verdict: Verdict
    trace: Trace | None = None
    unmet: tuple[Node, ...] = ()
    """Of one that holds: the premises that were never met, so that it says less than it seems."""
    remark: str = ""
    """What else is to be said: how a finding differs from what is pinned."""
    advice: str = ""
    """What to do about it, or what to write so that it is pinned by more than its length."""

    @property
    def vacuous(self) -> bool:
        """Whether it holds only because nothing puts it, or a part of it, to the test."""
        return bool(self.unmet)

    @property
    def passes(self) -> bool:
        return self.verdict in ("holds", "witnessed", "finding") and not (
            self.vacuous or self.remark
        )


@dataclass(frozen=True)
class Result:
    """What one run found out about a world."""

    world: World
    judgements: tuple[Judgement, ...]
    states: int
    transitions: int
    """Steps between those states, self-loops included, every choice counted."""
    levels: tuple[int, ...]
    """How many states were first found at each depth."""
    rows_taken: Mapping[str, int]
    """How many steps took each row, by name."""
    effects_emitted: frozenset[str]
    """The kinds of effects that some step produced."""
    idle_actions: tuple[str, ...]
    """Actions that never happen, or whose events are refused whenever they do."""
    unused: tuple[Unused, ...]
    """Parts of the world that are of no use, as declared or not; or of use though declared idle."""
    stopped: str
    growth: tuple[tuple[Path, int], ...]
    """Of a search that was cut short: the variables with the most distinct values."""
    seconds: float
    unread: tuple[Variable, ...] = ()
    """Variables of the world that nothing reads, and that are not explored therefore."""
    symmetry: str = ""
    """The members and symbols up to whose order states are counted; empty where every state is."""
    asymmetry: str = ""
    """Why every state is explored though the world calls something interchangeable."""

    @property
    def interrupted(self) -> bool:
        """Whether it was cut short by Ctrl-C."""
        return self.stopped.startswith(INTERRUPTED)

    @property
    def passes(self) -> bool:
        judged = all(judgement.passes for judgement in self.judgements)
        return judged and not self.dead and not self.stopped

    @property
    def dead(self) -> tuple[Unused, ...]:
        """The parts of the world whose use is not as declared."""
        return tuple(item for item in self.unused if not item.passes)


def properties_of(world: World) -> tuple[Property, ...]:
    """What a check judges, in order: the declared properties, and what the world itself implies."""
    implied = () if world.may_end_anywhere else (no_deadlock(world),)
    return (*world.properties, *implied)


def no_deadlock(world: World) -> Property:
    """What every world promises but one that may end anywhere."""
    return Property(
        NO_DEADLOCK,
        "always",
        "run",
        world.may_end,
        "Something can always happen, but where the world says that all is done.",
        "the world's own declaration",
        finding=world.deadlock,
        at=world.at,
    )


def idle_rows(results: list[Result]) -> tuple[Row, ...]:
    """The rows of the machines that no step of any world takes, state by state."""
    taken = {name for result in results for name in result.rows_taken}
    rows = {
        row: None
        for result in results
        for item in result.world.instances
        for row in item.machine.rows_apart
    }
    return tuple(row for row in rows if row.name not in taken)


def idle_effects(results: list[Result]) -> tuple[Effect, ...]:
    """The effects that rows should produce and that no step of any world does."""
    emitted = {name for result in results for name in result.effects_emitted}
    effects = {
        effect: None
        for result in results
        for item in result.world.instances
        for effect in item.machine.effects
        if not effect.emitted_by
    }
    return tuple(effect for effect in effects if effect.name not in emitted)
