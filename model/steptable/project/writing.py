"""Writes files whole or not at all, and several of them together.

Every file is first written beside its place, under a name that says so, and all are renamed once
all are there: a full disk, a folder that can't be written or Ctrl-C leaves what was there before.
What a killed process leaves beside its files is known by its name, and by nobody having it open.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from steptable.errors import UsageError
from steptable.support.interrupts import demand_none, undisturbed

_PREFIX: Final = ".steptable-"
_SUFFIX: Final = ".new"


def write(path: Path, content: bytes) -> None:
    """Replace one file; see `write_all`."""
    write_all({path: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Replace some files: all of them or none. Makes their folders if need be.

    Links are followed, and modes are kept. Raises `UsageError` where a file can't be written.
    """
    demand_none()
    with undisturbed(), ExitStack() as stack:
        staged = [
            (path, *stack.enter_context(_staged(path, content))) for path, content in files.items()
        ]
        for path, temporary, target in staged:
            with _refusing(path):
                temporary.replace(target)


def leftovers(folder: Path) -> Iterator[Path]:
    """What writing has left behind in a folder since it was killed."""
    for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:  # somebody is writing it just now, or has finished
            continue
        yield path


@contextmanager
def _staged(path: Path, content: bytes) -> Iterator[tuple[Path, Path]]:
    """The new content beside its place, and that place; what is still there at the end is gone."""
    with ExitStack() as stack:
        with _refusing(path):
            target = path.resolve()
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=_PREFIX, suffix=_SUFFIX)
            temporary = Path(name)
            stack.callback(temporary.unlink, missing_ok=True)
            with os.fdopen(handle, "wb", closefd=False) as file:
                stack.callback(os.close, handle)
                _lock(handle)
                file.write(content)
            temporary.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        yield temporary, target


def _lock(handle: int) -> None:
    """Show others that a file is being written; where files can't be locked, they can't see it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        return


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Says of what goes wrong which file can't be written."""
    try:
        yield
    except FileExistsError as error:
        raise UsageError(f"{path} can't be written: {error.filename} is no folder") from error
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from error
    except RuntimeError as error:  # Python before 3.13, of links
        raise UsageError(f"{path} can't be written: its links lead in a circle") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
