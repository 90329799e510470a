"""SVG as a language: escaped text, broken into lines that are sure to fit.

A viewer may lack the font, so that widths are estimates; they are of the widest of the fonts
named, so that any other leaves room.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

FONT: Final = "'DejaVu Sans', Verdana, sans-serif"

_NARROW: Final = frozenset("ijl.,:;'|!ftrI()[]/ ")
_WIDE: Final = frozenset("mwMW@%→∞")


def width(text: str, size: float) -> float:
    """The width of a text, in pixels; rather too much than too little."""
    return size * sum(map(_share, text))


@cache
def _share(character: str) -> float:
    """The width of a character of size 1."""
    if character in _NARROW:
        return 0.42
    if character in _WIDE or ord(character) > 0x2FF:
        return 1.0
    return 0.76 if character.isupper() else 0.64


def wrapped(text: str, size: float, room: float) -> list[str]:
    """A text as lines that fit some room; words that don't are broken, at a joint if they can."""
    words = " ".join(text.split())
    if words and width(words, size) <= room:
        return [words]
    lines: list[str] = []
    begun = ""
    for piece in re.findall(r"\s+|[^\s_.,/-]*[_.,/-]+|[^\s_.,/-]+", words):
        if begun and width(begun + piece.rstrip(), size) > room:
            lines.append(begun.rstrip())
            begun = ""
        for character in piece.lstrip() if not begun else piece:
            if begun and width(begun + character, size) > room:
                lines.append(begun)
                begun = ""
            begun += character
    return [*lines, begun.rstrip()] if begun.strip() else lines


def escape(text: str) -> str:
    """Text or the value of an attribute; what XML can't hold is shown as a question mark."""
    plain = re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "?", text)
    return html.escape(plain, quote=True)


def text(x: float, y: float, lines: Iterable[str], size: float, style: str = "") -> str:
    """Lines of text, the first on the height `y`; `style` is further attributes."""
    spans = "".join(
        f'<tspan x="{x:g}" y="{y + n * size * 1.3:g}">{escape(line)}</tspan>'
        for n, line in enumerate(lines)
    )
    return f'<text font-size="{size:g}" {style}>{spans}</text>'


def rect(x: float, y: float, w: float, h: float, style: str) -> str:
    """A box."""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" {style}/>'


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" {style}/>'


def group(identifier: str, title: str, parts: Iterable[str]) -> str:
    """Parts that belong together, with a tooltip."""
    body = "\n".join(parts)
    return f'<g id="{escape(identifier)}"><title>{escape(title)}</title>\n{body}\n</g>'


def document(w: float, h: float, title: str, parts: Iterable[str]) -> str:
    """A whole picture on white ground."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:g}" height="{h:g}" '
        f'viewBox="0 0 {w:g} {h:g}" font-family="{FONT}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>\n{body}\n</svg>\n'
    )
