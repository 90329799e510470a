"""Which version a name means to `steptable diff`, and what of a repository is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from steptable.versions.repository import Repository
from support.projects import TABLE, edited, run, write_project
from support.revisions import CHANGED, DEARER, commit, diff, git, refused


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The gate in a repository, committed once."""
    folder = write_project(tmp_path / "gate")
    commit(folder)
    return folder


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
    git(gate, "tag", "kept")
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
