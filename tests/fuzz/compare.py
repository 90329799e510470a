"""Asks every explorer about a world, and the oracle, and raises where they do not say the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from fuzz.oracle import Explored, TooLarge, explore, reached
from fuzz.verdicts import (
    Project,
    can_avoid_within_components,
    dead_ends,
    is_vacuous,
    refutes,
    shortest,
)
from steptable.check import Judgement, Result, check
from steptable.errors import Fault, SpecError, UsageError
from steptable.explore.engines import Engine, search
from steptable.explore.exploration import Exploration
from steptable.explore.system.builder import build
from steptable.machine import Machine
from steptable.properties import Property
from steptable.targets.python.in_memory import generated
from steptable.targets.structs import Structs
from steptable.wellformed import faults_of
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World


class Disagree(Exception):
    """Two that should say the same of a world do not."""


@dataclass(frozen=True)
class Effort:
    """How large a world may be, and who is asked about it."""

    most_states: int = 300
    most_steps: int = 4000
    compiled: bool = False
    """Whether compiled code explores it, too, with one thread and with two."""
    replayed: bool = False
    """Whether the generated reducer repeats what traces show."""


@dataclass
class Tally:
    """What was compared, by kind."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, *kinds: str, by: int = 1) -> None:
        for kind in kinds:
            self.counts[kind] += by


def compare(world: World, effort: Effort, tally: Tally) -> None:
    """Raise unless all say the same of the world; note what was compared."""
    faults = refused(world)
    if faults:
        tally.note("refused as ill-formed")
        return
    try:
        system = build(world)
    except SpecError as error:
        if all(fault.slug == "forgotten" for fault in error.faults):
            tally.note("forgets what something depends on")
            return
        raise
    names = {variable.name for variable in system.variables}
    try:
        exploration = explore(
            world, names.__contains__, most_states=effort.most_states, most_steps=effort.most_steps
        )
    except TooLarge:
        tally.note("too large")
        return
    tally.note("worlds")
    with ExitStack() as stack:
        structs = {}
        machines = machines_of(world)
        if effort.replayed and len(machines) == 1:
            structs = {machines[0].name: stack.enter_context(generated(machines[0]))}
            tally.note("replayed by a generated reducer")
        if exploration.overruns:
            tally.note("overruns")
            _overruns(world, exploration, effort, structs)
            return
        _forgetting(world, tally)
        tally.note("states", by=len(exploration.states))
        tally.note("steps", by=sum(map(len, exploration.steps.values())))
        spaces(exploration, search(system, engine="python"))
        result = check(world, structs, engine="python", symmetry=False)
        verdicts(exploration, result, tally, system.project)
        _compiled(world, result, effort, tally)
        _reduced(world, result, tally)


def refused(world: World) -> tuple[Fault, ...]:
    """Every fault of a drawn world, which should have none."""
    return (
        *(fault for machine in machines_of(world) for fault in faults_of(machine)),
        *faults_of_world(world),
    )


def machines_of(world: World) -> list[Machine]:
    """The machines of a world, each once."""
    return list({item.machine.name: item.machine for item in world.instances}.values())


