"""The interactive page in a real browser: it opens from disk, steps through traces, and walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from known_models.alternating_bit import alternating_bit
from known_models.philosophers import philosophers
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds import mirror
from steptable.check import Judgement, Result, check
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.interpreter.simulate import Step
from steptable.properties import never, sometimes
from steptable.report.outcome import with_ids
from steptable.report.page.document import page_html
from steptable.report.traces.lines import sentence
from steptable.sorts import Symbol
from steptable.terms import root
from steptable.world import Bounds, Instance, Start, World, any_event
from support.browser import Keys, Page, browsing, needs_browser
from support.formatting import formatting_machine

pytestmark = needs_browser

AHEAD: Final = "[aria-label='One step ahead']"
BACK: Final = "[aria-label='One step back']"
EVIL: Final = "</script><script>document.title='taken over'</script><b>&amp;"

# How well each text can be told from what is behind it, as WCAG 2 reckons; only the poor ones.
FAINT_TEXTS: Final = """
function parts(text) {
  const numbers = text.match(/[\\d.]+/g).map(Number);
  return text.startsWith("color(srgb") ? [...numbers.slice(0, 3).map((n) => n * 255), numbers[3]]
    : numbers;
}
function light(text) {
  const [r, g, b] = parts(text).slice(0, 3).map((n) => n / 255)
    .map((n) => (n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(item) {
  for (let at = item; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((parts(colour)[3] ?? 1) > 0) return colour;
  }
}
function inFront(item) {
  const style = getComputedStyle(item);
  if (!(item instanceof SVGElement)) return [style.color, behind(item)];
  const shape = item.parentElement.querySelector(".body, .plate");
  return [style.fill, getComputedStyle(shape).fill];
}
return [...document.querySelectorAll("body *")]
  .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((item) => item.checkVisibility() && !item.closest(":disabled, title"))
  .map((item) => [item.textContent, inFront(item).map(light).sort((a, b) => b - a)])
  .map(([text, [high, low]]) => [text, (high + 0.05) / (low + 0.05)])
  .filter(([, contrast]) => contrast < 4.5);
"""


MARKS: Final = {"finding": "⚑", "witnessed": "◆", "holds": "✓", "violated": "✗", "unwitnessed": "✗"}


@pytest.fixture(scope="module")
def result() -> Result:
    """What is found out about a world with two records and two faults of everything."""
    return check(mirror.world)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with browsing() as driver:
        yield driver


def written(driver: Any, folder: Path, *results: Result) -> Page:
    file = folder / "page.html"
    file.write_text(page_html(machine, results), encoding="utf-8")
    return Page(driver, file)


@pytest.fixture(scope="module")
def page(driver: Any, result: Result, tmp_path_factory: pytest.TempPathFactory) -> Page:
    page = written(driver, tmp_path_factory.mktemp("page"), result)
    page.prefer("light")
    page.resize(1280, 900)
    return page


def named(result: Result, name: str) -> tuple[str, Judgement]:
    return next((i, item) for i, item in with_ids(result) if item.judged.name == name)


def finding(result: Result) -> tuple[str, tuple[Step, ...]]:
    """The address of a counterexample, and its steps."""
    name, judgement = named(result, "the mirror says Converged of converged hosts only")
    assert judgement.trace is not None
    return f"#trace/{name}/", judgement.trace.steps


def states(step: Step) -> list[str]:
    return [step.after[item.name]["state"] for item in mirror.world.instances]


def addresses(result: Result) -> list[str]:
    """One of each view."""
    trace, _ = finding(result)
    lasso, _ = named(result, "Soaking on the agent comes to an end")
    return ["", "#verdicts", f"{trace}2", f"#trace/{lasso}/4", "#walk", "#walk/mirror/0/0/1/2"]


def lit(page: Page) -> list[str]:
    """The name of the state that each picture has lit up."""
    texts: list[str] = page.ask(
        "return [...document.querySelectorAll('.picture .now > .name')].map(n => n.textContent)"
    )
    return texts


# ── The page as a whole ──────────────────────────────────────────────────────────────


def test_every_view_loads_in_silence_and_from_one_file(page: Page, result: Result) -> None:
    """It is opened from disk by people who are not online; the console is where it would fail."""
    for address in addresses(result):
        page.open(address)

        assert page.complaints == []
        assert page.ask("return performance.getEntriesByType('resource').length") == 0
        assert page.texts("h1") != []


def test_no_view_is_wider_than_a_phone(page: Page, result: Result) -> None:
    """A review is read on the way, too."""
    page.resize(360, 740)
    try:
        for address in addresses(result):
            page.open(address)

            assert page.ask("return document.documentElement.scrollWidth") <= 360
    finally:
        page.resize(1280, 900)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(page: Page, result: Result, scheme: str) -> None:
    """Contrast of 4.5 to 1 at least, the measure of WCAG 2 for text of any size."""
    page.prefer(scheme)
    try:
        for address in addresses(result):
            page.open(address)
            page.ask("document.querySelectorAll('details').forEach((d) => { d.open = true; })")

            assert page.ask(FAINT_TEXTS) == []
    finally:
        page.prefer("light")


def test_light_and_dark_follow_the_system_until_somebody_chooses(page: Page) -> None:
    """Who reads at night has told the system so; who disagrees has a button."""

    def theme() -> str:
        # The page hears of the system's wish with the next frame.
        page.ask("return new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        now: str = page.ask("return document.documentElement.dataset.theme")
        return now

    page.open()
    seen = [theme()]
    page.prefer("dark")
    seen.append(theme())
    page.click("#theme")
    seen.append(theme())
    for scheme in ("light", "dark", "light"):
        page.prefer(scheme)
        seen.append(theme())

    assert seen == ["light", "dark", "light", "light", "light", "light"]


def test_an_address_that_is_no_more_says_so(page: Page) -> None:
    """Review comments outlive the versions that they are about."""
    for address in ("#trace/mirror::always::nothing/3", "#walk/moon", "#walk/mirror/0/99"):
        page.open(address)

        assert page.complaints == []
        assert page.texts("h1") == ["Not on this page"]
    for address in ("#%E0", "#toString/1", "#nowhere"):
        page.open(address)

        assert (page.complaints, page.texts("h1")) == ([], ["HostRollout"])


def test_every_state_of_the_machine_opens_its_rows(page: Page) -> None:
    """The picture is the way in; what it has no room for stands beside it."""
    page.open("#machine")
    for number, state in enumerate(machine.states):
        page.click(f".drawing [data-state='{number}']")
        rows = [row for row in machine.rows if row.source == state]

        assert page.texts(f".state-details[data-name='{state.name}'][open] .row h3 i") == [
            row.name for row in rows
        ]


def test_every_promise_has_its_verdict(page: Page, result: Result) -> None:
    """Findings stand first, and nothing is left out."""
    page.open("#verdicts")
    shown = page.texts(".promises summary")

    assert sorted(shown) == sorted(
        f"{MARKS[item.verdict]} {item.verdict} {item.judged.name}" for item in result.judgements
    )
    passing = [text for text in shown if text[0] in "⚑◆✓"]
    assert [text.startswith("⚑") for text in passing] == sorted(
        (text.startswith("⚑") for text in passing), reverse=True
    )


# ── Traces ───────────────────────────────────────────────────────────────────────────


def test_a_click_takes_one_step_and_the_picture_follows(page: Page, result: Result) -> None:
    """What each step does is seen where it happens: states, rows, changes, effects."""
    address, steps = finding(result)
    page.open(f"{address}0")
    for number, step in enumerate(steps, start=1):
        page.click(AHEAD)
        rows = [applied.row.name for applied in step.applied if applied.row]
        effects = [effect.name for applied in step.applied for effect in applied.effects]

        assert page.texts(".where") == [f"Step {number} of {len(steps)}"]
        assert lit(page) == states(step)
        assert page.texts(".panel .event i") == rows
        assert page.texts(".panel .effects code") == effects
        assert page.one(".panel .says").text.endswith(sentence(step))
        assert page.one("[aria-current=step] .number").text == str(number)
        moved = [a.row for a in step.applied if a.row and not a.row.stays]
        assert len(page.all(".edge.taken")) == len(moved)
    assert page.one(AHEAD).is_enabled() is False
    assert page.texts(".panel > .broken") == [
        "✗ mirror state is Converged, and yet this is false: agent state is Converged"
    ]


def test_what_a_step_changes_is_marked_among_all_that_is_known(page: Page, result: Result) -> None:
    """A change that leads to a failure must not be looked for."""
    address, _ = finding(result)
    page.open(f"{address}1")
    changed = page.texts("tr.changed")

    assert "state (changed) Activating" in [" ".join(text.split()) for text in changed]
    page.click(".fields input")
    assert len(page.all(".fields tr")) == sum(
        len(page.ask("return Object.keys(arguments[0])", fields))
        for fields in page.ask(
            "return Object.values(findTrace(arguments[0]).item.trace.start.fields)",
            address.split("/")[1],
        )
    )
    page.click(".fields input")


def test_keys_step_as_clicks_do(page: Page, result: Result) -> None:
    """Nobody needs a mouse, and the address says where they are."""
    address, steps = finding(result)
    page.open(f"{address}0")
    for keys, number in (
        ((Keys.ARROW_RIGHT, Keys.ARROW_RIGHT), 2),
        ((Keys.ARROW_LEFT,), 1),
        ((Keys.END,), len(steps)),
        ((Keys.ARROW_RIGHT,), len(steps)),
        ((Keys.HOME,), 0),
    ):
        page.press(*keys)

        assert page.one("[aria-current=step] .number").text == (str(number) if number else "start")
        assert page.ask("return location.hash").endswith(f"/{number}")
        assert page.ask("return document.getElementById('said').textContent").startswith(
            page.one(".where").text
        )


def test_a_step_can_be_linked_to(page: Page, result: Result) -> None:
    """A review comment points at the very moment that it is about."""
    address, steps = finding(result)
    page.open(f"{address}3")

    assert (page.texts(".where"), lit(page)) == (["Step 3 of 3"], states(steps[2]))


def test_a_loop_is_bracketed(page: Page, result: Result) -> None:
    """A run that never ends is only understood with what repeats."""
    name, judgement = named(result, "Soaking on the agent comes to an end")
    assert judgement.trace is not None
    assert judgement.trace.loop is not None
    length = len(judgement.trace.steps)
    page.open(f"#trace/{name}/{length}")

    assert len(page.all("li.looped")) == length - judgement.trace.loop
    assert page.texts(".panel > .broken")[-1].startswith("↻ ")


# ── The simulator ────────────────────────────────────────────────────────────────────


def key(page: Page) -> str:
    return page.one(".controls code").text.removeprefix("steptable replay mirror ")


def replayed(page: Page) -> list[str]:
    """The states that the interpreter comes to by the key on the page."""
    system = build(mirror.world)
    trace = Replayer(SuccessorFunction.of(system), {}).by_key(key(page))
    return [trace.end[item.name]["state"] for item in mirror.world.instances]


def test_clicking_actions_walks_the_world(page: Page) -> None:
    """Each click is one step of the real thing, and can be taken back."""
    page.open("#walk/mirror")
    for number in range(6):
        page.click(".way", number=0 if number % 2 else len(page.all(".ways > ul > li > .way")) - 1)

        assert len(key(page).split("/")) == number + 2
        assert lit(page) == replayed(page)
    page.click("[aria-label='One step back']")
    assert len(key(page).split("/")) == 6
    assert lit(page) == replayed(page)
    page.click("[aria-label='Back to the start']")
    assert key(page) == "0"
    assert page.complaints == []


def test_a_walk_needs_no_mouse(page: Page) -> None:
    """After a step the focus is where the next one is chosen."""
    page.open("#walk/mirror")
    page.ask("document.querySelector('.way').focus()")
    page.press(Keys.ENTER, Keys.TAB, Keys.ENTER)

    assert key(page) == "0/0/0"
    page.press(Keys.BACKSPACE)
    assert key(page) == "0/0"
    page.ask("document.querySelector('[aria-label=\"One step back\"]').focus()")
    page.press(Keys.ENTER)
    assert key(page) == "0"
    assert page.ask("return document.getElementById('main').contains(document.activeElement)")


def test_who_skips_to_the_content_stays_in_the_view(page: Page) -> None:
    """The address says which view is shown, so a link within a view must not change it."""
    page.open("#verdicts")
    page.press(Keys.TAB, Keys.ENTER)

    assert page.ask("return document.activeElement.id") == "main"
    assert page.texts("h1") == ["Verdicts"]


def test_a_trace_can_be_left_for_a_walk_at_any_step(page: Page, result: Result) -> None:
    """What else could have happened there is the next question."""
    address, steps = finding(result)
    page.open(f"{address}2")
    page.click(".trace a[href^='#walk']")

    assert page.texts("h1") == ["Simulator"]
    assert lit(page) == states(steps[1])
    page.open(f"{address}3")
    page.click(".trace a[href^='#walk']")
    assert page.texts(".judged .broken")[0].startswith("✗ not so here: the mirror says Converged")


def test_another_start_can_be_chosen(page: Page) -> None:
    """What a world may start with is a choice of its own."""
    page.open("#walk/mirror/0/0")
    page.click("#start option", number=1)

    assert key(page) == "1"


# ── Other machines ───────────────────────────────────────────────────────────────────


def test_worlds_without_a_machine_have_everything_but_its_picture(
    driver: Any, tmp_path: Path
) -> None:
    """Not every world steps a record; a deadlock is where nothing can happen."""
    page = written(driver, tmp_path, check(philosophers(2)), check(alternating_bit(1)))
    page.open("#walk/philosophers")
    page.click(".way", number=0)
    page.click(".way", number=-1)

    assert page.texts(".ways .none") == ["Nothing: no action can happen in this state."]
    assert page.all(".picture") == []
    page.open("#walk/alternating-bit/0/0")
    assert page.one("caption").text == "world"
    assert page.complaints == []


def test_what_is_declared_is_never_markup_or_code(driver: Any, tmp_path: Path) -> None:
    """Names may come from anywhere; a review must not run them."""
    of = formatting_machine()
    text = Symbol("Text")
    world = World(
        name=f"world {EVIL}",
        doc=EVIL,
        varies=EVIL,
        instances=(Instance.declare("it", of, forgets={"last": 0}),),
        starts=(Start.declare("new", {"it": {"state": of.states[0], "last": 0}}),),
        actions=any_event("it", of, number_steps=range(1, 2)),
        bounds=Bounds.declare(symbols={text: ('a"b|c<d>\n%%', EVIL)}, instants=(0,)),
        properties=(
            never(EVIL, root("it").state == of.states[1], why=EVIL, cites=EVIL),
            sometimes("seen", root("it").state == of.states[1], why=EVIL, cites=EVIL),
        ),
        terminal=True,
    )
    world = replace(world, actions=tuple(replace(a, says=EVIL, party=EVIL) for a in world.actions))
    page = written(driver, tmp_path, check(world))
    for address in ("", "#verdicts", "#walk"):
        page.open(address)

        assert page.complaints == []
        assert page.ask("return document.scripts.length") == 2
        assert "taken over" not in page.driver.title
        assert page.all("main b b, main script") == []
    assert EVIL in page.one(".walk header p").text
