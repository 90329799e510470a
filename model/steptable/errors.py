"""Faults of a declaration: where each stands, what is wrong, what to write instead.

Declarations are read whole before anything is said, so that one run names every
fault. This module knows nothing of what is declared.
"""

from __future__ import annotations

import dataclasses
import difflib
import errno
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType
from typing import NoReturn

from steptable.support.plain import harmless, printable

_DATACLASSES = dataclasses.__file__
_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A line of a source file; files are absolute, and shown relative to the folder of the run."""

    file: str
    line: int

    def __str__(self) -> str:
        if not self.file:
            return "(no file)"
        relative = os.path.relpath(self.file)
        shown = self.file if relative.startswith("..") else relative
        # What is shown is text; a name that is no UTF-8 is not, and could be written nowhere.
        return f"{os.fsencode(shown).decode(errors='replace')}:{self.line}"

    def __bool__(self) -> bool:
        """Whether a place is known; parts that nobody declared have none."""
        return bool(self.file)


def declared_at() -> Location:
    """The line of the nearest caller outside this package: the declaration being read."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_machinery(frame.f_code):
        frame = frame.f_back
    return Location(frame.f_code.co_filename, frame.f_lineno)


def _is_machinery(code: CodeType) -> bool:
    # The __init__ methods that dataclasses generate have "<string>" for a file.
    generated = code.co_filename == "<string>" and code.co_name == "__init__"
    return generated or code.co_filename == _DATACLASSES or code.co_filename.startswith(_PACKAGE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a declaration, in the one shape that every fault has."""

    location: Location
    where: str
    problem: str
    advice: str
    slug: str

    def __str__(self) -> str:
        told = f"{self.location}: {self.where}: {self.problem}; {self.advice} [{self.slug}]"
        return harmless(printable(told, kept=""))


class SpecError(Exception):
    """A declaration is wrong. `faults` has every fault of the run, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        # Faults about generated or repeated parts can arise twice; one line each is enough.
        unique = dict.fromkeys(faults)
        self.faults = tuple(sorted(unique, key=lambda fault: (fault.location, fault.where)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class UsageError(Exception):
    """The tool was asked for something it can't do; the message says what to do instead."""


class Incomplete(Exception):
    """What was to be made needs all of a world, and its exploration ended before it had that."""


def is_end_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory has ended, in any of the ways that this is said."""
    match error:
        case MemoryError():
            return True
        case OSError(errno=code):
            return code == errno.ENOMEM
        case ImportError():  # a library could not be mapped
            said = str(error).lower()
            return "failed to map" in said or "cannot allocate" in said
    return False


class GenerationError(Exception):
    """What was generated out of a sound declaration does not work: a flaw of this tool."""

    def __str__(self) -> str:
        told = super().__str__()
        return f"{told}; it is not used. This is a bug of steptable, please report it"


def fail(where: str, problem: str, advice: str, slug: str) -> NoReturn:
    """Raise a `SpecError` at once, for what makes reading on pointless."""
    raise SpecError([Fault(declared_at(), where, problem, advice, slug)])


def suggestion(name: str, names_known: Iterable[str]) -> str:
    """What to write instead of an unknown `name`: the nearest known one, or all of them."""
    names = sorted(names_known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"write one of: {', '.join(names)}" if names else "nothing can be written here"
