"""Finds and loads what a project declares: `[tool.steptable]` in its pyproject.toml.

    [tool.steptable]
    machine = "package.module:name"          # a steptable.machine.Machine
    worlds = ["package.module:name", ...]    # steptable.world.World values
    thorough = ["package.module:name", ...]  # larger ones, for `check --thorough`
    package = "src/package"                  # where reducer.py and wire.py are written
    diagrams = "diagrams"                    # where drawings are written
    readme = "README.md"                     # whose marked part shows the machine; "" for none

Declarations are imported from the folder that the package lies in.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec

from steptable.errors import Fault, Location, SpecError, UsageError, suggestion
from steptable.interchange import Declarations
from steptable.machine import Machine
from steptable.plain import escaped, is_unwritable
from steptable.targets.structs import Structs
from steptable.wellformed import faults_of
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World

_MACHINERY: Final = Path(__file__).parent


class Config(msgspec.Struct, frozen=True):
    """The table `[tool.steptable]`."""

    machine: str
    package: str
    worlds: tuple[str, ...] = ()
    thorough: tuple[str, ...] = ()
    diagrams: str = "diagrams"
    readme: str = "README.md"


@dataclass(frozen=True)
class Project:
    """A loaded project whose declarations are well-formed."""

    root: Path
    config: Config
    machine: Machine
    worlds: tuple[World, ...]
    thorough: tuple[World, ...] = ()
    """Larger worlds, which are explored only where they are asked for."""

    @property
    def package(self) -> Path:
        return self.root / self.config.package

    @property
    def diagrams(self) -> Path:
        return self.root / self.config.diagrams

    @property
    def readme(self) -> Path:
        return self.root / self.config.readme

    @property
    def declared(self) -> Declarations:
        """All that it declares."""
        return Declarations(self.machine, self.worlds, self.thorough)

    @property
    def package_name(self) -> str:
        """The dotted name under which the package is imported."""
        return _import_name(self.package)[1]

    def structs(self) -> Structs:
        """The generated reducer, for replays. Raises `UsageError` where it can't be imported."""
        return Structs(self.machine, self.reducer())

    def reducer(self) -> ModuleType:
        """The generated reducer. Raises `UsageError` where it can't be imported."""
        return self._derived("reducer")

    def wire(self) -> ModuleType:
        """The generated codec. Raises `UsageError` where there is none, or it can't be imported."""
        if self.machine.wire is None:
            raise UsageError(f"the machine {self.machine.name} declares no wire")
        return self._derived("wire")

    def wire_schema(self) -> Any:
        """The JSON Schema of the envelope, out of the generated codec."""
        return self.wire().json_schema()

    def _derived(self, name: str) -> ModuleType:
        module = f"{self.package_name}.{name}"
        try:
            return importlib.import_module(module)
        except Exception as error:
            at = _raised_at(error, self.package)
            problem = f"{module} can't be imported: {_said(error)}"
            raise UsageError(f"{at}: {problem}" if at else problem) from error


def load(folder: Path | None = None, *, worlds: bool = True) -> Project:
    """The project around a folder, by default the working one; `worlds` can be left alone.

    Raises `UsageError` where there is none or it can't be read, and `SpecError` with
    every fault of machine and worlds.
    """
    root, config = _find((folder or Path.cwd()).resolve())
    package = root / config.package
    if not package.is_dir():
        raise UsageError(
            f"{root / 'pyproject.toml'}: [tool.steptable] package = '{config.package}' "
            "is no folder; name the one that reducer.py is to be written to"
        )
    with _without_init(package):
        machine = _declared(config.machine, Machine, "machine", package)
        faults = list(faults_of(machine))
        # A world is judged against its machines, so it waits until they are in order.
        wanted = worlds and not faults
        usual = _worlds("worlds", config.worlds, package) if wanted else ()
        thorough = _worlds("thorough", config.thorough, package) if wanted else ()
    every = (*usual, *thorough)
    for number, world in enumerate(every):
        faults += _faults_of_world(world, machine)
        faults += _repeated(world, every[:number])
    if faults:
        raise SpecError(faults)
    return Project(root, config, machine, usual, thorough)


def root_of(folder: Path) -> Path:
    """The root of the project around a folder. Raises `UsageError` where there is none."""
    return _find(folder.resolve())[0]


def _worlds(key: str, paths: tuple[str, ...], package: Path) -> tuple[World, ...]:
    return tuple(_declared(path, World, key, package) for path in paths)


