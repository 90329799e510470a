"""A machine and its world under any names: those that code and markup would trip over, too.

Everything that has a name or a text of its own asks for it by a role, so that a test can give
whatever it likes. `IDENTIFIERS` and `TEXTS` are admissible ones that mean something to some
output: words of its own, what ends a string, a comment, a block or a cell there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from steptable import expr
from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Rehydration,
    Row,
    Side,
    State,
    Wire,
    state_sort,
)
from steptable.properties import always, always_event, before, never, sometimes, step
from steptable.sorts import (
    INSTANT,
    PAYLOAD,
    TEXT,
    TRUTH,
    U64,
    Enum,
    Integer,
    Map,
    Member,
    Optional,
    Symbol,
)
from steptable.terms import Structure, Term, field, part_of, root
from steptable.world import Action, Bounds, Instance, Start, Variable, World, deliver

Called = Callable[[str], str]

IDENTIFIERS: Final = (
    *("Match", "match", "Case", "Type", "type_", "End", "Graph", "Note", "State", "Style", "Class"),
    *("Default", "Click", "Subgraph", "Node", "Strict", "Digraph", "Int", "Bool", "Proctype"),
    *("Init", "Never", "Active", "Do", "Od", "Fi", "Skip", "Assert", "Main", "Static", "Void"),
    *("Register", "step_", "fire", "found", "after_", "state_", "Value", "Tagged", "ROWS", "rows"),
    *("x_1", "x1", "Größe", "名前", "A_", "a_", "Ab_C", "AbC", "kind_", "self", "cls", "args"),
    *(
        "result",
        "tuple_",
        "after",
        "payload",
        "effects",
        "key",
        "event",
        "value",
        "got",
        "Fields",
        "Apply",
        "Direction",
        "Root",
        "Scale",
    ),
)
"""Names of types and fields."""

TEXTS: Final = (
    *('"""', "'''", "\\", '\\\\"', "\\N{BELL}", "\\x41", "\\u", "{", "}", "{{x}}", "%s"),
    *("*/ int x; /*", "// x", "# x", "??/", "#define X", "<!--", "-->", "]]>", "</script>"),
    *("<b>&lt;", "&amp;", "&#10;", "|", "a|b", "`rm -rf`", "```", "$(rm)", "$x", "~~", "[x](y)"),
    *("::error::x", "##[error]x", "%0A::error", "a:b,c", "end", "End note", "loop", "--", "---"),
    *("-->>", "\u2028", "a\u2028b", "\u2029end", "é\u0301", "\U0001f600", "\u200d", "a;b"),
    *("\\n", "\\l", "\\G", "a]b", "a]?", "a].b", "a#", "a.b", "a=b", "..", "/", "C:\\", "con"),
    *("effects: tuple[Effect, ...] = ", "import datetime, timedelta", " and (", " or \"'"),
    *("State.ON", ".", " x", "_", "0", "None", "True", "x" * 300),
)
"""Texts of one line."""


