"""What is generated is tried before anybody relies on it, also where no test of it comes by."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steptable.errors import GenerationError
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.trial import try_modules
from steptable.targets.python.wire import wire_source
from support.faulty.parcel import parcel
from support.projects import TABLE, Done, edited, fresh_interpreter, run, write_project

PACKAGE = "parcels"


@pytest.fixture(scope="module")
def reducer() -> str:
    """The reducer as it is made."""
    return reducer_source(parcel)


@pytest.fixture(scope="module")
def codec() -> str:
    """The codec as it is made."""
    assert parcel.wire is not None
    return wire_source(parcel, parcel.wire, PACKAGE)


def test_what_is_generated_passes(reducer: str, codec: str) -> None:
    """A trial that refuses what works would stop everybody."""
    try_modules(parcel, PACKAGE, reducer, codec)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            "after = _copied(",
            "after = _OPENcopied(",
            "reducer.py uses what it does not define: _OPENcopied",
            id="a name that is not there",
        ),
        pytest.param(
            "_SENT: Final = ParcelState.SENT",
            "_SENT: Final = ParcelState.DELIVERED",
            "reducer.py does something else than the table with ",
            id="another state",
        ),
        pytest.param(
            "    if payload.number <= state.last:",
            "    if payload.number < state.last:",
            "reducer.py does something else than the table with ",
            id="a number accepted twice",
        ),
        pytest.param(
            "def step(", "def step(:", "reducer.py does not work: SyntaxError", id="no code"
        ),
        pytest.param(
            "TypeAlias = str",
            "TypeAlias = text",
            "reducer.py does not work: NameError",
            id="no type",
        ),
    ],
)
def test_a_reducer_that_is_wrong_is_not_used(
    reducer: str, codec: str, old: str, new: str, said: str
) -> None:
    """It would be found by the one who applies that event, in that state."""
    assert old in reducer
    with pytest.raises(GenerationError) as caught:
        try_modules(parcel, PACKAGE, reducer.replace(old, new), codec)

    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith(
        "it is not used. This is a bug of steptable, please report it"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("msgspec.json.schema(", "msgspec.json.skema(", "does not work", id="schema"),
        pytest.param(
            "return _ENCODER.encode(value)", "return b'{}'", "does not work", id="another text"
        ),
        pytest.param(
            "_DECODER.decode", "_DECODE.decode", "uses what it does not define", id="name"
        ),
    ],
)
def test_a_codec_that_is_wrong_is_not_used(
    reducer: str, codec: str, old: str, new: str, said: str
) -> None:
    """What it can't read back is lost on its way."""
    assert old in codec
    with pytest.raises(GenerationError, match=f"^wire.py {said}"):
        try_modules(parcel, PACKAGE, reducer, codec.replace(old, new))


@pytest.mark.parametrize(
    "text", ["of\u2028Position.SHUT", "timedelta, effects: tuple[Effect, ...] = ()", 'a"\\u0041\\']
)
def test_texts_of_guards_reach_the_refusal_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Some texts look like code, and one character ends a line to some programs only."""
    table = edited(TABLE, 'must="it must be enough"', f"must={text!r}")
    write_project(tmp_path, table=table)

    assert run(tmp_path, "generate").code == 0
    assert run(tmp_path, "generate", "--check").code == 0
    assert run(tmp_path, "check").code == 0
    with fresh_interpreter():
        monkeypatch.syspath_prepend(tmp_path)
        gate = importlib.import_module("gate.reducer")
        now = datetime(2026, 5, 4, tzinfo=UTC)
        record, event = gate.Memory(gate.Position.SHUT), gate.CoinsInserted(0, now, 1)
        with pytest.raises(gate.InvariantViolation) as caught:
            gate.step(record, event, now, gate.Price(3))
    assert caught.value.reason == text


def test_a_text_that_steers_a_terminal_is_a_fault_with_its_place(tmp_path: Path) -> None:
    """It is shown, not obeyed, where it is spoken of."""
    table = edited(TABLE, 'doc="A gate."', 'doc="A \\x1b[31mgate."')
    done = run(write_project(tmp_path, table=table), "check")

    assert done == Done(
        2,
        "",
        f"gate/table.py:{_line(table, 'machine = Machine(')}: machine 'Gate': its doc contains "
        "\\x1b, which not every output can hold; write it without [unwritable-text]\n"
        "1 fault; nothing was done\n",
    )


def _line(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))
