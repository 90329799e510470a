"""Values of a trace as people read them: by their sort, and without what only stands in."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from steptable.evaluate import Values
from steptable.sorts import (
    Enum,
    Field,
    Instant,
    Map,
    Opaque,
    Record,
    Sort,
    Truth,
    inner,
)


def fields(record: Record, values: Values, relevant: Container[str]) -> str:
    """The fields of a record that are relevant and known, as `name=value, …`."""
    return ", ".join(
        f"{part.name}={shown(part.sort, values[part.name], relevant)}"
        for part in _kept(record, relevant)
        if values.get(part.name) not in (None, {})
    )


def _kept(record: Record, relevant: Container[str]) -> Iterator[Field]:
    for part in record:
        if part.name in relevant and not isinstance(inner(part.sort), Opaque):
            yield part


def shown(sort: Sort, value: Any, relevant: Container[str]) -> str:
    """One value."""
    if value is None:
        return "nothing"
    match inner(sort):
        case Record() as record:
            return f"{{{fields(record, value, relevant)}}}"
        case Map(value=of):
            items = (f"{key}: {shown(of, item, relevant)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case Instant():
            return f"t+{value}s"
        case Truth():
            return "true" if value else "false"
        case Enum():
            return str(value)
    return str(value)


def changes(
    record: Record, before: Values, after: Values, relevant: Container[str], path: str = ""
) -> Iterator[str]:
    """What differs between two records, as `name old → new`, or `name → new` where none was."""
    for part in _kept(record, relevant):
        yield from _change(
            f"{path}{part.name}", part.sort, before[part.name], after[part.name], relevant
        )


def _change(
    path: str, sort: Sort, before: Any, after: Any, relevant: Container[str]
) -> Iterator[str]:
    match inner(sort):
        case _ if before == after:
            return
        case Record() as record if before is not None and after is not None:
            yield from changes(record, before, after, relevant, f"{path}.")
        case Map(value=of) if before is not None and after is not None:
            for key in dict.fromkeys([*before, *after]):
                yield from _change(f"{path}[{key}]", of, before.get(key), after.get(key), relevant)
        case _:
            old = "" if before is None else f"{shown(sort, before, relevant)} "
            yield f"{path} {old}→ {shown(sort, after, relevant)}"
