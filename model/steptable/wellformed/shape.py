"""Whether each part of a declaration is what its place asks for: a State, a Fact, a tuple of rows.

The annotations of the declaring classes are the rule; this compares values with them.
Everything else may then rely on them, which is why other checks wait for this one.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from steptable import expr
from steptable.errors import Fault, Location
from steptable.machine import Effect, Emission, Machine, Refusal
from steptable.sorts import Field, Sort
from steptable.terms import Enumeration, Structure, Term
from steptable.wellformed.depth import check_depth
from steptable.world import World


def check_shape(declared: Machine | World) -> list[Fault]:
    """Faults of parts that are something else than they should be.

    The machines in a world are judged by themselves.
    """
    kind = type(declared).__name__.lower()
    if deep := list(check_depth(declared, f"{kind} '{declared.name}'")):
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
        if not any(_is_a(value, kind) for kind in kinds):
            problem = f"{name} is {_shown(value)}, not {_expected(hint)}"
            yield Fault(at, where, problem, _advice(value, hint), "wrong-kind")
        elif isinstance(value, tuple) and hint is not Any:
            kind = next(kind for kind in kinds if get_origin(kind) is tuple)
            kinds = get_args(kind)
            if kinds[-1] is Ellipsis:
                kinds = kinds[:1] * len(value)
            name = f"an item of {name.removeprefix('an item of ')}"
            for item, of in zip(value, kinds, strict=True):
                yield from self.part(item, of, at, where, name)
        elif is_dataclass(value):
            yield from self.parts(value, at, where)


def _named(thing: Any) -> str:
    """What to call a declared thing, empty for what has no name of its own."""
    if isinstance(thing, Refusal):
        return f"refusal of '{getattr(thing.state, 'name', thing.state)}'"
    name = "" if isinstance(thing, expr.Node) else getattr(thing, "name", "")
    return f"{type(thing).__name__.lower()} '{name}'" if name else ""


def _is_a(value: Any, kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is tuple:
        kinds = get_args(kind)
        return isinstance(value, tuple) and (kinds[-1] is Ellipsis or len(kinds) == len(value))
    if kind is Any or origin is Literal:
        return True
    if isinstance(kind, TypeVar):  # an operand
        kind = expr.Node
    return isinstance(value, origin or kind) and not (kind is int and isinstance(value, bool))


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool() | int() | float():
            return repr(value)
        case str():
            return f"the text {value!r}"
        case Enumeration() | Structure():
            return f"the {type(value).__name__} {value.sort.name}"
        case type():
            return f"the class {value.__name__}"
    name = None if isinstance(value, Term) else getattr(value, "name", None)
    named = f" '{name}'" if name and isinstance(name, str) else ""
    kind = type(value).__name__
    return f"{_article(kind)} {kind}{named}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "AEIOUaeiou" else "a"


def _expected(hint: Any) -> str:
    if _is_sort(hint):
        return "a sort"
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_expected(kind) for kind in get_args(hint))
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        return "a tuple" if kinds[-1] is Ellipsis else f"a pair ({_names(kinds)})"
    special = {
        str: "text",
        type(None): "nothing",
        bool: "True or False",
        int: "an integer",
        expr.Node: "a term",
        expr.Operand_co: "a term",
    }
    name = getattr(hint, "__name__", str(hint))
    return special.get(hint, f"{_article(name)} {name}")


def _names(kinds: tuple[Any, ...]) -> str:
    return ", ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)


def _is_sort(hint: Any) -> bool:
    return set(get_args(Sort)) <= set(get_args(hint))


def _advice(value: Any, hint: Any) -> str:
    if isinstance(value, Enumeration | Structure) and (_is_sort(hint) or hint is type(value.sort)):
        return f"write {value.sort.name}.sort"
    if isinstance(value, Term) and {expr.Node, expr.Operand_co} & {hint, *get_args(hint)}:
        return "write its .node"
    if isinstance(value, Field) and _is_sort(hint):
        return "write the sort alone, without field(...)"
    if isinstance(value, Effect) and Emission in get_args(hint):
        return "call it with its fields, which makes an Emission of it"
    if get_origin(hint) is tuple and not isinstance(value, list):
        return "write (x,) for a tuple of one, and () for an empty one"
    return f"write {_expected(hint)}"
