"""The machine as a Mermaid state diagram, small enough for a README.

An edge is named by facts, rows and guards; rows that stay in a state stand in a note beside
it. What rows set and which effects they have is left to the table and the larger drawing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from steptable.machine import Machine, Row
from steptable.targets.diagrams.dot import looks, rows_between_states, staying

_RESERVED: Final = frozenset(
    {"state", "note", "end", "direction", "class", "classdef", "style", "click", "default", "scale"}
    | {
        "as",
        "left",
        "right",
        "hide",
        "href",
        "width",
        "root",
        "fork",
        "join",
        "choice",
        "statediagram",
    }
    | {"acctitle", "accdescr", "graph", "subgraph", "flowchart"}
)
"""Words of Mermaid, which reads them in capitals as well."""


def machine_mermaid(machine: Machine) -> str:
    """The whole diagram, without the fence around it."""
    ids = {state.name: _identifier(state.name, n) for n, state in enumerate(machine.states)}
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines(machine, ids))]) + "\n"


def _lines(machine: Machine, ids: dict[str, str]) -> Iterator[str]:
    look = looks(machine)
    for state in machine.states:
        if ids[state.name] != state.name:
            yield f'state "{escape(state.name)}" as {ids[state.name]}'
    for state in machine.states:
        if state.initial:
            yield f"[*] --> {ids[state.name]}"
    for (source, target), rows in rows_between_states(machine).items():
        yield f"{ids[source]} --> {ids[target]}: {'<br/>'.join(_label(rows))}"
    for state in machine.states:
        if state.terminal:
            yield f"{ids[state.name]} --> [*]"
    for state in machine.states:
        stay = staying(machine, state)
        if stay:
            yield f"note left of {ids[state.name]}"
            yield "    stays on"
            yield from (f"    {line}" for line in _label(stay))
            yield "end note"
    for place, (fill, ink) in enumerate(dict.fromkeys((i.fill, i.ink) for i in look.values())):
        of = [ids[name] for name, item in look.items() if (item.fill, item.ink) == (fill, ink)]
        yield f"classDef tint{place} fill:{fill},stroke:{ink},color:#000"
        yield f"class {','.join(of)} tint{place}"


def _label(rows: Sequence[Row]) -> Iterator[str]:
    """For each row a line with its fact and its name, and one per guard."""
    for row in rows:
        yield f"{escape(row.fact.name)} ({escape(row.name)})"
        yield from (f"if {escape(guard.name)}" for guard in row.guards)


def _identifier(name: str, number: int) -> str:
    """The name itself, where Mermaid can't take it for anything else."""
    plain = re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) and name.lower() not in _RESERVED
    return name if plain else f"s{number}"


def escape(text: str) -> str:
    """Text inside a label; all that Mermaid or Markdown could read becomes an entity."""
    return re.sub(r"[^A-Za-z0-9-]|^-", lambda found: f"#{ord(found[0])};", text)
