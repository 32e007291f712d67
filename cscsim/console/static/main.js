/** Puts the page together: what is always there, and the panel that the address names. */

import { App } from "./app.js";
import { el, refill, say, set } from "./dom.js";
import { PANELS, routeTo } from "./routes.js";
import { followTheme } from "./theme.js";
import { clockBar } from "./panels/clock_bar.js";
import { componentChips } from "./panels/components.js";
import { side } from "./panels/side.js";
import { componentPanel } from "./panels/component.js";
import { domePanel } from "./panels/dome.js";
import { imagesPanel } from "./panels/images.js";
import { instructorPanel } from "./panels/instructor.js";
import { latissPanel } from "./panels/latiss.js";
import { logPanel } from "./panels/log.js";
import { machinesPanel } from "./panels/machines.js";
import { plotsPanel } from "./panels/plots.js";
import { procedurePanel } from "./panels/procedure.js";
import { queuePanel } from "./panels/queue.js";
import { trainingPanel } from "./panels/training.js";

const MAKERS = {
  queue: queuePanel, procedure: procedurePanel, dome: domePanel, latiss: latissPanel, images: imagesPanel, plots: plotsPanel,
  component: componentPanel, machine: machinesPanel, log: logPanel, training: trainingPanel, instructor: instructorPanel,
};

const app = new App();
followTheme();
for (const [id, make] of [["top", clockBar], ["components", componentChips], ["side", side]]) {
  app.listen(make(app, document.getElementById(id)));
}

const tabs = document.querySelector(".tabs");
const place = document.querySelector("main > .panel");
const banner = document.getElementById("banner");
/** @type {Map<string, import("./app.js").Panel>} */
const made = new Map();
let shown = null;
let opened = "";

function isAllowed(panel) {
  return panel.role === undefined || panel.role === app.model.role;
}

function drawTabs() {
  const links = PANELS.filter(isAllowed).map(({ name, title }) =>
    el("a", {
      href: routeTo(name), role: "tab", id: `tab-${name}`, "aria-selected": String(name === app.route.panel),
      tabindex: name === app.route.panel ? "0" : "-1",
    }, title));
  const had = tabs.contains(document.activeElement);
  refill(tabs, links);
  if (had) tabs.querySelector('[aria-selected="true"]')?.focus();
}

tabs.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const links = [...tabs.children];
  const now = links.indexOf(document.activeElement);
  location.hash = links[(now + step + links.length) % links.length].getAttribute("href");
  event.preventDefault();
});

function show() {
  const wanted = PANELS.find((each) => each.name === app.route.panel);
  const name = wanted && isAllowed(wanted) ? wanted.name : PANELS[0].name;
  const key = JSON.stringify([app.model.run, name, app.route.rest]);
  drawTabs();
  if (key === opened) return;
  opened = key;
  if (!made.has(name)) made.set(name, MAKERS[name](app));
  const panel = made.get(name);
  if (shown !== panel) {
    shown?.close?.();
    app.want("panel", {});
    shown = panel;
    refill(place, panel.element);
    set(place, { "aria-labelledby": `tab-${name}`, "data-panel": name });
    document.title = `${wanted?.title ?? "Console"} \u2013 rehearsal console`;
  }
  place.scrollTop = 0;
  panel.open?.(app.route.rest);
  panel.update(new Set(["hello"]));
  app.ask("panel", { hash: location.hash || routeTo(name) }).catch(() => {});
}

function drawBanner() {
  const { state, because } = app.connection;
  const model = app.model;
  const words = {
    connecting: model.run ? "Connecting again \u2026 what you have typed stays." : "Connecting \u2026",
    lost: `Not connected${because ? `: ${because}` : ""}. Trying again; what you have typed stays.`,
    closed: `The server has closed the connection: ${because}`,
  }[state] ?? (model.failure ? `The simulation has failed: ${model.failure}` : model.ended ? "The session has ended." : model.frozen ? "The instructor has frozen simulated time." : "");
  set(banner, { hidden: words === "", class: state === "connected" && !model.failure ? "" : "alert" });
  say(banner, words);
  if (model.ended && state === "connected") {
    banner.append(" ", el("a", { href: app.address("/debrief"), target: "_blank" }, "Read the score and debrief"));
  }
}

app.listen((changed) => {
  if (changed.has("hello") || changed.has("route")) {
    if (app.model.run) show();
  }
  if (changed.has("hello") || changed.has("connection") || changed.has("time")) drawBanner();
  if (shown && app.model.run && !changed.has("hello")) shown.update(changed);
});
app.start();
