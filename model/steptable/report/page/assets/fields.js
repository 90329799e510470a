"use strict";
// What is known of every field at some moment, with what the last step has changed.

let everyField = false;

/** Tables of fields, one for each scope of [scope, [[name, value, changed, relevant], ...]]. */
function fieldTables(scopes) {
  const hidden = scopes.some(([, fields]) => fields.some(([, , , relevant]) => !relevant));
  const box = element("input", {
    type: "checkbox",
    id: "every-field",
    change: (event) => {
      everyField = event.target.checked;
      render();
    },
  });
  box.checked = everyField;
  return element(
    "section", { class: "fields" },
    element("h2", {}, "What is known"),
    hidden && element("label", {}, box,
      " all fields, also those that have nothing to do with this promise"),
    element("div", { class: "tables" }, scopes.map(([scope, fields]) => {
      const shown = fields.filter(([, , , relevant]) => everyField || relevant);
      return element(
        "table", {},
        element("caption", {}, scope || "world"),
        element("tbody", {}, shown.map(([name, value, changed]) => element(
          "tr", { class: changed ? "changed" : value === "nothing" ? "empty" : "" },
          element("th", { scope: "row" }, name,
            changed && element("span", { class: "unseen" }, " (changed)")),
          element("td", {}, value)))),
      );
    })),
  );
}
