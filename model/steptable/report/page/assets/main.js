"use strict";
// Which view is shown: all of it follows from the address, so that any moment can be linked to.

const page = JSON.parse(document.getElementById("contents").textContent);
const views = { machine: machineView, verdicts: verdictsView, trace: traceView, walk: walkView };
const main = document.getElementById("main");
let shown = "";

function route() {
  try {
    const [name, ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
    return Object.hasOwn(views, name) ? [name, rest] : ["machine", []];
  } catch {
    return ["machine", []];
  }
}

/** Goes to a view of this page; a step of one and the same thing leaves no trail. */
function navigate(...parts) {
  const same = parts.slice(0, 2).join("/") === [route()[0], ...route()[1]].slice(0, 2).join("/");
  history[same ? "replaceState" : "pushState"](null, "", address(...parts));
  render();
}

function say(text) {
  document.getElementById("said").textContent = text;
}

function render() {
  const [name, rest] = route();
  const view = views[name];
  const focused = focusedPart();
  const made = [view.show(rest)].flat(Infinity).filter(Boolean);
  if (made.length !== 1 || main.firstElementChild !== made[0]) main.replaceChildren(...made);
  document.title = `${view.title(rest)} – ${page.name}`;
  for (const link of document.querySelectorAll("nav a")) {
    const { view: leads } = link.dataset;
    if (leads === (name === "trace" ? "verdicts" : name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = [name, rest[0]].join("/");
  if (shown !== "" && shown !== place) {
    main.focus({ preventScroll: true });
    if (rest.length === 0 || name !== "machine") scrollTo(0, 0);
  }
  if (focused && !main.contains(document.activeElement)) {
    const again = main.querySelector(focused);
    (again?.disabled ? main : again ?? main).focus({ preventScroll: true });
  }
  shown = place;
}

/** What will have the focus when the view is made anew: a selector, or null. */
function focusedPart() {
  const at = document.activeElement;
  if (at === main || !main.contains(at)) return null;
  if ("way" in at.dataset) return "#ways";
  if (at.id) return `#${at.id}`;
  const label = at.getAttribute("aria-label");
  return label ? `[aria-label="${label}"]` : "#main";
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (views[route()[0]].key?.(event)) event.preventDefault();
});

// ── Light and dark ──

const dark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");
let chosen = null;

/** Sets the colours: those that were chosen, else those that the system asks for. */
function theme() {
  const now = chosen ?? (dark.matches ? "dark" : "light");
  const other = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = now;
  themeButton.textContent = other === "dark" ? "Dark" : "Light";
  themeButton.setAttribute("aria-label", `Switch to ${other} colours`);
}

themeButton.addEventListener("click", () => {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  theme();
});
dark.addEventListener("change", theme);

addEventListener("hashchange", render);
theme();
render();
