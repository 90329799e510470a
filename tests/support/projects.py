"""Small projects with declarations of their own, and the command line run in them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import steptable.cli.commands  # noqa: F401  # pytester forgets what a test is the first to import
from steptable.cli import main

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = Path(__file__).parents[1] / "golden"

PYPROJECT: Final = """\
[tool.steptable]
machine = "gate.table:machine"
worlds = ["gate.environment:world"]
package = "gate"
"""

# The first line of the package imports what is derived, as a package for importers does.
INIT: Final = "from gate.reducer import *\n"

TABLE: Final = '''\
"""A gate that opens for the price."""

from steptable.machine import (
    Effect, Fact, Guard, Machine, Numbering, Refusal, Row, Side, State, state_sort,
)
from steptable.sorts import INSTANT, U64, Integer, Optional
from steptable.terms import Structure, field, root

record, event, policy = root("record"), root("event"), root("policy")

GATE = Side("gate")
SHUT = State("Shut", "Nobody gets through.", initial=True)
OPEN = State("Open", "One may pass.")
GONE = State("Gone", "Somebody took it away.", terminal=True)
POSITION = state_sort("Position", "Where the gate is.", SHUT, OPEN, GONE)
COINS = Integer(0, 3, "coins")

Memory = Structure(
    "Memory",
    "What the gate remembers.",
    position=field(POSITION, "Where it is."),
    paid_at=field(Optional(INSTANT), "When somebody paid.", read_by="its owner"),
    last=field(U64, "The last number.", default=0),
)
Price = Structure("Price", "What it costs.", coins=field(COINS, "For one."))

PAID = Fact.declare(
    "Paid", "Coins went in.", halves={GATE: "CoinsInserted"}, time="at", durable=True,
    coins=field(COINS, "How many."), at=field(INSTANT, "When."),
)
PASSED = Fact.declare(
    "Passed", "Somebody went through.", halves={GATE: "SomebodyPassed"}, time="at", durable=False,
    at=field(INSTANT, "When."),
)
STOLEN = Fact.declare(
    "Stolen", "It was taken away.", halves={GATE: "GateStolen"}, time="at", durable=True,
    at=field(INSTANT, "When."),
)
CHIME = Effect.declare("Chime", "Sound.", side=GATE, coins=field(COINS, "How often."))

enough = Guard.declare("enough", event.coins >= policy.coins, must="it must be enough")

machine = Machine(
    name="Gate",
    doc="A gate.",
    sides=(GATE,),
    states=(SHUT, OPEN, GONE),
    state_sort=POSITION,
    record=Memory.sort,
    facts=(PAID, PASSED, STOLEN),
    effects=(CHIME,),
    policy=Price.sort,
    identity=(),
    numbering=Numbering("number", "last", U64, "The number."),
    rows=(
        Row.declare(
            "paid", SHUT, PAID, OPEN, guards=(enough,), sets={"paid_at": event.at},
            emits={GATE: (CHIME(coins=event.coins),)}, why="They paid.", cites="§1",
        ),
        Row.declare("passed", OPEN, PASSED, SHUT, emits={GATE: ()}, why="One may.", cites="§1"),
        Row.declare("stolen", SHUT, STOLEN, GONE, emits={GATE: ()}, why="It is iron.", cites="§2"),
    ),
    refusals=(
        Refusal(SHUT, (PASSED,), why="Nobody has paid."),
        Refusal(OPEN, (PAID, STOLEN), why="Somebody stands in it."),
        Refusal(GONE, (PAID, PASSED, STOLEN), why="There is nothing."),
    ),
)
'''

ENVIRONMENT: Final = '''\
"""Anybody may do anything to the gate."""

from gate.table import GONE, OPEN, SHUT, machine
from steptable.properties import after, always, always_event, before, sometimes, step
from steptable.terms import root
from steptable.world import Bounds, Instance, Start, World, any_event

gate = root("gate")

world = World(
    name="street",
    doc="A gate under any event.",
    instances=(Instance.declare("gate", machine, forgets={"last": 1}),),
    starts=(Start.declare("new", {"gate": {"position": SHUT, "last": 1}}),),
    actions=any_event("gate", machine, number_steps=range(0, 2)),
    bounds=Bounds.declare(symbols={}, instants=(0, 1)),
    properties=(
        always_event(
            "what is refused changes nothing",
            (~step.accepted).implies(after == before),
            why="Nobody need be afraid to ask.",
            cites="§1",
        ),
        always(
            "it opens for those who paid",
            (gate.position == OPEN).implies(gate.paid_at.is_known),
            why="It is there to earn money.",
            cites="§1",
        ),
        sometimes("it may go", gate.position == GONE, why="Things do.", cites="§2"),
    ),
    terminal=True,
)
'''

# Behind the environment: so many states more that no room is enough, nor any patience.
MANY: Final = """
from dataclasses import replace
from steptable.sorts import Integer
from steptable.world import Action, Variable

