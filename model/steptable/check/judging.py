"""Explores a world and judges its properties: a verdict on each, and the traces that show it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from steptable.check.plain_results import (
    PlainOutcome,
    PlainOverflow,
    PlainResult,
    PlainTrace,
    PlainVerdict,
    plain_path,
)
from steptable.check.verdicts import Verdict, no_deadlock
from steptable.errors import UsageError, is_end_of_memory
from steptable.explore.engines import Engine, Tell, search
from steptable.explore.exploration import INTERRUPTED, Doing, Exploration, Progress
from steptable.explore.memory import loading_libraries
from steptable.explore.overflows import overflow_of
from steptable.explore.packed.layout import Layout
from steptable.explore.replay import Replayer
from steptable.explore.retracing import Trace
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.explore.system.keys import DEADLOCK, Breakable, PropertyKey, keyed
from steptable.explore.system.transitions import TransitionSystem
from steptable.explore.usage import (
    effects_emitted,
    growth,
    idle_actions,
    rows_taken,
    unread,
    used_parts,
)
from steptable.properties import Property
from steptable.world import World

if TYPE_CHECKING:
    from steptable.explore.liveness.lassos import LassoFinder


def explore(
    world: World,
    *,
    engine: Engine = "auto",
    threads: int = 1,
    symmetry: bool | None = None,
    max_states: int | None = None,
    progress: Progress | None = None,
    doing: Doing | None = None,
    tell: Tell | None = None,
) -> PlainOutcome:
    """Explore a world and judge each of its properties, as `steptable.check.check` says.

    Each trace is taken by the interpreter as well, and what that says is `Disagreement` if it is
    not what was found.
    """
    load_libraries(world)
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
    replayer = Replayer(exploration, {})
    if (overflow := overflow_of(exploration)) is not None:
        return PlainOverflow(PlainTrace.of(overflow.trace))
    judge = _Judge(exploration, replayer, doing or _say_nothing)
    verdicts = [judge.of(key, item) for key, item in keyed(world).items()]
    if not world.may_end_anywhere:
        verdicts.append(judge.deadlock(world))
    return PlainResult(
        tuple(verdicts),
        states=len(exploration),
        transitions=exploration.transitions,
        levels=tuple(exploration.levels),
        rows_taken=rows_taken(exploration),
        effects_emitted=tuple(sorted(effects_emitted(exploration))),
        idle_actions=idle_actions(exploration),
        used=tuple(sorted(used_parts(exploration))),
        unread=tuple(variable.name for variable in unread(system)),
        stopped=judge.stopped,
        growth=tuple((plain_path(path), count) for path, count in growth(exploration))
        if judge.stopped
        else (),
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

    def of(self, key: PropertyKey, item: Property) -> PlainVerdict:
        """The verdict on a property; none where Ctrl-C or the end of memory comes first."""
        if item.scope == "run":
            return self._decided(item, lambda: self._of_runs(key))
        return self._decided(item, lambda: self._of(key, item))

    def _decided(self, item: Property, judge: Callable[[], PlainVerdict]) -> PlainVerdict:
        try:
            return judge()
        except (KeyboardInterrupt, MemoryError, OSError, ImportError) as error:
            if not isinstance(error, KeyboardInterrupt) and not is_end_of_memory(error):
                raise
            why = INTERRUPTED if isinstance(error, KeyboardInterrupt) else "out of memory"
        self.stopped = f"{why} after all {len(self.exploration):,} states, judging '{item.name}'"
        return PlainVerdict("inconclusive")

    def _of(self, key: PropertyKey, item: Property) -> PlainVerdict:
        trace = None
        if key in self.exploration.deciding_states:
            trace = self.replayer.along(
                self.exploration.path(self.exploration.deciding_states[key])
            )
        elif key in self.exploration.violating_steps:
            trace = self._to_step(key)
        if trace is not None:
            self.replayer.shows(trace, item)
            return _seen("witnessed" if item.kind == "sometimes" else "violated", trace)
        if self.exploration.stopped:
            return PlainVerdict("inconclusive")
        if item.kind == "sometimes":
            return PlainVerdict("unwitnessed")
        return PlainVerdict("holds", unmet=self._unmet(key))

    def _of_runs(self, key: PropertyKey) -> PlainVerdict:
        if self.stopped:
            return PlainVerdict("inconclusive")
        lasso = self._runs.find_lasso(key)
        if lasso is None:
            return PlainVerdict("holds", unmet=self._unmet(key))
        return _seen("violated", self.replayer.along(lasso.path, lasso.loop, lasso.by))

    def _unmet(self, key: PropertyKey) -> tuple[int, ...]:
        """The premises of a property that were never met."""
        premises, met = self.exploration.system.premises, self.exploration.met_premises
        return tuple(one.index for one in premises.needed[key] if one not in met)

    def deadlock(self, world: World) -> PlainVerdict:
        """The verdict on what the world itself implies."""
        item = no_deadlock(world)

        def judge() -> PlainVerdict:
            if DEADLOCK in self.exploration.violating_steps:
                return _seen("violated", self._to_step(DEADLOCK))
            return PlainVerdict("inconclusive" if self.exploration.stopped else "holds")

        return self._decided(item, judge)

    def _to_step(self, key: Breakable) -> Trace:
        """A shortest trace to the first step that breaks a property."""
        state, number, choices = self.exploration.violating_steps[key]
        return self.replayer.to_step(self.exploration.path(state), number, choices)

    @cached_property
    def _runs(self) -> LassoFinder:
        with loading_libraries():
            from steptable.explore.liveness.lassos import LassoFinder  # noqa: PLC0415

        return LassoFinder(self.exploration, self.doing)


def _seen(verdict: Verdict, trace: Trace) -> PlainVerdict:
    return PlainVerdict(verdict, PlainTrace.of(trace))


def load_libraries(world: World) -> None:
    """Load what properties about runs take, before a search reserves the room that it needs.

    Worlds without such properties do without. Where there is no room, these properties say so
    later.
    """
    if any(item.scope == "run" for item in world.properties):
        with suppress(MemoryError), loading_libraries():
            import steptable.explore.liveness.lassos  # noqa: F401, PLC0415


def _say_nothing(what: str) -> None:
    """Progress that nobody wants to see."""
