"""Which version of the project this is."""

from __future__ import annotations

from importlib import metadata
from typing import Final

_NAME: Final = "nixfleet-state-machine"


def version() -> str:
    """That of the installed distribution; `unknown` where the sources are used as they lie."""
    try:
        return metadata.version(_NAME)
    except metadata.PackageNotFoundError:
        return "unknown"
