"""Makes functions of generated Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(source: str, name: str) -> Callable[..., Any]:
    """A function out of generated source. Its text has no names but ours and no literals but
    numbers, so nothing of a declaration is ever executed.
    """
    scope: dict[str, Any] = {}
    exec(compile(source, f"<generated {name}>", "exec"), scope)
    made: Callable[..., Any] = scope[name]
    return made
