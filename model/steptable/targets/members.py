"""Short names for enum members in generated code that runs often.

Before Python 3.12, reading a member through its class costs as much as making a small
struct; a module's own name costs next to nothing on every version.
"""

from __future__ import annotations

import io
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from steptable.machine import Machine
from steptable.sorts import Enum
from steptable.targets.vocabulary import named_sorts

Member: TypeAlias = tuple[str, str]
"""The name of an enum, and of one of its members."""


def shortened(machine: Machine, blocks: Iterable[str]) -> list[str]:
    """Blocks of source with members by short names, and before them one that defines those."""
    names = _names(machine)
    used: set[Member] = set()
    short = [_renamed(block, names, used) for block in blocks]
    lines = [
        f"{name}: Final = {enum}.{member}\n"
        for (enum, member), name in names.items()
        if (enum, member) in used
    ]
    return ["".join(lines), *short]


def _names(machine: Machine) -> dict[Member, str]:
    """The short name of every member that has one; what two enums call alike stays as it is."""
    enums = [sort for sort in named_sorts(machine) if isinstance(sort, Enum)]
    members = [(enum.name, member.name) for enum in enums for member in enum.members]
    shared = Counter(name.upper() for _, name in members)
    taken = {"ROWS"}
    return {
        (enum, name): f"_{name.upper()}"
        for enum, name in members
        if shared[name.upper()] == 1 and name.upper() not in taken
    }


def _renamed(source: str, names: Mapping[Member, str], used: set[Member]) -> str:
    """A block of source with short names; what stands in quotes is left alone."""
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for enum, dot, member in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        known = enum.string, member.string
        if dot.string == "." and known in names:
            row, line = enum.start[0] - 1, lines[enum.start[0] - 1]
            lines[row] = line[: enum.start[1]] + names[known] + line[member.end[1] :]
            used.add(known)
    return "".join(lines)
