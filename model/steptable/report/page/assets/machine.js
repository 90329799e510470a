"use strict";
// The machines: each as a picture, and all that is declared of its states and rows in words.

const machineView = {
  title: () => page.machines[0]?.name ?? page.name,

  show([state]) {
    const parts = page.machines.map((machine, number) => machinePart(machine, number));
    const opened = parts.flatMap((part) => part.states).find((item) => item.dataset.name === state);
    if (opened) {
      opened.open = true;
      requestAnimationFrame(() => opened.scrollIntoView({ block: "nearest" }));
    }
    return parts.map((part) => part.node);
  },
};

function machinePart(machine, number) {
  const { node, drawing } = picture(number, "");
  node.querySelector("figcaption").remove();
  const states = machine.states.map((state, at) => stateDetails(machine, number, state, at));
  for (const shape of drawing.querySelectorAll(".state")) {
    const details = states[Number(shape.dataset.state)];
    shape.addEventListener("click", () => {
      details.open = true;
      details.scrollIntoView({ block: "nearest" });
      details.querySelector("summary").focus();
    });
  }
  const section = element(
    "section", { class: "machine-view" },
    element("div", { class: "wide" },
      element("h1", {}, machine.name),
      element("p", { class: "lead" }, machine.doc)),
    element("div", { class: "drawing" }, node, legend(machine)),
    element("div", { class: "told" },
      element("h2", {}, "States and rows"),
      element("p", { class: "note" },
        "A row says what a fact does in a state. Any event that no row takes is refused, and so ",
        "is one whose guards do not all hold; what is refused changes nothing. ",
        machine.numbering),
      states),
  );
  return { node: section, states };
}

function legend(machine) {
  const drawn = [...new Set(machine.states.map((state) => state.what))];
  const shapes = { "the start": "ellipse", "an end": "double border",
    "in flight, several ends ahead": "rounded", "in flight, one end ahead": "octagon" };
  return element(
    "details", { class: "legend", open: true },
    element("summary", {}, "How to read it"),
    element("ul", {},
      drawn.map((what) => element("li", {}, element("b", {}, shapes[what]), `: ${what}`)),
      element("li", {}, element("b", {}, "colour"), ": the one end that is left"),
      element("li", {}, element("b", {}, "arrow"), ": the facts that lead there; ",
        "guards, updates and effects are told beside the picture"),
      element("li", {}, element("b", {}, "loop"), ": rows that stay in their state"),
      element("li", {}, "A click on a state opens what is declared of it.")),
  );
}

function stateDetails(machine, number, state, at) {
  const rows = machine.rows.filter((row) => row.source === at);
  const refusals = machine.refusals.filter((item) => item.state === at);
  return element(
    "details", { class: "state-details", "data-name": state.name, open: at === 0 },
    element("summary", {},
      element("b", {}, state.name), ` ${state.what}, ${count(rows.length, "row")}`),
    element("p", {}, state.doc),
    rows.map((row) => rowDetails(machine, number, row)),
    refusals.map((item) => element(
      "p", { class: "refusal" },
      element("b", {}, "Refused: "), item.facts.join(", "), element("br"), item.why)),
  );
}

function rowDetails(machine, number, row) {
  const target = machine.states[row.target].name;
  const stays = row.source === row.target;
  const taken = page.worlds
    .filter((world) => world.instances.some((item) => item.machine === number))
    .map((world) => `${world.name} ${(world.taken[row.name] ?? 0).toLocaleString("en")}`);
  const entries = [
    ["events", listed(row.events.map(([side, event]) => `${side}: ${event}`), "none")],
    row.guards.length > 0 && ["if", listed(row.guards)],
    ["sets", listed(row.sets, "nothing of its own")],
    ...row.effects.map(([side, effects]) => [`effects, ${side}`, listed(effects, "none")]),
    ["why", `${row.why} (${row.cites})`],
    taken.length > 0 && ["taken by", `${taken.join(", ")} steps`],
  ];
  return element(
    "article", { class: "row" },
    element("h3", {}, row.fact, " ", element("i", {}, row.name), " ",
      element("span", {}, stays ? "stays" : `→ ${target}`)),
    element("dl", {}, entries.filter(Boolean).map(
      ([term, text]) => [element("dt", {}, term), element("dd", {}, text)])),
  );
}
