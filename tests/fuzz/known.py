"""What is known not to work yet, and therefore not drawn. Each name is removed with its fault."""

from __future__ import annotations

from typing import Final

KNOWN: Final = frozenset(
    {
        "ordered-guards",
        "empty-map-default",
        "payload-start",
        "extra-received",
        "extra-rerun",
        "vacuity",
        "empty-bag-within",
        "moments-in-rows",
        "late-instants",
        "computed-rerun",
        "computed-defaults",
    }
)

ERRORS: Final = (
    ("ValueError", "is not a valid"),
    ("KeyError", "given"),
    ("NameError", "Item"),
    ("AttributeError", "module 'steptable.generated_reducer' has no attribute"),
)
"""Kinds of errors that explorers are known to end in, with what their text contains."""


def is_known(error: Exception) -> bool:
    """Whether an explorer is known to end so."""
    return any(type(error).__name__ == kind and text in str(error) for kind, text in ERRORS)
