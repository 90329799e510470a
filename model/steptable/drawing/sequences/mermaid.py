"""A story as a Mermaid sequence diagram, for pages that render it.

Mermaid has no column for what changes, so that it stands in the note of a step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from steptable.drawing.sequences.messages import Kind
from steptable.drawing.sequences.story import Arrow, Beat, Event, Story

_ARROWS: Final[dict[Kind, str]] = {
    "sent": "->>",
    "repeated": "-->>",
    "lost": "-x",
    "event": "-)",
    "record": "--)",
}


def sequence_mermaid(story: Story) -> str:
    """The whole diagram, without the fence around it."""
    return "\n".join(["sequenceDiagram", *(f"    {line}" for line in _lines(story))]) + "\n"


def _lines(story: Story) -> Iterator[str]:
    for number, name in enumerate(story.lanes):
        yield f"participant L{number} as {escape(name)}"
    every = "L0" if len(story.lanes) == 1 else f"L0,L{len(story.lanes) - 1}"
    for text in story.start:
        yield f"Note over {every}: start: {escape(text)}"
    for beat in story.beats:
        if story.loop == beat.number - 1:
            yield f"loop {escape(story.loop_says)}"
        yield from _beat(beat)
    if story.loop is not None and story.loop < len(story.beats):
        yield "end"
    elif story.loop is not None:
        yield f"Note over {every}: {escape(story.loop_says)}"
    for ending in story.endings:
        yield f"Note over {every}: {escape(f'broken: {ending.name}')}<br/>{escape(ending.broken)}"


def _beat(beat: Beat) -> Iterator[str]:
    texts = [f"{beat.number}. {beat.says}", *beat.changes]
    yield f"Note over L{beat.lane}: {'<br/>'.join(escape(text) for text in texts)}"
    for part in beat.parts:
        match part:
            case Arrow(message, source, target, label):
                yield f"L{source}{_ARROWS[message.kind]}L{target}: {escape(label)}"
            case Event(lane, name, outcome):
                yield f"Note over L{lane}: {escape(name)}<br/>{escape(outcome)}"


def escape(text: str) -> str:
    """Text that Mermaid shows as it is: all that it or Markdown could read becomes an entity."""
    plain = " ".join(text.split())
    safe = re.sub(r"[^A-Za-z0-9_ .,=()+§→≤≥≠-]|--+", _entities, plain)
    # Mermaid takes this word for the end of a block wherever it stands.
    return re.sub(r"\bend\b", _entities, safe, flags=re.IGNORECASE)


def _entities(found: re.Match[str]) -> str:
    return "".join(f"#{ord(character)};" for character in found[0])
