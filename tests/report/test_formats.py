"""Each format says the same of one run, in the shape that its readers demand."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from xml.etree import ElementTree

import pytest

from known_models.mirror import mirror
from steptable.check import check
from steptable.errors import Location
from steptable.machine import Guard
from steptable.properties import always, eventually, never, sometimes
from steptable.report.formats.github import step_summary, workflow_commands
from steptable.report.formats.json import run_json
from steptable.report.formats.junit import run_junit
from steptable.report.formats.sarif import run_sarif
from steptable.report.names import property_ids
from steptable.report.outcome import Run
from steptable.report.places import Places, uri
from steptable.terms import root
from support.faulty.parcel import ARRIVING, record
from support.post import holding, parcel
from support.projects import TOWN, run, start, write_project

HERE = Path(__file__).resolve().parents[1]
PLACES = Places(HERE)

agent, copy = root("h0_ast"), root("h0_cst")
NASTY = 'a <b> & "c" | `d` \x00 %, ]]> :\nend'

BROKEN = never(NASTY, agent == "Activating", why="Of <this> & that.", cites="§1")
KNOWN = never("nothing fails", agent == "Failed", why="It is hoped.", cites="§2").known_to_fail(
    length=3, explanation="Things do.", repair="None."
)
MISSING = sometimes("two places", (agent == "Failed") & (agent == "Pending"), why="-", cites="§3")
ENDLESS = eventually("it ends", copy == "Converged", why="All things do.", cites="§4")
FINE = always("it is as it is", (agent == "Failed").implies(agent == "Failed"), why="-", cites="§5")

MIRROR = mirror(1, 1, 1)
# Where one host reports in order, its copy ignores nothing.
BUSY = tuple(item for item in MIRROR.actions if "Ignore" not in item.name)
SMALL = replace(
    MIRROR, actions=BUSY, properties=(BROKEN, KNOWN, MISSING, ENDLESS, FINE), terminal=True
)


@pytest.fixture(scope="module")
def whole() -> Run:
    """A run with something of every verdict but one; what it leaves unread is told elsewhere."""
    return Run((replace(check(SMALL), unread=()),))


@pytest.fixture(scope="module")
def cut() -> Run:
    """A run that was cut short, before it came to its second world."""
    return Run((check(SMALL, max_states=4),), skipped=("later",))


# ── JSON ─────────────────────────────────────────────────────────────────────────────


def test_json_has_all_that_was_found_out(tmp_path: Path) -> None:
    """A program may want to replay what it reads."""
    run(write_project(tmp_path, environment=TOWN), "generate")
    done = run(tmp_path, "check", "--format", "json")
    (town,) = json.loads(done.out)["worlds"]
    lost, known, robbed = town.pop("properties")

    assert (done.code, done.err) == (1, "")
    assert town == {
        "world": "town",
        "states": 12,
        "transitions": 113,
        "depth": 3,
        "levels": town["levels"],
        "seconds": 0.0,
        "stopped": "",
        "growth": {},
        "symmetry": "",
        "asymmetry": "",
        "rows_taken": {"paid": 2, "stolen": 160},
        "idle_actions": ["fly"],
        "unread": [{"variable": "sings", "declared_at": "gate/environment.py:23"}],
        "unused": [
            {
                "what": "action 'fly'",
                "verdict": "never happens",
                "why": "",
                "passes": False,
                "declared_at": town["unused"][0]["declared_at"],
            }
        ],
    }
    assert sum(town["levels"]) == 12
    trace = lost.pop("trace")
    assert lost == {
        "id": "town::always::coins-are-never-lost",
        "name": "coins are never lost",
        "kind": "always",
        "scope": "step",
        "verdict": "violated",
        "passes": False,
        "vacuous": False,
        "unmet": [],
        "remark": "",
        "advice": "",
        "why": "The walker is no benefactor.",
        "cites": "§1",
        "declared_at": lost["declared_at"],
        "finding": None,
    }
    gates: dict[str, Any] = {
        "east": {"position": "Shut", "paid_at": None, "last": 0},
        "west": {"position": "Shut", "paid_at": None, "last": 0},
    }
    start: dict[str, Any] = {**gates, "purse": 2, "heard": False, "sings": False}
    assert trace == {
        "key": "0/1",
        "loop": None,
        "broken": 'action is "pay", and yet this is false: position of after east is Open',
        "start": start,
        "steps": [
            {
                "action": "pay",
                "party": "walker",
                "says": "the walker puts 1 into the east gate",
                "choices": {"price": 1},
                "events": [
                    {
                        "instance": "east",
                        "event": "CoinsInserted",
                        "fields": {"coins": 1, "at": 0, "number": 1},
                        "policy": {"coins": 2},
                        "row": None,
                        "refused": "guard",
                        "guard": "enough",
                        "effects": [],
                    }
                ],
                "after": start | {"purse": 1},
            }
        ],
    }
    assert known["finding"] == {
        "length": 1,
        "through": ["pay"],
        "explanation": "One coin is not enough.",
        "repair": "Ask for one coin only.",
        "declared_at": "gate/environment.py:80",
    }
    assert (robbed["trace"]["loop"], len(robbed["trace"]["steps"])) == (1, 2)


def test_json_says_what_the_whole_run_lacks(whole: Run, cut: Run) -> None:
    """A world that was not explored is no pass."""
    complete, incomplete = json.loads(run_json(whole)), json.loads(run_json(cut))

    assert complete["skipped"] == []
    assert (incomplete["passes"], incomplete["skipped"]) == (False, ["later"])
    assert incomplete["worlds"][0]["stopped"] != ""
    assert incomplete["worlds"][0]["growth"] != {}


def test_ids_are_words_and_no_two_are_alike() -> None:
    """Tools keep them from run to run."""
    items = [replace(FINE, name=name) for name in ("Ünder way?", "under way", "—")]

    assert property_ids("small", items) == [
        "small::always::under-way",
        "small::always::under-way-2",
        "small::always::unnamed",
    ]


# ── JUnit ────────────────────────────────────────────────────────────────────────────


def test_junit_has_a_case_for_each_property(whole: Run) -> None:
    """What fails carries its counterexample, a finding passes with it."""
    document = ElementTree.fromstring(run_junit(whole, PLACES))
    (suite,) = document
    broken, known, missing, endless, fine = suite

    assert document.attrib == {"name": "steptable", "tests": "5", "failures": "3", "errors": "0"}
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors")} == {
        "name": "mirror",
        "tests": "5",
        "failures": "3",
        "errors": "0",
    }
    assert broken.attrib == {
        "classname": "mirror.never",
        "name": NASTY.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        "file": "report/test_formats.py",
        "line": str(BROKEN.at.line),
    }
    assert [child.tag for child in (*broken, *known, *missing, *endless, *fine)] == [
        *["failure", "system-out", "failure", "failure"]
    ]
    assert "steptable replay mirror 0/0\n" in f"{broken[0].text}\n"
    assert "for ever" in str(endless[0].text) or "nothing more happens" in str(endless[0].text)


def test_junit_calls_what_is_undecided_an_error(cut: Run) -> None:
    """A tool that takes it for a pass would be taken in."""
    document = ElementTree.fromstring(run_junit(cut, PLACES))
    undecided = [item.judged for item in cut.judged if item.verdict == "inconclusive"]

    assert undecided
    assert document.get("errors") == str(len(undecided) + 1)
    assert {error.get("type") for error in document.iter("error")} == {"inconclusive", "skipped"}


# ── SARIF ────────────────────────────────────────────────────────────────────────────


def test_sarif_is_well_formed(whole: Run, cut: Run) -> None:
    """Scanners refuse a whole file for one wrong entry."""
    for run_ in (whole, cut):
        document = json.loads(run_sarif(run_, PLACES))

        assert document["version"] == "2.1.0"
        assert document["$schema"].endswith("sarif-schema-2.1.0.json")
        assert [fault for entry in document["runs"] for fault in sarif_faults(entry)] == []


def test_sarif_shows_a_counterexample_as_a_flow(whole: Run) -> None:
    """Each step is a place in the declarations, and the promise is where it ends."""
    (entry,) = json.loads(run_sarif(whole, PLACES))["runs"]
    broken, known, missing, endless = entry["results"]
    flow = broken["codeFlows"][0]["threadFlows"][0]["locations"]
    texts = [item["location"]["message"]["text"] for item in flow]

    assert [item["level"] for item in entry["results"]] == ["error", "note", "error", "error"]
    assert broken["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "report/test_formats.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": BROKEN.at.line},
    }
    assert texts[1].startswith("h0_Activate")
    assert texts[-1] == 'this is true: h0_ast is "Activating"'
    assert flow[1]["location"]["physicalLocation"]["artifactLocation"]["uri"] == (
        "known_models/mirror.py"
    )
    assert "codeFlows" in known
    assert "codeFlows" not in missing
    assert "codeFlows" in endless


def test_sarif_leaves_open_what_is_undecided(cut: Run) -> None:
    """Neither a pass nor a failure."""
    (entry,) = json.loads(run_sarif(cut, PLACES))["runs"]
    kinds = {(item.get("kind"), item["level"]) for item in entry["results"]}

    assert kinds == {("open", "none"), (None, "error")}
    assert [
        note["message"]["text"] for note in entry["invocations"][0]["toolExecutionNotifications"]
    ] == ["stopped at 4 states, as --max-states asks", "world 'later' was not explored"]


def test_sarif_doubles_every_brace_of_a_message(whole: Run) -> None:
    """A viewer would put an argument in the place of {0}, or refuse a brace that stands alone."""
    odd = "as {0} { and }} say"
    judged = tuple(replace(item, name=f"{number} {odd}", why=odd) for number, item in ODD)
    found = check(replace(SMALL, properties=judged), max_states=4)
    cut_short = replace(found, stopped=odd)
    texts = [
        text
        for run_ in (Run((check(replace(SMALL, properties=judged)),)), Run((cut_short,)), whole)
        for text in message_texts(json.loads(run_sarif(run_, PLACES)))
    ]

    assert [text for text in texts if re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", text))] == []
    assert "as {{0}} {{ and }}}} say (§1)" in texts
    assert "as {{0}} {{ and }}}} say" in texts


def test_sarif_has_no_link_that_nobody_has_made() -> None:
    """A viewer would show a part of a name, and lead to a place that the document has not."""
    named = replace(BROKEN, name="m[h0](1) and [[x](https://h/) or [y]")
    found = Run((check(replace(SMALL, properties=(named,))),))
    (entry,) = json.loads(run_sarif(found, PLACES))["runs"]
    (rule,) = (item for item in entry["tool"]["driver"]["rules"] if item["name"] == named.name)

    assert rule["shortDescription"]["text"] == r"m\[h0\](1) and [\[x\](https://h/) or [y]"


ODD = tuple(enumerate((BROKEN, KNOWN, MISSING, ENDLESS)))


def message_texts(node: Any) -> Iterator[str]:
    """Every message of a document, whatever it is a message of."""
    if isinstance(node, list):
        for item in node:
            yield from message_texts(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key in ("text", "markdown"):
                yield item
            yield from message_texts(item)


def test_sarif_says_what_a_rule_is_and_where_the_tool_is_from(whole: Run) -> None:
    """Whoever sees an alert a year later has nothing but the document."""
    (entry,) = json.loads(run_sarif(whole, PLACES))["runs"]
    driver = entry["tool"]["driver"]
    rule = driver["rules"][1]

    assert driver["informationUri"] == "pkg:pypi/nixfleet-state-machine"
    assert entry["originalUriBaseIds"] == {
        "%SRCROOT%": {"description": {"text": "The root of the checkout."}}
    }
    assert rule == {
        "id": "mirror::never::nothing-fails",
        "name": "nothing fails",
        "shortDescription": {"text": "nothing fails"},
        "fullDescription": {"text": "It is hoped. (§2)"},
        "help": {"text": "It is hoped. (§2)\n\nKnown to fail: Things do. Repair: None."},
    }
    assert [list(item) for item in driver["rules"]] == [list(rule)] * 10


def sarif_faults(entry: dict[str, Any]) -> Iterator[str]:
    """What a run of the format must not lack (SARIF 2.1.0, §3.14, §3.27, §3.29, §3.36 to §3.38)."""
    rules = [rule["id"] for rule in entry["tool"]["driver"]["rules"]]
    if len(set(rules)) != len(rules):
        yield "rules have one id"
    for result in entry["results"]:
        if rules[result["ruleIndex"]] != result["ruleId"]:
            yield "a result points to its rule"
        if not result["message"]["text"]:
            yield "a result has a message"
        if result.get("kind", "fail") != "fail" and result["level"] != "none":
            yield "what is no failure has no level"
        if result["level"] not in ("none", "note", "warning", "error"):
            yield "a level is one of four"
        flows = [
            location["location"]
            for flow in result.get("codeFlows", [])
            for thread in flow["threadFlows"]
            for location in thread["locations"]
        ]
        for location in (*result["locations"], *flows):
            place = location["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            if not re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) or uri.startswith("/"):
                yield f"{uri} is no relative reference"
            if place["region"]["startLine"] < 1:
                yield "lines begin with 1"


# ── GitHub ───────────────────────────────────────────────────────────────────────────


def test_annotations_are_one_line_each_and_escaped(whole: Run) -> None:
    """A line break or a comma in a name must not end the command."""
    lines = list(workflow_commands(whole, PLACES))

    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice", "::error", "::error"]
    assert not any("\n" in line for line in lines)
    assert lines[0].startswith(
        f"::error file=report/test_formats.py,line={BROKEN.at.line},title=violated%3A a <b> & "
        '"c" | `d` \x00 %25%2C ]]> %3A%0Aend (mirror)::violated: a <b>'
    )
    assert "%0A  replay        steptable replay mirror 0/0" in lines[0]


def test_annotations_warn_of_what_is_undecided(cut: Run) -> None:
    """Nothing is known to be wrong, and nothing to be right."""
    lines = list(workflow_commands(cut, PLACES))

    assert lines[0].startswith("::error ")
    assert {line.split(" ")[0] for line in lines[1:]} == {"::warning"}
    assert lines[-1] == "::warning title=incomplete::world 'later' was not explored"


def test_the_summary_is_markdown_that_a_name_can_not_break(whole: Run) -> None:
    """A bar or a backtick in a name is shown as such."""
    lines = step_summary(whole).splitlines()

    assert lines[0] == "### steptable: not ok: 3 of 5 properties do not pass"
    assert (
        '| violated | a &lt;b&gt; &amp; "c" \\| &#96;d&#96; \x00 %, &#93;&#93;&gt; : end |' in lines
    )
    assert lines.count("</details>") == 4
    assert lines.count("````text") + lines.count("```text") == 4


def test_the_summary_of_a_step_goes_where_github_reads_it(tmp_path: Path) -> None:
    """Annotations go to the log, which is where GitHub looks for them."""
    run(write_project(tmp_path, environment=TOWN), "generate")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    process = start(
        tmp_path, "check", "--format", "github", GITHUB_STEP_SUMMARY=str(summary), NO_COLOR="1"
    )
    out, err = process.communicate()

    assert (process.returncode, err) == (1, "")
    assert out.startswith("::error file=gate/environment.py,line=")
    assert summary.read_text().startswith("before\n### steptable: not ok: ")


# ── Places ───────────────────────────────────────────────────────────────────────────


def test_places_are_told_from_the_root_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annotations land in the diff only if the path is the one that the diff has."""
    project = tmp_path / "sub folder"
    at = Location(str(project / "spec" / "a b.py"), 3)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    alone = Places.of(project)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    within = Places.of(project)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))

    assert (alone.path(at), alone.uri(at)) == ("spec/a b.py", "spec/a%20b.py")
    assert within.uri(at) == "sub%20folder/spec/a%20b.py"
    assert Places.of(project) == alone
    assert alone.uri(Location("/usr/lib/x y.py", 1)) == "file:///usr/lib/x%20y.py"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (PurePosixPath("a:b/#?%.py"), "a%3Ab/%23%3F%25.py"),
        (PurePosixPath("ä\n.py"), "%C3%A4%0A.py"),
        (PurePosixPath(os.fsdecode(b"/x/\xff.py")), "file:///x/%FF.py"),
        (PurePosixPath(os.fsdecode(b"\xff.py")), "%FF.py"),
        (PureWindowsPath("a b\\c.py"), "a%20b/c.py"),
        (PureWindowsPath("C:\\a b\\c.py"), "file:///C:/a%20b/c.py"),
        (PureWindowsPath("\\\\host\\share\\c.py"), "file://host/share/c.py"),
    ],
)
def test_a_uri_has_every_name_that_a_file_can_have(file: PurePath, said: str) -> None:
    """What is not quoted is refused, or leads elsewhere."""
    assert uri(file) == said


