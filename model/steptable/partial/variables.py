"""Scalar variables: which values each can take, and how it is read from a whole value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from steptable.errors import UsageError
from steptable.partial.paths import Path
from steptable.sorts import Duration, Instant, Integer, Opaque, Sort

Reader: TypeAlias = Callable[[Any], Any]
"""Finds the value of a variable in a whole value; None where it is not there."""

MOST_VALUES: Final = 4096
"""An integer with more values than this has no place in a finite world."""


@dataclass(frozen=True)
class Variable:
    """A scalar with the values it can take. Opaque ones take a single one."""

    path: Path
    sort: Sort
    domain: tuple[Any, ...]
    read: Reader = field(compare=False, repr=False)

    @cached_property
    def name(self) -> str:
        """What it is called in scalars, and wherever it is shown."""
        return str(self.path)

    @property
    def is_numeric(self) -> bool:
        return isinstance(self.sort, Integer | Instant | Duration)

    def value_in(self, whole: Any) -> Any:
        """Its value in a whole value, with the stand-in for what is absent."""
        value = self.read(whole)
        if value is None or isinstance(self.sort, Opaque):
            return self.domain[0]
        if value not in self.domain:
            raise UsageError(f"{self.name} can't be {value!r} within the world's bounds")
        return value


def has_range(variable: Variable) -> bool:
    """Whether it is a number whose own sort says which values there are, not a world's bounds."""
    sort = variable.sort
    return isinstance(sort, Integer) and sort.high - sort.low < MOST_VALUES


def is_stand_in(variable: Variable) -> bool:
    """Whether an integer has one value only because its sort is too large for a world."""
    large = isinstance(variable.sort, Integer) and not has_range(variable)
    return large and len(variable.domain) == 1
