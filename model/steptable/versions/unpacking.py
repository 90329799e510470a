"""Unpacks a commit into a folder: each file with the bytes that were committed.

`git archive` and `git checkout` change files on their way out, as `.gitattributes` and the user's
settings want it (`export-ignore`, `export-subst`, `eol`, filters); here nothing does. A link that
leads outside is left out, and so are submodules: what lies there is no part of the commit.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from steptable.errors import UsageError
from steptable.project.settings import is_inside
from steptable.versions.repository import Repository, environment

_LINK: Final = b"120000"
_CHUNK_BYTES: Final = 1 << 20
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class _Entry:
    """A file, link or submodule of a commit."""

    mode: bytes
    kind: bytes
    object: bytes
    path: str


def unpack(repository: Repository, commit: str, folder: Path) -> list[str]:
    """Unpack a commit into an empty folder; what it leaves out, as sentences."""
    entries = list(_entries(repository, commit))
    files = [entry for entry in entries if entry.kind == b"blob" and entry.mode != _LINK]
    links = [entry for entry in entries if entry.kind == b"blob" and entry.mode == _LINK]
    try:
        for entry, content in _contents(repository, files):
            path = folder / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.writelines(content)
        # Last, so that no file is ever written through one.
        targets = {
            entry.path: os.fsdecode(b"".join(content))
            for entry, content in _contents(repository, links)
        }
        outward = _link(folder, targets)
    except OSError as error:
        raise UsageError(
            f"{commit[:7]} can't be unpacked into {folder.parent}: {error.strerror}"
        ) from error
    submodules = [entry.path for entry in entries if entry.kind == b"commit"]
    said = [f"{path} → {targets[path]}" for path in outward]
    return [
        *_left_out("a link that leads outside is no part of it", said),
        *_left_out("a submodule is no part of it", submodules),
    ]


def _left_out(why: str, what: list[str]) -> Iterator[str]:
    if what:
        more = f" and {len(what) - _MOST_NAMED} more" if len(what) > _MOST_NAMED else ""
        yield f"{why} ({', '.join(what[:_MOST_NAMED])}{more})"


def _entries(repository: Repository, commit: str) -> Iterator[_Entry]:
    done = repository.git("ls-tree", "-r", "-z", "--full-tree", commit)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise UsageError(f"the files of {commit[:7]} can't be listed: {said}")
    for line in done.stdout.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, kind, name = head.split(b" ")
        # git refuses to make such paths; who means harm does not ask git.
        if path.startswith(b"/") or {b"", b".", b".."} & set(path.split(b"/")):
            raise UsageError(f"{commit[:7]} has a file called '{os.fsdecode(path)}'")
        yield _Entry(mode, kind, name, os.fsdecode(path))


def _contents(
    repository: Repository, entries: list[_Entry]
) -> Iterator[tuple[_Entry, Iterator[bytes]]]:
    """Each entry with its content, in pieces, which must be read before the next one is asked."""
    with tempfile.TemporaryFile() as wanted:
        wanted.writelines(entry.object + b"\n" for entry in entries)
        wanted.seek(0)
        with subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=repository.root,
            env=environment(),
            stdin=wanted,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            for entry in entries:
                head = process.stdout.readline().split()
                if len(head) != 3:
                    raise UsageError(
                        f"the content of {entry.path} is not in the repository; fetch it first"
                    )
                yield entry, _pieces(process.stdout, int(head[2]))
                process.stdout.read(1)  # the end of its line


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(size, _CHUNK_BYTES))
        if not piece:
            raise UsageError("git ended before it had given every file")
        size -= len(piece)
        yield piece


def _link(folder: Path, targets: dict[str, str]) -> list[str]:
    """Make those links that stay within the folder; the paths of the others."""
    outward = []
    for name, target in targets.items():
        path = folder / name
        made = is_inside(path.parent, folder) and _makes(path, target)
        if made and not is_inside(path, folder):
            path.unlink()
            made = False
        if not made:
            outward.append(name)
    return outward


def _makes(path: Path, target: str) -> bool:
    """Whether a link can be made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.symlink_to(target)
    except ValueError:  # a text that is no path
        return False
    return True
