"""Projects in repositories of their own, and what `steptable diff` says in them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from support.projects import TABLE, Done, edited, run

DEARER: Final = edited(TABLE, "event.coins >= policy.coins", "event.coins > policy.coins")
CHANGED: Final = "[journal-guard-strengthened] Shut, Paid"
"""What is said of a gate that has become dearer."""


def commit(folder: Path) -> None:
    """Commit all that there is, in a repository that is made if need be."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Build a gate")


def git(folder: Path, *arguments: str, text: str = "") -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, input=text.encode()
    )
    return done.stdout.decode().strip()


def diff(folder: Path, *arguments: str) -> Done:
    return run(folder, "diff", "--no-worlds", *arguments)


def refused(folder: Path, *arguments: str) -> str:
    """What is said of a version that is none."""
    done = diff(folder, *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    return done.err.removeprefix("steptable: ").rstrip("\n")
