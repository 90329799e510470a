"""A search in compiled code as Python calls it: what `runtime/entry.h` says, in types of Python."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Any, Final

from steptable.explore.c.code import CompiledNumbering
from steptable.explore.packed.layout import WORD, Layout, Packed, width

_SLICE: Final = 50_000_000
"""Nanoseconds between two looks at limits and progress."""

_BUCKETS: Final = 1 << 17
"""Buckets that are searched for predecessors between two chances for Ctrl-C."""


class Ended(IntEnum):
    """Why a slice is over; the numbers are those of the runtime."""

    DONE = 0
    SLICE_OVER = 1
    ENOUGH = 2
    OUT_OF_MEMORY = 3
    NO_THREADS = 4


class Native:
    """A search in compiled code, with states as they are there: words, the lowest first."""

    def __init__(self, code: ctypes.CDLL, words: int, numbering: CompiledNumbering) -> None:
        self.code = code
        self.words = words
        self.numbering = numbering
        self.threads = 0
        self.handle: ctypes.c_void_p | None = None
        code.search_open.restype = ctypes.c_void_p
        code.search_levels.restype = ctypes.c_uint64
        code.search_note.restype = ctypes.c_bool
        code.search_back.restype = ctypes.c_bool
        code.search_depth.restype = ctypes.c_int

        class Note(ctypes.Structure):
            _fields_ = (
                ("known", ctypes.c_bool),
                ("number", ctypes.c_int32),
                ("depth", ctypes.c_uint64),
                ("state", ctypes.c_uint64 * words),
                ("choices", ctypes.c_int64 * max(1, numbering.choices)),
            )

        class Before(ctypes.Structure):
            _fields_ = (
                ("target", ctypes.c_uint64 * words),
                ("above", ctypes.c_uint64 * words),
                ("source", ctypes.c_uint64 * words),
                ("bounded", ctypes.c_bool),
                ("found", ctypes.c_bool),
            )

        self.note_type, self.before_type = Note, Before

    def open(self, threads: int, budget: int) -> bool:
        self.threads = threads
        opened = self.code.search_open(ctypes.c_uint(threads), ctypes.c_uint64(budget))
        self.handle = ctypes.c_void_p(opened) if opened else None
        return self.handle is not None

    def close(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            self.code.search_close(handle)

    def __del__(self) -> None:
        self.close()

    def states(self, packed: list[Packed]) -> Any:
        """Packed states as an array of words."""
        array = (ctypes.c_uint64 * (self.words * len(packed)))()
        for at, state in enumerate(packed):
            for word in range(self.words):
                array[at * self.words + word] = state >> word * WORD & (1 << WORD) - 1
        return array

    def packed(self, words: Any) -> Packed:
        return sum(words[at] << at * WORD for at in range(self.words))

    def start(self, states: list[Packed]) -> None:
        self.code.search_start(self.handle, self.states(states), ctypes.c_uint64(len(states)))

    def run(self, most: int) -> Ended:
        """Search for a slice of time, or until there are more than `most` states if it is not 0."""
        return Ended(
            self.code.search_run(self.handle, ctypes.c_uint64(_SLICE), ctypes.c_uint64(most))
        )

    def trim(self) -> None:
        """Give back the room that was kept for more states; the search is over."""
        self.code.search_trim(self.handle)

    def size(self) -> tuple[int, int, int, int]:
        """States found, depth, states of that depth still to expand, bytes taken."""
        size = (ctypes.c_uint64 * 4)()
        self.code.search_size(self.handle, size)
        return size[0], size[1], size[2], size[3]

    def levels(self) -> list[int]:
        known = self.code.search_levels(self.handle, None, ctypes.c_uint64(0))
        levels = (ctypes.c_uint64 * known)()
        self.code.search_levels(self.handle, levels, ctypes.c_uint64(known))
        counts = list(levels)
        while counts and not counts[-1]:
            counts.pop()
        return counts

    def counts(self) -> tuple[list[int], list[bool]]:
        """How often each transition was taken, and which premises were met."""
        hits = (ctypes.c_uint64 * max(1, len(self.numbering.transitions)))()
        met = (ctypes.c_uint8 * max(1, len(self.numbering.noted.met)))()
        self.code.search_counts(self.handle, hits, met)
        return list(hits), [bool(flag) for flag in met]

    def note(self, which: int, *, broken: bool) -> Any:
        """The first state that decides something, or the first step that breaks it; or None."""
        note = self.note_type()
        known = self.code.search_note(
            self.handle, ctypes.c_bool(broken), ctypes.c_uint(which), ctypes.byref(note)
        )
        return note if known else None

    def depth(self, state: Packed) -> int:
        """The depth of a state modulo 255, or -1 where it was not found."""
        depth: int = self.code.search_depth(self.handle, self.states([state]))
        return depth

    def before(
        self, states: list[Packed], depth: int, above: Packed | None = None
    ) -> list[Packed | None]:
        """For each state the least one of some depth (modulo 255) that has a step to it.

        Where `above` is given, only what is above that counts.
        """
        array = (self.before_type * len(states))()
        for item, state in zip(array, states, strict=True):
            item.target = self.states([state])
            if above is not None:
                item.above, item.bounded = self.states([above]), True
        for table in range(self.threads):
            first = 0
            while self.code.search_back(
                self.handle,
                ctypes.c_uint(table),
                ctypes.c_uint64(first),
                ctypes.c_uint64(_BUCKETS),
                ctypes.c_uint64(depth),
                array,
                ctypes.c_uint(len(states)),
            ):
                first += _BUCKETS
        return [self.packed(item.source) if item.found else None for item in array]

    def spread(self, layout: Layout) -> list[int]:
        """How many values each variable takes."""
        widths = [width(variable) for variable in layout.variables]
        # What takes no bits may stand behind the last word.
        shifts = [at if bits else 0 for at, bits in zip(layout.shifts, widths, strict=True)]
        seen = [(ctypes.c_uint8 * (1 << bits))() for bits in widths]
        count = len(widths)
        if self.handle is None:
            return [0] * count
        self.code.search_spread(
            self.handle,
            ctypes.c_uint(count),
            (ctypes.c_uint8 * count)(*(shift // WORD for shift in shifts)),
            (ctypes.c_uint8 * count)(*(shift % WORD for shift in shifts)),
            (ctypes.c_uint64 * count)(*((1 << bits) - 1 for bits in widths)),
            (ctypes.c_void_p * count)(*(ctypes.addressof(values) for values in seen)),
        )
        return [sum(values) for values in seen]
