"""The command line says what is the case in few words, and means its exit code."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from support.projects import (
    ENVIRONMENT,
    INIT,
    MANY,
    ROAD,
    ROOT,
    TABLE,
    TOWN,
    Done,
    edited,
    run,
    start,
    timeless,
    write_project,
)

FULL = Path("/dev/full")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The gate with its derived files."""
    run(write_project(tmp_path), "generate")
    return tmp_path


def test_check_says_the_verdict_of_every_property(gate: Path) -> None:
    """The last line is the one that is read: all is as declared."""
    assert run(gate, "check") == Done(
        0,
        """\
world street: 5 states, depth 3, 64 transitions, 0.0 s
  holds         what is refused changes nothing
  holds         it opens for those who paid
  witnessed     it may go
  unneeded      guard 'enough' of row 'paid' (gate/table.py:41): no property falls without it
ok: 3 properties of 1 world as declared
""",
        "",
    )


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    """It can be asked for anywhere: there is nothing to read for it."""
    installed = metadata.version("nixfleet-state-machine")

    assert run(tmp_path, "--version") == Done(0, f"steptable {installed}\n", "")


def test_a_thorough_check_names_updates_that_no_property_needs(tmp_path: Path) -> None:
    """A field that is kept for people alone is worth a second look."""
    passed = '"passed", OPEN, PASSED, SHUT,'
    table = edited(TABLE, passed, f'{passed} sets={{"paid_at": event.at}},')
    run(write_project(tmp_path, table=table), "generate")
    done = run(tmp_path, "check", "--thorough")
    told = [line for line in done.out.splitlines() if line.startswith("  unneeded      update")]

    assert done.code == 0
    assert told == [
        "  unneeded      update of 'paid_at' by row 'passed' (gate/table.py:60): no property of a "
        "world with up to 100,000 states falls without it"
    ]
    assert "update of" not in run(tmp_path, "check").out


def test_symmetry_that_a_world_does_not_have_is_a_wrong_use(gate: Path) -> None:
    """Counts up to an order would be taken for counts of states, or the other way round."""
    assert run(gate, "check", "--symmetry") == Done(
        2,
        "",
        "steptable: world 'street' can't be reduced: the world calls nothing interchangeable\n",
    )
    assert run(gate, "check", "--no-symmetry").code == 0


def test_members_that_are_alike_are_checked_once_and_told_of_each(tmp_path: Path) -> None:
    """Each trace is of the very gate, and its key names a run of the world."""
    alike = edited(ROAD, "properties=of", "interchangeable=(Alike(GATES),), properties=of")
    alike = edited(alike, "import Bounds", "import Alike, Bounds")
    folder = write_project(tmp_path, environment=alike)
    run(folder, "generate")
    done, whole = run(folder, "check", "--symmetry"), run(folder, "check", "--no-symmetry")
    keys = re.findall(r"replay +steptable replay road (\S+)", done.out)

    assert (done.code, whole.code) == (1, 1)
    assert done.out.splitlines()[0].startswith("world road: 15 states, depth 6, ")
    assert whole.out.splitlines()[0].startswith("world road: 25 states, depth 6, ")
    assert "states that differ by the order of upper and lower alone count once" in done.out
    assert len(keys) == 2
    for key, name in zip(keys, ("upper", "lower"), strict=True):
        assert f"{name}: row 'stolen'" in run(folder, "replay", "road", key).out


@pytest.mark.parametrize(
    "arguments", ["check", "generate", "generate --check", "draw --format dot", "check street"]
)
def test_quiet_says_nothing_where_all_is_well(gate: Path, arguments: str) -> None:
    """A script that runs it wants to hear of trouble alone."""
    assert run(gate, *arguments.split(), "-q") == Done(0, "", "")


def test_quiet_still_says_what_is_wrong(tmp_path: Path) -> None:
    """Whoever asked for quiet did not ask to be left in the dark."""
    environment = edited(
        ENVIRONMENT,
        'sometimes("it may go", gate.position == GONE',
        'never("it may go", gate.position == GONE',
    )
    run(write_project(tmp_path, environment=edited(environment, "sometimes", "never")), "generate")
    done = run(tmp_path, "check", "-q")

    assert done.code == 1
    assert "  violated      it may go\n" in done.out
    assert "holds" not in done.out