def demand(ours: Any, theirs: Any, what: str) -> None:
    if ours != theirs:
        raise Disagree(f"{what}: the oracle says {_shown(ours)}, the explorer {_shown(theirs)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 400 else f"{text[:400]}…"


# ── Overruns ─────────────────────────────────────────────────────────────────────────


def _overruns(world: World, found: Explored, effort: Effort, structs: dict[str, Structs]) -> None:
    engines: list[tuple[Engine, int]] = [("python", 1)]
    if effort.compiled:
        engines += [("c", 1), ("c", 2)]
    for engine, threads in engines:
        try:
            check(world, structs, engine=engine, threads=threads, symmetry=False)
        except UsageError as error:
            if not _is_left_to_python(error):
                raise
        except SpecError as error:
            said = re.search(r"at step (\d+)", str(error))
            number = None if said is None else int(said[1])
            demand(found.first_overrun, number, f"{engine} on the first overrun")
        else:
            _, happening, strays = min(found.overruns, key=lambda item: item[0])
            raise Disagree(
                f"{engine} says nothing of an overrun at step {found.first_overrun}, by "
                f"'{happening.action.name}': {', '.join(stray.place for stray in strays)}"
            )


def _forgetting(world: World, tally: Tally) -> None:
    """Compare what can be come to with what could if nothing were forgotten, for some steps."""
    if not any(item.forgets for item in world.instances):
        return
    whole = replace(world, instances=tuple(replace(item, forgets=()) for item in world.instances))
    tally.note("worlds that forget")
    levels = (reached(other, world, depth=4, most_states=400) for other in (world, whole))
    for depth, (forgetful, mindful) in enumerate(zip(*levels, strict=False)):
        demand(mindful, forgetful, f"states at depth {depth}, forgotten or not")


# ── Spaces ───────────────────────────────────────────────────────────────────────────


def spaces(found: Explored, searched: Exploration) -> None:
    """Compare states, depths and steps, as far as the explorer keeps them."""
    system, layout = searched.system, searched.layout
    stored = {key: layout.pack(system.project(state)) for key, state in found.states.items()}
    demand(len(set(stored.values())), len(searched), "states")
    demand(set(stored.values()), set(searched), "which states")
    demand(_levels(found, stored), searched.levels, "states by depth")
    for key, state in stored.items():
        expected = {(step.action.name, stored[after]) for step, after in found.steps[key]}
        explained = {(case.action.name, after) for after, case, _ in searched.successors(state)}
        demand(expected, explained, f"steps out of {found.states[key]}")
    demand(sum(map(len, _of_each(found, stored))), searched.transitions, "steps")


def _levels(found: Explored, stored: dict[Hashable, int]) -> list[int]:
    depth: dict[int, int] = {}
    for key, state in stored.items():
        depth[state] = min(found.depth[key], depth.get(state, found.depth[key]))
    counts = Counter(depth.values())
    return [counts[level] for level in range(len(counts))]


def _of_each(found: Explored, stored: dict[Hashable, int]) -> Iterator[list[Any]]:
    """The steps out of each state that is kept; all that stand for it must have as many."""
    steps: dict[int, list[Any]] = {}
    for key, state in stored.items():
        own = found.steps[key]
        if len(steps.setdefault(state, own)) != len(own):
            raise Disagree(f"what is dropped matters: steps out of {found.states[key]}")
    yield from steps.values()


# ── Verdicts ─────────────────────────────────────────────────────────────────────────


def verdicts(found: Explored, result: Result, tally: Tally, project: Project) -> None:
    world = found.world
    demand("", result.stopped, "what stopped it")
    for judgement in result.judgements:
        item = judgement.judged
        tally.note(f"{item.kind} over {item.scope}s: {judgement.verdict}")
        if item.name == "no deadlock":
            demand(min(dead_ends(found), default=None), _length(judgement), "no deadlock")
        elif item.scope == "run":
            _run(found, judgement, project)
        else:
            demand(shortest(found, item), _length(judgement), f"'{item.name}'")
            demand(_verdict(item, judgement), judgement.verdict, f"'{item.name}'")
            if judgement.verdict == "holds":
                vacuous = is_vacuous(found, item)
                demand(vacuous, judgement.vacuous, f"'{item.name}' is vacuous")
    happened = {step.action.name for steps in found.steps.values() for step, _ in steps}
    idle = tuple(action.name for action in world.actions if action.name not in happened)
    demand(idle, result.idle_actions, "actions that never happen")
    rows = {row for steps in found.steps.values() for step, _ in steps for row in step.rows}
    demand(rows, set(result.rows_taken), "rows taken")
    effects = {
        effect.name
        for steps in found.steps.values()
        for step, _ in steps
        for arrival in step.arrivals
        for effect in arrival.effects
    }
    demand(effects, set(result.effects_emitted), "effects emitted")


def _verdict(item: Property, judgement: Judgement) -> str:
    if judgement.trace is None:
        return "unwitnessed" if item.kind == "sometimes" else "holds"
    return "witnessed" if item.kind == "sometimes" else "violated"


def _run(found: Explored, judgement: Judgement, project: Project) -> None:
    item, trace = judgement.judged, judgement.trace
    if trace is not None:
        if not refutes(found, item, trace, project):
            raise Disagree(f"'{item.name}': what is shown is no fair run that refutes it")
        return
    demand(is_vacuous(found, item), judgement.vacuous, f"'{item.name}' is vacuous")
    if can_avoid_within_components(found, item):
        raise Disagree(f"'{item.name}' is said to hold, and some fair run refutes it")


def _length(judgement: Judgement) -> int | None:
    return None if judgement.trace is None else len(judgement.trace.steps)


# ── Other explorers ──────────────────────────────────────────────────────────────────


def said(result: Result, *, counted: bool = True) -> dict[str, Any]:
    """All that a check says that does not depend on who explores."""
    counts = {
        "states": result.states,
        "steps": result.transitions,
        "levels": result.levels,
        "rows": dict(result.rows_taken),
    }
    return {
        **(counts if counted else {}),
        "depth": len(result.levels),
        "rows taken": set(result.rows_taken),
        "effects": set(result.effects_emitted),
        "idle": result.idle_actions,
        **{
            judgement.judged.name: (judgement.verdict, judgement.vacuous, _length(judgement))
            for judgement in result.judgements
        },
    }


def _compiled(world: World, result: Result, effort: Effort, tally: Tally) -> None:
    for threads in (1, 2) if effort.compiled else ():
        try:
            other = check(world, engine="c", threads=threads, symmetry=False)
        except UsageError as error:
            if not _is_left_to_python(error):
                raise
            tally.note("left to Python by C")
            return
        _same(said(result), said(other), f"C with {threads} threads")
        tally.note("explored by C")


def _is_left_to_python(error: UsageError) -> bool:
    """Whether numbers are too large for C, which it says rather than to compute with others."""
    return "beyond 64 bits" in str(error)


def _reduced(world: World, result: Result, tally: Tally) -> None:
    if not world.interchangeable:
        return
    other = check(world, engine="python")
    tally.note("reduced by symmetry" if other.symmetry else "not symmetric")
    _same(said(result, counted=False), said(other, counted=False), "with symmetry")


def _same(ours: dict[str, Any], theirs: dict[str, Any], who: str) -> None:
    for what, value in ours.items():
        if theirs[what] != value:
            raise Disagree(
                f"{who}, {what}: Python says {_shown(value)}, this one {_shown(theirs[what])}"
            )
