"use strict";
// What was found out about each world: every promise with its verdict.

// Each verdict has a sign of its own, so that none is told by its colour alone.
const SIGNS = {
  holds: "✓", witnessed: "◆", finding: "⚑", violated: "✗", unwitnessed: "✗",
  inconclusive: "?", vacuous: "∅", "not as pinned": "≠",
};

function chip(word) {
  const kind = word.replaceAll(" ", "-");
  return element("span", { class: `chip ${kind}` }, `${SIGNS[word] ?? "•"} ${word}`);
}

const verdictsView = {
  title: () => "Verdicts",

  show() {
    return [
      element("h1", {}, "Verdicts"),
      element("p", { class: "lead" },
        "Each world was explored from every start, state by state, and every promise judged. ",
        "A finding is a promise that is known to fail; how soon it does is pinned. Each trace was ",
        "walked again by the interpreter, and its events by the generated reducer."),
      page.worlds.length === 0 && element("p", { class: "none" }, "No world is declared."),
      page.worlds.map(worldVerdicts),
    ];
  },
};

function worldVerdicts(world) {
  const words = world.properties.map((item) => item.word);
  const tally = [...new Set(words)].map((word) => [word, words.filter((w) => w === word).length]);
  return element(
    "section", { class: "world" },
    element("h2", {}, "World ", element("code", {}, world.name)),
    element("p", {}, world.doc, " ", world.varies),
    element("p", { class: "size" },
      `${count(world.states, "state")}, depth ${world.depth}, `,
      `${count(world.transitions, "transition")}. `,
      tally.map(([word, number]) => [chip(word), ` × ${number} `])),
    world.stopped && element("p", { class: "broken" }, "Not explored to its end: ", world.stopped),
    world.idle.length > 0 && element("p", { class: "broken" },
      `Idle: ${world.idle.join("; ")}`),
    element("ul", { class: "promises" }, failingFirst(world.properties).map(
      (item) => element("li", {}, promise(world, item)))),
    world.walk && element("p", {},
      element("a", { href: address("walk", world.name) }, "Walk in this world")),
  );
}

function failingFirst(properties) {
  const rank = (item) => (item.passes ? (item.finding ? 1 : 2) : 0);
  return properties.toSorted((a, b) => rank(a) - rank(b));
}

function promise(world, item) {
  const trace = item.trace && element(
    "a", { class: "open", href: address("trace", item.id, 0) },
    `${count(item.trace.steps.length, "step")}`,
    element("span", { class: "unseen" }, ` of ${item.name}`), " ▸");
  return [
    element("details", {},
      element("summary", {}, chip(item.word), " ", element("span", {}, item.name)),
      about(item)),
    trace,
  ];
}

/** What a promise says, where it comes from, and what is known of it. */
function about(item) {
  const entries = [
    ["promised", `${item.why} (${item.cites})`],
    ["declared", element("code", {}, item.promise)],
    item.remark && ["but", item.remark],
    item.finding && ["because", item.finding.explanation],
    item.finding && ["repair", item.finding.repair],
  ];
  return element("dl", { class: "about" }, entries.filter(Boolean).map(
    ([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
}
