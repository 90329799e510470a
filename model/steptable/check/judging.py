"""Judges the properties of a world: explores it, and turns what was found into verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from steptable.check.pinning import differs, pin
from steptable.check.verdicts import Judgement, Result, no_deadlock
from steptable.errors import UsageError, is_end_of_memory
from steptable.explore.engines import Engine, Tell, search
from steptable.explore.exploration import INTERRUPTED, Doing, Exploration, Progress
from steptable.explore.memory import loading_libraries
from steptable.explore.overruns import refuse_overflow
from steptable.explore.packed.code import DEADLOCK
from steptable.explore.packed.layout import Layout
from steptable.explore.replay import Replayer
from steptable.explore.retracing import Trace
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.explore.system.transitions import TransitionSystem
from steptable.explore.usage import (
    effects_emitted,
    growth,
    idle_actions,
    rows_taken,
    unused,
)
from steptable.expr import Node
from steptable.properties import Property
from steptable.targets.structs import Structs
from steptable.world import World

if TYPE_CHECKING:
    from steptable.explore.liveness.lassos import LassoFinder


def check(
    world: World,
    structs: Mapping[str, Structs] | None = None,
    *,
    engine: Engine = "auto",
    threads: int = 1,
    symmetry: bool | None = None,
    max_states: int | None = None,
    progress: Progress | None = None,
    doing: Doing | None = None,
    tell: Tell | None = None,
) -> Result:
    """Explore a world and judge each of its properties.

    What a world calls interchangeable is made use of where it is shown to be; with `symmetry`,
    that it is not is a `UsageError`; without (False), every state is explored.

    With `structs`, by machine name, traces are replayed through the generated reducer. Verdicts
    and the lengths of traces are the same whatever the engine and the number of threads. What is
    told to `progress` is how the search goes, and to `doing` what comes after it. Ctrl-C and
    the end of memory leave `inconclusive` what is not decided until then, and say so in `stopped`.
    Raises `Disagreement` where a replay does not show what the exploration found, `Overrun`
    (a `SpecError`) where a value leaves its bounds, and `UsageError` where an engine can't be had.
    """
    began = time.perf_counter()
    _load_libraries(world)
    system = build(world)
    orbits, asymmetry = _orbits(system, symmetry)
    exploration = search(
        system,
        engine=engine,
        threads=threads,
        max_states=max_states,
        progress=progress,
        tell=tell,
        orbits=orbits,
    )
    replayer = Replayer(exploration, structs or {})
    refuse_overflow(exploration)
    judge = _Judge(exploration, replayer, doing or _say_nothing)
    judgements = [_pinned(judge.of(index, item)) for index, item in enumerate(world.properties)]
    if world.terminal is not None:
        judgements.append(_pinned(judge.deadlock(world, world.terminal)))
    return Result(
        world,
        tuple(judgements),
        states=len(exploration),
        transitions=exploration.transitions,
        levels=tuple(exploration.levels),
        rows_taken=rows_taken(exploration),
        effects_emitted=effects_emitted(exploration),
        idle_actions=idle_actions(exploration),
        unused=unused(exploration),
        stopped=judge.stopped,
        growth=growth(exploration) if judge.stopped else (),
        seconds=time.perf_counter() - began,
        symmetry="" if orbits is None else orbits.of_what,
        asymmetry=asymmetry,
    )


def _orbits(system: TransitionSystem, symmetry: bool | None) -> tuple[Orbits | None, str]:
    """Which states stand for others, or why none does though the world says so."""
    world = system.world
    if symmetry is False or not (world.interchangeable or symmetry):
        return None, ""
    try:
        if not world.interchangeable:
            raise Asymmetric("the world calls nothing interchangeable")
        return Orbits.of(system, Layout.of(system.variables)), ""
    except Asymmetric as error:
        if symmetry:
            raise UsageError(f"world '{world.name}' can't be reduced: {error}") from error
        return None, str(error)


@dataclass
class _Judge:
    """Turns what a search has found into verdicts."""

    exploration: Exploration
    replayer: Replayer
    doing: Doing
    stopped: str = ""
    """Why not everything is decided; empty when it is."""

    def __post_init__(self) -> None:
        self.stopped = self.exploration.stopped

    def of(self, index: int, item: Property) -> Judgement:
        """The verdict on a property; none where Ctrl-C or the end of memory comes first."""
        judge = self._of_runs if item.scope == "run" else self._of
        return self._decided(item, lambda: judge(index, item))

    def _decided(self, item: Property, judge: Callable[[], Judgement]) -> Judgement:
        try:
            return judge()
        except (KeyboardInterrupt, MemoryError, OSError, ImportError) as error:
            if not isinstance(error, KeyboardInterrupt) and not is_end_of_memory(error):
                raise
            why = INTERRUPTED if isinstance(error, KeyboardInterrupt) else "out of memory"
        self.stopped = f"{why} after all {len(self.exploration):,} states, judging '{item.name}'"
        return Judgement(item, "inconclusive")

    def _of(self, index: int, item: Property) -> Judgement:
        trace = None
        if index in self.exploration.deciding_states:
            trace = self.replayer.along(
                self.exploration.path(self.exploration.deciding_states[index])
            )
        elif index in self.exploration.violating_steps:
            trace = self._to_step(index)
        if trace is not None:
            self.replayer.shows(trace, item)
            return Judgement(item, "witnessed" if item.kind == "sometimes" else "violated", trace)
        if self.exploration.stopped:
            return Judgement(item, "inconclusive")
        if item.kind == "sometimes":
            return Judgement(item, "unwitnessed")
        return Judgement(item, "holds", unmet=self._unmet(index))

    def _of_runs(self, index: int, item: Property) -> Judgement:
        if self.stopped:
            return Judgement(item, "inconclusive")
        lasso = self._runs.find_lasso(index)
        if lasso is None:
            return Judgement(item, "holds", unmet=self._unmet(index))
        return Judgement(item, "violated", self.replayer.along(lasso.path, lasso.loop, lasso.by))

    def _unmet(self, index: int) -> tuple[Node, ...]:
        """The premises of a property that were never met."""
        premises, met = self.exploration.system.premises, self.exploration.met_premises
        return tuple(premises.of[one].text_node for one in premises.needed[index] if one not in met)

    def deadlock(self, world: World, terminal: Node) -> Judgement:
        """The verdict on what the world itself implies."""
        item = no_deadlock(world, terminal)

        def judge() -> Judgement:
            if DEADLOCK in self.exploration.violating_steps:
                return Judgement(item, "violated", self._to_step(DEADLOCK))
            return Judgement(item, "inconclusive" if self.exploration.stopped else "holds")

        return self._decided(item, judge)

    def _to_step(self, index: int) -> Trace:
        """A shortest trace to the first step that breaks a property."""
        state, number, choices = self.exploration.violating_steps[index]
        return self.replayer.to_step(self.exploration.path(state), number, choices)

    @cached_property
    def _runs(self) -> LassoFinder:
        with loading_libraries():
            from steptable.explore.liveness.lassos import LassoFinder  # noqa: PLC0415

        return LassoFinder(self.exploration, self.doing)


def _load_libraries(world: World) -> None:
    """Load what promises about runs take, before a search reserves the room that it needs.

    Worlds without such promises do without. Where there is no room, these promises say so later.
    """
    if any(item.scope == "run" for item in world.properties):
        with suppress(MemoryError), loading_libraries():
            import steptable.explore.liveness.lassos  # noqa: F401, PLC0415


def _say_nothing(what: str) -> None:
    """Progress that nobody wants to see."""


def _pinned(judgement: Judgement) -> Judgement:
    """The verdict on a property that is declared as a finding: still so, or not as pinned."""
    item = judgement.judged
    if item.finding is None or judgement.verdict == "inconclusive":
        return judgement
    if judgement.verdict != "violated" or judgement.trace is None:
        remark, advice = _not_seen_to_fail(judgement)
        return replace(judgement, remark=remark, advice=advice)
    wanted = pin(judgement.trace)
    if remark := differs(item.finding, judgement.trace):
        advice = f"if that is what it explains now, write {wanted}"
        return replace(judgement, remark=remark, advice=advice)
    advice = "" if item.finding.through else f"it is pinned by its length alone; write {wanted}"
    return replace(judgement, verdict="finding", advice=advice)


def _not_seen_to_fail(judgement: Judgement) -> tuple[str, str]:
    """What is said of a finding that has no counterexample any more, and what to do about it."""
    if judgement.vacuous:
        remark = "it is declared as a finding, but nothing puts it to the test any more"
        return remark, "let its premise be met again, or take the promise out"
    remark = "it is declared as a finding, but fails no longer"
    return remark, "declare it as a promise again"
