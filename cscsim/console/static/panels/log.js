/** The whole log: every record of the journal that this role may see, filtered by kind, level, component and words. */

import { box, button, el, follow, refill, say, set } from "../dom.js";
import { elapsed } from "../format.js";
import { KINDS, gravity, inWords, kindOf, levelOf } from "../words.js";

const SHOWN = 400;
const AT_FIRST = new Set(["command", "ack", "message", "state", "procedure", "person", "fault"]);
const LEVELS = ["debug", "info", "warning", "error"];

export function logPanel(app) {
  let held = null;
  const ticks = KINDS.map(([kind, words]) => {
    const tick = el("input", { type: "checkbox", checked: AT_FIRST.has(kind), onchange: draw });
    return { kind, tick, label: el("label", { class: "row" }, tick, words) };
  });
  const words = el("input", { type: "search", placeholder: "words", "aria-label": "Words to look for", oninput: draw });
  const who = el("input", { type: "search", placeholder: "component", "aria-label": "Component", size: "14", oninput: draw });
  const level = el("select", { "aria-label": "Least level of messages", onchange: draw }, ...LEVELS.map((each) => el("option", { value: each, selected: each === "info" }, each)));
  const hold = button("Hold", () => { held = held ? null : [...app.model.records]; set(hold, { "aria-pressed": String(held !== null) }); draw(); }, { "aria-pressed": "false", title: "Let the list stand still" });
  const copy = button("Copy", () => navigator.clipboard?.writeText(chosen().map(asText).join("\n")).then(() => app.notice("The lines are copied."), () => app.notice("The lines cannot be copied here.", "alert")));
  const count = el("span", { class: "dim" });
  const lines = el("div", { class: "lines", role: "log", "aria-label": "Records" });
  const element = el("div", { class: "stack" }, box("Filters", {}, el("div", { class: "row" }, ...ticks.map(({ label }) => label)), el("div", { class: "row" }, who, words, level, hold, copy, count)), box("Records, newest first", {}, lines));

  function chosen() {
    const kinds = new Set(ticks.filter(({ tick }) => tick.checked).map(({ kind }) => kind));
    const least = LEVELS.indexOf(level.value);
    const looked = words.value.toLowerCase();
    const name = who.value.toLowerCase();
    const found = [];
    const records = held ?? app.model.records;
    for (let at = records.length - 1; at >= 0 && found.length < SHOWN; at -= 1) {
      const record = records[at];
      if (!kinds.has(kindOf(record)) || (name && !record.who.toLowerCase().includes(name))) continue;
      const its = levelOf(record);
      if (its && LEVELS.indexOf(its === "critical" ? "error" : its) < least) continue;
      if (looked && !inWords(record).toLowerCase().includes(looked)) continue;
      found.push(record);
    }
    return found;
  }

  function draw() {
    const found = chosen();
    say(count, found.length === SHOWN ? `the newest ${SHOWN}` : `${found.length}`);
    follow(lines, found, (record) => `${app.model.run}-${record.n}`, (record) => el("div", { class: `line long ${gravity(record)}` },
      el("span", { class: "at" }, `${elapsed(record.t)} (${record.t.toFixed(2)} s)`), el("span", { class: "kind dim" }, levelOf(record) || record.kind),
      el("span", { class: "who" }, record.who), el("span", { class: "what" }, inWords(record))));
    if (found.length === 0) refill(lines, el("div", { class: "empty" }, "no record is of this kind"));
  }

  function update(changed) {
    if (changed.has("hello")) held = null;
    if (changed.has("hello") || (changed.has("records") && !held)) draw();
  }

  return { element, update };
}

function asText(record) {
  return `${record.t.toFixed(3)} ${record.who} ${record.kind} ${inWords(record)}`;
}
