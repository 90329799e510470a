"""A reducer that is generated and loaded without a file: of a machine as it is, or once was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from steptable.machine import Machine
from steptable.targets.reducer import reducer_source
from steptable.targets.structs import Structs

_NAME: Final = "steptable.generated_reducer"


@contextmanager
def generated(machine: Machine) -> Iterator[Structs]:
    """The reducer of a machine, for replays; it is gone afterwards. One at a time."""
    module = ModuleType(_NAME)
    sys.modules[_NAME] = module
    try:
        exec(compile(reducer_source(machine), f"<{_NAME}>", "exec"), vars(module))
        yield Structs(machine, module)
    finally:
        del sys.modules[_NAME]
