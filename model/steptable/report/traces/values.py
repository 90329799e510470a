"""Values of a trace as people read them: by their sort, and without what only stands in.

Where fields are chosen by name, None stands for all of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from steptable.interpreter.evaluate import Tagged, Values
from steptable.sorts import (
    Bag,
    Duration,
    Field,
    Instant,
    Map,
    Opaque,
    Queue,
    Record,
    Sort,
    Truth,
    Variant,
    inner,
)


def fields(record: Record, values: Values, relevant: Container[str] | None) -> str:
    """The fields of a record that are relevant and known, as `name=value, …`."""
    return ", ".join(
        f"{part.name}={shown(part.sort, values[part.name], relevant)}"
        for part in _kept(record, relevant)
        if values.get(part.name) not in (None, {})
    )


def _kept(record: Record, relevant: Container[str] | None) -> Iterator[Field]:
    for part in record:
        wanted = relevant is None or part.name in relevant
        if wanted and not isinstance(inner(part.sort), Opaque):
            yield part


def shown(sort: Sort, value: Any, relevant: Container[str] | None) -> str:
    """One value."""
    if value is None:
        return "nothing"
    match inner(sort):
        case Record() as record:
            return f"{{{fields(record, value, relevant)}}}"
        case Map(value=of):
            items = (f"{key}: {shown(of, item, relevant)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case Queue(of=of):
            return f"[{', '.join(shown(of, item, relevant) for item in value)}]"
        case Bag(most=1):
            return f"{{{', '.join(str(key) for key, count in value.items() if count)}}}"
        case Bag():
            return f"{{{', '.join(f'{key}: {count}' for key, count in value.items() if count)}}}"
        case Variant() as variant:
            return _payload(variant, value, relevant)
        case Instant():
            return f"t+{value}s"
        case Duration():
            return f"{value}s"
        case Truth():
            return "true" if value else "false"
    return str(value)


def _payload(variant: Variant, value: Tagged, relevant: Container[str] | None) -> str:
    case = variant.case(value.name)
    told = "" if case is None else fields(case, value.fields, relevant)
    return f"{value.name}({told})"


def changes(
    record: Record, before: Values, after: Values, relevant: Container[str] | None, path: str = ""
) -> Iterator[str]:
    """What differs between two records, as `name old → new`, or `name → new` where none was."""
    for part in _kept(record, relevant):
        yield from _change(
            f"{path}{part.name}", part.sort, before[part.name], after[part.name], relevant
        )


def _change(
    path: str, sort: Sort, before: Any, after: Any, relevant: Container[str] | None
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
