/** A component's page: its machines, its commands, what it says, what may be wrong with it, its log. */

import { Commands } from "../commands.js";
import { box, button, el, follow, refill, say, set } from "../dom.js";
import { elapsed, tone, valueText } from "../format.js";
import { FaultForm } from "../fault_form.js";
import { MachinePicker } from "../machine_picker.js";
import { groupsOf } from "../model.js";
import { routeTo } from "../routes.js";
import { gravity, inWords } from "../words.js";

const LINES = 40;
const WAYS = ["STANDBY", "DISABLED", "ENABLED", "OFFLINE"];

export function componentPanel(app) {
  let name = "";
  let sheet = null;
  const title = el("h1", {});
  const pill = el("span", { class: "pill" });
  const summary = el("div", { class: "dim" });
  const override = el("input", { type: "text", size: "16", "aria-label": "Configuration override for start", placeholder: "configuration override" });
  const said = el("span", { class: "said" });
  const ways = el("div", { class: "row", role: "group", "aria-label": "Bring it to a summary state" }, el("span", { class: "dim" }, "Bring it to"),
    ...WAYS.map((to) => button(to, () => bring(to), { class: "small" })), override, said);
  const picker = new MachinePicker(app, (machine) => history.replaceState(null, "", routeTo("component", name, machine)));
  const commands = new Commands(app);
  const values = el("div", { class: "values" });
  const faults = el("div", {});
  const injecting = new FaultForm(app);
  const truth = el("table", { class: "values" });
  const truthBox = box("Truth", { hidden: true }, truth);
  const acks = el("table", {}, el("tbody", {}));
  const lines = el("div", { class: "lines scroll" });
  const others = el("div", { class: "views" });
  const found = el("div", { class: "component" },
    el("div", { class: "wide stack" }, el("div", { class: "row" }, title, pill), summary, ways),
    el("div", { class: "stack" }, box("State machines", {}, picker.element), box("Telemetry and events", {}, values)),
    el("div", { class: "stack" }, box("Commands", {}, commands.element), truthBox, box("Last acknowledgements", {}, acks),
      box("What may be wrong with it", {}, injecting.element, faults), box("Its log", {}, lines)));
  const element = el("div", {}, others, found);

  async function bring(to) {
    say(said, `on the way to ${to} \u2026`);
    set(said, { class: "said" });
    try {
      await app.ask("state", { of: name, to, override: override.value });
      say(said, `is ${to}`);
      set(said, { class: "said done" });
    } catch (error) {
      say(said, error.message);
      set(said, { class: "said refused" });
    }
  }

  async function open([wanted = "", machine]) {
    name = wanted;
    sheet = null;
    commands.sheet = null;
    found.hidden = !(wanted in app.model.components);
    others.hidden = wanted in app.model.components;
    if (found.hidden) {
      offer();
      return;
    }
    say(title, name);
    say(said, "");
    say(summary, "");
    refill(values);
    refill(faults);
    try {
      const asked = await app.sheet(name);
      if (name !== wanted) return;
      sheet = asked;
    } catch (error) {
      say(summary, error.message);
      return;
    }
    say(summary, [sheet.title, sheet.summary].filter(Boolean).join(". "));
    ways.hidden = !("enable" in sheet.commands);
    picker.show(name, sheet, machine);
    commands.show(name, sheet);
    drawManual();
    const telemetry = Object.keys(sheet.topics).filter((topic) => sheet.topics[topic].kind === "telemetry");
    app.want("panel", { topics: telemetry.map((topic) => `${name}.${topic}`), explain: [name], truth: [name] });
    await app.look(name);
    update(new Set(["hello"]));
  }

  function offer() {
    app.want("panel", {});
    refill(others, name ? el("p", { class: "empty" }, `There is no component ${name}.`) : el("p", {}, "Choose a component."),
      ...groupsOf(app.model).map(([group, names]) => box(group, {}, ...names.map((each) =>
        el("div", {}, el("a", { href: routeTo("component", each) }, each))))));
  }

  function drawManual() {
    const all = { ...sheet.faults, ...sheet.disturbances };
    refill(faults, ...Object.entries(all).map(([fault, manual]) => el("details", {},
      el("summary", {}, fault), el("p", {}, manual.meaning),
      el("p", {}, el("span", { class: "dim" }, "Seen: "), manual.seen ?? ""), el("p", {}, el("span", { class: "dim" }, "Cure: "), manual.cure ?? ""))),
      Object.keys(all).length ? null : el("div", { class: "empty" }, "nothing is known"));
    injecting.element.hidden = !app.isInstructor;
    injecting.show(name, all);
  }

  function drawValues() {
    const topics = app.model.topics[name] ?? {};
    const known = Object.keys(sheet.topics).filter((topic) => topics[topic]?.data && topic !== "heartbeat");
    known.sort((one, other) => (sheet.topics[one].kind === "event") - (sheet.topics[other].kind === "event") || one.localeCompare(other));
    if (known.length === 0) {
      refill(values, el("div", { class: "empty" }, "nothing was heard yet"));
      return;
    }
    follow(values, known, (topic) => topic, makeTopic, drawTopic);
  }

  function makeTopic(topic) {
    const { meaning, kind, fields } = sheet.topics[topic];
    return el("table", {}, el("caption", { title: meaning }, `${topic} `, el("span", { class: "dim" }, kind)),
      el("tbody", {}, ...fields.map((field) => el("tr", {}, el("td", { title: field.meaning }, field.name), el("td", {})))));
  }

  function drawTopic(table, topic) {
    const { data } = app.model.topics[name][topic];
    sheet.topics[topic].fields.forEach((field, at) => {
      const row = table.tBodies[0].rows[at];
      row.hidden = !(field.name in data);
      say(row.cells[1], valueText(data[field.name], field));
    });
  }

  function drawTruth() {
    const told = app.model.truth[name];
    truthBox.hidden = !app.isInstructor || !told;
    if (!told) return;
    const rows = [
      ...Object.entries(told.machines).map(([key, value]) => [key, value]),
      ...Object.entries(told.outputs).map(([key, value]) => [key, valueText(value, { unit: told.units[key] })]),
    ];
    follow(truth, rows, ([key]) => key, ([key]) => el("tr", {}, el("td", {}, key), el("td", {})), (row, [, value]) => say(row.cells[1], value));
  }

  function drawAcks() {
    const mine = app.model.records.filter((record) => record.kind === "ack" && record.who === name).slice(-8).reverse();
    follow(acks.tBodies[0], mine, (ack) => ack.n, (ack) => el("tr", {},
      el("td", { class: "dim" }, elapsed(ack.t)),
      el("td", { class: "wrap" }, ack.command, el("div", { class: "dim" }, ack.result === ack.ack ? "" : ack.result)),
      el("td", {}, el("span", { class: `pill ${ack.ack === "FAILED" ? "alert" : tone(ack.ack)}` }, ack.ack))));
  }

  function drawLines() {
    const mine = app.model.records
      .filter((record) => record.who === name && (record.kind !== "event" || record.topic === "logMessage" || record.topic === "summaryState" || record.topic === "errorCode"))
      .slice(-LINES).reverse();
    follow(lines, mine, (record) => record.n, (record) => el("div", { class: `line ${gravity(record)}` },
      el("span", { class: "at" }, elapsed(record.t)), el("span", { class: "what" }, inWords(record))));
  }

  function update(changed) {
    if (!sheet || !app.model.components[name]) return;
    const any = (...keys) => changed.has("hello") || keys.some((key) => changed.has(key));
    if (any("components")) {
      const { state } = app.model.components[name];
      say(pill, state ?? "UNKNOWN");
      set(pill, { class: `pill ${tone(state)}`, hidden: app.model.components[name].is_csc === false });
      picker.update();
    }
    if (changed.has("explain")) commands.explainTyped();
    if (any("explain")) commands.update();
    if (any("acks")) commands.answer();
    if (any("telemetry", "records")) drawValues();
    if (any("truth")) drawTruth();
    if (any("records")) {
      drawAcks();
      drawLines();
    }
  }

  return { element, open, close: () => { name = ""; }, update };
}
