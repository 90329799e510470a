"""The drawings of counterexamples: as a sequence diagram, and as a path on the machine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from steptable.check import Result, Trace, properties_of
from steptable.drawing.sequences.mermaid import sequence_mermaid
from steptable.drawing.sequences.story import story
from steptable.drawing.sequences.svg import sequence_svg
from steptable.machine import Machine
from steptable.properties import Property
from steptable.report.names import picture_names
from steptable.targets.diagrams.dot import machine_dot
from steptable.targets.diagrams.dot_rows import View
from steptable.targets.diagrams.draw import Drawing
from steptable.world import World

_HOW = (
    "A lane per party and a band per step; a cross is a message lost or an event refused, a dashed "
    "arrow a message that will come again, and what changes stands at the right."
)


def finding_drawings(results: Sequence[Result]) -> list[Drawing]:
    """A sequence diagram for each finding of some worlds, by names that stay the same."""
    return [
        _drawing(result.world, judgement.judged, judgement.trace)
        for result in results
        for judgement in result.judgements
        if judgement.judged.finding is not None and judgement.trace is not None
    ]


def _drawing(world: World, item: Property, trace: Trace) -> Drawing:
    told = story(world, trace, [item])
    return Drawing(
        picture_names(world.name, properties_of(world))[item.name],
        f"{world.name}: {item.name}",
        _HOW,
        shlex.join(["steptable", "replay", world.name, trace.key, "--svg"]),
        svg=sequence_svg(told),
        mermaid=sequence_mermaid(told),
    )


def path_dot(world: World, machine: Machine, trace: Trace) -> str:
    """A machine with the rows and states that a trace comes by, each with its steps."""
    instances = [item.name for item in world.instances if item.machine == machine]
    holder = machine.state_field.name
    rows, states = _Marks(), _Marks()
    for name in instances:
        states.add(trace.start[name][holder], name, "start")
    for number, step in enumerate(trace.steps, start=1):
        entered = {name: step.before[name][holder] for name in instances}
        for applied in step.applied:
            if applied.instance in instances and applied.row is not None:
                rows.add(applied.row.name, applied.instance, str(number))
                target = applied.row.ends[1].name
                if not applied.row.stays:
                    states.add(target, applied.instance, str(number))
                entered[applied.instance] = target
        for name in instances:
            if step.after[name][holder] != entered[name]:  # the record was put in place
                states.add(step.after[name][holder], name, str(number))
    several = len(instances) > 1
    return machine_dot(
        machine,
        View(
            detail="names",
            marks=rows.words(several=several),
            states=states.words(several=several),
            painted=(
                f"world {world.name}, trace {trace.key}",
                "bold, with step numbers: taken or entered",
                "dashed: not on the path",
                "a step at a state but at none of its arrows: the record was put in place",
            ),
        ),
    )


@dataclass
class _Marks:
    """At which steps, by row or state and by instance."""

    at: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, where: str, instance: str, step: str) -> None:
        self.at.setdefault(where, {}).setdefault(instance, []).append(step)

    def words(self, *, several: bool) -> dict[str, str]:
        """The same in words, with instances named where there are several."""
        return {
            where: "; ".join(
                f"{f'{name}: ' if several else ''}{_numbers(steps)}" for name, steps in by.items()
            )
            for where, by in self.at.items()
        }


def _numbers(at: Sequence[str]) -> str:
    numbers = list(dict.fromkeys(item for item in at if item != "start"))
    words = ["start"] if "start" in at else []
    if numbers:
        words.append(f"step{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}")
    return ", ".join(words)
