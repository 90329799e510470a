"""Explores a system breadth-first with compiled code, driven in slices.

The code (`c.code`) is compiled once for each system (`compiler`). A slice lasts a twentieth of a
second, between two of which progress is told, limits are looked at and Ctrl-C is heard. Where
several states or steps of one depth could be shown, the least is: what is found does not depend
on the number of threads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from steptable.errors import UsageError
from steptable.explore.c.code import CWriter
from steptable.explore.c.compiler import CompileError, Compiler, library
from steptable.explore.c.native import Ended, Native
from steptable.explore.exploration import INTERRUPTED, Doing, Exploration, Progress
from steptable.explore.memory import available, stacks
from steptable.explore.orbit_verdicts import extend_to_orbits
from steptable.explore.packed.layout import WORD, Layout, Packed
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import is_true
from steptable.support.interrupts import demand_none

if TYPE_CHECKING:
    from steptable.explore.packed.step_graph import StepGraph

_MARKS: Final = 255
"""Depths are stored modulo this."""

MOST_STATES: Final = 2**63
"""More than any memory holds."""

MOST_THREADS: Final = 64


@dataclass
class CExploration(Exploration):
    """What compiled code has found. Iterating gives the states in ascending order."""

    native: Native = field(kw_only=True)
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
        end = self.representative(state)
        known = self.native.depth(end)
        for depth in range(known, len(self.levels) + 1, _MARKS) if known >= 0 else ():
            if path := self._path(end, depth):
                return self.concrete_path(path, state)
        raise LookupError("the state was not found")

    def _path(self, state: Packed, depth: int) -> list[Packed]:
        """A path of some length from an initial state; none if there isn't one.

        What is before a state is looked for at a depth that is known modulo 255 only: in a
        search of more levels the way can be a wrong one, and the next is tried.
        """
        backwards, tried = [state], dict[int, Packed]()
        while backwards:
            left = depth - len(backwards) + 1
            if left == 0 and backwards[-1] in self.first:
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
    def first(self) -> list[Packed]:
        """The states that the search starts from."""
        return list(dict.fromkeys(map(self.representative, self.initial)))

    @cached_property
    def _known(self) -> dict[tuple[Packed, int], Packed | None]:
        """What is before each state on the way to one that was noted, found for all at once."""
        noted = [
            *self.deciding_states.values(),
            *(state for state, _, _ in self.violating_steps.values()),
        ]
        wanted: dict[int, dict[Packed, None]] = {}
        for state in map(self.representative, noted):
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
        from steptable.explore.c.steps import listed  # noqa: PLC0415

        try:
            return listed(self.words(), self.writer, self.compiler, doing)
        except CompileError:  # the search was compiled, or kept, when there was more room
            return super().step_graph(doing)

    def spread(self) -> list[int]:
        return self.native.spread(self.layout)


def ready(
    system: TransitionSystem, compiler: Compiler, *, word: int = WORD, orbits: Orbits | None = None
) -> CExploration:
    """A search that has not begun: its code is written, and compiled unless it ever was.

    `word` is the number of bits of each word that are used. Raises `CompileError` where there is
    no library to be had, and `Unsuited` for a system that compiled code can't compute with.
    """
    layout = Layout.of(system.variables, word)
    writer = CWriter(system, layout, orbits)
    code = library(writer.search(), compiler)
    try:
        native = Native(code, layout.words, writer.numbering)
    except AttributeError as error:
        raise CompileError(f"what {compiler} makes is no explorer: {error}") from error
    found = CExploration(system, layout, native=native, writer=writer, compiler=compiler)
    found.times_taken = [0] * len(system.transitions)
    found.orbits = orbits
    return found


def run(
    exploration: CExploration,
    *,
    threads: int = 1,
    max_states: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> CExploration:
    """Explore every reachable state, shortest paths first; with orbits, one state of each.

    Stops early, and says so in `stopped`, at `max_states`, when `memory` (bytes; what is there,
    if None) ends, or on Ctrl-C.
    """
    native = exploration.native
    if memory is None:
        memory = max(0, available() - stacks(threads))
    if not native.open(threads, memory):
        exploration.stopped = "out of memory at 0 states"
        return exploration
    try:
        native.start(exploration.first)
        _drive(exploration, max_states, progress)
    except KeyboardInterrupt:
        exploration.stopped = INTERRUPTED
    _gather(exploration)
    if exploration.orbits is not None:
        extend_to_orbits(exploration, exploration.orbits)
    return exploration


def search(
    system: TransitionSystem,
    compiler: Compiler,
    *,
    threads: int = 1,
    word: int = WORD,
    max_states: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    orbits: Orbits | None = None,
) -> CExploration:
    """Make a search `ready`, and `run` it."""
    exploration = ready(system, compiler, word=word, orbits=orbits)
    return run(
        exploration, threads=threads, max_states=max_states, memory=memory, progress=progress
    )


def _drive(exploration: CExploration, max_states: int | None, progress: Progress | None) -> None:
    _, _, _, begun = exploration.native.size()
    while True:
        demand_none()
        ended = exploration.native.run(min(max_states or 0, MOST_STATES))
        states, depth, left, exploration.bytes_taken = exploration.native.size()
        if progress is not None:
            progress(states, depth, left)
        match ended:
            case Ended.DONE:
                return
            case Ended.ENOUGH:
                exploration.is_full = True
                exploration.stopped = f"stopped at {states:,} states, as --max-states asks"
                return
            case Ended.OUT_OF_MEMORY:
                exploration.stopped = f"out of memory at {states:,} states"
                return
            case Ended.NO_THREADS if exploration.bytes_taken == begun:
                raise UsageError("so many threads can't be started; ask for fewer")
            case Ended.NO_THREADS:
                exploration.stopped = f"out of room for threads at {states:,} states"
                return


def _gather(exploration: CExploration) -> None:
    """Take over what the search has noted."""
    native, numbering = exploration.native, exploration.native.numbering
    noted = numbering.noted
    native.trim()
    transitions = exploration.system.transitions
    exploration.count, _, _, exploration.bytes_taken = native.size()
    exploration.levels = native.levels()
    times_taken, met = native.counts()
    exploration.met_premises = {key for key, flag in zip(noted.met, met, strict=False) if flag}
    for number, count in zip(numbering.transitions, times_taken, strict=False):
        if transitions[number].is_step:
            exploration.times_taken[number] = count
        if count:
            exploration.met_premises |= {
                key for key, holds in transitions[number].premises.items() if is_true(holds)
            }
    for which, decided in enumerate(noted.decided):
        if (note := native.note(which, broken=False)) is not None:
            exploration.deciding_states[decided] = native.packed(note.state)
    for which, broken in enumerate(noted.broken):
        if (note := native.note(which, broken=True)) is not None:
            taken = note.number if note.number >= 0 else None
            chosen = 0 if taken is None else len(transitions[taken].parameters)
            choices = tuple(note.choices[:chosen])
            exploration.violating_steps[broken] = (native.packed(note.state), taken, choices)
