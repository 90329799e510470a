"""How much memory a search may take."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_SHARE: Final = 0.85
"""Of what is there; the rest is for everything else."""

_FALLBACK: Final = 4 << 30
"""Bytes, where a system does not say what it has."""


def available() -> int:
    """Bytes that can be taken now without others being driven out, by every limit there is."""
    limits = [_free(), *_of_process(), *_of_group()]
    return int(min(limits) * _SHARE)


def _free() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return _FALLBACK


def _of_process() -> list[int]:
    """What is left of the address space that `ulimit -v` allows."""
    if sys.platform == "win32":
        return []
    import resource  # noqa: PLC0415

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        pages = 0
    return [max(0, limit - pages * os.sysconf("SC_PAGE_SIZE"))]


def _of_group() -> list[int]:
    """What is left of the memory that a control group allows."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        taken = int((folder / "memory.current").read_text(encoding="ascii"))
        return [] if limit == "max" else [max(0, int(limit) - taken)]
    except (OSError, ValueError):
        return []
