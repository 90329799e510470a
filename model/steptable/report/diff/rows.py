"""What a change makes of rows, line by line: what is new, what is gone.

Lines are compared by what they mean: a guard under another name is the same line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from steptable.compare.behaviour import Change
from steptable.compare.normal import normal
from steptable.compare.vocabulary import Sign
from steptable.machine import Emission, Machine, Row
from steptable.targets.words import guard_words, words


@dataclass(frozen=True)
class Line:
    """Something that a row says, and what has become of it."""

    sign: Sign
    text: str
    shown_by_place: bool = False
    """Whether a drawing shows it without words: where a row leads."""


def changed_lines(change: Change, old: Machine, new: Machine) -> list[Line]:
    """What the rows of a change say otherwise; where there is one row before and after, no more."""
    before = [said for row in change.old for said in _statements(row, old)]
    after = [said for row in change.new for said in _statements(row, new)]
    if len(change.old) != 1 or len(change.new) != 1:
        return [_line("-", said) for said in before] + [_line("+", said) for said in after]
    gone = {key for key, _ in before} - {key for key, _ in after}
    added = {key for key, _ in after} - {key for key, _ in before}
    lines = [_line("-", said) for said in before if said[0] in gone]
    lines += [_line("+", said) for said in after if said[0] in added]
    return lines + list(_reordered(change.old[0], change.new[0], old, new))


def _line(sign: Sign, statement: _Statement) -> Line:
    (kind, *_), text = statement
    return Line(sign, text, shown_by_place=kind == "target")


_Statement: TypeAlias = tuple[tuple[object, ...], str]
"""What something means, its kind first, and its words."""


def _statements(row: Row, machine: Machine) -> Iterator[_Statement]:
    """Each thing that a row says."""
    target = row.ends[1].name
    yield ("target", target), f"{row.name}: → {target}"
    for guard in row.guards:
        yield ("guard", normal(guard.condition)), f"if {guard_words(guard)}"
    for name, node in row.sets:
        yield ("set", name, normal(node)), f"{name} = {words(node)}"
    sides_emitting: dict[tuple[object, str], list[str]] = {}
    for side in machine.sides:
        for emission in row.emissions(side):
            sides_emitting.setdefault((_meaning(emission), emission_words(emission)), []).append(
                side.name
            )
    for (meaning, text), sides in sides_emitting.items():
        whose = "" if len(sides) == len(machine.sides) else f"{', '.join(dict.fromkeys(sides))}: "
        yield ("effect", meaning, tuple(sides)), f"{whose}{text}"


def _meaning(emission: Emission) -> object:
    condition = None if emission.condition is None else normal(emission.condition)
    fields = tuple(sorted((name, repr(normal(node))) for name, node in emission.fields))
    return emission.effect.name, condition, fields


def emission_words(emission: Emission) -> str:
    """An effect with its fields and its condition, on one line."""
    fields = ", ".join(f"{name}: {words(node)}" for name, node in emission.fields)
    where = "" if emission.condition is None else f" if {words(emission.condition)}"
    return f"{emission.effect.name} ({fields}){where}"


def _reordered(old: Row, new: Row, before: Machine, after: Machine) -> Iterator[Line]:
    """Effects that are the same but for their order, which is behaviour."""
    names = {side.name for side in before.sides}
    for side in after.sides:
        if side.name in names:
            one, two = old.emissions(side), new.emissions(side)
            if one != two and _multiset(one) == _multiset(two):
                yield Line("-", f"{side.name}: {_in_order(one)}")
                yield Line("+", f"{side.name}: {_in_order(two)}")


def _multiset(emissions: Sequence[Emission]) -> list[str]:
    return sorted(repr(_meaning(item)) for item in emissions)


def _in_order(emissions: Sequence[Emission]) -> str:
    return ", then ".join(item.effect.name for item in emissions)
