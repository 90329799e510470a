"""How fast the engines explore *mirror(N, P, K)*, beside SPIN and the limit of the machine.

    python -m bench.engines

Sizes, with the distinct states that every checker must find, are those of the known models. Times
are of the search alone, but for the cold start, which counts everything from the text of a model
to its verdict: reading it, generating code, compiling, searching.

A virtual machine takes its time to hand out memory that nobody used for a while, which says nothing
of those who ask for it. So each search of a large model is made twice, and the second is timed; the
verifiers follow one another, and the look-ups are timed in a table that was filled before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final, TypeAlias

from bench import checkers, lookups, plain_mirror, spin
from bench.measure import Figures, Sample, side_by_side
from bench.report import table, verdict
from steptable.explore.c import engine as c_engine
from steptable.explore.c.compiler import find_compiler
from steptable.explore.c.engine import CExploration
from steptable.explore.python import engine as python_engine
from steptable.explore.system.builder import build
from steptable.explore.system.transitions import TransitionSystem

# Known models stand with the tests.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
from known_models.mirror import mirror

Size: TypeAlias = tuple[int, int, int]

ROUNDS: Final = 5

STATES: Final[Mapping[Size, int]] = {
    (1, 3, 4): 196_988,
    (1, 3, 5): 1_182_986,
    (1, 4, 5): 13_688_182,
    (2, 2, 3): 15_539_364,
}

ONE, TWO = "C engine, 1 thread", "C engine, 2 threads"
SPIN_ONE, SPIN_TWO = "SPIN, 1 core, depth-first", "SPIN, 2 cores, breadth-first"
LOOKUPS = "look-ups, prefetched"
PYTHON, PLAIN = "Python engine", "plain search over tuples"
MINICHECK, MUSIL = "minicheck", "musil"


@dataclass
class Notes:
    """What a run says beside its time; of the last round."""

    bytes_each: dict[str, float]
    """Memory by state, by contender."""
    transitions: int = 0


def _rate(states: int, seconds: float) -> str:
    return f"{states / seconds / 1e6:,.2f} M/s"


# ── Large models ─────────────────────────────────────────────────────────────────────


def large(size: Size, rounds: int) -> tuple[Figures, Notes]:
    """The C engine with one and two threads, both of SPIN's models on one core and on two, and
    as many look-ups in a table of the same size as the search makes.
    """
    notes = Notes({})
    with ExitStack() as stack:
        samples: dict[str, Sample] = {
            ONE: _by_c(size, 1, notes, ONE),
            TWO: _by_c(size, 2, notes, TWO),
        }
        if not spin.missing():
            for name, model in spin.MODELS.items():
                for options, title in ((spin.OPTIMISED, SPIN_ONE), (spin.PARALLEL, SPIN_TWO)):
                    pan = stack.enter_context(spin.verifier(model, size, options))
                    samples[f"{title}, {name}"] = _by_spin(pan, size, notes, f"{title}, {name}")
        program = stack.enter_context(lookups.compiled())
        samples[LOOKUPS] = lambda: lookups.seconds(
            program, int(STATES[size] * notes.bytes_each[ONE]), notes.transitions
        )
        return side_by_side(f"mirror{size}", samples, rounds), notes


def _by_c(size: Size, threads: int, notes: Notes, name: str) -> Sample:
    system = build(mirror(*size))

    def sample() -> float:
        _compiled_search(system, threads)
        found = _ready(system)
        began = perf_counter()
        c_engine.run(found, threads=threads)
        taken = perf_counter() - began
        _demand(len(found), size)
        notes.bytes_each[name] = found.bytes_taken / len(found)
        notes.transitions = found.transitions
        return taken

    return sample


def _ready(system: TransitionSystem) -> CExploration:
    """A search with compiled code; the first one compiles it, later ones find it in the cache."""
    compiler = find_compiler()
    if compiler is None:
        raise ValueError("there is no C compiler, so there is nothing to measure")
    return c_engine.ready(system, compiler)


def _compiled_search(system: TransitionSystem, threads: int = 1) -> CExploration:
    return c_engine.run(_ready(system), threads=threads)


def _by_spin(pan: Path, size: Size, notes: Notes, name: str) -> Sample:
    def sample() -> float:
        found = spin.verified(pan, STATES[size])
        if SPIN_ONE in name:
            # Its parallel search keeps hashes of states, and may take one for another.
            _demand(found.states, size)
        notes.bytes_each[name] = found.megabytes * 1e6 / found.states
        return found.seconds

    return sample


def _demand(states: int, size: Size) -> None:
    if states != STATES[size]:
        raise ValueError(f"mirror{size} has {STATES[size]:,} states, not {states:,}")


def large_table(size: Size, figures: Figures, notes: Notes, wanted: Mapping[str, float]) -> str:
    """States a second, bytes a state, and how many times as fast the C engine is as SPIN.

    `wanted` gives the least ratios: of one thread to one core, of two to two, of two to one.
    """
    best = {
        title: min((n for n in figures.rounds if title in n), key=figures.median, default="")
        for title in (SPIN_ONE, SPIN_TWO)
    }
    rows = []
    for name in figures.rounds:
        if name == LOOKUPS:
            continue
        against = {ONE: best[SPIN_ONE], TWO: best[SPIN_TWO]}.get(name, "")
        ratio = figures.ratio(against, name) if against else 0.0
        least = wanted.get(name, 0.0)
        rows.append(
            [
                name,
                _rate(STATES[size], figures.median(name)),
                f"{notes.bytes_each[name]:.1f}",
                f"{ratio:.1f}x" if ratio else "",
                f"≥ {least:g}x {verdict(ratio >= least)}" if ratio and least else "",
            ]
        )
    title = f"mirror{size}"
    text = table([title, "states", "bytes each", "times SPIN", "target"], rows)
    steps = _rate(notes.transitions, figures.median(ONE))
    ceiling = _rate(notes.transitions, figures.median(LOOKUPS))
    share, gain = figures.ratio(LOOKUPS, ONE), figures.ratio(ONE, TWO)
    return "\n".join(
        [
            text,
            f"one thread looks up {steps} of {ceiling} that the machine can at best: "
            f"{share:.0%} (wanted: 50%, {verdict(share >= 0.5)})",
            f"two threads are {gain:.2f} times as fast as one "
            f"(wanted: 1.7, {verdict(gain >= 1.7)})",
        ]
    )


# ── A small model: everybody ─────────────────────────────────────────────────────────

SMALL: Final[Size] = (1, 3, 4)


def small(rounds: int) -> Figures:
    """Every explorer that takes a model from Python, on a model that all of them manage."""
    _, probes, capacity = SMALL
    system = build(mirror(*SMALL))
    contenders: dict[str, Callable[[], int]] = {
        ONE: lambda: len(_compiled_search(system)),
        PYTHON: lambda: len(python_engine.search(system)),
        PLAIN: lambda: plain_mirror.search(probes, capacity)[0],
    }
    if checkers.installed("minicheck"):
        contenders[MINICHECK] = lambda: checkers.by_minicheck(probes, capacity)
    if checkers.installed("musil"):
        contenders[MUSIL] = lambda: checkers.by_musil(probes, capacity)
    contenders[ONE]()  # compiles it
    samples = {name: _counted(run) for name, run in contenders.items()}
    return side_by_side(f"mirror{SMALL}", samples, rounds)


def _counted(run: Callable[[], int]) -> Sample:
    def sample() -> float:
        began = perf_counter()
        states = run()
        taken = perf_counter() - began
        _demand(states, SMALL)
        return taken

    return sample


def small_table(figures: Figures) -> str:
    """States a second, and how many times as long each takes as the C engine."""
    rows = [
        [name, _rate(STATES[SMALL], figures.median(name)), f"{figures.ratio(name, ONE):,.0f}x"]
        for name in figures.rounds
    ]
    lacking = [name for name in (MINICHECK, MUSIL) if name not in figures.rounds]
    rows += [[name, "not installed", ""] for name in lacking]
    return table([f"mirror{SMALL}", "states", "takes"], rows)


# ── From a cold start ────────────────────────────────────────────────────────────────

COLD: Final[Size] = (1, 3, 5)
COLD_SECONDS: Final = 1.0


def cold(rounds: int) -> Figures:
    """From the text of a model to its verdict, with nothing compiled beforehand."""
    samples: dict[str, Sample] = {ONE: _cold}
    if not spin.missing():
        samples |= {f"SPIN, {name}": _scratch(model) for name, model in spin.MODELS.items()}
    return side_by_side(f"cold start of mirror{COLD}", samples, rounds)


def _scratch(model: Path) -> Sample:
    return lambda: spin.from_scratch(model, COLD, STATES[COLD])


def _cold() -> float:
    program = (
        "import sys; sys.path.append('tests')\n"
        "from known_models.mirror import mirror\n"
        "from steptable.check import check\n"
        f"print(check(mirror{COLD}, engine='c').states)"
    )
    with _empty_cache() as environment:
        began = perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[1],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        taken = perf_counter() - began
    _demand(int(done.stdout), COLD)
    return taken


@contextmanager
def _empty_cache() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield {**os.environ, "XDG_CACHE_HOME": folder}


def cold_table(figures: Figures) -> str:
    """Seconds until the verdict."""
    rows = [[name, f"{figures.median(name):.2f} s", ""] for name in figures.rounds]
    met = verdict(figures.median(ONE) < COLD_SECONDS)
    rows[0][2] = f"< {COLD_SECONDS:g} s {met}"
    return table([f"cold start, mirror{COLD}", "to the verdict", "target"], rows)


# ── All of it ────────────────────────────────────────────────────────────────────────


def tables(rounds: int = ROUNDS) -> list[str]:
    """Everything measured, as tables; what is missing for a part is said instead."""
    lacking = spin.missing()
    made = [f"SPIN is not measured: {lacking}"] if lacking else []
    one_word, two_words = (1, 4, 5), (2, 2, 3)
    made.append(large_table(one_word, *large(one_word, rounds), {ONE: 15, TWO: 15}))
    made.append(large_table(two_words, *large(two_words, rounds), {ONE: 8}))
    made.append(small_table(small(rounds)))
    made.append(cold_table(cold(rounds)))
    return made


if __name__ == "__main__":
    print("\n\n".join(tables()))
