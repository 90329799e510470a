"""What a whole run found out, over all of its worlds: the one thing all formats are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from steptable.check import Judgement, Overflow, Result, idle_effects, idle_rows
from steptable.check.diagnosis import Asked, Reason, reasons
from steptable.check.mutation import unneeded_guards, unneeded_updates
from steptable.errors import Location
from steptable.explore.usage import Unused
from steptable.kept.results import Kept
from steptable.machine import Effect, Guard, Row
from steptable.properties import Property
from steptable.report.names import property_ids
from steptable.world import Variable

UNREAD: Final = "no guard and no property depends on it, so that it is not explored"
"""What is said of a variable that nothing reads."""


@dataclass(frozen=True)
class Run:
    """The results of the worlds that were explored."""

    results: tuple[Result, ...]
    skipped: tuple[str, ...] = ()
    """The worlds that the run did not come to."""
    overflows: tuple[Overflow, ...] = ()
    """Why some of those were not judged: a value leaves the bounds of the world."""
    whole: bool = True
    """Whether every world of the project was asked for, so that idle rows say something."""
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)
    """Where to look for what the run asks beyond that."""

    @cached_property
    def idle_rows(self) -> tuple[Row, ...]:
        """Rows that no world takes; empty unless every world was explored to its end."""
        return idle_rows(list(self.results)) if self._is_complete else ()

    @cached_property
    def idle_effects(self) -> tuple[Effect, ...]:
        """Effects that no world produces; empty unless every world was explored to its end."""
        return idle_effects(list(self.results)) if self._is_complete else ()

    @cached_property
    def unneeded_guards(self) -> tuple[tuple[Row, Guard], ...]:
        """Guards that no property needs: a question to ask of a run that passes, not a failure."""
        if not self._is_complete or not all(result.passes for result in self.results):
            return ()
        return tuple(unneeded_guards(self.results, self.kept))

    @cached_property
    def unread(self) -> tuple[Variable, ...]:
        """Variables of worlds that none of the worlds which have them reads: a question, too.

        Worlds of one family share declarations, and the smaller ones need not read all of them.
        """
        if not self.whole or self.skipped:
            return ()
        unread = {(v.name, v.at): v for result in self.results for v in result.unread}
        for result in self.results:
            for variable in result.world.variables:
                if variable not in result.unread:
                    unread.pop((variable.name, variable.at), None)
        return tuple(unread.values())

    @property
    def questions(self) -> list[tuple[str, Location]]:
        """What is asked of each of those guards and variables, and where it stands."""
        guards = [
            (f"guard '{guard.name}' of row '{row.name}': no property falls without it", guard.at)
            for row, guard in self.unneeded_guards
        ]
        return [*guards, *((f"variable '{v.name}': {UNREAD}", v.at) for v in self.unread)]

    @cached_property
    def unneeded_updates(self) -> tuple[tuple[Row, str], ...]:
        """Updates of fields that no property needs, by row and field: a question, too."""
        if not self._is_complete or not all(result.passes for result in self.results):
            return ()
        return tuple(unneeded_updates(self.results, self.kept))

    @cached_property
    def reasons(self) -> Mapping[Asked, Reason]:
        """Why things never come about, which takes explorations of its own."""
        return reasons(self.results, self.idle_rows)

    def reason(self, world: str, item: Unused | Row | Property) -> str:
        """Why something never comes about in a world, behind what is said of it; empty if none."""
        why = self.reasons.get((world, item))
        return f"; {why}" if why else ""

    @property
    def _is_complete(self) -> bool:
        return self.whole and not self.skipped and not any(item.stopped for item in self.results)

    @property
    def judged(self) -> list[Judgement]:
        return [judgement for result in self.results for judgement in result.judgements]

    @property
    def failing(self) -> int:
        """How many properties do not pass, though they were decided."""
        return sum(not item.passes and item.verdict != "inconclusive" for item in self.judged)

    @property
    def inconclusive(self) -> int:
        return sum(item.verdict == "inconclusive" for item in self.judged)

    @property
    def passes(self) -> bool:
        """Whether everything is as declared."""
        return (
            all(result.passes for result in self.results) and not self.skipped and not self._is_idle
        )

    @property
    def dead(self) -> list[Unused]:
        """The parts of worlds whose use is not as declared."""
        return [part for result in self.results for part in result.dead]

    @property
    def _is_idle(self) -> bool:
        return bool(self.idle_rows or self.idle_effects or self.dead)

    @property
    def exit_code(self) -> int:
        """0 all as declared, 1 something is not, 2 a bound is too narrow, 3 not all is known."""
        if self.overflows:
            return 2
        if self.failing or self._is_idle:
            return 1
        return 0 if self.passes else 3


def with_ids(result: Result) -> list[tuple[str, Judgement]]:
    """The judgements of a world, each with the stable id of its property."""
    ids = property_ids(result.world.name, [item.judged for item in result.judgements])
    return list(zip(ids, result.judgements, strict=True))
