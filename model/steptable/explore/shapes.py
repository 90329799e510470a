"""Takes values apart into scalar variables with finite domains, and puts scalars together.

The names are paths: `host.soak_due_at?` is whether there is a deadline, `host.soak_due_at`
which; `host.probes[a]?` is whether probe a has a record, `host.probes[a].status` its status.
The value of an absent optional is always the first of its domain, so that equal states
have equal scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.errors import UsageError
from steptable.evaluate import empty
from steptable.explore.symbolic import (
    ABSENT,
    FALSE,
    Entries,
    Fields,
    Option,
    Scalar,
    Symbolic,
    as_option,
    choice,
    constant,
)
from steptable.sorts import (
    Enum,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)
from steptable.world import Bounds

Reader: TypeAlias = Callable[[Any], Any]
"""Finds the value of a variable in a whole value; None where it is not there."""

_MOST_VALUES: Final = 4096
"""An integer with more values than this has no place in a finite world."""


@dataclass(frozen=True)
class Variable:
    """A scalar with the values it can take. Opaque ones take a single one."""

    name: str
    sort: Sort
    domain: tuple[Any, ...]
    read: Reader = field(compare=False, repr=False)

    @property
    def is_numeric(self) -> bool:
        return isinstance(self.sort, Integer | Instant)

    def value_in(self, whole: Any) -> Any:
        """Its value in a whole value, with the stand-in for what is absent."""
        value = self.read(whole)
        return self.domain[0] if value is None or isinstance(self.sort, Opaque) else value


def working_value(variable: Variable, value: Any) -> Any:
    """The value that engines compute with: numbers and truths as they are, all else by position."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return value if plain else variable.domain.index(value)


def value_of(variable: Variable, working: Any) -> Any:
    """The value of a variable, out of what an engine computes with."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return working if plain else variable.domain[working]


@dataclass
class Shaper:
    """Declares the variables of values under a world's bounds."""

    bounds: Bounds
    variables: dict[str, Variable] = field(default_factory=dict)

    def shape(self, name: str, sort: Sort, read: Reader) -> Symbolic:
        """A value of a sort, all of whose scalars are variables."""
        match sort:
            case Optional(of=of):
                present = self._declare(f"{name}?", Truth(), lambda w: read(w) is not None)
                return Option(present, self.shape(name, of, read))
            case Record(fields=fields):
                return Fields(
                    {
                        part.name: self.shape(
                            f"{name}.{part.name}", part.sort, _field_of(read, part.name)
                        )
                        for part in fields
                    }
                )
            case Map(key=key, value=value):
                entries = {
                    at: self.shape(f"{name}[{at}]", Optional(value), _field_of(read, at))
                    for at in self.bounds.of(key)
                }
                return Entries({at: as_option(entry) for at, entry in entries.items()})
            case _:
                return self._declare(name, sort, read)

    def _declare(self, name: str, sort: Sort, read: Reader) -> Scalar:
        self.variables[name] = Variable(name, sort, self.domain(name, sort), read)
        return expr.Bound(name)

    def domain(self, name: str, sort: Sort) -> tuple[Any, ...]:
        """The values of a scalar sort under the bounds."""
        match sort:
            case Truth():
                return (False, True)
            case Enum():
                return sort.values
            case Symbol():
                return self.bounds.of(sort)
            case Instant():
                return self.bounds.instants
            case Integer(low, high) if high - low < _MOST_VALUES:
                return tuple(range(low, high + 1))
            case Integer(low=low):
                return (max(low, 0),)  # stands in; a fault if something depends on it
            case Opaque():
                return (stand_in(sort),)
        raise UsageError(f"{name}: {sort} has no finite domain in a world")


def is_stand_in(variable: Variable) -> bool:
    """Whether an integer has one value only because its sort is too large for a world."""
    sort = variable.sort
    return isinstance(sort, Integer) and sort.high - sort.low >= _MOST_VALUES


def assemble(name: str, sort: Sort, values: Mapping[str, Any]) -> Any:
    """The whole value of a sort, out of the values of its variables; others stand in."""
    match sort:
        case Optional(of=of):
            return assemble(name, of, values) if values.get(f"{name}?") else None
        case Record(fields=fields):
            return {
                part.name: assemble(f"{name}.{part.name}", part.sort, values) for part in fields
            }
        case Map():
            raise UsageError(f"{name}: an event can't carry a map in a world")
        case _:
            return values[name]


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
        case "value" if isinstance(sort.of, Record):
            return {part.name: empty(part) for part in sort.of if not part.is_required}
        case _:
            return {}


def _field_of(read: Reader, name: str) -> Reader:
    def found(whole: Any) -> Any:
        value = read(whole)
        return None if value is None else value.get(name)

    return found


def concrete(sort: Sort, value: Any) -> Symbolic:
    """A value that is wholly known."""
    match sort:
        case Optional(of=of):
            return ABSENT if value is None else Option(constant(True), concrete(of, value))
        case Record(fields=fields):
            return Fields({part.name: concrete(part.sort, value[part.name]) for part in fields})
        case Map(value=of):
            return Entries(
                {at: Option(constant(True), concrete(of, item)) for at, item in value.items()}
            )
        case _:
            return constant(value)


def scalars(
    name: str, shape: Symbolic, value: Symbolic, first: Mapping[str, Any]
) -> dict[str, Scalar]:
    """What each variable of a shape becomes when a value is stored in it.

    `first` gives the first value of each variable's domain, which stands in for absent ones.
    """
    match shape:
        case expr.Bound(variable):
            assert isinstance(value, expr.Node)
            return {variable: value}
        case Option(expr.Bound(presence), inside):
            option = as_option(value)
            assert inside is not None
            if option.value is None:
                return {presence: FALSE} | _absent(name, inside, first)
            kept = scalars(name, inside, option.value, first)
            guarded = {
                variable: _guard(option.present, node, first[variable])
                for variable, node in kept.items()
            }
            return {presence: option.present} | guarded
        case Fields(of):
            assert isinstance(value, Fields)
            return {
                key: node
                for part in of
                for key, node in scalars(f"{name}.{part}", of[part], value.of[part], first).items()
            }
        case Entries(of):
            assert isinstance(value, Entries)
            return {
                key: node
                for at, entry in of.items()
                if entry is not value.of.get(at)
                for key, node in scalars(
                    f"{name}[{at}]", entry, value.of.get(at, ABSENT), first
                ).items()
            }
    raise TypeError(f"{name} is no shape")


def _guard(present: Scalar, node: Scalar, first: Any) -> Scalar:
    guarded = choice(present, node, constant(first))
    assert isinstance(guarded, expr.Node)
    return guarded


def _absent(name: str, shape: Symbolic, first: Mapping[str, Any]) -> dict[str, Scalar]:
    match shape:
        case expr.Bound(variable):
            return {variable: constant(first[variable])}
        case Option(expr.Bound(presence), inside) if inside is not None:
            return {presence: FALSE} | _absent(name, inside, first)
        case Fields(of):
            return {k: n for part in of.values() for k, n in _absent(name, part, first).items()}
        case Entries(of):
            return {k: n for part in of.values() for k, n in _absent(name, part, first).items()}
    raise TypeError(f"{name} is no shape")
