/** The script queue: what there is, what waits, what runs, what has ended. */

import { box, button, el, follow, labelled, refill, say, set } from "../dom.js";
import { duration, elapsed, tone } from "../format.js";
import { leaf, matching, progress, treeOf } from "../script_tree.js";
import { routeTo } from "../routes.js";
import { ConfigEditor } from "./config.js";

export function queuePanel(app) {
  let queueName = "";
  let listed = "";
  const name = el("strong", {});
  const choice = el("select", { "aria-label": "Which queue", onchange: () => { queueName = choice.value; listed = ""; update(new Set(["hello"])); } });
  const state = el("span", { class: "pill" });
  const toggle = button("Pause queue", () => act(queue()?.running ? "pause" : "resume"), { class: "small" });
  const current = el("div", {});
  const nothing = el("div", { class: "empty" }, "No script runs.");
  const filter = el("input", { type: "search", placeholder: "filter", "aria-label": "Filter scripts", class: "grow", oninput: () => drawAvailable() });
  const tree = el("div", { class: "tree scroll", tabindex: "-1" });
  const waiting = el("div", { class: "scroll" });
  const past = el("div", { class: "scroll" });
  const available = box("Available scripts", {}, el("div", { class: "row" }, filter), tree);
  const waits = box("Waiting scripts", {}, waiting);
  const finished = box("Finished scripts", {}, past);
  const now = box("Current script", { class: "current" }, nothing, current);
  now.firstElementChild.replaceWith(el("div", { class: "head" }, el("h2", {}, "Current script"), name, choice, state, toggle));
  const columns = el("div", { class: "queue" }, now, available, waits, finished);
  const editor = new ConfigEditor(app, () => { location.hash = routeTo("queue"); });
  const element = el("div", {}, columns, editor.element);
  element.style.height = "100%";

  const queue = () => app.model.queues[queueName];
  const act = (what, more = {}) => app.act("queue", { queue: queueName, what, ...more });

  function open([word, path]) {
    choose();
    const adding = word === "add" && path !== undefined;
    columns.hidden = adding;
    editor.element.hidden = !adding;
    if (adding) editor.open(queueName, path, !queue()?.available.external.includes(path) || queue().available.standard.includes(path));
  }

  function choose() {
    const names = Object.keys(app.model.queues);
    if (!names.includes(queueName)) queueName = names[0] ?? "";
    choice.hidden = names.length < 2;
    name.hidden = names.length > 1;
    say(name, queueName);
    refill(choice, ...names.map((each) => el("option", { value: each, selected: each === queueName }, each)));
  }

  function drawAvailable() {
    const { standard = [], external = [] } = queue()?.available ?? {};
    const text = JSON.stringify([queueName, standard, external, filter.value]);
    if (text === listed) return;
    listed = text;
    const isOpen = filter.value !== "";
    const kinds = [["standard", standard], ["external", external]].map(([kind, paths]) => [kind, matching(paths, filter.value)]).filter(([, paths]) => paths.length);
    say(available.querySelector("h2"), `Available scripts (${standard.length + external.length})`);
    refill(tree, ...kinds.map(([kind, paths]) => el("details", { open: true }, el("summary", {}, `${kind.toUpperCase()} (${paths.length})`), branch(treeOf(paths), true, isOpen))),
      kinds.length ? null : el("div", { class: "empty" }, "none has these words"));
  }

  /** A folder's scripts and folders; those within are open or shut, too. */
  function branch(folder, isOpen, within) {
    return el("ul", {},
      ...[...folder.folders].map(([word, inner]) => el("li", {}, el("details", { open: isOpen }, el("summary", {}, `${word}/`), branch(inner, within, within)))),
      ...folder.scripts.map((path) => el("li", {}, el("button", {
        type: "button", class: "plain", title: `Add ${path}`, onclick: () => { location.hash = routeTo("queue", "add", path); } }, leaf(path)))));
  }

  function makeScript(script) {
    const buttons = el("div", { class: "row" });
    const logs = el("div", { class: "logs" });
    return el("article", { class: "script", "aria-label": `script ${script.index}` },
      el("div", { class: "row" }, el("span", { class: "dim grow" }, script.index), el("span", { class: "pill" })),
      el("div", { class: "path" }, ...foldable(script.path)), el("div", { class: "times dim" }), buttons,
      el("details", {}, el("summary", { class: "dim" }, "configuration and log"), script.description ? el("div", {}, script.description) : null,
        el("pre", {}, script.config || "no configuration"), logs));
  }

  function drawScript(card, script, buttons) {
    const pill = card.querySelector(".pill");
    say(pill, stateOf(script));
    set(pill, { class: `pill ${tone(stateOf(script))}` });
    const times = script.ended !== null && script.started !== null ? `took ${duration(script.ended - script.started)}, ended at ${elapsed(script.ended)}`
      : script.ended !== null ? `ended at ${elapsed(script.ended)} before it ran` : script.expected ? `expected ${duration(script.expected)}` : "";
    say(card.querySelector(".times"), [times, script.reason].filter(Boolean).join(" \u2013 "));
    const row = card.children[3];
    if (row.childElementCount === 0) refill(row, ...buttons);
    drawLogs(card.querySelector(".logs"), script);
  }

  function drawLogs(place, script) {
    follow(place, [...(script.log ?? [])].map((line, at) => ({ ...line, at })), (line) => `${line.at}-${line.t}`, (line) =>
      el("div", { class: `line ${line.level.toLowerCase() === "warning" ? "warn" : line.level.toLowerCase() === "error" ? "error" : ""}` },
        el("span", { class: "at" }, elapsed(line.t)), el("span", { class: "what" }, line.text)));
  }

  function small(words, what, more, title) {
    return button(words, () => act(what, more), { class: "small", title, "aria-label": title });
  }

  function waitingButtons({ index }) {
    const place = (step) => {
      const order = (queue()?.waiting ?? []).map((each) => each.index);
      const anchor = order[order.indexOf(index) + step];
      return anchor === undefined ? null : { index, position: step < 0 ? "before" : "after", anchor };
    };
    const shift = (step) => { const to = place(step); if (to) act("move", to); };
    return [
      small("Top", "move", { index, position: "first" }, `Move ${index} to the top`),
      button("\u2191", () => shift(-1), { class: "small", "aria-label": `Move ${index} up`, title: "Move up" }),
      button("\u2193", () => shift(1), { class: "small", "aria-label": `Move ${index} down`, title: "Move down" }),
      small("Bottom", "move", { index, position: "last" }, `Move ${index} to the bottom`),
      small("Requeue", "requeue", { index, position: "last" }, `Add ${index} once more`),
      small("Remove", "stop", { indices: [index], terminate: false }, `Take ${index} off the queue`),
    ];
  }

  function makeCurrent(script) {
    const facts = el("dl", { class: "facts" });
    const fill = el("i", {});
    const bar = el("div", { class: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
    const checkpoints = el("div", { class: "row" });
    const pause = el("input", { type: "text", value: script.pause, size: "12" });
    const stop = el("input", { type: "text", value: script.stop, size: "12" });
    refill(checkpoints, labelled("Pause at", pause, { class: "field beside" }), labelled("Stop at", stop, { class: "field beside" }),
      button("Set checkpoints", () => act("checkpoints", { index: script.index, pause: pause.value, stop: stop.value }), { class: "small" }));
    const resume = button("Resume", () => act("resume_script", { index: script.index }), { class: "main" });
    const stopIt = button("Stop", () => act("stop", { indices: [script.index], terminate: false }));
    const terminate = button("Terminate", () => act("stop", { indices: [script.index], terminate: true }));
    const card = el("div", {},
      el("div", { class: "row" }, el("span", { class: "dim" }, script.index), el("strong", { class: "path grow wrap" }, script.path), el("span", { class: "pill" }), resume,
        stopIt, terminate,
        button("Requeue", () => act("requeue", { index: script.index, position: "last" }), {})),
      bar, facts, checkpoints,
      el("details", {}, el("summary", { class: "dim" }, "configuration and log"), el("div", {}, script.description ?? ""), el("pre", {}, script.config || "no configuration"), el("div", { class: "logs" })));
    card.parts = { facts, fill, bar, resume, ends: [stopIt, terminate] };
    return card;
  }

  function drawCurrent(card, script) {
    const { facts, fill, bar, resume, ends } = card.parts;
    const pill = card.querySelector(".pill");
    say(pill, script.state);
    set(pill, { class: `pill ${tone(script.state)}` });
    resume.hidden = script.state !== "PAUSED";
    for (const end of ends) end.disabled = script.process === "DONE";
    const part = progress(script, app.model.t);
    bar.hidden = part === null;
    fill.style.width = `${100 * (part ?? 0)}%`;
    set(bar, { "aria-valuenow": Math.round(100 * (part ?? 0)) });
    const since = script.started === null ? "" : duration((script.ended ?? app.model.t) - script.started);
    const rows = [
      ["process", script.process], ["elapsed", since ? `${since}${script.expected ? ` of about ${duration(script.expected)}` : ""}` : "\u2013"],
      ["checkpoint", script.checkpoint || "\u2013"], ["checkpoints", script.checkpoints ? `${script.passed} of ${script.checkpoints}` : script.passed || "\u2013"],
      ["began at", script.started === null ? "\u2013" : elapsed(script.started)], ["reason", script.reason || ""],
    ].filter(([key, value]) => key !== "reason" || value);
    follow(facts, rows, ([key]) => key, ([key]) => el("div", { class: `fact ${key}` }, el("dt", {}, key), el("dd", {})), (fact, [, value]) => say(fact.lastElementChild, value));
    drawLogs(card.querySelector(".logs"), script);
  }

  function update(changed) {
    if (!editor.element.hidden) editor.update(changed);
    const any = (...keys) => changed.has("hello") || keys.some((key) => changed.has(key));
    if (changed.has("hello")) choose();
    const it = queue();
    if (!it) return;
    if (any("queues", "time")) follow(current, it.current ? [it.current] : [], (script) => script.index, makeCurrent, drawCurrent);
    if (!any("queues")) return;
    nothing.hidden = it.current !== null;
    const words = !it.enabled ? "not ENABLED" : it.running ? "RUNNING" : "PAUSED";
    say(state, words);
    set(state, { class: `pill ${tone(words)}` });
    say(toggle, it.running ? "Pause queue" : "Resume queue");
    say(waits.querySelector("h2"), `Waiting scripts (${it.waiting.length}${total(it.waiting)})`);
    say(finished.querySelector("h2"), `Finished scripts (${it.past.length})`);
    drawAvailable();
    follow(waiting, it.waiting, (script) => script.index, makeScript, (card, script) => drawScript(card, script, waitingButtons(script)));
    follow(past, it.past, (script) => script.index, makeScript, (card, script) => drawScript(card, script, [
      small("Requeue", "requeue", { index: script.index, position: "last" }, `Add ${script.index} once more`)]));
    if (it.waiting.length === 0) refill(waiting, el("div", { class: "empty" }, "nothing waits"));
    if (it.past.length === 0) refill(past, el("div", { class: "empty" }, "nothing has ended yet"));
  }

  return { element, open, close: () => editor.close(), update };
}

function total(scripts) {
  const seconds = scripts.reduce((sum, script) => sum + (script.expected ?? 0), 0);
  return seconds ? `, about ${duration(seconds)}` : "";
}

/** A path that may break after its folders. */
function foldable(path) {
  return path.split("/").flatMap((word, at) => (at === 0 ? [word] : ["/", el("wbr"), word]));
}

/** What is said of a script: its own state, or that of its process where it never got so far. */
function stateOf(script) {
  if (["LOADING", "LOADFAILED", "CONFIGURE_FAILED", "TERMINATED"].includes(script.process)) return script.process;
  return script.state;
}
