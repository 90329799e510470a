"""A trace as a story in lanes: what each sequence diagram tells, whatever it is drawn with.

Only what changes is told, and of that only what has to do with the property at hand. What is in
a queue is told by its messages alone; everything else that changes is named at the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from steptable.check import Trace
from steptable.drawing.sequences.messages import Message, Parties, lane
from steptable.interpreter.evaluate import Accepted, Refused
from steptable.interpreter.simulate import Applied, Step
from steptable.machine import Guard
from steptable.properties import Property
from steptable.report.traces.lines import STANDSTILL, TraceWriter, loop_text, sentence
from steptable.report.traces.relevance import relevant_names
from steptable.report.traces.values import changes, shown
from steptable.report.traces.verdict import broken
from steptable.sorts import Record
from steptable.world import World


@dataclass(frozen=True)
class Arrow:
    """A message between two lanes, by their numbers; of one lane, to itself."""

    message: Message
    source: int
    target: int
    label: str
    """What goes along it, and what becomes of that."""


@dataclass(frozen=True)
class Event:
    """An event that reached an instance, in the lane of its owner."""

    lane: int
    name: str
    outcome: str
    refused: bool


@dataclass(frozen=True)
class Beat:
    """One step of the story."""

    number: int
    lane: int
    says: str
    arrows: tuple[Arrow, ...]
    events: tuple[Event, ...]
    changes: tuple[str, ...]

    @property
    def parts(self) -> Iterator[Arrow | Event]:
        """Arrows and events in order: what is sent comes of the events, all else leads to them."""
        yield from (arrow for arrow in self.arrows if not arrow.message.is_sent)
        yield from self.events
        yield from (arrow for arrow in self.arrows if arrow.message.is_sent)


@dataclass(frozen=True)
class Ending:
    """A property that is broken where the story ends."""

    name: str
    why: str
    broken: str


@dataclass(frozen=True)
class Story:
    """A whole trace."""

    world: str
    key: str
    lanes: tuple[str, ...]
    start: tuple[str, ...]
    beats: tuple[Beat, ...]
    loop: int | None
    """The number of beats before those that repeat forever."""
    loop_says: str
    endings: tuple[Ending, ...]


def story(world: World, trace: Trace, judged: Sequence[Property] | None = None) -> Story:
    """The story of a trace, told for the properties that it breaks, or for those given."""
    beats = judged or [item for item in world.properties if broken(item, world, trace)]
    parties = Parties(world)
    teller = _StoryWriter(world, parties, relevant_names(world, beats))
    return Story(
        world.name,
        trace.key,
        parties.lanes,
        tuple(TraceWriter.of(world, beats).start(trace)),
        tuple(teller.beat(number, step) for number, step in enumerate(trace.steps, start=1)),
        trace.loop,
        STANDSTILL if trace.loop == len(trace.steps) else loop_text(trace),
        tuple(
            Ending(item.name, f"{item.why} ({item.cites})", broken(item, world, trace) or "")
            for item in beats
        ),
    )


_FATES: Final = {"sent": "", "repeated": "sent, and it stays queued: ", "lost": "lost: "}


@dataclass(frozen=True)
class _StoryWriter:
    world: World
    parties: Parties
    relevant: frozenset[str]

    def beat(self, number: int, step: Step) -> Beat:
        """A step with all that happens in it."""
        place = self.parties.lanes.index
        arrows = [
            Arrow(item, place(item.source), place(item.target), self._label(item))
            for item in self.parties.messages(step)
        ]
        return Beat(
            number,
            place(lane(step.action)),
            sentence(step),
            tuple(arrows),
            tuple(self._event(applied) for applied in step.applied),
            tuple(self._changes(step)),
        )

    def _label(self, message: Message) -> str:
        match message.kind:
            case "event":
                return str(message.value.name)
            case "record":
                return f"record of '{message.value}'"
            case _:
                sort = self.parties.queues[message.queue].of
                return f"{_FATES[message.kind]}{shown(sort, message.value, self.relevant)}"

    def _event(self, applied: Applied) -> Event:
        owner = self.parties.owners[applied.instance]
        machine = self.world.instance(applied.instance).machine
        state = applied.before[machine.state_field.name]
        match applied.outcome:
            case Accepted(row, after, _):
                new = after[machine.state_field.name]
                where = f"stays {state}" if new == state else f"{state} → {new}"
                outcome = f"{applied.instance} {where}, row {row.name}"
            case Refused("stale"):
                number = machine.numbering.event_field
                outcome = f"{applied.instance} refuses: its {number} is not above the last"
            case Refused(guard=Guard(name=name)):
                outcome = f"{applied.instance} refuses: guard {name}"
            case Refused():
                outcome = f"{applied.instance} refuses: no row takes it in {state}"
        refused = applied.row is None
        return Event(self.parties.lanes.index(owner), applied.event.name, outcome, refused)

    def _changes(self, step: Step) -> Iterator[str]:
        kept = Record("", tuple(p for p in self.world.state if p.name not in self.parties.queues))
        states = {f"{i.name}.{i.machine.state_field.name}" for i in self.world.instances}
        for text in changes(kept, step.before, step.after, self.relevant):
            # The change of a machine's state is told with its event.
            if not (step.applied and text.partition(" ")[0] in states):
                yield text
