r"""Texts of others, made fit to be shown: what would act on a reader's screen is written out.

A text out of a declaration, a file, a revision or another program may hold control characters,
with which a terminal is steered, line breaks that `str.splitlines` sees and others don't, halves
of characters that no file can hold, or marks that turn the order of reading round. Here is what
they are, and how they are shown instead: as escapes, such as \x1b.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks after which a text is read in another order than it stands in (Unicode TR 36, 3.1)."""

_BREAKS: Final = frozenset("\u2028\u2029")
"""Ends of lines to some programs, and to others none."""

_OUTSIDE: Final = re.compile(r"[^ -~\u00a0-\u1fff]")
"""What has to be looked at one by one; of most texts nothing."""

_COMMAND: Final = re.compile(r"(?m)^\s*(?=::)|##\w*(?=\[)")
"""What begins a command to GitHub Actions in a line (`::error`), and anywhere (`##[error]`, like
`##vso[…]` and `##teamcity[…]`)."""


def is_unwritable(character: str) -> bool:
    """Whether some output can't hold a character: controls, halves of one, what turns the order."""
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in _TURNING
        or ord(character) & 0xFFFE == 0xFFFE
    )


def escaped(character: str) -> str:
    r"""A character by its number, as Python writes it: \x1b, \u2028, \U0001f600."""
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def printable(text: str, kept: str = "\n\t") -> str:
    """A text in which what can't be shown is written out, but for some characters."""

    def shown(found: re.Match[str]) -> str:
        character = found[0]
        hidden = is_unwritable(character) or character in _BREAKS
        return escaped(character) if hidden and character not in kept else character

    return _OUTSIDE.sub(shown, text)


def harmless(text: str) -> str:
    """The same, in lines of which none is a command to what runs a build and reads its output."""
    return _COMMAND.sub(lambda found: f"{found[0]}\\", printable(text))
