"""Files are written whole, several together, and what a killed process has left is found."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from steptable.errors import UsageError
from steptable.project.writing import leftovers, write, write_all
from steptable.support.interrupts import undisturbed
from support.projects import ROOT, Done, run, write_project

# Begins to write, says so, and waits to be killed.
KILLED = """
import sys, time
from pathlib import Path
from steptable.project import writing
with writing._staged(Path(sys.argv[1]), b"half"):
    print("ready", flush=True)
    time.sleep(60)
"""


def half_written(file: Path) -> subprocess.Popen[str]:
    """A process that is at work on a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "model")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process


@pytest.mark.parametrize("name", ["gate/reducer.py", "diagrams/machine.dot", "README.md"])
def test_what_a_killed_run_has_left_is_named_and_then_removed(tmp_path: Path, name: str) -> None:
    """A copy of generated code that nobody knows of would be searched, packed and committed."""
    write_project(tmp_path)
    run(tmp_path, "generate")
    (tmp_path / "README.md").write_text("# Gate\n")
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('readme = "README.md"\n')
    (tmp_path / "README.md").write_text(
        "<!-- steptable:machine: made by `steptable generate`; do not edit -->\n"
        "<!-- steptable:end -->\n"
    )
    run(tmp_path, "generate")
    process = half_written(tmp_path / name)
    at_work = run(tmp_path, "generate", "--check").code
    process.kill()
    process.wait()
    (left,) = leftovers((tmp_path / name).parent)
    shown = left.relative_to(tmp_path)

    assert at_work == 0
    assert run(tmp_path, "generate", "--check") == Done(
        1, f"stray: {shown}; run `steptable generate`\n", ""
    )
    assert run(tmp_path, "generate") == Done(0, f"removed {shown}\n", "")
    assert not left.exists()


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    """Code of one declaration beside code of another would be worse than either."""
    old = {tmp_path / name: b"old" for name in ("a", "b", "c")}
    write_all(old)
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is no folder"):
        write_all(dict.fromkeys((*old, tmp_path / "taken" / "d"), b"new"))

    assert {path: path.read_bytes() for path in old} == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "taken"]


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path) -> None:
    """The size of files is limited here, which is a full disk to whoever writes."""
    file = tmp_path / "file"
    write(file, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(UsageError, match="file can't be written: File too large"):
            write(file, b"n" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_links_in_a_circle_are_a_sentence_or_replaced(tmp_path: Path) -> None:
    """Which of the two depends on the version of Python; neither is a traceback."""
    link = tmp_path / "link"
    link.symlink_to(link)
    if sys.version_info >= (3, 13):
        write(link, b"new")
        assert link.read_bytes() == b"new"
        return
    with pytest.raises(UsageError, match="its links lead in a circle"):
        write(link, b"new")


def test_ctrl_c_waits_until_files_are_written() -> None:
    """It is heard, and late: in between there would be some of each."""
    done = []

    def work() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append("written")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["written"]
