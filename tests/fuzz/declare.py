"""Writes a world down as Python that declares it, to be pasted into a test or a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from steptable import expr
from steptable.machine import Effect, Fact, Machine, Side, State
from steptable.sorts import MISSING, Enum, Record, Symbol, Variant
from steptable.world import World

_NAMED: Final = (Symbol, Enum, Record, Variant, Side, State, Fact, Effect, Machine)
"""What several places speak of, and is therefore declared once."""

_WIDTH: Final = 100


def declared(world: World) -> str:
    """A module that declares `world`."""
    writer = _Writer()
    whole = writer.written(world, 0)
    imports = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(writer.imports.items())
    ]
    return "\n".join([*imports, "", *writer.lines, f"world = {whole}", ""])


class _Writer:
    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}
        self.lines: list[str] = []
        self.names: dict[tuple[type, Any], str] = {}

    def written(self, value: Any, indent: int) -> str:
        """A value as an expression; what is named is declared first."""
        if isinstance(value, _NAMED):
            return self._named(value)
        return self._whole(value, indent)

    def _named(self, value: Any) -> str:
        key = (type(value), repr(value))
        if key not in self.names:
            whole = self._whole(value, 0)
            self.names[key] = f"{value.name}_{type(value).__name__}".replace(" ", "_").upper()
            if self.names[key] in [name for other, name in self.names.items() if other != key]:
                self.names[key] += str(len(self.names))
            self.lines.append(f"{self.names[key]} = {whole}")
        return self.names[key]

    def _whole(self, value: Any, indent: int) -> str:
        if value is MISSING:
            self.imports.setdefault("steptable.sorts", set()).add("MISSING")
            return "MISSING"
        if isinstance(value, tuple):
            parts = [self.written(item, indent + 4) for item in value]
            return _joined("(", parts, ")", indent, alone=len(parts) == 1)
        if isinstance(value, dict):
            parts = [f"{key!r}: {self.written(item, indent + 4)}" for key, item in value.items()]
            return _joined("{", parts, "}", indent)
        if is_dataclass(value):
            return _joined(f"{self._called(value)}(", [*self._given(value, indent)], ")", indent)
        return repr(value)

    def _called(self, value: Any) -> str:
        kind = type(value)
        if isinstance(value, expr.Node):
            self.imports.setdefault("steptable", set()).add("expr")
            return f"expr.{kind.__name__}"
        self.imports.setdefault(kind.__module__, set()).add(kind.__name__)
        return str(kind.__name__)

    def _given(self, value: Any, indent: int) -> Iterator[str]:
        for part in fields(value):
            item = getattr(value, part.name)
            if part.name == "at" or (part.default == item and type(part.default) is type(item)):
                continue
            text = self.written(item, indent + 4)
            yield text if isinstance(value, expr.Node) else f"{part.name}={text}"


def _joined(start: str, parts: list[str], end: str, indent: int, *, alone: bool = False) -> str:
    line = f"{start}{', '.join(parts)}{',' if alone else ''}{end}"
    if len(line) + indent < _WIDTH and "\n" not in line:
        return line
    inner = " " * (indent + 4)
    return "\n".join([start, *(f"{inner}{part}," for part in parts), " " * indent + end])