def test_a_path_that_is_no_utf_8_is_told_in_every_format() -> None:
    """A name of a file is bytes, and a document is text."""
    at = Location(os.fsdecode(b"/x/\xff/a.py"), 7)
    run_ = Run((check(replace(SMALL, properties=(replace(BROKEN, at=at),))),))
    places = Places(Path("/x"))
    document = json.loads(run_sarif(run_, places))
    ElementTree.fromstring(run_junit(run_, places))
    annotation = next(workflow_commands(run_, places))

    assert document["runs"][0]["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "%FF/a.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7},
    }
    assert annotation.startswith("::error file=\N{REPLACEMENT CHARACTER}/a.py,line=7,")
    assert json.loads(run_json(run_))["worlds"][0]["properties"][0]["declared_at"] == (
        "/x/\N{REPLACEMENT CHARACTER}/a.py:7"
    )


@pytest.mark.parametrize("form", ["json", "junit", "sarif", "github"])
def test_every_format_means_the_same_exit_code(tmp_path: Path, form: str) -> None:
    """The format is for readers; the exit code is for the build."""
    run(write_project(tmp_path), "generate")

    assert run(tmp_path, "check", "--format", form).code == 0
    assert run(tmp_path, "check", "--format", form, "--max-states", "2").code == 3


