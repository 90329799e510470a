"""Whether all that reads expressions names each kind of node, and leaves none to a default.

The type checker can say which places a new node needs only where nothing catches it silently.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from support.nodes import NODES

ENGINE: Final = Path(__file__).parents[2] / "model" / "steptable"
NAMES: Final = frozenset(kind.__name__ for kind in NODES)


def open_matches(source: str) -> Iterator[int]:
    """The lines of matches over nodes that don't end in `assert_never`.

    What is asked of two values at once is a question about a shape, not a reading of nodes.
    """
    for match in ast.walk(ast.parse(source)):
        if not isinstance(match, ast.Match) or isinstance(match.subject, ast.Tuple):
            continue
        if any(_asks_for_a_node(case.pattern) for case in match.cases) and not _ends(match):
            yield match.lineno


def _asks_for_a_node(pattern: ast.pattern) -> bool:
    """Whether a pattern asks for a node, other than inside of something else."""
    match pattern:
        case ast.MatchClass(cls=ast.Attribute(value=ast.Name(id="expr"), attr=name)):
            return name in NAMES | {"Node"}
        case ast.MatchClass(cls=ast.Name(id=name)):
            return name in NAMES  # in the module of the nodes itself
        case ast.MatchOr(patterns=patterns):
            return any(map(_asks_for_a_node, patterns))
        case ast.MatchAs(pattern=ast.pattern() as inside):
            return _asks_for_a_node(inside)
    return False


def _ends(match: ast.Match) -> bool:
    """Whether the last case is all else, and says that there is nothing else."""
    match match.cases[-1]:
        case ast.match_case(
            pattern=ast.MatchAs(pattern=None),
            guard=None,
            body=[ast.Expr(ast.Call(func=ast.Name(id="assert_never")))],
        ):
            return True
    return False


def test_every_match_over_nodes_names_them_all() -> None:
    """A forgotten operator would be taken for another one, in one place of many."""
    found = [
        f"{file.relative_to(ENGINE)}:{line}"
        for file in sorted(ENGINE.rglob("*.py"))
        for line in open_matches(file.read_text("utf-8"))
    ]

    assert found == []


def test_no_operator_is_asked_for_without_knowing_that_there_is_one() -> None:
    """What is looked for by its name at run time is not there to be missed by a type checker."""
    found = [
        str(file.relative_to(ENGINE))
        for file in sorted(ENGINE.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        if ast.unparse(call.func) == "getattr" and ast.unparse(call.args[1]) == "'op'"
    ]

    assert found == []


@pytest.mark.parametrize(
    "last",
    [
        pytest.param("", id="nothing"),
        pytest.param("        case _:\n            return node\n", id="a default"),
        pytest.param("        case _ if node:\n            assert_never(node)\n", id="a guard"),
        pytest.param("        case other:\n            return other\n", id="a name"),
        pytest.param("        case expr.Node():\n            return node\n", id="what all are"),
    ],
)
def test_a_match_that_may_leave_a_node_out_is_found(last: str) -> None:
    """Whatever a match ends in but `assert_never` catches what was forgotten."""
    source = "def read(node):\n    match node:\n        case expr.Not(item):\n            pass\n"

    assert [*open_matches(source + last)] == [2]


def test_a_match_that_says_that_nothing_is_left_is_no_fault() -> None:
    """So the type checker compares it with the union of all nodes."""
    source = (
        "def read(node):\n    match node:\n        case expr.Not(item) | expr.Value(item):\n"
        "            pass\n        case _:\n            assert_never(node)\n"
    )

    assert [*open_matches(source)] == []
