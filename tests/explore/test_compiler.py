"""Libraries are compiled once, kept privately, and loaded only as they were made."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from known_models.mirror import mirror
from steptable.errors import UsageError
from steptable.explore import engines
from steptable.explore.c import compiler as module
from steptable.explore.c.compiler import CompileError, Compiler, find_compiler, library
from steptable.explore.python.engine import PythonExploration
from steptable.explore.system.builder import build
from steptable.support.private_cache import PrivateCache, locked

SOURCE = "int answer(void) { return 42; }"
EXPORTED = f'__attribute__((visibility("default"))) {SOURCE}'

needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory that nobody else uses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "steptable"


@pytest.fixture
def compiler() -> Compiler:
    found = find_compiler()
    assert found is not None
    return found


def answer(loaded: ctypes.CDLL) -> int:
    said: int = loaded.answer()
    return said


def entries(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


@needs_compiler
def test_a_library_is_compiled_once_and_kept_privately(cache: Path, compiler: Compiler) -> None:
    """The second time costs nothing; and nobody else can read it or put anything beside it."""
    assert answer(library(EXPORTED, compiler)) == 42
    (entry,) = entries(cache)
    made = entry.stat().st_ino
    assert answer(library(EXPORTED, compiler)) == 42

    assert [item.stat().st_ino for item in entries(cache)] == [made]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o700


@needs_compiler
def test_other_flags_make_another_library(
    cache: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What $CFLAGS says is part of what a library was made of."""
    library(EXPORTED, compiler)
    monkeypatch.setenv("CFLAGS", "-O0")
    library(EXPORTED, compiler)

    assert len(entries(cache)) == 2


