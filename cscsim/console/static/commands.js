/** The commands of a component: a form for each, with what comes of it explained before it is sent. */

import { button, el, follow, refill, say, set } from "./dom.js";
import { fieldInput, readAll } from "./fields.js";
import { tone } from "./format.js";

const TYPING = 150; // after which what was typed is explained [ms]
const AT_ONCE = 100; // an answer within this time is at once, and nothing is said before it [ms]
const EVERYWHERE = ["setLogLevel", "setAuthList"];
const TRUTH = { true: ["yes", "\u2713"], false: ["no", "\u2717"], null: ["unknown", "?"] };

export class Commands {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.list = el("div", {});
    this.filter = el("input", { type: "search", placeholder: "filter", "aria-label": "Filter commands", oninput: () => this.update() });
    this.element = el("div", {}, this.filter, this.list);
    this.forms = new Map();
  }

  show(component, sheet) {
    this.component = component;
    this.sheet = sheet;
    this.forms.clear();
    this.typed = {};
    this.filter.value = "";
    refill(this.list);
    this.update();
  }

  /** Draw what would come of each command now. */
  update() {
    if (!this.sheet) return;
    const wanted = this.filter.value.toLowerCase();
    const names = Object.keys(this.sheet.commands)
      .filter((name) => name.toLowerCase().includes(wanted))
      .sort((one, other) => rank(one, this.sheet.commands[one]) - rank(other, this.sheet.commands[other]));
    follow(this.list, names, (name) => name, (name) => this.make(name), (row, name) => this.draw(row, name));
  }

  make(name) {
    const command = this.sheet.commands[name];
    const why = el("span", { class: "why" });
    const guards = el("ul", { class: "conditions" });
    const said = el("div", { class: "said full", role: "status" });
    const inputs = command.fields.map((field) => fieldInput(field, () => this.type(name)));
    const send = button("Send", null, { type: "submit", class: "main" });
    const form = el("form", { onsubmit: (event) => this.send(event, name) },
      el("div", { class: "full dim" }, command.meaning, command.refuses ? ` Refuses ${command.refuses}.` : ""),
      ...inputs.map((each) => each.element),
      el("div", { class: "full row" }, send, why.cloneNode()), el("div", { class: "full" }, guards), said);
    const summary = el("summary", {}, el("span", { class: "name" }, name), why);
    const row = el("details", { class: "command", ontoggle: () => this.draw(row, name) }, summary, form);
    this.forms.set(name, { inputs, why, again: form.querySelector(".why"), guards, said, send, row });
    return row;
  }

  draw(row, name) {
    const { why, again, guards, send } = this.forms.get(name);
    const now = this.typed[name] ?? this.app.model.explain[this.component]?.commands?.[name];
    const [words, kind] = verdict(now);
    for (const place of [why, again]) {
      say(place, words);
      set(place, { class: kind === "may" ? "why may" : kind === "unknown" ? "why words-warning" : "why", title: words });
    }
    set(send, { "aria-label": `Send ${name}${kind === "not" ? ", would be refused" : ""}` });
    if (!row.open) return;
    follow(guards, now?.guards ?? [], (guard) => guard.condition, () => el("li", {}), (item, guard) => {
      const [kindOf, sign] = TRUTH[String(guard.truth)] ?? TRUTH.null;
      set(item, { class: kindOf });
      const text = `${guard.condition}${guard.because ? ` \u2013 ${guard.because}` : ""}`;
      if (item.textContent !== `${sign}${text}`) refill(item, el("span", { class: "sign" }, sign), el("span", {}, guard.condition, el("span", { class: "seen" }, guard.because ? ` \u2013 ${guard.because}` : "")));
    });
  }

  /** Explain anew, as something else stands in a form. */
  type(name) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.explain(name), TYPING);
  }

  async explain(name) {
    const component = this.component;
    const fields = { [name]: readAll(this.forms.get(name).inputs) };
    try {
      const told = await this.app.ask("explain", { component, fields });
      if (component === this.component) this.typed[name] = told.commands[name];
    } catch (error) {
      this.typed[name] = { allowed: false, sentence: error.message, guards: [] };
    }
    this.update();
  }

  /** What is explained anew by the server is so for what is typed, too. */
  explainTyped() {
    for (const name of Object.keys(this.typed)) this.type(name);
  }

  async send(event, name) {
    event.preventDefault();
    const { inputs, said } = this.forms.get(name);
    const waits = setTimeout(() => {
      set(said, { class: "said full" });
      say(said, "sent \u2026");
    }, AT_ONCE);
    try {
      const { seq } = await this.app.ask("command", { component: this.component, command: name, fields: readAll(inputs) });
      this.forms.get(name).seq = seq;
      this.answer();
    } catch (error) {
      set(said, { class: "said full refused" });
      say(said, error.message);
    } finally {
      clearTimeout(waits);
    }
  }

  /** Show the acknowledgements of what was sent. */
  answer() {
    for (const [name, form] of this.forms) {
      if (form.seq === undefined) continue;
      const last = this.app.model.acks.findLast((ack) => ack.component === this.component && ack.command === name && ack.seq === form.seq);
      if (!last) continue;
      const bad = ["alert", "warning"].includes(tone(last.ack));
      set(form.said, { class: `said full ${last.ack === "COMPLETE" ? "done" : bad || last.ack === "FAILED" ? "refused" : ""}` });
      say(form.said, `${last.ack}${last.result && last.result !== last.ack ? `: ${last.result}` : ""}`);
    }
  }
}

/** What a component alone can do comes first, then its changes of state, and last what is only there by name. */
function rank(name, command) {
  return command.simulated === false ? 3 : EVERYWHERE.includes(name) ? 2 : command.changes_state ? 1 : 0;
}

/** What is written beside a command: `["may be sent", "may"]`. */
export function verdict(told) {
  if (!told) return ["", ""];
  if (told.allowed === true) return ["may be sent", "may"];
  if (told.allowed === false) return [told.sentence || "would be refused", "not"];
  return [told.sentence || "cannot be told", "unknown"];
}
