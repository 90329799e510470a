"""Whether a value is of the kind that its place asks for: what annotations say, as sentences.

Declarations are Python, and Python looks at no annotation. Functions that declarations call are
`declaring`: they say which argument is something else than it should be, before they trip over
it. What is declared as a value, without such a function, is looked at by `wellformed.shape`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from typing import (
    Any,
    Literal,
    NamedTuple,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from steptable.errors import Fault, SpecError, declared_at, suggestion
from steptable.expr import Node, Operand_co
from steptable.sorts import Field, Sort

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class _Misfit(NamedTuple):
    """What is wrong with a call, but for where it is."""

    problem: str
    advice: str
    slug: str


class Sorted:
    """Something declared that has a sort, and is none itself."""

    sort: Any


def declaring(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Let a function refuse arguments that are none of its annotations: `SpecError`, all at once.

    What may stand in an expression is looked at by `lift`, which every operator calls too.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def refusing(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        if misfits := list(_misfits(function, signature, given, named)):
            raise _refused(function, given, misfits)
        return function(*given, **named)

    return refusing


def keeping(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """The same of a function that keeps what is wrong as it is, for `wellformed.shape` to report.

    All faults of a table are then said in one run. Only what the function trips over is refused.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def refusing(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        try:
            return function(*given, **named)
        except SpecError:
            raise
        except Exception:
            if misfits := list(_misfits(function, signature, given, named)):
                raise _refused(function, given, misfits) from None
            raise

    return refusing


def _refused(
    function: Callable[..., Any], arguments: tuple[object, ...], misfits: Sequence[_Misfit]
) -> SpecError:
    at, where = declared_at(), _where(function, arguments)
    return SpecError([Fault(at, where, *misfit) for misfit in misfits])


def _misfits(
    function: Callable[..., Any],
    signature: inspect.Signature,
    arguments: tuple[object, ...],
    named: Mapping[str, object],
) -> Iterator[_Misfit]:
    try:
        bound = signature.bind(*arguments, **named)
    except TypeError:
        for problem, advice in _unbound(signature, arguments, named):
            yield _Misfit(problem, advice, "wrong-arguments")
        return
    hints = _hints(function)
    for name, value in bound.arguments.items():
        parts = {name: value}
        match signature.parameters[name].kind:
            case inspect.Parameter.VAR_POSITIONAL:
                parts = {f"argument {number}": item for number, item in enumerate(value, start=1)}
            case inspect.Parameter.VAR_KEYWORD:
                # Fields are looked at where they get their names.
                parts = {} if hints.get(name) is Field else value
        for key, part in parts.items():
            for what, item, hint in _unfit(part, hints.get(name, Any), f"'{key}'"):
                problem = f"{what} is {shown(item)}, not {expected(hint)}"
                yield _Misfit(problem, advice_for(item, hint), "wrong-kind")


def _where(function: Callable[..., Any], arguments: tuple[object, ...]) -> str:
    """What is being declared, by its name if it has one so far."""
    owner, _, name = function.__qualname__.rpartition(".")
    what = owner.lower() or name
    texts = [item for item in arguments if isinstance(item, str)]
    return f"{what} '{texts[0]}'" if texts else what


def _unbound(
    signature: inspect.Signature, arguments: tuple[object, ...], named: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """What is missing of the arguments of a call, and what is too much."""
    parameters = signature.parameters.values()
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    by_place = {part.name for part in places[: len(arguments)]}
    keywords = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(arguments) > len(places) and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        known = [part.name for part in places if part.name != "cls"]
        more = [name for name in keywords if name not in by_place]
        told = f"only {', '.join(known)} go without a name" if known else "none goes without a name"
        advice = f"name the others: {', '.join(f'{name}=...' for name in more)}"
        yield (
            f"too many arguments stand without a name; {told}",
            (advice if more else "leave the others out"),
        )
    takes_any = any(part.kind is part.VAR_KEYWORD for part in parameters)
    for name in named:
        if name in by_place and name in keywords:
            yield f"'{name}' is given twice", "give it once"
        elif name not in keywords and not takes_any:
            yield f"there is no argument '{name}'", suggestion(name, set(keywords) - by_place)
    missing = [
        part.name
        for part in parameters
        if part.default is part.empty
        and part.kind not in (part.VAR_POSITIONAL, part.VAR_KEYWORD)
        and part.name not in by_place | named.keys()
    ]
    if missing:
        yield f"it lacks {' and '.join(f'{name!r}' for name in missing)}", "give what it lacks"


def _unfit(value: Any, hint: Any, name: str) -> Iterator[tuple[str, Any, Any]]:
    """What is not of its kind in a value: what it is called, itself, and what is asked for."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    fitting = [kind for kind in kinds if is_a(value, kind)]
    if not fitting and not _is_operand(kinds):
        yield name, value, hint
    for kind in fitting[:1]:
        match get_origin(kind), get_args(kind):
            case origin, (keys, values) if origin is Mapping:
                for key, item in value.items():
                    yield from _unfit(key, keys, f"a key of {name}")
                    yield from _unfit(item, values, f"{key!r} in {name}")
            case origin, (of,) if origin is Sequence:
                for item in value:
                    yield from _unfit(item, of, f"an item of {name}")


def _is_operand(kinds: tuple[Any, ...]) -> bool:
    """Whether anything is asked for that may stand in an expression."""
    return any(getattr(kind, "_is_protocol", False) for kind in kinds)


@cache
def _hints(function: Any) -> dict[str, Any]:
    return get_type_hints(function)


def is_a(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind, but for what it consists of."""
    origin = get_origin(kind)
    if kind is Any:
        return True
    if origin is Literal:
        # Which of the words it is, is looked at where the nearest of them can be suggested.
        return type(value) in map(type, get_args(kind))
    if origin is tuple:
        kinds = get_args(kind)
        return isinstance(value, tuple) and (kinds[-1] is Ellipsis or len(kinds) == len(value))
    if origin is Sequence and isinstance(value, str):
        return False  # most likely a tuple of one without its comma
    if origin in (Union, types.UnionType):
        return any(is_a(value, part) for part in get_args(kind))
    if isinstance(kind, TypeVar):  # an operand
        kind = Node
    return isinstance(value, origin or kind) and not (kind is int and isinstance(value, bool))


def shown(value: Any) -> str:
    """A value as a sentence names it."""
    match value:
        case None:
            return "nothing"
        case bool() | int() | float():
            return repr(value)
        case str():
            return f"the text {value!r}"
        case Sorted():
            return f"the {type(value).__name__} {value.sort.name}"
        case type():
            return f"the class {value.__name__}"
    name = None if hasattr(type(value), "node") else getattr(value, "name", None)
    named = f" '{name}'" if name and isinstance(name, str) else ""
    kind = type(value).__name__
    return f"{_article(kind)} {kind}{named}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "AEIOUaeiou" else "a"


def expected(hint: Any) -> str:
    """What an annotation asks for, as a sentence names it."""
    if is_sort(hint):
        return "a sort"
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(expected(kind) for kind in get_args(hint))
    if origin is tuple:
        kinds = get_args(hint)
        return "a tuple" if kinds[-1] is Ellipsis else f"a pair ({_names(kinds)})"
    if origin is Literal:
        return " or ".join(repr(word) for word in get_args(hint) if word)
    if origin is Sequence:
        return "a tuple or a list"
    if origin is Mapping:
        return "a dict"
    if origin is Callable:
        return "a function"
    special = {
        str: "text",
        type(None): "nothing",
        bool: "True or False",
        int: "an integer",
        Node: "a term",
        Operand_co: "a term",
    }
    name = getattr(hint, "__name__", str(hint))
    name = "term" if name == "Term" else name
    return special.get(hint, f"{_article(name)} {name}")


def _names(kinds: tuple[Any, ...]) -> str:
    return ", ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)


def is_sort(hint: Any) -> bool:
    """Whether any sort is asked for."""
    return set(get_args(Sort)) <= set(get_args(hint))


def advice_for(value: Any, hint: Any) -> str:
    """What to write instead of a value that is of another kind."""
    asked = (hint, *get_args(hint))
    if isinstance(value, Sorted) and (is_sort(hint) or type(value.sort) in (hint, *get_args(hint))):
        return f"write {value.sort.name}.sort"
    if hasattr(type(value), "node") and {Node, Operand_co} & {*asked}:
        return "write its .node"
    if isinstance(value, Field) and is_sort(hint):
        return "write the sort alone, without field(...)"
    names = [getattr(kind, "__name__", "") for kind in asked]
    if type(value).__name__ == "Effect" and "Emission" in names:
        return "call it with its fields, which makes an Emission of it"
    if isinstance(value, bool) and "Term" in names:
        optional = ", or leave it out" if type(None) in asked else ""
        return f"write a comparison of terms, such as root('count') == 1{optional}"
    if get_origin(hint) is tuple and not isinstance(value, list):
        return "write (x,) for a tuple of one, and () for an empty one"
    if get_origin(hint) is Sequence:
        return "write (x,) for one, and (x, y) for several"
    return f"write {expected(hint)}"
