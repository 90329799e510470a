"""Every derived file of a project: what it must contain, and whether it still does.

A derived file is recognised by the mark in its first line, so that one which nothing
makes any more (a stray) is found too. Pictures are compared through the drawing that
they carry the hash of, never byte by byte, since each version of `dot` draws differently.
The interactive page is kept up to date once it is there: `steptable draw page` makes it.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from steptable.check import Result, properties_of
from steptable.drawing.gallery import gallery_markdown
from steptable.drawing.machines import machine_drawings
from steptable.errors import UsageError
from steptable.project import Project
from steptable.project.settings import demand_inside
from steptable.project.writing import leftovers, write_all
from steptable.report.findings import findings_markdown
from steptable.report.readme import filled
from steptable.targets.diagrams.draw import PICTURE_MARK, Drawing
from steptable.targets.diagrams.matrix import matrix_markdown
from steptable.targets.header import MARK
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.trial import try_modules
from steptable.targets.python.wire import wire_source

PARTS: Final = ("reducer", "codec", "machine", "worlds")
"""What derived files are made of or for, by which some can be asked for."""

_PART_OF: Final = {"reducer.py": "reducer", "wire.py": "codec"}

_SUFFIXES: Final = frozenset({".py", ".dot", ".mmd", ".md"})


@dataclass(frozen=True)
class Difference:
    """A derived file that is not what the declarations make of it."""

    path: Path
    kind: Literal["missing", "stale", "stray"]
    now: bytes
    made: bytes

    def patch(self, name: str) -> Iterator[str]:
        """The difference as lines of a patch that would bring the file up to date."""
        before, after = (text.decode(errors="replace") for text in (self.now, self.made))
        source = "/dev/null" if self.kind == "missing" else name
        target = "/dev/null" if self.kind == "stray" else name
        lines = difflib.unified_diff(
            _lines(before),
            _lines(after),
            source,
            target,
            "as it is",
            "as it is made",
        )
        for line in lines:
            yield line.rstrip("\n")
            if not line.endswith("\n"):
                yield "\\ No newline at end of file"


def _lines(text: str) -> list[str]:
    """The lines of a text, which end where those of a patch do, and nowhere else."""
    return io.StringIO(text, newline="\n").readlines()


def of_machine(project: Project, parts: Container[str] = PARTS) -> dict[Path, bytes]:
    """The content of derived files that takes no world to make, of those parts.

    Modules are tried. Raises `GenerationError` for one that does not work.
    """
    machine = project.own_machine
    if machine is None:
        return {}
    texts = {}
    if "reducer" in parts or "codec" in parts:
        made = modules(project)
        texts = {path: text for path, text in made.items() if _PART_OF[path.name] in parts}
    if "machine" in parts:
        matrix = f"<!-- {MARK} -->\n\n{matrix_markdown(machine)}"
        texts[project.diagrams / "matrix.md"] = matrix
    files = {path: text.encode() for path, text in texts.items()}
    if "machine" in parts:
        files |= _drawn(project, machine_drawings(machine))
    demand_inside(project.root, files)
    return files


def of_worlds(
    project: Project, results: Sequence[Result], drawings: Sequence[Drawing]
) -> dict[Path, bytes]:
    """The content of derived files that is made of what is found in worlds, and its drawings."""
    texts = {}
    if drawings:
        gallery = gallery_markdown(project.name, drawings)
        texts[project.diagrams / "README.md"] = f"<!-- {MARK} -->\n\n{gallery}"
    if any(item.finding is not None for world in project.worlds for item in properties_of(world)):
        page = findings_markdown(results)
        texts[project.diagrams / "FINDINGS.md"] = f"<!-- {MARK} -->\n\n{page}"
    if project.readme.is_file():
        fixed = (*texts, *of_machine(project, ("machine",)))
        demand_inside(project.root, [*fixed, project.readme])
        texts[project.readme] = _readme(project, results)
    machine = project.own_machine
    machines = {drawing.name for drawing in machine_drawings(machine)} if machine else set()
    own = [drawing for drawing in drawings if drawing.name not in machines]
    files = {path: text.encode() for path, text in texts.items()} | _drawn(project, own)
    demand_inside(project.root, files)
    return files


def _drawn(project: Project, drawings: Iterable[Drawing]) -> dict[Path, bytes]:
    return {
        project.diagrams / drawing.file(form): drawing.drawn(form)
        for drawing in drawings
        for form in drawing.kept
        if form in drawing.formats
    }


def modules(project: Project) -> dict[Path, str]:
    """Each derived Python module, tried. Raises `GenerationError` for one that does not work."""
    machine = project.own_machine
    if machine is None:
        return {}
    wire, package = machine.wire, project.package_name
    reducer = reducer_source(machine)
    codec = None if wire is None else wire_source(machine, wire, package)
    try_modules(machine, package, reducer, codec)
    made = {project.package / "reducer.py": reducer}
    return made if codec is None else made | {project.package / "wire.py": codec}


def _readme(project: Project, results: Sequence[Result]) -> str:
    name = project.readme.name
    try:
        text = project.readme.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is no UTF-8 text: {error}; save it as UTF-8") from error
    return filled(name, text, project.own_machine, results)


def differences(
    project: Project, files: dict[Path, bytes], *, whole: bool = True
) -> list[Difference]:
    """Every derived file that is missing, stale or stray; `files` is what they are to be.

    What is a stray is known only where they are the `whole` of them.
    """
    demand_inside(project.root, files)
    found = [item for path, made in files.items() if (item := _difference(path, made)) is not None]
    if not whole:
        return found
    strays = [path for path in _marked(project) if path not in files]
    folders = [project.package, *_folders(project)]
    if project.readme.is_file():
        folders.append(project.readme.parent)
    strays += [path for folder in dict.fromkeys(folders) for path in leftovers(folder)]
    return found + [Difference(path, "stray", path.read_bytes(), b"") for path in strays]


def _difference(path: Path, made: bytes) -> Difference | None:
    if not path.is_file():
        return Difference(path, "missing", b"", made)
    now = path.read_bytes()
    return None if now == made else Difference(path, "stale", now, made)


def stale_modules(project: Project) -> list[Difference]:
    """The derived Python modules that are not what the declarations make of them."""
    items = (_difference(path, text.encode()) for path, text in modules(project).items())
    return [item for item in items if item is not None]


def _marked(project: Project) -> Iterator[Path]:
    """Every file beside the derived ones that says of itself that it is derived."""
    for folder in dict.fromkeys((project.package, *_folders(project))):
        # Not below these folders: there may be another project, or an environment.
        for path in sorted(folder.glob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                with path.open("rb") as file:
                    if MARK.encode() in file.readline():
                        yield path


def repair(differences: Iterable[Difference]) -> None:
    """Bring files up to date: all of them, or none where one can't be written."""
    items = list(differences)
    write_all({item.path: item.made for item in items if item.kind != "stray"})
    for item in items:
        if item.kind == "stray":
            item.path.unlink(missing_ok=True)


def odd_pictures(project: Project, drawings: Iterable[Drawing]) -> Iterator[tuple[Path, str]]:
    """Drawn pictures that are not of the drawing as it is now: "stale", or of none, "stray"."""
    made = {project.diagrams / drawing.file("svg"): drawing.mark for drawing in drawings}
    for path in (path for folder in _folders(project) for path in sorted(folder.glob("*.svg"))):
        content = path.read_bytes()
        if path in made and made[path].encode() not in content:
            yield path, "stale"
        elif path not in made and PICTURE_MARK.encode() in content:
            yield path, "stray"


def _folders(project: Project) -> tuple[Path, Path]:
    """The folders of drawings, in which nothing is removed unless it is the project's."""
    folders = project.diagrams, project.diagrams / "findings"
    demand_inside(project.root, folders)
    return folders
