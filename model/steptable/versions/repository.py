"""The git repository that a project lies in, and the commits that revisions of it name.

Which repository that is follows from the project's folder alone. A hook runs with variables that
name another place (`GIT_DIR`, `GIT_WORK_TREE`, `GIT_INDEX_FILE`, …); they are not passed on.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steptable.errors import UsageError, is_end_of_memory

# Where a repository and its parts lie. Those that configure git, such as what is safe, stay.
_PLACES: Final = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
_SHALLOW: Final = (
    "the clone is shallow, so older commits are missing: run `git fetch --unshallow`, "
    "or give actions/checkout `fetch-depth: 0`"
)


@dataclass(frozen=True)
class Repository:
    """A repository with a working tree."""

    root: Path
    """The root of that working tree."""

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository that a folder lies in. Raises `UsageError` where there is none."""
        done = run_git(folder, "rev-parse", "--show-toplevel")
        if done.returncode:
            raise UsageError(_message(done))
        root = _path(done.stdout)
        if not folder.resolve().is_relative_to(root):
            raise UsageError(f"its working tree is {root}, which is elsewhere")
        return cls(root)

    def git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return run_git(self.root, *arguments)

    def commit(self, name: str) -> str:
        """The hash of the commit that a revision names. Raises `UsageError` that says why none."""
        named = self._object(name)
        commit = self._object(f"{named}^{{commit}}") if named else ""
        if not commit:
            raise UsageError(self._why_none(name, named))
        return commit

    def knows(self, name: str) -> bool:
        """Whether a name means something to git, if only too much."""
        return not name.startswith("-") and not self.git("rev-parse", "--verify", name).returncode

    def trees(self) -> tuple[Path, ...]:
        """Every working tree of the repository, the one that is meant first."""
        lines = self.git("worktree", "list", "--porcelain").stdout.splitlines()
        every = [_path(line[9:]) for line in lines if line.startswith(b"worktree ")]
        return tuple(dict.fromkeys([self.root, *every]))

    def _object(self, name: str) -> str:
        """The hash of what a name names; empty where that is nothing, or more than one thing."""
        if name.startswith("-"):  # an option to git, and nothing that git lets anything be called
            return ""
        done = self.git("-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", name)
        # What is wanted can't be known where a tag and a branch have one name; git only warns.
        if b" is ambiguous" in done.stderr:
            raise UsageError(f"{_message(done)}; write it in full, as in refs/tags/{name}")
        found = done.stdout.decode(errors="replace").strip()
        # An excluded one, ^name, is a hash with a sign before it.
        return found if not done.returncode and re.fullmatch("[0-9a-f]{40,64}", found) else ""

    def _why_none(self, name: str, named: str) -> str:
        kind = self.git("cat-file", "-t", named).stdout.decode().strip() if named else ""
        if kind:
            return f"it names a {kind}, not a commit"
        old, dots, new = name.partition("..")
        if dots and (self._object(old) or self._object(new.removeprefix("."))):
            return "it is a range; write its two ends, as `steptable diff OLD NEW`"
        if not named and self._object(f"refs/remotes/origin/{name}"):
            return f"did you mean origin/{name}?"
        if self.git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            return _SHALLOW
        if not self._object("HEAD"):
            return "nothing has been committed there yet"
        return "git knows no such name" if not named else "that object is not there"


def run_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder. Raises `UsageError` where it can't be run."""
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        if is_end_of_memory(error):
            raise
        raise UsageError(
            f"git can't be run, so there are no revisions: {error.strerror}"
        ) from error


def environment() -> dict[str, str]:
    """The environment that git runs in: no other repository named, and words that are known."""
    kept = {name: value for name, value in os.environ.items() if name not in _PLACES}
    return kept | {"LC_ALL": "C"}


def _path(written: bytes) -> Path:
    return Path(os.fsdecode(written.removesuffix(b"\n"))).resolve()


def _message(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said, as one line."""
    words = " ".join(done.stderr.decode(errors="replace").split())
    return words.removeprefix("fatal: ").removeprefix("warning: ").rstrip(".")
