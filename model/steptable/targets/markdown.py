"""Markdown as a language: text that stands for itself, and pieces of code."""

from __future__ import annotations

import html
import re


def one_line(text: str) -> str:
    """Text without line breaks, with single blanks."""
    return " ".join(text.split())


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    plain = html.escape(one_line(text), quote=False)
    return re.sub(r"([\\`*_\[\]|~$])", r"\\\1", plain)


def code_span(text: str) -> str:
    """Text as code, on one line, between more back-ticks than it has together."""
    line = one_line(text)
    marks = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    apart = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{marks}{apart}{line}{apart}{marks}"
