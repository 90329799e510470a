"use strict";
// The picture of a machine, with where a record is and the row that it has just taken.

/** A picture of a machine of the page; `show` lights up a state and the rows just taken. */
function picture(number, caption) {
  const drawing = document
    .getElementById(`machine-${number}`)
    .content.firstElementChild.cloneNode(true);
  const { states, rows } = page.machines[number];
  const where = element("b", {});
  const node = element(
    "figure", { class: "picture" },
    element("figcaption", {}, caption, caption && ": ", where),
    drawing,
  );
  const seen = new Set();

  function show(state, taken, passed = []) {
    where.textContent = state ?? "not stored, since nothing depends on it";
    drawing.setAttribute("aria-label", `${caption}: ${where.textContent}`);
    const lit = rows.filter((row) => taken.includes(row.name));
    seen.clear();
    passed.forEach((name) => seen.add(name));
    for (const shape of drawing.querySelectorAll(".state")) {
      const at = Number(shape.dataset.state);
      shape.classList.toggle("now", states[at].name === state);
      shape.classList.toggle("seen", seen.has(states[at].name));
      shape.classList.toggle("stayed", lit.some((row) => row.source === at && row.target === at));
    }
    for (const edge of drawing.querySelectorAll(".edge")) {
      const source = Number(edge.dataset.source);
      const target = Number(edge.dataset.target);
      const is = lit.some((row) => row.source === source && row.target === target);
      edge.classList.toggle("taken", is);
    }
  }
  return { node, drawing, show };
}

/** A picture for each instance of a world. `show` takes the states, and the rows of each. */
function pictures(world) {
  const made = world.instances.map((item) => picture(item.machine, item.name));
  // On a narrow screen not all pictures are in view at once.
  const all = element("p", { class: "states" });
  const node = made.length === 0 ? null : element(
    "div", { class: "drawn" }, made.length > 1 && all,
    element("div", { class: "pictures" }, made.map((item) => item.node)));

  function show(states, taken, passed) {
    all.textContent = world.instances.map((item, n) => `${item.name}: ${states[n]}`).join(" · ");
    made.forEach((item, n) => item.show(states[n], taken[n], passed[n]));
  }
  return { node, show };
}
