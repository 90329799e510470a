"""Generated modules that are loaded without a file: to replay with them, and to try them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from steptable.machine import Machine
from steptable.targets.python.reducer import reducer_source
from steptable.targets.structs import Structs

_NAME: Final = "steptable.generated_reducer"


@contextmanager
def loaded(name: str, source: str) -> Iterator[ModuleType]:
    """A module of that name and source, which is imported under it as long as this lasts."""
    module = ModuleType(name)
    hidden = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(compile(source, f"<{name}>", "exec"), vars(module))
        yield module
    finally:
        del sys.modules[name]
        if hidden is not None:
            sys.modules[name] = hidden


@contextmanager
def generated(machine: Machine) -> Iterator[Structs]:
    """The reducer of a machine, for replays; it is gone afterwards. One at a time."""
    with loaded(_NAME, reducer_source(machine)) as module:
        yield Structs(machine, module)


@contextmanager
def reducers(machine: Machine | None) -> Iterator[dict[str, Structs]]:
    """The reducer of a project's machine by its name, if it has one; gone afterwards."""
    if machine is None:
        yield {}
        return
    with generated(machine) as own:
        yield {machine.name: own}
