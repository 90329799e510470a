"""A trace as a test of the generated reducer: ready to paste, with nothing of the engine in it.

It imports what programs import, builds the records that the trace starts from, applies each
event, and says after each what has changed, or which error refused it. What the world itself
does to a record between events (a snapshot, say) stands there as a replacement of fields.
"""

from __future__ import annotations

import builtins
import enum
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from steptable.check import Trace
from steptable.errors import UsageError
from steptable.interpreter.evaluate import Refused, Values
from steptable.interpreter.simulate import Applied
from steptable.report.traces.lines import sentence
from steptable.support.renaming import file_slug, is_identifier, slug
from steptable.targets.python.source import INDENT, comment, docstring, quoted
from steptable.targets.structs import Structs, instant_of
from steptable.world import World

_WIDTH: Final = 100
_TAKEN: Final = frozenset(
    {"at", "datetime", "effect", "effects", "msgspec", "pytest", "refused", "step", "timedelta"}
    | set(dir(builtins))
)
"""Names of the test that no record may have, beside those of the reducer."""


def test_source(world: World, trace: Trace, structs: Structs, package: str) -> str:
    """The source of the test. Raises `UsageError` where no event reaches the reducer."""
    if not any(world.instance(a.instance).machine == structs.machine for a in _applied(trace)):
        raise UsageError(
            f"on trace {trace.key} of world '{world.name}' no event reaches the machine "
            f"{structs.machine.name}; there is nothing to test"
        )
    writer = _Writer(world, structs, package)
    body = list(writer.body(trace))
    return "\n".join([*writer.head(trace), *body, ""])


def _applied(trace: Trace) -> Iterator[Applied]:
    for step in trace.steps:
        yield from step.applied


@dataclass
class _Writer:
    world: World
    structs: Structs
    package: str
    names: set[str] = field(default_factory=lambda: {"step"})
    """What is imported from the package."""
    variables: dict[str, str] = field(init=False)
    """What the record of each instance is called."""
    replaces: bool = False
    refuses: bool = False

    def __post_init__(self) -> None:
        self.variables = _variables(self.world, _TAKEN | vars(self.structs.module).keys())

    def head(self, trace: Trace) -> Iterator[str]:
        world, name = f"the world '{self.world.name}'", f"{self.world.name} {trace.key}"
        yield docstring(f"Trace {trace.key} of {world}, through the reducer.", "")
        yield "from datetime import UTC, datetime, timedelta"
        yield ""
        if self.replaces:
            yield "import msgspec"
        if self.refuses:
            yield "import pytest"
        if self.replaces or self.refuses:
            yield ""
        yield f"from {self.package} import ("
        yield from (f"    {item}," for item in sorted(self.names, key=_import_order))
        yield ")"
        yield ""
        yield ""
        yield "def at(seconds: int) -> datetime:"
        yield '    """An instant on the world\'s clock."""'
        yield f"    return {_instant(instant_of(0))} + timedelta(seconds=seconds)"
        yield ""
        yield ""
        yield f"def test_{file_slug(name.replace('+', ' loop ')).replace('-', '_')}() -> None:"
        yield docstring(f"What {world} shows is what the reducer does.", INDENT).rstrip("\n")

    def body(self, trace: Trace) -> Iterator[str]:
        now: dict[str, Values] = {}
        for number, step in enumerate(trace.steps, start=1):
            lines: list[str] = []
            for applied in step.applied:
                if self._is_ours(applied.instance):
                    lines += self._event(applied, now.get(applied.instance))
                    now[applied.instance] = applied.after
            if lines:
                party = f", {step.action.party}" if step.action.party else ""
                yield ""
                yield comment(f"Step {number}{party}: {sentence(step)}.", INDENT)
                yield from lines

    def _is_ours(self, instance: str) -> bool:
        return self.world.instance(instance).machine == self.structs.machine

    def _event(self, applied: Applied, shown: Values | None) -> Iterator[str]:
        name = self.variables[applied.instance]
        if shown is None:
            record = self.structs.record(applied.before)
            yield from _laid_out(f"{name} = ", self._code(record), "")
        elif changed := self._changed(shown, applied.before):
            self.replaces = True
            changes = [(key, self._code(value)) for key, value in changed.items()]
            call = _Call("msgspec.structs.replace", [("", _Atom(name)), *changes])
            yield from _laid_out(f"{name} = ", call, "")
        event = self._code(self.structs.event(applied.event))
        policy = self._code(self.structs.policy(applied.policy))
        changes = [("", _Atom(name)), ("", event), ("", _Atom("at(0)")), ("", policy)]
        call = _Call("step", changes)
        match applied.outcome:
            case Refused(why, guard):
                yield from self._refused(call, why, None if guard is None else guard.name)
            case outcome:
                yield from _laid_out(f"{name}, effects = ", call, "")
                for key, value in self._changed(applied.before, outcome.record).items():
                    yield from _laid_out(f"assert {name}.{key} == ", self._code(value), "")
                kinds = [effect.name for effect in outcome.effects]
                self.names |= set(kinds)
                listed = _Listing("[", [_Atom(kind) for kind in kinds], "]")
                yield from _laid_out("assert [type(effect) for effect in effects] == ", listed, "")

    def _refused(self, call: _Call, why: str, guard: str | None) -> Iterator[str]:
        kinds = {"stale": "SeqRegression", "illegal": "IllegalForState"}
        kind = kinds.get(why, "InvariantViolation")
        self.names.add(kind)
        self.refuses = True
        told = " as refused" if guard is not None else ""
        yield f"    with pytest.raises({kind}){told}:"
        yield from _laid_out("    ", call, "")
        if guard is not None:
            yield f"    assert refused.value.guard == {quoted(guard)}"

    def _changed(self, before: Values, after: Values) -> dict[str, Any]:
        """The fields of a record that differ, as the values of its struct."""
        old, new = self.structs.record(before), self.structs.record(after)
        return {
            part.name: getattr(new, part.name)
            for part in self.structs.machine.record
            if getattr(old, part.name) != getattr(new, part.name)
        }

    def _code(self, value: Any) -> _Code:
        """The expression that makes a value; the names in it are imported."""
        match value:
            case msgspec.Struct():
                kind = type(value).__name__
                self.names.add(kind)
                given = [(key, self._code(item)) for key, item in _given(value)]
                return _Call(kind, given)
            case enum.Enum():
                self.names.add(type(value).__name__)
                return _Atom(f"{type(value).__name__}.{value.name}")
            case datetime():
                return _Atom(f"at({round((value - instant_of(0)).total_seconds())})")
            case timedelta():
                return _Atom(f"timedelta(seconds={round(value.total_seconds())})")
            case str() if type(value) is not str:
                self.names.add(type(value).__name__)
                return _Atom(f"{type(value).__name__}({quoted(value)})")
            case Mapping():
                return _Listing("{", [self._entry(k, v) for k, v in value.items()], "}")
            case tuple() | list() | frozenset():
                marks = "[]" if isinstance(value, list) else "()"
                return _Listing(marks[0], [self._code(item) for item in value], marks[1])
            case str():
                return _Atom(quoted(value))
        return _Atom(repr(value))

    def _entry(self, key: Any, value: Any) -> _Code:
        return _Pair(str(self._code(key)), self._code(value))


