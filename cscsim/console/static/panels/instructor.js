/** The instructor's panel: what is true, what goes wrong, what time does, and what the trainee sees. */

import { box, button, el, follow, labelled, refill, say, set } from "../dom.js";
import { FaultForm } from "../fault_form.js";
import { keepDraft, keepField } from "../drafts.js";
import { elapsed, valueText } from "../format.js";
import { componentNames } from "../model.js";

export function instructorPanel(app) {
  const faults = el("tbody", {});
  const clear = button("Clear all", () => app.act("clear_all"), { class: "small" });
  const faultCount = el("h2", {}, "Active faults");
  const active = box("Active faults", {}, el("table", {}, faults));
  active.firstElementChild.replaceWith(el("div", { class: "head" }, faultCount, clear));
  const component = el("select", { "aria-label": "Component to put a fault into", onchange: () => fill() });
  const form = new FaultForm(app);
  const scenarios = el("div", { class: "scroll scenarios" });
  const freeze = button("Freeze", () => app.act("freeze", { on: !app.model.frozen }));
  const to = el("input", { type: "number", min: "0", step: "any", size: "8" });
  const rewound = el("div", { class: "said", role: "status" });
  const hint = keepField(el("textarea", { rows: "2", maxlength: "2000" }), "instructor.hint");
  const next = button("Give the next hint", () => app.act("hint"));
  const left = el("ol", {});
  const goals = el("ul", { class: "conditions" });
  const trainees = el("tbody", {});
  const truly = el("select", { "aria-label": "Component whose truth is seen", onchange: () => watch() });
  const truth = el("tbody", {});
  const journal = el("div", { class: "dim wrap" });
  const debrief = el("a", { target: "_blank" }, "Score and debrief so far");
  const element = el("div", { class: "two" },
    el("div", { class: "stack" }, active, box("Inject a fault", {}, labelled("Component", component), form.element), box("Scenarios", {}, scenarios),
      box("Time", {}, el("div", { class: "row" }, freeze), el("form", { class: "row", onsubmit: rewind }, labelled("Rewind to [simulated s]", to), button("Rewind and branch", null, { type: "submit" })), rewound)),
    el("div", { class: "stack" }, box("Trainees", {}, el("table", {}, trainees)), box("Goals", {}, goals),
      box("Hints", {}, el("form", { class: "stack", onsubmit: send }, labelled("In your own words", hint), el("div", { class: "row" }, button("Send", null, { type: "submit", class: "main" }), next)), left),
      box("Truth", {}, truly, el("table", { class: "values" }, truth)), box("The record", {}, debrief, journal)));

  async function open() {
    for (const select of [component, truly]) refill(select, ...componentNames(app.model).map((name) => el("option", { value: name, selected: name === "ATDome" }, name)));
    fill();
    watch();
    debrief.href = app.address("/debrief");
    const told = await app.act("scenarios");
    refill(scenarios, ...(told?.scenarios ?? []).map(makeScenario));
  }

  async function fill() {
    const sheet = await app.sheet(component.value).catch(() => null);
    if (sheet) form.show(sheet.component, { ...sheet.faults, ...sheet.disturbances });
  }

  function watch() {
    app.want("panel", { truth: [truly.value] });
    refill(truth);
  }

  function makeScenario({ name, title, faults: what, why }) {
    const begin = button("Begin", () => app.act("scenario", { name }, `${name} has begun`), { class: "small", disabled: Boolean(why), "aria-label": `Begin ${name}` });
    return el("div", { class: "row scenario" }, begin, el("span", { class: "grow wrap" }, el("strong", {}, name), ` ${title ?? ""}`, el("div", { class: "dim" }, why || what.join("; "))));
  }

  async function rewind(event) {
    event.preventDefault();
    say(rewound, "acting again up to there \u2026");
    try {
      const { run, took, journal: file } = await app.ask("rewind", { to: Number(to.value) });
      set(rewound, { class: "said done" });
      say(rewound, `Run ${run} stands at ${elapsed(Number(to.value))}; it took ${took.toFixed(1)} s. Its journal is ${file}.`);
    } catch (error) {
      set(rewound, { class: "said refused" });
      say(rewound, error.message);
    }
  }

  async function send(event) {
    event.preventDefault();
    if (hint.value.trim() === "" || (await app.act("hint", { text: hint.value }, "The hint is sent.")) === undefined) return;
    hint.value = "";
    keepDraft("instructor.hint", "");
  }

  function drawAll({ faults: list = [], goals: aims = [], hints_left: more = [] }) {
    const { trainees: people, journal: file } = app.model;
    say(faultCount, `Active faults (${list.length})`);
    clear.disabled = list.length === 0;
    follow(faults, list, (each) => each.number, (each) => el("tr", {},
      el("td", { class: "wrap" }, `${each.component}.${each.fault}`, el("div", { class: "dim" }, [each.text, `since ${elapsed(each.since)}`, `by ${each.from}`].filter(Boolean).join(", "))),
      el("td", { class: "num" }, button("Clear", () => app.act("clear", { number: each.number }), { class: "small", "aria-label": `Clear ${each.component}.${each.fault}` }))));
    if (list.length === 0) refill(faults, el("tr", {}, el("td", { class: "empty" }, "nothing is wrong")));
    follow(goals, aims, (goal) => goal.id, (goal) => el("li", {}, el("span", { class: "sign" }), el("span", {}, goal.title)), (item, goal) => {
      say(item.firstElementChild, goal.reached ? "\u2713" : "\u2013");
      set(item, { class: goal.reached ? "yes" : "unknown", "aria-label": `${goal.title}: ${goal.reached ? "reached" : "not reached"}` });
    });
    goals.parentElement.hidden = aims.length === 0;
    follow(trainees, people.map((each, at) => ({ ...each, at })), (each) => each.at, () => el("tr", {}, el("td", {}), el("td", {}, el("a", { target: "_blank" })), el("td", { class: "dim wrap" })), (row, each) => {
      say(row.cells[0], each.name || "trainee");
      const link = row.cells[1].firstElementChild;
      say(link, each.panel || "\u2013");
      if (String(each.panel).startsWith("#/")) set(link, { href: each.panel });
      say(row.cells[2], [each.detail, `since ${elapsed(each.since ?? 0)}`].filter(Boolean).join(", "));
    });
    if (people.length === 0) refill(trainees, el("tr", {}, el("td", { class: "empty" }, "nobody is connected")));
    follow(left, more.map((text, at) => ({ text, at })), (each) => each.text, (each) => el("li", { class: "dim" }, each.text));
    next.disabled = more.length === 0;
    say(journal, file);
  }

  function drawTruth() {
    const told = app.model.truth[truly.value];
    if (!told) return;
    const rows = [...Object.entries(told.machines), ...Object.entries(told.outputs).map(([key, value]) => [key, valueText(value, { unit: told.units[key] })])];
    follow(truth, rows, ([key]) => key, ([key]) => el("tr", {}, el("td", {}, key), el("td", {})), (row, [, value]) => say(row.cells[1], value));
  }

  function update(changed) {
    if (changed.has("hello") || changed.has("instructor")) drawAll(app.model.instructor ?? {});
    if (changed.has("hello") || changed.has("truth")) drawTruth();
    say(freeze, app.model.frozen ? "Let time go on" : "Freeze time");
    set(freeze, { "aria-pressed": String(app.model.frozen) });
  }

  return { element, open, update };
}
