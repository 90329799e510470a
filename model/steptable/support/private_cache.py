"""Keeps what was made once in the user's cache directory, where nobody else can put or change it.

An entry is named for what it was made of (its key) and for its own content, so that one which is
damaged, or was made of something else, is removed and never read. Nobody but the user can put one
there, or change one; whoever can act as the user could, as they could change this program: no
secret would keep from them what the user can read. Where no directory is private to the user, or
it can't be written, nothing is kept. This module does not know what is kept, or how it is made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NEW: Final = "new-"
"""What the names of folders begin with in which something is made."""

_OLD: Final = 600
"""Seconds after which nobody can be about to lock such a folder any more."""


def key_of(parts: Iterable[str]) -> str:
    """The key of what is made of some texts."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True)
class PrivateCache:
    """The entries of one kind; of more than `most`, those go that nobody has used for longest."""

    suffix: str
    most: int

    def file(self, key: str) -> Path | None:
        """The entry of a key, if there is one and it is what was once made."""
        found = self._found(key)
        return None if found is None else found[0]

    def content(self, key: str) -> bytes | None:
        """What the entry of a key says, if there is one and it is what was once made."""
        found = self._found(key)
        return None if found is None else found[1]

    def keep(self, key: str, content: bytes) -> None:
        """Keep what was made of a key, in the place of what is kept of it, if that can be done."""
        with suppress(OSError):
            folder = own_directory()
            if folder is not None:
                before = set(self._entries(folder, key))
                with workshop(folder) as place:
                    made = place / "made"
                    made.write_bytes(content)
                    kept = self.take(key, made, folder)
                for entry in before - {kept}:
                    _remove(entry)

    def take(self, key: str, made: Path, folder: Path) -> Path:
        """Make a file that lies in a `workshop` of the cache an entry. Raises `OSError`."""
        made.chmod(0o700)
        entry = made.replace(folder / self._named(key, made.read_bytes()))
        self._prune(folder)
        return entry

    def _entries(self, folder: Path, key: str) -> list[Path]:
        """What bears the name of a key, whatever it is."""
        return sorted(folder.glob(f"{key[:32]}-*{self.suffix}"))

    def _found(self, key: str) -> tuple[Path, bytes] | None:
        """The entry of a key; others of that name are removed."""
        folder = own_directory()
        for entry in [] if folder is None else self._entries(folder, key):
            with suppress(OSError):
                if _is_own(entry, stat.S_ISREG):
                    content = entry.read_bytes()
                    if entry.name == self._named(key, content):
                        with suppress(OSError):  # a cache that can only be read is of use
                            os.utime(entry)
                        return entry, content
                _remove(entry)
        return None

    def _named(self, key: str, content: bytes) -> str:
        digest = hashlib.sha256(key.encode() + content).hexdigest()
        return f"{key[:32]}-{digest[:32]}{self.suffix}"

    def _prune(self, folder: Path) -> None:
        ages = []
        for entry in folder.glob(f"*{self.suffix}"):
            with suppress(OSError):
                ages.append((entry.stat().st_mtime, entry))
        for _, entry in sorted(ages, reverse=True)[self.most :]:
            with suppress(OSError):
                _remove(entry)


def own_directory() -> Path | None:
    """The cache directory if there is one that is private to the user."""
    folder = _directory()
    if folder is None:
        return None
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_own(folder, stat.S_ISDIR):
            if stat.S_IMODE(folder.stat().st_mode) != 0o700:
                folder.chmod(0o700)
            return folder
    return None


def _directory() -> Path | None:
    """Where entries are kept; None where the user has no home."""
    if (named := os.environ.get("XDG_CACHE_HOME", "")) and Path(named).is_absolute():
        return Path(named) / "steptable"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if not home.is_absolute():
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "steptable"


@contextmanager
def workshop(place: Path | None) -> Iterator[Path]:
    """A folder to make an entry in, locked, so that one whose process was killed is known.

    Such ones are cleared up. None is where temporary files go.
    """
    made = tempfile.TemporaryDirectory(prefix=_NEW, dir=place, ignore_cleanup_errors=True)
    with made as name, locked(Path(name)):
        if place is not None:
            _clear_up(place, Path(name))
        yield Path(name)


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
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
    """Remove what processes have left in the cache that were killed at work.

    What is not locked may be new, or of a version that locks nothing, which may be at work.
    """
    for folder in cache.glob(f"{_NEW}*"):
        with suppress(OSError):
            is_old = time.time() - folder.lstat().st_mtime > _OLD
            if is_old and folder != own and _is_own(folder, stat.S_ISDIR):
                with locked(folder) as free:
                    if free:
                        shutil.rmtree(folder, ignore_errors=True)


def _is_own(path: Path, kind: object) -> bool:
    """Whether it is there, of a kind, no link, and belongs to the user."""
    about = path.lstat()
    return bool(callable(kind) and kind(about.st_mode)) and about.st_uid == os.getuid()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
