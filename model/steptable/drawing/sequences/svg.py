"""A story as a sequence diagram in SVG: a lane per party, a band per step, changes beside it.

What a message came to is said by the form of its arrow and in words, colour only helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from steptable.drawing.sequences import canvas as svg
from steptable.drawing.sequences.messages import Kind
from steptable.drawing.sequences.story import Arrow, Beat, Event, Story

_LEFT: Final = 48
_LANE: Final = 214
_CHANGES: Final = 330
_PAD: Final = 6
_GAP: Final = 12
_SIZE: Final = 11.0
_SMALL: Final = 10.0
_LEAD: Final = 1.3
"""The height of a line, in sizes of its letters."""

_INK, _FAINT, _BAD, _EVENT = "#00567F", "#767676", "#A84300", "#DCEEFA"

_MEANINGS: Final[dict[Kind, str]] = {
    "sent": "full arrow: a message is sent, and queued until its receiver takes it",
    "repeated": "dashed arrow, full head: a message is sent, but will be sent again",
    "lost": "arrow that ends in a cross: a message is lost or dropped",
    "event": "open head: a party delivers an event to another's record",
    "record": "dotted arrow: a party puts another's record in its place",
}


def sequence_svg(story: Story) -> str:
    """The whole picture."""
    canvas = _Canvas(len(story.lanes))
    _head(canvas, story)
    for beat in story.beats:
        if story.loop == beat.number - 1:
            _loop_says(canvas, story)
        _beat(canvas, beat)
    _close_loop(canvas, story)
    if story.loop == len(story.beats):
        _loop_says(canvas, story)
    life_end = canvas.y
    for number, ending in enumerate(story.endings):
        lines = [("promised: " + ending.why, ""), ("but: " + ending.broken, "")]
        canvas.box(f"ending-{number}", f"✗ broken: {ending.name}", lines, _BAD, "#FADCC5")
    _legend(canvas, story)
    lives = [
        svg.line(x, canvas.top, x, life_end, f'stroke="{_FAINT}" stroke-dasharray="2 4"')
        for x in map(canvas.middle, range(len(story.lanes)))
    ]
    title = f"{story.world}: {'; '.join(item.name for item in story.endings) or story.key}"
    return svg.document(canvas.width, canvas.y + _PAD, title, [*lives, *canvas.parts])


@dataclass
class _Canvas:
    """What is drawn so far, and how far down."""

    lanes: int
    y: float = 10.0
    top: float = 0.0
    loop_y: float | None = None
    parts: list[str] = field(default_factory=list)

    @property
    def right(self) -> float:
        """Where the lanes end, and the changes begin."""
        return _LEFT + self.lanes * _LANE

    @property
    def width(self) -> float:
        return self.right + _CHANGES

    def middle(self, lane: int) -> float:
        return _LEFT + (lane + 0.5) * _LANE

    def box(self, name: str, head: str, lines: list[tuple[str, str]], ink: str, fill: str) -> None:
        """A box over the whole width: a heading, then lines with their styles."""
        room = self.width - _LEFT - 4 * _PAD
        texts = [(line, style) for text, style in lines for line in svg.wrapped(text, _SIZE, room)]
        heads = svg.wrapped(head, _SIZE * 1.1, room)
        height = (len(texts) + len(heads)) * _SIZE * _LEAD + 3 * _PAD
        x, y = _LEFT, self.y
        parts = [
            svg.rect(
                x,
                y,
                self.width - _LEFT - _PAD,
                height,
                f'rx="3" fill="{fill}" stroke="{ink}" stroke-width="2"',
            )
        ]
        y += _PAD + _SIZE
        parts.append(svg.text(x + 2 * _PAD, y, heads, _SIZE, 'font-weight="bold"'))
        y += len(heads) * _SIZE * _LEAD
        for text, style in texts:
            parts.append(svg.text(x + 2 * _PAD, y, [text], _SIZE, style))
            y += _SIZE * _LEAD
        self.parts.append(svg.group(name, head, parts))
        self.y += height + _GAP


def _head(canvas: _Canvas, story: Story) -> None:
    canvas.parts.append(
        svg.text(
            _LEFT,
            canvas.y + 12,
            svg.wrapped(f"world {story.world}, trace {story.key}", 12, canvas.width - _LEFT - 20),
            12,
            'font-weight="bold"',
        )
    )
    rows = len(
        svg.wrapped(f"world {story.world}, trace {story.key}", 12, canvas.width - _LEFT - 20)
    )
    canvas.y += rows * 12 * _LEAD + _GAP
    lines = [(text, "") for text in story.start]
    if lines:
        canvas.box("start", "start", lines, _FAINT, "#F5F5F5")
    tall = max(len(svg.wrapped(name, 12, _LANE - 40)) for name in story.lanes)
    height = tall * 12 * _LEAD + 2 * _PAD
    for number, name in enumerate(story.lanes):
        lines_of = svg.wrapped(name, 12, _LANE - 40)
        x = canvas.middle(number)
        canvas.parts.append(
            svg.group(
                f"lane-{number}",
                name,
                [
                    svg.rect(
                        x - _LANE / 2 + 14,
                        canvas.y,
                        _LANE - 28,
                        height,
                        f'rx="3" fill="#FFFFFF" stroke="{_INK}" stroke-width="1.6"',
                    ),
                    svg.text(
                        x,
                        canvas.y + _PAD + 12,
                        lines_of,
                        12,
                        'text-anchor="middle" font-weight="bold"',
                    ),
                ],
            )
        )
    canvas.parts.append(
        svg.text(
            canvas.right + _PAD, canvas.y + _PAD + 12, ["what changes"], 12, 'font-weight="bold"'
        )
    )
    canvas.y += height
    canvas.top = canvas.y
    canvas.y += _GAP


def _beat(canvas: _Canvas, beat: Beat) -> None:
    """A band: the number, who acts, what is sent, which events come of it, what changes."""
    start = canvas.y
    middle = canvas.middle(beat.lane)
    parts = [
        svg.text(
            _LEFT - 8, start + 16, [str(beat.number)], 12, 'text-anchor="end" font-weight="bold"'
        ),
        *_note(canvas, middle, [(beat.says, "")], f'rx="8" fill="#FFFFFF" stroke="{_INK}"'),
    ]
    for part in beat.parts:
        match part:
            case Arrow():
                parts += _arrow(canvas, part)
            case Event():
                parts += _event(canvas, part)
    y = start + _SMALL + 4
    for change in beat.changes:
        lines = svg.wrapped(change, _SMALL, _CHANGES - 3 * _PAD)
        parts.append(svg.text(canvas.right + _PAD, y, lines, _SMALL))
        y += len(lines) * _SMALL * _LEAD + 2
    canvas.y = max(canvas.y, y) + _GAP / 2
    parts.append(svg.line(_LEFT, canvas.y, canvas.width - _PAD, canvas.y, 'stroke="#DDDDDD"'))
    canvas.y += _GAP / 2
    title = "\n".join([beat.says, *(f"{e.name}: {e.outcome}" for e in beat.events), *beat.changes])
    canvas.parts.append(svg.group(f"step-{beat.number}", title, parts))


def _note(
    canvas: _Canvas, middle: float, texts: list[tuple[str, str]], style: str
) -> Iterator[str]:
    """A box of texts in a lane."""
    room = _LANE - 16 - 2 * _PAD
    lines = [(line, look) for text, look in texts for line in svg.wrapped(text, _SIZE, room)]
    height = len(lines) * _SIZE * _LEAD + 2 * _PAD - 2
    yield svg.rect(middle - _LANE / 2 + 8, canvas.y, _LANE - 16, height, style)
    for number, (line, look) in enumerate(lines):
        y = canvas.y + _PAD + _SIZE - 2 + number * _SIZE * _LEAD
        yield svg.text(middle, y, [line], _SIZE, f'text-anchor="middle" {look}')
    canvas.y += height + _PAD


def _event(canvas: _Canvas, event: Event) -> Iterator[str]:
    dashes = ' stroke-dasharray="4 3"' if event.refused else ""
    fill, ink = ("#FFFFFF", _BAD) if event.refused else (_EVENT, _INK)
    outcome = f"✗ {event.outcome}" if event.refused else event.outcome
    texts = [(event.name, 'font-weight="bold"'), (outcome, "")]
    style = f'fill="{fill}" stroke="{ink}"{dashes}'
    yield from _note(canvas, canvas.middle(event.lane), texts, style)


def _arrow(canvas: _Canvas, arrow: Arrow) -> Iterator[str]:
    """A line between two lanes, with its label above it."""
    kind = arrow.message.kind
    source, target = canvas.middle(arrow.source), canvas.middle(arrow.target)
    itself = arrow.source == arrow.target
    if itself:  # a message of a party to itself leaves its lane, and comes back
        target = source + _LANE / 2 - 20
    ink = _BAD if kind == "lost" else _INK
    room = abs(target - source) - 16 if not itself else _LANE - 24
    lines = svg.wrapped(arrow.label, _SMALL, room)
    wide = max(svg.width(text, _SMALL) for text in lines)
    centre = source if itself else (source + target) / 2
    height = len(lines) * _SMALL * _LEAD
    yield svg.rect(centre - wide / 2, canvas.y, wide, height, 'fill="#FFFFFF"')
    yield svg.text(centre, canvas.y + _SMALL, lines, _SMALL, f'text-anchor="middle" fill="{ink}"')
    y = canvas.y + height + 5
    dashes = {"repeated": ' stroke-dasharray="7 4"', "record": ' stroke-dasharray="2 3"'}
    pen = f'stroke="{ink}" stroke-width="1.6" fill="none"{dashes.get(kind, "")}'
    towards = 1 if target > source else -1
    if kind == "lost":
        end = centre if not itself else target
        yield svg.line(source, y, end, y, pen)
        cross = f'stroke="{ink}" stroke-width="2.4"'
        yield svg.line(end - 5, y - 5, end + 5, y + 5, cross)
        yield svg.line(end - 5, y + 5, end + 5, y - 5, cross)
    elif itself:
        yield f'<path d="M{source:g} {y:g} H{target:g} v8 H{source + 2:g}" {pen}/>'
        y += 8
        yield _tip(source, y, -1, kind, ink)
    else:
        yield svg.line(source, y, target - towards * 2, y, pen)
        yield _tip(target, y, towards, kind, ink)
    canvas.y = y + 5 + _PAD


def _tip(x: float, y: float, towards: int, kind: Kind, ink: str) -> str:
    points = f"{x - towards * 9:g},{y - 4:g} {x:g},{y:g} {x - towards * 9:g},{y + 4:g}"
    if kind in ("event", "record"):
        return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.6"/>'
    return f'<polygon points="{points}" fill="{ink}"/>'


def _loop_says(canvas: _Canvas, story: Story) -> None:
    canvas.loop_y = canvas.y
    canvas.parts.append(
        svg.text(_LEFT, canvas.y + 13, [f"∞ {story.loop_says}"], 12, 'font-weight="bold"')
    )
    canvas.y += 12 * _LEAD + _GAP


def _close_loop(canvas: _Canvas, story: Story) -> None:
    """The bracket beside the steps that repeat."""
    if canvas.loop_y is None or story.loop == len(story.beats):
        return
    top, end, x = canvas.loop_y + 2, canvas.y - _GAP / 2, 14
    pen = f'fill="none" stroke="{_BAD}" stroke-width="2.4"'
    parts = [
        f'<path d="M{_LEFT - 8} {top:g} H{x} V{end:g} H{_LEFT - 8}" {pen}/>',
        f'<polygon points="{_LEFT - 8},{top - 5:g} {_LEFT + 1},{top:g} {_LEFT - 8},{top + 5:g}" '
        f'fill="{_BAD}"/>',
    ]
    canvas.parts.append(svg.group("loop", story.loop_says, parts))


def _legend(canvas: _Canvas, story: Story) -> None:
    used = {arrow.message.kind for beat in story.beats for arrow in beat.arrows}
    lines = [meaning for kind, meaning in _MEANINGS.items() if kind in used]
    lines.append("rounded box: who acts, and what happens")
    if any(beat.events for beat in story.beats):
        lines.append(
            "filled box: an event is taken by a row; dashed box with a cross: it is refused"
        )
    lines.append(
        "not shown: fields that neither this promise nor what happens here depends on; "
        "what waits in a queue is told by arrows alone"
    )
    look = f'fill="{_FAINT}"'
    for text in lines:
        rows = svg.wrapped(text, _SMALL, canvas.width - _LEFT - 2 * _PAD)
        canvas.parts.append(svg.text(_LEFT, canvas.y + _SMALL, rows, _SMALL, look))
        canvas.y += len(rows) * _SMALL * _LEAD
