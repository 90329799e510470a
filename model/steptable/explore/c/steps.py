"""Lists every step between the states that compiled code has found, by compiled code.

Importing this module loads numpy, so it is imported where runs are judged, not before.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np

from steptable.explore.c.code import CWriter
from steptable.explore.c.compiler import CompileError, Compiler, library
from steptable.explore.exploration import Doing
from steptable.explore.packed.layout import WORD, Packed
from steptable.explore.packed.step_graph import FAR, StepGraph, Steps, joined

_SLICE: Final = 1 << 16
"""States whose steps are listed between two chances for Ctrl-C."""

_ROOM: Final = 1 << 20
"""Steps that there is room for at first."""


@dataclass(frozen=True)
class PackedWords(Sequence[Packed]):
    """Packed states, each of them several words in a row, the least significant first."""

    words: memoryview
    each: int

    def __len__(self) -> int:
        return len(self.words) // self.each

    def __iter__(self) -> Iterator[Packed]:
        return (self[at] for at in range(len(self)))

    @overload
    def __getitem__(self, at: int) -> Packed: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Packed]: ...
    def __getitem__(self, at: int | slice) -> Packed | Sequence[Packed]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        first = at % len(self) * self.each
        parts = self.words[first : first + self.each]
        return sum(word << place * WORD for place, word in enumerate(parts))


def listed(words: memoryview, writer: CWriter, compiler: Compiler, doing: Doing) -> StepGraph:
    """Every step out of states that are given in ascending order, and lead nowhere else.

    It holds 14 bytes a step and 16 a state, at the most. Raises `MemoryError`.
    """
    each = writer.layout.words
    count = len(words) // each
    if count >= FAR:
        raise MemoryError
    code = library(writer.listing(), compiler)
    try:
        code.steps_list.restype = ctypes.c_int64
    except AttributeError as error:
        raise CompileError(f"what {compiler} makes is no explorer: {error}") from error
    numbers = {action.name: at for at, action in enumerate(writer.system.world.actions)}
    transitions = writer.system.transitions
    by_case = [numbers[transitions[number].action.name] for number in writer.numbering.transitions]
    action = np.array([*by_case, 0], dtype=np.uint16)
    states = np.frombuffer(words, dtype=np.uint64)
    parts: list[Steps] = []
    first, room = 0, _ROOM
    while first < count:
        doing(f"listing the steps of {count:,} states, {first / count:.0%}")
        targets, actions = np.empty(room, np.int32), np.empty(room, np.uint16)
        ends = np.zeros(_SLICE + 1, np.int64)
        done = code.steps_list(
            _at(states),
            ctypes.c_uint64(count),
            ctypes.c_uint64(first),
            ctypes.c_uint64(_SLICE),
            _at(action),
            _at(targets),
            _at(actions),
            ctypes.c_uint64(room),
            _at(ends[1:]),
        )
        if done < 0:
            raise MemoryError
        if not done:
            room *= 2
            continue
        steps = int(ends[done])
        parts.append(Steps(ends[: done + 1], targets[:steps].copy(), actions[:steps].copy()))
        first += done
    return StepGraph(words if each == 1 else PackedWords(words, each), joined(parts))


def _at(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
