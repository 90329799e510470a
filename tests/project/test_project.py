"""What `[tool.steptable]` names is found and loaded, or one sentence says why it is not."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from steptable.errors import SpecError, UsageError
from steptable.project import Project, load
from support.projects import (
    ENVIRONMENT,
    PYPROJECT,
    TABLE,
    edited,
    fresh_interpreter,
    run,
    write_project,
)

REPLACE = "from dataclasses import replace\n\n"


def loaded(folder: Path) -> Project:
    with fresh_interpreter():
        return load(folder)


def refused(folder: Path) -> str:
    with pytest.raises(UsageError) as refusal:
        loaded(folder)
    return str(refusal.value)


def test_a_project_is_its_machine_and_its_worlds(tmp_path: Path) -> None:
    """All other commands start from here."""
    project = loaded(write_project(tmp_path))

    assert (project.machine.name, [world.name for world in project.worlds]) == ("Gate", ["street"])
    assert (project.package, project.package_name) == (tmp_path / "gate", "gate")
    assert (project.diagrams, project.readme) == (tmp_path / "diagrams", tmp_path / "README.md")


def test_loading_leaves_the_package_to_be_imported_as_it_is(tmp_path: Path) -> None:
    """What stands in for a package while its declarations are read is gone afterwards."""
    write_project(tmp_path, __init__="ANSWER = 42\n")
    with fresh_interpreter():
        load(tmp_path)
        import gate  # type: ignore[import-not-found]  # noqa: PLC0415

        assert gate.ANSWER == 42


def test_a_package_that_does_not_import_is_loaded_all_the_same(tmp_path: Path) -> None:
    """Its `__init__` wants the reducer that has yet to be made."""
    write_project(tmp_path, __init__="raise RuntimeError\n")

    assert loaded(tmp_path).machine.name == "Gate"


@pytest.mark.parametrize(
    ("pyproject", "said"),
    [
        (
            edited(PYPROJECT, "machine =", "machin ="),
            "[tool.steptable] has no key 'machin'; did you mean 'machine'?",
        ),
        (
            edited(PYPROJECT, 'package = "gate"\n', ""),
            "[tool.steptable] lacks package, where the reducer of its machine is to be written; "
            'add package = "path/to/package"',
        ),
        (
            edited(PYPROJECT, '["gate.environment:world"]', '"gate.environment:world"'),
            "[tool.steptable]: Expected `array`, got `str` - at `$.worlds`",
        ),
        ("[tool]\nsteptable = 3\n", "[tool.steptable]: Expected `object`, got `int`"),
        (
            edited(PYPROJECT, 'package = "gate"', 'package = "gaet"'),
            "[tool.steptable] package = 'gaet' is no folder; "
            "name the one that reducer.py is to be written to",
        ),
        ("[tool.steptable\n", "is no TOML: "),
        (
            f'{PYPROJECT}diagrams = "a\\u001b[31mb"\n',
            r"[tool.steptable] diagrams = 'a\x1b[31mb' has a character that no path should have",
        ),
    ],
)
def test_a_wrong_table_is_a_sentence_that_names_file_and_key(
    tmp_path: Path, pyproject: str, said: str
) -> None:
    """The one thing that every user of the tool writes by hand."""
    message = refused(write_project(tmp_path, pyproject=pyproject))

    assert message.startswith(str(tmp_path / "pyproject.toml"))
    assert said in message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("gate.table", "machine = 'gate.table' names no value; write 'package.module:name'"),
        ("gate.table:machin", "gate.table has no 'machin'; did you mean 'machine'?"),
        ("gate.table:SHUT", "is of type State; name a value of type Machine"),
        ("gate.tabel:machine", "there is no module gate.tabel in "),
        ("gates.table:machine", "there is no module gates in "),
    ],
)
def test_a_machine_that_is_not_there_is_a_sentence(tmp_path: Path, value: str, said: str) -> None:
    """What is meant is most often near."""
    pyproject = edited(PYPROJECT, "gate.table:machine", value)

    assert said in refused(write_project(tmp_path, pyproject=pyproject))


def test_a_module_that_a_declaration_lacks_is_a_fault_of_the_declaration(tmp_path: Path) -> None:
    """Not `[tool.steptable]` is wrong, but the line that imports."""
    write_project(tmp_path, table=f"import nowhere\n{TABLE}")
    with pytest.raises(SpecError) as error:
        loaded(tmp_path)

    (fault,) = error.value.faults
    assert (fault.location.line, fault.slug) == (1, "broken")
    assert fault.problem == "it can't be read: ModuleNotFoundError: No module named 'nowhere'"


KEYS = {"package": 'package = "gate"\n', "diagrams": "", "readme": ""}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "value", ["/elsewhere", "../elsewhere", "gate/../../elsewhere", "out", "a"]
)
def test_a_path_that_leads_out_of_the_project_is_refused(
    tmp_path: Path, key: str, value: str
) -> None:
    """Files are written there, and others are removed that say that they are derived."""
    (tmp_path / "elsewhere").mkdir()
    pyproject = edited(PYPROJECT, KEYS["package"], f"{KEYS['package']}{key} = {value!r}\n")
    if key == "package":
        pyproject = edited(pyproject, KEYS[key], "")
    folder = write_project(tmp_path / "project", pyproject=pyproject)
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to("a")
    kind = "file" if key == "readme" else "folder"

    assert refused(folder) == (
        f"{folder / 'pyproject.toml'}: [tool.steptable] {key} = '{value}' leads out of the "
        f"project; name a {kind} below {folder}"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('package = "gate"', 'package = ""', "lacks package, where the reducer of its machine is"),
        ('package = "gate"', 'package = "gate/.."', "package = 'gate/..' is the project itself"),
        ('package = "gate"', 'package = "an-y"', "package = 'an-y' can't be imported; name a fold"),
        ('package = "gate"', 'package = "class"', "package = 'class' can't be imported; name a fo"),
        ('package = "gate"', 'package = "g\\u0000"', "package = 'g\\x00' has a character that no"),
        (
            'package = "gate"',
            'package = ["gate"]',
            ": Expected `str`, got `array` - at `$.package`",
        ),
        ("\n", '\ndiagrams = ""\n', "diagrams = '' is the project itself; name a folder below it"),
        ("\n", '\ndiagrams = "."\n', "diagrams = '.' is the project itself; name a folder below"),
        ("\n", "\ndiagrams = 3\n", ": Expected `str`, got `int` - at `$.diagrams`"),
        ("\n", '\nreadme = "READEM.md"\n', "readme = 'READEM.md' is no file; write \"\" to do wit"),
        ("\n", '\nreadme = "gate"\n', "readme = 'gate' is no file; write \"\" to do without"),
        ("\n", '\nthorough = ["gate.environment:world"]\n', "names the world 'gate.environment:w"),
        (":machine", ":", "machine = 'gate.table:' names no value; write 'package.module:name'"),
        ("gate.table:", ".table:", "machine = '.table:machine' names no value; write 'package.mod"),
        ("gate.table:", "gate/table.py:", "machine = 'gate/table.py:machine' names no value; wri"),
        ("gate.table:", "gate.table::", "machine = 'gate.table::machine' names no value; write 'p"),
        ("gate.environment:world", "", "worlds = '' names no value; write 'package.module:name'"),
        ("gate.environment:world", " gate.environment:world", "worlds = ' gate.environment:world"),
    ],
)
def test_a_value_that_means_nothing_is_a_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Nothing is guessed, and nothing that is named is passed over."""
    message = refused(write_project(tmp_path, pyproject=PYPROJECT.replace(old, new, 1)))

    assert message.startswith(f"{tmp_path / 'pyproject.toml'}: [tool.steptable]")
    assert said in message


