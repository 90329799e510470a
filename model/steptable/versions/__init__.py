"""Finds versions of a project's declarations: a folder, an exported file, or a git revision.

Declarations of another version are loaded by a process of their own, since their modules have
the names of this version's; it runs this steptable, and of that version nothing but
the declarations. A revision is unpacked into a folder of its own for that. What is said of a
version comes from that version alone, or it is an error (`steptable.versions.alone`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from steptable.compare.difference import Version
from steptable.errors import UsageError
from steptable.project import load, root_of
from steptable.project.interchange import from_json
from steptable.versions.isolation import Place, exported
from steptable.versions.repository import Repository
from steptable.versions.unpacking import unpack

_WANTED: Final = "name a git revision, a folder, or a file of `steptable export json`"


def working_tree(*, worlds: bool = True) -> Version:
    """The version that is in the project around the working folder.

    Raises `UsageError` or `SpecError` where it can't be loaded.
    """
    root = root_of(Path.cwd())
    name = "working tree"
    try:
        text = exported(_place_here(root), name, worlds)
    except UsageError:
        load(worlds=worlds)  # raises every fault, with its line
        raise
    return Version(name, from_json(text, name))


def version(name: str, *, worlds: bool = True) -> Version:
    """The version of that name: a folder, a file, or a revision of the repository here.

    Without `worlds`, its machine is enough.
    Raises `UsageError` where there is no such thing, or two, or this steptable can't load it.
    """
    if not name.strip():
        raise UsageError(f"'{name}' names no version; {_WANTED}")
    # These two answer for names that are too long or not to be read, where a Path raises.
    is_folder, is_file = os.path.isdir(name), os.path.isfile(name)  # noqa: PTH112, PTH113
    if not is_folder and not is_file:
        return _revision(name, worlds)
    if not name.startswith((".", os.sep)) and not name.endswith(os.sep) and _is_revision(name):
        kind = "folder" if is_folder else "file"
        raise UsageError(
            f"'{name}' is a {kind} and a revision; write .{os.sep}{name} for the {kind}, "
            f"or {name}^0 for the revision"
        )
    return _folder(name, worlds) if is_folder else _file(name)


def _file(name: str) -> Version:
    return Version(name, from_json(Path(name).read_bytes(), name))


def _folder(name: str, worlds: bool) -> Version:
    folder = Path(name).resolve()
    _demand_project(folder, f"the folder {name}")
    return Version(name, from_json(exported(_place_of(folder), name, worlds), name))


def _place_here(root: Path) -> Place:
    """Where the working tree lies, and those that it could be mixed up with."""
    files, trees = _repository(root)
    return Place(files, root, {tree: files for tree in trees if tree != files})


def _place_of(folder: Path) -> Place:
    """Where the version in a folder lies: in another repository, or beside the project here."""
    try:
        here = _place_here(root_of(Path.cwd()))
    except UsageError:  # two others may be compared from outside of any project
        return Place(_repository(folder)[0], folder, {})
    if folder == here.project:
        return here
    files, _ = _repository(folder)
    if files == here.files:
        # What else there is belongs to both.
        return Place(folder, folder, {**here.others, here.project: folder})
    trees = (here.files, *here.others)
    others = {tree: files for tree in trees if tree != files}
    return Place(files, folder, others | {here.project: folder})


def _repository(folder: Path) -> tuple[Path, tuple[Path, ...]]:
    """The root of what is versioned together with a folder, and every working tree of that."""
    try:
        repository = Repository.around(folder)
    except UsageError:
        return folder, (folder,)
    return repository.root, repository.trees()


def _is_revision(name: str) -> bool:
    try:
        return Repository.around(Path.cwd()).knows(name)
    except UsageError:  # where there is no repository, or no git, there are no revisions
        return False


def _revision(name: str, worlds: bool) -> Version:
    missing = f"'{name}' is no folder, no file, and no revision"
    try:
        root = root_of(Path.cwd())
    except UsageError as error:
        raise UsageError(f"{missing}, since there is no project here: {error}") from error
    try:
        repository = Repository.around(root)
        commit = repository.commit(name)
    except UsageError as error:
        raise UsageError(f"{missing} of the repository in {root}: {error}") from error
    called = name if commit.startswith(name) else f"{name} ({commit[:7]})"
    with tempfile.TemporaryDirectory(prefix="steptable-") as temporary:
        folder = Path(temporary).resolve()
        left_out = unpack(repository, commit, folder)
        place = Place(
            files=folder,
            project=folder / root.relative_to(repository.root),
            others=dict.fromkeys(repository.trees(), folder),
        )
        try:
            _demand_project(place.project, f"the revision {name}")
            text = exported(place, called, worlds)
        except UsageError as error:
            # Where it was unpacked is gone when this is read.
            said = str(error).replace(f"{folder}{os.sep}", "")
            raise UsageError("; ".join([said, *left_out])) from error
    return Version(called, from_json(text, called))


def _demand_project(folder: Path, what: str) -> None:
    """Raise `UsageError` unless a folder is a project: one above it would be another version."""
    if not (folder / "pyproject.toml").is_file():
        raise UsageError(f"{what} has no pyproject.toml, so it declares nothing")
    if not folder.is_dir() or root_of(folder) != folder.resolve():
        raise UsageError(f"the pyproject.toml of {what} has no [tool.steptable] table")
