"""The values that stand in for what a world keeps no values of."""

from __future__ import annotations

from typing import Any

from steptable.interpreter.evaluate import empty
from steptable.sorts import (
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)


class _Fixed(dict[Any, Any]):
    """A dict that is never changed, so that it can be looked up as any value in a domain can."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def stand_in(sort: Opaque) -> Any:
    """The one value that an opaque field has in a world."""
    match sort.shape:
        case "text":
            return ""
        case "number":
            return 0
        case "flag":
            return False
        case "list":
            return ()
        case "value" if sort.of is not None:
            return _some(sort.of)
        case _:
            return _Fixed()


def _some(sort: Sort) -> Any:
    """Some value of a sort that an opaque one is a plain one of."""
    match sort:
        case Opaque():
            return stand_in(sort)
        case Truth():
            return False
        case Enum(values=(first, *_)):
            return first
        case Symbol(parts=parts, separator=separator):
            # Of a composite one, the form is asked for where it is read.
            return separator.join("-" for _ in parts)
        case Integer(low, high):
            return min(max(low, 0), high)
        case Instant() | Duration():
            return 0
        case Record():
            return _Fixed((part.name, _part(part)) for part in sort)
        case Optional():
            return None
        case _:
            return _Fixed()


def _part(part: Field) -> Any:
    """Some value of a field."""
    return _some(part.sort) if part.is_required else _fixed(empty(part))


def _fixed(value: Any) -> Any:
    """A value without dicts that may be changed."""
    if not isinstance(value, dict):
        return value
    return _Fixed((name, _fixed(item)) for name, item in value.items())
