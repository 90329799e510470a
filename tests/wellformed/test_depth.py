"""Chains of any length are read; what is nested too deep, or too long a number, is a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from steptable import expr
from steptable.terms import all_of, any_of, root
from steptable.wellformed.depth import DEEPEST
from support.projects import TABLE, Done, edited, run, write_project

x = root("x")
CONDITION = "event.coins >= policy.coins"


def guarded(folder: Path, condition: str) -> Path:
    """The gate with another guard, which is made of the old one."""
    made = f"reduce(lambda made, n: {condition}, range(DEPTH), {CONDITION})"
    table = edited(TABLE, f'"enough", {CONDITION}', f'"enough", {made}')
    return write_project(folder, table=f"from functools import reduce\n{table}")


def deep(folder: Path, condition: str, depth: int) -> Path:
    project = guarded(folder, condition)
    file = project / "gate" / "table.py"
    file.write_text(file.read_text().replace("DEPTH", str(depth)))
    return project


NESTS = {
    "not": "~made",
    "iff": "made.iff(event.coins >= n % 4)",
    "premises": "(event.coins >= n % 4).implies(made)",
    "and in or": "(made & (event.coins >= 0)) | (policy.coins < 0)",
}
LEVELS = {"and in or": 2}


@pytest.mark.parametrize("nest", NESTS)
def test_what_may_be_declared_can_be_read_by_all(tmp_path: Path, nest: str) -> None:
    """The check of a declaration, generated code, either engine, and the way through a file."""
    levels = (DEEPEST - 4) // LEVELS.get(nest, 1)
    project = deep(tmp_path, NESTS[nest], levels - levels % 2)
    exported = run(project, "export", "json")
    (project / "old.json").write_text(exported.out)

    assert [run(project, *what.split()).code for what in ("generate", "check", "export json")] == [
        0,
        0,
        0,
    ]
    assert run(project, "diff", "old.json", "--no-worlds").code == 0


@pytest.mark.parametrize("depth", [DEEPEST + 1, 5_000])
def test_what_is_nested_too_deep_is_a_fault(tmp_path: Path, depth: int) -> None:
    """Python itself would end in the middle of it, with a traceback."""
    project = deep(tmp_path, "~made", depth)
    done = run(project, "generate")

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0].endswith(
        f"machine 'Gate': an expression is nested more than {DEEPEST} levels deep; "
        "name parts of it, or say it flatly [too-deep]"
    )


@pytest.mark.parametrize("sign", ["|", "&"])
def test_a_chain_can_have_any_length(tmp_path: Path, sign: str) -> None:
    """It is what programs write who make a table out of something else."""
    project = deep(tmp_path, f"made {sign} (event.coins >= policy.coins)", 300)

    assert run(project, "generate").code == 0
    assert run(project, "check").code == 0


def test_a_chain_is_flat_wherever_it_is_put_together() -> None:
    """From the left, from the right, and in the middle; an implication stays one."""
    a, b, c, d = (root(name) for name in "abcd")
    nodes = tuple(item.node for item in (a, b, c, d))

    assert ((a | b) | (c | d)).node == expr.Or(nodes)
    assert any_of(a, b | (c | d)).node == expr.Or(nodes)
    assert all_of(a & b, c, d).node == expr.And(nodes)
    assert (a.implies(b) | c).node == expr.Or((a.implies(b).node, c.node))
    assert (a | b & c).node == expr.Or((a.node, expr.And((b.node, c.node))))


# ── Files and keys ───────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = write_project(tmp_path_factory.mktemp("gate"))
    run(project, "generate")
    return project


TEXTS = {
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "brackets": "[" * 2_000,
    "deep objects": '{"rows":' * 2_000 + "1" + "}" * 2_000,
    "a long number": "9" * 5_000,
    "nothing": " ",
    "a byte order mark": "\ufeff{}",
    "half a character": '"\\ud800"',
    "a deep machine": '{"steptable": 1, "shared": {}, "machine": '
    + '{"is": "Not", "item": ' * 900
    + "1"
    + "}" * 901,
}


def is_sentence(done: Done) -> bool:
    return done.code == 2 and done.out == "" and len(done.err) < 1000


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "command", ["diff given.json", "draw coverage --tests given.json --format dot --out drawn"]
)
def test_a_file_of_anything_is_a_sentence(gate: Path, text: str, command: str) -> None:
    """Whoever gives the wrong file reads that it is, and not how this tool is built."""
    (gate / "given.json").write_text(TEXTS[text], encoding="utf-8")
    done = run(gate, *command.split())

    assert is_sentence(done), done


@pytest.mark.parametrize("text", ["[" * 100_000, "machine = " + "9" * 5_000, "\udcff", "a = {b="])
def test_settings_of_anything_are_a_sentence(tmp_path: Path, text: str) -> None:
    """The first file that is read may be any file of that name."""
    write_project(tmp_path)
    settings = tmp_path / "pyproject.toml"
    settings.write_text(f"x = {text}", encoding="utf-8", errors="surrogateescape")

    assert is_sentence(done := run(tmp_path, "table")), done


@pytest.mark.parametrize("key", ["9" * 5_000, "0/" + "9" * 5_000, "0+" + "1" * 4_301, "-1", "٣"])
def test_a_key_of_anything_is_a_sentence(gate: Path, key: str) -> None:
    """Keys are pasted by people, and made up by programs."""
    done = run(gate, "replay", "street", "--", key)

    assert (done.code, done.out) == (2, "")
    assert "street' has no trace" in done.err


def test_a_key_may_have_zeros_in_front(gate: Path) -> None:
    """They say nothing, however many there are."""
    plain, padded = (run(gate, "replay", "street", key) for key in ("0/0", "0/" + "0" * 5_000))

    assert (plain.code, padded.code) == (0, 0)
    assert json.dumps(plain.err) == json.dumps(padded.err)
