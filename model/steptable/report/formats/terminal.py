"""How results and progress reach a screen, or a pipe in its place."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Table

from steptable.support.plain import harmless

_ANY_WIDTH: Final = 10_000


class Unwritable(Exception):
    """What there is to say can't be written where it is to go; the message says why."""


@contextmanager
def written() -> Iterator[None]:
    """Raises `Unwritable` where output fails, unless nobody reads it on: `BrokenPipeError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritable(error.strerror or str(error)) from error


class Terminal(Console):
    """Prints text as it is, never as markup. A pipe that nobody reads raises BrokenPipeError.

    Whatever is printed may hold names and messages of others, so all of it passes `render`, which
    writes out what would steer the reader's terminal, or the build whose log it becomes.
    """

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(
            stderr=stderr, width=width, highlight=False, markup=False, emoji=False, soft_wrap=True
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The pieces of what is to be printed; control characters in them are rich's own alone."""
        begun = ""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
                continue
            # What a line begins with makes it a command, however many pieces that comes in.
            before, whole = harmless(begun), harmless(begun + segment.text)
            text = whole.removeprefix(before)
            if not whole.startswith(before):
                text = f"\\{harmless(segment.text)}"
            yield Segment(text, segment.style)
            begun = (begun + segment.text).rpartition("\n")[2]

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def print(self, *objects: Any, **given: Any) -> None:
        """Print as rich does. Raises `Unwritable` where it can't be written."""
        with written():
            super().print(*objects, **given)

    @property
    def columns(self) -> int | None:
        """The width that lines must keep to; a pipe takes lines of any length."""
        return self.width if self.file.isatty() else None

    def print_line(self, line: str, style: str) -> None:
        """Print a line of a file, whose tabs stay tabs."""
        self.print(Segments([Segment(f"{line}\n", Style.parse(style))]))

    def print_table(self, table: Table) -> None:
        """Print what may be wide: into a pipe as wide as it is, whatever COLUMNS says."""
        wide = self if self.columns else Terminal(stderr=self.stderr, width=_ANY_WIDTH)
        wide.print(table, soft_wrap=False)


_COLUMNS: Final = (
    SpinnerColumn(),
    TextColumn("{task.description}", markup=False),
    TimeElapsedColumn(),
)


@dataclass
class Shown:
    """Progress of one world on a terminal."""

    world: str
    bar: Progress
    task: TaskID
    began: float = field(default_factory=time.perf_counter)

    def searched(self, states: int, depth: int, left: int) -> None:
        """How far the search is: states found, depth, states of this depth still to expand."""
        rate = round(states / max(time.perf_counter() - self.began, 1e-3))
        self.doing(f"{states:,} states, {rate:,} states/s, depth {depth}, frontier {left:,}")

    def doing(self, what: str) -> None:
        """What is being done, in a few words."""
        self.bar.update(self.task, description=f"{self.world}: {what}")


@contextmanager
def progress(terminal: Terminal, world: str, *, quiet: bool) -> Iterator[Shown]:
    """Gives what the progress of a world is told to; it is shown on a terminal, and then gone."""
    shown = terminal.is_terminal and not quiet
    with Progress(*_COLUMNS, console=terminal, transient=True, disable=not shown) as bar:
        yield Shown(world, bar, bar.add_task(f"{world}: building"))


class ShownWorlds:
    """Progress of several worlds on a terminal: a line for each that is being explored.

    It is shown while nothing is said for a while, and gone before something is printed.
    """

    def __init__(self, terminal: Terminal, *, quiet: bool) -> None:
        self._is_shown = terminal.is_terminal and not quiet
        self._bar = Progress(
            *_COLUMNS,
            console=terminal,
            transient=True,
            disable=not self._is_shown,
            # A thread that draws could not be taken along into the processes that explore.
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._worlds: dict[str, Shown] = {}

    def searched(self, world: str, states: int, depth: int, left: int) -> None:
        """How far a search is: states found, depth, states of this depth still to expand."""
        self._of(world).searched(states, depth, left)

    def doing(self, world: str, what: str) -> None:
        """What is being done, in a few words."""
        self._of(world).doing(what)

    def done(self, world: str) -> None:
        """That nothing more is done of a world."""
        if world in self._worlds:
            self._bar.remove_task(self._worlds.pop(world).task)
        self.hide()

    def beat(self) -> None:
        """Show what there is."""
        if self._is_shown and self._worlds:
            self._bar.start()
            self._bar.refresh()

    def hide(self) -> None:
        """Show nothing, so that something can be printed."""
        if self._is_shown:
            self._bar.stop()

    def _of(self, world: str) -> Shown:
        if world not in self._worlds:
            task = self._bar.add_task(f"{world}: building")
            self._worlds[world] = Shown(world, self._bar, task)
        return self._worlds[world]
