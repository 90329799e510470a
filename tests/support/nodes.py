"""Every kind of node that an expression can have."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any, Final

from steptable import expr

NODES: Final[tuple[type[Any], ...]] = tuple(
    kind
    for name, kind in vars(expr).items()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == expr.__name__
    # What they have in common is no kind of its own.
    if kind is not vars(expr)["Node"] and not name.startswith("_")
)
