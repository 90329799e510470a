"use strict";
// The simulator: from a start of a world, whatever can happen next, one click a step.

const walkView = {
  title: ([world]) => (world ? `Simulator: ${world}` : "Simulator"),

  show([name, ...key]) {
    const world = name === undefined ? page.worlds.find((item) => item.walk)
      : page.worlds.find((item) => item.name === name);
    if (!world) return missing(name ? `There is no world ${name}.` : "No world can be walked in.");
    if (!world.walk) return missing(`World ${world.name} has numbers too large for a browser.`);
    const steps = system(world.walk);
    const path = follow(world.walk, steps, key);
    if (!path) return missing(`World ${world.name} has no trace ${key.join("/")}.`);
    this.back = path.key.length > 1 ? path.key.slice(0, -1) : null;
    this.world = world.name;
    say(path.taken.length === 0 ? "At the start" : steps.says(path.taken.at(-1)));
    return walkPage(world, steps, path);
  },

  key(event) {
    if (event.key !== "Backspace" && event.key !== "ArrowLeft") return false;
    if (this.back) navigate("walk", this.world, ...this.back);
    return true;
  },
};

/** The steps that a key names: where each begins and ends; null where it names none. */
function follow(walk, steps, key) {
  const numbers = (key.length === 0 ? ["0"] : key)
    .map((text) => (/^\d+$/.test(text) ? Number(text) : -1));
  let state = walk.starts[numbers[0]];
  if (!state) return null;
  const states = [state];
  const taken = [];
  for (const number of numbers.slice(1)) {
    const way = steps.ways(state)[number];
    if (!way) return null;
    taken.push(way);
    state = way.after;
    states.push(state);
  }
  return { key: numbers, states, taken };
}

function walkPage(world, steps, path) {
  const state = path.states.at(-1);
  const ways = steps.ways(state);
  const go = (...key) => navigate("walk", world.name, ...key);
  const drawn = pictures(world);
  const at = path.states.map((one) => statesOf(world, steps, one));
  const last = path.taken.at(-1);
  const rows = world.instances.map((item) => (last?.case.events ?? [])
    .filter(([instance, , row]) => instance === item.name && row).map(([, , row]) => row));
  drawn.show(at.at(-1), rows, world.instances.map((_, n) => at.map((one) => one[n])));
  const told = path.taken.map((way) => ({
    party: world.walk.actions[way.case.action].party,
    says: steps.says(way),
    events: way.case.events.map(([to, , row]) => [to, row !== null, row]),
  }));
  const list = lanes(world, told, (number) => go(...path.key.slice(0, number + 1)));
  list.show(path.taken.length);
  return element(
    "article", { class: "walk" },
    element("header", {},
      element("h1", {}, "Simulator"),
      element("div", { class: "choose" }, worldChoice(world), startChoice(world, steps, path, go)),
      element("p", {}, world.doc)),
    element("div", { class: "controls", role: "group", "aria-label": "Steps" },
      button("One step back", "◀ Back", () => go(...path.key.slice(0, -1)),
        { disabled: path.taken.length === 0 }),
      button("Back to the start", "|◀ Start again", () => go(path.key[0]),
        { disabled: path.taken.length === 0 }),
      element("code", {}, `steptable replay ${world.name} ${path.key.join("/")}`)),
    element("div", { class: "panel" }, last && lastStep(world, steps, path),
      judgedHere(world, steps, state, last)),
    drawn.node,
    waysList(world, steps, ways, (number) => go(...path.key, number)),
    element("section", { class: "steps" }, element("h2", {}, "So far"), list.node),
    fieldTables(storedFields(world, steps, path)),
    element("details", { class: "note" },
      element("summary", {}, `${count(world.walk.dropped.length, "variable")} not stored`),
      element("p", {}, "Nothing that can happen and no promise depends on them, so the explorer ",
        "drops them: ", world.walk.dropped.join(", "))),
  );
}

function worldChoice(world) {
  const options = page.worlds.filter((item) => item.walk).map((item) => element(
    "option", { value: item.name, selected: item === world }, item.name));
  return element("label", {}, "world ", element("select", {
    id: "world", change: (event) => navigate("walk", event.target.value) }, options));
}

/** The starts, told apart by what they differ in. */
function startChoice(world, steps, path, go) {
  const { starts, variables, stored } = world.walk;
  if (starts.length === 1) return null;
  const differing = Array.from({ length: stored }, (_, at) => at)
    .filter((at) => new Set(starts.map((one) => one[at])).size > 1);
  const name = (at) => [variables[at].scope, variables[at].name].filter(Boolean).join(".");
  const told = (start) => differing
    .filter((at) => steps.means(at, start) && steps.word(at, start) !== "nothing")
    .map((at) => `${name(at)} ${steps.word(at, start)}`).join(", ");
  return element("label", {}, "start ", element("select", {
    id: "start", change: (event) => go(Number(event.target.value)) },
  starts.map((start, n) => element("option", { value: n, selected: n === path.key[0] },
    `${n}: ${told(start)}`))));
}

/** The state of each instance, or null where it is not stored. */
function statesOf(world, steps, codes) {
  return world.instances.map((item) => {
    const field = page.machines[item.machine].state_field;
    const at = world.walk.variables
      .findIndex((one) => one.scope === item.name && one.name === field);
    return at < 0 || at >= world.walk.stored ? null : steps.word(at, codes);
  });
}

