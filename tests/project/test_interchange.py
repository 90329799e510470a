"""Declarations go out as JSON and come back the same, and nothing else comes in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from known_models import alternating_bit
from known_models.two_phase import two_phase
from nixfleet_state_machine.machine import machine as nixfleet
from nixfleet_state_machine.worlds import agent, mirror, reducer
from steptable.errors import UsageError
from steptable.machine import Machine
from steptable.project.interchange import Declarations, from_json, parsed, to_json
from steptable.world import Alike
from support import lease, turnstile
from support.alike_worlds import lamps
from support.faulty.parcel import parcel
from support.projects import Done, run, write_project
from support.random_machine import random_machine
from support.random_worlds import random_world

TURNSTILE = json.loads(to_json(Declarations(turnstile.machine)))


def read_back(declared: Declarations) -> Declarations:
    """What comes out of the text, well-formed or not."""
    return parsed(to_json(declared), "it")


@pytest.mark.parametrize("machine", [turnstile.machine, lease.machine, parcel, nixfleet], ids=str)
def test_a_machine_comes_back_equal(machine: Machine) -> None:
    """A version that was kept is the version that it was."""
    declared = Declarations(machine)

    assert from_json(to_json(declared), "it") == declared


def test_worlds_come_back_equal_with_their_machines() -> None:
    """Promises can be judged again years later."""
    declared = Declarations(nixfleet, (reducer.world, agent.world), (mirror.large,))

    assert from_json(to_json(declared), "it") == declared


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, database=None)
def test_any_machine_and_world_come_back_equal(seed: int) -> None:
    """No sort and no expression is forgotten."""
    worlds = (random_world(seed, size=4, with_machine=True),)
    declared = Declarations(random_machine(Random(seed)), worlds)

    assert read_back(declared) == declared


def test_a_world_without_a_machine_comes_back_equal() -> None:
    """A world need not have instances."""
    declared = Declarations(turnstile.machine, worlds=(alternating_bit.alternating_bit(2),))

    assert read_back(declared) == declared


def test_what_is_interchangeable_comes_back_equal() -> None:
    """Symbols, and members by name; what is not well-formed about them is said of the text, too."""
    worlds = (two_phase(3), lamps(in_turn=True))
    declared = Declarations(turnstile.machine, worlds)
    alone = replace(worlds[1], interchangeable=(Alike(("left",)),))

    assert from_json(to_json(declared), "it") == declared
    with pytest.raises(UsageError, match="alike 'left': it takes two to change places"):
        from_json(to_json(Declarations(turnstile.machine, (alone,))), "it")


def test_equal_declarations_have_equal_texts() -> None:
    """A text can be compared, and kept under version control."""
    again = from_json(to_json(Declarations(nixfleet)), "it")

    assert to_json(again) == to_json(Declarations(nixfleet))


def test_two_things_of_one_name_are_told_apart() -> None:
    """A name need not be unique for a machine to be written."""
    other = replace(turnstile.LOCKED, doc="Another.")
    declared = Declarations(replace(turnstile.machine, states=(*turnstile.machine.states, other)))

    assert '"Locked#2"' in to_json(declared)
    assert read_back(declared) == declared


def changed(path: str, value: Any) -> str:
    """The turnstile with something else at a path of keys."""
    whole = json.loads(json.dumps(TURNSTILE))
    *keys, last = path.split("/")
    place = whole
    for key in keys:
        place = place[key]
    place[last] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON: "),
        ("[]", "it is no export of declarations; `steptable export json` makes one"),
        ('{"steptable": 9}', "it is an export of format 9, and this steptable reads 1; export"),
        ('{"steptable": 1}', "it can't be read, at $: no machine stands here"),
        (
            changed("machine", {"machine": "Turnstyle"}),
            "at $.machine: there is no machine 'Turnstyle' among what is shared; "
            "did you mean 'Turnstile'?",
        ),
        (
            changed("machine", {"is": "Machin"}),
            "at $.machine: no part of a declaration is called 'Machin'; did you mean 'Machine'?",
        ),
        (
            changed("shared/state/Locked", {"is": "State", "name": "Locked", "dok": ""}),
            "shared.state.Locked: State has no 'dok'; did you mean 'doc'?",
        ),
        (
            changed("shared/state/Locked", {"is": "State", "name": "Locked"}),
            "shared.state.Locked: State lacks 'doc'",
        ),
        (
            changed("shared/state/Locked", {"state": "Locked"}),
            "shared.state.Locked: state 'Locked' is part of itself",
        ),
        (
            changed("shared/state/Locked", {"side": "gate"}),
            "what is shared as state 'Locked' is none",
        ),
        (changed("worlds", 3), "'worlds' is no list of worlds"),
        (
            changed("shared/machine/Turnstile/rows", 3),
            "it is not well-formed: machine 'Turnstile': 'rows' is 3, not a tuple",
        ),
    ],
)
def test_what_is_no_export_is_a_sentence_with_the_place(text: str, said: str) -> None:
    """A file that was cut or edited says where."""
    with pytest.raises(UsageError) as error:
        from_json(text, "it")

    assert said in str(error.value)


@given(st.data())
@settings(max_examples=150, deadline=None, database=None)
def test_a_damaged_export_is_a_sentence_or_another_machine(data: st.DataObject) -> None:
    """Whatever is in a file, the tool does not fall over it."""
    whole = json.loads(json.dumps(TURNSTILE))
    places = list(_places(whole["shared"]))
    holder, key = places[data.draw(st.integers(0, len(places) - 1))]
    holder[key] = data.draw(
        st.sampled_from([None, 3, True, "x", [], {}, {"is": "Const"}, {"state": "Locked"}])
    )
    said = "it is another machine"
    try:
        from_json(json.dumps(whole), "it")
    except UsageError as error:
        said = str(error)

    assert said.startswith("it ")


def _places(part: Any) -> Any:
    pairs = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in pairs:
        yield part, key
        if isinstance(value, dict | list):
            yield from _places(value)


def test_a_project_is_exported_whole(tmp_path: Path) -> None:
    """One command keeps a version."""
    done = run(write_project(tmp_path), "export", "json")
    declared = from_json(done.out, "it")

    assert (done.code, done.err) == (0, "")
    assert [world.name for world in declared.worlds] == ["street"]
    assert run(tmp_path, "export", "json") == Done(0, done.out, "")


def test_worlds_can_be_left_out(tmp_path: Path) -> None:
    """A machine outlives the worlds that this engine no longer reads."""
    write_project(tmp_path, environment="nonsense")
    done = run(tmp_path, "export", "json", "--no-worlds")

    assert done.code == 0
    assert from_json(done.out, "it").worlds == ()
