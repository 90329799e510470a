"""Finds and reads `[tool.steptable]` in a pyproject.toml.

    [tool.steptable]
    machine = "package.module:name"          # a steptable.machine.Machine
    worlds = ["package.module:name", ...]    # steptable.world.World values
    thorough = ["package.module:name", ...]  # larger ones, for `check --thorough`
    package = "src/package"                  # where reducer.py and wire.py are written
    diagrams = "diagrams"                    # where drawings are written
    readme = "README.md"                     # whose marked part shows the machine; "" for none

Paths are below the folder of the pyproject.toml, wherever links lead: files are written and
removed there. This module knows nothing of what is declared.
"""

from __future__ import annotations

import keyword
import os
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from steptable.errors import UsageError, suggestion

_README: Final = "README.md"


class Config(msgspec.Struct, frozen=True):
    """The table `[tool.steptable]`."""

    machine: str = ""
    """Empty where there are worlds alone."""
    package: str = ""
    """Empty where nothing is to be written for importers: modules then lie in the root itself."""
    worlds: tuple[str, ...] = ()
    thorough: tuple[str, ...] = ()
    diagrams: str = "diagrams"
    readme: str = _README

    @property
    def references(self) -> tuple[str, ...]:
        """Every value that is named, as `package.module:name`."""
        return (*([self.machine] if self.machine else ()), *self.worlds, *self.thorough)


def settings(folder: Path) -> tuple[Path, Config]:
    """The root of the project around a folder, and its table.

    Raises `UsageError`, with file and key, where there is none or something in it is wrong.
    """
    folder = folder.resolve()
    for root in (folder, *folder.parents):
        file = root / "pyproject.toml"
        if file.is_file():
            tools = _toml(file).get("tool")
            if isinstance(tools, dict) and "steptable" in tools:
                where = f"{file}: [tool.steptable]"
                config = _config(tools["steptable"], where)
                for problem in _problems(root, config):
                    raise UsageError(f"{where} {problem}")
                return root, config
    raise UsageError(
        f"no pyproject.toml with a [tool.steptable] table in {folder} or above it; "
        'add one with machine = "package.module:name" and package = "path/to/package"'
    )


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path leads to something within a folder, whatever links it goes through."""
    try:
        return path.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # it goes round in circles
        return False


def demand_inside(root: Path, paths: Iterable[Path]) -> None:
    """Raise `UsageError` if one of the files that belong to a project lies outside, or is another.

    A link is followed when it is written to, and a folder that is one when files in it are removed.
    """
    taken: set[Path] = set()
    for path in paths:
        name = path.relative_to(root)
        if not is_inside(path, root):
            raise UsageError(
                f"{name} leads out of the project, to {os.path.realpath(path)}; remove that link"
            )
        if path.resolve() in taken:
            raise UsageError(
                f"more than one derived file would be {name}; write other paths for "
                "package, diagrams or readme in [tool.steptable]"
            )
        taken.add(path.resolve())


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode())
    # Beside what is no TOML: numbers of thousands of digits, and brackets within brackets.
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no TOML: {error}") from error


def _config(table: Any, where: str) -> Config:
    known = Config.__struct_fields__
    for name in table if isinstance(table, dict) else ():
        if name not in known:
            raise UsageError(f"{where} has no key '{name}'; {suggestion(name, known)}")
    try:
        return msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}") from error


def _problems(root: Path, config: Config) -> Iterator[str]:
    """What is wrong with the values, beside their types; begins with the key."""
    if not config.references:
        yield 'names no machine and no worlds; add machine = "package.module:name", or worlds'
    if config.machine and not config.package:
        yield (
            "lacks package, where the reducer of its machine is to be written; "
            'add package = "path/to/package"'
        )
    for key, references in (
        ("machine", [config.machine] if config.machine else []),
        ("worlds", config.worlds),
        ("thorough", config.thorough),
    ):
        for reference in references:
            if not _is_reference(reference):
                yield f"{key} = '{reference}' names no value; write 'package.module:name'"
    worlds = (*config.worlds, *config.thorough)
    for reference in dict.fromkeys(worlds):
        if worlds.count(reference) > 1:
            yield f"names the world '{reference}' twice; remove one"
    folders = [("package", config.package)] if config.package else []
    for key, value in (*folders, ("diagrams", config.diagrams)):
        yield from _path_problems(root, key, value, "folder")
        if (root / value).resolve() == root:
            yield f"{key} = '{value}' is the project itself; name a folder below it"
    if config.readme:
        yield from _path_problems(root, "readme", config.readme, "file")
    if config.package:
        yield from _package_problems(config.package)
    if not (root / config.package).is_dir():
        yield (
            f"package = '{config.package}' is no folder; "
            "name the one that reducer.py is to be written to"
        )
    if config.readme not in ("", _README) and not (root / config.readme).is_file():
        yield f"readme = '{config.readme}' is no file; write \"\" to do without"


def _is_reference(text: str) -> bool:
    module, _, name = text.partition(":")
    return all(part.isidentifier() for part in (*module.split("."), name))


def _path_problems(root: Path, key: str, value: str, kind: str) -> Iterator[str]:
    if not value.isprintable():
        yield f"{key} = {value!r} has a character that no path should have"
    elif Path(value).is_absolute() or not is_inside(root / value, root):
        yield f"{key} = '{value}' leads out of the project; name a {kind} below {root}"


def _package_problems(value: str) -> Iterator[str]:
    name = Path(value).name
    if not name.isidentifier() or keyword.iskeyword(name):
        yield f"package = '{value}' can't be imported; name a folder whose name is an identifier"
