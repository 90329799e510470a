"""A difference as DOT text: both versions in one drawing.

What is new, gone or otherwise is told three times: by a sign before its name, by the line it is
drawn with, and by colour, so that the picture can be read in grey. What is the same in both
versions stands in grey, without detail. Every line of the words is in the tooltips.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from steptable.compare.behaviour import Change
from steptable.compare.difference import Difference
from steptable.compare.vocabulary import Sign
from steptable.machine import Row
from steptable.report.diff.rows import Line, changed_lines
from steptable.report.diff.sections import verdict
from steptable.targets.diagrams.dot import ends
from steptable.targets.diagrams.dot_text import FONT, LARGE, SMALL, escape, quote, quote_lines

_WIDTH: Final = 52
_SAME: Final = "#5F5F5F"

# Ink, fill and line of what is new, gone and otherwise; Okabe and Ito's green, vermilion and blue.
_INKS: Final[dict[Sign, str]] = {"+": "#00644A", "-": "#A84300", "~": "#00567F"}
_FILLS: Final[dict[Sign, str]] = {"+": "#CFEDE3", "-": "#FADCC5", "~": "#DCEEFA"}
_LINES: Final[dict[Sign, str]] = {
    "+": "style=bold, penwidth=2.4",
    "-": "style=dashed, penwidth=1.4",
    "~": "style=solid, penwidth=1.8",
}
_SHOWN: Final[dict[Sign, str]] = {"+": "+", "-": "\N{MINUS SIGN}", "~": "~"}


@dataclass(frozen=True)
class _Entry:
    """A row of either version, or of both, and what has become of it."""

    sign: Sign | None
    row: Row
    lines: tuple[Line, ...] = ()


def difference_dot(difference: Difference) -> str:
    """The whole drawing."""
    old, new = difference.old.machine, difference.new.machine
    title = f"{new.name}: {difference.old.name} → {difference.new.name}"
    entries = list(_entries(difference))
    states = dict.fromkeys(state.name for machine in (new, old) for state in machine.states)
    moving: dict[tuple[str, str], list[_Entry]] = {}
    for entry in entries:
        if not entry.row.stays:
            moving.setdefault(ends(entry.row), []).append(entry)
    lines = [
        f"digraph {quote(title)} {{",
        f"  graph [rankdir=TB, nodesep=0.35, ranksep=0.3, tooltip={quote(title)},",
        f"    labelloc=t, labeljust=l, fontname={quote(FONT)}, fontsize={LARGE},",
        f"    label={quote_lines([title, verdict(difference)])}]",
        f'  node [shape=box, style="rounded,filled", fontname={quote(FONT)}, fontsize={SMALL}]',
        f"  edge [arrowsize=0.8, fontname={quote(FONT)}, fontsize={SMALL}]",
        "",
        *(_state(name, entries, difference) for name in states),
        "",
        *(_edge(source, target, items) for (source, target), items in moving.items()),
        "",
        _legend(difference, entries),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _entries(difference: Difference) -> Iterator[_Entry]:
    """Every row of the new version, and those of the old one that are gone or lead elsewhere."""
    known = {(change.state, change.fact): change for change in difference.behaviour.changes}
    for row in difference.new.machine.rows_apart:
        change = known.get((ends(row)[0], row.fact.name))
        if change is None or change.kind == "same":
            yield _Entry(None, row)
        elif change.kind == "added" or not _goes_on(row, change.old):
            yield _Entry("+", row, _detail(change, difference, "+"))
        else:
            yield _Entry("~", row, _detail(change, difference))
    for row in difference.old.machine.rows_apart:
        change = known.get((ends(row)[0], row.fact.name))
        if change is not None and change.kind != "same" and not _goes_on(row, change.new):
            yield _Entry("-", row, _detail(change, difference, "-"))


def _goes_on(row: Row, others: Iterable[Row]) -> bool:
    """Whether there is a row of the other version that leads to the same state."""
    return any(ends(other)[1] == ends(row)[1] for other in others)


def _detail(change: Change, difference: Difference, sign: Sign | None = None) -> tuple[Line, ...]:
    lines = changed_lines(change, difference.old.machine, difference.new.machine)
    return tuple(line for line in lines if sign is None or line.sign == sign)


def _state(name: str, entries: list[_Entry], difference: Difference) -> str:
    sign = _sign_of_state(name, difference)
    staying = [e for e in entries if e.row.stays and ends(e.row)[0] == name]
    shown = f'<FONT POINT-SIZE="{LARGE}"><B>{_signed(sign, name)}</B></FONT>'
    rule = ' BORDER="1" SIDES="B" COLOR="#999999"' if staying else ""
    rows = [f"<TR><TD{rule}>{shown}</TD></TR>"]
    rows += [line for entry in staying for line in _entry(entry)]
    fill, ink = ("#F2F2F2", _SAME) if sign is None else (_FILLS[sign], _INKS[sign])
    style = {"+": "rounded,filled,bold", "-": "rounded,filled,dashed"}.get(
        sign or "", "rounded,filled"
    )
    tips = [name, *(tip for entry in staying for tip in _tips(entry))]
    return (
        f'  {quote(name)} [style="{style}", fillcolor="{fill}", color="{ink}",\n'
        f"    id={quote(f'state:{name}')}, tooltip={quote_lines(tips)},\n"
        f"    label={_table(rows)}]"
    )


def _sign_of_state(name: str, difference: Difference) -> Sign | None:
    before, after = (
        {state.name for state in version.machine.states}
        for version in (difference.old, difference.new)
    )
    if name not in before or name not in after:
        return "+" if name in after else "-"
    if name in difference.behaviour.reachable or name in difference.behaviour.unreachable:
        return "~"
    return None


def _edge(source: str, target: str, entries: list[_Entry]) -> str:
    signs = {entry.sign for entry in entries}
    sign = signs.pop() if len(signs) == 1 else "~" if signs - {None} else None
    ink = _SAME if sign is None else _INKS[sign]
    line = "style=solid, penwidth=1" if sign is None else _LINES[sign]
    rows = [row for entry in entries for row in _entry(entry)]
    tips = quote_lines([tip for entry in entries for tip in _tips(entry)])
    names = ",".join(entry.row.name for entry in entries)
    return (
        f"  {quote(source)} -> {quote(target)} [{line}, color={quote(ink)},\n"
        f"    id={quote(f'row:{names}')}, edgetooltip={tips}, labeltooltip={tips},\n"
        f"    label={_table(rows)}]"
    )


def _entry(entry: _Entry) -> Iterator[str]:
    """A row as lines of a table: its fact and name, and what it says otherwise."""
    ink = _SAME if entry.sign is None else _INKS[entry.sign]
    fact = _signed(entry.sign, entry.row.fact.name)
    if entry.sign is not None:
        fact = f"<B>{fact}</B>"
    yield _cell(f'<FONT COLOR="{ink}">{fact}  <I>{escape(entry.row.name)}</I></FONT>')
    for line in entry.lines:
        if line.shown_by_place:
            continue
        parts = textwrap.wrap(line.text, _WIDTH, break_long_words=False, break_on_hyphens=False)
        text = f"<BR/>{'&#160;' * 6}".join(escape(part) for part in parts)
        signed = f"{'&#160;' * 2}{_SHOWN[line.sign]} {text}"
        yield _cell(f'<FONT COLOR="{_INKS[line.sign]}">{signed}</FONT>')


def _signed(sign: Sign | None, text: str) -> str:
    return escape(text) if sign is None else f"{_SHOWN[sign]} {escape(text)}"


def _tips(entry: _Entry) -> Iterator[str]:
    yield f"row {entry.row.name}: {entry.row.why} ({entry.row.cites})"
    yield from (f"{line.sign} {line.text}" for line in entry.lines)


def _legend(difference: Difference, entries: list[_Entry]) -> str:
    used = {entry.sign for entry in entries} | {line.sign for e in entries for line in e.lines}
    versions = difference.old.machine, difference.new.machine
    used |= {_sign_of_state(state.name, difference) for m in versions for state in m.states}
    meanings: dict[Sign, str] = {
        "+": "new: thick line, green",
        "-": "gone: dashed line, orange",
        "~": "otherwise than it was: blue",
    }
    rows = [
        _cell(f'<FONT COLOR="{_INKS[sign]}">{_SHOWN[sign]} {escape(text)}</FONT>')
        for sign, text in meanings.items()
        if sign in used
    ]
    rows.append(_cell("grey: the same; what it says is not shown"))
    rows.append(_cell("inside a state: rows that stay in it"))
    rows += [
        _cell(escape(f"renamed: {item.what} {item.old} → {item.new}"))
        for item in difference.renamed
    ]
    return (
        f'  "legend of the drawing" [shape=plain, style="", fontsize={SMALL - 1}, id="legend",\n'
        '    tooltip="How to read the drawing",\n'
        f"    label={_table(rows, border=1)}]"
    )


def _table(lines: Iterable[str], border: int = 0) -> str:
    rows = "".join(f"\n      {line}" for line in lines)
    frame = f'BORDER="{border}" COLOR="#999999" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"'
    return f"<<TABLE {frame}>{rows}\n    </TABLE>>"


def _cell(text: str) -> str:
    return f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">&#160;{text}&#160;</TD></TR>'
