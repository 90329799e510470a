"""What a new version breaks for those who replay event logs, or read stored records back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from steptable.compare.behaviour import Behaviour, Change
from steptable.compare.normal import normal
from steptable.compare.rules import Breach, breach
from steptable.compare.witness import AspectKind
from steptable.machine import Constructor, Machine
from steptable.targets.python.source import annotation

_RULES: Final[dict[AspectKind, str]] = {
    # Nothing is lost where more is accepted: a log has only what was.
    "refused": "journal-guard-strengthened",
    "target": "journal-target-changed",
    "update": "journal-update-changed",
    "effects": "journal-effects-changed",
}


def journal_breaches(old: Machine, new: Machine, behaviour: Behaviour) -> Iterator[Breach]:
    """Every breach: first of the rows, then of how records begin and what they hold."""
    known = set(old.record.names)
    for change in behaviour.changes:
        yield from _of_change(change, known)
    after = {item.name: item for item in new.constructors}
    for item in old.constructors:
        if item.name in after and _start(item) != _start(after[item.name]):
            told = "it makes another record of the same arguments"
            yield breach("journal-start-changed", f"constructor {item.name}", told)
    yield from _stored(old, new)


def _of_change(change: Change, record_fields: set[str]) -> Iterator[Breach]:
    where = f"{change.state}, {change.fact}"
    if change.kind == "removed":
        names = ", ".join(row.name for row in change.old)
        yield breach("journal-row-removed", where, f"the row {names} is gone: the event is refused")
    tried = "; ".join(change.tried)
    if change.kind == "undecided":
        told = f"it is declared otherwise, and no difference was found, trying {tried}"
        yield breach("journal-undecided", where, told)
    elif not change.whole:
        told = f"there may be more than what was found, trying {tried}"
        yield breach("journal-undecided", where, told)
    for aspect, witness in change.witnesses:
        # A field that a version lacks is no part of its logs' records.
        if aspect.kind in _RULES and (aspect.kind != "update" or aspect.what in record_fields):
            told = f"{witness.event}: before, {witness.old}; now, {witness.new}"
            yield breach(_RULES[aspect.kind], where, told)


def _start(item: Constructor) -> object:
    return item.state.name, sorted((name, repr(normal(node))) for name, node in item.sets)


def _stored(old: Machine, new: Machine) -> Iterator[Breach]:
    for part in old.record:
        now, where = new.record.get(part.name), f"{old.record.name}.{part.name}"
        if now is None:
            yield breach("journal-field-removed", where, "the field is gone")
            continue
        before, after = annotation(part.sort), annotation(now.sort)
        if after not in (before, f"{before} | None"):
            told = f"it is {after} now, and was {before}"
            yield breach("journal-field-type-changed", where, told)
    for part in new.record:
        if part.is_required and old.record.get(part.name) is None:
            where = f"{new.record.name}.{part.name}"
            yield breach("journal-field-required-added", where, "it is new and has no default")
