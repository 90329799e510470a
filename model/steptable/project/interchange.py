"""Declarations as JSON and back: a machine and its worlds, whole, so that a version can be kept.

    {"steptable": 1, "machine": REF, "worlds": [WORLD, ...], "thorough": [WORLD, ...],
     "shared": {KIND: {NAME: VALUE, ...}, ...}}

A VALUE is one of the declaring classes (`steptable.machine`, `world`, `properties`, `sorts`,
`expr`), as an object: `is` names the class, the other keys are its fields; a field that is left
out has its default. Sequences are lists, and truths, integers, texts and nothing are
themselves. A mapping is `{"is": "entries", "entries": [[KEY, VALUE], ...]}`.

What a declaration mentions again and again stands once, in `shared`, and elsewhere as a REF:
`{"fact": "Converged"}`. The KINDs are side, state, symbol, enum, record, fact, effect, act and
machine. Two of one name that are not the same are told apart by `#2`, `#3`, … behind the name.

Equal declarations have equal texts. Where they were written is left out. Nothing of a text is
ever run: what reads it knows a closed set of classes, and the checks for declarations
judge what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from steptable import expr, machine, properties, sorts, world
from steptable.errors import Fault, Location, UsageError, suggestion
from steptable.machine import Machine
from steptable.wellformed import faults_of
from steptable.wellformed.depth import allow_depth
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World

VERSION: Final = 1

_SHARED: Final[dict[type[Any], str]] = {
    machine.Side: "side",
    machine.State: "state",
    sorts.Symbol: "symbol",
    sorts.Enum: "enum",
    sorts.Record: "record",
    machine.Fact: "fact",
    machine.Effect: "effect",
    machine.BySide: "act",
    machine.Machine: "machine",
}

_CLASSES: Final[dict[str, type[Any]]] = {
    name: value
    for module in (expr, machine, properties, sorts, world)
    for name, value in vars(module).items()
    if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    # Events are made of facts; a plain node means nothing.
    if value not in (machine.Event, expr.Node)
}

_TOO_DEEP: Final = "is nested deeper than anything that `steptable export json` makes"

_PLAIN: Final = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class Declarations:
    """What a project declares."""

    machine: Machine | None
    """None of a project that has worlds alone."""
    worlds: tuple[World, ...] = ()
    thorough: tuple[World, ...] = ()


# ── Writing ──────────────────────────────────────────────────────────────────────────


def to_json(declared: Declarations) -> str:
    """The text of some declarations, the same for equal ones."""
    writer = _Writer()
    whole = {
        "steptable": VERSION,
        "machine": writer.value(declared.machine),
        "worlds": writer.value(declared.worlds),
        "thorough": writer.value(declared.thorough),
        "shared": writer.texts,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)


class _Writer:
    def __init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {kind: {} for kind in _SHARED.values()}
        self._known: dict[tuple[str, str], list[tuple[str, Any]]] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, dict):
            entries = [[self.value(key), self.value(item)] for key, item in value.items()]
            return {"is": "entries", "entries": entries}
        if isinstance(value, tuple | list):
            return [self.value(item) for item in value]
        kind = _SHARED.get(type(value))
        return self._object(value) if kind is None else {kind: self._name(kind, value)}

    def _name(self, kind: str, value: Any) -> str:
        """The name under which a shared value stands."""
        known = self._known.setdefault((kind, value.name), [])
        for name, other in known:
            if other == value:
                return name
        name = value.name if not known else f"{value.name}#{len(known) + 1}"
        known.append((name, value))
        self.texts[kind][name] = None  # keeps its place before what it mentions
        self.texts[kind][name] = self._object(value)
        return name

    def _object(self, value: Any) -> dict[str, Any]:
        if type(value) not in _CLASSES.values():
            raise TypeError(f"{type(value).__name__} is no part of a declaration")
        parts = {
            part.name: self.value(getattr(value, part.name))
            for part in fields(value)
            if part.name != "at" and not _is_default(getattr(value, part.name), part.default)
        }
        return {"is": type(value).__name__, **parts}


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


# ── Reading ──────────────────────────────────────────────────────────────────────────


def from_json(text: str | bytes, name: str) -> Declarations:
    """The declarations of a text; `name` is what errors call it.

    Raises `UsageError` where it is no export, or what it declares is not well-formed.
    """
    allow_depth()
    declared = parsed(text, name)
    try:
        faults = list(_faults(declared))
    except RecursionError as error:
        raise UsageError(f"{name} {_TOO_DEEP}") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The checks know all that can be declared; constants in a damaged file can be anything.
        said = f"{type(error).__name__}: {error}"
        raise UsageError(f"{name} declares what no declaration can, {said}") from error
    if faults:
        first, more = faults[0], len(faults) - 1
        said = f"{first.where}: {first.problem}; {first.advice} [{first.slug}]"
        rest = f" (and {more} more)" if more else ""
        raise UsageError(f"{name} is not well-formed: {said}{rest}")
    return declared


def parsed(text: str | bytes, name: str) -> Declarations:
    """The same, without judging whether what comes out is well-formed."""
    try:
        whole = json.loads(text)
    except RecursionError as error:
        raise UsageError(f"{name} {_TOO_DEEP}") from error
    except ValueError as error:
        raise UsageError(f"{name} is no JSON: {error}") from error
    if not isinstance(whole, dict) or "steptable" not in whole:
        raise UsageError(f"{name} is no export of declarations; `steptable export json` makes one")
    if whole["steptable"] != VERSION:
        raise UsageError(
            f"{name} is an export of format {whole['steptable']!r}, and this steptable reads "
            f"{VERSION}; export it anew"
        )
    try:
        return _Reader(whole, name).declarations()
    except RecursionError as error:
        raise UsageError(f"{name} {_TOO_DEEP}") from error


def _faults(declared: Declarations) -> Iterator[Fault]:
    """The faults of the machine; if there are none, those of worlds and of other machines there."""
    own = () if declared.machine is None else faults_of(declared.machine)
    yield from own
    for item in () if own else (*declared.worlds, *declared.thorough):
        others = [i.machine for i in item.instances if i.machine != declared.machine]
        faults = [fault for machine in others for fault in faults_of(machine)]
        yield from faults or faults_of_world(item)


class _Reader:
    def __init__(self, whole: dict[str, Any], name: str) -> None:
        self.whole, self.name = whole, name
        self.path = ["$"]
        self._read: dict[tuple[str, str], Any] = {}

    def declarations(self) -> Declarations:
        read = self.value(self.whole.get("machine"), ".machine")
        if not isinstance(read, Machine) and (read is not None or not self.whole.get("worlds")):
            raise self._fault("no machine stands here")
        every = []
        for key in ("worlds", "thorough"):
            worlds = self.value(self.whole.get(key, []), f".{key}")
            if not isinstance(worlds, tuple) or not all(isinstance(w, World) for w in worlds):
                raise self._fault(f"'{key}' is no list of worlds")
            every.append(worlds)
        return Declarations(read, *every)

    def value(self, data: Any, step: str) -> Any:
        with self._at(step):
            if isinstance(data, _PLAIN):
                return data
            if isinstance(data, list):
                return tuple(self._items(data))
            if "is" in data:
                return self._object(data)
            if len(data) == 1:
                ((kind, name),) = data.items()
                return self._shared(kind, name)
            raise self._fault("it has no 'is', and is no reference to something shared")

    def _items(self, data: Iterable[Any]) -> Iterator[Any]:
        for number, item in enumerate(data):
            yield self.value(item, f"[{number}]")

    def _shared(self, kind: Any, name: Any) -> Any:
        bodies = self._mapping(self.whole.get("shared"), "shared")
        if kind not in bodies:
            raise self._fault(f"there is no kind '{kind}'; {suggestion(str(kind), bodies)}")
        known = self._mapping(bodies[kind], kind)
        if not isinstance(name, str) or name not in known:
            near = suggestion(str(name), known)
            raise self._fault(f"there is no {kind} '{name}' among what is shared; {near}")
        key = kind, name
        if key not in self._read:
            self._read[key] = None
            value = self.value(known[name], f" → shared.{kind}.{name}")
            if _SHARED.get(type(value)) != kind:
                raise self._fault(f"what is shared as {kind} '{name}' is none")
            self._read[key] = value
        if self._read[key] is None:
            raise self._fault(f"{kind} '{name}' is part of itself")
        return self._read[key]

    def _mapping(self, data: Any, name: str) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise self._fault(f"'{name}' is no object")
        return data

    def _object(self, data: dict[str, Any]) -> Any:
        if data["is"] == "entries":
            pairs = self.value(data.get("entries"), ".entries")
            try:
                return dict(pairs)
            except (TypeError, ValueError) as error:
                raise self._fault("'entries' is no list of pairs") from error
        kind = _CLASSES.get(data["is"]) if isinstance(data["is"], str) else None
        if kind is None:
            near = suggestion(str(data["is"]), _CLASSES)
            raise self._fault(f"no part of a declaration is called {data['is']!r}; {near}")
        parts = {part.name: part for part in fields(kind)}
        for name in data.keys() - {"is"} - (parts.keys() - {"at"}):
            raise self._fault(f"{data['is']} has no '{name}'; {suggestion(name, parts)}")
        given = {key: self.value(item, f".{key}") for key, item in data.items() if key != "is"}
        for name, part in parts.items():
            if name == "at" and part.default is MISSING:
                given["at"] = Location("", 0)  # nobody wrote it anywhere
            elif name not in given and part.default is MISSING:
                raise self._fault(f"{data['is']} lacks '{name}'")
        for name, value in given.items():
            if (allowed := _allowed(kind, name)) and value not in allowed:
                texts = ", ".join(map(repr, allowed))
                raise self._fault(f"{data['is']}.{name} is {value!r}; write one of {texts}")
        return kind(**given)

    @contextmanager
    def _at(self, step: str) -> Iterator[None]:
        self.path.append(step)
        yield  # an error ends the reading, so that the path stays where it arose
        self.path.pop()

    def _fault(self, problem: str) -> UsageError:
        return UsageError(f"{self.name} can't be read, at {''.join(self.path)}: {problem}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _allowed(kind: Any, name: str) -> tuple[Any, ...]:
    """The few values that a field may have, if it is such a field."""
    hint = _hints(kind)[name]
    return get_args(hint) if get_origin(hint) is Literal else ()
