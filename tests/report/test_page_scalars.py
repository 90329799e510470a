"""What the page calls a scalar is read off where it lies, whatever fields are called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from known_models.alternating_bit import alternating_bit
from steptable.explore.system.builder import build
from steptable.explore.system.transitions import CHOICE, choice_root, event_path, policy_path
from steptable.partial.paths import Path
from steptable.partial.variables import Variable
from steptable.report.page.scalars import described, is_of_others
from steptable.sorts import TRUTH, Integer

EVENT = choice_root(0).joined(event_path(1))
POLICY = choice_root(0).joined(policy_path(1))
CHOSEN = choice_root(0).joined(CHOICE)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (CHOSEN.field("key"), "key"),
        (CHOSEN.field("event").field("policy"), "event.policy"),
        (EVENT.field("choice").field("light"), "choice.light"),
        (EVENT.field("policy").field("choice").field("kind"), "policy.choice.kind"),
        (POLICY.field("event").field("choice"), "policy event.choice"),
    ],
)
def test_a_choice_is_called_by_what_it_is_a_choice_of(path: Path, name: str) -> None:
    """A field that is called like a part of the engine's own names is not cut off."""
    variable = Variable(path, TRUTH, (False, True), lambda whole: whole)
    system = replace(build(alternating_bit(1)), parameters={variable.name: variable})

    assert described(system, variable) == {"scope": "", "name": name, "words": ["false", "true"]}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (Path.of("m").entry("a?").presence, {"name": "m[a?]", "words": ["nothing", "something"]}),
        (Path.of("m").entry("#").length, {"name": "length of m[#]", "numbers": (0, 1)}),
        (Path.of("m").entry("a#").field("at"), {"name": "m[a#].at", "numbers": (0, 1)}),
    ],
)
def test_a_mark_in_a_key_is_no_mark(path: Path, shown: dict[str, Any]) -> None:
    """Whether a scalar is about a value or the value itself is no matter of its text."""
    variable = Variable(path, Integer(0, 1), (0, 1), lambda whole: whole)

    assert described(build(alternating_bit(1)), variable) == {"scope": ""} | shown


def test_a_presence_is_told_where_nothing_else_tells_it() -> None:
    """The value that is there says so by itself, if anything of it is kept."""
    there, alike = Path.of("m").entry("a"), Path.of("m").entry("ab")
    others = [there.presence, alike, alike.presence]

    assert not is_of_others(there.presence, others)
    assert is_of_others(there.presence, [*others, there.field("at")])
    assert is_of_others(there.presence, [*others, there])