counts = [root(name) for name in ("miles", "yards")]
world = replace(
    world,
    variables=tuple(
        Variable.declare(name, Integer(0, 2000), 0, "How far.") for name in ("miles", "yards")
    ),
    actions=(
        *world.actions,
        *(
            Action.declare(f"add {n}", party="road", guard=count < 2000, sets={name: count + 1})
            for n, (name, count) in enumerate(zip(("miles", "yards"), counts))
        ),
    ),
    properties=(
        *world.properties,
        always("the road ends", counts[0] + counts[1] <= 4000, why="It is one.", cites="§1"),
    ),
)
"""

ROAD: Final = '''\
"""Two gates on one road, which are alike."""

from dataclasses import replace

from gate.table import GONE, OPEN, SHUT, machine
from steptable.properties import always, never
from steptable.terms import root
from steptable.world import Bounds, Instance, Start, World, any_event

GATES = ("upper", "lower")


def of_both(made):
    return tuple(item for name in GATES for item in made(name))


def actions(name):
    for action in any_event(name, machine, number_steps=range(1, 2)):
        yield replace(action, name=f"{name} gate: {action.name}")


def promises(name):
    gate = root(name)
    yield never(f"the {name} gate is gone", gate.position == GONE, why="It is iron.", cites="§2")
    yield always(
        f"the {name} gate opens for those who paid",
        (gate.position == OPEN).implies(gate.paid_at.is_known),
        why="It is there to earn money.",
        cites="§1",
    )


world = World(
    name="road",
    doc="Two gates under any event.",
    instances=tuple(Instance.declare(name, machine, forgets={"last": 1}) for name in GATES),
    starts=(Start.declare("new", {name: {"position": SHUT, "last": 1} for name in GATES}),),
    actions=of_both(actions),
    bounds=Bounds.declare(symbols={}, instants=(0, 1)),
    properties=of_both(promises),
    terminal=True,
)
'''

TOWN: Final = '''\
"""Two gates, a walker with a purse, and a bird that never stops."""

from gate.table import CHIME, GONE, OPEN, SHUT, machine
from steptable.properties import action, after, always_event, always_step, before, leads_to, step
from steptable.sorts import TRUTH, Integer
from steptable.terms import instant, root
from steptable.world import Action, Bounds, Instance, Start, Variable, World, choice, deliver

east, west, purse, heard, sings = (
    root(name) for name in ("east", "west", "purse", "heard", "sings")
)

world = World(
    name="town",
    doc="A walker between two gates.",
    instances=(
        Instance.declare("east", machine, on={CHIME: {"heard": True}}, forgets={"last": 0}),
        Instance.declare("west", machine, forgets={"last": 0}),
    ),
    variables=(
        Variable.declare("purse", Integer(0, 3), [2, 3], "The coins that the walker has."),
        Variable.declare("heard", TRUTH, False, "The east gate has chimed."),
        Variable.declare("sings", TRUTH, False, "Whether the bird sings."),
    ),
    starts=(
        Start.declare(
            "morning",
            {"east": {"position": SHUT, "last": 0}, "west": {"position": SHUT, "last": 0}},
        ),
    ),
    actions=(
        Action.declare(
            "pay",
            party="walker",
            says="the walker puts {price} into the east gate",
            choices={"price": Integer(1, 2, "coins")},
            guard=(purse >= choice.price) & (east.position == SHUT),
            sets={"purse": purse - choice.price},
            events=[
                deliver(
                    "east",
                    "CoinsInserted",
                    {"coins": 2},
                    coins=choice.price,
                    at=instant(0),
                    number=east.last + 1,
                )
            ],
        ),
        Action.declare(
            "steal",
            party="thief",
            says="a thief carries both gates away",
            guard=west.position == SHUT,
            events=[
                deliver("west", "GateStolen", at=instant(0), number=west.last + 1),
                deliver("east", "GateStolen", at=instant(0), number=east.last + 1),
            ],
        ),
        Action.declare(
            "sing", party="bird", says="the bird turns", sets={"sings": ~sings}, fair="weak"
        ),
        Action.declare("fly", party="bird", guard=heard & ~heard, sets={"sings": True}),
    ),
    bounds=Bounds.declare(symbols={}, instants=(0,)),
    terminal=True,
    properties=(
        always_step(
            "coins are never lost",
            (action == "pay").implies(after.east.position == OPEN),
            why="The walker is no benefactor.",
            cites="§1",
        ),
        always_event(
            "both gates can be taken",
            step.accepted,
            instance="east",
            why="Thieves are thorough.",
            cites="§2",
        ).known_to_fail(
            length=1,
            through=("pay",),
            explanation="One coin is not enough.",
            repair="Ask for one coin only.",
        ),
        leads_to(
            "the robbed hear a chime",
            west.position == GONE,
            heard,
            why="It would be some comfort.",
            cites="§3",
        ),
    ),
)
'''

FILES: Final = {
    "pyproject.toml": PYPROJECT,
    "gate/__init__.py": INIT,
    "gate/table.py": TABLE,
    "gate/environment.py": ENVIRONMENT,
}


def write_project(folder: Path, **changed: str) -> Path:
    """The gate as a project of its own; `table`, `environment`, … replace the file of that name."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(changed.get(file.stem, text), encoding="utf-8")
    return folder


