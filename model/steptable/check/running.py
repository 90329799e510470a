"""Checks worlds: one by itself, or several beside each other, out of what is kept where it is.

Each world is explored in a process of its own. What goes wrong with one, even with its process, is
said of that one, and hides no other. Only what is whole is kept, and only what was asked for in the
usual way is looked up: who names an engine wants that one to explore.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from steptable.check.judging import explore, load_libraries
from steptable.check.plain_results import PlainOutcome, PlainResult, read, written
from steptable.check.results import result
from steptable.check.verdicts import Result
from steptable.errors import is_end_of_memory
from steptable.explore import memory
from steptable.explore.engines import Engine, Tell
from steptable.explore.exploration import Doing, Progress
from steptable.explore.overflows import Overflow
from steptable.kept.results import Kept
from steptable.support.processes import (
    RAISED,
    Lost,
    Message,
    Processes,
    Say,
    answer,
    processors,
    raised,
)
from steptable.targets.structs import Structs
from steptable.world import World


@dataclass(frozen=True)
class EngineOptions:
    """How worlds are explored."""

    engine: Engine = "auto"
    threads: int = 1
    symmetry: bool | None = None
    max_states: int | None = None

    @property
    def is_usual(self) -> bool:
        """Whether what is kept may stand for it."""
        return self.engine == "auto" and self.threads == 1 and self.max_states is None

    @property
    def processes(self) -> int:
        """How many worlds are explored at a time."""
        return max(1, processors() // self.threads)


def check(
    world: World,
    structs: Mapping[str, Structs] | None = None,
    *,
    engine: Engine = "auto",
    threads: int = 1,
    symmetry: bool | None = None,
    max_states: int | None = None,
    progress: Progress | None = None,
    doing: Doing | None = None,
    tell: Tell | None = None,
) -> Result:
    """Explore a world and judge each of its properties.

    What a world calls interchangeable is made use of where it is shown to be; with `symmetry`,
    that it is not is a `UsageError`; without (False), every state is explored.

    With `structs`, by machine name, traces are replayed through the generated reducer. Verdicts
    and the lengths of traces are the same whatever the engine and the number of threads. What is
    told to `progress` is how the search goes, and to `doing` what comes after it. Ctrl-C and
    the end of memory leave `inconclusive` what is not decided until then, and say so in `stopped`.
    Raises `Disagreement` where a replay does not show what the exploration found, `Overflow`
    (a `SpecError`) where a value leaves its bounds, and `UsageError` where an engine can't be had.
    """
    began = time.perf_counter()
    finding = explore(
        world,
        engine=engine,
        threads=threads,
        symmetry=symmetry,
        max_states=max_states,
        progress=progress,
        doing=doing,
        tell=tell,
    )
    return result(world, finding, structs or {}, time.perf_counter() - began)


@dataclass(frozen=True)
class Outcome:
    """What became of one world: its result, or what went wrong instead."""

    world: World
    result: Result | Exception


class Watcher(Protocol):
    """Sees how the exploration of worlds goes."""

    def searched(self, world: str, states: int, depth: int, left: int) -> None:
        """How far a search is."""

    def doing(self, world: str, what: str) -> None:
        """What is being done of a world, in a few words."""

    def done(self, world: str) -> None:
        """That a world is explored."""

    def beat(self) -> None:
        """That time goes by."""

    def hide(self) -> None:
        """That something is about to be printed."""


class Blind:
    """Sees nothing."""

    def searched(self, world: str, states: int, depth: int, left: int) -> None:
        """Nothing."""

    def doing(self, world: str, what: str) -> None:
        """Nothing."""

    def done(self, world: str) -> None:
        """Nothing."""

    def beat(self) -> None:
        """Nothing."""

    def hide(self) -> None:
        """Nothing."""


@dataclass
class Check:
    """A check of several worlds."""

    worlds: Sequence[World]
    structs: Mapping[str, Structs]
    """The generated reducers, by the name of their machine."""
    options: EngineOptions = field(default_factory=EngineOptions)
    kept: Kept = field(default_factory=Kept)
    watcher: Watcher = field(default_factory=Blind)
    tell: Tell | None = None
    interrupted: bool = False
    """Whether Ctrl-C came: not every world need have an outcome then."""
    _outcomes: dict[int, Outcome] = field(default_factory=dict)
    _keys: list[str | None] = field(default_factory=list)

    def outcomes(self) -> Iterator[Outcome]:
        """What became of each world, in order, as soon as it is known."""
        self._keys = [self._key(world) for world in self.worlds]
        wanted = [number for number in range(len(self.worlds)) if not self._look_up(number)]
        shown = 0
        for _ in self._explored(wanted):
            while shown in self._outcomes:
                yield self._outcomes[shown]
                shown += 1
        yield from (
            self._outcomes[number]
            for number in range(shown, len(self.worlds))
            if number in self._outcomes
        )

    def _key(self, world: World) -> str | None:
        if self.options.max_states is not None:
            return None
        return self.kept.key("check", world, self.options.symmetry)

    def _look_up(self, number: int) -> bool:
        """Whether the outcome of a world was kept; a text that can't be its own is no outcome."""
        began = time.perf_counter()
        text = self.kept.found(self._keys[number]) if self.options.is_usual else None
        finding = None if text is None else read(text)
        if finding is None:
            return False
        outcome = self._outcome(number, finding, began)
        if not isinstance(outcome.result, Result | Overflow):
            return False
        self._outcomes[number] = outcome
        return True

    def _outcome(self, number: int, finding: PlainOutcome, began: float) -> Outcome:
        world = self.worlds[number]
        try:
            made = result(world, finding, self.structs, time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001  # it is said, or raised, by who asked
            return Outcome(world, error)
        return Outcome(world, made)

    # ── Exploring ────────────────────────────────────────────────────────────────────

    def _explored(self, wanted: list[int]) -> Iterator[None]:
        """Explore some worlds, and come back whenever there may be an outcome."""
        at_most = min(self.options.processes, len(wanted))
        for number in wanted:
            load_libraries(self.worlds[number])  # once for all that are forked off
        crowded: list[int] = []
        yield
        yield from self._beside(wanted, at_most, crowded)
        if crowded and not self.interrupted:
            # There was too little memory for several, which may be enough for one.
            yield from self._beside(crowded, 1, [])

    def _beside(self, wanted: list[int], at_most: int, crowded: list[int]) -> Iterator[None]:
        processes = Processes([self._task(self.worlds[n], at_most) for n in wanted], at_most)
        for message in processes.messages():
            if message is None:
                self.watcher.beat()
                continue
            number = wanted[message.task]
            if message.kind == "said":
                self._hear(self.worlds[number].name, message.content)
                continue
            self.watcher.done(self.worlds[number].name)
            outcome = self._answered(number, message)
            if at_most > 1 and outcome is not None and _is_short_of_memory(outcome):
                crowded.append(number)
            elif outcome is not None:
                self._outcomes[number] = outcome
            yield
        self.interrupted |= processes.interrupted

    def _task(self, world: World, processes: int) -> Callable[[Say], bytes]:
        def run(say: Say) -> bytes:
            memory.share(processes)
            return answer(lambda: _explore(world, self.options, say))

        return run

    def _hear(self, world: str, content: bytes) -> None:
        kind, *said = msgspec.json.decode(content)
        match kind:
            case "searched":
                self.watcher.searched(world, *said)
            case "doing":
                self.watcher.doing(world, *said)
            case _ if self.tell is not None:
                self.tell(*said)

    def _answered(self, number: int, message: Message) -> Outcome | None:
        """The outcome of a world out of what its process returned; none if Ctrl-C came first."""
        world = self.worlds[number]
        if message.kind == "lost":
            said = message.content.decode()
            return Outcome(world, Lost(f"world '{world.name}' was not explored: {said}"))
        if message.content[:1] == RAISED:
            error = raised(message.content)
            if isinstance(error, KeyboardInterrupt):
                self.interrupted = True
                return None
            if not isinstance(error, Exception):
                raise error
            return Outcome(world, error)
        seconds, text = msgspec.json.decode(message.content[1:], type=tuple[float, str])
        finding = read(text.encode())
        if finding is None:
            raise AssertionError(f"world '{world.name}': {text}")
        outcome = self._outcome(number, finding, time.perf_counter() - seconds)
        if not isinstance(finding, PlainResult) or not finding.stopped:
            self.kept.keep(self._keys[number], text.encode())
        elif isinstance(outcome.result, Result):
            self.interrupted |= outcome.result.interrupted
        return outcome


def _explore(world: World, options: EngineOptions, say: Say) -> bytes:
    """What is found in a world, by a process of its own, with the seconds that it took."""

    def told(kind: str) -> Callable[..., None]:
        return lambda *said: say(msgspec.json.encode((kind, *said)))

    began = time.perf_counter()
    told("doing")("building")
    finding = explore(
        world,
        engine=options.engine,
        threads=options.threads,
        symmetry=options.symmetry,
        max_states=options.max_states,
        progress=told("searched"),
        doing=told("doing"),
        tell=told("tell"),
    )
    return msgspec.json.encode((time.perf_counter() - began, written(finding).decode()))


def _is_short_of_memory(outcome: Outcome) -> bool:
    if isinstance(outcome.result, Result):
        return "out of memory" in outcome.result.stopped
    return is_end_of_memory(outcome.result)