def machine_of(called: Called, said: Called) -> Machine:
    """A machine: `called` gives names of types and fields by their roles, `said` texts."""
    near, far = Side(said("side near"), said("doc")), Side(said("side far"), said("doc"))
    off = State(called("state off"), said("doc"), initial=True)
    on = State(called("state on"), said("doc"))
    gone = State(called("state gone"), said("doc"), terminal=True)
    states = state_sort(called("type states"), said("doc"), off, on, gone)
    first, second = Symbol(called("type first"), said("doc")), Symbol(called("type second"))
    both = Symbol(called("type both"), said("doc"), (first, second), said("separator"))
    colour = Enum(
        called("type colour"),
        (
            Member(called("member red"), said("value red"), said("doc")),
            Member(called("member blue"), said("value blue"), said("doc")),
        ),
        said("doc"),
    )
    few = Integer(0, 3, called("type few"))
    fields = ("whose", "colour", "many", "notes", "at", "state", "last", "number", "strict", "told")
    names = {role: called(f"field {role}") for role in fields}
    record = Structure(
        called("type record"),
        said("doc"),
        **{
            names["whose"]: field(both, said("doc")),
            names["state"]: field(states, said("doc")),
            names["colour"]: field(Optional(colour), said("doc"), read_by=said("reader")),
            names["many"]: field(few, said("doc"), default=0),
            names["notes"]: field(Map(first, colour), said("doc")),
            names["last"]: field(U64, said("doc"), default=0),
        },
    )
    policy = Structure(called("type policy"), said("doc"), **{names["strict"]: field(colour)})
    turned = Fact.declare(
        called("fact turned"),
        said("doc"),
        halves={near: called("event near turned"), far: called("event far turned")},
        time=names["at"],
        durable=True,
        **{  # type: ignore[arg-type]
            names["whose"]: field(first, said("doc")),
            names["colour"]: field(colour, said("doc")),
            names["told"]: field(Optional(TEXT), said("doc")),
            names["at"]: field(INSTANT, said("doc")),
        },
    )
    ended = Fact.declare(
        called("fact ended"),
        said("doc"),
        halves={near: called("event near ended"), far: called("event far ended")},
        time=names["at"],
        durable=False,
        **{names["at"]: field(INSTANT)},  # type: ignore[arg-type]
    )
    tell = Effect.declare(
        called("effect tell"),
        said("doc"),
        side=near,
        **{names["told"]: field(PAYLOAD)},  # type: ignore[arg-type]
    )
    shine = Effect.declare(
        called("effect shine"),
        said("doc"),
        side=None,
        **{names["colour"]: field(Optional(colour)), names["many"]: field(few)},  # type: ignore[arg-type]
    )
    now, event, terms = root("record"), root("event"), root("policy")
    ours: Term = getattr(event, names["colour"])
    red = Term(expr.Const(colour.members[0].value, colour))
    shining = shine(**{names["colour"]: ours, names["many"]: getattr(now, names["many"])})
    rows = (
        Row.declare(
            said("row turned"),
            off,
            turned,
            on,
            guards=(
                Guard.declare(
                    said("guard strict"),
                    (getattr(terms, names["strict"]) == red).implies(ours == red),
                    must=said("must"),
                ),
                Guard.declare(
                    said("guard ours"),
                    part_of(getattr(now, names["whose"]), both, first) != said("symbol other"),
                    must=said("must"),
                ),
            ),
            sets={
                names["colour"]: ours,
                names["notes"]: getattr(now, names["notes"]).put(
                    getattr(event, names["whose"]), ours
                ),
            },
            emits={
                near: (tell(**{names["told"]: root("payload")}), shining),
                far: (shining.when(ours == red),),
            },
            why=said("why"),
            cites=said("cites"),
        ),
        Row.declare(
            said("row ended"),
            on,
            ended,
            gone,
            guards=(
                Guard.declare(
                    said("guard all"),
                    getattr(now, names["notes"]).every(lambda note: note == red),
                    must=said("must"),
                ),
            ),
            emits={near: (shine(**{names["many"]: getattr(now, names["many"])}),), far: ()},
            why=said("why"),
            cites=said("cites"),
        ),
    )
    return Machine(
        name=said("machine"),
        doc=said("doc"),
        sides=(near, far),
        states=(off, on, gone),
        state_sort=states,
        record=record.sort,
        facts=(turned, ended),
        effects=(tell, shine),
        policy=policy.sort,
        identity=(names["whose"],),
        numbering=Numbering(names["number"], names["last"], U64, said("doc")),
        rows=rows,
        refusals=(
            Refusal(off, (ended,), why=said("why")),
            Refusal(on, (turned,), why=said("why")),
            Refusal(gone, (turned, ended), why=said("why")),
        ),
        constructors=(
            Constructor.declare(called("constructor"), said("doc"), off, (names["whose"],)),
        ),
        rehydration=Rehydration(
            called("rehydration"),
            said("doc"),
            (
                (off, ()),
                (on, (shine(**{names["many"]: getattr(now, names["many"])}),)),
                (gone, ()),
            ),
        ),
        wire=Wire(
            Structure(
                called("type envelope"),
                said("doc"),
                **{names["whose"]: field(both), names["told"]: field(PAYLOAD)},
            ).sort,
            names["told"],
            far,
        ),
    )


def world_of(machine: Machine, called: Called, said: Called) -> World:
    """A world of one such machine, in which something holds, something fails and is known to."""
    both = machine.record.fields[0].sort
    assert isinstance(both, Symbol)
    first, second = both.parts
    name, count = called("instance"), called("variable")
    seen = called("variable seen")
    off, on, gone = machine.states
    value, other = said("symbol value"), said("symbol other")
    holder, whose = machine.state_field.name, machine.record.fields[0].name
    number = machine.numbering
    chosen = called("choice")
    next_one = {number.event_field: getattr(root(name), number.record_field) + 1}
    state = getattr(root(name), holder)
    party = said("party")
    arrivals = tuple(
        Action.declare(
            said(f"action {event.name}"),
            party=party,
            says=said("says").replace("{", "(").replace("}", ")") + f" {{{chosen}}}",
            choices={chosen: first},
            sets={
                count: getattr(root("choice"), chosen),
                seen: root(seen).put(getattr(root("choice"), chosen), True),
            },
            events=[deliver(name, event.name, **next_one)],
        )
        for event in machine.events
    )
    whole = f"{value}{both.separator}{other}"
    return World(
        name=said("world"),
        doc=said("doc"),
        varies=said("varies"),
        instances=(Instance.declare(name, machine, forgets={number.record_field: 0}),),
        starts=(Start.declare(said("start"), {name: {holder: off, whose: whole}}),),
        variables=(
            Variable.declare(count, first, value, said("doc")),
            Variable.declare(seen, Map(first, TRUTH), {}, said("doc")),
        ),
        actions=arrivals,
        bounds=Bounds.declare(
            symbols={first: (value, other), second: (other,), both: (whole,)}, instants=(0,)
        ),
        properties=(
            never(
                said("property gone"),
                (state == gone) & root(seen)[value].is_known,
                why=said("why"),
                cites=said("cites"),
            ),
            never(
                said("property on"), state == on, why=said("why"), cites=said("cites")
            ).known_to_fail(length=1, explanation=said("doc"), repair=said("doc")),
            sometimes(said("property off"), state == off, why=said("why"), cites=said("cites")),
            always(
                said("property kept"),
                (getattr(root(name), whose) == whole),
                why=said("why"),
                cites=said("cites"),
            ),
            always_event(
                said("property refused"),
                (~step.accepted).implies(root("after") == before),
                why=said("why"),
                cites=said("cites"),
            ),
        ),
        terminal=True,
    )
