"""A difference as Markdown, made to stand in a review as a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from steptable.compare.difference import Difference
from steptable.compare.rules import RULES
from steptable.report.diff.sections import Item, Section, sections, verdict
from steptable.targets.markdown import code_span, escape_markdown

MOST: Final = 60_000
"""How many characters there may be; a comment on GitHub takes 65,536."""


def difference_markdown(difference: Difference) -> str:
    """The difference; of one that is too long for a comment, the last traces are left out."""
    every = sections(difference)
    traces = sum(bool(item.trace) for section in every for item in section.items)
    text = _whole(difference, every, traces)
    while len(text) > MOST and traces:
        traces -= 1
        text = _whole(difference, every, traces)
    return text


def _whole(difference: Difference, every: Sequence[Section], traces: int) -> str:
    """All of it, with so many traces."""
    names = f"{code_span(difference.old.name)} → {code_span(difference.new.name)}"
    lines = [f"## {escape_markdown(difference.subject)}: {names}", ""]
    said = verdict(difference)
    lines += [f"**{escape_markdown(said[0].upper() + said[1:])}.**", ""]
    for section in every:
        items = []
        for item in section.items:
            traces -= bool(item.trace)
            items.append(item if traces >= 0 else _cut(item))
        lines += _section(Section(section.title, tuple(items)))
    return "\n".join(lines).rstrip() + "\n"


def _cut(item: Item) -> Item:
    """The item without its trace."""
    told = "the steps are left out, since a comment would be too long; `steptable diff` shows them"
    return replace(item, trace=(), notes=(*item.notes, *((told,) if item.trace else ())))


def _section(section: Section) -> Iterator[str]:
    yield f"### {section.title}"
    yield ""
    if section.items[0].name:
        yield "| | rule | where and what |"
        yield "|---|---|---|"
        for item in section.items:
            yield f"| {item.label} | `{item.name}` | {escape_markdown(item.what)} |"
    else:
        for item in section.items:
            yield from _item(item)
    yield ""


def _item(item: Item) -> Iterator[str]:
    yield f"- **{escape_markdown(item.label)}** {escape_markdown(item.what)}"
    if item.lines:
        yield from _block("diff", [f"{line.sign} {line.text}" for line in item.lines])
    if item.trace:
        head = "How it shows, step by step"
        yield from _folded(head, [*item.notes, *item.trace])
    elif item.notes:
        yield from _folded("An input that shows it" if item.lines else "Why", item.notes)


def _folded(head: str, lines: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"  <details><summary>{head}</summary>"
    yield from _block("text", lines)
    yield ""
    yield "  </details>"


def _block(kind: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines as they are, in a fence that none of them can close."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"  {fence}{kind}"
    yield from (f"  {' '.join(line.splitlines())}" for line in lines)
    yield f"  {fence}"


def rules_markdown() -> str:
    """All rules as a table."""
    lines = ["| rule | severity | what breaks |", "|---|---|---|"]
    lines += [f"| `{rule.name}` | {rule.severity} | {rule.why} |" for rule in RULES]
    return "\n".join(lines) + "\n"
