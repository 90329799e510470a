"""Where declarations stand, as tools of continuous integration want it: from a folder on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
        """The file of a place, with slashes on every system; empty where none is known."""
        if not at:
            return ""
        file = Path(at.file)
        return (file.relative_to(self.root) if file.is_relative_to(self.root) else file).as_posix()

    def uri(self, at: Location) -> str:
        path = self.path(at)
        return Path(path).as_uri() if PurePosixPath(path).is_absolute() else quote(path)
