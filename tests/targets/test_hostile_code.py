"""Whatever things are called, code does what is declared, and nothing that a text says.

The names and texts are those of `hostile`. A declaration of them is either refused, in faults
that say where, or all code that is made of it works.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from steptable.check import check
from steptable.errors import UsageError
from steptable.explore.c.compiler import find_compiler
from steptable.explore.promela.model import model
from steptable.explore.system.builder import build
from steptable.project.interchange import Declarations, from_json, to_json
from steptable.report.places import Places
from steptable.report.traces.pytest_code import test_source as written_test
from steptable.targets.python.in_memory import generated, loaded
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.trial import try_modules
from steptable.targets.python.wire import wire_source
from steptable.targets.statemachine import state_machine
from support.hostile_draws import admissible, admitted, each, found, names

PACKAGE: Final = "hostile_package"
PLACES: Final = Places(Path(__file__).resolve().parents[1])


def test_the_usual_names_are_admissible() -> None:
    """What is drawn would otherwise be refused for something else than its names."""
    both = admissible({})

    assert both is not None
    assert [item.verdict for item in found(*both).judgements] == [
        "violated",
        "finding",
        "witnessed",
        "holds",
        "holds",
    ]


@each(40)
@given(given_names=names())
def test_generated_modules_work_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """A name that ends a string, hides a builtin or meets another must not become code."""
    machine, _ = admitted(given_names)
    assert machine.wire is not None
    codec = wire_source(machine, machine.wire, PACKAGE)

    try_modules(machine, PACKAGE, reducer_source(machine), codec)


@each(15)
@given(given_names=names())
def test_a_trace_as_a_test_passes_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """What is pasted into a test suite is run there, by people and by CI."""
    machine, world = admitted(given_names)
    with generated(machine) as structs:
        result = check(world, {machine.name: structs}, engine="python")
        traces = [item.trace for item in result.judgements if item.trace and item.trace.steps]
        sources = [written_test(world, trace, structs, PACKAGE) for trace in traces]

    assert sources
    with loaded(PACKAGE, reducer_source(machine)):
        for source in sources:
            with loaded("pasted", source) as pasted:
                (test,) = [value for name, value in vars(pasted).items() if name[:5] == "test_"]
                test()


@each(15)
@given(given_names=names())
def test_a_state_machine_is_made_or_refused_in_a_sentence(given_names: dict[str, str]) -> None:
    """The library has names of its own, which a class for it can't use."""
    machine, _ = admitted(given_names)
    try:
        made = [state.value for state in state_machine(machine).states]
    except UsageError as error:
        made = [str(error).split("' has ")[1].split(",")[0]]

    names_of_states = [state.name for state in machine.states]
    assert made in (names_of_states, ["a meaning of its own in python-statemachine"])


@each(15)
@given(given_names=names())
def test_declarations_are_read_back_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """A version that is kept as JSON is compared with later ones by its names."""
    machine, world = admitted(given_names)

    whole = Declarations(machine, (world,), ())
    assert from_json(to_json(whole), "it") == whole


@each(15)
@given(given_names=names())
def test_a_model_for_spin_has_names_in_comments_alone(given_names: dict[str, str]) -> None:
    """Its preprocessor reads lines, and its comments end where they end."""
    _, world = admitted(given_names)
    text = model(build(world))

    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert re.sub(r"[ -~\n]", "", code) == ""
    assert {line for line in code.splitlines() if line[:1] == "#"} == {
        line for line in _usual_model().splitlines() if line[:1] == "#"
    }


@cache
def _usual_model() -> str:
    return re.sub(r"/\*.*?\*/", "", model(build(admitted({})[1])), flags=re.DOTALL)


@pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
@each(2)
@given(given_names=names())
def test_compiled_code_finds_the_same_whatever_things_are_called(
    given_names: dict[str, str],
) -> None:
    """Names are numbers there, and texts no code."""
    _, world = admitted(given_names)

    c, python = (check(world, engine=engine) for engine in ("c", "python"))
    assert [item.verdict for item in c.judgements] == [item.verdict for item in python.judgements]
    assert c.states == python.states