@pytest.mark.parametrize("toml", ["x = " + "9" * 5000, "x = " + "[" * 5000, 'x = "\xff"'])
def test_a_file_that_no_reader_reads_is_a_sentence(tmp_path: Path, toml: str) -> None:
    """Numbers without end and brackets within brackets have limits of their own."""
    folder = write_project(tmp_path)
    (folder / "pyproject.toml").write_text(toml, encoding="latin-1")

    assert refused(folder).startswith(f"{folder / 'pyproject.toml'} is no TOML: ")


@pytest.mark.parametrize(
    ("value", "said"),
    [("OPEN", "is of type State; name a value of type World"), ("all", "has no 'all'; ")],
)
def test_a_world_that_is_none_is_a_sentence(tmp_path: Path, value: str, said: str) -> None:
    """A machine, a list of worlds or a function is none."""
    pyproject = edited(PYPROJECT, "environment:world", f"environment:{value}")

    assert said in refused(write_project(tmp_path, pyproject=pyproject))


def test_a_world_that_has_two_names_is_named_twice(tmp_path: Path) -> None:
    """It would be explored and reported twice."""
    pyproject = edited(PYPROJECT, ":world", ':world", "gate.environment:same')
    write_project(tmp_path, pyproject=pyproject, environment=f"{ENVIRONMENT}\nsame = world\n")
    with pytest.raises(SpecError, match=r"\[tool.steptable\] names it twice; remove one"):
        loaded(tmp_path)


@pytest.mark.parametrize("error", ["SystemExit(0)", "ValueError('no')"])
def test_a_module_that_ends_the_process_or_fails_when_asked_is_a_fault(
    tmp_path: Path, error: str
) -> None:
    """An exit code of a declaration would be taken for a verdict."""
    for table in f"raise {error}\n", f"def __getattr__(name):\n    raise {error}\n":
        with pytest.raises(SpecError) as refusal:
            loaded(write_project(tmp_path, table=table, environment=""))
        (fault,) = refusal.value.faults
        assert fault.problem.startswith(f"it can't be read: {error.partition('(')[0]}: ")


