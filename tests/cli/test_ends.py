"""However a command ends, its exit code says so, and no file is a part of what it should be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.projects import ENVIRONMENT, MANY, Done, edited, run, start, write_project

# Presses Ctrl-C at the n-th call of a function from here on.
PRESSED = """
import atexit, os, signal, sys

calls = 0
stop = int(os.environ.get("STOP", "0"))

def count(frame, what, given):
    global calls
    if what in ("call", "c_call"):
        calls += 1
        if calls == stop:
            signal.raise_signal(signal.SIGINT)

def tell():
    sys.setprofile(None)
    if not stop:
        sys.stderr.write(f"{calls} calls")

if "STOP" in os.environ:
    atexit.register(tell)
    sys.setprofile(count)
"""

# Leaves so many bytes of address space from here on.
LIMITED = """
import os, resource
with open("/proc/self/statm") as file:
    taken = int(file.read().split()[0]) * resource.getpagesize()
limit = taken + int(os.environ.get("ROOM", "10000000000"))
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
"""

EXPLORING = (
    ("generate", "--fresh"),
    ("draw", "--fresh", "--format", "dot", "--format", "mermaid", "--out", "drawn"),
    ("draw", "page", "--fresh", "--format", "html", "--out", "drawn"),
    ("check", "--engine", "python"),
    ("diff", "before.json", "--out", "drawn/diff.dot"),
)
"""Commands that explore, and write into `drawn` or beside the declarations."""


OF_MACHINE = {
    *(f"diagrams/{name}" for name in ("machine-effects.dot", "machine.dot", "machine.mmd")),
    *("diagrams/matrix.dot", "diagrams/matrix.md", "gate/reducer.py"),
}
"""What `generate` makes of the gate without exploring anything."""


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a project but what Python keeps of its modules."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if path.suffix != ".pyc"
    }


def gate(folder: Path, arguments: tuple[str, ...], environment: str = ENVIRONMENT) -> Path:
    """A project whose derived code is current, unless a command is to make it."""
    write_project(folder, environment=environment)
    if arguments[0] == "diff":
        changed = edited(environment, 'why="Things do."', 'why="It may."')
        write_project(folder, environment=changed)
        (folder / "before.json").write_text(run(folder, "export", "json").out)
        write_project(folder, environment=environment)
    if arguments[0] != "generate":
        run(folder, "generate")
    return folder


def ended(folder: Path, arguments: tuple[str, ...], first: str = "", **environment: str) -> Done:
    process = start(folder, *arguments, stdout=subprocess.PIPE, first=first, **environment)
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, out, err)


@pytest.mark.parametrize("arguments", EXPLORING, ids=" ".join)
def test_ctrl_c_ends_a_command_wherever_it_comes(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Also where a library swallows it; and files are whole, or as they were."""
    # Versions that are compared are read by processes of their own.
    first = PRESSED if arguments[0] == "diff" else ""
    folder = gate(tmp_path, arguments, ENVIRONMENT + ("" if first else PRESSED))
    before = files(folder)
    whole = ended(folder, arguments, first, STOP="0")
    calls = int(whole.err.removesuffix(" calls").rpartition("\n")[2])
    after = files(folder)
    for made in after.keys() - before.keys():
        (folder / made).unlink()
    for sixth in (1, 3, 5):
        done = ended(folder, arguments, first, STOP=str(calls * sixth // 6))
        now = files(folder)

        assert (done.code, done.err[:11] in ("", "interrupted")) == (130, True), done
        assert now.items() <= after.items()
        assert before.items() <= now.items()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("arguments", EXPLORING, ids=" ".join)
def test_the_end_of_memory_is_inconclusive_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A drawing of a part of the states would look like one of all of them."""
    folder = gate(tmp_path, arguments)
    first = LIMITED if arguments[0] == "diff" else ""
    write_project(folder, environment=ENVIRONMENT + MANY + ("" if first else LIMITED))
    before = files(folder)
    done = ended(folder, arguments, first, ROOM=str(72 << 20))

    assert (done.code, "Traceback" in done.err) == (3, False), done
    assert "out of memory" in done.out + done.err
    now = files(folder)
    assert before.items() <= now.items()
    # What is made of the machine alone needs no states.
    assert now.keys() - before.keys() == (OF_MACHINE if arguments[0] == "generate" else set())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("mebibytes", [0, 2, 4, 6])
def test_the_end_of_memory_is_no_flaw_of_what_is_generated(tmp_path: Path, mebibytes: int) -> None:
    """Trying generated code takes memory as well, and exit code 1 means that something is wrong."""
    folder = gate(tmp_path, ("check",))
    write_project(folder, environment=ENVIRONMENT + LIMITED)
    done = ended(folder, ("check",), ROOM=str(mebibytes << 20))

    assert (done.code, done.err) in [(3, "steptable: out of memory\n"), (3, ""), (0, "")], done


@pytest.mark.parametrize("arguments", [("check",), ("diff", "before.json")], ids=" ".join)
def test_the_end_of_memory_is_no_fault_of_a_declaration(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Nobody finds what to correct in the line that happened to come last."""
    folder = gate(tmp_path, arguments)
    write_project(folder, environment="raise MemoryError\n")

    assert ended(folder, arguments) == Done(3, "", "steptable: out of memory\n")


LASTING = """
from dataclasses import replace
from steptable.properties import leads_to

world = replace(
    world,
    properties=(
        *world.properties,
        leads_to("it opens", gate.position == SHUT, gate.position != SHUT, why="So.", cites="§1"),
    ),
)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_without_room_for_its_libraries_a_promise_about_runs_is_inconclusive(
    tmp_path: Path,
) -> None:
    """They would end the process with the code of a violation; the other verdicts stand."""
    folder = gate(tmp_path, ("check",), ENVIRONMENT + LASTING + LIMITED)
    done = ended(folder, ("check", "--fresh"), ROOM=str(96 << 20))

    assert (done.code, done.err) == (3, "")
    assert done.out.splitlines()[-1] == "incomplete: 1 of 4 properties inconclusive"
