"""What `steptable diff` says of a version comes from that version alone, or it is an error."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
from pathlib import Path

import pytest

from projects import INIT, PYPROJECT, TABLE, Done, edited, run, start, write_project
from steptable.versions.repository import Repository

DEARER = edited(TABLE, "event.coins >= policy.coins", "event.coins > policy.coins")
CHANGED = "[journal-guard-strengthened] Shut, Paid"

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


def commit(folder: Path) -> None:
    """Commit all that there is, in a repository that is made if need be."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Build a gate")


def git(folder: Path, *arguments: str, text: str = "") -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, input=text.encode()
    )
    return done.stdout.decode().strip()


def diff(folder: Path, *arguments: str) -> Done:
    return run(folder, "diff", "--no-worlds", *arguments)


def refused(folder: Path, *arguments: str) -> str:
    """What is said of a version that is none."""
    done = diff(folder, *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    return done.err.removeprefix("steptable: ").rstrip("\n")


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


# ── Where modules come from ──────────────────────────────────────────────────────────


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
    model = str(Path(__file__).parents[1] / "model")
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


# ── Which version is meant ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_names_no_version(gate: Path, name: str) -> None:
    """A variable of a pipeline that is not set is not the working tree."""
    said = f"'{name}' names no version; name a git revision, a folder, or a file of "
    said += "`steptable export json`"

    assert [refused(gate, name), refused(gate, "HEAD", name)] == [said, said]


def test_a_name_of_no_commit_is_a_sentence(gate: Path) -> None:
    """Each is something that git would take, and means something else by."""
    git(gate, "update-ref", "refs/remotes/origin/topic", "HEAD")
    git(gate, "branch", "both")
    git(gate, "tag", "both")
    known = {
        "nothing": "git knows no such name",
        "-x": "git knows no such name",
        "^HEAD": "git knows no such name",
        "HEAD..HEAD": "it is a range; write its two ends, as `steptable diff OLD NEW`",
        "HEAD...HEAD": "it is a range; write its two ends, as `steptable diff OLD NEW`",
        "..HEAD": "it is a range; write its two ends, as `steptable diff OLD NEW`",
        "HEAD^{tree}": "it names a tree, not a commit",
        "HEAD:gate": "it names a tree, not a commit",
        "HEAD:gate/table.py": "it names a blob, not a commit",
        "0" * 40: "that object is not there",
        "../nowhere": "git knows no such name",
        "x" * 5000: "git knows no such name",
        "topic": "did you mean origin/topic?",
        "both": "refname 'both' is ambiguous; write it in full, as in refs/tags/both",
    }
    start_of = "'{}' is no folder, no file, and no revision of the repository in {}: "

    assert {name: refused(gate, "--", name) for name in known} == {
        name: start_of.format(name, gate) + why for name, why in known.items()
    }


def test_a_revision_is_found_however_git_spells_it(gate: Path) -> None:
    """All that names one commit is a version."""
    git(gate, "tag", "-a", "-m", "First", "v1")
    head = git(gate, "rev-parse", "HEAD")
    names = ["HEAD", "main", "v1", ":/Build", "HEAD@{0}", "HEAD^{/gate}", "refs/heads/main", head]
    repository = Repository.around(gate)

    assert [repository.commit(name) for name in names] == [head] * len(names)


def test_a_folder_and_a_revision_of_one_name_are_told_apart(gate: Path) -> None:
    """A branch is often called like the folder that it is about."""
    for name in "gate", "kept":
        git(gate, "branch", name)
    (gate / "kept").write_text(run(gate, "export", "json").out)
    write_project(gate, table=DEARER)

    assert refused(gate, "gate") == (
        "'gate' is a folder and a revision; write ./gate for the folder, or gate^0 for the revision"
    )
    assert refused(gate, "kept").startswith("'kept' is a file and a revision; write ./kept")
    assert CHANGED in diff(gate, "gate^0").out
    assert CHANGED in diff(gate, "./kept").out


def test_a_folder_is_a_version_if_it_is_a_project(gate: Path) -> None:
    """One within the working tree would be that tree, and of course no different."""
    assert refused(gate, "gate") == "the folder gate has no pyproject.toml, so it declares nothing"
    (gate / "gate" / "pyproject.toml").write_text("")
    assert refused(gate, "./gate") == (
        "the pyproject.toml of the folder ./gate has no [tool.steptable] table"
    )
    assert diff(gate, ".").code == 0


def test_a_revision_from_before_the_project_declares_nothing(gate: Path) -> None:
    """What a project further up declares is another machine."""
    part = write_project(gate / "part")
    before = refused(part, "HEAD")
    commit(gate)

    assert before.startswith("the revision HEAD has no pyproject.toml")
    assert diff(part, "HEAD").code == 0
    write_project(part, table=DEARER)
    assert CHANGED in diff(part, "HEAD").out


# ── Repositories ─────────────────────────────────────────────────────────────────────


def test_a_hook_names_no_other_repository(gate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git runs hooks with variables that lead everything they start to its own repository."""
    other = write_project(gate.parent / "other", table=DEARER)
    commit(other)
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_PREFIX": "gate/",
    }.items():
        monkeypatch.setenv(name, value)

    assert diff(gate, "HEAD").out.endswith("no difference\n")


def test_a_shallow_clone_says_how_to_get_more(gate: Path) -> None:
    """Continuous integration fetches one commit unless it is asked for more."""
    write_project(gate, table=DEARER)
    git(gate, "commit", "-a", "-q", "-m", "Be dearer")
    git(gate.parent, "clone", "-q", "--depth", "1", gate.as_uri(), "shallow")

    assert refused(gate.parent / "shallow", "HEAD~1").endswith(
        "the clone is shallow, so older commits are missing: run `git fetch --unshallow`, "
        "or give actions/checkout `fetch-depth: 0`"
    )


def test_a_repository_without_commits_or_files_is_a_sentence(gate: Path) -> None:
    """There is a first day, and a server has no working tree."""
    git(gate.parent, "init", "-q", "--bare", "bare")
    bare = write_project(gate.parent / "bare" / "part")
    empty = write_project(gate.parent / "empty")
    git(empty, "init", "-q")

    assert refused(empty, "HEAD").endswith("nothing has been committed there yet")
    assert refused(bare, "HEAD").endswith("this operation must be run in a work tree")


def test_without_git_there_are_no_revisions(gate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and files are compared all the same."""
    monkeypatch.setenv("PATH", str(gate))

    assert refused(gate, "HEAD").endswith(
        "git can't be run, so there are no revisions: No such file or directory"
    )
    assert diff(gate, str(gate)).code == 0


def test_files_are_as_they_were_committed(gate: Path) -> None:
    """Attributes and settings change what leaves a repository, and may leave files out."""
    (gate / ".gitattributes").write_text(
        "gate/*.py export-ignore\ngate/table.py export-subst eol=crlf filter=none\n"
    )
    table = edited(TABLE, '"A gate."', '"A gate of $Format:%H$."')
    write_project(gate, table=table)
    git(gate, "config", "filter.none.smudge", "echo nothing of it")
    git(gate, "config", "core.autocrlf", "true")
    commit(gate)
    odd = os.fsdecode(b"\xff\n.txt")
    git(gate, "update-index", "--add", "--cacheinfo", f"100644,{git_blob(gate, 'odd')},{odd}")
    git(gate, "commit", "-q", "-m", "Be odd")

    assert diff(gate, "HEAD").out.endswith("no difference\n")


def git_blob(folder: Path, text: str) -> str:
    return git(folder, "hash-object", "-w", "--stdin", text=text)


def test_a_link_that_leads_outside_is_left_out(gate: Path) -> None:
    """A build leaves one; what it leads to is no part of a commit."""
    kept = {
        "result": "/nix/store/abc-gate",
        "up": "../../etc",
        "around": "around",
        "chain": "up/passwd",
        "within": "gate/table.py",
    }
    for name, target in kept.items():
        (gate / name).symlink_to(target)
    commit(gate)
    same = diff(gate, "HEAD")
    outside = gate.parent / "outside.py"
    outside.write_text(TABLE)
    (gate / "gate" / "table.py").unlink()
    (gate / "gate" / "table.py").symlink_to(outside)
    for name in kept:
        (gate / name).unlink()
    git(gate, "commit", "-a", "-q", "-m", "Lead outside")

    assert same.out.endswith("no difference\n")
    assert refused(gate, "HEAD").endswith(
        f"; a link that leads outside is no part of it (gate/table.py → {outside})"
    )


def test_a_submodule_is_no_part_of_a_revision(gate: Path) -> None:
    """Its files are of another repository."""
    head = git(gate, "rev-parse", "HEAD")
    git(gate, "rm", "-r", "-q", "--cached", "gate")
    git(gate, "update-index", "--add", "--cacheinfo", f"160000,{head},gate")
    git(gate, "commit", "-q", "-m", "Share the gate")

    assert refused(gate, "HEAD").endswith("; a submodule is no part of it (gate)")


def test_no_file_is_written_outside(gate: Path) -> None:
    """Who means harm makes trees that git itself refuses to make."""
    blob = git_blob(gate, "harm")
    entry = b"100644 ..\0" + bytes.fromhex(blob)
    (gate / "tree").write_bytes(entry)
    tree = git(gate, "hash-object", "-t", "tree", "-w", "--literally", "tree")
    harmful = git(gate, "commit-tree", "-m", "Harm", tree)

    assert refused(gate, harmful) == f"{harmful[:7]} has a file called '..'"
