"""Whether the values of a symbol can change places without anybody noticing, shown exactly.

Nothing is taken on trust from a declaration: a world is symmetric if each exchange of two
neighbouring values maps the system onto itself. Map keys and the elements of bags change places
with them, so that an exchange renames variables, and maps the values of those that hold the
symbol. What must then come out the same is every case of every action, for every choice of a
value; every promise; where nothing need happen; and the set of starts. Equality is that of
expressions whose conjunctions, disjunctions and comparisons have no order. It may fail to see
that two expressions mean the same, and then nothing is reduced: that is safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any, TypeAlias

from steptable import expr
from steptable.explore.cases import Case, System
from steptable.explore.scalar import (
    Scalar,
    arithmetic,
    both,
    compare,
    constant,
    either,
    negation,
    same_truth,
    scalar_choice,
)
from steptable.explore.shapes import Shaper, Variable
from steptable.sorts import Symbol
from steptable.world import Bounds, World

_Turn: TypeAlias = Callable[[Scalar, Variable | None], Scalar]


class Asymmetric(Exception):
    """The values of a symbol are not interchangeable, or nothing shows that they are."""


@dataclass(frozen=True)
class Relabelling:
    """New values for those of some symbols, and what becomes of variables by that."""

    values: Mapping[Symbol, Mapping[Any, Any]]
    names: Mapping[str, str]
    """The variable that each one turns into."""

    @classmethod
    def of(cls, world: World, orders: Mapping[Symbol, tuple[str, ...]]) -> Relabelling:
        """Puts the values of symbols into some order: the first of it in place of the first."""
        bounds = world.bounds
        symbols = tuple((symbol, orders.get(symbol, of)) for symbol, of in bounds.symbols)
        before = _names(world, bounds)
        after = _names(world, replace(bounds, symbols=symbols))
        values = {
            symbol: dict(zip(bounds.of(symbol), order, strict=True))
            for symbol, order in orders.items()
        }
        return cls(values, dict(zip(before, after, strict=True)))

    def of_value(self, place: Variable | None, value: Any) -> Any:
        """What a value becomes where a variable holds it; `place` is one with its domain."""
        if place is None or not isinstance(place.sort, Symbol):
            return value
        return self.values.get(place.sort, {}).get(value, value)


def _names(world: World, bounds: Bounds) -> list[str]:
    """The variables of the whole state, in an order that does not depend on their names."""
    shaper = Shaper(bounds)
    for instance in world.instances:
        for part in instance.machine.record:
            shaper.shape(f"{instance.name}.{part.name}", part.sort, lambda whole: whole)
    for variable in world.variables:
        shaper.shape(variable.name, variable.sort, lambda whole: whole)
    return list(shaper.variables)


def exchanges(world: World, symbol: Symbol) -> list[Relabelling]:
    """Each exchange of two neighbours: together they make up every order."""
    values = world.bounds.of(symbol)
    made = []
    for left, right in pairwise(values):
        swapped = {left: right, right: left}
        made.append(Relabelling.of(world, {symbol: tuple(swapped.get(v, v) for v in values)}))
    return made


def demand_symmetry(system: System, symbol: Symbol) -> None:
    """Raise `Asymmetric`, with the reason, unless the values of a symbol are interchangeable."""
    known = {v.name: v for v in system.variables} | system.parameters
    actions = {action.name: list[_Chosen]() for action in system.world.actions}
    for case in system.cases:
        actions[case.action.name] += _chosen(case, symbol)
    for relabelling in exchanges(system.world, symbol):
        _Check(system, symbol, relabelling, known, actions).demand()


@dataclass(frozen=True)
class _Chosen:
    """A case with known choices of a symbol: its scalars are about the state, and other choices."""

    case: Case
    always: tuple[Scalar, ...]
    updates: Mapping[str, Scalar]
    said: Mapping[int, tuple[Scalar | None, Scalar | None]]
    """What promises over steps and events demand, and their premises, by index."""


def _chosen(case: Case, symbol: Symbol) -> Iterator[_Chosen]:
    own = [item for item in case.parameters if item.sort == symbol]
    for values in product(*(item.domain for item in own)):
        given = dict(zip((item.name for item in own), values, strict=True))
        updates = {name: _given(node, given) for name, node in case.updates.items()}
        parts = (case.checks, case.premises)
        said = {
            index: tuple(_given(nodes[index], given) if index in nodes else None for nodes in parts)
            for index in (*case.checks, *case.premises)
        }
        yield _Chosen(
            case,
            tuple(_given(node, given) for node in (case.condition, case.limits, case.kept)),
            {name: node for name, node in updates.items() if node != expr.Bound(name)},
            {index: (holds, premise) for index, (holds, premise) in said.items()},
        )


@dataclass(frozen=True)
class _Check:
    system: System
    symbol: Symbol
    relabelling: Relabelling
    known: Mapping[str, Variable]
    actions: Mapping[str, list[_Chosen]]

    def demand(self) -> None:
        """Raise unless the relabelling maps the system onto itself."""
        world = self.system.world
        for index, item in enumerate(world.properties):
            if item.scope == "run":
                raise Asymmetric(f"promise '{item.name}' is about runs")
            nodes = (self.system.judged.get(index), self.system.met.get(index))
            if any(node is not None and not self._is_same(node) for node in nodes):
                self._fail(f"promise '{item.name}'")
        if not self._is_same(self.system.terminal):
            self._fail("what it calls terminal")
        self._demand_variables()
        self._demand_starts()
        for name, chosen in self.actions.items():
            if not self._maps(chosen, lambda _: True):
                if not self._maps(chosen, lambda _: False):
                    self._fail(f"action '{name}'")
                self._fail_promise(chosen)

    def _fail_promise(self, chosen: list[_Chosen]) -> None:
        for index in sorted({index for item in chosen for index in item.said}, reverse=True):
            if not self._maps(chosen, index.__eq__):
                promises = self.system.world.properties
                self._fail(f"promise '{promises[index].name}'" if index >= 0 else "what is emitted")
        self._fail(f"what is promised of action '{chosen[0].case.action.name}'")

    def _fail(self, what: str) -> None:
        raise Asymmetric(f"nothing shows that {what} treats every {self.symbol} alike")

    def _is_same(self, node: Scalar) -> bool:
        return _key(self._moved(node)) == _key(node)

    def _demand_variables(self) -> None:
        domains = {variable.name: variable.domain for variable in self.system.variables}
        for name, domain in domains.items():
            if domains.get(self.relabelling.names[name]) != domain:
                self._fail(f"what depends on '{name}'")

    def _demand_starts(self) -> None:
        """The starts are the same set."""
        at = {variable.name: place for place, variable in enumerate(self.system.variables)}
        starts = {values for _, values in self.system.initial}
        moved = set()
        for values in starts:
            after = list(values)
            for variable, value in zip(self.system.variables, values, strict=True):
                place = at[self.relabelling.names[variable.name]]
                after[place] = self.relabelling.of_value(variable, value)
            moved.add(tuple(after))
        if moved != starts:
            self._fail("the set of its starts")

    # ── Cases ────────────────────────────────────────────────────────────────────────

    def _maps(self, chosen: list[_Chosen], counts: Callable[[int], bool]) -> bool:
        """Whether the relabelling maps cases onto themselves, with what some promises say."""
        moved = Counter(self._signature(item, counts, self._moved) for item in chosen)
        return moved == Counter(self._signature(item, counts, None) for item in chosen)

    def _signature(
        self, item: _Chosen, counts: Callable[[int], bool], turned: _Turn | None
    ) -> Hashable:
        def said(node: Scalar | None, place: Variable | None = None) -> Hashable:
            return None if node is None else _key(turned(node, place) if turned else node)

        names = self.relabelling.names if turned else {}
        return (
            tuple((t.instance, t.event.name, t.row and t.row.name) for t in item.case.taken),
            item.case.weight,
            *(said(node) for node in item.always),
            frozenset(
                (names.get(name, name), said(node, self.known[name]))
                for name, node in item.updates.items()
            ),
            frozenset(
                (index, said(holds), said(premise))
                for index, (holds, premise) in item.said.items()
                if counts(index)
            ),
        )

    def _moved(self, node: Scalar, place: Variable | None = None) -> Scalar:
        """A scalar after the relabelling; `place` is a variable that has its domain."""
        match node:
            case expr.Const(value=value):
                return constant(self.relabelling.of_value(place, value))
            case expr.Bound(name):
                return expr.Bound(self.relabelling.names.get(name, name))
            case expr.Not(item):
                return expr.Not(self._moved(item))
            case expr.And(items) | expr.Or(items):
                return type(node)(tuple(self._moved(item) for item in items))
            case expr.Iff(left, right):
                return expr.Iff(self._moved(left), self._moved(right))
            case expr.Compare(op, left, right):
                sides = self._variable(left) or self._variable(right)
                return expr.Compare(op, self._moved(left, sides), self._moved(right, sides))
            case expr.Arithmetic(op, left, right):
                return expr.Arithmetic(op, self._moved(left), self._moved(right))
            case expr.If(test, then, otherwise):
                branches = (self._moved(branch, place) for branch in (then, otherwise))
                return expr.If(self._moved(test), *branches)
        raise TypeError(f"{type(node).__name__} is no scalar")

    def _variable(self, node: Scalar) -> Variable | None:
        match node:
            case expr.Bound(name):
                return self.known[name]
            case expr.If(_, then, otherwise):
                return self._variable(then) or self._variable(otherwise)
        return None


def _given(node: Scalar, values: Mapping[str, Any]) -> Scalar:
    """A scalar where some variables have a known value."""
    match node:
        case expr.Bound(name) if name in values:
            return constant(values[name])
        case expr.Not(item):
            return negation(_given(item, values))
        case expr.And(items):
            return both(*(_given(item, values) for item in items))
        case expr.Or(items):
            return either(*(_given(item, values) for item in items))
        case expr.Iff(left, right):
            return same_truth(_given(left, values), _given(right, values))
        case expr.Compare(op, left, right):
            return compare(op, _given(left, values), _given(right, values))
        case expr.Arithmetic(op, left, right):
            return arithmetic(op, _given(left, values), _given(right, values))
        case expr.If(test, then, otherwise):
            parts = (_given(part, values) for part in (test, then, otherwise))
            return scalar_choice(*parts)
    return node


def _key(node: Scalar) -> Hashable:
    """The same for scalars that differ in the order of what has none."""
    match node:
        case expr.Const(value=value):
            return "const", type(value), value
        case expr.Bound(name):
            return "variable", name
        case expr.And(items) | expr.Or(items):
            return type(node), frozenset(_key(item) for item in items)
        case expr.Iff(left, right):
            return expr.Iff, frozenset((_key(left), _key(right)))
        case expr.Compare("==" | "!=" as op, left, right):
            return op, frozenset((_key(left), _key(right)))
    how = getattr(node, "op", None)
    return type(node), how, tuple(_key(child) for child in expr.children(node))
