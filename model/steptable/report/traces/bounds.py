"""Which bound to lower where a world grows too large: the one behind a variable."""

from __future__ import annotations

from steptable.partial.paths import About, Entry, Part, Path, Slot
from steptable.sorts import (
    Bag,
    Duration,
    Field,
    Instant,
    Integer,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Variant,
    inner,
)
from steptable.world import World


def bound_behind(world: World, path: Path) -> str | None:
    """The bound of a variable that an explorer stores, or None where its values are fixed."""
    name = path.root
    part = world.state.get(name)
    if part is None:
        return None
    sort: Sort = part.sort
    around: str | None = None
    for segment in path.segments[1:]:
        match inner(sort), segment:
            case Queue(capacity=capacity), About.LENGTH:
                return _capacity(name, capacity)
            case Queue(of=of, capacity=capacity), Slot():
                sort, around = of, _capacity(name, capacity)
            case Bag(most=most), Entry():
                return f"how many bag '{name}' holds of each, {most}"
            case Map(key=key, value=value), Entry():
                sort, around = value, _of_sort(world, name, key)
            case Record() as record, Part(field):
                sort = _part(record.get(field), sort)
            case Variant(cases=cases), Part(field):
                found = (case.get(field) for case in cases)
                sort = _part(next((item for item in found if item), None), sort)
    # Whether something is known does not depend on what it may be.
    return (None if path.is_presence else _of_sort(world, name, inner(sort))) or around


def takes_from_world(sort: Sort) -> bool:
    """Whether a sort has values that no sort names: they are in the bounds of a world."""
    match sort:
        case Symbol() | Instant() | Duration():
            return True
        case Integer(low, high):
            return high - low >= 4096
        case Optional(of=of) | Queue(of=of) | Bag(of=of):
            return takes_from_world(of)
        case Map(key=key, value=value):
            return takes_from_world(key) or takes_from_world(value)
        case Record(fields=fields):
            return any(takes_from_world(part.sort) for part in fields)
        case Variant(cases=cases):
            return any(map(takes_from_world, cases))
    return False


def _capacity(name: str, capacity: int) -> str:
    return f"the capacity of queue '{name}', {capacity}"


def _part(field: Field | None, sort: Sort) -> Sort:
    return sort if field is None else field.sort


def _of_sort(world: World, name: str, sort: Sort) -> str | None:
    match sort:
        case Instant():
            return f"the instants of the bounds, {len(world.bounds.instants)}"
        case Symbol():
            return f"the symbols of {sort.name} in the bounds, {len(world.bounds.of(sort))}"
        case Integer(low, high) if high - low < 4096:
            return f"the range of '{name}', {low} to {high}"
        case Integer():
            return f"the numbers of the bounds, {len(world.bounds.numbers)}"
    return None
