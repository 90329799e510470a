"""What a machine does otherwise than it did: state by state, fact by fact.

What a row, a guard or a declaration is called, and where it stands, is no behaviour; it is
told apart, as renamed or reordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from steptable.compare.normal import Form, Shared, form, normal
from steptable.compare.witness import Aspect, Pair, Witness
from steptable.machine import Fact, Guard, Machine, Row
from steptable.reachability import reachable

Kind: TypeAlias = Literal["added", "removed", "changed", "undecided", "same"]


@dataclass(frozen=True)
class Change:
    """One fact in one state, declared otherwise in two versions."""

    state: str
    fact: str
    kind: Kind
    """`same`: written otherwise, and no difference found; `undecided`: nor could all be tried."""
    old: tuple[Row, ...]
    new: tuple[Row, ...]
    witnesses: tuple[tuple[Aspect, Witness], ...] = ()
    """In which ways it differs, each with an input that shows it."""
    tried: tuple[str, ...] = ()
    """On which inputs the versions were compared."""
    whole: bool = True
    """Whether these are all inputs of their domains, so that no way of differing is missed."""


@dataclass(frozen=True)
class Renaming:
    """The same thing under another name."""

    what: str
    """A row, a guard, or a property."""
    where: str
    old: str
    new: str


@dataclass(frozen=True)
class Behaviour:
    """All that two versions of a machine do otherwise."""

    changes: tuple[Change, ...]
    renamed: tuple[Renaming, ...]
    reordered: tuple[str, ...]
    """Rows that try the same guards in another order, which shows in the reason of a refusal."""
    reachable: tuple[str, ...]
    """States that can be reached now, and could not."""
    unreachable: tuple[str, ...]
    """States that can be reached no longer."""


NO_CHANGE: Final = Behaviour((), (), (), (), ())
"""What worlds without machines do otherwise, as machines."""


def behaviour(old: Machine, new: Machine) -> Behaviour:
    """Compare two versions of a machine."""
    changes: list[Change] = []
    renamed: list[Renaming] = []
    reordered: list[str] = []
    for state, fact in _pairs(old, new):
        change = _compare(old, new, state, fact)
        if change is not None:
            changes.append(change)
        pairs = _paired(old, new, _rows(old, state, fact), _rows(new, state, fact))
        for before, after in pairs:
            renamed += _renamed(before, after)
            if _conditions(before) != _conditions(after) and _same_guards(before, after):
                reordered.append(after.name)
    first, second = _reached(old), _reached(new)
    return Behaviour(
        tuple(changes),
        tuple(dict.fromkeys(renamed)),
        tuple(reordered),
        tuple(state.name for state in new.states if state.name in second - first),
        tuple(state.name for state in old.states if state.name in first - second),
    )


def _pairs(old: Machine, new: Machine) -> Iterator[tuple[str, str]]:
    """Every state and every fact of either version, in the order of the new one."""
    states = dict.fromkeys(state.name for machine in (new, old) for state in machine.states)
    facts = dict.fromkeys(fact.name for machine in (new, old) for fact in machine.facts)
    return ((state, fact) for state in states for fact in facts)


def _fact(machine: Machine, name: str) -> Fact | None:
    return next((fact for fact in machine.facts if fact.name == name), None)


def _rows(machine: Machine, state: str, fact: str) -> tuple[Row, ...]:
    found = _fact(machine, fact)
    return () if found is None else machine.rows_of(state, found)


def _compare(old: Machine, new: Machine, state: str, name: str) -> Change | None:
    rows = _rows(old, state, name), _rows(new, state, name)
    if not rows[0] and not rows[1]:
        return None
    if not rows[0] or not rows[1]:
        return Change(state, name, "added" if rows[1] else "removed", *rows)
    witnesses: dict[Aspect, Witness] = {}
    tried: list[str] = []
    whole = True
    shared = Shared.of(old, new)
    compared: set[object] = set()
    pairs = list(_halves(old, new, state, name, shared))
    for pair in pairs:
        forms = pair.forms()
        # What all sides share need be compared once; so need rows whose effects are the same.
        essence = tuple(frozenset(item.without_effects() for item in items) for items in forms)
        effects = {tuple(item.emits for item in sorted(items, key=repr)) for items in forms}
        if forms[0] == forms[1] or (essence in compared and len(effects) == 1):
            continue
        compared.add(essence)
        answer = pair.compare()
        witnesses = {**answer.witnesses, **witnesses}
        tried.append(str(answer.tried))
        whole = whole and answer.tried.is_whole
    if pairs and not tried:
        return None
    kind: Kind = "changed" if witnesses else "same" if pairs and whole else "undecided"
    inputs = tuple(dict.fromkeys(tried)) or ("no input, since no event of it is in both versions",)
    return Change(state, name, kind, *rows, tuple(witnesses.items()), inputs, whole)


def _halves(old: Machine, new: Machine, state: str, name: str, shared: Shared) -> Iterator[Pair]:
    """The events of a fact that both versions have: of one side, or else of one name."""
    before = [event for event in old.events if event.fact.name == name]
    for event in new.events:
        if event.fact.name == name:
            other = next((e for e in before if e.side.name == event.side.name), None)
            other = other or next((e for e in before if e.name == event.name), None)
            if other is not None:
                yield Pair(old, new, state, (other, event), shared)


# ── Names ────────────────────────────────────────────────────────────────────────────


def _paired(
    old: Machine, new: Machine, before: Sequence[Row], after: Sequence[Row]
) -> Iterator[tuple[Row, Row]]:
    """The rows of two versions that are the same: by what they mean, else by name, else by place.

    Where one row was and one is, they belong together whatever has become of them.
    """
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    shared = Shared.of(old, new)
    left = list(after)
    for row in before:
        same = next((o for o in left if _forms(old, row, shared) == _forms(new, o, shared)), None)
        same = same or next((other for other in left if other.name == row.name), None)
        if same is not None:
            left.remove(same)
            yield row, same


def _forms(machine: Machine, row: Row, shared: Shared) -> list[Form]:
    return [form(machine, row, side, shared) for side in machine.sides]


def _renamed(old: Row, new: Row) -> Iterator[Renaming]:
    if old.name != new.name:
        yield Renaming("row", f"{new.ends[0].name}, {new.fact.name}", old.name, new.name)
    known = {guard.name for guard in new.guards}
    for before in old.guards:
        for after in new.guards:
            if before.name not in known and _condition(before) == _condition(after):
                yield Renaming("guard", f"row {new.name}", before.name, after.name)


def _condition(guard: Guard) -> object:
    return normal(guard.condition)


def _conditions(row: Row) -> list[object]:
    return [_condition(guard) for guard in row.guards]


def _same_guards(old: Row, new: Row) -> bool:
    return set(_conditions(old)) == set(_conditions(new))


# ── Reachability ─────────────────────────────────────────────────────────────────────


def _reached(machine: Machine) -> set[str]:
    """The states that rows lead to from where a record begins."""
    starts = {item.state.name for item in machine.constructors}
    starts |= {state.name for state in machine.states if state.initial}
    return reachable(machine, starts)