def test_json_is_all_that_json_prints(gate: Path) -> None:
    """A program reads stdout as it is."""
    done = run(gate, "check", "--format", "json", "--max-states", "1")
    result = json.loads(done.out)

    assert (done.code, done.err, result["passes"]) == (3, "", False)
    assert result["worlds"][0]["stopped"] != ""


def test_a_bound_that_was_hit_is_no_pass_and_no_failure(gate: Path) -> None:
    """What was not explored may hold or not; the exit code is one of its own."""
    assert run(gate, "check", "--max-states", "2") == Done(
        3,
        """\
world street: 2 states, depth 0, 28 transitions, 0.0 s
  inconclusive  what is refused changes nothing
  inconclusive  it opens for those who paid
  inconclusive  it may go
  incomplete    stopped at 2 states, as --max-states asks; states first found at each depth: 1
                variables with the most distinct values: gate.position (2), gate.paid_at? (2)

incomplete: 3 of 3 properties inconclusive
""",
        "",
    )


def test_a_value_that_leaves_its_bounds_is_named_with_the_way_there(tmp_path: Path) -> None:
    """Who wrote the action wants to see the value, and where it came from."""
    folder = write_project(tmp_path, environment=TOWN)
    run(folder, "generate", "-q")
    spent = edited(TOWN, '"purse": purse - choice.price', '"purse": purse - choice.price - 1')
    write_project(folder, environment=spent)
    done = run(folder, "check")
    fault, *way = done.err.splitlines()

    assert (done.code, done.out) == (2, "incomplete: not explored: town\n")
    assert fault == (
        "gate/environment.py:32: world 'town', action 'pay': 'purse' can't be -1, which is no "
        "integer 0..3, at step 1; widen the bound, or guard the action [overrun]"
    )
    assert way[-3].endswith("world: purse 2 → -1, heard false → true")
    assert [line.strip() for line in way[-2:]] == [
        "bound         'purse', an integer 0..3, is declared at gate/environment.py:21",
        "replay        steptable replay town 0/3",
    ]
    assert run(folder, "replay", "town", "0/3") == Done(0, done.err, "")
    assert run(folder, "replay", "town", "0/3/0").err == (
        "steptable: world 'town' has no trace '0/3/0': step 1 leaves the bounds, so that nothing "
        "follows\n"
    )


TWO_WORLDS: Final = (
    edited(TOWN, '"purse": purse - choice.price', '"purse": purse - choice.price - 1')
    + """
from dataclasses import replace

village = replace(
    world,
    name="village",
    actions=tuple(item for item in world.actions if item.name != "pay"),
    properties=(),
)
"""
)


@pytest.fixture
def overrun(tmp_path: Path) -> Path:
    """A project of two worlds, in the first of which a value leaves its bounds."""
    folder = write_project(tmp_path, environment=TOWN)
    run(folder, "generate", "-q")
    file = folder / "pyproject.toml"
    worlds = '["gate.environment:world", "gate.environment:village"]'
    text = edited(file.read_text("utf-8"), '["gate.environment:world"]', worlds)
    file.write_text(text, "utf-8")
    (folder / "gate" / "environment.py").write_text(TWO_WORLDS, "utf-8")
    return folder


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_a_value_that_leaves_its_bounds_is_told_in_every_format(overrun: Path, form: str) -> None:
    """Who reads a build in another tool has the same to work with, and the other worlds judged."""
    done = run(overrun, "check", "--format", form)
    told = done.err + done.out

    assert done.code == 2
    for part in ("purse", "gate/environment.py:21", "0/3", "village", "walker puts 2 into"):
        assert part in told


