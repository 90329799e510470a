"""Which engine explores a world, and what is said where it is not the one that was wished for."""

from __future__ import annotations

import pytest

from known_models.mirror import mirror
from known_models.two_phase import two_phase
from steptable.errors import UsageError
from steptable.explore import engines
from steptable.explore.c.compiler import CompileError, find_compiler
from steptable.explore.c.engine import CExploration
from steptable.explore.engines import search
from steptable.explore.python.engine import PythonExploration
from steptable.explore.system.builder import build

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler")


def no_compiler() -> None:
    """Finds none."""


@needs_compiler
def test_auto_compiles_what_is_large_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has explored a small world before a compiler is ready."""
    monkeypatch.setattr(engines, "TINY", 1000)

    assert isinstance(search(build(two_phase(3))), PythonExploration)
    assert isinstance(search(build(mirror(1, 2, 3))), CExploration)


def test_auto_explores_in_python_where_there_is_no_compiler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It works everywhere, and says once why it takes longer."""
    monkeypatch.setattr(engines, "TINY", 1000)
    monkeypatch.setattr(engines, "find_compiler", no_compiler)
    said: list[str] = []
    exploration = search(build(mirror(1, 2, 3)), tell=said.append)

    assert (isinstance(exploration, PythonExploration), len(exploration)) == (True, 3942)
    assert said == [
        "there is no C compiler: no cc, gcc or clang, none that $CC names, no Python package "
        "ziglang; Python explores, which takes longer"
    ]


def test_compiled_code_that_is_asked_for_and_not_to_be_had_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever asks for an engine by name gets that one or none."""
    monkeypatch.setattr(engines, "find_compiler", no_compiler)

    with pytest.raises(UsageError, match=r"there is no C compiler.*take --engine python, or auto"):
        search(build(two_phase(3)), engine="c")


@needs_compiler
def test_a_compiler_that_fails_leaves_the_work_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken compiler is no reason not to check a world."""
    monkeypatch.setattr(engines, "TINY", 1000)
    monkeypatch.setenv("CFLAGS", "-no-such-flag")
    said: list[str] = []
    exploration = search(build(mirror(1, 2, 3)), tell=said.append)

    assert isinstance(exploration, PythonExploration)
    assert "no-such-flag" in said[0]
    with pytest.raises(UsageError, match="no-such-flag") as error:
        search(build(mirror(1, 2, 3)), engine="c")
    assert isinstance(error.value.__cause__, CompileError)


def test_python_has_one_thread() -> None:
    """More that are asked for would do nothing, in silence."""
    with pytest.raises(UsageError, match="the Python engine has one thread"):
        search(build(two_phase(3)), engine="python", threads=2)


def test_a_search_that_stops_early_stays_with_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled for fewer states than Python has found anyway."""
    monkeypatch.setattr(engines, "TINY", 1000)
    exploration = search(build(mirror(1, 2, 3)), max_states=500)

    assert isinstance(exploration, PythonExploration)
    assert exploration.stopped.startswith("stopped at ")
