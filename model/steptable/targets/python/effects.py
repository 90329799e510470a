"""Effects as Python source text: statements that build a tuple of them and return it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from steptable import expr
from steptable.elaboration import default_of
from steptable.machine import Emission, Machine
from steptable.sorts import Field
from steptable.targets.python.expressions import Source
from steptable.targets.python.source import INDENT, WIDTH, broken, call, in_order


def result(machine: Machine) -> str:
    """The type of what a step returns."""
    return f"tuple[{machine.record.name}, tuple[Effect, ...]]"


@dataclass
class Beginning:
    """How a function begins its effects: with their type the first time, and only then."""

    typed: bool = False

    def __str__(self) -> str:
        begins = "effects = " if self.typed else "effects: tuple[Effect, ...] = "
        self.typed = True
        return begins


def effects_source(
    source: Source,
    emissions: tuple[Emission, ...],
    common: Mapping[Emission, str],
    indent: str,
    *,
    begins: Beginning,
    beside: str = "",
) -> str:
    """Statements that return effects, `beside` what else is returned; conditional ones in turn."""

    def emitted(items: tuple[Emission, ...], inside: str) -> list[str]:
        deeper = inside + INDENT
        return [common.get(item) or emission_source(source, item, deeper) for item in items]

    if all(emission.condition is None for emission in emissions):
        text = _tuple(f"{indent}return {beside}", emitted(emissions, indent), indent)
        return source.definitions(indent) + text
    text = ""
    for condition, group in groupby(emissions, key=lambda emission: emission.condition):
        if condition is None:
            items = emitted(tuple(group), indent)
            lead = f"{indent}effects += " if text else f"{indent}{begins}"
            text += source.definitions(indent) + _tuple(lead, items, indent)
            continue
        text = text or f"{indent}{begins}()\n"
        for emission in group:
            test = source.write(condition)
            if len(f"{indent}if {test}:") > WIDTH:
                test = broken(test, indent)
            items = emitted((emission,), indent + INDENT)
            text += f"{source.definitions(indent)}{indent}if {test}:\n"
            text += _tuple(f"{indent}{INDENT}effects += ", items, indent + INDENT)
    return text + f"{indent}return {beside}effects\n"


def emission_source(source: Source, emission: Emission, indent: str, lead: str = "") -> str:
    """The effect of an emission, whose condition is taken to hold, laid out to follow `lead`.

    A field that has its default is left out.
    """
    effect = emission.effect.fields
    given = {n: node for n, node in emission.fields if not _is_default(effect.get(n), node)}
    source = source if emission.condition is None else source.shelter()
    parts: list[str] = []
    fields = in_order(effect)
    for position, part in enumerate(fields):
        if part.name in given:
            text = source.write(given[part.name], part.sort)
            # After a field that is left out, positions no longer tell which one is meant.
            parts.append(text if len(parts) == position else f"{part.name}={text}")
    return call(emission.effect.name, parts, indent, lead).strip().removeprefix(lead)


def _is_default(part: Field | None, node: expr.Node) -> bool:
    return part is not None and not part.is_required and node == default_of(part)


def _tuple(lead: str, items: list[str], indent: str) -> str:
    if not items:
        return f"{lead}()\n"
    line = f"{lead}({', '.join(items)}{',' if len(items) == 1 else ''})"
    if len(line) <= WIDTH and "\n" not in line:
        return line + "\n"
    return f"{lead}(\n" + "".join(f"{indent}{INDENT}{item},\n" for item in items) + f"{indent})\n"
