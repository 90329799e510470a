"""ARCHITECTURE.md is a map of what is there: every package, in the order of the layers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from repository.test_layering import ENGINE, LAYERS
from support.pages import prose
from support.projects import ROOT


def parts(package: str = ENGINE) -> Iterator[str]:
    """The packages, and the modules beside them at the top, lowest first, as paths."""
    for part in (part for line in LAYERS[package] for part in line):
        name = f"{package}.{part}"
        path = name.removeprefix(f"{ENGINE}.").replace(".", "/")
        if name in LAYERS:
            yield f"{path}/"
            yield from parts(name)
        elif package == ENGINE:
            yield f"{path}.py"


def summary(path: str) -> str:
    """The first sentence of the docstring of a package or a module."""
    file = ROOT / "model" / ENGINE / path
    source = file / "__init__.py" if file.is_dir() else file
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.])\s", " ".join(text.split("\n\n")[0].split()))[0]


def test_every_package_is_on_the_map_in_its_order_and_in_its_own_words() -> None:
    """A map that is drawn by hand lacks the newest road, or has it elsewhere."""
    told = [
        (match[1], " ".join(match[2].split()))
        for match in re.finditer(
            r"^ *- \*\*`([\w/.]+)`\*\* (.*?)(?=^ *- \*\*|^#|\Z)",
            prose("ARCHITECTURE.md"),
            re.MULTILINE | re.DOTALL,
        )
    ]

    assert [path for path, _ in told] == list(parts())
    assert [path for path, text in told if not text.startswith(f"{summary(path)} ")] == []


def test_every_package_says_what_it_is_for() -> None:
    """Whoever opens one finds its question answered first."""
    packages = sorted(Path(ROOT / "model" / ENGINE).rglob("__init__.py"))

    assert [
        str(file) for file in packages if not ast.get_docstring(ast.parse(file.read_text()))
    ] == []
