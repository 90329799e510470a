"""Which engine explores a system: pure Python, or compiled code where a compiler is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from steptable.errors import UsageError
from steptable.explore.c import engine as c_engine
from steptable.explore.c.compiler import CompileError, find_compiler
from steptable.explore.c.scalars import Unsuited
from steptable.explore.exploration import Exploration, Progress
from steptable.explore.python import engine as python_engine
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.system.transitions import TransitionSystem

Engine: TypeAlias = Literal["auto", "python", "c"]

Tell: TypeAlias = Callable[[str], None]
"""Told what somebody should know who waits for an answer."""

TINY: Final = 30_000
"""States that Python has found in less time than a compiler takes."""

_NO_COMPILER: Final = (
    "there is no C compiler: no cc, gcc or clang, none that $CC names, no Python package ziglang"
)


class NoCompiler(Exception):
    """Nothing can be compiled here."""


def search(
    system: TransitionSystem,
    *,
    engine: Engine = "auto",
    threads: int = 1,
    max_states: int | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
    orbits: Orbits | None = None,
) -> Exploration:
    """Explore every reachable state, shortest paths first; with orbits, one state of each.

    `auto` is Python for worlds of up to `TINY` states, and compiled code for others: which it is
    depends on nothing else, unless compiled code can't be had. `tell` is told so then. Raises
    `UsageError` where compiled code is asked for and can't be had.
    """
    if engine == "python":
        if threads > 1:
            raise UsageError("the Python engine has one thread; take --engine c for more")
        return python_engine.search(system, max_states=max_states, progress=progress, orbits=orbits)
    if engine == "auto":
        tiny = TINY if max_states is None else min(TINY, max_states)
        exploration = python_engine.search(
            system, max_states=tiny, progress=progress, orbits=orbits
        )
        if tiny == max_states or not exploration.is_full:
            return exploration
    try:
        compiler = find_compiler()
        if compiler is None:
            raise NoCompiler(_NO_COMPILER)
        return c_engine.search(
            system,
            compiler,
            threads=threads,
            max_states=max_states,
            progress=progress,
            orbits=orbits,
        )
    except (NoCompiler, CompileError, Unsuited) as error:
        if engine == "c":
            raise UsageError(f"{error}; take --engine python, or auto") from error
        if tell is not None:
            tell(f"{error}; Python explores, which takes longer")
        return python_engine.search(system, max_states=max_states, progress=progress, orbits=orbits)
