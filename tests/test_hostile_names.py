"""Whatever things are called, each output is what it is, and says nothing that nobody wrote.

The names and texts are those of `hostile`. A declaration of them is either refused, in faults
that say where, or every target makes something of it that others can read.
"""

from __future__ import annotations

import html.parser
import io
import json
import re
import shutil
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hostile import IDENTIFIERS, TEXTS, machine_of, world_of
from steptable.check import Result, check
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.drawing.spaces import space_drawings
from steptable.errors import UsageError
from steptable.explore.compiler import find_compiler
from steptable.explore.engines import search
from steptable.explore.promela import model
from steptable.explore.system import build
from steptable.interchange import Declarations, from_json, to_json
from steptable.machine import Machine
from steptable.report.findings import findings_markdown
from steptable.report.github import step_summary, workflow_commands
from steptable.report.json import run_json
from steptable.report.junit import run_junit
from steptable.report.outcome import Run
from steptable.report.page.document import page_html
from steptable.report.places import Places
from steptable.report.pytest_code import test_source as written_test
from steptable.report.sarif import run_sarif
from steptable.report.table import matrix_view
from steptable.report.terminal import Terminal
from steptable.report.text import Report
from steptable.targets.draw import Drawing
from steptable.targets.in_memory import generated, loaded
from steptable.targets.matrix import matrix_markdown
from steptable.targets.reducer import reducer_source
from steptable.targets.statemachine import state_machine
from steptable.targets.trial import try_modules
from steptable.targets.wire import wire_source
from steptable.wellformed import faults_of
from steptable.wellformed.worlds import faults_of_world
from steptable.world import World

PACKAGE: Final = "hostile_package"
PLACES: Final = Places(Path(__file__).resolve().parent)

