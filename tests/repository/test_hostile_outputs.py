"""Whatever things are called, drawings, pages and reports are read by others as what they are."""

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
from hypothesis import given

from steptable.check import check
from steptable.drawing.findings import finding_drawings
from steptable.drawing.machines import machine_drawings
from steptable.drawing.spaces import space_drawings
from steptable.explore.engines import search
from steptable.explore.system.builder import build
from steptable.machine import Machine
from steptable.report.findings import findings_markdown
from steptable.report.formats.github import step_summary, workflow_commands
from steptable.report.formats.json import run_json
from steptable.report.formats.junit import run_junit
from steptable.report.formats.sarif import run_sarif
from steptable.report.formats.table import matrix_view
from steptable.report.formats.terminal import Terminal
from steptable.report.formats.text import Report
from steptable.report.outcome import Run
from steptable.report.page.document import page_html
from steptable.report.places import Places
from steptable.targets.diagrams.draw import Drawing
from steptable.targets.diagrams.matrix import matrix_markdown
from steptable.targets.python.in_memory import generated
from steptable.world import World
from support.hostile_draws import LIVELY, admitted, each, found, names

PLACES: Final = Places(Path(__file__).resolve().parents[1])


def _drawings(machine: Machine, world: World) -> list[Drawing]:
    result = found(machine, world)
    spaces = space_drawings(search(build(world)))
    return [*machine_drawings(machine), *spaces, *finding_drawings([result])]


@each(15)
@given(given_names=names())
def test_drawings_have_names_of_their_own_and_text_that_is_none_of_their_language(
    given_names: dict[str, str],
) -> None:
    """Two drawings of one name are one; a label that ends its line begins something else."""
    machine, world = admitted(given_names)
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
    machine, world = admitted(given_names)

    for drawing in _drawings(machine, world):
        if drawing.dot is not None:
            ElementTree.fromstring(drawing.drawn("svg"))


@each(10)
@given(given_names=names())
def test_the_page_has_the_scripts_and_elements_that_it_has_always(
    given_names: dict[str, str],
) -> None:
    """What is declared is data there: no tag, no script and no attribute comes of it."""
    machine, world = admitted(given_names)
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
    machine, world = admitted({})
    page = _Page()
    page.feed(page_html(machine, [found(machine, world)]))
    return page.tags


# ── Reports and models ───────────────────────────────────────────────────────────────


@each(15)
@given(given_names=names())
def test_reports_are_read_by_others(given_names: dict[str, str]) -> None:
    """XML, JSON and workflow commands have words of their own, and so may names."""
    machine, world = admitted(given_names)
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
    machine, world = admitted(given_names)
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
def test_tables_of_markdown_keep_their_cells(given_names: dict[str, str]) -> None:
    """A bar in a name would be a column more, and a tag whatever it is."""
    machine, world = admitted(given_names)
    result = found(machine, world)

    for text in (matrix_markdown(machine), findings_markdown([result])):
        for rows in re.findall(r"(?m)(?:^\|.*\n)+", text):
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows.splitlines()}) == 1
        outside_of_code = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        assert set(re.findall(r"<[^>]*>", outside_of_code)) <= {"<br>"}