def test_what_can_be_drawn_is_drawn_though_a_world_leaves_its_bounds(overrun: Path) -> None:
    """A picture of one world is no worse for what another one does."""
    done = run(overrun, "draw", "space", "--format", "dot", "--out", "drawn")

    assert (done.code, done.out) == (
        2,
        "wrote drawn/space-village-east.dot\nwrote drawn/space-village-west.dot\n",
    )
    assert done.err.endswith("replay        steptable replay town 0/3\nnot drawn: town\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check stret", "steptable: there is no world 'stret'; did you mean 'street'?\n"),
        ("draw mashine", "steptable: there is no view 'mashine'; did you mean 'machine'?\n"),
        ("replay stret 0", "steptable: there is no world 'stret'; did you mean 'street'?\n"),
        ("export shema", "steptable: 'shema' can't be exported; did you mean 'schema'?\n"),
        ("export schema", "steptable: the machine Gate declares no wire\n"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(gate: Path, arguments: str, said: str) -> None:
    """A typo costs one look."""
    assert run(gate, *arguments.split()) == Done(2, "", said)


@pytest.mark.parametrize(
    ("arguments", "offered"),
    [
        ("chek", "check"),
        ("check --format xml", "json"),
        ("draw --format gif", "svg"),
        ("check --max-states 0", "1"),
        ("generate everything", "generate"),
        ("replay street", "key"),
    ],
)
def test_wrong_usage_is_told_from_a_failed_check(gate: Path, arguments: str, offered: str) -> None:
    """CI must not take a typo in its own script for a broken promise."""
    done = run(gate, *arguments.split())

    assert (done.code, done.out) == (2, "")
    assert offered in done.err


def test_a_folder_without_a_project_is_a_sentence_that_says_what_to_write(tmp_path: Path) -> None:
    """Nobody is born with a [tool.steptable]."""
    assert run(tmp_path, "check") == Done(
        2,
        "",
        f"steptable: no pyproject.toml with a [tool.steptable] table in {tmp_path} or above it; "
        'add one with machine = "package.module:name" and package = "path/to/package"\n',
    )


def test_a_project_is_found_from_its_folders(gate: Path) -> None:
    """One does not stand in the root of a project all day."""
    assert run(gate / "gate", "generate", "--check", "-q") == Done(0, "", "")


@pytest.mark.parametrize("text", [None, "", "def (", "raise SystemExit(3)\n"])
def test_a_check_waits_for_no_reducer_to_be_written(tmp_path: Path, text: str | None) -> None:
    """What a row does is seen at once; whether files are current, `generate --check` says."""
    write_project(tmp_path)
    if text is not None:
        (tmp_path / "gate" / "reducer.py").write_text(text)

    assert run(tmp_path, "check").code == 0
    assert run(tmp_path, "replay", "street", "0/0").code == 0
    assert run(tmp_path, "generate", "--check", "--only", "reducer").code == 1


def test_a_package_that_cannot_be_imported_is_named_with_the_line(gate: Path) -> None:
    """The reducer is in order; what importers load around it is not."""
    write_project(gate, __init__=f"{INIT}\nnonsense\n")
    program = "from steptable.project import load; load().reducer()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=gate, capture_output=True, text=True, check=False
    )

    assert done.stderr.splitlines()[-1] == (
        "steptable.errors.UsageError: gate/__init__.py:3: gate.reducer can't be imported: "
        "NameError: name 'nonsense' is not defined"
    )
    assert run(gate, "check").code == 0


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_what_is_kept_is_reported_as_what_was_just_found(tmp_path: Path, form: str) -> None:
    """To the byte, seconds apart: with traces, coverage, and what is of no use."""
    write_project(tmp_path, environment=TOWN)
    arguments = ("check", "--format", form, "--findings", "--coverage")
    fresh = run(tmp_path, *arguments, "--fresh")
    kept = run(tmp_path, *arguments)

    assert (fresh.code, kept.code) == (1, 1)
    assert re.sub(r'time="[\d.]+"', "", timeless(kept.out)) == re.sub(
        r'time="[\d.]+"', "", timeless(fresh.out)
    )
    assert kept.err == fresh.err


# ── Declarations that are wrong ──────────────────────────────────────────────────────


def test_every_fault_of_a_declaration_is_one_line(tmp_path: Path) -> None:
    """One run shows all there is to repair, with the line to go to."""
    table = edited(TABLE, "event.coins >=", "event.coin >=")
    table = edited(table, '{"paid_at": event.at}', '{"payed_at": event.at}')
    done = run(write_project(tmp_path, table=table), "check")
    *faults, last = done.err.splitlines()

    assert (done.code, done.out, last) == (2, "", f"{len(faults)} faults; nothing was done")
    assert len(faults) >= 2
    shape = re.compile(r"gate/table\.py:\d+: [^:]+: .+; .+ \[[a-z-]+\]")
    assert [line for line in faults if not shape.fullmatch(line)] == []


