"""Whether each text of a declaration can stand in every output.

A text may come to stand in code, in a comment, in XML, in a drawing, on a terminal. What one of
these can't hold at all, not even escaped, is no text of a declaration: control characters, halves
of characters, marks that turn the order of reading round. Names stand in lines of their own, so
only what is told in sentences may have several lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from steptable.errors import Fault, Location
from steptable.machine import Machine
from steptable.support.plain import escaped, is_unwritable, printable
from steptable.world import World

_PROSE: Final = frozenset(
    {"doc", "why", "cites", "must", "says", "explanation", "repair", "varies"}
    | {"read_by", "emitted_by"}
)
"""What is told in sentences, which may be broken into lines."""


def check_texts(declared: Machine | World) -> list[Fault]:
    """Faults of texts that some output can't hold. The machines of a world are judged apart."""
    kind = type(declared).__name__.lower()
    return list(_Texts(declared).within(declared, declared.at, f"{kind} '{declared.name}'"))


class _Texts:
    def __init__(self, whole: Machine | World) -> None:
        self.whole = whole
        self.seen: set[int] = set()

    def within(self, thing: Any, at: Location, where: str) -> Iterator[Fault]:
        """Faults of the texts in a value; `where` is the innermost thing that has a name."""
        match thing:
            case str():
                yield from _faults(thing, "", at, where)
            case Mapping():
                for item in (*thing, *thing.values()):
                    yield from self.within(item, at, where)
            case list() | tuple() | set() | frozenset():
                for item in thing:
                    yield from self.within(item, at, where)
            case _ if is_dataclass(thing) and not isinstance(thing, Location | type):
                if isinstance(thing, Machine) and thing is not self.whole:
                    return
                yield from self._parts(thing, at, where)

    def _parts(self, thing: Any, at: Location, where: str) -> Iterator[Fault]:
        if id(thing) in self.seen:
            return
        self.seen.add(id(thing))
        at = getattr(thing, "at", None) or at
        name = getattr(thing, "name", None)
        if isinstance(name, str) and thing is not self.whole and name:
            where = f"{type(thing).__name__.lower()} '{name}'"
        for part in fields(thing):
            value = getattr(thing, part.name)
            if isinstance(value, str):
                yield from _faults(value, part.name, at, where)
            elif part.name != "at":
                yield from self.within(value, at, where)


def _faults(text: str, part: str, at: Location, where: str) -> Iterator[Fault]:
    kept = "\n\t" if part in _PROSE else ""
    found = dict.fromkeys(c for c in text if c not in kept and is_unwritable(c))
    if found:
        marks = ", ".join(map(escaped, found))
        what = f"its {part}" if part else "a text of it"
        problem = f"{what} contains {marks}, which not every output can hold"
        advice = "write it without"
        if set(found) <= {"\n", "\t"}:
            problem, advice = f"{what} contains {marks}, and names have one line", "write a blank"
        yield Fault(at, printable(where, ""), problem, advice, "unwritable-text")
