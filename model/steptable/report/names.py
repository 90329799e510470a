"""Names that stay the same from run to run: of properties, for other tools to keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from steptable.properties import Property


def slug(text: str) -> str:
    """A text as one word of lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "unnamed"


def property_ids(world: str, properties: Iterable[Property]) -> list[str]:
    """An id for each property, as `world::always::what-is-promised`; no two are alike."""
    ids: list[str] = []
    for item in properties:
        name = plain = f"{world}::{item.kind}::{slug(item.name)}"
        number = 1
        while name in ids:
            number += 1
            name = f"{plain}-{number}"
        ids.append(name)
    return ids