@needs_compiler
@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_entry_is_made_again(
    cache: Path, compiler: Compiler, damage: bytes | None
) -> None:
    """Half-written, overwritten, or changed in a single bit: it is never loaded."""
    library(EXPORTED, compiler)
    (entry,) = entries(cache)
    whole = bytearray(entry.read_bytes())
    whole[len(whole) // 2] ^= 1
    entry.unlink()
    entry.write_bytes(bytes(whole) if damage is None else damage)

    assert answer(library(EXPORTED, compiler)) == 42
    (again,) = entries(cache)
    assert again.read_bytes() not in (bytes(whole), damage)


@needs_compiler
def test_an_entry_of_another_source_is_not_taken(cache: Path, compiler: Compiler) -> None:
    """A name says what a library was made of, and its content has to bear that out."""
    library(EXPORTED, compiler)
    (entry,) = entries(cache)
    library(EXPORTED.replace("42", "41"), compiler)
    (other,) = (item for item in entries(cache) if item != entry)
    forged = cache / f"{entry.name[:32]}-{other.name[33:]}"
    shutil.copy(other, forged)
    entry.unlink()

    assert answer(library(EXPORTED, compiler)) == 42
    assert not forged.exists()


@needs_compiler
def test_a_link_is_not_followed(cache: Path, compiler: Compiler, tmp_path: Path) -> None:
    """An entry is a file of the user's own, not a way to somewhere else."""
    library(EXPORTED, compiler)
    (entry,) = entries(cache)
    outside = tmp_path / "outside.so"
    entry.rename(outside)
    entry.symlink_to(outside)

    assert answer(library(EXPORTED, compiler)) == 42
    assert not entry.is_symlink()


@needs_compiler
def test_a_directory_that_others_can_write_is_closed(cache: Path, compiler: Compiler) -> None:
    """It may have been made by something else, with other habits."""
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    library(EXPORTED, compiler)

    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@needs_compiler
def test_a_directory_of_somebody_else_is_not_used(
    cache: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compiled is then used once, and not kept."""
    cache.mkdir(parents=True)
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)

    assert answer(library(EXPORTED, compiler)) == 42
    assert entries(cache) == []


@needs_compiler
def test_many_at_once_make_one_library(cache: Path) -> None:
    """Whoever is first, and whoever is last: each loads a whole one."""
    program = (
        "from steptable.explore.c.compiler import find_compiler, library; "
        f"print(library({EXPORTED!r}, find_compiler()).answer())"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    assert [run.communicate()[0].strip() for run in runs] == ["42"] * 4
    assert {item.suffix for item in entries(cache)} == {".so"}


@needs_compiler
def test_only_so_many_libraries_are_kept(
    cache: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache doesn't grow for ever: what was not used for the longest time goes."""
    monkeypatch.setattr(module, "_CACHE", PrivateCache(".so", most=2))
    for number in range(4):
        library(EXPORTED.replace("42", str(number)), compiler)

    assert len(entries(cache)) == 2
    assert answer(library(EXPORTED.replace("42", "3"), compiler)) == 3


@needs_compiler
def test_what_a_compiler_says_is_passed_on(cache: Path, compiler: Compiler) -> None:
    """Whoever reads the message can see what to do; nothing half-made is left."""
    with pytest.raises(CompileError, match=r"can't compile the explorer:\n.*error"):
        library("int answer(void) { return nothing; }", compiler)

    assert entries(cache) == []


def test_a_compiler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong $CC is a mistake, not a reason to take another one in silence."""
    monkeypatch.setenv("CC", "no-such-compiler -m64")

    with pytest.raises(UsageError, match=r"\$CC names 'no-such-compiler', which is not there"):
        find_compiler()


def test_the_words_of_cc_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """$CC can be a command with options, as make takes it."""
    monkeypatch.setenv("CC", f"{sys.executable} -m something")

    assert find_compiler() == Compiler((sys.executable, "-m", "something"))


def test_without_any_compiler_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty PATH has none, unless Python brings one along."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)

    assert find_compiler() is None


# ── A cache that is of no use ────────────────────────────────────────────────────────


@needs_compiler
@pytest.mark.parametrize("kind", ["a file", "below a file", "a link to nowhere", "a circle"])
def test_without_a_cache_what_is_compiled_is_used_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler, kind: str
) -> None:
    """A search needs a library, and nobody needs a cache."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    cache = home / "steptable"
    match kind:
        case "a file":
            cache.write_text("")
        case "below a file":
            monkeypatch.setenv("XDG_CACHE_HOME", str(Path(__file__)))
        case "a link to nowhere":
            cache.symlink_to(tmp_path / "nowhere")
        case _:
            cache.symlink_to(cache)

    before = sorted(home.iterdir())
    assert answer(library(EXPORTED, compiler)) == 42
    assert sorted(home.iterdir()) == before


@needs_compiler
@pytest.mark.parametrize("where", ["", "relative", "~", "/proc/self/nothing"])
def test_a_home_that_is_no_folder_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler, where: str
) -> None:
    """Build machines have homes of all kinds; none of them is made where the work is done."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", where)

    assert answer(library(EXPORTED, compiler)) == 42
    assert list(tmp_path.iterdir()) == []


@needs_compiler
def test_a_folder_in_place_of_an_entry_is_replaced(cache: Path, compiler: Compiler) -> None:
    """Something else may have taken the name, with something in it."""
    library(EXPORTED, compiler)
    (entry,) = entries(cache)
    entry.unlink()
    (entry / "inner").mkdir(parents=True)

    assert answer(library(EXPORTED, compiler)) == 42
    assert [item.is_file() for item in entries(cache)] == [True]


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.fixture(params=["size=64k", "ro"])
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk that has no room, or can't be written."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", str(folder)]
    if shutil.which("mount") is None or _fails(mount):
        pytest.skip("can't mount a disk here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@needs_compiler
def test_a_full_or_read_only_cache_is_done_without(
    disk: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler
) -> None:
    """What is compiled elsewhere is used once, and nothing half-written stays."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(disk))
    text = f"{EXPORTED} char filler[100000] = {{1}};"

    assert answer(library(text, compiler)) == 42
    assert [item for item in disk.rglob("*") if item.is_file()] == []


@needs_compiler
def test_what_a_killed_run_has_left_is_cleared_up(cache: Path, compiler: Compiler) -> None:
    """But not the folder of one that is at work, whether or not it has come to lock it."""
    left, at_work, begun = (cache / f"new-{name}" for name in ("left", "working", "begun"))
    for folder in (left, at_work, begun):
        folder.mkdir(parents=True)
        (folder / "system.c").write_text("int x;")
    for folder in (left, at_work):
        os.utime(folder, (0, 0))
    with locked(at_work):
        library(EXPORTED, compiler)

        assert [item.exists() for item in (left, at_work, begun)] == [False, True, True]
    library(EXPORTED.replace("42", "41"), compiler)
    assert [item.exists() for item in (at_work, begun)] == [False, True]


# ── Compilers that are none ──────────────────────────────────────────────────────────

TO_OUTPUT = 'while [ "$1" != -o ]; do shift; done; '

COMPILERS = {
    "fails and says so": (
        "echo 'error: no' >&2; exit 1",
        r"can't compile the explorer:\nerror: no",
    ),
    "fails in no UTF-8": (
        r"printf 'error: \377\n' >&2; exit 1",
        "can't compile the explorer:\nerror",
    ),
    "makes nothing": ("exit 0", "it ended with 0 and made no library"),
    "is killed": ("kill -9 $$", "it ended with -9 and made no library"),
    "makes nonsense": (TO_OUTPUT + 'echo nonsense > "$2"', "makes can't be loaded"),
    "hangs": ("exec sleep 60", "did not end within 1 s"),
}


@pytest.mark.parametrize("kind", COMPILERS)
def test_a_compiler_that_does_not_work_is_a_sentence(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """Whoever asked for C reads what went wrong; else Python does the work."""
    monkeypatch.setattr(module, "_SECONDS", 1 if kind == "hangs" else 60)
    program, said = COMPILERS[kind]
    command = tmp_path / "compiler"
    command.write_text(f"#!/bin/sh\n{program}\n")
    command.chmod(0o755)
    monkeypatch.setenv("CC", str(command))
    found = find_compiler()
    assert found is not None

    with pytest.raises(CompileError, match=said):
        library(EXPORTED, found)
    assert entries(cache) == []


@pytest.mark.parametrize("variable", ["CC", "CFLAGS"])
@pytest.mark.parametrize("value", ["'", 'cc "-O0', "cc -O0\\"])
def test_a_quote_that_is_left_open_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Both are command lines, as a shell reads them."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(CompileError, match=rf"\${variable} is .*, which is no command line"):
        library(EXPORTED, find_compiler() or Compiler((sys.executable,)))


@pytest.mark.parametrize("value", ["/", "ccache gcc", str(Path(__file__))])
def test_what_is_no_compiler_leaves_the_work_to_python(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A folder, a program that is not there, a file that can't be run: each is said, once."""
    monkeypatch.setenv("CC", value)
    said: list[str] = []
    monkeypatch.setattr(engines, "TINY", 1)
    exploration = engines.search(build(mirror(1, 2, 3)), tell=said.append)

    assert (exploration.stopped, isinstance(exploration, PythonExploration)) == ("", True)
    named, *_ = value.split()
    assert [text.partition("', which ")[0] for text in said] == [f"$CC names '{named}"]
