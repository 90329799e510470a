"""Ctrl-C, remembered: it counts even where a library swallows the exception that it raises.

Python raises `KeyboardInterrupt` wherever it happens to be. Some libraries catch all there is, and
what is raised while a generator is thrown away is dropped. The command line remembers that Ctrl-C
came; whoever is about to begin something long, or to write, asks.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end a program."""


class _Memory:
    came = False


def came() -> bool:
    """Whether Ctrl-C came while it was `remembered`."""
    return _Memory.came


def demand_none() -> None:
    """Raise `KeyboardInterrupt` if there was one that may have been swallowed."""
    if _Memory.came:
        raise KeyboardInterrupt


@contextmanager
def remembered() -> Iterator[None]:
    """Remember Ctrl-C while this lasts, beside raising what it raises."""
    _Memory.came = False
    own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not own or threading.current_thread() is not threading.main_thread():
        yield  # somebody else decides what Ctrl-C does
        return
    ignored = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is not KeyboardInterrupt:  # that one is remembered
            ignored(dropped)

    signal.signal(signal.SIGINT, _note)
    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _note(_: int, __: FrameType | None) -> None:
    _Memory.came = True
    raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """Lets the signals that end a program wait until something short is done."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    waiting: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        waiting.append(number)

    before = {
        ending: signal.signal(ending, note)
        for ending in _ENDING
        if signal.getsignal(ending) is not None
    }
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
        for number in waiting:
            signal.raise_signal(number)


@contextmanager
def heard_once() -> Iterator[None]:
    """Hear one Ctrl-C, or one that was `withheld`: a process of ours gets it twice."""
    _Memory.came = False

    def note(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _note(number, frame)

    before = signal.signal(signal.SIGINT, note)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count how often Ctrl-C comes while this lasts, instead of raising what it raises.

    What is raised can be lost where Python drops exceptions, such as while it forks a process.
    """
    presses: list[int] = []

    before = signal.getsignal(signal.SIGINT)

    def note(number: int, _: FrameType | None) -> None:
        _Memory.came |= before is _note
        presses.append(number)

    if threading.current_thread() is not threading.main_thread() or before == signal.SIG_IGN:
        yield lambda: 0
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: len(presses)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def withheld() -> Iterator[None]:
    """Let Ctrl-C wait while this lasts, here and in a process that is forked meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
