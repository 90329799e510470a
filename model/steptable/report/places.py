"""Where declarations stand, as tools of continuous integration want it: from a folder on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

from steptable.errors import Location


@dataclass(frozen=True)
class Places:
    """Paths as seen from the root of a checkout."""

    root: Path

    @classmethod
    def of(cls, project: Path) -> Places:
        """The checkout that a project lies in: the workspace of the run, else itself."""
        workspace = os.environ.get("GITHUB_WORKSPACE")
        known = workspace and project.is_relative_to(Path(workspace).resolve())
        return cls(Path(workspace).resolve() if workspace and known else project)

    def path(self, at: Location) -> str:
        """The file of a place, with slashes on every system; empty where none is known.

        It is text: of a name that is no UTF-8, the bytes that are none are U+FFFD.
        """
        name = self._seen(Path(at.file)).as_posix() if at else ""
        return os.fsencode(name).decode(errors="replace")

    def uri(self, at: Location) -> str:
        """The same as a URI: relative to the root, or whole where it lies outside."""
        return uri(self._seen(Path(at.file)))

    def _seen(self, file: Path) -> Path:
        return file.relative_to(self.root) if file.is_relative_to(self.root) else file


def uri(file: PurePath) -> str:
    """The URI of a file, or a relative reference; of a name that is no UTF-8, its bytes."""
    return file.as_uri() if file.is_absolute() else quote(os.fsencode(file.as_posix()))