def edited(text: str, old: str, new: str) -> str:
    """A text with one thing changed, which must be there."""
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


def golden(name: str, text: str) -> str:
    """The transcript of that name; with REWRITE_GOLDEN=1 in the environment, it is rewritten."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("REWRITE_GOLDEN") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Done:
    """What a command said, without the time that it took, and its exit code."""

    code: int
    out: str
    err: str


def run(folder: Path, *arguments: str) -> Done:
    """The command line in this process, as if it had been started in a folder."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        fresh_interpreter(),
    ):
        sys.argv = ["steptable", *arguments]
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, timeless(_text(out)), _text(err))


_PACKAGES: Final = ("gate", "lease", "post", "rules", "helpers", "acme", "prices")


@contextlib.contextmanager
def fresh_interpreter() -> Iterator[None]:
    """Forgets what was imported: each project has a package of the same name."""
    modules, path, argv = dict(sys.modules), list(sys.path), sys.argv
    try:
        yield
    finally:
        for name in sys.modules.keys() - modules.keys():
            if name.partition(".")[0] in _PACKAGES:
                del sys.modules[name]
        sys.path[:] = path
        sys.argv = argv


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def timeless(text: str) -> str:
    """A report without the seconds that it took."""
    text = re.sub(r"\d+\.\d+ s$", "0.0 s", text, flags=re.MULTILINE)
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0.0', text)


def start(
    folder: Path,
    *arguments: str,
    stdout: IO[str] | int = subprocess.PIPE,
    first: str = "",
    **environment: str,
) -> subprocess.Popen[str]:
    """The command line in a process of its own, which may be made to do something first."""
    begun = f"import steptable.cli.commands\n{first}\nsteptable.cli.main()"
    return subprocess.Popen(
        [sys.executable, *(("-c", begun) if first else ("-m", "steptable.cli")), *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "model")} | environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        # A background job inherits that Ctrl-C is ignored; a terminal's does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
