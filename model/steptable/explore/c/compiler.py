"""Compiles C into libraries, and keeps them in the user's cache directory.

What a library was made of is its source, the compiler, its flags and the machine. How it is kept so
that nobody else can put one there, `steptable.support.private_cache` says.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steptable.errors import UsageError
from steptable.support.private_cache import PrivateCache, key_of, own_directory, workshop

_FLAGS: Final = (
    *("-std=gnu11", "-fPIC", "-shared", "-pthread", "-fvisibility=hidden"),
    # Looking for what could be done several words at a time takes more than half of the time of
    # compiling, and finds nothing that makes a search faster.
    *("-O2", "-fno-tree-vectorize"),
)

_CACHE: Final = PrivateCache(".so", most=64)

_LIBRARY: Final = 4 << 20
"""Bytes that are free where a library can be made."""

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
    key = key_of((source, compiler.identity, *compiler.flags, _machine()))
    if (entry := _CACHE.file(key)) is not None:
        return _loaded(entry, compiler)
    folder = own_directory()
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
    with workshop(place) as folder:
        made = _compiled(folder, source, compiler)
        loaded = _loaded(made, compiler)
        if place is not None:
            _CACHE.take(key, made, place)
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


def _compiled(folder: Path, source: str, compiler: Compiler) -> Path:
    """Compile, in a folder of its own. Raises `CompileError`."""
    text, made = folder / "system.c", folder / "system.so"
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
    return made
