"""Results by what they were worked out of: looked up, and kept.

Where that is not known for certain (the engine's sources have changed while it runs, or a value is
declared that no declaration has, or within itself) nothing is looked up or kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from steptable.kept.fingerprints import Fingerprints, of_engine
from steptable.support.private_cache import PrivateCache, key_of

_CACHE: Final = PrivateCache(".result", most=1024)


@dataclass(frozen=True)
class Kept:
    """The results that are kept; with `fresh`, none is looked at, and new ones replace them."""

    fresh: bool = False
    fingerprints: Fingerprints = field(default_factory=Fingerprints)

    def key(self, what: str, *declared: Any) -> str | None:
        """The key of what is worked out of some declared values; None where nothing is kept."""
        engine = of_engine()
        if engine is None:
            return None
        try:
            return key_of((what, engine, self.fingerprints.of(declared)))
        except (TypeError, RecursionError):
            return None

    def found(self, key: str | None) -> bytes | None:
        """What is kept of a key."""
        return None if key is None or self.fresh else _CACHE.content(key)

    def keep(self, key: str | None, content: bytes) -> None:
        """Keep what was worked out."""
        if key is not None:
            _CACHE.keep(key, content)

    def made(self, key: str | None, make: Callable[[], bytes]) -> bytes:
        """What is kept of a key, or is made, and kept, now."""
        known = self.found(key)
        if known is None:
            known = make()
            self.keep(key, known)
        return known
