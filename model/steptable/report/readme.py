"""What a project's README shows of its declarations: blocks between marks, made anew each time.

Everything around the blocks is its author's, line ends included. Which blocks a README has is its
author's choice, as long as it has one. This module knows no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from steptable.check import Result
from steptable.errors import UsageError, suggestion
from steptable.machine import Machine
from steptable.targets.diagrams.mermaid import machine_mermaid
from steptable.targets.markdown import code_span, escape_markdown

_OPENING: Final = "<!-- steptable:{}: made by `steptable generate`; do not edit -->"
CLOSING: Final = "<!-- steptable:end -->"

_OPENED: Final = re.compile(re.escape(_OPENING).replace(r"\{\}", "([a-z]+)"))

_Block: TypeAlias = Callable[[Machine | None, Sequence[Result]], str]


def opening(block: str) -> str:
    """The mark at which a block begins."""
    return _OPENING.format(block)


def filled(name: str, text: str, machine: Machine | None, results: Sequence[Result]) -> str:
    """A README with its blocks made anew; `name` is what the file is called.

    Raises `UsageError` where it has no block, or one that has no end or that nothing makes.
    """
    before, *rest = _OPENED.split(text)
    if not rest and machine is not None:
        raise UsageError(
            f"{name} has no place for the diagram; add the lines '{opening('machine')}' and "
            f"'{CLOSING}' where it belongs, or write readme = \"\" in [tool.steptable] to do "
            "without"
        )
    parts = [before]
    for block, behind in zip(rest[::2], rest[1::2], strict=True):
        if block not in _BLOCKS:
            raise UsageError(f"{name} has a block '{block}'; {suggestion(block, _BLOCKS)}")
        _, closing, after = behind.partition(CLOSING)
        if not closing:
            raise UsageError(
                f"{name} has a block '{block}' without an end; add the line '{CLOSING}' behind it"
            )
        if machine is None and block == "machine":
            raise UsageError(f"{name} has a block 'machine', and there is none; remove that block")
        parts.append(f"{opening(block)}\n\n{_BLOCKS[block](machine, results)}\n{CLOSING}{after}")
    return "".join(parts)


def _machine(machine: Machine | None, _: Sequence[Result]) -> str:
    assert machine is not None  # noqa: S101  # see `filled`
    return f"```mermaid\n{machine_mermaid(machine)}```\n"


def _worlds(_: Machine | None, results: Sequence[Result]) -> str:
    """Each world, what it is, how many states it has, and how many of its properties are broken."""
    lines = ["| world | what it is | states | findings |", "|---|---|--:|--:|"]
    for result in results:
        doc = escape_markdown(result.world.doc)
        findings = sum(judgement.verdict == "finding" for judgement in result.judgements)
        lines.append(
            f"| {code_span(result.world.name)} | {doc} | {result.states:,} | {findings or ''} |"
        )
    return "\n".join(lines) + "\n"


_BLOCKS: Final[Mapping[str, _Block]] = {"machine": _machine, "worlds": _worlds}