/** What is known in a state, in words, by the whole names of the variables. */
function known(world, steps, codes) {
  const { variables, stored } = world.walk;
  const names = new Map();
  variables.slice(0, stored).forEach(({ scope, name }, at) => {
    if (steps.means(at, codes)) names.set(scope ? `${scope}.${name}` : name, steps.word(at, codes));
  });
  return names;
}

function lastStep(world, steps, path) {
  const way = path.taken.at(-1);
  const action = world.walk.actions[way.case.action];
  const [before, now] = [path.states.at(-2), way.after].map((codes) => known(world, steps, codes));
  const changes = [...new Map([...before, ...now]).keys()]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => [name, before.get(name), "→", now.get(name) ?? "nothing"])
    .map((parts) => parts.filter((part) => part !== undefined).join(" "));
  const effects = steps.effects(way);
  return [
    element("p", { class: "says" },
      action.party && element("span", { class: "party" }, action.party), steps.says(way)),
    ...way.case.events.map(([to, event, row]) => element(
      "p", { class: `event ${row ? "" : "refused"}` }, element("code", {}, event), " → ",
      element("b", {}, to), row ? [": row ", element("i", {}, row)] : ": refused")),
    changes.length > 0 && element("ul", { class: "changes" },
      changes.map((text) => element("li", {}, change(text)))),
    way.case.events.length > 0 && element("p", { class: "effects" }, element("b", {}, "effects: "),
      effects.length > 0 ? effects.map(([, name]) => [element("code", {}, name), " "]) : "none"),
  ];
}

/** The promises that are not kept in a state, or by the step that led to it, as [number, how]. */
function brokenPromises(world, steps, state, last) {
  const holding = new Set(steps.holding(state));
  const judged = new Set(world.walk.judged.map(([property]) => property));
  const broken = new Set(last ? steps.breaks(last) : []);
  return world.properties.flatMap((item, n) => {
    const kept = !judged.has(n) || item.kind === "sometimes"
      || holding.has(n) === (item.kind === "always");
    if (!kept) return [[n, "not so here"]];
    return broken.has(n) ? [[n, "broken by this step"]] : [];
  });
}

/** What the state and the step before it show of the world's promises. */
function judgedHere(world, steps, state, last) {
  const holding = new Set(steps.holding(state));
  const seen = world.properties
    .filter((item, n) => item.kind === "sometimes" && holding.has(n)).map((item) => item.name);
  return element(
    "div", { class: "judged" },
    brokenPromises(world, steps, state, last).map(([n, how]) => element(
      "p", { class: "broken" }, `✗ ${how}: ${world.properties[n].name}`)),
    seen.length > 0 && element("p", { class: "note" }, `◆ seen here: ${seen.join(", ")}`),
  );
}

function waysList(world, steps, ways, take) {
  const groups = new Map();
  ways.forEach((way, number) => {
    const key = way.case.moves ? way.case.action : "refused";
    groups.set(key, [...(groups.get(key) ?? []), [number, way]]);
  });
  const refused = groups.get("refused") ?? [];
  groups.delete("refused");
  const possible = [...groups.entries()];
  return element(
    "section", { class: "ways" },
    element("h2", { id: "ways", tabindex: -1 }, "What can happen here"),
    element("p", { class: "note" }, "Choices that make no difference are not told apart."),
    possible.length === 0
      && element("p", { class: "none" }, "Nothing: no action can happen in this state."),
    element("ul", {}, possible.map(([action, some]) => element(
      "li", {},
      some.length === 1 ? wayButton(world, steps, some[0], take)
        : element("details", { open: possible.length === 1 },
          element("summary", {},
            element("span", { class: "party" }, world.walk.actions[action].party),
            `${world.walk.actions[action].name}, ${some.length} ways`),
          some.map((one) => wayButton(world, steps, one, take)))))),
    refused.length > 0 && element("details", {},
      element("summary", {}, `${count(refused.length, "event")} that would be refused`),
      refused.map((one) => wayButton(world, steps, one, take))),
  );
}

function wayButton(world, steps, [number, way], take) {
  const { variables, actions } = world.walk;
  const chosen = way.case.choices.filter((at) => steps.means(at, way.codes))
    .map((at) => `${variables[at].name}=${steps.word(at, way.codes)}`).join(", ");
  const rows = way.case.events.map(([to, event, row]) => `${event} → ${to}: ${row ?? "refused"}`);
  return element(
    "button", { type: "button", class: "way", "data-way": number, click: () => take(number) },
    element("span", { class: "party" }, actions[way.case.action].party),
    steps.says(way),
    chosen && element("span", { class: "chosen" }, chosen),
    rows.length > 0 && element("span", { class: "rows" }, rows.join(", ")),
  );
}

function storedFields(world, steps, path) {
  const codes = path.states.at(-1);
  const before = path.states.at(-2) ?? codes;
  const scopes = new Map();
  world.walk.variables.slice(0, world.walk.stored).forEach((item, at) => {
    if (!steps.means(at, codes)) return;
    const changed = codes[at] !== before[at] || !steps.means(at, before);
    const field = [item.name, steps.word(at, codes), changed, true];
    scopes.set(item.scope, [...(scopes.get(item.scope) ?? []), field]);
  });
  return [...scopes.entries()];
}
