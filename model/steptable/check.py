"""Judges the properties of a world: explores it, and turns what was found into verdicts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from steptable.errors import Fault, SpecError
from steptable.explore.cases import EMITTED, System, effects_of
from steptable.explore.exploration import Exploration, Progress
from steptable.explore.liveness import Lasso, find_lasso
from steptable.explore.python_code import DEADLOCK, OVERRUN
from steptable.explore.python_engine import search
from steptable.explore.replay import Disagreement, Replayer, Trace
from steptable.explore.system import build
from steptable.expr import Node
from steptable.machine import Effect, Row
from steptable.properties import Property
from steptable.targets.structs import Structs
from steptable.world import World

Verdict: TypeAlias = Literal[
    "holds", "violated", "witnessed", "unwitnessed", "inconclusive", "finding"
]


@dataclass(frozen=True)
class Judgement:
    """What was found out about one property."""

    judged: Property
    verdict: Verdict
    trace: Trace | None = None
    vacuous: bool = False
    """It holds only because its premise is never met."""
    remark: str = ""
    """What else is to be said: how a finding differs from what is pinned."""

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
    stopped: str
    growth: tuple[tuple[str, int], ...]
    """Of a search that was cut short: the variables with the most distinct values."""
    seconds: float

    @property
    def passes(self) -> bool:
        return all(judgement.passes for judgement in self.judgements) and not self.stopped


def check(
    world: World,
    structs: Mapping[str, Structs] | None = None,
    *,
    max_states: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Explore a world and judge each of its properties.

    With `structs`, by machine name, traces are replayed through the generated reducer.
    Raises `Disagreement` where a replay does not show what the exploration found, and
    `SpecError` where a value leaves its bounds.
    """
    began = time.perf_counter()
    system = build(world)
    found = search(system, max_states=max_states, progress=progress)
    replayer = Replayer(found, structs or {})
    _refuse_overrun(found)
    judgements = [
        _pinned(_judge(index, item, found, replayer)) for index, item in enumerate(world.properties)
    ]
    if world.terminal is not None:
        judgements.append(_deadlock(world, world.terminal, found, replayer))
    return Result(
        world,
        tuple(judgements),
        states=len(found),
        transitions=found.transitions,
        levels=tuple(found.levels),
        rows_taken=_rows_taken(found),
        effects_emitted=_effects_emitted(found),
        idle_actions=_idle(system, found),
        stopped=found.stopped,
        growth=_growth(found) if found.stopped else (),
        seconds=time.perf_counter() - began,
    )


def _judge(index: int, item: Property, found: Exploration, replayer: Replayer) -> Judgement:
    if item.scope == "run":
        return _judge_run(index, item, found, replayer)
    trace = None
    if index in found.decided:
        trace = replayer.along(found.path(found.decided[index]))
    elif index in found.broken:
        trace = _to_step(found, replayer, index)
    if trace is not None:
        replayer.shows(trace, item)
        return Judgement(item, "witnessed" if item.kind == "sometimes" else "violated", trace)
    if found.stopped:
        return Judgement(item, "inconclusive")
    if item.kind == "sometimes":
        return Judgement(item, "unwitnessed")
    return Judgement(item, "holds", vacuous=index not in found.met)


def _to_step(found: Exploration, replayer: Replayer, index: int) -> Trace:
    """A shortest trace to the first step that breaks a property."""
    state, number, choices = found.broken[index]
    return replayer.to_step(found.path(state), number, choices)


def _judge_run(index: int, item: Property, found: Exploration, replayer: Replayer) -> Judgement:
    if found.stopped:
        return Judgement(item, "inconclusive")
    answer = find_lasso(found, index)
    if isinstance(answer, Lasso):
        trace = replayer.along(answer.path, answer.loop, answer.by)
        return Judgement(item, "violated", trace)
    return Judgement(item, "holds", vacuous=not answer)


