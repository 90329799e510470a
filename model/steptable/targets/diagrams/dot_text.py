"""DOT as a language: quoting, and the HTML-like tables that labels are made of."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable
from typing import Final

from steptable.support.plain import printable

WIDTH: Final = 48
"""Characters after which a line of a label is broken."""

FONT: Final = "DejaVu Sans,sans-serif"
SMALL: Final = 10
LARGE: Final = 12

PAD: Final = "&#160;"
_QUOTED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})

_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
"""What begins an entity, which is read in strings as it is in labels."""

RULE: Final = ' BORDER="1" SIDES="B" COLOR="#999999"'


def table(lines: Iterable[str], border: int = 0) -> str:
    """A label out of lines that are rows of a table."""
    rows = "".join(f"\n      {line}" for line in lines)
    frame = f'BORDER="{border}" COLOR="#999999" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"'
    return f"<<TABLE {frame}>{rows}\n    </TABLE>>"


def cell(text: str) -> str:
    """A row of one cell, flush left; the text is markup already."""
    return f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{PAD}{text}{PAD}</TD></TR>'


def broken(text: str, width: int = WIDTH) -> str:
    """Text over several lines, all but the first indented."""
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return f"<BR/>{PAD * 4}".join(escape(line) for line in lines)


def faint(text: str) -> str:
    """A name that stands beside what it names."""
    return f'<FONT COLOR="#555555"><I>{escape(text)}</I></FONT>'


def escape(text: str) -> str:
    """Text inside an HTML-like label, on one line."""
    return html.escape(printable(" ".join(text.split())))


def quote(text: str) -> str:
    """A quoted string of DOT, in which no sequence has a meaning of its own."""
    return quote_lines([text])


def quote_lines(lines: Iterable[str]) -> str:
    r"""The same of several lines, with `\n` between them."""
    text = "\n".join(map(printable, lines)).translate(_QUOTED)
    return f'"{_ENTITY.sub("&amp;", text)}"'