def test_faults_of_a_world_are_told_like_those_of_a_machine(tmp_path: Path) -> None:
    """An environment is declared too."""
    environment = edited(ENVIRONMENT, "gate.position == GONE", "gate.positon == GONE")
    done = run(write_project(tmp_path, environment=environment), "generate")

    assert done.code == 2
    assert "property 'it may go'" in done.err
    assert "did you mean 'position'? [unknown-name]" in done.err


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            '"last": 1}})',
            '"last": First}})',
            14,
            "NameError: name 'First' is not defined",
        ),
        (
            'actions=any_event("gate", machine, number_steps=range(0, 2))',
            'actions=any_event("gate", machine, number_steps=range("2"))',
            15,
            "TypeError: 'str' object cannot be interpreted as an integer",
        ),
        (
            'name="street"',
            'name = = "street"',
            11,
            "SyntaxError: invalid syntax",
        ),
        (
            "import GONE, OPEN",
            "import GONE, OPENED, OPEN",
            3,
            "ImportError: cannot import name 'OPENED' from 'gate.table'",
        ),
        (
            "instants=(0, 1)",
            "instants=__import__('json').loads('[0, 1')",
            16,
            "JSONDecodeError: Expecting ',' delimiter",
        ),
    ],
)
def test_a_declaration_that_raises_is_a_fault_of_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    """A slip in a declaration is no reason to show the inside of the tool."""
    write_project(tmp_path, environment=edited(ENVIRONMENT, old, new))
    done = run(tmp_path, "check")
    fault, last = done.err.splitlines()

    assert (done.code, done.out, last) == (2, "", "1 fault; nothing was done")
    assert fault.startswith(f"gate/environment.py:{line}: gate.environment: it can't be read: ")
    if sys.version_info[:2] == (3, 11):  # Python words its errors anew now and then
        assert said in fault
    assert fault.endswith("; correct that line [broken]")


# ── Drawings ─────────────────────────────────────────────────────────────────────────


