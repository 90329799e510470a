"""What is new, gone or of another sort in what a machine speaks of, whoever that concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from steptable.machine import Machine
from steptable.sorts import Enum, Record
from steptable.targets.python.vocabulary import named_sorts, values

Sign: TypeAlias = Literal["+", "-", "~"]
"""Added, removed, changed."""

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Word:
    """Something that a machine speaks of, and what has become of it."""

    sign: Sign
    what: str


def vocabulary(old: Machine, new: Machine) -> tuple[Word, ...]:
    """Every word that is not the same."""
    changed_words = [
        *_names("state", *({s.name: s for s in m.states} for m in (old, new))),
        *_names("event", *({e.name: e for e in m.events} for m in (old, new))),
        *_names("effect", *({e.name: e for e in m.effects} for m in (old, new))),
    ]
    before, after = _records(old), _records(new)
    for name in before.keys() & after.keys():
        changed_words += _fields(before[name], after[name])
    enums = [
        {sort.name: sort for sort in named_sorts(machine) if isinstance(sort, Enum)}
        for machine in (old, new)
    ]
    for name in enums[0].keys() & enums[1].keys() - {old.state_sort.name}:
        texts = (dict.fromkeys(sorts[name].values) for sorts in enums)
        changed_words += _names(f"value of {name}", *texts)
    return tuple(sorted(set(changed_words), key=lambda word: word.what))


def _names(kind: str, before: Mapping[str, _Item], after: Mapping[str, _Item]) -> Iterator[Word]:
    yield from (Word("-", f"{kind} {name}") for name in before if name not in after)
    yield from (Word("+", f"{kind} {name}") for name in after if name not in before)


def _records(machine: Machine) -> dict[str, Record]:
    found = [
        *values(machine),
        *(event.fields for event in machine.events),
        *(effect.fields for effect in machine.effects),
        *([machine.wire.envelope] if machine.wire else []),
    ]
    return {record.name: record for record in found}


def _fields(old: Record, new: Record) -> Iterator[Word]:
    for part in old:
        now = new.get(part.name)
        name = f"field {old.name}.{part.name}"
        if now is None:
            yield Word("-", name)
        elif str(now.sort) != str(part.sort):
            yield Word("~", f"{name}: {part.sort} → {now.sort}")
        elif now.default != part.default:
            yield Word("~", f"{name}: its default")
    for part in new:
        if old.get(part.name) is None:
            yield Word("+", f"field {new.name}.{part.name}")