def _given(value: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """The fields of a struct that must be written down."""
    for part in msgspec.structs.fields(type(value)):
        item = getattr(value, part.name)
        default = part.default
        if default is msgspec.NODEFAULT and part.default_factory is not msgspec.NODEFAULT:
            default = part.default_factory()
        if default is msgspec.NODEFAULT or item != default:
            yield part.name, item


def _variables(world: World, used_names: Set[str]) -> dict[str, str]:
    """A variable for the record of each instance, with a name that nothing else has."""
    names: dict[str, str] = {}
    for instance in world.instances:
        name = slug(instance.name).replace("-", "_")
        name = f"record_{name}" if name[0].isdigit() else name
        while not is_identifier(name) or name in used_names or name in names.values():
            name += "_"
        names[instance.name] = name
    return names


def _import_order(name: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters have it."""
    return not name[0].isupper(), name


def _instant(value: datetime) -> str:
    return f"datetime({value.year}, {value.month}, {value.day}, tzinfo=UTC)"


# ── Layout ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Atom:
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class _Pair:
    key: str
    value: _Code

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


@dataclass(frozen=True)
class _Call:
    name: str
    arguments: list[tuple[str, _Code]]

    def __str__(self) -> str:
        items = (f"{key}={code}" if key else str(code) for key, code in self.arguments)
        return f"{self.name}({', '.join(items)})"


@dataclass(frozen=True)
class _Listing:
    opening: str
    items: list[_Code]
    closing: str

    def __str__(self) -> str:
        lone = "," if self.opening == "(" and len(self.items) == 1 else ""
        return f"{self.opening}{', '.join(map(str, self.items))}{lone}{self.closing}"


_Code = _Atom | _Pair | _Call | _Listing


def _laid_out(start: str, code: _Code, end: str, indent: str = "    ") -> Iterator[str]:
    """A statement on one line if it fits, else with a line for each part."""
    line = f"{indent}{start}{code}{end}"
    if len(line) <= _WIDTH or isinstance(code, _Atom):
        yield line
        return
    match code:
        case _Pair(key, value):
            yield from _laid_out(f"{start}{key}: ", value, end, indent)
        case _Call(name, given):
            yield f"{indent}{start}{name}("
            for key, item in given:
                yield from _laid_out(f"{key}=" if key else "", item, ",", f"{indent}    ")
            yield f"{indent}){end}"
        case _Listing(opening, items, closing):
            yield f"{indent}{start}{opening}"
            for item in items:
                yield from _laid_out("", item, ",", f"{indent}    ")
            yield f"{indent}{closing}{end}"
