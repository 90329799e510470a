"""What a new version breaks for those who send or receive reports.

The two ends need not be of one version, so both directions count: reports of an old sender at
a new receiver, and of a new sender at an old receiver. Receivers pass over keys that they do
not know, and take a default where a key with one is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from steptable.compare.rules import Breach, breach
from steptable.machine import Machine
from steptable.sorts import (
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
    inner,
)


def wire_breaches(old: Machine, new: Machine) -> Iterator[Breach]:
    """Every breach; none where the old version has no wire."""
    if old.wire is None:
        return
    if new.wire is None:
        yield breach("wire-removed", f"machine {new.name}", "it declares no wire any more")
        return
    first, second = old.wire, new.wire
    if first.event_field != second.event_field:
        problem = f"the report stands under {second.event_field}, not {first.event_field}"
        yield breach("wire-field-renamed", first.envelope.name, problem)
    apart = {first.event_field, second.event_field}
    yield from _record(first.envelope, second.envelope, first.envelope.name, apart)
    after = {fact.name: fact for fact in new.facts}
    for fact in old.facts:
        if fact.name not in after:
            yield breach("wire-kind-removed", f"kind {fact.name}", "it is gone")
        else:
            payloads = old.payload(fact), new.payload(after[fact.name])
            yield from _record(*payloads, fact.name, set())
    known = {fact.name for fact in old.facts}
    for name in after:
        if name not in known:
            yield breach("wire-kind-added", f"kind {name}", "it is new")


def _record(old: Record, new: Record, where: str, apart: set[str]) -> Iterator[Breach]:
    """What differs of a JSON object, `where` is its path."""
    gone = [p for p in old if new.get(p.name) is None and p.name not in apart]
    added = [p for p in new if old.get(p.name) is None and p.name not in apart]
    for part in gone:
        now = next((p for p in added if p.sort == part.sort), None)
        if now is not None:
            added.remove(now)
            problem = f"the key is {_key(now.name)} now"
            yield breach("wire-field-renamed", f"{where}.{_key(part.name)}", problem)
        elif part.is_required:
            yield breach("wire-field-removed", f"{where}.{_key(part.name)}", "the key is gone")
    for part in added:
        if part.is_required:
            problem = "it is new and must be there"
            yield breach("wire-field-required-added", f"{where}.{_key(part.name)}", problem)
    for part in old:
        now = new.get(part.name)
        if now is not None and part.name not in apart:
            yield from _field(part, now, f"{where}.{_key(part.name)}")


def _field(old: Field, new: Field, where: str) -> Iterator[Breach]:
    if new.is_required and not old.is_required:
        yield breach("wire-field-now-required", where, "it may be left out no longer")
    elif old.is_required and not new.is_required:
        yield breach("wire-field-now-optional", where, "it may be left out now")
    elif old.default != new.default:
        yield breach("wire-default-changed", where, f"left out, it is {new.default!r} now")
    # Whether there may be nothing is a matter of the key; of a map's values, of the type.
    yield from _sort(inner(old.sort), inner(new.sort), where)


def _sort(old: Sort, new: Sort, where: str) -> Iterator[Breach]:
    match old, new:
        case Integer(), Integer():
            if new.low > old.low or new.high < old.high:
                problem = f"it is {_range(new)} now, and was {_range(old)}"
                yield breach("wire-number-narrowed", where, problem)
            if new.low < old.low or new.high > old.high:
                problem = f"it is {_range(new)} now, and was {_range(old)}"
                yield breach("wire-number-widened", where, problem)
        case Enum(), Enum():
            for value in old.values:
                if value not in new.values:
                    yield breach("wire-value-removed", where, f"{value!r} is gone")
            for value in new.values:
                if value not in old.values:
                    yield breach("wire-value-added", where, f"{value!r} is new")
        case Record(), Record():
            yield from _record(old, new, where, set())
        case Map(), Map():
            yield from _sort(old.key, new.key, f"a key of {where}")
            yield from _sort(inner(old.value), inner(new.value), f"{where}.*")
        case Opaque(shape=shape, of=old_of), Opaque(shape=other, of=new_of) if shape == other:
            if old_of is not None and new_of is not None:
                within = {"list": f"{where}[]", "map": f"{where}.*"}.get(shape, where)
                yield from _sort(inner(old_of), inner(new_of), within)
        case _ if _text(old) != _text(new):
            problem = f"it is {_text(new)} now, and was {_text(old)}"
            yield breach("wire-field-type-changed", where, problem)


def _range(sort: Integer) -> str:
    return f"{sort.low:,} to {sort.high:,}"


def _text(sort: Sort) -> str:
    """What a value is on the wire."""
    match sort:
        case Truth() | Opaque(shape="flag"):
            return "true or false"
        case Integer():
            return "an integer"
        case Instant():
            return "a time"
        case Duration():
            return "a duration"
        case Enum():
            return f"one of {', '.join(sort.values)}"
        case Symbol(parts=parts, separator=separator) if parts:
            return f"text, {separator.join(f'{{{part}}}' for part in parts)}"
        case Symbol() | Opaque(shape="text"):
            return "text"
        case Opaque(shape="number"):
            return "a number"
        case Opaque(shape="value", of=of) if of is not None:
            return _text(of)
        case Opaque(shape="list"):
            return "a list"
        case Opaque(shape="map") | Map() | Record():
            return "an object"
        case Optional(of=of):
            return f"{_text(of)} or null"
    return str(sort)


def _key(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
