"""Declarations have one fingerprint however and wherever they were written, and others another."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from known_models.mirror import mirror
from steptable.errors import Location
from steptable.kept import fingerprints
from steptable.kept.fingerprints import Fingerprints, of_engine
from steptable.project.interchange import Declarations, parsed, to_json
from support import turnstile


def of(value: object) -> str:
    return Fingerprints().of(value)


def test_where_a_world_was_written_makes_no_difference() -> None:
    """A line above it does not let everything be explored again."""
    world = mirror(1, 2, 3)
    action, *others = world.actions
    moved = replace(action, at=Location("elsewhere.py", 1000))

    assert of(replace(world, actions=(moved, *others))) == of(world)


def test_equal_declarations_that_were_read_anew_have_one_fingerprint() -> None:
    """What counts is what is declared, not which objects it is made of."""
    world = mirror(1, 2, 3)
    declared = Declarations(turnstile.machine, (world,))
    again = parsed(to_json(declared), "again")

    assert of(again.worlds[0]) == of(world)
    assert of(again.machine) == of(declared.machine)


def test_every_field_of_a_world_makes_a_difference() -> None:
    """A change that is not seen would be judged by what was found before it."""
    world = mirror(1, 2, 3)
    first, *others = world.properties
    changed = [
        replace(world, name="another"),
        replace(world, starts=world.starts[:0]),
        replace(world, actions=world.actions[1:]),
        replace(world, actions=world.actions[::-1]),
        replace(world, properties=()),
        replace(world, properties=(replace(first, why="Otherwise."), *others)),
        replace(world, terminal=first.condition),
        mirror(1, 2, 4),
    ]

    assert len({of(item) for item in (world, *changed)}) == len(changed) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        ("1", 1),
        (None, ()),
        ((), {}),
        (("ab", "c"), ("a", "bc")),
        ((("a",), "b"), ("a", ("b",))),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ("sequence 0:", ()),
    ],
)
def test_values_that_look_alike_have_fingerprints_of_their_own(one: object, other: object) -> None:
    """In Python 1 is True; where texts are put together, so are ab+c and a+bc."""
    assert of(one) != of(other)


def test_what_no_declaration_has_has_no_fingerprint() -> None:
    """Two functions of one text may do different things."""
    with pytest.raises(TypeError, match="function is no part of a declaration"):
        of((1, lambda: 1))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources of an engine that began after they were written."""
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "search.py").write_text("one = 1\n")
    (tmp_path / "table.h").write_text("int one;\n")
    monkeypatch.setattr(fingerprints, "_PACKAGE", tmp_path)
    monkeypatch.setattr(fingerprints, "_BEGAN", time.time() + 1000)
    return tmp_path


def of_sources() -> str | None:
    of_engine.cache_clear()
    try:
        return of_engine()
    finally:
        of_engine.cache_clear()


def test_every_source_of_the_engine_is_part_of_its_fingerprint(engine: Path) -> None:
    """No version number stands for them, which nobody counts up after each change."""
    seen = [of_sources()]
    (engine / "part" / "search.py").write_text("one = 2\n")
    seen.append(of_sources())
    (engine / "table.h").write_text("long one;\n")
    seen.append(of_sources())
    (engine / "part" / "more.py").write_text("")
    seen.append(of_sources())
    (engine / "part" / "__pycache__").mkdir()
    (engine / "part" / "__pycache__" / "search.pyc").write_bytes(b"compiled")

    assert None not in seen
    assert len(set(seen)) == 4
    assert of_sources() == seen[-1]


@pytest.mark.parametrize("library", fingerprints._LIBRARIES)
def test_the_version_of_a_library_is_part_of_it(
    engine: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """What an engine finds is found by what it runs on as well."""
    before = of_sources()
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0" if name == library else version(name))

    assert engine.is_dir()
    assert of_sources() not in (None, before)


def test_sources_that_changed_since_the_process_began_have_none(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs is what they were, and what they are would stand for it."""
    file = engine / "table.h"
    monkeypatch.setattr(fingerprints, "_BEGAN", time.time() - 10)
    # A tool that puts the old time back has still changed the file.
    os.utime(file, (0, 0))

    assert of_sources() is None
