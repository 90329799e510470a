"""What a step made of an input, in words, as far as it differs from what another made of it."""

from __future__ import annotations

from typing import Any

from steptable.interpreter.evaluate import Accepted, Outcome, Tagged, Values


def described(kind: str, what: str, before: Values, outcome: Outcome, other: Outcome) -> str:
    """What one version makes of an input, as far as the other does not do the same."""
    if not isinstance(outcome, Accepted):
        guard = f" by the guard {outcome.guard.name}" if outcome.guard is not None else ""
        return f"refused{guard}"
    if not isinstance(other, Accepted) or kind == "target":
        return f"accepted, → {outcome.row.ends[1].name}"
    if kind == "effects":
        own, others = (list(map(_effect, item.effects)) for item in (outcome, other))
        apart = [effect for effect in own if effect not in others]
        if not apart and sorted(own) == sorted(others):
            apart = own  # only their order differs
        return ", ".join(apart) or "nothing of that"
    if what not in before:
        return f"no field {what}"
    value, than = outcome.record[what], other.record.get(what)
    if isinstance(value, dict) and isinstance(than, dict):
        value = {key: item for key, item in value.items() if than.get(key) != item}
    if outcome.record[what] == before[what]:
        return f"{what} as it was"
    return f"{what} = {shown(value)}"


def _effect(effect: Tagged) -> str:
    parts = (f"{name}={shown(value)}" for name, value in effect.fields.items())
    return f"{effect.name}({', '.join(parts)})"


def shown(value: Any) -> str:
    """A plain value in words; what is empty in a record is left out."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case Tagged(name=name):
            return f"the payload {name}"
        case dict():
            items = (f"{key}: {shown(item)}" for key, item in value.items() if item is not None)
            return f"{{{', '.join(items)}}}"
    return str(value)
