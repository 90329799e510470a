"""What has become of the properties about a machine: each judged in both versions, side by side.

Worlds belong together by name; properties do by name, or else by what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from steptable.check import Judgement, Result, properties_of
from steptable.compare.behaviour import Renaming
from steptable.compare.normal import normal
from steptable.compare.rules import Breach, breach
from steptable.properties import Property
from steptable.world import World

Judge: TypeAlias = Callable[[World, bool], Result]
"""Explores a world; the truth says whether it is of the new version."""


@dataclass(frozen=True)
class PropertyChange:
    """One property in both versions; None where a version does not have it."""

    name: str
    old: Judgement | None
    new: Judgement | None
    restated: bool = False
    """Whether it says something else than it did."""

    @property
    def flips(self) -> bool:
        """Whether the verdict is not what it was."""
        return self.old is None or self.new is None or _verdict(self.old) != _verdict(self.new)


@dataclass(frozen=True)
class Judged:
    """A world that is not the same in both versions, explored in each that has it."""

    name: str
    old: Result | None
    new: Result | None
    properties: tuple[PropertyChange, ...]
    renamed: tuple[Renaming, ...]


def judged(old: Sequence[World], new: Sequence[World], judge: Judge) -> Iterator[Judged]:
    """The worlds that differ, of which any property may; equal worlds have equal verdicts."""
    before, after = {world.name: world for world in old}, {world.name: world for world in new}
    for name in dict.fromkeys([*after, *before]):
        first, second = before.get(name), after.get(name)
        if first == second:
            continue
        results = (
            None if first is None else judge(first, False),
            None if second is None else judge(second, True),
        )
        pairs = list(_pairs(first, second))
        yield Judged(
            name,
            *results,
            tuple(_property_change(one, two, *results) for one, two in pairs),
            tuple(
                Renaming("property", f"world {name}", one.name, two.name)
                for one, two in pairs
                if one is not None and two is not None and one.name != two.name
            ),
        )


def _pairs(
    old: World | None, new: World | None
) -> Iterator[tuple[Property | None, Property | None]]:
    before = [] if old is None else list(properties_of(old))
    after = [] if new is None else list(properties_of(new))
    kept = {item.name for item in after}
    for item in after:
        same = next((other for other in before if other.name == item.name), None)
        if same is None:
            nameless = (other for other in before if other.name not in kept)
            same = next((other for other in nameless if _said(other) == _said(item)), None)
        if same is not None:
            before.remove(same)
        yield same, item
    yield from ((item, None) for item in before)


def _said(item: Property) -> object:
    premise = None if item.premise is None else normal(item.premise)
    fact = None if item.fact is None else item.fact.name
    return item.kind, item.scope, normal(item.condition), premise, fact, item.instance


def _property_change(
    old: Property | None, new: Property | None, first: Result | None, second: Result | None
) -> PropertyChange:
    name = new.name if new is not None else "" if old is None else old.name
    restated = old is not None and new is not None and _said(old) != _said(new)
    return PropertyChange(name, _judgement(old, first), _judgement(new, second), restated)


def _judgement(item: Property | None, result: Result | None) -> Judgement | None:
    if item is None or result is None:
        return None
    return next(found for found in result.judgements if found.judged == item)


def _verdict(item: Judgement) -> tuple[str, bool, str]:
    return item.verdict, item.vacuous, item.remark


def _is_kept(item: Judgement) -> bool:
    return item.verdict in ("holds", "witnessed") and not item.vacuous


def property_breaches(worlds: Sequence[Judged]) -> Iterator[Breach]:
    """Every breach, world by world."""
    for world in worlds:
        for item in world.properties:
            where = f"world {world.name}: {item.name}"
            if item.old is not None and item.new is None:
                yield breach("promise-removed", where, "it is declared no more")
            if item.restated:
                yield breach("promise-restated", where, "its condition is another")
            if item.old is None or item.new is None or not _is_kept(item.old):
                continue
            if item.new.verdict == "inconclusive":
                told = f"it was {item.old.verdict}, and is inconclusive"
                yield breach("promise-inconclusive", where, told)
            elif not _is_kept(item.new):
                now = "vacuous" if item.new.vacuous else item.new.verdict
                yield breach("promise-broken", where, f"{item.old.verdict} → {now}")
