"""Explores a system breadth-first in pure Python: packed integers and a generated successor loop.

Each state is one integer, its variables side by side in as few bits as their domains
need. The successor loop is Python source, generated for the system and compiled once:
a block for each machine state, in it a loop over the choices of each case.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.explore.shapes import Variable, working_value
from steptable.explore.symbolic import Scalar
from steptable.explore.system import Case, System, names_in

Packed: TypeAlias = int
Found: TypeAlias = tuple[Packed, int, tuple[Any, ...]]
"""A step that breaks a property: the state before, the case, and the values of its parameters."""

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told now and then: states found, depth, states of this depth still to expand."""

_SLICE: Final = 2048
"""States expanded between two looks at limits and progress."""

_ROOT: Final = -1
"""The parent of an initial state."""


@dataclass(frozen=True)
class Layout:
    """Where each variable lies in a packed state."""

    variables: tuple[Variable, ...]
    shifts: tuple[int, ...]

    @classmethod
    def of(cls, variables: tuple[Variable, ...]) -> Layout:
        shifts, at = [], 0
        for variable in variables:
            shifts.append(at)
            at += width(variable)
        return cls(variables, tuple(shifts))

    def pack(self, values: tuple[Any, ...]) -> Packed:
        pairs = zip(self.variables, self.shifts, values, strict=True)
        return sum(variable.domain.index(value) << shift for variable, shift, value in pairs)

    def unpack(self, state: Packed) -> dict[str, Any]:
        return {
            variable.name: variable.domain[state >> shift & (1 << width(variable)) - 1]
            for variable, shift in zip(self.variables, self.shifts, strict=True)
        }


def width(variable: Variable) -> int:
    """The bits that a variable needs."""
    return max(1, (len(variable.domain) - 1).bit_length())


@dataclass
class Search:
    """How far a breadth-first search has come, and what it has found."""

    system: System
    layout: Layout
    parents: dict[Packed, Packed] = field(default_factory=dict)
    """Every state found, with the one that it was first reached from."""
    levels: list[int] = field(default_factory=list)
    """How many states were first found at each depth."""
    hits: list[int] = field(default_factory=list)
    """How often each case was taken, in the order of `cases`."""
    steps: dict[int, Found] = field(default_factory=dict)
    """The first step that breaks each property over steps."""
    states: dict[int, Packed] = field(default_factory=dict)
    """The first state that refutes (or witnesses) each property over states."""
    met: set[int] = field(default_factory=set)
    """The properties whose premise was met, so that they do not hold for want of a case."""
    stopped: str = ""
    """Why the search ended early; empty when it is complete."""

    @cached_property
    def cases(self) -> list[Case]:
        return [case for group in self.system.cases.values() for case in group]

    def path(self, state: Packed) -> list[Packed]:
        """A shortest path from an initial state."""
        path = [state]
        while (parent := self.parents[path[-1]]) != _ROOT:
            path.append(parent)
        return path[::-1]

    def explain(self, state: Packed) -> Iterator[tuple[Packed, Case, tuple[Any, ...]]]:
        """Every accepted or checked step out of a state: where to, by which case and choices."""
        for after, index, choices in self._explain(state):
            yield after, self.cases[index], choices

    @cached_property
    def _explain(self) -> Callable[[Packed], Iterator[tuple[Packed, int, tuple[Any, ...]]]]:
        return _compile(self.system, self.layout, _EXPLAIN)


def search(
    system: System, *, max_states: int | None = None, progress: Progress | None = None
) -> Search:
    """Explore every reachable state, shortest paths first.

    Stops early, and says so in `stopped`, at `max_states` or on Ctrl-C.
    """
    layout = Layout.of(system.variables)
    found = Search(system, layout)
    found.hits = [0] * len(found.cases)
    expand = _compile(system, layout, _SEARCH)
    judge = _compile_judge(system, layout)
    frontier = list(dict.fromkeys(layout.pack(values) for _, values in system.initial))
    found.parents = dict.fromkeys(frontier, _ROOT)
    judge(frontier, found.states, found.met)
    collecting = gc.isenabled()
    gc.disable()  # millions of small objects that never form cycles
    try:
        while frontier and not found.stopped:
            found.levels.append(len(frontier))
            frontier = _level(
                found, frontier, expand, judge, max_states=max_states, progress=progress
            )
    except KeyboardInterrupt:
        found.stopped = "interrupted"
    finally:
        if collecting:
            gc.enable()
    return found


