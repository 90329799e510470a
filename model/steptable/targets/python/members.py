"""Short names for enum members in generated code that runs often.

Before Python 3.12, reading a member through its class costs as much as making a small
struct; a module's own name costs next to nothing on every version.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping

from steptable.machine import Machine
from steptable.sorts import Enum
from steptable.targets.python.source import dotted
from steptable.targets.python.vocabulary import module_names, named_sorts


class ShortNames:
    """What the members of a machine's enumerations are called in some code; knows which are used.

    What two enumerations call alike, or something else is called already, is called in full.
    """

    def __init__(self, machine: Machine) -> None:
        self.module = module_names(machine)
        self._names = _names(machine, self.module)
        self._used: set[tuple[str, str]] = set()

    def __call__(self, enum: str, member: str) -> str:
        """The name of a member, given both of its own."""
        self._used.add((enum, member))
        return self._names.get((enum, member)) or dotted(enum, member)

    def definitions(self) -> str:
        """The statements that define the names used so far."""
        return "".join(
            f"{name}: Final = {dotted(*known)}\n"
            for known, name in self._names.items()
            if known in self._used
        )


def _names(machine: Machine, taken: frozenset[str]) -> Mapping[tuple[str, str], str]:
    """The short name of every member that has one, by the names of enumeration and member."""
    enums = [sort for sort in named_sorts(machine) if isinstance(sort, Enum)]
    short = {
        (enum.name, member.name): unicodedata.normalize("NFKC", f"_{member.name.upper()}")
        for enum in enums
        for member in enum.members
    }
    shared = Counter(short.values())
    return {key: name for key, name in short.items() if shared[name] == 1 and name not in taken}
