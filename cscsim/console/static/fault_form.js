/** The instructor's form by which a fault is put into a component. */

import { button, el, labelled, refill, say, set } from "./dom.js";
import { fieldInput } from "./fields.js";

export class FaultForm {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.choice = el("select", { onchange: () => this.choose() });
    this.parameters = el("div", { class: "row" });
    this.meaning = el("div", { class: "dim" });
    this.said = el("div", { class: "said", role: "status" });
    this.element = el("form", { class: "stack", onsubmit: (event) => this.inject(event), "aria-label": "Inject a fault" },
      el("div", { class: "row" }, labelled("Fault", this.choice), this.parameters, button("Inject", null, { type: "submit", class: "main" })), this.meaning, this.said);
  }

  show(component, faults) {
    this.component = component;
    this.faults = faults;
    refill(this.choice, ...Object.keys(faults).map((fault) => el("option", { value: fault }, fault)));
    say(this.said, "");
    this.choose();
  }

  choose() {
    const fault = this.faults[this.choice.value];
    this.inputs = (fault?.parameters ?? []).map((each) => fieldInput(each, () => {}));
    refill(this.parameters, ...this.inputs.map((each) => each.element));
    say(this.meaning, fault ? [fault.meaning, fault.seen && `Seen: ${fault.seen}.`, fault.cure && `Cure: ${fault.cure}.`].filter(Boolean).join(" ") : "");
  }

  async inject(event) {
    event.preventDefault();
    const typed = this.inputs.map((each) => [each.name, each.input.type === "checkbox" ? each.input.checked : each.input.value.trim()]);
    const parameters = Object.fromEntries(typed.filter(([, value]) => value !== ""));
    try {
      await this.app.ask("inject", { component: this.component, fault: this.choice.value, parameters });
      set(this.said, { class: "said done" });
      say(this.said, `${this.component}.${this.choice.value} is there now`);
    } catch (error) {
      set(this.said, { class: "said refused" });
      say(this.said, error.message);
    }
  }
}
