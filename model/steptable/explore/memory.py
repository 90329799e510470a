"""How much memory a search may take: what every limit leaves, and room for what comes after it.

A limit is the system's, the process's own (`ulimit`), or one of a control group that the process is
in: of either version, and of every group around it. Files are read below a folder, which is the
root of the file system unless somebody has another one to read.
"""

from __future__ import annotations

import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path("/")

ROOM: Final = 48 << 20
"""Bytes that a search leaves to those who judge and tell what it found."""

_SHARE: Final = 0.85
"""Of what is there beside that; the rest is for everything else."""

_FALLBACK: Final = 4 << 30
"""Bytes, where a system does not say what it has."""

_STACK: Final = 8 << 20
"""Bytes of address space for the stack of a thread, where nothing is said of it."""

_LIBRARIES: Final = 256 << 20
"""Bytes of address space that numpy and scipy take with one thread, generously."""

_THREADS: Final = "OPENBLAS_NUM_THREADS"
"""How many threads numpy's library for linear algebra starts as soon as it is loaded."""

_GROUPS: Final = (
    (("memory.max", "memory.high"), "memory.current", "inactive_file"),
    (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"),
)
"""The files of a control group of each version: limits, what is taken, and what of that is merely
kept of files, in `memory.stat`."""


def available(root: Path = ROOT) -> int:
    """Bytes that a search can take now without others being driven out, by every limit there is."""
    return max(0, int((left(root) - ROOM) * _SHARE))


def left(root: Path = ROOT) -> int:
    """Bytes that are left of the narrowest limit."""
    return min([left_of_machine(root), *_of_process(root)])


def left_of_machine(root: Path = ROOT) -> int:
    """The same without limits of the process: beyond those memory is refused, beyond these the
    system ends whom it likes."""
    return min([_free(root), *_of_groups(root)]) // _Share.of


class _Share:
    of = 1
    """How many processes of ours what is left of the machine is for."""


def share(processes: int) -> None:
    """Take what is left of the machine for that of so many processes that search beside this."""
    _Share.of = processes


def stacks(threads: int) -> int:
    """Bytes that more threads than one take of an address space that is limited."""
    limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    stack, _ = resource.getrlimit(resource.RLIMIT_STACK)
    return limited * (threads - 1) * (_STACK if stack == resource.RLIM_INFINITY else stack)


@contextmanager
def loading_libraries(root: Path = ROOT) -> Iterator[None]:
    """For those who import numpy and scipy: raises `MemoryError` where there is no room for them.

    They would end the process, or never come to an end. One thread for linear algebra, of which
    nothing here makes use, takes the least of a narrow address space, and can be forked.
    """
    if "scipy.sparse.csgraph" in sys.modules:
        yield
        return
    if min(_of_process(root), default=_LIBRARIES) < _LIBRARIES:
        raise MemoryError
    asked = os.environ.get(_THREADS)
    os.environ.setdefault(_THREADS, "1")
    try:
        yield
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError):
            raise
        raise MemoryError from error  # a part of a library could not be mapped
    finally:
        if asked is None:
            del os.environ[_THREADS]


def _free(root: Path) -> int:
    """What the whole system has left."""
    known = re.search(r"^MemAvailable:\s*(\d+) kB", _read(root / "proc/meminfo"), re.MULTILINE)
    if known:
        return int(known[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return _FALLBACK


def _of_process(root: Path) -> list[int]:
    """What is left of the address space and the data that `ulimit -v` and `ulimit -d` allow."""
    pages = [int(word) for word in _read(root / "proc/self/statm").split() if word.isdigit()]
    found = []
    for which, place in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)):
        limit, _ = resource.getrlimit(which)
        if limit != resource.RLIM_INFINITY:
            taken = pages[place] if place < len(pages) else 0
            found.append(max(0, limit - taken * resource.getpagesize()))
    return found


def _of_groups(root: Path) -> Iterator[int]:
    """What each limit leaves, of the control groups that the process is in and those around."""
    of_process = [line.split(":", 2) for line in _lines(root / "proc/self/cgroup")]
    for line in _lines(root / "proc/self/mountinfo"):
        mounted, _, about = line.partition(" - ")
        kind, _, options = about.partition(" ")
        if kind not in ("cgroup", "cgroup2") or len(fields := mounted.split()) < 5:
            continue
        controllers = re.split(r"[\s,]", options) if kind == "cgroup" else [""]
        if kind == "cgroup" and "memory" not in controllers:
            continue
        wanted: Callable[[str], bool] = "".__eq__ if kind == "cgroup2" else _has_memory
        of_mount, top = _unescaped(fields[3]), root / _unescaped(fields[4]).lstrip("/")
        for path in (parts[2] for parts in of_process if len(parts) == 3 and wanted(parts[1])):
            below = Path(path)
            if below.is_relative_to(of_mount):
                below = below.relative_to(of_mount)
            group = top / str(below).lstrip("/")
            # Of a group that can't be seen from here, the mounted one is the nearest.
            group = group if group.is_dir() and ".." not in below.parts else top
            while group.is_relative_to(top):
                yield from _of_group(group)
                group = group.parent


def _has_memory(controllers: str) -> bool:
    return "memory" in controllers.split(",")


def _of_group(folder: Path) -> Iterator[int]:
    """What is left in one control group, by each of its limits."""
    for limits, usage, cached in _GROUPS:
        taken = _read(folder / usage).strip()
        if not taken.isdigit():
            continue
        kept = re.search(rf"^{cached} (\d+)$", _read(folder / "memory.stat"), re.MULTILINE)
        for name in limits:
            limit = _read(folder / name).strip()
            if limit.isdigit():  # else it is "max"
                yield max(0, int(limit) - int(taken) + (int(kept[1]) if kept else 0))


def _lines(file: Path) -> list[str]:
    return _read(file).splitlines()


def _read(file: Path) -> str:
    """The text of a file of the system, or nothing."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _unescaped(path: str) -> str:
    """A path as it is, of which mountinfo writes blanks and the like as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)
