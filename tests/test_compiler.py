"""Libraries are compiled once, kept privately, and loaded only as they were made."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from steptable.errors import UsageError
from steptable.explore import compiler as module
from steptable.explore.compiler import CompileError, Compiler, find_compiler, library

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
        "from steptable.explore.compiler import find_compiler, library; "
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
    monkeypatch.setattr(module, "_KEPT", 2)
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
