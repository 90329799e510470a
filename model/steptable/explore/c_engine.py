"""Explores a system breadth-first with compiled code, driven in slices.

The code (`c_code`) is compiled once for each system (`compiler`). A slice lasts a twentieth of a
second, between two of which progress is told, limits are looked at and Ctrl-C is heard. Where
several states or steps of one depth could be shown, the least is: what is found does not depend
on the number of threads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from steptable.errors import UsageError
from steptable.explore.c_code import CWriter, Numbering
from steptable.explore.cases import System
from steptable.explore.compiler import Compiler, library
from steptable.explore.exploration import INTERRUPTED, Doing, Exploration, Progress
from steptable.explore.layout import WORD, Layout, Packed, width
from steptable.explore.memory import available
from steptable.explore.scalar import is_true

if TYPE_CHECKING:
    from steptable.explore.steps import StepGraph

_SLICE: Final = 50_000_000
"""Nanoseconds between two looks at limits and progress."""

_BUCKETS: Final = 1 << 17
"""Buckets that are searched for predecessors between two chances for Ctrl-C."""

_MARKS: Final = 255
"""Depths are stored modulo this."""

_DONE, _SLICE_OVER, _ENOUGH, _OUT_OF_MEMORY, _NO_THREADS = range(5)

MOST_THREADS: Final = 64


class _Native:
    """A search in compiled code, with states as they are there: words, the lowest first."""

    def __init__(self, code: ctypes.CDLL, words: int, numbering: Numbering) -> None:
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

    def run(self, most: int) -> int:
        ended: int = self.code.search_run(
            self.handle, ctypes.c_uint64(_SLICE), ctypes.c_uint64(most)
        )
        return ended

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
        """How often each case was taken, and which premises were met."""
        hits = (ctypes.c_uint64 * max(1, len(self.numbering.cases)))()
        met = (ctypes.c_uint8 * max(1, len(self.numbering.met)))()
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
        for worker in range(self.threads):
            first = 0
            while self.code.search_back(
                self.handle,
                ctypes.c_uint(worker),
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
        self.code.search_spread(
            self.handle,
            ctypes.c_uint(count),
            (ctypes.c_uint8 * count)(*(shift // WORD for shift in shifts)),
            (ctypes.c_uint8 * count)(*(shift % WORD for shift in shifts)),
            (ctypes.c_uint64 * count)(*((1 << bits) - 1 for bits in widths)),
            (ctypes.c_void_p * count)(*(ctypes.addressof(values) for values in seen)),
        )
        return [sum(values) for values in seen]


@dataclass
class CExploration(Exploration):
    """What compiled code has found. Iterating gives the states in ascending order."""

    native: _Native = field(kw_only=True)
    writer: CWriter = field(kw_only=True)
    compiler: Compiler = field(kw_only=True)
    count: int = 0
    bytes_taken: int = 0
    """Memory that tables and levels have taken; it never shrinks."""

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Packed]:
        words = self.words()
        if self.native.words == 1:
            yield from words
            return
        for at in range(0, len(words), self.native.words):
            yield self.native.packed(words[at : at + self.native.words])

    def words(self) -> memoryview:
        """Every state in ascending order, as unsigned 64-bit words, the least significant first.

        The place of a state among them is the same at any number of threads.
        """
        array = (ctypes.c_uint64 * (self.count * self.native.words))()
        if self.native.handle is not None:
            self.native.code.search_states(self.native.handle, array)
        return memoryview(array).cast("B").cast("Q")

    def path(self, state: Packed) -> list[Packed]:
        known = self.native.depth(state)
        for depth in range(known, len(self.levels) + 1, _MARKS) if known >= 0 else ():
            if path := self._path(state, depth):
                return path
        raise LookupError("the state was not found")

    def _path(self, state: Packed, depth: int) -> list[Packed]:
        """A path of some length from an initial state; none if there isn't one.

        What is before a state is looked for at a depth that is known modulo 255 only: in a
        search of more levels the way can be a wrong one, and the next is tried.
        """
        backwards, tried = [state], dict[int, Packed]()
        while backwards:
            left = depth - len(backwards) + 1
            if left == 0 and backwards[-1] in self.initial:
                return backwards[::-1]
            came = self._before(backwards[-1], left - 1, tried.get(left)) if left else None
            if came is None:
                tried.pop(left, None)
                backwards.pop()
            else:
                tried[left] = came
                backwards.append(came)
        return []

    def _before(self, state: Packed, depth: int, above: Packed | None) -> Packed | None:
        if above is None and (state, depth) in self._known:
            return self._known[state, depth]
        (came,) = self.native.before([state], depth, above)
        return came

    @cached_property
    def _known(self) -> dict[tuple[Packed, int], Packed | None]:
        """What is before each state on the way to one that was noted, found for all at once."""
        noted = [*self.decided.values(), *(state for state, _, _ in self.broken.values())]
        wanted: dict[int, dict[Packed, None]] = {}
        for state in noted:
            wanted.setdefault(self.native.depth(state), {})[state] = None
        known: dict[tuple[Packed, int], Packed | None] = {}
        for depth in range(max(wanted, default=0), 0, -1):
            states = list(wanted.get(depth, ()))
            if not states:
                continue
            for state, came in zip(states, self.native.before(states, depth - 1), strict=True):
                known[state, depth - 1] = came
                if came is not None:
                    wanted.setdefault(depth - 1, {})[came] = None
        return known

    def step_graph(self, doing: Doing) -> StepGraph:
        from steptable.explore.c_steps import listed  # noqa: PLC0415

        return listed(self.words(), self.writer, self.compiler, doing)

    def spread(self) -> list[int]:
        return self.native.spread(self.layout)


def search(
    system: System,
    compiler: Compiler,
    *,
    threads: int = 1,
    word: int = WORD,
    max_states: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> CExploration:
    """Explore every reachable state, shortest paths first.

    Stops early, and says so in `stopped`, at `max_states`, when `memory` (bytes; what is there,
    if None) ends, or on Ctrl-C. `word` is the number of bits of each word that are used. Raises
    `CompileError` where there is no library to be had, and `Unsuited` for a system that compiled
    code can't compute with.
    """
    layout = Layout.of(system.variables, word)
    writer = CWriter(system, layout)
    code = library(writer.search(), compiler)
    native = _Native(code, layout.words, writer.numbering)
    found = CExploration(system, layout, native=native, writer=writer, compiler=compiler)
    found.hits = [0] * len(system.cases)
    if not native.open(threads, available() if memory is None else memory):
        found.stopped = "out of memory at 0 states"
        return found
    try:
        native.start(found.initial)
        _drive(found, max_states, progress)
    except KeyboardInterrupt:
        found.stopped = INTERRUPTED
    _gather(found)
    return found


def _drive(found: CExploration, max_states: int | None, progress: Progress | None) -> None:
    while True:
        ended = found.native.run(max_states or 0)
        states, depth, left, found.bytes_taken = found.native.size()
        if progress is not None:
            progress(states, depth, left)
        match ended:
            case _ if ended == _DONE:
                return
            case _ if ended == _ENOUGH:
                found.is_full = True
                found.stopped = f"stopped at {states:,} states, as --max-states asks"
                return
            case _ if ended == _OUT_OF_MEMORY:
                found.stopped = f"out of memory at {states:,} states"
                return
            case _ if ended == _NO_THREADS:
                raise UsageError("so many threads can't be started; ask for fewer")


def _gather(found: CExploration) -> None:
    """Take over what the search has noted."""
    native, numbering = found.native, found.native.numbering
    cases = found.system.cases
    found.count, _, _, found.bytes_taken = native.size()
    found.levels = native.levels()
    hits, met = native.counts()
    found.met = {index for index, flag in zip(numbering.met, met, strict=False) if flag}
    for number, count in zip(numbering.cases, hits, strict=False):
        if cases[number].moves:
            found.hits[number] = count
        if count:
            found.met |= {i for i, holds in cases[number].premises.items() if is_true(holds)}
    for which, index in enumerate(numbering.decided):
        if (note := native.note(which, broken=False)) is not None:
            found.decided[index] = native.packed(note.state)
    for which, index in enumerate(numbering.broken):
        if (note := native.note(which, broken=True)) is not None:
            number = note.number
            chosen = len(cases[number].parameters) if number >= 0 else 0
            choices = tuple(note.choices[:chosen])
            found.broken[index] = (native.packed(note.state), number, choices)