def _level(
    found: Search,
    frontier: list[Packed],
    expand: Callable[..., None],
    judge: Callable[..., None],
    *,
    max_states: int | None,
    progress: Progress | None,
) -> list[Packed]:
    """Expand one level in slices; the next one."""
    fresh: list[Packed] = []
    for start in range(0, len(frontier), _SLICE):
        new: list[Packed] = []
        batch = frontier[start : start + _SLICE]
        expand(batch, found.parents, new, found.hits, found.steps, found.met)
        judge(new, found.states, found.met)
        fresh += new
        if progress is not None:
            progress(len(found.parents), len(found.levels) - 1, len(frontier) - start)
        if max_states is not None and len(found.parents) >= max_states:
            found.stopped = f"stopped at {len(found.parents):,} states, as --max-states asks"
            break
    return fresh


# ── Generated code ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Shape:
    """One of the two functions made of the same cases: one searches, one explains."""

    head: str
    taken: str
    moved: str
    met: str
    broken: str


_SEARCH: Final = _Shape(
    head="def run(frontier, parents, fresh, hits, broken, met):\n  for s in frontier:\n",
    taken="hits[{case}] += 1",
    moved="if n not in parents: parents[n] = s; fresh.append(n)",
    met="if {index} not in met and {holds}: met.add({index})",
    broken="if {index} not in broken: broken[{index}] = (s, {case}, ({choices}))",
)

_EXPLAIN: Final = _Shape(
    head="def run(s):\n  if True:\n",
    taken="",
    moved="yield n, {case}, ({choices})",
    met="",
    broken="",
)


def _compile(system: System, layout: Layout, shape: _Shape) -> Callable[..., Any]:
    return _function(_Writer(system, layout).expansion(shape), "run")


def _compile_judge(system: System, layout: Layout) -> Callable[..., None]:
    return _function(_Writer(system, layout).judgement(), "judge")


def _function(source: str, name: str) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(compile(source, f"<generated {name}>", "exec"), scope)
    made: Callable[..., Any] = scope[name]
    return made