def test_other_tables_are_passed_over(tmp_path: Path) -> None:
    """The pyproject.toml of a part of a project need not be the one that declares."""
    part = write_project(tmp_path) / "part"
    part.mkdir()
    (part / "pyproject.toml").write_text('tool = "none"\n')

    assert loaded(part).root == tmp_path


def test_a_machine_that_is_the_projects_in_name_only_is_a_fault(tmp_path: Path) -> None:
    """What is found would be replayed through the reducer of the machine of that name."""
    said = in_another_gate(tmp_path, "doc='Another gate.'")

    assert said == [
        "gate/environment.py:15: world 'street', instance 'gate': its machine Gate is declared "
        "otherwise than the project's; use the machine that [tool.steptable] names, or rename "
        "this one [other-machine]"
    ]


def test_a_machine_of_another_name_is_judged_like_the_projects_own(tmp_path: Path) -> None:
    """A world may have machines of several kinds, each of which must be in order."""
    assert in_another_gate(tmp_path, "name='Old'") == []
    assert in_another_gate(tmp_path, "name='Old', identity=('lastt',)") == [
        "gate/table.py:43: machine 'Old', identity: Memory has no field 'lastt'; "
        "did you mean 'last'? [unknown-name]"
    ]


def in_another_gate(folder: Path, changes: str) -> list[str]:
    """What is said of a street whose gate is not quite the project's."""
    changed = f'"gate", replace(machine, {changes}), forgets'
    environment = edited(ENVIRONMENT, '"gate", machine, forgets', changed)
    write_project(folder, environment=edited(environment, "from gate", f"{REPLACE}from gate"))
    with contextlib.chdir(folder):
        try:
            loaded(folder)
        except SpecError as error:
            return str(error).splitlines()
    return []


def test_two_worlds_of_one_name_are_a_fault(tmp_path: Path) -> None:
    """A world is chosen by its name, and what is found in it is replayed by that."""
    pyproject = edited(PYPROJECT, '["gate', '["gate.copy:world", "gate')
    write_project(tmp_path, pyproject=pyproject)
    (tmp_path / "gate" / "copy.py").write_text(ENVIRONMENT)
    with pytest.raises(SpecError) as error, contextlib.chdir(tmp_path):
        loaded(tmp_path)

    with contextlib.chdir(tmp_path):
        assert str(error.value) == (
            "gate/environment.py:10: world 'street': there is another world of that name at "
            "gate/copy.py:10; rename one [duplicate-name]"
        )


def test_every_fault_of_every_world_is_told_at_once(tmp_path: Path) -> None:
    """As with machines, a declaration is corrected in one go."""
    environment = edited(ENVIRONMENT, '"last": 1}}', '"lats": 1}}')
    environment = edited(environment, "gate.position == GONE", "gate.positon == GONE")
    write_project(tmp_path, environment=environment)
    with pytest.raises(SpecError) as error:
        loaded(tmp_path)

    assert [fault.slug for fault in error.value.faults] == [
        "unknown-name",
        "forgets",
        "unknown-name",
    ]


def test_worlds_wait_until_their_machine_is_in_order(tmp_path: Path) -> None:
    """A fault of the machine is told once, not again for each world."""
    write_project(
        tmp_path,
        table=edited(TABLE, "event.coins >=", "event.coin >="),
        environment="raise RuntimeError\n",
    )
    with pytest.raises(SpecError) as error:
        loaded(tmp_path)

    assert "broken" not in {fault.slug for fault in error.value.faults}


def test_a_package_within_a_package_has_its_whole_name(tmp_path: Path) -> None:
    """A machine is often a part of a larger program."""
    program = tmp_path / "source" / "gate"
    program.mkdir(parents=True)
    (program / "__init__.py").write_text("")
    write_project(program)
    (program / "gate").rename(program / "machine")
    for file in (program / "machine").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("from gate.", "from gate.machine."), encoding="utf-8")
    (program / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.steptable]\nmachine = "gate.machine.table:machine"\n'
        'worlds = ["gate.machine.environment:world"]\npackage = "source/gate/machine"\n'
    )

    assert loaded(tmp_path).package_name == "gate.machine"
    assert run(tmp_path, "generate").code == 0
    assert run(tmp_path, "check", "-q").code == 0


def test_the_working_folder_is_where_a_search_begins(tmp_path: Path) -> None:
    """As with git and its like."""
    write_project(tmp_path)
    with contextlib.chdir(tmp_path / "gate"), fresh_interpreter():
        assert load().root == tmp_path
