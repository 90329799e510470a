"""What of a property is not kept at the end of a trace, in words."""

from __future__ import annotations

from collections.abc import Iterator

from steptable import expr
from steptable.check import Trace
from steptable.interpreter.evaluate import Values, evaluate
from steptable.interpreter.simulate import Applied, event_env, step_env
from steptable.properties import Property
from steptable.targets.words import words
from steptable.world import World


def broken(item: Property, world: World, trace: Trace) -> str | None:
    """Why a trace breaks a property, or None where it does not; of `sometimes`, never."""
    match item.scope:
        case "state":
            return _broken_in(item, trace.end)
        case "step":
            return _broken_in(item, step_env(trace.steps[-1])) if trace.steps else None
        case "event":
            envs = _judged_events(item, world, trace)
            return next((text for env in envs if (text := _broken_in(item, env))), None)
        case "run":
            return _never_comes(item, trace)


def _broken_in(item: Property, env: Values) -> str | None:
    holds = evaluate(item.condition, env)
    if item.kind == "never":
        return f"this is true: {words(item.condition)}" if holds else None
    return None if holds or item.kind == "sometimes" else _denial(item.condition, env)


def _judged_events(item: Property, world: World, trace: Trace) -> Iterator[Values]:
    """What a property over events speaks of, for each event of the last step that it judges."""
    for applied in trace.steps[-1].applied if trace.steps else ():
        machine = world.instance(applied.instance).machine
        if item.instance in (None, applied.instance) and _is_of(item, world, applied):
            yield event_env(machine, applied)


def _is_of(item: Property, world: World, applied: Applied) -> bool:
    machine = world.instance(applied.instance).machine
    return item.fact in (None, machine.event(applied.event.name).fact)


def _never_comes(item: Property, trace: Trace) -> str | None:
    """Of a run that goes on forever: the property that is still owed."""
    if item.kind == "always":
        return _stuck(item)
    if trace.loop is None:
        return None
    states = [trace.start, *(step.after for step in trace.steps)]
    wanted = words(item.condition)
    met = [evaluate(item.condition, state) for state in states]
    if item.premise is None:
        return None if any(met) else f"this is never so: {wanted}"
    owed = [bool(evaluate(item.premise, state)) for state in states]
    # In the loop, what comes before a state comes after it as well.
    if any(met[trace.loop :]):
        return None
    last = max((at for at, now in enumerate(met) if now), default=-1)
    since = next((at for at, now in enumerate(owed) if now and at > last), None)
    if since is None:
        return None
    when = f"after step {since}" if since else "from the start"
    return f"{when} {words(item.premise)}, and yet this is never so: {wanted}"


def _stuck(item: Property) -> str:
    if isinstance(item.condition, expr.Const) and item.condition.value is False:
        return "nothing can happen here, and the world says nowhere that it may end"
    return f"nothing can happen here, and this is false: {words(item.condition)}"


def _denial(node: expr.Node, env: Values) -> str:
    if isinstance(node, expr.Or) and len(node.items) == 2:
        premise, conclusion = node.items
        if isinstance(premise, expr.Not):
            return f"{words(premise.item)}, and yet {_denial(conclusion, env)}"
    if isinstance(node, expr.And):
        # What comes after the first that fails may make no sense without it.
        return _denial(next(item for item in node.items if not evaluate(item, env)), env)
    return f"this is false: {words(node)}"
