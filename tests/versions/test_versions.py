"""What `steptable diff` says of a version comes from that version alone, or it is an error."""

from __future__ import annotations

import os
import py_compile
import shutil
from pathlib import Path

import pytest

from support.projects import INIT, PYPROJECT, TABLE, edited, run, start, write_project
from support.revisions import CHANGED, DEARER, commit, diff, git, refused

# The machine is declared in another package than the one that code is generated into.
APART = edited(PYPROJECT, "gate.table:machine", "rules.table:machine")
APART = edited(APART, 'package = "gate"', 'package = "src/gate"')
APART = edited(APART, 'worlds = ["gate.environment:world"]\n', "")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The gate in a repository, committed once."""
    folder = write_project(tmp_path / "gate")
    commit(folder)
    return folder


def apart(folder: Path, rules: str, table: str = TABLE) -> Path:
    """A project with its machine in a package of its own, in the folder of that name."""
    for name, text in {
        "pyproject.toml": APART,
        "src/gate/__init__.py": INIT,
        f"{rules}/__init__.py": "",
        f"{rules}/table.py": table,
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("rules", "searched"),
    [
        ("src/rules", []),
        ("src/rules", ["src"]),
        ("rules", ["."]),
        ("lib/rules", ["lib"]),
        ("deep/lib/rules", ["src", "deep/lib"]),
    ],
)
def test_a_package_beside_is_the_revisions_however_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: str, searched: list[str]
) -> None:
    """A `src` layout, `PYTHONPATH` and editable installs put the working tree on the path."""
    folder = apart(tmp_path / "project", rules)
    commit(folder)
    apart(folder, rules, DEARER)
    for item in searched:
        monkeypatch.syspath_prepend(str((folder / item).resolve()))

    assert CHANGED in diff(folder, "HEAD").out


def test_a_folder_is_loaded_like_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another checkout lies beside this one, and only this one is on the path."""
    folder = apart(tmp_path / "project", "lib/rules", DEARER)
    other = apart(tmp_path / "other", "lib/rules")
    monkeypatch.syspath_prepend(str(folder / "lib"))

    assert CHANGED in diff(folder, str(other)).out


def test_what_two_projects_of_one_repository_share_is_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what one of them has is not the other's, nor that of a copy which lies within it."""
    old = apart(tmp_path / "old", "lib/rules", f"import helpers\n{TABLE}")
    new = apart(tmp_path / "new", "lib/rules", f"import helpers\n{DEARER}")
    inner = apart(new / "inner", "lib/rules", f"import helpers\n{TABLE}")
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "helpers.py").write_text("")
    commit(tmp_path)
    for place in tmp_path / "common", new / "lib":
        monkeypatch.syspath_prepend(str(place))

    assert CHANGED in diff(new, str(old)).out
    assert CHANGED in diff(new, str(inner)).out
    shutil.rmtree(old / "lib")
    assert "there is no module rules in " in refused(new, str(old))


def test_an_environment_of_another_worktree_is_no_way_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One environment serves every worktree, with an editable install of the first."""
    first = apart(tmp_path / "first", "lib/rules")
    commit(first)
    for name in "../second", ".inner":
        git(first, "worktree", "add", "-q", "--detach", name)
    second, inner = tmp_path / "second", first / ".inner"
    apart(first, "lib/rules", DEARER)
    monkeypatch.syspath_prepend(str(first / "lib"))

    assert diff(second, "HEAD").out.endswith("no difference\n")
    assert diff(inner, "HEAD").out.endswith("no difference\n")
    assert CHANGED in diff(first, "HEAD").out
    assert CHANGED in diff(second, ".", str(first)).out
    monkeypatch.syspath_prepend(str(inner / "lib"))
    assert CHANGED in diff(first, "HEAD").out


def test_an_installed_copy_of_what_a_revision_has_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project itself may be installed, as of some other day."""
    folder = apart(tmp_path / "project", "odd/rules")
    commit(folder)
    installed = tmp_path / "installed"
    shutil.copytree(folder / "odd" / "rules", installed / "rules")
    monkeypatch.syspath_prepend(str(installed))

    assert (
        f"its module rules.table would come from {installed}/rules/table.py, "
        "which is not of that version"
    ) in refused(folder, "HEAD")


