"""The numbers and truths that engines compute with in the place of values."""

from __future__ import annotations

from typing import Any

from steptable.partial.variables import Variable
from steptable.sorts import Truth


def working_value(variable: Variable, value: Any) -> Any:
    """The value that engines compute with: numbers and truths as they are, all else by position."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return value if plain else variable.domain.index(value)


class Codes:
    """What engines compute with in the place of constants.

    A text that is not among the values of the variable it is compared with, or stored in, has a
    number that none of them has: nothing is equal to it but itself.
    """

    def __init__(self) -> None:
        self.others: dict[Any, int] = {}

    def of(self, value: Any, place: Variable | None) -> Any:
        """The number or truth for a value; `place` is a variable whose domain has such values."""
        if place is not None and (place.is_numeric or value in place.domain):
            return working_value(place, value)
        if isinstance(value, int):
            return value
        number = self.others.setdefault(value, len(self.others))
        return number if place is None else -1 - number


def value_of(variable: Variable, working: Any) -> Any:
    """The value of a variable, out of what an engine computes with."""
    plain = variable.is_numeric or isinstance(variable.sort, Truth)
    return working if plain else variable.domain[working]
