"""The pytest plugin: each property of each world is a test, and that each part of it is of use.

With `--steptable`, or `steptable = true` in the configuration of pytest, a pyproject.toml that has
a `[tool.steptable]` table is collected like a file of tests. The tests in it are called
`reducer::always::what-is-promised`; each is placed at the declaration of its property. A world
is explored once for all of its tests, by each process that runs some of them.

With `--steptable-coverage FILE`, it is recorded which rows of the generated reducer the tests take;
`steptable draw coverage --tests FILE` paints that on the machine.

Importing this module loads nothing of the engine: pytest imports it wherever it is installed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from steptable.check import Judgement, Result
    from steptable.project import Project
    from steptable.properties import Property
    from steptable.world import World


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two ways to opt in, and the recording of rows."""
    said = "test the worlds that [tool.steptable] names: a test for each property"
    group = parser.getgroup("steptable")
    group.addoption("--steptable", action="store_true", help=said)
    group.addoption(
        "--steptable-coverage",
        metavar="FILE",
        help="record which rows of the generated reducer the tests take, "
        "for `steptable draw coverage --tests FILE`",
    )
    parser.addini("steptable", f"{said}, wherever no path is given", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Add the project to what is collected: where it is asked for, or no path is given."""
    if config.getoption("--steptable-coverage"):
        _record(config, Path(config.getoption("--steptable-coverage")))
    asked = config.getoption("--steptable")
    implied = config.args_source is not pytest.Config.ArgsSource.ARGS
    if asked or (config.getini("steptable") and implied):
        file = config.rootpath / "pyproject.toml"
        if not _is_project(file):
            raise pytest.UsageError(
                f"{file} has no [tool.steptable] table, so nothing can be tested"
            )
        named = {Path(str(argument).partition("::")[0]).resolve() for argument in config.args}
        if file.resolve() not in named and config.rootpath.resolve() not in named:
            config.args.append(str(file))


def _record(config: pytest.Config, file: Path) -> None:
    """Record the rows taken from now on, until this process of pytest ends."""
    try:
        import networkx  # noqa: F401, PLC0415  # which the engine loads late

        from steptable.drawing.recording import append, recording  # noqa: PLC0415
        from steptable.errors import SpecError, UsageError  # noqa: PLC0415
        from steptable.project import load  # noqa: PLC0415
    except ImportError as error:
        raise pytest.UsageError(
            f"--steptable-coverage needs the module {error.name}; install the extra 'model'"
        ) from error
    try:
        project = load(config.rootpath)
        reducer = project.reducer()
    except (SpecError, UsageError) as error:
        raise pytest.UsageError(_harmless(error)) from error
    try:
        if not hasattr(config, "workerinput"):  # the workers of pytest-xdist add to the same file
            file.write_bytes(b"")
    except OSError as error:
        raise pytest.UsageError(f"{file} can't be written: {error.strerror}") from error
    taken = recording(project.machine, reducer)
    coverage = taken.__enter__()

    def end() -> None:
        taken.__exit__(None, None, None)
        append(coverage, file)

    config.add_cleanup(end)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A project is a file of tests."""
    config = parent.config
    active = config.getoption("--steptable") or config.getini("steptable")
    if active and file_path.name == "pyproject.toml" and _is_project(file_path):
        return ProjectFile.from_parent(parent, path=file_path)
    return None


def _is_project(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        tools = tomllib.loads(file.read_text(encoding="utf-8")).get("tool")
    except (ValueError, RecursionError):  # no TOML, no UTF-8, a number too long, nested too deep
        return False
    return isinstance(tools, dict) and "steptable" in tools


def _harmless(error: BaseException) -> str:
    """What an error says, as far as it may be printed."""
    from steptable.support.plain import harmless  # noqa: PLC0415

    return harmless(str(error))


class ProjectFile(pytest.File):
    """The worlds of a project."""

    def collect(self) -> Iterable[pytest.Collector]:
        """A collector for each world. Declarations that are wrong are errors of the collection."""
        try:
            import networkx  # noqa: F401, PLC0415  # which the engine loads late

            from steptable.errors import SpecError, UsageError  # noqa: PLC0415
            from steptable.project import load  # noqa: PLC0415
        except ImportError as error:
            raise self.CollectError(
                f"testing worlds needs the module {error.name}; install the extra 'model'"
            ) from error
        try:
            self.project: Project = load(self.path.parent)
        except (SpecError, UsageError) as error:
            raise self.CollectError(_harmless(error)) from error
        self._demand_current()
        for world in self.project.worlds:
            yield WorldTests.from_parent(self, name=world.name, world=world)

    def _demand_current(self) -> None:
        from steptable.derive import stale_modules  # noqa: PLC0415
        from steptable.errors import GenerationError  # noqa: PLC0415

        try:
            found = stale_modules(self.project)
        except GenerationError as error:
            raise self.CollectError(_harmless(error)) from error
        stale = [f"{item.kind}: {item.path.name}" for item in found]
        if stale:
            raise self.CollectError(f"{', '.join(stale)}; run `steptable generate`")


class WorldTests(pytest.Collector):
    """The properties of a world, by what they say."""

    def __init__(self, *, world: World, **given: Any) -> None:
        super().__init__(**given)
        self.world = world

    def collect(self) -> Iterable[pytest.Collector | pytest.Item]:
        """A collector for each kind of property, and a test of the parts of the world."""
        from steptable.check import properties_of  # noqa: PLC0415
        from steptable.report.names import property_ids  # noqa: PLC0415

        judged = properties_of(self.world)
        ids = property_ids(self.world.name, judged)
        for kind in dict.fromkeys(item.kind for item in judged):
            numbers = {
                name.rpartition("::")[2]: number
                for number, (name, item) in enumerate(zip(ids, judged, strict=True))
                if item.kind == kind
            }
            yield KindTests.from_parent(self, name=kind, of=self, judged=judged, numbers=numbers)
        yield PartsTest.from_parent(self, name="every-part-is-of-use", of=self)

    @property
    def result(self) -> Result:
        """What the exploration found, made when the first test asks for it.

        Raises `Broken` where a value leaves the bounds of the world, and `KeyboardInterrupt`
        after Ctrl-C, which pytest answers as that of any test.
        """
        if isinstance(self._found, str):
            raise Broken(self._found)
        return self._found

    @cached_property
    def _found(self) -> Result | str:
        """The result, or why there is none: a world is explored once, however it ends."""
        from steptable.check import Overflow, check  # noqa: PLC0415
        from steptable.report.formats.text import overflow  # noqa: PLC0415

        assert isinstance(self.parent, ProjectFile)  # noqa: S101
        project = self.parent.project
        try:
            found = check(self.world, project.structs())
        except Overflow as error:
            return overflow(error)
        if found.interrupted:
            raise KeyboardInterrupt
        return found


class KindTests(pytest.Collector):
    """The properties of one kind."""

    def __init__(
        self,
        *,
        of: WorldTests,
        judged: tuple[Property, ...],
        numbers: dict[str, int],
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self.of = of
        self.judged = judged
        self.numbers = numbers

    def collect(self) -> Iterator[PropertyTest]:
        """A test for each property."""
        for name, number in self.numbers.items():
            judged = self.judged[number]
            yield PropertyTest.from_parent(
                self, name=name, of=self.of, judged=judged, number=number
            )


class Broken(Exception):
    """Something is not as declared; the message is the whole report on it."""


class WorldItem(pytest.Item):
    """A test of something about a world."""

    def __init__(self, *, of: WorldTests, **given: Any) -> None:
        super().__init__(**given)
        self.of = of

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report alone: no line of this tool is of any interest."""
        from steptable.errors import SpecError, UsageError  # noqa: PLC0415

        if isinstance(excinfo.value, Broken | SpecError | UsageError):
            return _harmless(excinfo.value)
        return super().repr_failure(excinfo, style)


class PartsTest(WorldItem):
    """That each part of a world is of use, or as it is declared."""

    def runtest(self) -> None:
        """Explore the world, unless that is done, and see what never happens in it."""
        result = self.of.result
        if result.dead:
            raise Broken("\n".join(f"idle: {part} ({part.at})" for part in result.dead))
        if result.stopped:
            raise Broken(f"inconclusive: {result.stopped}")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the world is declared."""
        at = self.of.world.at
        return Path(at.file), max(at.line - 1, 0), f"{self.of.name}: every part is of use"


class PropertyTest(WorldItem):
    """One property about a world."""

    def __init__(self, *, judged: Property, number: int, **given: Any) -> None:
        super().__init__(**given)
        self.judged = judged
        self.number = number

    def runtest(self) -> None:
        """Explore the world, unless that is done, and see what became of the property."""
        judgement = self.of.result.judgements[self.number]
        if not judgement.passes:
            raise Broken(self._report(judgement))

    def _report(self, judgement: Judgement) -> str:
        from steptable.report.formats.text import counterexample  # noqa: PLC0415

        if judgement.verdict == "inconclusive":
            return f"inconclusive: {self.judged.name}: {self.of.result.stopped}"
        return counterexample(self.of.world, judgement)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the property is declared."""
        at = self.judged.at
        return Path(at.file), max(at.line - 1, 0), f"{self.of.name}: {self.judged.name}"
