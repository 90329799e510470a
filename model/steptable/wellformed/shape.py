"""Whether each part of a declaration is what its place asks for: a State, a Fact, a tuple of rows.

The annotations of the declaring classes are the rule; this compares values with them.
Everything else may then rely on them, which is why other checks wait for this one.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from steptable import expr
from steptable.errors import Fault, Location
from steptable.kinds import advice_for, expected, is_a, shown
from steptable.machine import Machine, Refusal, State
from steptable.sorts import Field
from steptable.wellformed.depth import check_depth
from steptable.world import World


def check_shape(declared: Machine | World) -> list[Fault]:
    """Faults of parts that are something else than they should be.

    The machines in a world are judged by themselves.
    """
    kind = type(declared).__name__.lower()
    if deep := list(check_depth(declared, _named(declared) or kind)):
        return deep
    return list(_Shape(declared).parts(declared, declared.at, kind))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


class _Shape:
    def __init__(self, whole: Machine | World) -> None:
        self.whole = whole
        self.seen: set[int] = set()

    def parts(self, thing: Any, at: Location, where: str) -> Iterator[Fault]:
        """Faults of what a declared thing consists of, each thing once."""
        if id(thing) in self.seen or (isinstance(thing, Machine) and thing is not self.whole):
            return
        self.seen.add(id(thing))
        at = getattr(thing, "at", None) or at
        named = _named(thing)
        if named:
            where = f"{where}, {named}" if isinstance(thing, Field) else named
        kind: Any = type(thing)
        for part in fields(thing):
            if part.name not in ("at", "default"):
                hint, of = _hints(kind)[part.name], "" if named else f" of {kind.__name__}"
                value, name = getattr(thing, part.name), f"'{part.name}'{of}"
                yield from self.part(value, hint, at, where, name)

    def part(self, value: Any, hint: Any, at: Location, where: str, name: str) -> Iterator[Fault]:
        kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
        if not any(is_a(value, kind) for kind in kinds):
            problem = f"{name} is {shown(value)}, not {expected(hint)}"
            yield Fault(at, where, problem, advice_for(value, hint), "wrong-kind")
        elif isinstance(value, tuple) and hint is not Any:
            kind = next(kind for kind in kinds if get_origin(kind) is tuple)
            kinds = get_args(kind)
            if kinds[-1] is Ellipsis:
                kinds = kinds[:1] * len(value)
            name = f"an item of {name.removeprefix('an item of ')}"
            for item, of in zip(value, kinds, strict=True):
                yield from self.part(item, of, at, where, name)
        elif is_dataclass(value) and not isinstance(value, type):
            yield from self.parts(value, at, where)


def _named(thing: Any) -> str:
    """What to call a declared thing, empty for what has no name of its own, or none that is one."""
    kind = type(thing).__name__.lower()
    name = "" if isinstance(thing, expr.Node) else getattr(thing, "name", "")
    if isinstance(thing, Refusal):
        kind, name = (
            "refusal of",
            thing.state.name if isinstance(thing.state, State) else thing.state,
        )
    return f"{kind} '{name}'" if isinstance(name, str) and name else ""
