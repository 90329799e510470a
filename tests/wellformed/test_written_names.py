"""The names that are refused are those that generated code needs, all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from nixfleet_state_machine.machine import machine
from steptable.errors import UsageError
from steptable.machine import Machine, Side
from steptable.properties import always
from steptable.report.names import picture_names
from steptable.support.renaming import camel
from steptable.targets.diagrams.draw import Drawing, distinct
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.vocabulary import module_names
from steptable.targets.python.wire import wire_source
from steptable.terms import root
from steptable.wellformed.machines.names import check_names
from steptable.wellformed.machines.written import (
    CODEC_IMPORTS,
    CODEC_NAMES,
    LOCAL_NAMES,
    PRIVATE_NAMES,
    PUBLIC_NAMES,
)
from support.hostile import machine_of


def sources(of: Machine) -> tuple[ast.Module, ast.Module]:
    """The modules that are generated of a machine."""
    assert of.wire is not None
    return ast.parse(reducer_source(of)), ast.parse(wire_source(of, of.wire, "package"))


def bound(module: ast.Module) -> Iterator[str]:
    """The names that a module binds at its outermost level."""
    for node in module.body:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name


def local(module: ast.Module) -> Iterator[str]:
    """The names that its functions bind."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef():
                yield from (argument.arg for argument in node.args.args)
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def plain() -> Machine:
    """A machine in which everything is called by its role, in words that nothing else uses."""

    def called(role: str) -> str:
        return f"{role.title().replace(' ', '')}Z"

    return machine_of(called, lambda role: "@" if role == "separator" else role)


def test_every_name_of_the_reducer_is_one_that_nothing_declared_may_have() -> None:
    """A name that is forgotten here would be taken away by a declaration, and nobody told."""
    names = {*bound(sources(plain())[0])}

    unknown = names - module_names(plain())
    assert {name for name in unknown if not name.startswith(("_MEMBER", "_STATE"))} == {"__all__"}
    assert names >= PRIVATE_NAMES | PUBLIC_NAMES


def test_every_local_name_of_the_reducer_is_one_that_no_type_may_have() -> None:
    """A function that binds a name to something else can't call the type of that name."""
    steps = [
        node
        for node in sources(plain())[0].body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("_Fact", "_fact", "step"))
    ]
    names = {name for node in steps for name in local(ast.Module([node], []))}

    # The first is of `step`, which names no type; the other is a variable of the declaration.
    assert {name for name in names if not name.endswith("z")} - LOCAL_NAMES == {"apply", "note"}


def test_every_public_name_of_the_codec_is_one_that_nothing_on_the_wire_may_have() -> None:
    """The codec imports events and payloads, and has names of its own beside them."""
    reducer, codec = ({*bound(module)} for module in sources(plain()))
    own = {name for name in codec - reducer if not name.startswith("_")}

    assert own == CODEC_NAMES | CODEC_IMPORTS | {"TypeEnvelopeZ"}


@pytest.mark.parametrize("name", ["seq", "last_event_seq", "x_1", "x1y_b2c", "kind_", "a__b"])
def test_keys_of_json_are_those_that_structs_have(name: str) -> None:
    """What is compared must be what is written."""
    struct = msgspec.defstruct("Record", [(name, int)], rename="camel")

    assert list(msgspec.to_builtins(struct(**{name: 1}))) == [camel(name)]


def test_sides_with_one_drawing_are_a_fault() -> None:
    """One of two pictures would be of the other side."""
    two = replace(machine, sides=(Side("The agent"), Side("the-agent!"), Side("Effects")))

    assert [fault.problem for fault in check_names(two) if fault.where.startswith("side ")] == [
        "in the names of drawings it is called 'the-agent', and so is side 'The agent'",
        "in the names of drawings it is called 'effects', and there is another drawing of that "
        "name",
    ]


def test_long_names_are_files_that_every_system_takes() -> None:
    """File systems end at 255 bytes, and ours are not the only ones at the end of a name."""
    ends = ("a" * 400, "a" * 399 + "b", "é" * 300, "../" * 90, "...", "NUL", "aux")
    promises = [always(name, root("x") == 1, why="-", cites="-") for name in ends]
    files = [name.partition("/") for name in picture_names("w" * 300, promises).values()]

    assert {folder for folder, _, _ in files} == {"findings"}
    assert [file for _, _, file in files if not re.fullmatch(r"[a-z0-9-]{1,170}", file)] == []
    assert len({file for _, _, file in files}) == len(ends)


def test_two_drawings_of_one_name_are_a_sentence() -> None:
    """The second would be written over the first."""
    drawings = [
        Drawing("findings/a-b-c", title, "", "", mermaid="") for title in ("a: b c", "a b: c")
    ]

    assert distinct(drawings[:1]) == drawings[:1]
    with pytest.raises(UsageError) as caught:
        distinct(drawings)
    assert str(caught.value) == (
        'two drawings would be called \'findings/a-b-c\': "a: b c" and "a b: c"; rename a world, '
        "side, instance or property of one of them"
    )