def test_texts_are_drawn_without_dot_and_pictures_say_how_to_get_it(
    gate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop without graphviz still gets what it can."""
    monkeypatch.setenv("PATH", str(gate))

    assert run(
        gate,
        "draw",
        "machine",
        *["--format", "svg", "--format", "dot", "--format", "mermaid", "--out", "new/drawn"],
    ) == Done(
        2,
        "wrote new/drawn/machine.dot\nwrote new/drawn/machine.mmd\n",
        "steptable: svg needs the program dot, which is missing; install it with "
        "`apt-get install graphviz` or `brew install graphviz`, "
        "or draw with `--format dot --format mermaid`, which work without\n",
    )


def test_a_dot_that_fails_is_quoted(gate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which font or format it lacks, only dot can say."""
    dot = gate / "dot"
    dot.write_text("#!/bin/sh\necho 'Format: \"svg\" not recognized.' >&2\nexit 1\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(gate))

    assert run(gate, "draw", "--format", "svg") == Done(
        2, "", 'steptable: dot can\'t draw svg: Format: "svg" not recognized.\n'
    )


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
def test_a_machine_of_any_project_is_drawn(gate: Path) -> None:
    """Nothing in a drawing is of one machine only."""
    machines = ("machine.svg", "machine.png", "machine-effects.svg", "matrix.svg", "matrix.png")
    names = ("page.html", *machines, "space-street.svg", "coverage-street.svg")

    assert run(gate, "draw") == Done(0, "".join(f"wrote diagrams/{name}\n" for name in names), "")
    assert (gate / "diagrams" / "machine.png").read_bytes().startswith(b"\x89PNG")
    assert run(gate, "generate", "--check").code == 0


def test_the_page_of_any_project_needs_no_dot(gate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It carries its own drawing, and is HTML and nothing else."""
    monkeypatch.setenv("PATH", "")
    where = ["--out", "new"]

    assert run(gate, "draw", "page", *where) == Done(0, "wrote new/page.html\n", "")
    assert run(gate, "draw", "page", "--format", "dot", *where) == Done(
        2, "", "steptable: 'page' can't be drawn as dot; it can as html\n"
    )
    text = (gate / "new" / "page.html").read_text(encoding="utf-8")
    assert (text.count("<svg"), text.count("http://"), text.count("https://")) == (1, 0, 0)


def test_a_folder_that_cannot_be_written_is_a_sentence(gate: Path) -> None:
    """A wrong --out is no accident of the tool."""
    assert run(gate, "draw", "--format", "dot", "--out", "pyproject.toml") == Done(
        2,
        "",
        f"steptable: pyproject.toml/machine.dot can't be written: "
        f"{gate / 'pyproject.toml'} is no folder\n",
    )


def test_the_table_of_any_project_is_printed_whole(gate: Path) -> None:
    """Into a pipe it goes as wide as it is."""
    assert run(gate, "table") == Done(
        0,
        """\
A gate.
╭───────────────┬───────────┬────────┬─────╮
│fact           │           │        │     │
│gate           │ Shut      │ Open   │ Gone│
├───────────────┼───────────┼────────┼─────┤
│Paid           │ → Open    │ · 2    │ · 3 │
│CoinsInserted  │ paid      │        │     │
│               │ if enough │        │     │
├───────────────┼───────────┼────────┼─────┤
│Passed         │ · 1       │ → Shut │ · 3 │
│SomebodyPassed │           │ passed │     │
├───────────────┼───────────┼────────┼─────┤
│Stolen         │ → Gone    │ · 2    │ · 3 │
│GateStolen     │ stolen    │        │     │
╰───────────────┴───────────┴────────┴─────╯
3 states with 3 events each, 9 pairs: 3 accepted, 6 refused.
· 1 Shut refuses: Nobody has paid.
· 2 Open refuses: Somebody stands in it.
· 3 Gone refuses: There is nothing.
if enough: event coins ≥ policy coins
""",
        "",
    )


def test_the_schema_of_the_wire_is_json(tmp_path: Path) -> None:
    """Those who write the other end need not read Python."""
    (tmp_path / "post").mkdir()
    shutil.copy(
        ROOT / "tests" / "support" / "faulty" / "parcel.py", tmp_path / "post" / "machine.py"
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.steptable]\nmachine = "post.machine:parcel"\npackage = "post"\n'
    )
    wrote = run(tmp_path, "generate")
    done = run(tmp_path, "export", "schema")

    assert "wrote post/wire.py" in wrote.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert "$defs" in json.loads(done.out)
    assert run(tmp_path, "check") == Done(
        2, "", "steptable: no world is declared; name some as worlds in [tool.steptable]\n"
    )


# ── As a process among others ────────────────────────────────────────────────────────


def test_a_reader_that_stops_reading_is_no_error(gate: Path) -> None:
    """`steptable … | head -1` ends without a word."""
    process = start(gate, "table")
    assert process.stdout is not None
    process.stdout.close()

    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == ("", 141)
    process.stderr.close()


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_a_sentence(gate: Path) -> None:
    """A report that was not written must not look like one that was."""
    with FULL.open("w") as full:
        process = start(gate, "check", "--format", "json", stdout=full)
        _, err = process.communicate()

    assert (process.returncode, err) == (
        2,
        "steptable: the results can't be written: No space left on device\n",
    )


@pytest.mark.parametrize("arguments", ["check", "check --nope", "table"])
def test_a_width_of_nothing_hides_nothing(gate: Path, arguments: str) -> None:
    """What starts a process without a terminal may say that it has 0 columns."""
    said = []
    for width in ("0", "80"):
        process = start(gate, *arguments.split(), COLUMNS=width)
        out, err = process.communicate()
        said.append((process.returncode, timeless(out), err))

    assert said[0] == said[1]


def test_an_interrupted_check_says_what_it_knows(tmp_path: Path) -> None:
    """Ctrl-C ends a long run, not its results."""
    ready = "import sys\nprint('ready', file=sys.stderr, flush=True)\n"
    run(write_project(tmp_path), "generate")
    write_project(tmp_path, environment=ENVIRONMENT + MANY + ready)
    process = start(tmp_path, "check")
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (130, "")
    assert out.splitlines()[-1].startswith("incomplete: ")
