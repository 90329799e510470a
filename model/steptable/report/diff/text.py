"""A difference for a terminal: one line a thing, and below it what shows it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from rich.text import Text

from steptable.compare.difference import Difference
from steptable.compare.rules import RULES
from steptable.report.diff.sections import Item, Section, breaches, sections, verdict

_LABEL: Final = 14
_STYLES: Final = {
    "error": "bold red",
    "warning": "bold yellow",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "undecided": "bold yellow",
    "+": "green",
    "-": "red",
}


def difference_lines(
    difference: Difference, width: int | None, *, verbose: bool = True
) -> Iterator[Text]:
    """The whole difference, in lines no longer than `width`, or as long as they are.

    Without `verbose` the broken rules alone, and nothing at all where none is.
    """
    if not verbose:
        for item in breaches(difference):
            yield from _item(item, width)
        return
    head = f"{difference.subject}: {difference.old.name} → {difference.new.name}"
    yield Text(head, "bold")
    for section in sections(difference):
        yield Text()
        yield from _section(section, width)
    yield Text()
    yield Text(verdict(difference), "bold red" if difference.breaks else "bold")


def _section(section: Section, width: int | None) -> Iterator[Text]:
    yield Text(section.title, "bold")
    for item in section.items:
        yield from _item(item, width)


def _item(item: Item, width: int | None) -> Iterator[Text]:
    name = f"[{item.name}] " if item.name else ""
    label = f"  {item.label:<{_LABEL}}" + ("" if len(item.label) <= _LABEL else " ")
    style = _STYLES.get(item.label, "cyan")
    for line in _broken(f"{label}{name}{item.what}", width, _LABEL + 2):
        yield Text.assemble((line[: len(label)], style), line[len(label) :])
    for said in item.lines:
        text = f"{' ' * (_LABEL + 2)}{said.sign} {said.text}"
        for line in _broken(text, width, _LABEL + 6):
            yield Text(line, _STYLES.get(said.sign, "none"))
    for text in (*item.notes, *item.trace):
        indent = " " * (_LABEL + 4)
        for line in _broken(f"{indent}{text}", width, len(indent) + 4):
            yield Text(line, "dim" if text in item.notes else "none")


def _broken(text: str, width: int | None, indent: int) -> list[str]:
    if width is None:
        return [text]
    return textwrap.wrap(
        text, max(width, indent + 40), subsequent_indent=" " * indent, break_on_hyphens=False
    )


def rules_lines() -> Iterator[Text]:
    """All rules, each with its severity and what it protects from."""
    for rule in RULES:
        yield Text.assemble(
            (f"{rule.severity:<8} ", _STYLES[rule.severity]), (f"{rule.name:<29} ", ""), rule.why
        )
