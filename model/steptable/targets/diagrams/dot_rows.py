"""What a drawing of a machine says of its rows: as a whole, of one side, or of effects alone.

What all rows do, or all changes of state, is said once, in the legend. Whatever a view leaves
out of the picture is in the tooltip of the row, and its legend says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from steptable.machine import BySide, Emission, Emits, Machine, Row, Side
from steptable.targets.diagrams.dot_text import broken, cell, escape, faint
from steptable.targets.words import guard_words, words

Detail: TypeAlias = Literal["guards", "effects", "names"]
"""What is said of a row beside its names: guards and own effects, every effect in order, nothing.
"""

# After the Okabe-Ito palette; the name of the side stands beside its colour.
_SIDE_INKS: Final = ("#00567F", "#8A3F6B", "#6B6300", "#00644A")


@dataclass(frozen=True)
class View:
    """Which part of a machine is drawn, and what is painted on it."""

    detail: Detail = "guards"
    side: Side | None = None
    """The only side whose events and effects are shown; None: all."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """By row: what was found out about it, in few words."""
    states: Mapping[str, str] = field(default_factory=dict)
    """The same by state."""
    painted: tuple[str, ...] = ()
    """What the marks mean, line by line, for the legend. Where there are marks, whatever has
    none is drawn as not taken: dashed and pale."""

    def is_taken(self, rows: Iterable[Row]) -> bool:
        """Whether rows are drawn as usual."""
        return not self.painted or any(row.name in self.marks for row in rows)


@dataclass(frozen=True)
class Rows:
    """Tells rows of a machine in a view."""

    machine: Machine
    view: View
    by_all: tuple[Emits, ...]
    """Acts that need no mention at a row, since every row has them."""
    by_moves: tuple[Emits, ...]
    """The same of changes of state."""

    @classmethod
    def of(cls, machine: Machine, view: View) -> Rows:
        sides = machine.sides if view.side is None else (view.side,)
        if view.detail == "effects":
            return cls(machine, view, (), ())
        by_all = _common(sides, machine.rows)
        by_moves = _common(sides, [row for row in machine.rows if not row.stays])
        return cls(machine, view, by_all, tuple(act for act in by_moves if act not in by_all))

    @property
    def sides(self) -> tuple[Side, ...]:
        return self.machine.sides if self.view.side is None else (self.view.side,)

    def lines(self, row: Row) -> list[str]:
        """A row as rows of a label: its fact and its name, its mark, and what the view tells."""
        name = row.fact.name
        if self.view.side is not None:
            name = dict(row.fact.halves)[self.view.side]
        text = [cell(f"<B>{escape(name)}</B>  {faint(row.name)}")]
        if self.view.painted:
            mark = self.view.marks.get(row.name)
            text.append(cell(f"<B>{escape(mark)}</B>" if mark else "<I>not taken</I>"))
        if self.view.detail == "guards":
            text += [cell(broken(f"if {guard_words(guard)}")) for guard in row.guards]
        elif self.view.detail == "effects":
            text += [cell(broken(f"if {guard.name}")) for guard in row.guards]
        if self.view.detail != "names":
            text += [cell(line) for line in self.effects(row)]
        return text

    def effects(self, row: Row) -> list[str]:
        """What a row does besides, told by side where the sides differ."""
        known = self.by_all if row.stays else self.by_all + self.by_moves
        if self.view.detail == "effects":
            return list(self._in_order(row))
        return self.by_side(
            (side, act) for side in self.sides for act in row.acts(side) if act not in known
        )

    def by_side(self, acts: Iterable[tuple[Side, Emits]]) -> list[str]:
        """A line per effect: without a side where all sides have it."""
        told: dict[str, list[Side]] = {}
        for side, act in acts:
            told.setdefault(_effect(act, side), []).append(side)
        return [
            broken(text)
            if tuple(sides) == self.sides
            else f"{', '.join(self._side(side) for side in sides)}: {broken(text)}"
            for text, sides in told.items()
        ]

    def _in_order(self, row: Row) -> Iterator[str]:
        """Every effect of each side, in the order they are produced."""
        for side in self.sides:
            effects = [_effect(act, side) for act in row.acts(side)]
            yield f"{self._side(side)}: {broken(', '.join(effects) or 'no effect')}"

    def _side(self, side: Side) -> str:
        ink = _SIDE_INKS[self.machine.sides.index(side) % len(_SIDE_INKS)]
        return f'<FONT COLOR="{ink}"><B>{escape(side.name)}</B></FONT>'

    def tips(self, row: Row) -> list[str]:
        """Everything declared of a row."""
        sides = self.machine.sides
        return [
            f"row {row.name}: {row.why} ({row.cites})",
            *(f"{side.name} event {name}" for side, name in row.fact.halves),
            *(f"if {guard_words(guard)}" for guard in row.guards),
            *(f"sets {name} = {words(value)}" for name, value in row.sets),
            *(f"{side.name}: {_effect(act, side)}" for side in sides for act in row.acts(side)),
        ]


def _common(sides: Sequence[Side], rows: Sequence[Row]) -> tuple[Emits, ...]:
    """The acts that every side performs in every one of the rows."""
    first = rows[0].acts(sides[0]) if rows else ()
    return tuple(act for act in first if all(act in row.acts(s) for row in rows for s in sides))


def _effect(act: Emits, side: Side) -> str:
    emission: Emission = dict(act.emissions)[side] if isinstance(act, BySide) else act
    where = "" if emission.condition is None else f" if {words(emission.condition)}"
    return f"{emission.effect.name}{where}"