class _Writer:
    """Writes the cases of a system as Python over packed states."""

    def __init__(self, system: System, layout: Layout) -> None:
        self.system = system
        self.layout = layout
        known = {variable.name: variable for variable in system.variables}
        self.variables = known | system.parameters
        self.local = {name: f"v{i}" for i, name in enumerate(self.variables)}

    def expansion(self, shape: _Shape) -> str:
        lines = [shape.head, f"    c = s & {(1 << width(self.layout.variables[0])) - 1}\n"]
        number = 0
        for state, cases in self.system.cases.items():
            code = self.layout.variables[0].domain.index(state)
            lines.append(f"    {'if' if not code else 'elif'} c == {code}:\n      pass\n")
            lines += self._unpacked(cases, "      ")
            for case in cases:
                lines += self._case(case, number, shape)
                number += 1
        return "".join(lines)

    def _unpacked(self, cases: list[Case], indent: str) -> Iterator[str]:
        read = {
            name
            for case in cases
            for node in (
                case.condition,
                *case.checks.values(),
                *case.premises.values(),
                *case.updates.values(),
            )
            for name in names_in(node)
        }
        yield from self._reads(read, indent)

    def _reads(self, names: set[str], indent: str) -> Iterator[str]:
        for variable, shift in zip(self.layout.variables, self.layout.shifts, strict=True):
            if variable.name in names:
                code = f"s >> {shift} & {(1 << width(variable)) - 1}"
                yield f"{indent}{self.local[variable.name]} = {_decoded(variable, code)}\n"

    def _case(self, case: Case, number: int, shape: _Shape) -> Iterator[str]:
        if case.row is None and not case.checks and not case.premises:
            return  # refused, and nothing left to judge: the state stays as it is
        indent = "      "
        for parameter in case.parameters:
            values = tuple(working_value(parameter, value) for value in parameter.domain)
            yield f"{indent}for {self.local[parameter.name]} in {values!r}:\n"
            indent += " "
        yield f"{indent}if {self.text(case.condition)}:\n"
        indent += " "
        names = [self.local[parameter.name] for parameter in case.parameters]
        parts = {
            "case": number,
            "choices": ", ".join(names) + ("," if len(names) == 1 else ""),
        }
        yield f"{indent}{shape.taken.format(**parts) or 'pass'}\n"
        if case.row is not None:
            yield f"{indent}n = {self._successor(case)}\n"
            yield f"{indent}{shape.moved.format(**parts)}\n"
        for index, holds in case.premises.items():
            if shape.met:
                yield f"{indent}{shape.met.format(index=index, holds=self.text(holds))}\n"
        for index, holds in case.checks.items():
            if shape.broken:
                broken = shape.broken.format(index=index, **parts)
                yield f"{indent}if not {self.text(holds)}:\n{indent} {broken}\n"

    def _successor(self, case: Case) -> str:
        keep = (1 << self.layout.shifts[-1] + width(self.layout.variables[-1])) - 1
        terms, constant = [], 0
        for variable, shift in zip(self.layout.variables, self.layout.shifts, strict=True):
            node = case.updates.get(variable.name)
            if node is None:
                continue
            keep &= ~((1 << width(variable)) - 1 << shift)
            if isinstance(node, expr.Const):
                constant |= variable.domain.index(node.value) << shift
            else:
                terms.append(f"({_encoded(variable, self.text(node, variable))}) << {shift}")
        return " | ".join([f"s & {keep}", *terms, *([str(constant)] if constant else [])])

    def judgement(self) -> str:
        """A function that notes the first state that decides each property over states."""
        lines = ["def judge(states, decided, met):\n  for s in states:\n    pass\n"]
        nodes = (*self.system.judged.values(), *self.system.met.values())
        read = {name for node in nodes for name in names_in(node)}
        lines += self._reads(read, "    ")
        for index, node in self.system.judged.items():
            kind = self.system.world.properties[index].kind
            found = f"not {self.text(node)}" if kind == "always" else self.text(node)
            lines.append(f"    if {index} not in decided and {found}: decided[{index}] = s\n")
            premise = self.text(self.system.met[index])
            lines.append(f"    if {index} not in met and {premise}: met.add({index})\n")
        return "".join(lines)

    def text(self, node: Scalar, place: Variable | None = None) -> str:
        """A scalar as Python, over the working values of variables."""
        match node:
            case expr.Const(value=value):
                return repr(value if place is None else working_value(place, value))
            case expr.Bound(name):
                return self.local[name]
            case expr.Not(item):
                return f"(not {self.text(item)})"
            case expr.And(items):
                return f"({' and '.join(self.text(item) for item in items)})"
            case expr.Or(items):
                return f"({' or '.join(self.text(item) for item in items)})"
            case expr.Iff(left, right):
                return f"(bool({self.text(left)}) == bool({self.text(right)}))"
            case expr.Compare(op, left, right):
                sides = self._variable(left) or self._variable(right)
                return f"({self.text(left, sides)} {op} {self.text(right, sides)})"
            case expr.Arithmetic(op, left, right):
                return f"({self.text(left)} {op} {self.text(right)})"
            case expr.If(test, then, otherwise):
                a, b = self.text(then, place), self.text(otherwise, place)
                return f"({a} if {self.text(test)} else {b})"
        raise TypeError(f"{type(node).__name__} is no scalar")

    def _variable(self, node: Scalar) -> Variable | None:
        """A variable whose domain gives the codes of a node."""
        match node:
            case expr.Bound(name):
                return self.variables[name]
            case expr.If(_, then, otherwise):
                return self._variable(then) or self._variable(otherwise)
        return None


def _decoded(variable: Variable, code: str) -> str:
    if not variable.is_numeric or variable.domain == tuple(range(len(variable.domain))):
        return code
    return f"{variable.domain!r}[{code}]"


def _encoded(variable: Variable, text: str) -> str:
    if not variable.is_numeric or variable.domain == tuple(range(len(variable.domain))):
        return text
    codes: Mapping[Any, int] = {value: code for code, value in enumerate(variable.domain)}
    return f"{codes!r}[{text}]"
