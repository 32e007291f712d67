/** What is always at hand: questions that wait for an answer, faults that are active (instructor), and the newest of the log. */

import { box, button, el, follow, refill, say } from "../dom.js";
import { elapsed } from "../format.js";
import { routeTo } from "../routes.js";
import { gravity, inWords, matters } from "../words.js";

const SHOWN = 60;

export function side(app, place) {
  const asks = el("div", { class: "scroll" });
  const asked = box("Questions", {}, asks);
  const faults = el("div", { class: "scroll" });
  const faultBox = box("Active faults", {}, faults);
  const lines = el("div", { class: "lines scroll", role: "log", "aria-label": "Newest records", tabindex: "0" });
  const log = box("Log", {}, lines);
  log.firstElementChild.append(" ", el("a", { href: routeTo("log"), class: "num" }, "all"));
  log.style.flex = "1";
  refill(place, [asked, faultBox, log]);

  function makeAsk(ask) {
    const answer = (yes) => app.act("reply", { ask: ask.ask, answer: yes });
    return el("div", { class: "step current" },
      el("div", { class: "title" }, ask.question),
      ask.look_at?.length ? el("div", { class: "dim" }, `Look at ${ask.look_at.join(", ")}`) : null,
      el("div", { class: "row" }, ask.announce
        ? button("Announced", () => answer(true), { class: "main" })
        : [button("Yes", () => answer(true), { class: "main" }), button("No", () => answer(false))]));
  }

  function makeFault(fault) {
    return el("div", { class: "row" },
      el("span", { class: "wrap grow" }, `${fault.component}.${fault.fault}${fault.text ? ` (${fault.text})` : ""}`),
      el("span", { class: "dim" }, elapsed(fault.since)),
      button("Clear", () => app.act("clear", { number: fault.number }), { class: "small", "aria-label": `Clear ${fault.component}.${fault.fault}` }));
  }

  function makeLine(record) {
    return el("div", { class: `line ${gravity(record)}` },
      el("span", { class: "at" }, elapsed(record.t)),
      el("span", {}, el("span", { class: "who" }, record.who), " ", el("span", { class: "what" }, inWords(record))));
  }

  return function update(changed) {
    const model = app.model;
    const anew = changed.has("hello");
    if (anew || changed.has("asks")) {
      asked.hidden = model.asks.length === 0;
      follow(asks, model.asks, (ask) => ask.ask, makeAsk);
    }
    if (anew || changed.has("instructor")) {
      const active = model.instructor?.faults ?? [];
      faultBox.hidden = !app.isInstructor;
      say(faultBox.firstElementChild, `Active faults (${active.length})`);
      if (active.length === 0) refill(faults, el("div", { class: "empty" }, "none"));
      else follow(faults, active, (fault) => fault.number, makeFault);
    }
    if (anew || changed.has("records")) {
      const chosen = [];
      for (let at = model.records.length - 1; at >= 0 && chosen.length < SHOWN; at -= 1) {
        if (matters(model.records[at])) chosen.push(model.records[at]);
      }
      follow(lines, chosen, (record) => `${model.run}-${record.n}`, makeLine);
    }
  };
}
