/** A component's machines: a button for each with its state, and the picture of the one that is chosen. */

import { Diagram } from "./diagram.js";
import { el, follow, refill, set } from "./dom.js";

export class MachinePicker {
  /** @param {import("./app.js").App} app @param {(machine: string) => void} chosen */
  constructor(app, chosen = () => {}) {
    this.app = app;
    this.chosen = chosen;
    this.diagram = new Diagram();
    this.buttons = el("div", { class: "machines", role: "group", "aria-label": "Machines" });
    const whole = el("input", { type: "checkbox", onchange: () => this.diagram.element.classList.toggle("whole", whole.checked) });
    const fit = el("label", { class: "row dim" }, whole, "the whole picture at once");
    this.element = el("div", { class: "picker" }, this.buttons, fit, this.diagram.element);
  }

  show(component, sheet, machine) {
    this.component = component;
    this.machines = sheet.machines;
    const names = Object.keys(sheet.machines);
    this.machine = names.includes(machine) ? machine : names[0];
    refill(this.buttons);
    this.update();
    if (this.machine) this.diagram.show(`${component}.${this.machine}`, sheet.machines[this.machine]);
    else refill(this.diagram.element, el("div", { class: "empty" }, "no machine of it can be seen"));
  }

  update() {
    if (!this.machines) return;
    const states = this.app.model.components[this.component]?.machines ?? {};
    follow(this.buttons, Object.keys(this.machines), (name) => name, (name) =>
      el("button", { type: "button", onclick: () => this.pick(name) }), (button, name) => {
      set(button, { "aria-pressed": String(name === this.machine) });
      const words = `${name} ${states[name] ?? "\u2013"}`;
      if (button.textContent !== words) refill(button, `${name} `, el("b", {}, states[name] ?? "\u2013"));
    });
    this.diagram.mark(states[this.machine] ?? null);
  }

  pick(machine) {
    this.machine = machine;
    this.diagram.show(`${this.component}.${machine}`, this.machines[machine]);
    this.update();
    this.chosen(machine);
  }
}
