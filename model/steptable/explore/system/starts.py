"""Every whole state that a world may start from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from steptable.interpreter.evaluate import Values, empty
from steptable.world import World


def starts_of(world: World) -> Iterator[Values]:
    """Every whole state that the world may start from."""
    for start in world.starts:
        families: list[list[tuple[str, Any]]] = []
        given = dict(start.records)
        for instance in world.instances:
            choices = given.get(instance.name, ())
            names = [name for name, _ in choices]
            records = []
            for values in product(*(options for _, options in choices)):
                known = dict(zip(names, values, strict=True))
                records.append(
                    {
                        part.name: known[part.name] if part.name in known else empty(part)
                        for part in instance.machine.record
                    }
                )
            families.append([(instance.name, record) for record in records])
        own = dict(start.variables)
        families += [
            [(item.name, value) for value in own.get(item.name, item.starts)]
            for item in world.variables
        ]
        for parts in product(*families):
            yield dict(parts)
