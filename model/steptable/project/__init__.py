"""Loads what a project declares, as `[tool.steptable]` names it (`steptable.project.settings`).

Declarations are imported from the folder that the package lies in.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from steptable.errors import (
    Fault,
    Location,
    SpecError,
    UsageError,
    is_end_of_memory,
    suggestion,
)
from steptable.kept.results import Kept
from steptable.machine import Machine
from steptable.project.interchange import Declarations
from steptable.project.settings import Config, settings
from steptable.targets.structs import Structs
from steptable.wellformed import faults_of
from steptable.wellformed.depth import allow_depth
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World

_MACHINERY: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Project:
    """A loaded project whose declarations are well-formed."""

    root: Path
    config: Config
    own_machine: Machine | None
    """None of a project that has worlds alone."""
    worlds: tuple[World, ...]
    thorough: tuple[World, ...] = ()
    """Larger worlds, which are explored only where they are asked for."""

    @property
    def machine(self) -> Machine:
        """Its machine. Raises `UsageError` where it has none."""
        if self.own_machine is None:
            raise UsageError(
                f"{self.root / 'pyproject.toml'}: [tool.steptable] names worlds and no machine, "
                "which this asks for; `check`, `replay`, `draw` and `generate` do without"
            )
        return self.own_machine

    @property
    def name(self) -> str:
        """What it is called: as its machine, or as the folder that it lies in."""
        return self.root.name if self.own_machine is None else self.own_machine.name

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
        return Declarations(self.own_machine, self.worlds, self.thorough)

    @property
    def package_name(self) -> str:
        """The dotted name under which the package is imported."""
        return _import_name(self.package)[1]

    def structs(self) -> dict[str, Structs]:
        """The generated reducer by its machine's name, for replays; none without a machine.

        Raises `UsageError` where it can't be imported.
        """
        machine = self.own_machine
        return {} if machine is None else {machine.name: Structs(machine, self.reducer())}

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
        except (Exception, SystemExit) as error:
            if is_end_of_memory(error):
                raise
            at = _raised_at(error, self.package)
            problem = f"{module} can't be imported: {_said(error)}"
            raise UsageError(f"{at}: {problem}" if at else problem) from error


def load(folder: Path | None = None, *, worlds: bool = True, kept: Kept | None = None) -> Project:
    """The project around a folder, by default the working one; `worlds` can be left alone.

    What is kept as well-formed is not looked at again. Raises `UsageError` where there is no
    project or it can't be read, and `SpecError` with every fault of machine and worlds.
    """
    allow_depth()
    root, config = settings(folder or Path.cwd())
    package = root / config.package
    with _without_init(package):
        machine = None
        if config.machine:
            machine = _declared(config.machine, Machine, "machine", package)
        sound = _Sound(Kept() if kept is None else kept)
        faults = [] if machine is None else sound.faults(machine)
        # A world is judged against its machines, so it waits until they are in order.
        wanted = worlds and not faults
        usual = _worlds("worlds", config.worlds, package) if wanted else ()
        thorough = _worlds("thorough", config.thorough, package) if wanted else ()
    every = (*usual, *thorough)
    for number, world in enumerate(every):
        faults += _faults_of_world(world, machine, sound)
        faults += _repeated(world, every[:number])
    if faults:
        raise SpecError(faults)
    return Project(root, config, machine, usual, thorough)


def root_of(folder: Path) -> Path:
    """The root of the project around a folder. Raises `UsageError` where there is none."""
    return settings(folder)[0]


def _worlds(key: str, paths: tuple[str, ...], package: Path) -> tuple[World, ...]:
    return tuple(_declared(path, World, key, package) for path in paths)


@dataclass(frozen=True)
class _Sound:
    """Looks for faults in what is not kept as having none."""

    kept: Kept

    def faults(self, declared: Machine | World) -> list[Fault]:
        key = self.kept.key("well-formed", declared)
        if self.kept.found(key) is not None:
            return []
        look = faults_of_world(declared) if isinstance(declared, World) else faults_of(declared)
        if not look:
            self.kept.keep(key, b"well-formed")
        return list(look)


def _faults_of_world(world: World, machine: Machine | None, sound: _Sound) -> Iterator[Fault]:
    """The faults of a world, and of the machines in it that are not the project's own."""
    faults: list[Fault] = []
    for instance in world.instances:
        if instance.machine is machine or instance.machine == machine:
            continue
        faults += sound.faults(instance.machine)
        if machine is not None and instance.machine.name == machine.name:
            # What is found is replayed by the reducer of the machine of that name.
            where = f"world '{world.name}', instance '{instance.name}'"
            problem = f"its machine {machine.name} is declared otherwise than the project's"
            advice = "use the machine that [tool.steptable] names, or rename this one"
            yield Fault(instance.at, where, problem, advice, "other-machine")
    yield from faults or sound.faults(world)


def _repeated(world: World, others: tuple[World, ...]) -> Iterator[Fault]:
    for other in others:
        if other is world:
            problem = "[tool.steptable] names it twice"
            yield Fault(world.at, f"world '{world.name}'", problem, "remove one", "duplicate-name")
        elif other.name == world.name:
            problem = f"there is another world of that name at {other.at}"
            yield Fault(world.at, f"world '{world.name}'", problem, "rename one", "duplicate-name")


# ── Declarations ─────────────────────────────────────────────────────────────────────


def _import_name(package: Path) -> tuple[Path, str]:
    """The folder that a package is imported from, and its dotted name there.

    The root of a project without a package is that folder itself.
    """
    package = package.resolve()
    # A package may have such a file, too: whatever tool it is for.
    if (package / "pyproject.toml").is_file() and not (package / "__init__.py").is_file():
        return package, ""
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
    if not name or name in sys.modules:
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
    with _read(module_name, where, package):
        module = importlib.import_module(module_name)
        missing = object()  # a module may make its values when they are asked for
        value = getattr(module, name, missing)
    if value is missing:
        named = [item for item, value in vars(module).items() if isinstance(value, kind)]
        raise UsageError(f"{where}: {module_name} has no '{name}'; {suggestion(name, named)}")
    if not isinstance(value, kind):
        raise UsageError(
            f"{where} is of type {type(value).__name__}; name a value of type {kind.__name__}"
        )
    return value


@contextmanager
def _read(name: str, where: str, package: Path) -> Iterator[None]:
    """Reads a module of declarations; whatever it raises is a fault of the line that raised it."""
    try:
        yield
    except SpecError:
        raise
    # One that ends the process would end it with an exit code that means something else.
    except (Exception, SystemExit) as error:
        if is_end_of_memory(error):
            raise
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            source, _ = _import_name(package)
            raise UsageError(f"{where}: there is no module {error.name} in {source}") from error
        at = _raised_at(error, package)
        problem = f"it can't be read: {_said(error)}"
        raise SpecError([Fault(at, name, problem, "correct that line", "broken")]) from error


def _raised_at(error: BaseException, package: Path) -> Location:
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


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(text.split())}"