def test_every_format_names_a_guard_that_nothing_needs() -> None:
    """It is a question to ask, and no failure: who reads no text must be asked, too."""
    idle = Guard.declare("address-stays", record.address == record.address, must="stay")

    guarded = replace(ARRIVING, guards=(*ARRIVING.guards, idle))
    rows = tuple(guarded if row == ARRIVING else row for row in parcel.rows)
    found = Run((check(holding(replace(parcel, rows=rows))),))
    said = "guard 'address-stays' of row 'arrived': no property falls without it"
    (entry,) = json.loads(run_sarif(found, PLACES))["runs"]
    suites = ElementTree.fromstring(run_junit(found, PLACES))

    assert found.exit_code == 0
    assert [item["guard"] for item in json.loads(run_json(found))["unneeded_guards"]] == [
        "light",
        "address-stays",
    ]
    assert [
        (item["level"], item["message"]["text"])
        for item in entry["results"]
        if item["ruleId"] == "unneeded"
    ] == [("note", "guard 'light' of row 'sent': no property falls without it"), ("note", said)]
    assert [line for line in workflow_commands(found, PLACES) if "address-stays" in line] == [
        f"::notice file=report/test_formats.py,line={idle.at.line},title=unneeded::{said}"
    ]
    assert f"- {said}" in step_summary(found)
    assert suites.find(".//testcase[@name='address-stays']/system-out") is not None
