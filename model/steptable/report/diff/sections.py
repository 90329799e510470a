"""What is said of a difference, in the order in which a reviewer wants it; the forms follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from steptable.check import Judgement, Result
from steptable.compare.behaviour import Change
from steptable.compare.difference import Difference
from steptable.compare.properties import Judged, PropertyChange
from steptable.compare.telling import shown
from steptable.compare.witness import Aspect, Witness
from steptable.report.diff.rows import Line, changed_lines
from steptable.report.formats.text import count
from steptable.report.traces.lines import TraceWriter
from steptable.report.traces.verdict import broken


@dataclass(frozen=True)
class Item:
    """One thing that is told."""

    label: str
    """What has become of it, in a word or two."""
    what: str
    name: str = ""
    """What can be typed or searched for: a rule."""
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    """A way to where it shows, step by step."""


@dataclass(frozen=True)
class Section:
    """Things of one kind."""

    title: str
    items: tuple[Item, ...] = field(default=())


def verdict(difference: Difference) -> str:
    """The difference in a sentence."""
    if difference.is_empty:
        return "no difference"
    errors = sum(item.rule.severity == "error" for item in difference.breaches)
    warnings = len(difference.breaches) - errors
    kinds = [change.kind for change in difference.behaviour.changes]
    behaving = sum(kind not in ("same", "undecided") for kind in kinds)
    said = [
        f"{count(errors, 'rule')} broken" if errors else "no rule broken",
        *([count(warnings, "warning")] if warnings else []),
        f"{count(behaving, 'change')} of behaviour" if behaving else "no change of behaviour found",
    ]
    flips = sum(item.flips for world in difference.worlds for item in world.properties)
    if difference.judged:
        said.append(count(flips, "verdict") + (" differs" if flips == 1 else " differ"))
    return ", ".join(said)


def sections(difference: Difference) -> list[Section]:
    """All that is to be told, without what is empty."""
    every = (
        Section("What it breaks", tuple(breaches(difference))),
        Section("Behaviour", tuple(_behaviour(difference))),
        Section("Promises", tuple(_properties(difference))),
        Section("Vocabulary", tuple(Item(_SIGNS[w.sign], w.what) for w in difference.words)),
        Section("No change in behaviour", tuple(_alike(difference))),
        Section("Not compared", tuple(_missing(difference))),
    )
    return [section for section in every if section.items]


_SIGNS: Final = {"+": "added", "-": "removed", "~": "changed"}


def breaches(difference: Difference) -> Iterator[Item]:
    """The rules that are broken, errors first."""
    for item in sorted(difference.breaches, key=lambda breach: breach.rule.severity):
        rule = item.rule
        yield Item(rule.severity, f"{item.where}: {item.what}; {rule.why}", rule.name)


def _behaviour(difference: Difference) -> Iterator[Item]:
    for change in difference.behaviour.changes:
        if change.kind != "same":
            yield _change(change, difference)
    for state in difference.behaviour.reachable:
        yield Item("reachable", f"{state} can be reached now")
    for state in difference.behaviour.unreachable:
        yield Item("unreachable", f"{state} can be reached no longer")
    for row in difference.idle:
        yield Item("never taken", f"row {row} is taken in no world any more")


def _change(change: Change, difference: Difference) -> Item:
    ways = dict.fromkeys(_way(aspect) for aspect, _ in change.witnesses)
    what = f"{change.state}, {change.fact}"
    if change.kind == "undecided":
        what += ": declared otherwise; no difference was found, but not all could be tried"
    elif ways:
        what += f": {', '.join(ways)}"
    notes = [note for aspect, witness in change.witnesses for note in _example(aspect, witness)]
    notes += [f"compared on {text}" for text in change.tried]
    lines = changed_lines(change, difference.old.machine, difference.new.machine)
    return Item(change.kind, what, lines=tuple(lines), notes=tuple(notes))


def _way(aspect: Aspect) -> str:
    match aspect.kind:
        case "refused":
            return "refuses what it accepted"
        case "accepted":
            return "accepts what it refused"
        case "target":
            return "leads elsewhere"
        case "update":
            return f"sets {aspect.what} otherwise"
        case "effects":
            return f"has other effects ({aspect.what})"


def _example(aspect: Aspect, witness: Witness) -> Iterator[str]:
    yield f"{_way(aspect)}: {witness.event}{inputs(witness)}"
    yield f"    {witness.old}"
    yield f"  → {witness.new}"


def inputs(witness: Witness) -> str:
    """What an example depends on, by what it is part of."""
    told: dict[str, list[str]] = {}
    for (root, name), value in witness.inputs.varied:
        told.setdefault(root, []).append(f"{name}={shown(value)}")
    return "".join(f"; {root} {', '.join(texts)}" for root, texts in told.items())


def _properties(difference: Difference) -> Iterator[Item]:
    for world in difference.worlds:
        sizes = [_size(result) for result in (world.old, world.new)]
        label = "added" if world.old is None else "removed" if world.new is None else "explored"
        yield Item(label, f"world {world.name}: {' → '.join(dict.fromkeys(sizes))}")
        for item in world.properties:
            if item.flips and world.old is not None and world.new is not None:
                yield _flip(world, item)


def _size(result: Result | None) -> str:
    if result is None:
        return "none"
    order = f" up to the order of {result.symmetry}" if result.symmetry else ""
    return f"{count(result.states, 'state')}{order}"


def _flip(world: Judged, item: PropertyChange) -> Item:
    old, new = (_word(judgement) for judgement in (item.old, item.new))
    shown_one = item.new if item.new is not None and item.new.trace is not None else item.old
    result = world.new if shown_one is item.new else world.old
    trace: list[str] = []
    if shown_one is not None and shown_one.trace is not None and result is not None:
        told = TraceWriter.of(result.world, [shown_one.judged]).lines(shown_one.trace)
        trace = [f"{line.label:<9}{line.party:<10}{line.text}".rstrip() for line in told]
        why = broken(shown_one.judged, result.world, shown_one.trace)
        trace += [f"{'but':<9}{'':<10}{why}"] if why else []
        which = "the new version" if shown_one is item.new else "the old version"
        trace.insert(0, f"in {which}, trace {shown_one.trace.key}:")
    notes: list[str] = []
    if judged := item.new or item.old:
        notes.append(f"{judged.judged.why} ({judged.judged.cites})")
        notes += [judged.remark] if judged.remark else []
    return Item(f"{old} → {new}", item.name, notes=tuple(notes), trace=tuple(trace))


def _word(judgement: Judgement | None) -> str:
    if judgement is None:
        return "not declared"
    if judgement.remark:
        return "not as pinned"
    return "vacuous" if judgement.vacuous else judgement.verdict


def _alike(difference: Difference) -> Iterator[Item]:
    for item in difference.renamed:
        yield Item("renamed", f"{item.what} {item.old} → {item.new} ({item.where})")
    for row in difference.behaviour.reordered:
        told = "tries its guards in another order; a refusal may give another reason"
        yield Item("reordered", f"row {row} {told}")
    for change in difference.behaviour.changes:
        if change.kind == "same":
            lines = changed_lines(change, difference.old.machine, difference.new.machine)
            told = f"written otherwise, and no difference on {'; '.join(change.tried)}"
            yield Item("same", f"{change.state}, {change.fact}: {told}", lines=tuple(lines))


def _missing(difference: Difference) -> Iterator[Item]:
    if not difference.judged:
        yield Item("left out", "promises were not judged")
    thorough = {w.name: w for w in difference.old.declared.thorough} != {
        w.name: w for w in difference.new.declared.thorough
    }
    if difference.judged and thorough:
        yield Item("left out", "the larger worlds are not the same, and were not explored")
