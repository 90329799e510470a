"""Runs tasks beside each other, each in a process of its own that is forked off this one.

A task is a function: what it knows is what this process knows, and what it returns is bytes, as is
what it says on the way. A process that dies takes no other task with it. After Ctrl-C no task is
begun any more; those that run are told, may return what they know, and have a while for it. This
module does not know what tasks do, or what the bytes say.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Final, Literal, TypeAlias

from steptable.support.interrupts import counted, heard_once, withheld

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
        gc.freeze()  # what is there is there for all of them, and collected by none
        try:
            with counted() as presses:
                yield from self._messages(presses)
        finally:
            gc.unfreeze()
            for _, process in self._running.values():
                process.kill()
            for connection in list(self._running):
                self._end(connection)

    def _messages(self, presses: Callable[[], int]) -> Iterator[Message | None]:
        waiting = deque(range(len(self.tasks)))
        left = _GRACE
        while self._running or (waiting and not self.interrupted):
            if presses() and not self.interrupted:
                self._interrupt()
            while waiting and len(self._running) < self.at_most and not self.interrupted:
                self._begin(waiting.popleft())
            ready = wait(list(self._running), BEAT)
            for connection in ready:
                assert isinstance(connection, Connection)  # noqa: S101  # nothing else is waited for
                yield self._received(connection)
            if not ready:
                yield None
                left -= self.interrupted
            if left < 0 or presses() > 1:  # whoever waits has had enough
                return

    def _begin(self, number: int) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_run, args=(self.tasks[number], theirs))
        with withheld():
            process.start()
        theirs.close()
        self._running[ours] = number, process

    def _interrupt(self) -> None:
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


class Lost(Exception):
    """A process did not come to its end; the message says why."""


def answers(
    functions: Sequence[Callable[[], bytes]], at_most: int, beat: Callable[[], None] | None = None
) -> list[bytes]:
    """What some functions return, run beside each other; raises what the first of them raises.

    After Ctrl-C that is `KeyboardInterrupt`, and `Lost` where a process dies.
    """
    processes = Processes([partial(_answer, function) for function in functions], at_most)
    returned: dict[int, bytes] = {}
    for message in processes.messages():
        if message is None:
            if beat is not None:
                beat()
            continue
        if message.kind == "lost":
            raise Lost(message.content.decode())
        returned[message.task] = message.content
        if message.content[:1] == RAISED:
            break
    for content in returned.values():
        if content[:1] == RAISED:
            raise raised(content)
    if processes.interrupted:
        raise KeyboardInterrupt
    return [returned[number][1:] for number in range(len(functions))]


RETURNED: Final = b"="
RAISED: Final = b"!"
"""What an answer begins with: what was returned follows, or what was raised."""


def raised(content: bytes) -> BaseException:
    """What a process of ours has raised. Nobody else can write to its end of the connection."""
    error: BaseException = pickle.loads(content[1:])
    return error


def answer(function: Callable[[], bytes]) -> bytes:
    """What a function returns or raises, to be sent to the process that waits for it."""
    try:
        return RETURNED + function()
    except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
        content = RAISED + pickle.dumps(error)
        raised(content)  # what can't be read there ends the process here, and is said so
        return content


def _answer(function: Callable[[], bytes], _: Say) -> bytes:
    return answer(function)


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
