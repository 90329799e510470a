"""The whole difference between two versions: behaviour, words, properties, and what that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from steptable.check import idle_rows
from steptable.compare.behaviour import NO_CHANGE, Behaviour, Renaming, behaviour
from steptable.compare.imports import import_breaches
from steptable.compare.journals import journal_breaches
from steptable.compare.properties import Judge, Judged, judged, property_breaches
from steptable.compare.rules import Breach
from steptable.compare.vocabulary import Word, vocabulary
from steptable.compare.wires import wire_breaches
from steptable.errors import UsageError
from steptable.machine import Machine
from steptable.project.interchange import Declarations


@dataclass(frozen=True)
class Version:
    """One version of a project's declarations, under the name that its user gave it."""

    name: str
    declared: Declarations

    @property
    def machine(self) -> Machine:
        """Its machine. Raises `UsageError` where it has none."""
        if self.declared.machine is None:
            raise UsageError(
                f"{self.name} declares worlds and no machine, and this is of what machines do; "
                "compare two versions that have one"
            )
        return self.declared.machine


@dataclass(frozen=True)
class Difference:
    """All that is not the same in two versions."""

    old: Version
    new: Version
    behaviour: Behaviour
    words: tuple[Word, ...]
    worlds: tuple[Judged, ...]
    """The worlds that are not the same; empty, too, where properties were not to be judged."""
    breaches: tuple[Breach, ...]
    judged: bool
    """Whether properties were judged at all."""

    @property
    def subject(self) -> str:
        """What is compared: the machine by its name, or worlds that have none."""
        return "worlds" if self.new.declared.machine is None else self.new.machine.name

    @property
    def breaks(self) -> bool:
        """Whether a rule is broken that is an error."""
        return any(item.rule.severity == "error" for item in self.breaches)

    @property
    def cut_short(self) -> tuple[str, ...]:
        """Why worlds were not wholly explored, so that more may differ than is told."""
        return tuple(
            f"world '{result.world.name}': {result.stopped}"
            for world in self.worlds
            for result in (world.old, world.new)
            if result is not None and result.stopped
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        found = self.behaviour
        told = (found.changes, found.reachable, found.unreachable, found.reordered)
        return not (any(told) or self.renamed or self.words or self.breaches or self.worlds)

    @property
    def renamed(self) -> tuple[Renaming, ...]:
        return (
            *self.behaviour.renamed,
            *(item for world in self.worlds for item in world.renamed),
        )

    @cached_property
    def idle(self) -> tuple[str, ...]:
        """Rows that no world takes any more, if all worlds were explored in both versions."""
        known = {world.name for world in self.worlds}
        every = (*self.old.declared.worlds, *self.new.declared.worlds)
        results = [(world.old, world.new) for world in self.worlds]
        olds = [old for old, _ in results if old is not None]
        news = [new for _, new in results if new is not None]
        if any(world.name not in known for world in every) or any(r.stopped for r in news):
            return ()
        before = {row.name for row in idle_rows(olds)}
        return tuple(row.name for row in idle_rows(news) if row.name not in before)


def difference(old: Version, new: Version, judge: Judge | None = None) -> Difference:
    """Compare two versions; without `judge`, properties are left out."""
    worlds = () if judge is None else tuple(judged(old.declared.worlds, new.declared.worlds, judge))
    if old.declared.machine is None and new.declared.machine is None:
        breaches = tuple(dict.fromkeys(property_breaches(worlds)))
        return Difference(old, new, NO_CHANGE, (), worlds, breaches, judge is not None)
    found = behaviour(old.machine, new.machine)
    breaches = (
        *import_breaches(old.machine, new.machine),
        *wire_breaches(old.machine, new.machine),
        *journal_breaches(old.machine, new.machine, found),
        *property_breaches(worlds),
    )
    return Difference(
        old,
        new,
        found,
        vocabulary(old.machine, new.machine),
        worlds,
        tuple(dict.fromkeys(breaches)),
        judge is not None,
    )
