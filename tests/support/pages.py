"""The pages that people read, README, ARCHITECTURE.md and docs/, and how one is worked through.

A `python` block runs, in one scope a page, and the `text` block behind it is what it prints; the
worlds that it declares are well-formed. A `console` block has commands of `steptable`, each with
what it says; a `diff` block is applied; a block with a file's name is that file.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from steptable.wellformed.worlds import faults_of_world
from steptable.world import World
from support.projects import ROOT, run

DOCUMENTS: Final = (
    "README.md",
    "ARCHITECTURE.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
)

BLOCK: Final = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A document without what is generated or tried: blocks of code, and what stands in marks."""
    text = re.sub(r"<!-- steptable:\w+: .*?<!-- steptable:end -->", "", read(name), flags=re.DOTALL)
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def worked_through(text: str, folder: Path) -> str:
    """A page as it is when all that it shows is what happens, in a folder of its own or this."""
    scope: dict[str, object] = {}
    printed: str | None = None
    parts, end = [], 0
    for block in BLOCK.finditer(text):
        kind, name, body = block.groups()
        if kind != "text" and printed:
            parts += [text[end : block.start()], f"```text\n{printed}```\n\n"]
            end, printed = block.start(), None
        match kind, name:
            case "python", None:
                printed = _printed(body, scope)
            case "text", None if printed is not None:
                body, printed = printed, None
            case "console", None:
                body = "".join(_session(body, folder))
            case "diff", None:
                body = _applied(body, folder)
            case "json", None:
                json.loads(body)
            case _, str():
                body = (folder / name).read_text(encoding="utf-8")
        parts += [text[end : block.start(3)], body]
        end = block.end(3)
    worlds = [value for value in scope.values() if isinstance(value, World)]
    assert [str(fault) for world in worlds for fault in faults_of_world(world)] == []
    if printed:
        parts += [text[end:].rstrip("\n"), f"\n\n```text\n{printed}```\n"]
        end = len(text)
    return "".join([*parts, text[end:]])


def _printed(code: str, scope: dict[str, object]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "example", "exec"), scope)
    return out.getvalue()


def _session(text: str, folder: Path) -> Iterator[str]:
    """Each command with what it says."""
    for line in re.findall(r"^\$ (.*)\n", text, re.MULTILINE):
        program, *arguments = shlex.split(line)
        assert program == "steptable"
        done = run(folder, *arguments)
        yield f"$ {line}\n{done.out}{done.err}"


def _applied(patch: str, folder: Path) -> str:
    """Change a file as a patch says; gives the patch with the lines at which it has done so."""
    (name,) = re.findall(r"^--- (.*)$", patch, re.MULTILINE)
    old = (folder / name).read_text(encoding="utf-8")
    done = subprocess.run(
        ["patch", "--strip=0", "--fuzz=0", "--batch", "--forward", "--reject-file=-"],
        cwd=folder,
        input=patch,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{patch}"
    new = (folder / name).read_text(encoding="utf-8")
    (folder / f"{name}.orig").unlink(missing_ok=True)
    before, after = (text.splitlines(keepends=True) for text in (old, new))
    return "".join(difflib.unified_diff(before, after, name, name, n=2))
