"""Compiles C into libraries, and keeps them in the user's cache directory.

An entry is named for what it was made of (source, compiler, flags, machine) and for its own
content, so that one which is damaged is made again and never loaded. Nobody but the user can put
one there, or change one; whoever can act as the user could, as they could change this program: no
secret would keep from them what the user can read. Where no directory is private to the user, or
it can't be written, nothing is kept.
"""

from __future__ import annotations

import ctypes
import fcntl
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
import time
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

_LIBRARY: Final = 4 << 20
"""Bytes that are free where a library can be made."""

_NEW: Final = "new-"
"""What the names of folders begin with in which something is compiled."""

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
        return (*_FLAGS, *own, *_words("CFLAGS"))

    @property
    def identity(self) -> str:
        """Tells compilers and their versions apart, without running one."""
        file = Path(self.command[0]).resolve()
        try:
            about = file.stat()
        except OSError as error:
            raise CompileError(f"{self} can't be run: {error.strerror}") from error
        return f"{self.command} {file} {about.st_size} {about.st_mtime_ns}"


def find_compiler() -> Compiler | None:
    """The C compiler that $CC names, else the first of cc, gcc, clang and Python's `ziglang`.

    Raises `CompileError` where $CC names none.
    """
    if named := _words("CC"):
        path = shutil.which(named[0])
        if path is None:
            what = "can't be run" if Path(named[0]).exists() else "is not there"
            raise CompileError(f"$CC names '{named[0]}', which {what}; name a C compiler")
        return Compiler((path, *named[1:]))
    for name in ("cc", "gcc", "clang"):
        if path := shutil.which(name):
            return Compiler((path,))
    if importlib.util.find_spec("ziglang"):
        return Compiler((sys.executable, "-m", "ziglang", "cc"))
    return None


def _words(variable: str) -> list[str]:
    """The words of a variable of the environment. Raises `CompileError` for an open quote."""
    text = os.environ.get(variable, "")
    try:
        return shlex.split(text)
    except ValueError as error:
        said = str(error).lower()
        raise CompileError(f"${variable} is {text!r}, which is no command line: {said}") from error


def library(source: str, compiler: Compiler) -> ctypes.CDLL:
    """The library of a source, out of the cache or compiled. Raises `CompileError`.

    A cache that can't be read or written is done without.
    """
    parts = (source, compiler.identity, *compiler.flags, _machine())
    key = hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()
    folder = _own_cache()
    entry = None if folder is None else _found(folder, key)
    if entry is not None:
        return _loaded(entry, compiler)
    for place in (*(() if folder is None else (folder,)), None):
        try:
            return _made(place, key, source, compiler)
        except CompileError:
            if place is None or shutil.disk_usage(place).free > _LIBRARY:
                raise
        except OSError as error:  # the cache can't be written
            reason = error.strerror or str(error)
    raise CompileError(f"there is no folder to compile in: {reason}")


def _made(place: Path | None, key: str, source: str, compiler: Compiler) -> ctypes.CDLL:
    """Compile in the cache, and keep what comes out; or where temporary files go (None)."""
    with _workshop(place) as workshop:
        made = _compiled(workshop, source, compiler)
        loaded = _loaded(made, compiler)
        if place is not None:
            made.replace(place / _named(key, made.read_bytes()))
            _prune(place)
        return loaded


def _loaded(entry: Path, compiler: Compiler) -> ctypes.CDLL:
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
    if not home.is_absolute():
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "steptable"


def _own_cache() -> Path | None:
    """The cache directory if there is one that is private to the user."""
    folder = cache_directory()
    if folder is None:
        return None
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_own(folder, stat.S_ISDIR):
            if stat.S_IMODE(folder.stat().st_mode) != 0o700:
                folder.chmod(0o700)
            return folder
    return None


@contextmanager
def _workshop(place: Path | None) -> Iterator[Path]:
    """A folder to compile in, which is locked, so that one whose process was killed is known.

    Such ones are cleared up. None is where temporary files go.
    """
    made = tempfile.TemporaryDirectory(prefix=_NEW, dir=place, ignore_cleanup_errors=True)
    with made as name, _locked(Path(name)):
        if place is not None:
            _clear_up(place, Path(name))
        yield Path(name)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Tries to lock a folder while this lasts; whether nobody else has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(handle)


def _clear_up(cache: Path, own: Path) -> None:
    """Remove what processes have left in the cache that were killed while they compiled.

    What is not locked may be new, or of a version that locks nothing: its compiler may be at work.
    """
    for folder in cache.glob(f"{_NEW}*"):
        with suppress(OSError):
            is_old = time.time() - folder.lstat().st_mtime > 2 * _SECONDS
            if is_old and folder != own and _is_own(folder, stat.S_ISDIR):
                with _locked(folder) as free:
                    if free:
                        shutil.rmtree(folder, ignore_errors=True)


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
                with suppress(OSError):  # a cache that can only be read is of use
                    os.utime(entry)
                return entry
            _remove(entry)
    return None


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _compiled(workshop: Path, source: str, compiler: Compiler) -> Path:
    """Compile, in a folder of its own. Raises `CompileError`."""
    text, made = workshop / "system.c", workshop / "system.so"
    text.write_text(source, encoding="utf-8")
    command = [*compiler.command, *compiler.flags, "-o", str(made), str(text)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CompileError(f"{compiler} did not end within {_SECONDS} s") from error
    except OSError as error:
        raise CompileError(f"{compiler} can't be run: {error.strerror or error}") from error
    if done.returncode or not made.is_file():
        lines = (done.stderr or done.stdout).strip().splitlines()
        said = ([line for line in lines if "error" in line] or lines)[:3]
        said = said or [f"it ended with {done.returncode} and made no library"]
        raise CompileError("\n".join([f"{compiler} can't compile the explorer:", *said]))
    with suppress(OSError):
        made.chmod(0o700)
    return made


def _prune(folder: Path) -> None:
    """Remove what was not used for the longest time."""
    ages = []
    for entry in folder.glob("*.so"):
        with suppress(OSError):
            ages.append((entry.stat().st_mtime, entry))
    for _, entry in sorted(ages, reverse=True)[_KEPT:]:
        with suppress(OSError):
            _remove(entry)