def test_a_helper_that_is_installed_and_the_revisions_is_an_error(
    gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a machine is made with is part of it, although no setting names it."""
    installed = gate.parent / "installed"
    for folder in installed / "helpers", gate / "odd" / "helpers":
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
    write_project(gate, table=f"import helpers\n{TABLE}")
    commit(gate)
    monkeypatch.syspath_prepend(str(installed))

    assert "its module helpers would come from " in refused(gate, "HEAD")
    shutil.rmtree(gate / "odd")
    commit(gate)
    assert diff(gate, "HEAD").code == 0


def test_a_package_that_a_revision_has_not_is_not_taken_from_the_working_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was added since, or is not under version control."""
    folder = apart(tmp_path / "project", "lib/rules")
    (folder / ".gitignore").write_text("lib/\n")
    commit(folder)
    monkeypatch.syspath_prepend(str(folder / "lib"))

    assert diff(folder, str(folder)).code == 0
    assert "there is no module rules in src" in refused(folder, "HEAD")


def test_a_namespace_is_shared_and_its_parts_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package without `__init__.py` may lie in several places at once."""
    folder = write_project(tmp_path / "project", __init__="")
    (folder / "src" / "acme").mkdir(parents=True)
    (folder / "gate").rename(folder / "src" / "acme" / "gate")
    pyproject = edited(PYPROJECT, "gate.table:machine", "acme.gate.table:machine")
    pyproject = edited(pyproject, 'worlds = ["gate.environment:world"]\n', "")
    pyproject = edited(pyproject, 'package = "gate"', 'package = "src/acme/gate"')
    (folder / "pyproject.toml").write_text(pyproject)
    table = folder / "src" / "acme" / "gate" / "table.py"
    table.write_text(f"import acme.common\n{TABLE}")
    commit(folder)
    common = tmp_path / "installed" / "acme" / "common.py"
    common.parent.mkdir(parents=True)
    common.write_text("")
    for place in folder / "src", tmp_path / "installed":
        monkeypatch.syspath_prepend(str(place))
    table.write_text(DEARER)
    with_acme = diff(folder, "HEAD")
    shutil.copy(common, folder / "src" / "common.py")
    (folder / "docs" / "acme").mkdir(parents=True)
    shutil.copy(common, folder / "docs" / "acme" / "common.py")
    table.write_text(f"import acme.common\n{TABLE}")
    commit(folder)

    assert CHANGED in with_acme.out
    assert "its module acme.common would come from " in refused(folder, "HEAD")


@pytest.mark.parametrize(
    "way",
    [
        "exec(open({path!r}).read())",
        "import sys; sys.path.insert(0, {folder!r}); import prices",
        "import pathlib; pathlib.Path({path!r}).read_text()",
        "import importlib.util as u; s = u.spec_from_file_location('p', {path!r}); "
        "s.loader.exec_module(u.module_from_spec(s))",
    ],
)
def test_whatever_reads_the_working_tree_is_an_error(gate: Path, way: str) -> None:
    """A path that is written out leads to today's file, in yesterday's declarations too."""
    file = gate / "lib" / "prices.py"
    file.parent.mkdir()
    file.write_text("PRICE = 1\n")
    line = way.format(path=str(file), folder=str(file.parent))
    write_project(gate, table=f"{line}\n{TABLE}")
    git(gate, "add", "gate")
    git(gate, "commit", "-q", "-m", "Look up the price")

    assert f"it reads {file}, which is not of that version" in refused(gate, "HEAD")


def test_what_an_environment_runs_at_its_start_is_not_run(tmp_path: Path) -> None:
    """`sitecustomize`, a `.pth` file or a finder can have put modules in place already."""
    folder = apart(tmp_path / "project", "src/rules")
    commit(folder)
    apart(folder, "src/rules", DEARER)
    customs = tmp_path / "customs"
    customs.mkdir()
    (customs / "sitecustomize.py").write_text("import rules.table\n")
    model = str(Path(__file__).parents[2] / "model")
    paths = os.pathsep.join([str(customs), str(folder / "src"), model])
    process = start(folder, "diff", "HEAD", PYTHONPATH=paths)
    out, err = process.communicate()

    assert (process.returncode, err) == (1, "")
    assert CHANGED in out


def test_compiled_files_that_lie_beside_a_source_are_not_believed(gate: Path) -> None:
    """One that is not checked against its source runs whatever the source says."""
    table = gate / "gate" / "table.py"
    table.write_text(DEARER)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(table), invalidation_mode=mode)
    table.write_text(TABLE)
    git(gate, "add", "-A", "-f")
    git(gate, "commit", "-q", "-m", "Commit too much")
    shutil.rmtree(gate / "gate" / "__pycache__")

    assert diff(gate, "HEAD").out.endswith("no difference\n")


def test_what_declarations_print_is_not_taken_for_them(gate: Path) -> None:
    """A forgotten `print` does no harm, and one that ends the process is a fault."""
    write_project(gate, table=f"print('hello')\n{TABLE}")
    commit(gate)
    printing = diff(gate, "HEAD", "HEAD")
    write_project(gate, table=f"raise SystemExit(0)\n{TABLE}")
    git(gate, "commit", "-a", "-q", "-m", "End")

    assert printing.code == 0
    assert "gate/table.py:1: gate.table: it can't be read: SystemExit: 0" in refused(gate, "HEAD")
    assert run(gate, "check").code == 2


def test_that_python_is_run_is_said_where_one_asks(gate: Path) -> None:
    """Nobody runs a stranger's branch without knowing it."""
    said = " ".join(run(gate, "diff", "--help").out.split())

    assert "Runs the Python of a revision or folder, to read what it declares" in said
