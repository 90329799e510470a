"""Starts the process that loads another version's declarations, and hears what it says.

That process begins with Python's own modules alone: no `PYTHONPATH`, no user's folder, no `.pth`
file, no `sitecustomize`, no finder that an editable install has put in place, no compiled file that
was left somewhere. What this process would search is given to it, with each folder of a working
tree replaced by the same folder of the version.
"""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from steptable.errors import UsageError

_ENGINE: Final = Path(__file__).parents[2]

# The first line that the process runs; all that it needs to find the second.
_BOOTSTRAP: Final = (
    "import json, sys; given = json.load(sys.stdin); own = sys.path[:]; "
    "sys.path += given['engine']; "
    "from steptable.versions.alone import main; main(given, own)"
)


@dataclass(frozen=True)
class Place:
    """Where a version lies, and what it could be mixed up with."""

    files: Path
    """The folder that holds all of the version."""
    project: Path
    """The folder of its pyproject.toml."""
    others: Mapping[Path, Path]
    """Folders of other versions, such as the working tree; what this version has in their place."""

    def tree(self, path: Path) -> Path | None:
        """The innermost folder of another version that a path lies in, unless it is of this one."""
        trees = [tree for tree in (self.files, *self.others) if path.is_relative_to(tree)]
        inmost = max(trees, key=lambda tree: len(tree.parts), default=self.files)
        return None if inmost == self.files else inmost

    def within(self, folders: Iterable[Path]) -> list[str]:
        """Those of some folders that lie among the files, and are none of the version's."""
        return [
            str(folder)
            for folder in folders
            if folder.is_relative_to(self.files) and not self.project.is_relative_to(folder)
        ]


def exported(place: Place, name: str, worlds: bool) -> bytes:
    """The declarations of a version as JSON. Raises `UsageError` where they can't be loaded."""
    code, said = _loaded(place, worlds)
    if code == 0:
        return said
    lines = said.decode(errors="surrogateescape").splitlines()
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    alone = ""
    if worlds and _loaded(place, worlds=False)[0] == 0:
        alone = "; its machine alone can be: write --no-worlds"
    problem = f"the declarations of {name} can't be loaded by this steptable"
    raise UsageError(f"{problem}: {lines[0]}{more}{alone}")


def _loaded(place: Place, worlds: bool) -> tuple[int, bytes]:
    """What the process ends with, and what it says: declarations if that is 0, else faults."""
    with tempfile.TemporaryDirectory(prefix="steptable-") as empty:
        given = _given(place) | {"worlds": worlds, "empty": empty}
        done = subprocess.run(
            # -I and -S: nothing but Python's own modules; -B: nothing is written beside a source.
            [sys.executable, "-I", "-S", "-B", "-c", _BOOTSTRAP],
            cwd=place.project,
            input=json.dumps(given).encode(),
            capture_output=True,
            check=False,
        )
    if done.returncode in (0, 2) and done.stdout:
        return done.returncode, done.stdout
    if done.returncode == 3:
        raise MemoryError
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    said = ": ".join([f"its process ended with {done.returncode}", *last])
    return 1, said.encode()


def _given(place: Place) -> dict[str, Any]:
    """What the process is to know."""
    installed = _installed()
    here = [os.path.realpath(item) for item in sys.path]
    # What is searched for the version: its own folders first.
    own = [place.project, place.project / "src"]
    kept = []
    for path in map(Path, here):
        is_installed = any(path.is_relative_to(folder) for folder in installed)
        tree = None if is_installed else place.tree(path)
        if tree is None:
            kept.append(path)
        else:
            own.append(place.others[tree] / path.relative_to(tree))
    return {
        "engine": [str(_ENGINE), *here],
        "own": [str(path) for path in dict.fromkeys(own) if path.exists()],
        "kept": [str(path) for path in dict.fromkeys(kept)],
        "installed": [str(path) for path in installed],
        "project": str(place.project),
        "files": str(place.files),
        "within": place.within((*installed, *place.others)),
        "others": [str(path) for path in place.others],
    }


def _installed() -> list[Path]:
    """The folders that packages are installed in: they may lie within a working tree."""
    names = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    names += [*site.getsitepackages(), site.getusersitepackages()]
    return [Path(os.path.realpath(name)) for name in dict.fromkeys(names) if name]
