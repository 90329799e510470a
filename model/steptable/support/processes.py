"""Runs tasks beside each other, each in a process of its own that is forked off this one.

A task is a function: what it knows is what this process knows, and what it returns is bytes, as is
what it says on the way. A process that dies takes no other task with it. After Ctrl-C no task is
begun any more; those that run are told, may return what they know, and have a while for it. This
module does not know what tasks do, or what the bytes say.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Final, Literal, TypeAlias

from steptable.support.interrupts import heard_once

Say: TypeAlias = Callable[[bytes], None]
Task: TypeAlias = Callable[[Say], bytes]

BEAT: Final = 0.1
"""Seconds after which a message comes at the latest, so that progress can be shown to go on."""

_GRACE: Final = 100
"""Beats that tasks have, once Ctrl-C came, to return what they know."""


@dataclass(frozen=True)
class Message:
    """What a task said, or returned; or why its process ended without that, as a text."""

    task: int
    kind: Literal["said", "returned", "lost"]
    content: bytes


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class Processes:
    """Tasks, up to `at_most` of them at a time."""

    tasks: Sequence[Task]
    at_most: int
    interrupted: bool = False
    """Whether Ctrl-C came, so that not every task need have been begun."""
    _running: dict[Connection, tuple[int, ForkProcess]] = field(default_factory=dict)

    def messages(self) -> Iterator[Message | None]:
        """What comes from the tasks, and None where nothing has come for a `BEAT`."""
        waiting = deque(range(len(self.tasks)))
        left = _GRACE
        try:
            while self._running or (waiting and not self.interrupted):
                try:
                    while waiting and len(self._running) < self.at_most and not self.interrupted:
                        self._begin(waiting.popleft())
                    ready = wait(list(self._running), BEAT)
                except KeyboardInterrupt:
                    self._interrupt()
                    continue
                for connection in ready:
                    assert isinstance(connection, Connection)  # noqa: S101  # nothing else is waited for
                    yield self._received(connection)
                if not ready:
                    yield None
                    left -= self.interrupted
                    if left < 0:
                        return
        finally:
            for _, process in self._running.values():
                process.kill()
            for connection in list(self._running):
                self._end(connection)

    def _begin(self, number: int) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_run, args=(self.tasks[number], theirs))
        process.start()
        theirs.close()
        self._running[ours] = number, process

    def _interrupt(self) -> None:
        if self.interrupted:  # once more: whoever waits has had enough
            raise KeyboardInterrupt
        self.interrupted = True
        for _, process in self._running.values():
            if process.pid is not None:
                # From a terminal they have heard it already, and hear it once.
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)

    def _received(self, connection: Connection) -> Message:
        number, process = self._running[connection]
        try:
            kind, content = connection.recv_bytes(), connection.recv_bytes()
        except EOFError:
            self._end(connection)
            return Message(number, "lost", _ended(process.exitcode).encode())
        if kind == b"said":
            return Message(number, "said", content)
        self._end(connection)
        return Message(number, "returned" if kind == b"returned" else "lost", content)

    def _end(self, connection: Connection) -> None:
        _, process = self._running.pop(connection)
        connection.close()
        process.join()


def _ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with {code}"


def _run(task: Task, connection: Connection) -> None:
    """What a process does: all that comes out of it goes through the connection."""

    def send(kind: bytes, content: bytes) -> None:
        try:
            connection.send_bytes(kind)
            connection.send_bytes(content)
        except OSError:  # nobody is there any more to whom it could be of use
            os._exit(1)

    with heard_once():
        try:
            returned = task(lambda content: send(b"said", content))
        except BaseException as error:  # noqa: BLE001  # whatever it is, somebody waits for an answer
            lines = traceback.format_exception_only(error)
            place = traceback.extract_tb(sys.exc_info()[2])[-1]
            said = f"{lines[-1].strip()} (at {place.name}, line {place.lineno})"
            send(b"lost", said.encode(errors="replace"))
        else:
            send(b"returned", returned)
