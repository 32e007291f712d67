/** What is to be learnt, and what a trainee says: what is suspected, notes, hints, work by hand, the end of the session. */

import { box, button, el, labelled, refill, say, set } from "../dom.js";
import { keepDraft, keepField } from "../drafts.js";
import { duration, plural } from "../format.js";
import { componentNames } from "../model.js";

export function trainingPanel(app) {
  const about = el("div", { class: "stack" });
  const hints = el("ol", {});
  const hint = button("Give me a hint", ask);
  const suspect = el("select", { onchange: () => fillFaults() });
  const fault = el("select", {});
  const why = keepField(el("textarea", { rows: "3", maxlength: "2000" }), "training.report");
  const note = keepField(el("textarea", { rows: "3", maxlength: "2000" }), "training.note");
  const hand = el("select", { onchange: () => fillActs() });
  const act = el("select", {});
  const doIt = button("Do it", null, { type: "submit" });
  const said = el("div", { class: "said", role: "status" });
  const end = button("End the session", () => confirmEnd.showModal());
  const confirmEnd = el("dialog", { "aria-label": "End the session" }, el("p", {}, "The session ends for everybody; then its score and debrief can be read."),
    el("div", { class: "row" }, button("Go on", () => confirmEnd.close()), button("End it", () => { confirmEnd.close(); app.act("end"); }, { class: "main" })));
  const element = el("div", { class: "two" },
    el("div", { class: "stack" }, box("The session", {}, about), box("Hints", {}, hints, hint), box("The end", {}, el("div", { class: "row" }, end, confirmEnd))),
    el("div", { class: "stack" },
      box("Report what you suspect", {}, el("form", { class: "stack", onsubmit: report }, el("div", { class: "row" }, labelled("Component", suspect), labelled("Fault", fault)),
        labelled("Why", why), el("div", { class: "row" }, button("Report", null, { type: "submit", class: "main" })), said)),
      box("Note", {}, el("form", { class: "stack", onsubmit: write }, labelled("In your own words", note), el("div", { class: "row" }, button("Keep the note", null, { type: "submit" })))),
      box("At the hardware", {}, el("p", { class: "dim" }, "What cannot be commanded and somebody has to do on the spot."),
        el("form", { class: "row", onsubmit: byHand }, labelled("Component", hand), labelled("What", act), doIt))));

  function open() {
    const names = componentNames(app.model);
    for (const select of [suspect, hand]) refill(select, ...names.map((name) => el("option", { value: name }, name)));
    fillFaults();
    fillActs();
  }

  async function fillFaults() {
    const sheet = await app.sheet(suspect.value).catch(() => null);
    refill(fault, el("option", { value: "" }, "I cannot say which"), ...Object.keys({ ...sheet?.faults, ...sheet?.disturbances }).map((name) => el("option", { value: name }, name)));
  }

  async function fillActs() {
    const sheet = await app.sheet(hand.value).catch(() => null);
    const acts = actsByHand(sheet ?? {});
    refill(act, ...acts.map(([value, words]) => el("option", { value }, words)));
    doIt.disabled = acts.length === 0;
  }

  async function report(event) {
    event.preventDefault();
    const suspicion = fault.value ? `${suspect.value}.${fault.value}` : suspect.value;
    try {
      await app.ask("report", { suspicion, text: why.value });
      set(said, { class: "said done" });
      say(said, `${suspicion} is reported.`);
      why.value = "";
      keepDraft("training.report", "");
    } catch (error) {
      set(said, { class: "said refused" });
      say(said, error.message);
    }
  }

  async function write(event) {
    event.preventDefault();
    if ((await app.act("note", { text: note.value }, "The note is in the journal.")) === undefined) return;
    note.value = "";
    keepDraft("training.note", "");
  }

  async function byHand(event) {
    event.preventDefault();
    await app.act("by_hand", { component: hand.value, act: act.value }, `${hand.value}: ${act.value}`);
  }

  async function ask() {
    const given = await app.act("hint");
    if (given?.number === 0) app.notice("There is no hint left.");
  }

  function update(changed) {
    const { training, ended } = app.model;
    if (changed.has("hello")) {
      refill(about, training ? [
        el("h1", {}, training.title), el("p", {}, training.briefing), el("p", {}, el("strong", {}, "To be learnt: "), training.learn),
        training.par ? el("p", { class: "dim" }, `Time for it: ${duration(training.par)} of simulated time.`) : null,
        training.goals?.length ? el("div", {}, el("strong", {}, "Goals"), el("ul", {}, ...training.goals.map((goal) => el("li", {}, goal.title)))) : null,
      ] : el("p", { class: "empty" }, "No training was chosen: nothing is asked of you, and what you do is journaled all the same."));
    }
    if (changed.has("hello") || changed.has("records")) {
      const given = app.model.records.filter((record) => record.kind === "hint");
      refill(hints, ...given.map((record) => el("li", {}, record.text)));
      const left = training ? Math.max(0, training.hints - given.filter((record) => record.number > 0).length) : 0;
      say(hint, left ? `Give me a hint (${plural(left, "hint")} left)` : "No hint is left");
      hint.disabled = left === 0 || ended;
    }
    end.disabled = ended;
  }

  return { element, open, update };
}

/**
 * What somebody can do at the hardware of a component: what cures a fault and is no command, and the repair of each.
 * @returns {[string, string][]}  each with its words
 */
export function actsByHand({ faults = {}, commands = {} }) {
  const cures = Object.values(faults).flatMap((each) => each.cured_by ?? []);
  const byHand = [...new Set(cures)].filter((cure) => !(cure in commands) && !cure.startsWith("enter_")).sort();
  return [...byHand.map((cure) => [cure, cure]), ...Object.keys(faults).sort().map((fault) => [fault, `repair ${fault}`])];
}
