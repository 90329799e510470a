"""Which version of the project this is, and where it is found."""

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


def address() -> str:
    """Its package URL (purl), which names what is installed and no server in particular."""
    return f"pkg:pypi/{_NAME}"