def _faults_of_world(world: World, machine: Machine) -> Iterator[Fault]:
    """The faults of a world, and of the machines in it that are not the project's own."""
    faults: list[Fault] = []
    for instance in world.instances:
        if instance.machine is machine or instance.machine == machine:
            continue
        faults += faults_of(instance.machine)
        if instance.machine.name == machine.name:
            # What is found is replayed by the reducer of the machine of that name.
            where = f"world '{world.name}', instance '{instance.name}'"
            problem = f"its machine {machine.name} is declared otherwise than the project's"
            advice = "use the machine that [tool.steptable] names, or rename this one"
            yield Fault(instance.at, where, problem, advice, "other-machine")
    yield from faults or faults_of_world(world)


def _repeated(world: World, others: tuple[World, ...]) -> Iterator[Fault]:
    for other in others:
        if other.name == world.name:
            problem = f"there is another world of that name at {other.at}"
            yield Fault(world.at, f"world '{world.name}'", problem, "rename one", "duplicate-name")


# ── pyproject.toml ───────────────────────────────────────────────────────────────────


def _find(folder: Path) -> tuple[Path, Config]:
    for candidate in (folder, *folder.parents):
        file = candidate / "pyproject.toml"
        if file.is_file():
            try:
                tools = tomllib.loads(file.read_bytes().decode()).get("tool")
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise UsageError(f"{file} is no TOML: {error}") from error
            if isinstance(tools, dict) and "steptable" in tools:
                return candidate, _config(tools["steptable"], f"{file}: [tool.steptable]")
    raise UsageError(
        f"no pyproject.toml with a [tool.steptable] table in {folder} or above it; "
        'add one with machine = "package.module:name" and package = "path/to/package"'
    )


def _config(table: Any, where: str) -> Config:
    known = Config.__struct_fields__
    for name in table if isinstance(table, dict) else ():
        if name not in known:
            raise UsageError(f"{where} has no key '{name}'; {suggestion(name, known)}")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}") from error
    for name in known:
        value = getattr(config, name)
        for text in (value,) if isinstance(value, str) else value:
            if marks := ", ".join(escaped(c) for c in text if is_unwritable(c)):
                raise UsageError(f"{where} {name} contains {marks}; write it without")
    return config


# ── Declarations ─────────────────────────────────────────────────────────────────────


def _import_name(package: Path) -> tuple[Path, str]:
    """The folder that a package is imported from, and its dotted name there."""
    package = package.resolve()
    source, name = package.parent, package.name
    while (source / "__init__.py").is_file():
        source, name = source.parent, f"{source.name}.{name}"
    return source, name


@contextmanager
def _without_init(package: Path) -> Iterator[None]:
    """Imports declarations without the package's own `__init__`, which may load derived code.

    What derives must not depend on what it derives: a reducer that is stale or broken
    must not keep a new one from being generated.
    """
    source, name = _import_name(package)
    sys.path.insert(0, str(source))
    if name in sys.modules:
        yield
        return
    stub = ModuleType(name)
    stub.__path__ = [str(package)]
    sys.modules[name] = stub
    try:
        yield
    finally:
        del sys.modules[name]


def _declared(path: str, kind: type[Any], key: str, package: Path) -> Any:
    """The value that a key of `[tool.steptable]` names."""
    where = f"[tool.steptable] {key} = '{path}'"
    module_name, _, name = path.partition(":")
    if not module_name or not name:
        raise UsageError(f"{where} names no value; write 'package.module:name'")
    module = _imported(module_name, where, package)
    if not hasattr(module, name):
        named = [item for item, value in vars(module).items() if isinstance(value, kind)]
        raise UsageError(f"{where}: {module_name} has no '{name}'; {suggestion(name, named)}")
    value = getattr(module, name)
    if not isinstance(value, kind):
        raise UsageError(
            f"{where} is of type {type(value).__name__}; name a value of type {kind.__name__}"
        )
    return value


def _imported(name: str, where: str, package: Path) -> ModuleType:
    """A module of declarations; whatever it raises is a fault of the line that raised it."""
    try:
        return importlib.import_module(name)
    except SpecError:
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            source, _ = _import_name(package)
            raise UsageError(f"{where}: there is no module {error.name} in {source}") from error
        at = _raised_at(error, package)
        problem = f"it can't be read: {_said(error)}"
        raise SpecError([Fault(at, name, problem, "correct that line", "broken")]) from error


def _raised_at(error: Exception, package: Path) -> Location:
    """The line of the project that raised an error, however deep below it that happened."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return Location(error.filename, error.lineno or 1)
    source, _ = _import_name(package)
    lines = [
        Location(frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if Path(frame.f_code.co_filename).is_relative_to(source)
        and not Path(frame.f_code.co_filename).is_relative_to(_MACHINERY)
    ]
    return lines[-1] if lines else Location("", 0)


def _said(error: Exception) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(text.split())}"
