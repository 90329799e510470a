"""Names that stay the same from run to run: of properties, for other tools to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from steptable.properties import Property
from steptable.support.renaming import file_slug, slug


def property_ids(world: str, properties: Iterable[Property]) -> list[str]:
    """An id for each property, as `world::always::what-is-promised`; no two are alike."""
    return _distinct(f"{world}::{item.kind}::{slug(item.name)}" for item in properties)


def picture_names(world: str, properties: Sequence[Property]) -> dict[str, str]:
    """The file of each property's counterexample below the diagrams, by the property's name."""
    files = _distinct(f"findings/{file_slug(world)}-{file_slug(item.name)}" for item in properties)
    return {item.name: file for item, file in zip(properties, files, strict=True)}


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, those that come again numbered."""
    found: list[str] = []
    for plain in names:
        name, number = plain, 1
        while name in found:
            number += 1
            name = f"{plain}-{number}"
        found.append(name)
    return found
