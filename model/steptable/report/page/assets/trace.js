"use strict";
// A trace to step through: its steps, the picture, what each step changes and sets off.

const traceView = {
  title: ([id]) => findTrace(id)?.item.name ?? "No such trace",

  show([id, step]) {
    const found = findTrace(id);
    if (!found) return missing(`There is no trace of ${id ?? "nothing"}.`);
    if (this.opened?.id !== id) this.opened = { id, ...openTrace(found.world, found.item) };
    this.opened.show(clamp(step, found.item.trace.steps.length));
    return this.opened.node;
  },

  key(event) {
    const { at, last, go } = this.opened ?? {};
    const to = { ArrowLeft: () => at() - 1, ArrowRight: () => at() + 1, Home: () => 0,
      End: () => last }[event.key];
    if (!to) return false;
    go(to());
    return true;
  },
};

function clamp(text, last) {
  const number = /^\d+$/.test(text ?? "") ? Number(text) : 0;
  return Math.min(number, last);
}

function missing(text) {
  return [
    element("h1", {}, "Not on this page"),
    element("p", {}, text, " It may be of another version of the declarations."),
    element("p", {}, element("a", { href: "#verdicts" }, "All verdicts")),
  ];
}

function findTrace(id) {
  for (const world of page.worlds) {
    const item = world.properties.find((one) => one.id === id);
    if (item?.trace) return { world, item };
  }
  return null;
}

function openTrace(world, item) {
  const { trace } = item;
  const last = trace.steps.length;
  let now = 0;
  const drawn = pictures(world);
  const steps = trace.steps.map((step) => ({
    party: step.party,
    says: step.says,
    events: step.events.map((event) => [event.instance, event.row !== null, event.row]),
  }));
  const go = (step) => navigate("trace", item.id, Math.max(0, Math.min(step, last)));
  const list = lanes(world, steps, go, trace.loop);
  const moments = everyMoment(trace);
  const where = element("b", { class: "where" });
  const back = button("One step back", "◀", () => go(now - 1));
  const ahead = button("One step ahead", "▶", () => go(now + 1));
  const panel = element("div", { class: "panel" });
  const tables = element("div", {});
  const onward = element("a", {}, "Go on from here in the simulator");
  const node = element(
    "article", { class: "trace" },
    element("header", {},
      element("p", { class: "crumbs" },
        element("a", { href: "#verdicts" }, "Verdicts"), " › world ",
        element("code", {}, world.name)),
      element("h1", {}, item.name, " ", chip(item.word)),
      element("details", { open: matchMedia("(min-width: 60rem)").matches },
        element("summary", {}, "What was promised, and what is known of it"), about(item)),
      element("p", { class: "note" }, "The same in a terminal: ",
        element("code", {}, `steptable replay ${world.name} ${trace.key}`))),
    element("div", { class: "controls", role: "group", "aria-label": "Steps" },
      button("To the start", "|◀", () => go(0)), back, where, ahead,
      button("To the end", "▶|", () => go(last)),
      element("span", { class: "hint" }, "or the keys ← → Home End")),
    panel,
    drawn.node,
    element("section", { class: "steps" }, element("h2", {}, "Steps"), list.node),
    element("div", {}, tables, world.walk && element("p", {}, onward)),
  );

  function show(step) {
    now = step;
    const taken = trace.steps[step - 1];
    where.textContent = step === 0 ? `Start of ${last}` : `Step ${step} of ${last}`;
    back.disabled = step === 0;
    ahead.disabled = step === last;
    panel.replaceChildren(...stepPanel(trace, step));
    const rows = world.instances.map((one) => (taken?.events ?? [])
      .filter((event) => event.instance === one.name && event.row).map((event) => event.row));
    const passed = world.instances.map((_, n) => moments.slice(0, step + 1).map((m) => m.at[n]));
    drawn.show(moments[step].at, rows, passed);
    list.show(step);
    onward.href = address("walk", world.name, ...trace.key.split(/[/+]/).slice(0, step + 1));
    tables.replaceChildren(fieldTables(scopesAt(trace, moments[step])));
    say(`${where.textContent}. ${taken?.says ?? "Where it starts"}`);
  }
  return { node, show, go, last, at: () => now };
}

/** What is known at the start and after each step, every field of it. */
function everyMoment(trace) {
  const moments = [{ ...trace.start, changed: {} }];
  for (const step of trace.steps) {
    const fields = {};
    for (const [scope, known] of Object.entries(moments.at(-1).fields)) {
      fields[scope] = { ...known, ...step.after.fields[scope] };
    }
    moments.push({ at: step.after.at, fields, changed: step.after.fields });
  }
  return moments;
}

function scopesAt(trace, moment) {
  return Object.entries(moment.fields).map(([scope, known]) => [
    scope,
    Object.entries(known).map(([name, value]) => [
      name, value, name in (moment.changed[scope] ?? {}), trace.relevant[scope].includes(name),
    ]),
  ]);
}

/** What happens in one step, and at the last one, what promise that breaks. */
function stepPanel(trace, step) {
  const taken = trace.steps[step - 1];
  const last = trace.steps.length;
  return [
    element("p", { class: "says" },
      taken?.party && element("span", { class: "party" }, taken.party),
      taken?.says ?? "Where it starts: nothing has happened yet."),
    ...(taken?.events ?? []).map(eventCard),
    taken && changeList(taken.changes, taken.more, "world"),
    step === last && trace.broken && element("p", { class: "broken" }, "✗ ", trace.broken),
    step === last && trace.loop !== null && element("p", { class: "broken" }, "↻ ",
      trace.loop === last ? "From here nothing more happens, and nothing is owed."
        : `Steps ${trace.loop + 1} to ${last} repeat for ever.`),
  ].filter(Boolean);
}

function eventCard(event) {
  return element(
    "div", { class: `event ${event.row ? "" : "refused"}` },
    element("p", {}, element("code", {}, event.call), " → ", element("b", {}, event.instance)),
    element("p", {}, event.row ? ["row ", element("i", {}, event.row)] : event.refused),
    changeList(event.changes, event.more, event.instance),
    event.row && element("p", { class: "effects" }, element("b", {}, "effects: "),
      event.effects.length > 0
        ? event.effects.map((name) => [element("code", {}, name), " "]) : "none"),
  );
}

function changeList(changes, more, whose) {
  if (changes.length + more.length === 0) return null;
  return element(
    "div", { class: "changes" },
    changes.length > 0 && element("ul", { "aria-label": `Changes of ${whose}` },
      changes.map((text) => element("li", {}, change(text)))),
    more.length > 0 && element("details", {},
      element("summary", {}, `${whose}: ${count(more.length, "change")} besides, `,
        "which this promise does not depend on"),
      element("ul", {}, more.map((text) => element("li", {}, change(text))))),
  );
}
