"""Finds versions of a project's declarations: a folder, an exported file, or a git revision.

Declarations of another version are loaded by a process of their own, since their modules have
the names of this version's; it runs this steptable, and of that version nothing but
the declarations. A revision is unpacked into a folder of its own for that.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from steptable.compare.difference import Version
from steptable.errors import UsageError
from steptable.interchange import Declarations, from_json
from steptable.project import load, root_of

_ENGINE: Final = Path(__file__).parents[1]


def working_tree(*, worlds: bool = True) -> Version:
    """The version that is in the project around the working folder."""
    return Version("working tree", load(worlds=worlds).declared)


def version(name: str, *, worlds: bool = True) -> Version:
    """The version of that name: a folder, else a file, else a revision of the repository here.

    Without `worlds`, its machine is enough.
    Raises `UsageError` where there is no such thing, or this steptable can't load it.
    """
    path = Path(name)
    if path.is_dir():
        return Version(name, _loaded(path, name, worlds))
    if path.is_file():
        return Version(name, from_json(path.read_bytes(), name))
    return _revision(name, worlds)


def _loaded(folder: Path, name: str, worlds: bool) -> Declarations:
    """The declarations of a folder, out of another process."""
    root_of(folder)
    done = _exported(folder, worlds)
    if done.returncode == 0:
        return from_json(done.stdout, name)
    said = done.stderr.decode(errors="replace").removeprefix("steptable: ").splitlines()
    faults = [line for line in said if line and not line.endswith("nothing was done")]
    first = faults[0] if faults else f"its process ended with {done.returncode}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    alone = ""
    if worlds and _exported(folder, worlds=False).returncode == 0:
        alone = "; its machine alone can be: write --no-worlds"
    problem = f"the declarations of {name} can't be loaded by this steptable"
    raise UsageError(f"{problem}: {first}{more}{alone}")


def _exported(folder: Path, worlds: bool) -> subprocess.CompletedProcess[bytes]:
    paths = [str(_ENGINE), *filter(None, [os.environ.get("PYTHONPATH")])]
    what = ["json"] if worlds else ["json", "--no-worlds"]
    return subprocess.run(
        # -P: what lies in the folder is not to be found as a module; -B: it stays as it is.
        [sys.executable, "-P", "-B", "-m", "steptable.cli", "export", *what],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=False,
    )


def _revision(name: str, worlds: bool) -> Version:
    missing = f"'{name}' is no folder, no file, and no revision"
    try:
        root = root_of(Path.cwd())
    except UsageError as error:
        raise UsageError(f"{missing}, since there is no project here: {error}") from error
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.returncode:
        said = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise UsageError(f"{missing} of the repository in {root}{f' ({said})' if said else ''}")
    commit = found.stdout.decode().strip()
    archive = _git(root, "archive", "--format=tar", commit)
    if archive.returncode:
        said = archive.stderr.decode(errors="replace").strip()
        raise UsageError(f"the revision {name} can't be unpacked: {said}")
    called = name if commit.startswith(name) else f"{name} ({commit[:7]})"
    with tempfile.TemporaryDirectory(prefix="steptable-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            _unpack(tar, folder)
        if not (Path(folder) / "pyproject.toml").is_file():
            raise UsageError(f"the revision {name} has no pyproject.toml, so it declares nothing")
        return Version(called, _loaded(Path(folder), called, worlds))


def _unpack(tar: tarfile.TarFile, folder: str) -> None:
    """Unpack what git has archived, within the folder where this Python can see to that."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
    else:  # Python before 3.11.4, which Debian 12 has, knows no filters
        tar.extractall(folder)  # git makes no member that leads outside


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(
            f"git can't be run, so there are no revisions: {error.strerror}"
        ) from error
