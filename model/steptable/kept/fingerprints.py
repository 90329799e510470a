"""Fingerprints: of declared values, and of all that works something out of them.

Equal declarations have equal fingerprints, wherever they were written, and unequal ones others.
That of the engine is of every source of its own, and of the versions of what it runs on: no version
number of ours stands for it. It is none where a source has changed since this process began, which
then runs another one than the file says.
"""

from __future__ import annotations

import hashlib
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

_BEGAN: Final = time.time()

_PACKAGE: Final = Path(__file__).parents[1]

_LIBRARIES: Final = ("msgspec", "networkx", "numpy", "scipy")
"""Those whose work is in what is kept."""


@dataclass
class Fingerprints:
    """Those of declared values; what is part of many is looked at once."""

    _known: dict[int, tuple[Any, bytes]] = field(default_factory=dict)
    """By the id of each object, which is there as well, so that its id stays its own."""

    def of(self, value: Any) -> str:
        """The fingerprint of a value. Raises `TypeError` for what is no part of a declaration."""
        return hashlib.sha256(b"".join(self._parts(value))).hexdigest()

    def _parts(self, value: Any) -> Iterator[bytes]:
        """A value as bytes that no other has: each part says its kind and its length."""
        match value:
            case None | bool() | int() | float():
                yield f"{type(value).__name__} {value!r};".encode()
            case str():
                text = value.encode(errors="surrogatepass")
                yield b"str %d:%b" % (len(text), text)
            case tuple() | list():
                yield b"sequence %d:" % len(value)
                for item in value:
                    yield from self._parts(item)
            case dict():
                yield b"entries %d:" % len(value)
                for key, item in value.items():
                    yield from self._parts(key)
                    yield from self._parts(item)
            case _ if is_dataclass(value) and not isinstance(value, type):
                yield self._object(value)
            case _:
                raise TypeError(f"{type(value).__name__} is no part of a declaration")

    def _object(self, value: Any) -> bytes:
        known = self._known.get(id(value))
        if known is None:
            digest = hashlib.sha256(f"{type(value).__module__}.{type(value).__qualname__}".encode())
            for part in fields(value):
                own = getattr(value, part.name)
                if part.name != "at" and own is not part.default:
                    digest.update(f";{part.name}=".encode())
                    for piece in self._parts(own):
                        digest.update(piece)
            known = value, b"object " + digest.digest()
            self._known[id(value)] = known
        return known[1]


@cache
def of_engine() -> str | None:
    """The fingerprint of all that works things out; None where there is none to be had."""
    digest = hashlib.sha256()
    try:
        for file in sorted(_PACKAGE.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                about = file.stat()
                if max(about.st_mtime, about.st_ctime) >= _BEGAN:
                    return None
                content = file.read_bytes()
                digest.update(b"%b %d:%b" % (file.name.encode(), len(content), content))
    except OSError:
        return None
    for text in (sys.version, platform.machine(), *map(_version, _LIBRARIES)):
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return f"{library} {metadata.version(library)}"
    except metadata.PackageNotFoundError:
        return f"{library} is missing"
