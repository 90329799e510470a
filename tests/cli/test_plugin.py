"""Each property is a test of pytest's, where a project asks for it, and nothing is, elsewhere."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from support.projects import ENVIRONMENT, MANY, ROOT, TOWN, edited, run, write_project

pytest_plugins = ("pytester",)

IDS = (
    "pyproject.toml::street::always::what-is-refused-changes-nothing",
    "pyproject.toml::street::always::it-opens-for-those-who-paid",
    "pyproject.toml::street::sometimes::it-may-go",
    "pyproject.toml::street::every-part-is-of-use",
)


@pytest.fixture
def gate(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own, with one test beside its properties."""
    return project(pytester, monkeypatch)


def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, environment: str = ENVIRONMENT
) -> pytest.Pytester:
    run(write_project(pytester.path, environment=environment), "generate")
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_own.py").write_text("def test_own():\n    pass\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "model"))
    return pytester


# An installed project has registered its plugin; one that is only on the path has not.
INSTALLED = entry_points(group="pytest11", name="steptable")
PLUGINS = (
    *(() if INSTALLED else ("-p", "steptable.pytest_plugin")),
    *("-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
)


def ran(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """The tests of a project; what they import is forgotten again."""
    return pytester.runpytest_inprocess(*PLUGINS, *arguments)


def ran_apart(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """The same in a process of its own, for what changes the engine."""
    return pytester.runpytest_subprocess(*PLUGINS, *arguments)


def with_ini(pytester: pytest.Pytester) -> None:
    """Opt in for good."""
    file = pytester.path / "pyproject.toml"
    file.write_text(file.read_text() + "\n[tool.pytest.ini_options]\nsteptable = true\n")


def test_nothing_is_added_unless_it_is_asked_for(gate: pytest.Pytester) -> None:
    """A plugin that is merely installed is not noticed."""
    ran(gate).assert_outcomes(passed=1)


def test_each_property_is_a_test_with_a_stable_id(gate: pytest.Pytester) -> None:
    """The id says the world, the kind and the promise."""
    result = ran(gate, "--steptable", "--collect-only", "-q")

    assert [line for line in result.outlines if line.startswith("pyproject")] == list(IDS)


def test_properties_run_beside_the_tests_of_a_project(gate: pytest.Pytester) -> None:
    """With the option, whatever else is named; with the setting, where nothing is."""
    ran(gate, "--steptable").assert_outcomes(passed=5)
    ran(gate, "--steptable", "tests").assert_outcomes(passed=5)
    ran(gate, "--steptable", ".").assert_outcomes(passed=5)
    with_ini(gate)
    ran(gate).assert_outcomes(passed=5)
    ran(gate, "tests").assert_outcomes(passed=1)


def test_properties_are_chosen_like_any_test(gate: pytest.Pytester) -> None:
    """By words, and by id."""
    ran(gate, "--steptable", "-k", "sometimes").assert_outcomes(passed=1, deselected=4)
    ran(gate, "--steptable", IDS[1]).assert_outcomes(passed=1)


def test_properties_are_spread_over_processes(gate: pytest.Pytester) -> None:
    """Every process finds the same tests, and explores what it needs."""
    pytest.importorskip("xdist")
    ran(gate, "--steptable", "-n", "2").assert_outcomes(passed=5)


def test_a_failure_is_the_counterexample_at_the_declaration(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader sees what happens in the world, and nothing of the tool."""
    town = project(pytester, monkeypatch, TOWN)
    result = ran(town, "--steptable", "-rf")

    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*town: coins are never lost*",
            "violated: coins are never lost",
            "  step 1        the walker puts 1 into the east gate",
            "  replay        steptable replay town 0/1",
        ]
    )
    result.stdout.fnmatch_lines(["*from here the last step repeats for ever"])
    result.stdout.fnmatch_lines(["FAILED pyproject.toml::town::always::coins-are-never-lost*"])
    result.stdout.fnmatch_lines(["idle: action 'fly' never happens (gate/environment.py:*)"])
    assert "pytest_plugin.py" not in result.stdout.str()


def test_the_place_of_a_test_is_the_declaration_of_its_property(
    gate: pytest.Pytester,
) -> None:
    """An editor jumps to what was promised."""
    line = ENVIRONMENT[: ENVIRONMENT.index("        always_event(")].count("\n")
    items, _ = gate.inline_genitems(*PLUGINS, "--steptable", "-k", "refused")
    (file, number, name) = items[0].reportinfo()

    assert (Path(file).name, number) == ("environment.py", line)
    assert name == "street: what is refused changes nothing"


def test_a_world_is_explored_once_for_all_of_its_tests(gate: pytest.Pytester) -> None:
    """What takes a minute must not take one for each promise."""
    (gate.path / "conftest.py").write_text(
        "import steptable.check as module\n"
        "explore = module.check\n"
        "def counted(*args, **given):\n"
        "    print('EXPLORING')\n"
        "    return explore(*args, **given)\n"
        "module.check = counted\n"
    )
    result = ran_apart(gate, "--steptable", "-s")

    result.assert_outcomes(passed=5)
    assert result.stdout.str().count("EXPLORING") == 1


def test_declarations_that_are_wrong_are_an_error_of_the_collection(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is told in the one shape that faults have; the other tests are not lost."""
    town = project(pytester, monkeypatch)
    (town.path / "gate" / "environment.py").write_text(
        edited(ENVIRONMENT, "gate.position == GONE", "gate.positon == GONE")
    )
    result = ran(town, "--steptable", "--continue-on-collection-errors")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*did you mean 'position'? [[]unknown-name]*"])


def test_a_stale_reducer_is_an_error_of_the_collection(gate: pytest.Pytester) -> None:
    """What it replays means nothing."""
    (gate.path / "gate" / "reducer.py").write_text("")
    result = ran(gate, "--steptable")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*stale: reducer.py; run `steptable generate`*"])


def test_asking_where_there_is_no_project_is_wrong_usage(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To test nothing without a word would look like a pass."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "model"))
    result = ran(pytester, "--steptable")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*has no [[]tool.steptable] table, so nothing can be tested"])


def test_importing_the_plugin_loads_nothing_of_the_engine() -> None:
    """Wherever it is installed, every run of pytest imports it."""
    program = (
        "import sys, pytest; before = set(sys.modules); import steptable.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "model")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert [name for name in done.stdout.split() if name.startswith("steptable")] == [
        "steptable",
        "steptable.pytest_plugin",
    ]
    assert not {"msgspec", "networkx", "rich", "typer"} & set(done.stdout.split())


def test_an_install_without_the_engine_says_which_extra_it_lacks(gate: pytest.Pytester) -> None:
    """Whoever imports the reducer alone never asked for the engine."""
    missing = Path(gate.path / "networkx")
    missing.mkdir()
    (missing / "__init__.py").write_text("raise ImportError('absent', name='networkx')\n")
    result = ran_apart(gate, "--steptable")

    result.stdout.fnmatch_lines(
        ["*testing worlds needs the module networkx; install the extra 'model'*"]
    )
    ran(gate).assert_outcomes(passed=1)


def test_the_rows_that_tests_take_are_recorded(gate: pytest.Pytester) -> None:
    """Whether the tests of an implementation come by every row is seen on the machine."""
    (gate.path / "tests" / "test_own.py").write_text(
        "from datetime import UTC, datetime\n"
        "from gate.reducer import CoinsInserted, Memory, Position, Price, step\n\n"
        "def test_own():\n"
        "    now = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "    record = Memory(position=Position.SHUT, last=0)\n"
        "    step(record, CoinsInserted(coins=2, at=now, number=1), now, Price(coins=1))\n"
    )
    ran_apart(gate, "--steptable-coverage", "taken").assert_outcomes(passed=1)

    assert run(gate.path, "draw", "coverage", "--tests", "taken", "--format", "dot").code == 0
    drawn = (gate.path / "build" / "diagrams" / "coverage-tests.dot").read_text()
    assert "tests recorded in taken: 1 of 3 rows" in " ".join(drawn.split())


def test_a_recording_without_a_project_is_a_sentence(pytester: pytest.Pytester) -> None:
    """An option that can't be served is no reason for a traceback."""
    result = ran_apart(pytester, "--steptable-coverage", "taken")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*no pyproject.toml with a [[]tool.steptable[]] table*")


# Presses Ctrl-C while a world is explored, be it in a process of its own.
PRESSED = """
import os, signal, sys, threading, time

def is_exploring():
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame is not None and frame.f_code.co_name != "_level":
        frame = frame.f_back
    return frame is not None

def press():
    while not is_exploring():
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)

if "pytest" in sys.modules:
    threading.Thread(target=press, daemon=True).start()
"""


@pytest.mark.parametrize("spread", [(), ("-n", "2")])
def test_ctrl_c_stops_pytest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, spread: tuple[str, ...]
) -> None:
    """Whoever presses it wants no other test to run, and nothing to be called a failure."""
    if spread:
        pytest.importorskip("xdist")
    many = project(pytester, monkeypatch)
    (many.path / "gate" / "environment.py").write_text(ENVIRONMENT + MANY + PRESSED)
    result = ran_apart(many, "--steptable", *spread)

    assert result.ret == pytest.ExitCode.INTERRUPTED, result.stdout.str()
    assert "keyboard" in result.stdout.str().lower()
    assert "inconclusive" not in result.stdout.str()
