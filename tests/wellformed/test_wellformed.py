"""Every fault that a declaration can have is reported where it stands, in one line that says all.

The modules of `faulty` hold one small machine or world a function, with something wrong in it.
What is to be said of a line stands above it, after `# =>`; "(elsewhere)" above a function
marks what is said of a line that is not its own.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

import steptable.kinds
import steptable.operators
import steptable.terms
import steptable.wellformed
from nixfleet_state_machine.machine import machine
from steptable.errors import Fault, Location, SpecError
from steptable.machine import Machine
from steptable.wellformed import faults_of, require
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World
from support.faulty import (
    firing,
    lamp,
    misshapen,
    naming,
    pairing,
    parcel,
    reading,
    sorting,
    standing,
    world_acting,
    world_keys,
    world_naming,
    world_promising,
    world_starting,
    world_symmetry,
    writing,
)

OF_MACHINES = (firing, misshapen, naming, pairing, reading, sorting, standing, writing)
OF_WORLDS = (
    world_acting,
    world_keys,
    world_naming,
    world_promising,
    world_starting,
    world_symmetry,
)
MODULES = (*OF_MACHINES, *OF_WORLDS)


@dataclass(frozen=True)
class Case:
    """One faulty machine or world, and the lines that are to be said of it."""

    name: str
    declare: Callable[[], Machine | World]
    own: tuple[str, ...]
    elsewhere: tuple[str, ...]


def _cases(module: ModuleType) -> Iterator[Case]:
    file = str(module.__file__)
    source = Path(file).read_text(encoding="utf-8")
    expected = dict(_expected(source, vars(module)))
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert node.end_lineno is not None
            lines = range(node.lineno + 1, node.end_lineno + 1)
            own = tuple(
                f"{Location(file, line)}: {text}"
                for line in lines
                for text in expected.get(line, ())
            )
            elsewhere = tuple(
                text.removeprefix("(elsewhere) ") for text in expected.get(node.lineno, ())
            )
            yield Case(node.name, getattr(module, node.name), own, elsewhere)


def _expected(source: str, names: dict[str, object]) -> Iterator[tuple[int, list[str]]]:
    """What is to be said of each line of a module."""
    texts: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        comment = line.strip()
        if comment.startswith("# => "):
            texts.append(comment.removeprefix("# => "))
        elif texts and comment.startswith("#    "):
            texts[-1] += " " + comment.removeprefix("#    ")
        elif texts:
            yield number, [_filled(text, names) for text in texts]
            texts = []


def _filled(text: str, names: dict[str, object]) -> str:
    """The text with the place of a declaration where it says `{NAME.at}`."""
    return re.sub(r"\{(\w+)\.at\}", lambda match: str(_place(names[match[1]])), text)


def _place(thing: object) -> Location:
    at = getattr(thing, "at", None)
    assert isinstance(at, Location)
    return at


CASES = [pytest.param(case, id=case.name) for module in MODULES for case in _cases(module)]


def faults_in(declare: Callable[[], Machine | World]) -> tuple[Fault, ...]:
    """The faults of a declaration, whether they are found while it is read or afterwards."""
    try:
        declared = declare()
        return faults_of_world(declared) if isinstance(declared, World) else faults_of(declared)
    except SpecError as error:
        return error.faults


@pytest.mark.parametrize("case", CASES)
def test_says_where_a_fault_is_and_what_to_write_instead(case: Case) -> None:
    """A person corrects the declaration from the message alone, without knowing the checker."""
    faults = [str(fault) for fault in faults_in(case.declare)]

    own = sorted(text for text in faults if text in case.own)
    elsewhere = sorted(text.split(": ", 1)[1] for text in faults if text not in case.own)
    assert (sorted(case.own), sorted(case.elsewhere)) == (own, elsewhere)
    assert faults


@pytest.mark.parametrize("name", ["parcel", "lamp"])
def test_says_nothing_of_a_machine_without_faults(name: str) -> None:
    """The machines that the faults are put into are the counterpart of every case above."""
    whole = {"parcel": parcel.parcel, "lamp": lamp.lamp()}[name]

    assert faults_of(whole) == ()


def test_says_nothing_of_the_host_rollout() -> None:
    """The declared machine is well-formed, and is what `require` hands on."""
    assert faults_of(machine) == ()
    assert require(machine) is machine


def test_reports_all_faults_of_a_run_at_once_in_the_order_of_the_file() -> None:
    """Correcting a declaration must not be a series of runs that each name one fault."""
    with pytest.raises(SpecError) as caught:
        require(pairing.several_faults_at_once())

    lines = str(caught.value).splitlines()
    assert len(lines) > 4
    assert [str(fault) for fault in caught.value.faults] == lines
    places = [(fault.location, fault.where) for fault in caught.value.faults]
    assert places == sorted(places)


def test_every_slug_in_the_source_is_provoked_by_some_case() -> None:
    """A fault that no case provokes may be one that can't be found, or says something wrong."""
    folder = Path(steptable.wellformed.__file__).parent
    modules = (steptable.kinds, steptable.operators, steptable.terms)
    files = [*folder.rglob("*.py"), *(Path(str(module.__file__)) for module in modules)]
    declared = {slug for file in files for slug in _slugs(file.read_text(encoding="utf-8"))}

    provoked = {
        fault.slug
        for module in MODULES
        for case in _cases(module)
        for fault in faults_in(case.declare)
    }
    assert declared == provoked


def _slugs(source: str) -> Iterator[str]:
    """The last argument of every call that reports a fault."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            last = node.args[-1] if node.args else None
            if name in {"Fault", "fault", "fail", "report", "_refusal", "_Misfit"} and isinstance(
                last, ast.Constant
            ):
                yield str(last.value)


def test_a_fault_is_reported_once_however_many_rows_share_it() -> None:
    """Effects that all rows share would otherwise bury every other fault."""
    adress = parcel.PRINT(adress=parcel.record.address)
    emits = ((parcel.SENDER, (adress,)), (parcel.CARRIER, ()))
    rows = tuple(replace(row, emits=emits) for row in (parcel.SCANNING, parcel.ARRIVING))
    faulty = replace(parcel.parcel, rows=(parcel.SENDING, *rows))

    problems = [fault.problem for fault in faults_of(faulty) if fault.location == adress.at]
    assert sorted(problems) == ["Print has no field 'adress'", "Print lacks 'address'"]


def test_a_declaration_outside_the_engine_is_where_faults_stand(tmp_path: Path) -> None:
    """A package whose name begins like the engine's is a declaration like any other."""
    folder = tmp_path / "steptable_like"
    folder.mkdir()
    text = """
        from steptable.errors import declared_at
        from steptable.terms import root
        node = (root("record").state == 1).node
    """
    (folder / "declared.py").write_text(textwrap.dedent(text), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("declared", folder / "declared.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module.node.at == Location(str(folder / "declared.py"), 4)


def test_a_place_reads_as_file_and_line_relative_to_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terminals make `file:line` a link, and no message names the folders of one computer."""
    monkeypatch.chdir(tmp_path)

    assert str(Location(str(tmp_path / "spec" / "table.py"), 7)) == str(Path("spec/table.py:7"))
    assert str(Location(str(tmp_path.parent / "x.py"), 7)) == f"{tmp_path.parent / 'x.py'}:7"
    assert not Location("", 0)
    assert str(Location("", 0)) == "(no file)"
