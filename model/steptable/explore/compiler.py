"""Compiles C into libraries, and keeps them in the user's cache directory.

An entry is named for what it was made of (source, compiler, flags, machine) and for its own
content, so that one which is damaged, or was put there by somebody else, is made again and never
loaded. Where no directory is private to the user, nothing is kept.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steptable.errors import UsageError

_FLAGS: Final = (
    *("-std=gnu11", "-fPIC", "-shared", "-pthread", "-fvisibility=hidden"),
    # Looking for what could be done several words at a time takes more than half of the time of
    # compiling, and finds nothing that makes a search faster.
    *("-O2", "-fno-tree-vectorize"),
)

_KEPT: Final = 64
"""Libraries in the cache; those that were not used for the longest time go first."""

_SECONDS: Final = 300
"""A compiler that takes longer than this hangs."""


class CompileError(UsageError):
    """A compiler can't make a library of what it is given; the message has its own words."""


@dataclass(frozen=True)
class Compiler:
    """A C compiler, as the words of its command."""

    command: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join(self.command)

    @property
    def flags(self) -> tuple[str, ...]:
        """What it is told, the user's own $CFLAGS last."""
        own = ("-march=native",) if platform.machine() in ("x86_64", "AMD64") else ()
        return (*_FLAGS, *own, *shlex.split(os.environ.get("CFLAGS", "")))

    @property
    def identity(self) -> str:
        """Tells compilers and their versions apart, without running one."""
        file = Path(self.command[0]).resolve()
        about = file.stat()
        return f"{self.command} {file} {about.st_size} {about.st_mtime_ns}"


def find_compiler() -> Compiler | None:
    """The C compiler that $CC names, else the first of cc, gcc, clang and Python's `ziglang`.

    Raises `UsageError` where $CC names none.
    """
    if named := shlex.split(os.environ.get("CC", "")):
        path = shutil.which(named[0])
        if path is None:
            raise UsageError(f"$CC names '{named[0]}', which is not there; name a C compiler")
        return Compiler((path, *named[1:]))
    for name in ("cc", "gcc", "clang"):
        if path := shutil.which(name):
            return Compiler((path,))
    if importlib.util.find_spec("ziglang"):
        return Compiler((sys.executable, "-m", "ziglang", "cc"))
    return None


def library(source: str, compiler: Compiler) -> ctypes.CDLL:
    """The library of a source, out of the cache or compiled. Raises `CompileError`."""
    parts = (source, compiler.identity, *compiler.flags, _machine())
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    with _directory() as folder:
        entry = _found(folder, key) or _made(folder, key, source, compiler)
        try:
            return ctypes.CDLL(str(entry))
        except OSError as error:
            raise CompileError(f"what {compiler} makes can't be loaded: {error}") from error


def _machine() -> str:
    """Tells processors apart: what is compiled for one may not run on another."""
    about = [sys.platform, platform.machine()]
    with suppress(OSError):
        first, _, _ = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")
        lines = first.splitlines()
        about += [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    return "\0".join(about)


def cache_directory() -> Path | None:
    """Where libraries are kept; None where the user has no home."""
    if (named := os.environ.get("XDG_CACHE_HOME", "")) and Path(named).is_absolute():
        return Path(named) / "steptable"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "steptable"


@contextmanager
def _directory() -> Iterator[Path]:
    """The cache directory if it is private to the user, else one for this time alone."""
    folder = cache_directory()
    if folder is not None:
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(folder, stat.S_ISDIR):
                if stat.S_IMODE(folder.stat().st_mode) != 0o700:
                    folder.chmod(0o700)
                yield folder
                return
    with tempfile.TemporaryDirectory(prefix="steptable-") as once:
        yield Path(once)


def _is_own(path: Path, kind: object) -> bool:
    """Whether it is there, of a kind, no link, and belongs to the user."""
    about = path.lstat()
    return bool(callable(kind) and kind(about.st_mode)) and about.st_uid == os.getuid()


def _named(key: str, content: bytes) -> str:
    digest = hashlib.sha256(key.encode() + content).hexdigest()
    return f"{key[:32]}-{digest[:32]}.so"


def _found(folder: Path, key: str) -> Path | None:
    """The library of a key, if there is one and it is what was once made; others are removed."""
    for entry in sorted(folder.glob(f"{key[:32]}-*.so")):
        with suppress(OSError):
            if _is_own(entry, stat.S_ISREG) and entry.name == _named(key, entry.read_bytes()):
                os.utime(entry)
                return entry
            entry.unlink()
    return None


def _made(folder: Path, key: str, source: str, compiler: Compiler) -> Path:
    """Compile, and put the library in its place when it is whole."""
    with tempfile.TemporaryDirectory(prefix="new-", dir=folder) as workshop:
        text, made = Path(workshop, "system.c"), Path(workshop, "system.so")
        text.write_text(source, encoding="utf-8")
        command = [*compiler.command, *compiler.flags, "-o", str(made), str(text)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CompileError(f"{compiler} can't be run: {error}") from error
        if done.returncode or not made.is_file():
            lines = (done.stderr or done.stdout).strip().splitlines()
            said = ([line for line in lines if "error" in line] or lines)[:3]
            raise CompileError("\n".join([f"{compiler} can't compile the explorer:", *said]))
        made.chmod(0o700)
        entry = folder / _named(key, made.read_bytes())
        made.replace(entry)
    _prune(folder)
    return entry


def _prune(folder: Path) -> None:
    """Remove what was not used for the longest time."""
    ages = []
    for entry in folder.glob("*.so"):
        with suppress(OSError):
            ages.append((entry.stat().st_mtime, entry))
    for _, entry in sorted(ages, reverse=True)[_KEPT:]:
        entry.unlink(missing_ok=True)
