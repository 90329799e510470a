"use strict";
// Who does what, step by step: a lane for each party and each record, and a button for each step.

/** The lanes of some steps. Each step has `party`, `says`, and `events` as [instance, accepted]. */
function lanes(world, steps, pick, loop = null) {
  const acting = world.parties.filter((party) => steps.some((step) => step.party === party));
  const names = [...new Set([...acting, ...world.instances.map((item) => item.name)])];
  const longest = Math.max(6, ...names.map((name) => name.length));
  const buttons = [];

  function cells(step) {
    const from = step ? names.indexOf(step.party) : -1;
    const told = (step?.events ?? []).filter(([to]) => names.indexOf(to) !== from);
    return element(
      "span", { class: "lane", "aria-hidden": true },
      names.map((name, at) => element("i", { class: at === from ? "acts" : "" })),
      told.map(([to, accepted]) => arrow(from, names.indexOf(to), accepted)),
    );
  }

  function line(number, step) {
    const label = number === 0 ? "start" : String(number);
    const said = step ? step.says : "where it starts";
    const pressed = element(
      "button", { type: "button", class: "step", click: () => pick(number) },
      element("span", { class: "number" }, label),
      element("span", {},
        step?.party && element("span", { class: "party" }, step.party),
        said,
        step && element("span", { class: "rows" }, rowsOf(step))),
    );
    buttons.push(pressed);
    const looped = loop !== null && number > loop;
    return element("li", { class: looped ? "looped" : "" }, cells(step), pressed);
  }

  const node = element(
    "div", { class: "lanes", style: `--lanes:${Math.max(names.length, 1)};--longest:${longest}ch` },
    element("div", { class: "names", "aria-hidden": true }, element("span", { class: "lane" },
      names.map((name) => element("i", {}, element("span", {}, name || "world"))))),
    element("ol", {}, line(0, null), steps.map((step, n) => line(n + 1, step))),
  );

  function show(number) {
    buttons.forEach((item, n) => {
      if (n === number) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      item.parentElement.classList.toggle("ahead", n > number);
    });
    // Only what has been laid out can be scrolled to.
    requestAnimationFrame(() => keepInView(buttons[number]));
  }
  return { node, show };
}

function rowsOf(step) {
  const told = ([to, accepted, row]) => `${to}: ${accepted ? row : "refused"}`;
  return step.events.map(told).join(", ");
}

/** An event on its way from a party to a record, crossed out where it is refused. */
function arrow(from, to, accepted) {
  const start = from < 0 ? to : from;
  const style = `--from:${Math.min(start, to)};--over:${Math.abs(to - start)}`;
  const way = to < start ? "left" : "right";
  return element("b", { class: `${way} ${accepted ? "" : "refused"}`, style });
}

/** Scrolls a list, never the page. */
function keepInView(item) {
  const list = item.closest("ol");
  const { top, bottom } = item.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  if (top < frame.top) list.scrollTop -= frame.top - top + 8;
  else if (bottom > frame.bottom) list.scrollTop += bottom - frame.bottom + 8;
}
