/** The procedure at hand: its page, with what each step needs and has reached, live. The observer does the steps. */

import { box, button, el, follow, refill, say, set } from "../dom.js";
import { duration } from "../format.js";

const SIGNS = { true: ["yes", "\u2713", "satisfied"], false: ["no", "\u2717", "not satisfied"], null: ["unknown", "?", "unknown"] };
const STATUS = { done: ["ok", "done"], current: ["running", "now"], doing: ["running", "being done"], failed: ["alert", "failed"], "not needed": ["idle", "not needed"], open: ["idle", "open"] };
const BY_HAND = ["wait", "expect", "let", "log", "when", "repeat", "for_each", "parallel", "background"];

export function procedurePanel(app) {
  const title = el("h1", { class: "grow" });
  const about = el("p", {});
  const warnings = el("ul", { class: "warnings" });
  const before = el("ul", { class: "conditions" });
  const after = el("ul", { class: "conditions" });
  const steps = el("div", { role: "list", "aria-label": "Steps" });
  const none = el("p", { class: "empty" }, "There is no procedure at hand: this is an observatory to try things in.");
  const jump = button("Go to the current step", () => steps.querySelector(".current, .doing")?.scrollIntoView({ block: "center", behavior: "smooth" }), { class: "small" });
  const cancel = button("Stop what is being done", () => app.act("cancel_step"), { class: "small", hidden: true });
  const page = el("div", { class: "stack" },
    el("div", { class: "row head" }, title, cancel, jump), about,
    box("Warnings", {}, warnings), box("Before it begins", {}, before), box("Steps", {}, steps), box("When it has ended", {}, after));
  const element = el("div", {}, none, page);
  let drawn = null;

  function open() {
    app.want("panel", { procedure: true });
  }

  function drawPage(procedure) {
    say(title, procedure.title);
    say(about, `${procedure.overview}${procedure.duration ? ` About ${duration(procedure.duration)}.` : ""}`);
    refill(warnings, ...procedure.warnings.map((warning) => el("li", {}, warning)));
    warnings.parentElement.hidden = procedure.warnings.length === 0;
    refill(steps);
    follow(steps, procedure.steps, (step) => step.id, makeStep);
    drawn = app.model.run + procedure.name;
  }

  function makeStep(step) {
    const pill = el("span", { class: "pill idle" });
    const because = el("div", { class: "words-alert" });
    const conditions = el("ul", { class: "conditions" });
    const acts = el("div", { class: "row" });
    const shown = el("div", { class: "step", role: "listitem", "data-step": step.id },
      el("div", { class: "row" }, el("span", { class: "dim" }, step.id), el("span", { class: "title" }, titleOf(step)), pill, acts),
      saysMore(step) ? el("div", { class: "dim wrap does" }, step.does) : null,
      step.look_at?.length ? el("div", { class: "dim" }, `Look at ${step.look_at.join(", ")}`) : null, because, conditions);
    shown.style.marginLeft = `${18 * (step.depth ?? 0)}px`;
    shown.parts = { pill, because, conditions, acts };
    refill(acts, ...actsOf(step));
    return shown;
  }

  function actsOf(step) {
    const named = (words, act) => {
      const made = button(words, async () => {
        made.disabled = true; // until the procedure says what has come of it
        if ((await act()) === undefined) made.disabled = false;
      }, { class: "small", "aria-label": `${words}: step ${step.id}` });
      return made;
    };
    const acts = [];
    if (step.kind === "confirm") {
      acts.push(named("Yes", () => app.act("confirm", { step: step.id, answer: true })), named("No", () => app.act("confirm", { step: step.id, answer: false })));
    } else if (step.kind === "announce") acts.push(named("Announced", () => app.act("announce", { step: step.id })));
    else if (BY_HAND.includes(step.kind) && !step.can_be_done) {
      const tick = el("input", { type: "checkbox", "aria-label": `Step ${step.id} is done`, onchange: () => app.act("mark", { step: step.id, done: tick.checked }) });
      acts.push(tick);
    }
    if (step.opens) acts.push(el("a", { href: step.opens, "aria-label": `Open where step ${step.id} is done` }, "open"));
    if (step.can_be_done && !["confirm", "announce"].includes(step.kind)) {
      acts.push(named("Do this step for me", () => app.act("do_step", { step: step.id })));
    }
    return acts;
  }

  function drawStep(shown, step, live) {
    const now = live?.steps?.[step.id] ?? { status: "open", by: "", because: "", conditions: [] };
    const { pill, because, conditions, acts } = shown.parts;
    const isNow = live?.current === step.id || live?.doing === step.id;
    const [kind, words] = STATUS[now.status] ?? STATUS.open;
    set(shown, { class: `step ${isNow ? "current" : ""} ${now.status === "doing" ? "doing" : ""} ${["done", "failed"].includes(now.status) ? now.status : ""}`, "aria-current": isNow ? "step" : false });
    say(pill, now.by === "done for you" && now.status === "done" ? "done for you" : words);
    set(pill, { class: `pill ${kind}` });
    say(because, now.because);
    set(because, { class: now.status === "failed" ? "words-alert wrap" : "dim wrap", hidden: !now.because });
    const isDone = now.status === "done";
    for (const act of acts.querySelectorAll("button")) act.hidden = isDone;
    for (const act of acts.querySelectorAll("button")) act.disabled = live?.doing !== null && live?.doing !== undefined;
    const tick = acts.querySelector("input");
    if (tick) tick.checked = now.status === "done";
    drawConditions(conditions, now.conditions ?? []);
  }

  function update(changed) {
    const { procedure, live } = app.model;
    none.hidden = procedure !== null;
    page.hidden = procedure === null;
    if (!procedure) return;
    if (drawn !== app.model.run + procedure.name) drawPage(procedure);
    if (!changed.has("hello") && !changed.has("live")) return;
    cancel.hidden = !live?.doing;
    drawConditions(before, live?.preconditions ?? procedure.preconditions ?? []);
    drawConditions(after, live?.postconditions ?? procedure.postconditions ?? []);
    before.parentElement.hidden = before.childElementCount === 0;
    after.parentElement.hidden = after.childElementCount === 0;
    for (const [at, step] of procedure.steps.entries()) drawStep(steps.children[at], step, live);
  }

  return { element, open, update };
}

/** A step's name; what a person is asked or passes on is its name without the kind. */
function titleOf({ kind, name, does }) {
  return (name || does).replace(new RegExp(`^${kind} `), "");
}

/** Whether what a step does is more than its name says already. */
function saysMore({ kind, name, does }) {
  return Boolean(does) && does !== name && !["confirm", "announce"].includes(kind);
}

function drawConditions(place, conditions) {
  follow(place, conditions.map((each, at) => ({ ...(typeof each === "string" ? { condition: each } : each), at })), (each) => each.at, () =>
    el("li", {}, el("span", { class: "sign" }), el("span", { class: "wrap" }, el("span", { class: "dim" }), el("span", {}), el("span", { class: "seen" }))),
  (item, { role, condition, truth, because }) => {
    const [kind, sign, words] = SIGNS[String(truth ?? null)];
    set(item, { class: kind });
    const [mark, text] = item.children;
    say(mark, sign);
    set(mark, { role: "img", "aria-label": words, title: words });
    say(text.children[0], role ? `${role} ` : "");
    say(text.children[1], condition);
    say(text.children[2], because && because !== condition ? ` \u2013 ${because}` : "");
  });
}
