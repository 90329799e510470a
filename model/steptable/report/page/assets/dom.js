"use strict";
// Elements out of text: nothing that a declaration says is ever read as markup.

/** An element. Functions among the attributes listen to the event of that name. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return made;
}

/** The address of a view within the page, for instance `#trace/ID/3`. */
function address(...parts) {
  return `#${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

/** A number of things, with its separators. */
function count(number, what) {
  const many = what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`;
  return `${number.toLocaleString("en")} ${number === 1 ? what : many}`;
}

/** A list of short texts, or what to say where there are none. */
function listed(texts, none) {
  if (texts.length === 0) return element("p", { class: "none" }, none);
  return element("ul", {}, texts.map((text) => element("li", {}, text)));
}

/** A change with its arrow made to stand out. */
function change(text) {
  const [before, ...after] = text.split(" → ");
  if (after.length === 0) return element("code", {}, text);
  return element("code", {}, before, element("b", {}, " → "), after.join(" → "));
}

function button(label, text, click, attributes = {}) {
  return element("button", { type: "button", "aria-label": label, click, ...attributes }, text);
}
