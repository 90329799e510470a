"""Loads the declarations of one version, in a process of its own, out of that version alone.

A wrong path is a wrong comparison: where `src/gate_worlds` of an older version can't be found, an
editable install or `PYTHONPATH` would offer the one of the working tree, and nothing seems to
have changed. So this process searches the version first, and looks afterwards at every module
that was loaded and every file that was opened:

- what `[tool.steptable]` names comes from the version;
- what the version has is not taken from elsewhere;
- nothing is read out of a working tree that is not the version.

Python's own modules, this steptable and installed packages that the version has not are left.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from steptable.errors import SpecError, UsageError, is_end_of_memory
from steptable.project import Project, load
from steptable.project.interchange import to_json

_ENGINE: Final = str(Path(__file__).parents[1])


def main(given: dict[str, Any], standard: list[str]) -> None:
    """Load what is `given`, and write it to stdout: declarations (exit 0), or faults (exit 2).

    Where memory ends it writes nothing (exit 3).
    """
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what declarations print is not to stand among them
    before = set(sys.modules)
    sys.path[:] = [*standard, *given["own"], *given["kept"]]
    sys.path_importer_cache.clear()
    # Compiled files that lie beside a source are not read, whatever they say of themselves.
    sys.pycache_prefix = given["empty"]
    opened = _watch()
    try:
        project = load(worlds=given["worlds"])
        said = to_json(project.declared)
        loaded = [name for name in sys.modules if name not in before]
        foreign = list(_foreign(project, loaded, opened, given))
        text, code = ("\n".join(foreign), 2) if foreign else (said, 0)
    except SpecError as error:
        text, code = str(error), 2
    except UsageError as error:
        text, code = str(error), 2
    except (MemoryError, OSError, ImportError) as error:
        if not is_end_of_memory(error):
            raise
        text, code = "", 3
    stdout.write(text.encode(errors="surrogateescape"))
    stdout.close()
    sys.exit(code)


def _watch() -> list[str]:
    """The files that are opened from now on; the list grows."""
    opened: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            # At once: what a relative path means depends on the folder of the moment.
            opened.append(os.path.abspath(os.fsdecode(arguments[0])))  # noqa: PTH100

    sys.addaudithook(note)
    return opened


def _foreign(
    project: Project, loaded: list[str], opened: list[str], given: dict[str, Any]
) -> Iterator[str]:
    """What was loaded that is not of the version, a sentence each."""
    named = [reference.partition(":")[0] for reference in project.config.references]

    @cache  # all files of a version may be many, and seldom need be looked through
    def names() -> frozenset[str]:
        return _names(Path(given["files"]), given["within"])

    def is_own(path: str) -> bool:
        return _is_within(path, [given["files"]]) and not _is_within(path, given["within"])

    for name in dict.fromkeys([*named, *loaded]):
        file = _file(name)
        if file and not is_own(file) and (name in named or _is_one_of(name, names)):
            yield f"its module {name} would come from {file}, which is not of that version"
    others = [*given["others"], *given["within"]]
    allowed = [_ENGINE, given["empty"], *given["installed"]]
    for path in dict.fromkeys(opened):
        if _is_within(path, others) and not is_own(path) and not _is_within(path, allowed):
            yield f"it reads {path}, which is not of that version"


def _file(name: str) -> str | None:
    """The file of a module; what is built into Python or made by code has none, nor a namespace."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return file if isinstance(file, str) and os.path.isabs(file) else None  # noqa: PTH117


def _is_within(path: str, folders: list[str]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(folder) for folder in folders)


def _is_one_of(name: str, own: Callable[[], frozenset[str]]) -> bool:
    """Whether a module is one that the version has, or of a package that it has.

    Python's own modules and this steptable's are never taken from a version.
    """
    parts = name.split(".")
    if parts[0] in sys.stdlib_module_names or parts[0] == "steptable":
        return False
    # A namespace is shared; what is looked for is the outermost package that is not one.
    prefixes = (".".join(parts[:count]) for count in range(1, len(parts)))
    return next((prefix for prefix in prefixes if _file(prefix)), name) in own()


def _names(folder: Path, within: list[str]) -> frozenset[str]:
    """Every name that a module or package below a folder has, seen from any root of imports.

    What lies in the folders `within` is none of it.
    """
    names: set[str] = set()
    packages: set[tuple[str, ...]] = set()
    for place, folders, files in os.walk(folder):
        # Hidden folders and environments hold nothing that is declared.
        folders[:] = [
            item
            for item in folders
            if not item.startswith(".")
            and not Path(place, item, "pyvenv.cfg").exists()
            and str(Path(place, item)) not in within
        ]
        parts = Path(place).relative_to(folder).parts
        if "__init__.py" in files:
            packages.add(parts)
        for item in files:
            module = (*parts, item.removesuffix(".py"))
            if item.endswith(".py"):
                # Nobody imports from within a package.
                roots = (start for start in range(len(module)) if module[:start] not in packages)
                names |= {
                    ".".join(module[root:end])
                    for root in roots
                    for end in range(root + 1, len(module) + 1)
                }
    return frozenset(names)
