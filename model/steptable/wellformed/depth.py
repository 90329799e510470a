"""How deep expressions are nested: no deeper than all that reads them can follow.

Whatever reads an expression calls itself for its parts, and code that is made of it nests brackets;
languages and Python itself end somewhere there. Chains of `&` and `|` are no nesting.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from steptable import expr
from steptable.errors import Fault, Location
from steptable.machine import Machine
from steptable.world import World

DEEPEST: Final = 100
"""Levels: Python takes 200 nested brackets, C compilers 256."""


_FRAMES: Final = 10_000
"""Calls within each other: as many for a level as any reader of expressions makes, and more."""


def allow_depth() -> None:
    """Let Python follow expressions that are as deep as they may be."""
    sys.setrecursionlimit(max(_FRAMES, sys.getrecursionlimit()))


def check_depth(declared: Machine | World, where: str) -> Iterator[Fault]:
    """A fault for each expression of a declaration that is nested too deep.

    The machines in a world are judged by themselves.
    """
    seen: dict[int, int] = {}
    waiting: list[tuple[Any, int, Location]] = [(declared, 0, declared.at)]
    while waiting:  # not by recursion, which is what would fail
        value, depth, place = waiting.pop()
        if isinstance(value, expr.Node):
            depth += 1
            place = value.at or place
        if depth > DEEPEST:
            problem = f"an expression is nested more than {DEEPEST} levels deep"
            yield Fault(place, where, problem, "name parts of it, or say it flatly", "too-deep")
            continue
        if seen.get(id(value), -1) >= depth:
            continue
        if isinstance(value, Machine) and value is not declared:
            continue
        seen[id(value)] = depth
        waiting += [(part, depth, place) for part in _parts(value)]


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, tuple | list):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type | Location):
        yield from (getattr(value, part.name) for part in fields(value))