LIVELY: Final = re.compile(r"(?m)^\s*::|##\w*\[|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""What steers a terminal, or is a command to what runs a build."""

USUAL: Final = {"separator": "@"}


@st.composite
def names(draw: st.DrawFn) -> dict[str, str]:
    """Names for some roles, most of the others being called by their roles themselves."""
    roles = draw(st.lists(st.sampled_from(sorted(_roles()[0])), max_size=12, unique=True))
    texts = draw(st.lists(st.sampled_from(sorted(_roles()[1])), max_size=20, unique=True))
    called = draw(st.permutations(IDENTIFIERS))
    return dict(zip(roles, called, strict=False)) | {role: draw(_texts()) for role in texts}


def _texts() -> st.SearchStrategy[str]:
    one = st.sampled_from(TEXTS)
    return one | st.tuples(one, one).map("".join)


@cache
def _roles() -> tuple[frozenset[str], frozenset[str]]:
    """The roles that ask for an identifier, and those that ask for a text."""
    asked: tuple[set[str], set[str]] = (set(), set())

    def called(role: str) -> str:
        asked[0].add(role)
        return _plain(role)

    def said(role: str) -> str:
        asked[1].add(role)
        return USUAL.get(role, role)

    world_of(machine_of(called, said), called, said)
    return frozenset(asked[0]), frozenset(asked[1])


def _plain(role: str) -> str:
    """An identifier for a role: types with a capital."""
    name = role.replace(" ", "_")
    small = ("field", "instance", "variable", "choice", "constructor", "rehydration")
    return name if role.startswith(small) else name.title()


def declared(given_names: dict[str, str]) -> tuple[Machine, World]:
    """The machine and world under some names."""

    def called(role: str) -> str:
        return given_names.get(role) or _plain(role)

    def said(role: str) -> str:
        return given_names.get(role) or USUAL.get(role, role)

    machine = machine_of(called, said)
    return machine, world_of(machine, called, said)


def admissible(given_names: dict[str, str]) -> tuple[Machine, World] | None:
    """The same, or None where faults say that it can't be called so."""
    machine, world = declared(given_names)
    faults = [*faults_of(machine)] or [*faults_of_world(world)]
    for fault in faults:
        assert fault.location.file
        assert not LIVELY.search(str(fault).split(": ", 1)[1])
    return None if faults else (machine, world)


def each(examples: int) -> settings:
    """So many draws, always the same."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def found(machine: Machine, world: World) -> Result:
    with generated(machine) as structs:
        return check(world, {machine.name: structs}, engine="python")


def test_the_usual_names_are_admissible() -> None:
    """What is drawn would otherwise be refused for something else than its names."""
    both = admissible({})

    assert both is not None
    assert [item.verdict for item in found(*both).judgements] == [
        "violated",
        "finding",
        "witnessed",
        "holds",
        "holds",
    ]


def _admitted(given_names: dict[str, str]) -> tuple[Machine, World]:
    """The machine and world of a draw, unless it is refused: then another is drawn."""
    both = admissible(given_names)
    assume(both is not None)
    assert both is not None
    return both


def _drawings(machine: Machine, world: World) -> list[Drawing]:
    result = found(machine, world)
    spaces = space_drawings(search(build(world)))
    return [*machine_drawings(machine), *spaces, *finding_drawings([result])]


# ── Code ─────────────────────────────────────────────────────────────────────────────


@each(40)
@given(given_names=names())
def test_generated_modules_work_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """A name that ends a string, hides a builtin or meets another must not become code."""
    machine, _ = _admitted(given_names)
    assert machine.wire is not None
    codec = wire_source(machine, machine.wire, PACKAGE)

    try_modules(machine, PACKAGE, reducer_source(machine), codec)


@each(15)
@given(given_names=names())
def test_a_trace_as_a_test_passes_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """What is pasted into a test suite is run there, by people and by CI."""
    machine, world = _admitted(given_names)
    with generated(machine) as structs:
        result = check(world, {machine.name: structs}, engine="python")
        traces = [item.trace for item in result.judgements if item.trace and item.trace.steps]
        sources = [written_test(world, trace, structs, PACKAGE) for trace in traces]

    assert sources
    with loaded(PACKAGE, reducer_source(machine)):
        for source in sources:
            with loaded("pasted", source) as pasted:
                (test,) = [value for name, value in vars(pasted).items() if name[:5] == "test_"]
                test()


@each(15)
@given(given_names=names())
def test_a_state_machine_is_made_or_refused_in_a_sentence(given_names: dict[str, str]) -> None:
    """The library has names of its own, which a class for it can't use."""
    machine, _ = _admitted(given_names)
    try:
        made = [state.value for state in state_machine(machine).states]
    except UsageError as error:
        made = [str(error).split("' has ")[1].split(",")[0]]

    names_of_states = [state.name for state in machine.states]
    assert made in (names_of_states, ["a meaning of its own in python-statemachine"])


@each(15)
@given(given_names=names())
def test_declarations_are_read_back_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """A version that is kept as JSON is compared with later ones by its names."""
    machine, world = _admitted(given_names)

    whole = Declarations(machine, (world,), ())
    assert from_json(to_json(whole), "it") == whole


# ── Drawings ─────────────────────────────────────────────────────────────────────────


@each(15)
@given(given_names=names())
def test_drawings_have_names_of_their_own_and_text_that_is_none_of_their_language(
    given_names: dict[str, str],
) -> None:
    """Two drawings of one name are one; a label that ends its line begins something else."""
    machine, world = _admitted(given_names)
    drawings = _drawings(machine, world)

    names_of_files = [drawing.name for drawing in drawings]
    assert [name for name in names_of_files if not re.fullmatch(r"[a-z0-9/-]{1,170}", name)] == []
    assert len({*names_of_files}) == len(names_of_files)
    for drawing in drawings:
        if drawing.svg is not None:
            ElementTree.fromstring(drawing.svg)
        if drawing.mermaid is not None:
            _demand_balanced(drawing.mermaid)


def _demand_balanced(mermaid: str) -> None:
    """Each note and loop ends once, and no line begins with anything but an ordinary word."""
    lines = [line.strip() for line in mermaid.splitlines()]
    begun = [sum(line.startswith(word) for line in lines) for word in ("note ", "loop ")]

    assert [lines.count("end note"), lines.count("end")] == begun
    assert [line for line in lines if not re.match(r"\[\*\] |[A-Za-z0-9#]", line)] == []
    assert re.sub(r"[ -~§→≤≥≠\n]", "", mermaid) == ""


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
@each(3)
@given(given_names=names())
def test_dot_draws_whatever_things_are_called(given_names: dict[str, str]) -> None:
    """A label that is no markup is an error of a program that nobody here has written."""
    machine, world = _admitted(given_names)

    for drawing in _drawings(machine, world):
        if drawing.dot is not None:
            ElementTree.fromstring(drawing.drawn("svg"))


@each(10)
@given(given_names=names())
def test_the_page_has_the_scripts_and_elements_that_it_has_always(
    given_names: dict[str, str],
) -> None:
    """What is declared is data there: no tag, no script and no attribute comes of it."""
    machine, world = _admitted(given_names)
    page = _Page()
    page.feed(page_html(machine, [found(machine, world)]))

    assert page.scripts == ["", ""]
    assert page.tags == _usual_tags()
    assert json.loads(page.data)["machines"][0]["doc"] == machine.doc


class _Page(html.parser.HTMLParser):
    """What a page consists of, and the data in it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.scripts: list[str] = []
        self.data = ""
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given_attributes = dict(attrs)
        self._is_data = given_attributes.get("id") == "contents"
        assert not [name for name in given_attributes if name.startswith("on")]
        if tag == "script":
            self.scripts.append(given_attributes.get("src") or "")

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.data += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # the name is the parser's
        self._is_data = False


@cache
def _usual_tags() -> set[str]:
    machine, world = _admitted({})
    page = _Page()
    page.feed(page_html(machine, [found(machine, world)]))
    return page.tags


# ── Reports and models ───────────────────────────────────────────────────────────────


@each(15)
@given(given_names=names())
def test_reports_are_read_by_others(given_names: dict[str, str]) -> None:
    """XML, JSON and workflow commands have words of their own, and so may names."""
    machine, world = _admitted(given_names)
    run = Run((found(machine, world),))

    names_of_cases = [
        case.get("name") for case in ElementTree.fromstring(run_junit(run, PLACES)).iter("testcase")
    ]
    assert names_of_cases[: len(world.properties)] == [item.name for item in world.properties]
    assert json.loads(run_json(run))["worlds"][0]["world"] == world.name
    assert json.loads(run_sarif(run, PLACES))["version"] == "2.1.0"
    for line in workflow_commands(run, PLACES):
        assert re.match(r"::(error|notice|warning) [^\n]*$", line)
    assert not re.search("(?m)^::", step_summary(run))


@each(15)
@given(given_names=names())
def test_what_is_printed_steers_nothing(given_names: dict[str, str]) -> None:
    """A log is read by a terminal and by what runs the build, and both obey some texts."""
    machine, world = _admitted(given_names)
    report = Report(None, findings=True)
    with generated(machine) as structs:
        result = check(world, {machine.name: structs}, engine="python")
    lines = [
        *report.world(result),
        *(
            line
            for item in result.judgements
            if item.trace
            for line in report.replayed(world, item.trace)
        ),
    ]

    with redirect_stdout(io.StringIO()) as shown:
        for line in lines:
            Terminal().print(line)
        Terminal().print_table(matrix_view(machine, None))
    assert not LIVELY.search(shown.getvalue())


@each(15)
@given(given_names=names())
def test_a_model_for_spin_has_names_in_comments_alone(given_names: dict[str, str]) -> None:
    """Its preprocessor reads lines, and its comments end where they end."""
    _, world = _admitted(given_names)
    text = model(build(world))

    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert re.sub(r"[ -~\n]", "", code) == ""
    assert {line for line in code.splitlines() if line[:1] == "#"} == {
        line for line in _usual_model().splitlines() if line[:1] == "#"
    }


@cache
def _usual_model() -> str:
    return re.sub(r"/\*.*?\*/", "", model(build(_admitted({})[1])), flags=re.DOTALL)


@pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
@each(2)
@given(given_names=names())
def test_compiled_code_finds_the_same_whatever_things_are_called(
    given_names: dict[str, str],
) -> None:
    """Names are numbers there, and texts no code."""
    _, world = _admitted(given_names)

    c, python = (check(world, engine=engine) for engine in ("c", "python"))
    assert [item.verdict for item in c.judgements] == [item.verdict for item in python.judgements]
    assert c.states == python.states


@each(15)
@given(given_names=names())
def test_tables_of_markdown_keep_their_cells(given_names: dict[str, str]) -> None:
    """A bar in a name would be a column more, and a tag whatever it is."""
    machine, world = _admitted(given_names)
    result = found(machine, world)

    for text in (matrix_markdown(machine), findings_markdown([result])):
        for rows in re.findall(r"(?m)(?:^\|.*\n)+", text):
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows.splitlines()}) == 1
        outside_of_code = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        assert set(re.findall(r"<[^>]*>", outside_of_code)) <= {"<br>"}
