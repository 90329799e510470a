"""What Python can do with a value and a declaration can't do with a term, as sentences.

Without these, Python would answer by itself: with an error that speaks of Python, or in silence,
as where it goes through a term by asking it for parts forever. What a term does define goes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

from steptable.errors import SpecError, fail

_NUMBERS: Final = {
    "int": "int()",
    "float": "float()",
    "complex": "complex()",
    "index": "what Python counts by",
    "round": "round()",
    "trunc": "trunc()",
    "floor": "floor()",
    "ceil": "ceil()",
}


class Refusing:
    """Refuses whatever Python may ask of a value. Terms are of this kind, and define some of it."""

    __slots__ = ()

    def __bool__(self) -> bool:
        fail(
            "expression",
            "a term has no truth value while it is being declared",
            "write & | ~ instead of 'and', 'or', 'not', .one_of(...) instead of 'in', "
            "and two comparisons instead of a chain",
            "term-as-bool",
        )

    def __hash__(self) -> int:  # noqa: PLE0309  # it never returns
        try:
            fail(
                "expression",
                "unhashable type: 'Term'; a term is no value that can be a key or in a set",
                "write a name as the key, such as sets={'count': ...}",
                "term-as-key",
            )
        except SpecError as error:
            raise Unhashable(error.faults) from None


class Unhashable(SpecError, TypeError):
    """What Python's libraries expect of a value without a hash, with the sentence of a fault."""


def _refusal(problem: str, advice: str, slug: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        fail("expression", problem, advice, slug)

    return refuse


def _no_number(what: str) -> Callable[..., NoReturn]:
    return _refusal(
        f"a term has no value while it is being declared, so it can't be given to {what}",
        "write + - * %, compare terms, or use a number of Python's own",
        "term-as-number",
    )


_sequence = _refusal(
    "a term can't be gone through while it is being declared",
    "write .every(...) of a map, or .one_of(...) instead of 'in'",
    "term-as-sequence",
)

_REFUSED: Final = {
    **{f"__{name}__": _no_number(what) for name, what in _NUMBERS.items()},
    "__iter__": _sequence,
    "__reversed__": _sequence,
    "__contains__": _sequence,
    "__len__": _refusal(
        "a term has no length while it is being declared",
        "write .queued of a queue, or .count_of(...) of a bag",
        "term-as-sequence",
    ),
    "__setitem__": _refusal(
        "a term can't be changed in place",
        "write .put(key, value), which is the map with one key set",
        "term-as-variable",
    ),
    "__format__": _refusal(
        "a term has no text while it is being declared",
        "write the text itself; what an action says has its choices in braces, without f",
        "term-as-text",
    ),
}

for _name, _refuse in _REFUSED.items():
    # Not written out, so that type checkers know of none of these, and say so, too.
    setattr(Refusing, _name, _refuse)


def _refuse_setting(self: Any, name: str, value: object) -> None:
    if name in type(self).__slots__:
        object.__setattr__(self, name, value)
        return
    fail(
        "expression",
        f"'.{name}' can't be set while it is being declared",
        f"write sets={{'{name}': ...}}, or .with_fields({name}=...)",
        "term-as-variable",
    )


Refusing.__setattr__ = _refuse_setting  # type: ignore[method-assign]
