"""What an exploration found, said of a world as it is declared: results, with traces to show.

Each trace is taken again, by the interpreter and by the generated reducer, before anybody sees it;
whether a finding is still as pinned is judged by what is pinned now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from steptable.check.pinning import differs, pin
from steptable.check.plain_results import (
    PlainOutcome,
    PlainResult,
    PlainTrace,
    PlainVerdict,
    path_of,
)
from steptable.check.verdicts import Judgement, Result, properties_of
from steptable.explore.overflows import overflow
from steptable.explore.retracing import Disagreement, Retracer, Trace
from steptable.explore.system.builder import build
from steptable.explore.system.keys import PremiseKey
from steptable.explore.system.premises import Premises
from steptable.explore.usage import unused_parts
from steptable.properties import Property
from steptable.targets.structs import Structs
from steptable.world import World


def result(
    world: World, finding: PlainOutcome, structs: Mapping[str, Structs], seconds: float
) -> Result:
    """The result of a world. Raises `Disagreement` where a trace can't be taken as it was found,
    and `Overflow` where it leads out of bounds.
    """
    if isinstance(finding, PlainResult):
        return _Teller(world, structs).result(finding, seconds)
    # Generated code refuses values that are none of their sort: the interpreter goes alone.
    trace = _Teller(world, {}).trace(finding.trace, f"the way out of the bounds of '{world.name}'")
    raise overflow(build(world), replace(trace, leaves_bounds=True))


class _Teller:
    def __init__(self, world: World, structs: Mapping[str, Structs]) -> None:
        self.world = world
        self.retracer = Retracer(world, structs)

    @cached_property
    def premises(self) -> Premises:
        return Premises.of_world(self.world)

    def result(self, exploration: PlainResult, seconds: float) -> Result:
        judged = zip(properties_of(self.world), exploration.verdicts, strict=True)
        return Result(
            self.world,
            tuple(_pinned(self._judgement(item, verdict)) for item, verdict in judged),
            states=exploration.states,
            transitions=exploration.transitions,
            levels=exploration.levels,
            rows_taken=exploration.rows_taken,
            effects_emitted=frozenset(exploration.effects_emitted),
            idle_actions=exploration.idle_actions,
            unused=unused_parts(self.world, set(exploration.used), whole=not exploration.stopped),
            unread=tuple(item for item in self.world.variables if item.name in exploration.unread),
            stopped=exploration.stopped,
            growth=tuple((path_of(path), count) for path, count in exploration.growth),
            seconds=seconds,
            symmetry=exploration.symmetry,
            asymmetry=exploration.asymmetry,
        )

    def _judgement(self, item: Property, verdict: PlainVerdict) -> Judgement:
        trace = None
        if verdict.trace is not None:
            trace = self.trace(verdict.trace, f"property '{item.name}'")
            if not self.retracer.shows(trace, item):
                raise self._disagreement(f"property '{item.name}'")
        unmet = tuple(self.premises.of[PremiseKey(index)].text_node for index in verdict.unmet)
        return Judgement(item, verdict.verdict, trace, unmet)

    def trace(self, trace_found: PlainTrace, what: str) -> Trace:
        trace = self.retracer.again(trace_found.key, trace_found.loop, trace_found.steps)
        if trace is None:
            raise self._disagreement(what)
        return trace

    def _disagreement(self, what: str) -> Disagreement:
        return Disagreement(
            f"world '{self.world.name}', {what}: the explorer and the interpreter disagree; "
            "this is a bug of steptable"
        )


def _pinned(judgement: Judgement) -> Judgement:
    """The verdict on a property that is declared as a finding: still so, or not as pinned."""
    item = judgement.judged
    if item.finding is None or judgement.verdict == "inconclusive":
        return judgement
    if judgement.verdict != "violated" or judgement.trace is None:
        remark, advice = _not_seen_to_fail(judgement)
        return replace(judgement, remark=remark, advice=advice)
    wanted = pin(judgement.trace)
    if remark := differs(item.finding, judgement.trace):
        advice = f"if that is what it explains now, write {wanted}"
        return replace(judgement, remark=remark, advice=advice)
    advice = "" if item.finding.through else f"it is pinned by its length alone; write {wanted}"
    return replace(judgement, verdict="finding", advice=advice)


def _not_seen_to_fail(judgement: Judgement) -> tuple[str, str]:
    """What is said of a finding that has no counterexample any more, and what to do about it."""
    if judgement.vacuous:
        remark = "it is declared as a finding, but nothing puts it to the test any more"
        return remark, "let its premise be met again, or take the promise out"
    remark = "it is declared as a finding, but fails no longer"
    return remark, "declare it as a promise again"
