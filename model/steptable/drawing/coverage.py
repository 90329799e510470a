"""Coverage painted on the machine: the rows and states that a world, a journal or tests come to."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from steptable.errors import Fault
from steptable.explore.exploration import Exploration
from steptable.explore.packed.layout import width
from steptable.explore.usage import rows_taken
from steptable.interpreter.evaluate import Accepted, Outcome, Refused
from steptable.machine import Machine
from steptable.partial.paths import Path
from steptable.report.formats.text import count
from steptable.support.renaming import file_slug
from steptable.targets.diagrams.dot import machine_dot
from steptable.targets.diagrams.dot_rows import View
from steptable.targets.diagrams.draw import Drawing


@dataclass
class Coverage:
    """How often each row was taken and each state was seen, by name, and what was refused."""

    source: str
    """What was looked at, in words."""
    counts: tuple[str, str, str] = ("event", "time", "how often it was seen")
    """What is counted at a row, at a state, and how the latter is to be read."""
    rows: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Refused events by the reason, in words."""

    def add(self, outcome: Outcome, before: str) -> None:
        """Count what became of one event in a state."""
        self.states[before] += 1
        match outcome:
            case Accepted(row):
                self.rows[row.name] += 1
                if not row.stays:
                    self.states[row.ends[1].name] += 1
            case Refused(why, guard):
                self.refused[_REASONS[why] if guard is None else f"guard {guard.name}"] += 1


_REASONS = {"stale": "number not above the last", "illegal": "no row"}


def world_coverage(exploration: Exploration, machine: Machine) -> Coverage:
    """What all steps of a world do to its instances of a machine."""
    world = exploration.system.world
    names = {row.name for row in machine.rows_apart}
    where = "how many states of the world have it, of each instance"
    coverage = Coverage(f"world {world.name}", ("step", "state", where))
    coverage.rows.update({n: hits for n, hits in rows_taken(exploration).items() if n in names})
    holders = {
        Path.of(item.name, machine.state_field.name)
        for item in world.instances
        if item.machine == machine
    }
    pairs = zip(exploration.layout.variables, exploration.layout.shifts, strict=True)
    for variable, shift in pairs:
        if variable.path in holders:
            mask = (1 << width(variable)) - 1
            places = Counter(state >> shift & mask for state in exploration)
            coverage.states.update({variable.domain[at]: n for at, n in places.items()})
    return coverage


def coverage_drawing(machine: Machine, coverage: Coverage, name: str, command: str) -> Drawing:
    """The machine with a coverage painted on it."""
    what, seen, where = coverage.counts
    refused = [f"{reason}: {n:,}" for reason, n in sorted(coverage.refused.items())]
    total = len(machine.rows_apart)
    taken = sum(row.name in coverage.rows for row in machine.rows_apart)
    view = View(
        detail="names",
        marks={row: count(n, what) for row, n in coverage.rows.items()},
        states={state: count(n, seen) for state, n in coverage.states.items()},
        painted=(
            f"{coverage.source}: {taken} of {count(total, 'row')} taken",
            f"bold, with how many {what}s: taken",
            "dashed: not taken, or not seen",
            f"at a state: {where}",
            *([f"refused ({', '.join(refused)})"] if refused else []),
        ),
    )
    return Drawing(
        name,
        f"Coverage: {coverage.source}",
        "Rows that were taken are bold and say how often; what is dashed was never taken.",
        command,
        dot=machine_dot(machine, view),
    )


def world_coverage_drawing(exploration: Exploration, machine: Machine) -> Drawing:
    """The machine with the rows that a world takes."""
    world = exploration.system.world.name
    return coverage_drawing(
        machine,
        world_coverage(exploration, machine),
        f"coverage-{file_slug(world)}",
        shlex.join(["steptable", "draw", "coverage", "--world", world]),
    )


_MOST_FAULTS: Final = 20
"""Of a file with more faulty lines the first is told, and how many there are."""


def summarised(faults: list[Fault], lines: int, what: str) -> list[Fault]:
    """The faults of a file of so many lines; if it is full of them, the first and their number."""
    is_another = 2 * len(faults) > lines > 1
    if len(faults) <= _MOST_FAULTS and not (is_another and len(faults) == lines):
        return faults
    first = faults[0]
    other = f"; is this {what} at all?" if is_another else ""
    problem = f"{len(faults)} of {lines} lines are wrong, the first so: {first.problem}{other}"
    return [replace(first, problem=problem)]
