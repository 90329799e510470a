"""Enumerations whose values are words, as the models here write them."""

from __future__ import annotations

from steptable.sorts import Enum, Member


def words(name: str, *values: str) -> Enum:
    """An enumeration of the values, each a member of its own name."""
    return Enum(name, tuple(Member(value.upper(), value) for value in values))
