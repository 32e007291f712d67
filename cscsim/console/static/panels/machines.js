/** All state machines that can be seen: where each stands, and the picture of one. */

import { box, el, follow, refill, say } from "../dom.js";
import { MachinePicker } from "../machine_picker.js";
import { componentNames } from "../model.js";
import { routeTo } from "../routes.js";

export function machinesPanel(app) {
  let chosen = "";
  const filter = el("input", { type: "search", placeholder: "filter", "aria-label": "Filter machines", oninput: () => drawTable() });
  const body = el("tbody", {});
  const picker = new MachinePicker(app, (machine) => history.replaceState(null, "", routeTo("machine", chosen, machine)));
  const title = el("h2", {}, "Picture");
  const empty = el("p", { class: "empty" }, "Choose a component.");
  const pictured = box("Picture", {}, empty, picker.element);
  pictured.firstElementChild.replaceWith(title);
  const element = el("div", { class: "gallery machines-panel" }, box("Where each stands", {}, filter, el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...["machine", "state"].map((word) => el("th", { scope: "col" }, word)))), body))), pictured);

  async function open([component = "", machine]) {
    chosen = component;
    const known = component in app.model.components;
    empty.hidden = known;
    picker.element.hidden = !known;
    if (!known) return;
    say(title, component);
    const sheet = await app.sheet(component).catch((error) => { app.notice(error.message, "alert"); return null; });
    if (sheet && chosen === component) picker.show(component, sheet, machine);
  }

  function drawTable() {
    const looked = filter.value.toLowerCase();
    const found = componentNames(app.model).flatMap((name) => {
      const machines = Object.entries(app.model.components[name]?.machines ?? {})
        .filter(([machine, state]) => `${name} ${machine} ${state}`.toLowerCase().includes(looked));
      return machines.length ? [{ name }, ...machines.map(([machine, state]) => ({ name, machine, state }))] : [];
    });
    follow(body, found, ({ name, machine = "" }) => `${name}.${machine}`, makeRow, (row, { machine, state }) => { if (machine) say(row.cells[1], state); });
    if (found.length === 0) refill(body, el("tr", {}, el("td", { colspan: "2", class: "empty" }, "none has these words")));
  }

  function makeRow({ name, machine }) {
    if (!machine) return el("tr", {}, el("th", { class: "of", scope: "rowgroup", colspan: "2" }, name));
    return el("tr", {}, el("td", {}, el("a", { href: routeTo("machine", name, machine), "aria-label": `${name}.${machine}` }, machine)), el("td", {}));
  }

  function update(changed) {
    if (!changed.has("hello") && !changed.has("components")) return;
    drawTable();
    picker.update();
  }

  return { element, open, close: () => { chosen = ""; }, update };
}
