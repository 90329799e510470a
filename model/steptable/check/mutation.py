"""Asks whether each part of a row is needed: what falls when it is taken away.

A guard or an update that can be dropped without any property noticing is either superfluous or a
promise that nobody has written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from steptable.check.running import check
from steptable.check.verdicts import Result
from steptable.errors import SpecError
from steptable.explore.memory import share
from steptable.kept.results import Kept
from steptable.machine import Guard, Machine, Row
from steptable.support.processes import answers, processors
from steptable.wellformed.machines.rows import reads_what_may_be_missing

T = TypeVar("T")

MOST_STATES: Final = 100_000
"""Worlds with more states than this are not explored anew for the sake of each update."""


def unneeded_guards(results: Sequence[Result], kept: Kept | None = None) -> list[tuple[Row, Guard]]:
    """The guards whose absence no world notices; the smallest worlds are tried first."""
    asked = [(row, guard) for row in _rows(results) for guard in row.guards]
    changed = [(row, _without_guard(row, guard)) for row, guard in asked]
    return _unneeded("guards", asked, changed, results, kept)


def unneeded_updates(results: Sequence[Result], kept: Kept | None = None) -> list[tuple[Row, str]]:
    """The updates of fields whose absence no world up to `MOST_STATES` notices: row and field.

    There are many more of them than of guards, and often nothing notices, so that every world
    is explored anew; in the largest ones that would take hours.
    """
    small = [result for result in results if result.states <= MOST_STATES]
    asked = [(row, name) for row in _rows(small) for name, _ in row.sets]
    changed = [(row, _without_update(row, name)) for row, name in asked]
    return _unneeded("updates", asked, changed, small, kept)


def _unneeded(
    what: str,
    asked: list[T],
    changed: list[tuple[Row, Row]],
    results: Sequence[Result],
    kept: Kept | None,
) -> list[T]:
    """What is asked of whose change no world notices; each change is tried by a process."""

    def tried() -> bytes:
        processes = min(processors(), len(changed))
        questions = [partial(_asked, results, row, other, processes) for row, other in changed]
        return b"".join(answers(questions, processes))

    if kept is None:
        said = tried()
    else:
        key = kept.key(f"unneeded {what}", *(_question(result) for result in results))
        said = kept.made(key, tried)
    if len(said) != len(asked):
        said = tried()
    return [item for item, noticed in zip(asked, said, strict=True) if noticed == ord("0")]


def _question(result: Result) -> tuple[Any, ...]:
    """What the answers depend on: the world, and the verdicts that are to stay."""
    return (result.world, result.states, tuple(_verdicts(result)))


def _asked(results: Sequence[Result], row: Row, changed: Row, processes: int) -> bytes:
    """Whether a change is noticed, by a process of its own."""
    share(processes)
    return b"1" if _is_noticed(results, row, changed) else b"0"


def without_guard(machine: Machine, row: Row, guard: Guard) -> Machine:
    """The machine with one guard of one row taken away."""
    return _with_row(machine, row, _without_guard(row, guard))


def _without_guard(row: Row, guard: Guard) -> Row:
    return replace(row, guards=tuple(other for other in row.guards if other != guard))


def _without_update(row: Row, name: str) -> Row:
    return replace(row, sets=tuple(item for item in row.sets if item[0] != name))


def _with_row(machine: Machine, row: Row, changed: Row) -> Machine:
    rows = tuple(changed if other == row else other for other in machine.rows)
    return replace(machine, rows=rows)


def _rows(results: Sequence[Result]) -> Iterable[Row]:
    """The rows of all machines, each once."""
    return {
        row.name: row
        for result in results
        for instance in result.world.instances
        for row in instance.machine.rows
    }.values()


def _is_noticed(results: Sequence[Result], row: Row, changed: Row) -> bool:
    """Whether some verdict is another one with a row changed; the smallest worlds come first."""
    return any(
        _notices(result, row, changed) for result in sorted(results, key=lambda item: item.states)
    )


def _notices(result: Result, row: Row, changed: Row) -> bool:
    world = result.world
    if not any(row in instance.machine.rows for instance in world.instances):
        return False
    instances = tuple(
        replace(instance, machine=_with_row(instance.machine, row, changed))
        for instance in world.instances
    )
    machines = {item.machine.name: item.machine for item in instances}.values()
    if any(changed in of.rows and reads_what_may_be_missing(of, changed) for of in machines):
        return True  # what it reads then has no meaning
    try:
        again = check(replace(world, instances=instances))
    except SpecError:
        return True  # something leaves its bounds
    if again.interrupted:
        raise KeyboardInterrupt
    return list(_verdicts(again)) != list(_verdicts(result))


def _verdicts(result: Result) -> Iterator[tuple[str, str, bool, str]]:
    for judgement in result.judgements:
        yield judgement.judged.name, judgement.verdict, judgement.vacuous, judgement.remark