def _pinned(judgement: Judgement) -> Judgement:
    """The verdict on a property that is declared as a finding: still so, or not as pinned."""
    item = judgement.judged
    if item.finding is None or judgement.verdict == "inconclusive":
        return judgement
    if judgement.verdict != "violated" or judgement.trace is None:
        remark = "it is declared as a finding, but fails no longer; declare it as a promise again"
        return Judgement(item, judgement.verdict, judgement.trace, judgement.vacuous, remark)
    length = len(judgement.trace.steps)
    if length != item.finding.length:
        remark = f"its shortest counterexample has {length} steps, not {item.finding.length}"
        return Judgement(item, "violated", judgement.trace, remark=remark)
    return Judgement(item, "finding", judgement.trace)


def promises(world: World) -> tuple[Property, ...]:
    """What a check judges, in order: the declared properties, and what the world itself implies."""
    implied = () if world.terminal is None else (_no_deadlock(world, world.terminal),)
    return (*world.properties, *implied)


def _no_deadlock(world: World, terminal: Node) -> Property:
    return Property(
        "no deadlock",
        "always",
        "run",
        terminal,
        "Something can always happen, but where the world says that all is done.",
        "the world's own declaration",
        at=world.at,
    )


def _deadlock(world: World, terminal: Node, found: Exploration, replayer: Replayer) -> Judgement:
    item = _no_deadlock(world, terminal)
    if DEADLOCK in found.broken:
        return Judgement(item, "violated", _to_step(found, replayer, DEADLOCK))
    return Judgement(item, "inconclusive" if found.stopped else "holds")


def _refuse_overrun(found: Exploration) -> None:
    if OVERRUN in found.broken:
        world = found.system.world
        action = found.system.cases[found.broken[OVERRUN][1]].action
        depth = len(found.path(found.broken[OVERRUN][0]))
        problem = f"action '{action.name}' leaves the bounds of a variable at step {depth}"
        advice = "widen the bound, or guard the action"
        raise SpecError([Fault(action.at, f"world '{world.name}'", problem, advice, "overrun")])


def _rows_taken(found: Exploration) -> dict[str, int]:
    taken: dict[str, int] = {}
    for case, hits in zip(found.system.cases, found.hits, strict=True):
        for item in case.taken:
            if item.row is not None and hits:
                taken[item.row.name] = taken.get(item.row.name, 0) + hits * case.weight
    return taken


def _effects_emitted(found: Exploration) -> frozenset[str]:
    return frozenset(
        effect
        for number, (_, effect) in enumerate(effects_of(found.system.world))
        if EMITTED - number in found.met
    )


def _idle(system: System, found: Exploration) -> tuple[str, ...]:
    if found.stopped:
        return ()
    hits = zip(system.cases, found.hits, strict=True)
    happened = {case.action.name for case, count in hits if count and case.moves}
    return tuple(a.name for a in system.world.actions if a.name not in happened)


def _growth(found: Exploration) -> tuple[tuple[str, int], ...]:
    seen: dict[str, set[int]] = {}
    for variable, shift in zip(found.layout.variables, found.layout.shifts, strict=True):
        mask = (1 << (len(variable.domain) - 1).bit_length()) - 1
        seen[variable.name] = {state >> shift & mask for state in found}
    counts = sorted(((len(values), name) for name, values in seen.items()), reverse=True)
    return tuple((name, count) for count, name in counts[:5])


def idle_rows(results: list[Result]) -> tuple[Row, ...]:
    """The rows of the machines that no step of any world takes."""
    taken = {name for result in results for name in result.rows_taken}
    rows = {
        row: None
        for result in results
        for item in result.world.instances
        for row in item.machine.rows
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


__all__ = [
    "Disagreement",
    "Judgement",
    "Result",
    "Trace",
    "Verdict",
    "check",
    "idle_effects",
    "idle_rows",
    "promises",
]
