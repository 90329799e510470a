"""A small project of one's own, to begin from: a machine, its world, and what is promised of it.

It is the example of `docs/language.md`, which goes on from here to a broken promise. The machine is
a keeper of a lease; its world has what declarations most need: an instance, variables, a reaction
to an effect, actions with guards and deliveries, bounds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from steptable.errors import UsageError
from steptable.project.writing import write_all

_PYPROJECT: Final = """\
[tool.steptable]
machine = "lease.machine:machine"
worlds = ["lease.world:world"]
package = "lease"
"""

_README: Final = """\
# Lease

A lease that one client has at a time. `steptable check` explores all that can happen to it, and
`steptable generate` writes its reducer, its drawings and what stands below.

<!-- steptable:machine: made by `steptable generate`; do not edit -->
<!-- steptable:end -->

<!-- steptable:worlds: made by `steptable generate`; do not edit -->
<!-- steptable:end -->
"""

_PACKAGE: Final = '''\
"""A lease that one client has at a time: what is generated of it, for programs to import."""

from lease.reducer import *  # noqa: F403
'''

_MACHINE: Final = '''\
"""The keeper of a lease: what it remembers, and what it does about each message."""

from steptable.machine import (
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Row,
    Side,
    State,
    state_sort,
)
from steptable.sorts import INSTANT, U64, Optional, Symbol
from steptable.terms import NOTHING, Structure, field, root

record, event = root("record"), root("event")

KEEPER = Side("keeper", "Who gives the lease out.")

FREE = State("Free", "Nobody has the lease.", initial=True)
HELD = State("Held", "A client has it.")
PHASE = state_sort("Phase", "Whether the lease is out.", FREE, HELD)

Client = Symbol("Client", "Who may have the lease.")

Lease = Structure(
    "Lease",
    "What the keeper remembers.",
    phase=field(PHASE, "Whether the lease is out."),
    holder=field(Optional(Client), "Who has it."),
    last_number=field(U64, "The number of the last message.", default=0),
)
Rules = Structure("Rules", "What can be configured: nothing so far.")

ASKED = Fact.declare(
    "Asked",
    "A client wants the lease.",
    halves={KEEPER: "LeaseAsked"},
    time="at",
    durable=True,
    who=field(Client, "Which one."),
    at=field(INSTANT, "When."),
)
RETURNED = Fact.declare(
    "Returned",
    "A client gives the lease back.",
    halves={KEEPER: "LeaseReturned"},
    time="at",
    durable=True,
    who=field(Client, "Which one."),
    at=field(INSTANT, "When."),
)

GRANT = Effect.declare(
    "Grant", "Tell a client that it has the lease.", side=KEEPER, to=field(Client, "Which one.")
)

is_holder = Guard.declare("is-holder", record.holder == event.who, must="the holder returns it")

machine = Machine(
    name="Lease",
    doc="A lease that one client has at a time.",
    sides=(KEEPER,),
    states=(FREE, HELD),
    state_sort=PHASE,
    record=Lease.sort,
    facts=(ASKED, RETURNED),
    effects=(GRANT,),
    policy=Rules.sort,
    identity=(),
    numbering=Numbering("number", "last_number", U64, "Which message it is."),
    rows=(
        Row.declare(
            "granted",
            FREE,
            ASKED,
            HELD,
            sets={"holder": event.who},
            emits={KEEPER: (GRANT(to=event.who),)},
            why="Whoever comes first has it.",
            cites="README",
        ),
        Row.declare(
            "returned",
            HELD,
            RETURNED,
            FREE,
            guards=(is_holder,),
            sets={"holder": NOTHING},
            emits={KEEPER: ()},
            why="The next may have it.",
            cites="README",
        ),
    ),
    refusals=(
        Refusal(FREE, (RETURNED,), why="There is nothing to return."),
        Refusal(HELD, (ASKED,), why="Somebody has it."),
    ),
)
'''

_WORLD: Final = '''\
"""Two clients, the keeper, and a post that may bring a letter again.

What a client does while it works is left out, and so is time: neither changes who has the lease.
"""

from lease.machine import FREE, GRANT, Client, machine
from steptable.properties import always, sometimes
from steptable.sorts import TRUTH, Optional
from steptable.terms import all_of, instant, root
from steptable.world import Action, Bounds, Instance, Start, Variable, World, deliver, effect

CLIENTS = ("ann", "bob")

keeper, letter = root("keeper"), root("letter")


def works(client):
    """Whether a client takes itself for the holder."""
    return root(f"{client}_works")


def message(event, client):
    """A message reaches the keeper; each has a number of its own."""
    return deliver("keeper", event, who=client, at=instant(0), number=keeper.last_number + 1)


def actions(client):
    yield Action.declare(
        f"{client} asks",
        party=client,
        # Not before the post has another letter: its own might arrive once more.
        guard=~works(client) & (letter != client),
        events=[message("LeaseAsked", client)],
    )
    yield Action.declare(
        f"{client} returns the lease",
        party=client,
        guard=works(client),
        sets={f"{client}_works": False, "letter": client},
    )


world = World(
    name="office",
    doc="Two clients who share a lease, and a post that brings letters twice.",
    instances=(
        Instance.declare(
            "keeper",
            machine,
            on={GRANT: {f"{c}_works": works(c) | (effect.to == c) for c in CLIENTS}},
            forgets={"last_number": 0},
        ),
    ),
    variables=(
        Variable.declare("ann_works", TRUTH, False, "Ann takes herself for the holder."),
        Variable.declare("bob_works", TRUTH, False, "Bob takes himself for the holder."),
        Variable.declare("letter", Optional(Client), None, "Whose return was posted last."),
    ),
    starts=(Start.declare("morning", {"keeper": {"phase": FREE, "last_number": 0}}),),
    actions=(
        *(action for client in CLIENTS for action in actions(client)),
        Action.declare(
            "the letter arrives",
            party="post",
            guard=letter.is_known,
            events=[message("LeaseReturned", letter.value)],
        ),
    ),
    bounds=Bounds.declare(symbols={Client: CLIENTS}, instants=(0,)),
    properties=(
        always(
            "who works has the lease",
            all_of(*(works(client).implies(keeper.holder == client) for client in CLIENTS)),
            why="That is what a lease is for.",
            cites="README",
        ),
        sometimes("bob works", works("bob"), why="He must not be shut out.", cites="README"),
    ),
)
'''

FILES: Final[Mapping[str, str]] = {
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    "lease/__init__.py": _PACKAGE,
    "lease/machine.py": _MACHINE,
    "lease/world.py": _WORLD,
}


def begin(folder: Path) -> list[Path]:
    """Write the project into a folder, which is made if need be, and name its files.

    Raises `UsageError`, and writes nothing, where one of them is there already.
    """
    # A link that leads nowhere is somebody's, too, and so is a package of that name.
    names = dict.fromkeys(name.partition("/")[0] for name in FILES)
    if taken := [name for name in names if os.path.lexists(folder / name)]:
        raise UsageError(
            f"{folder.resolve()} has {' and '.join(taken)} already, and nothing is overwritten; "
            "name an empty folder"
        )
    files = {folder / name: text.encode() for name, text in FILES.items()}
    write_all(files)
    return list(files)
