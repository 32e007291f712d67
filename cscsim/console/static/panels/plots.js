/** Live plots over one axis of simulated time, with marks where a fault came or a component changed its state. */

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { box, button, el, follow, labelled, refill, set } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { elapsed, unitText } from "../format.js";
import { componentNames, splitTopic } from "../model.js";
import { addPoint, asNumber, heldUntil, marksOf } from "../plot_data.js";
import { colour } from "../theme.js";

const AT_FIRST = ["ATDome.position.azimuthPosition", "ATMCS.mount_AzEl_Encoders.elevationCalculatedAngle", "ATWhiteLight.chillerTemperatures.supplyTemperature"];
const WINDOWS = [[60, "1 min"], [300, "5 min"], [1800, "30 min"], [7200, "2 h"], [Infinity, "all"]];
const HEIGHT = 168;
const SYNC = "time";

export function plotsPanel(app) {
  let chosen = (draft("plots.curves")?.split(" ") ?? AT_FIRST).filter(Boolean);
  let shownFor = 1800;
  let run = "";
  const curves = new Map();
  const drawn = new Map();
  const list = el("div", {});
  const component = el("select", { onchange: () => fillFields() });
  const field = el("select", {});
  const span = el("select", { onchange: () => { shownFor = Number(span.value); draw(); } }, ...WINDOWS.map(([seconds, words]) => el("option", { value: seconds, selected: seconds === 1800 }, words)));
  const form = el("form", { class: "row", "aria-label": "Add a plot", onsubmit: (event) => { event.preventDefault(); add(); } },
    labelled("Component", component), labelled("Telemetry", field), button("Add plot", null, { type: "submit" }), el("span", { class: "grow" }), labelled("Time shown", span));
  const marks = el("div", { class: "marks", "aria-label": "Marks" });
  const element = el("div", { class: "stack" }, box("Add", {}, form), list, marks);
  element.firstElementChild.firstElementChild.remove();
  window.addEventListener("themechange", () => rebuild());
  new ResizeObserver(() => {
    for (const { plot, place } of drawn.values()) if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(list);

  // what is plotted is collected while another panel is seen, too
  app.listen((changed) => {
    if (run !== app.model.run) {
      run = app.model.run;
      curves.clear();
    }
    if (changed.has("telemetry")) collect();
  });

  function collect() {
    for (const name of chosen) {
      const [topic, key] = splitTopic(name);
      const [who, what] = splitTopic(topic);
      const sample = app.model.topics[who]?.[what];
      const value = asNumber(sample?.data?.[key]);
      if (value === null) continue;
      if (!curves.has(name)) curves.set(name, { t: [], v: [] });
      addPoint(curves.get(name), sample.t, value);
    }
  }

  /** Ask for what is chosen and there is here: what was chosen for another observatory may not be. */
  async function subscribe() {
    const topics = [];
    for (const topic of new Set(chosen.map((name) => splitTopic(name)[0]))) {
      const [who, what] = splitTopic(topic);
      const sheet = who in app.model.components ? await app.sheet(who).catch(() => null) : null;
      if (sheet && what in sheet.topics) topics.push(topic);
    }
    app.want("plots", { topics });
  }

  function open() {
    refill(component, ...componentNames(app.model).map((name) => el("option", { value: name }, name)));
    fillFields();
    subscribe();
    rebuild();
  }

  async function fillFields() {
    const name = component.value;
    if (!name) return;
    const sheet = await app.sheet(name).catch(() => null);
    if (!sheet || name !== component.value) return;
    const topics = Object.entries(sheet.topics).filter(([topic, { kind }]) => kind === "telemetry" && topic !== "heartbeat");
    refill(field, ...topics.flatMap(([topic, { fields }]) => fields.filter((each) => each.type !== "string").map((each) =>
      el("option", { value: `${name}.${topic}.${each.name}` }, `${topic}.${each.name}`))));
  }

  function add() {
    if (!field.value || chosen.includes(field.value)) return;
    chosen.push(field.value);
    keep();
  }

  function remove(name) {
    chosen = chosen.filter((each) => each !== name);
    keep();
  }

  function keep() {
    keepDraft("plots.curves", chosen.join(" ") || " ");
    subscribe();
    rebuild();
  }

  function rebuild() {
    for (const { plot } of drawn.values()) plot.destroy();
    drawn.clear();
    refill(list, chosen.length ? null : el("p", { class: "empty" }, "No curve is chosen."));
    for (const name of chosen) make(name);
    draw();
  }

  function make(name) {
    const place = el("div", {});
    const heading = el("h2", { class: "grow wrap" }, name);
    list.append(el("section", { class: "box plot", "aria-label": `Plot of ${name}` },
      el("div", { class: "head" }, heading, button("\u00d7", () => remove(name), { class: "small", "aria-label": `Remove ${name}` })), place));
    const line = { stroke: colour("dim"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
    const plot = new uPlot({
      width: place.clientWidth || 600, height: HEIGHT, legend: { live: true }, cursor: { sync: { key: SYNC } }, scales: { x: { time: false } },
      axes: [{ ...line, space: 90, size: 28, values: (_, values) => values.map(elapsed) }, { ...line, size: 62 }],
      series: [{ label: "time", value: (_, value) => (value === null ? "" : elapsed(value)) }, { label: splitTopic(name)[1], stroke: colour("accent"), width: 2, spanGaps: true, points: { show: hasBegun } }],
      hooks: { draw: [drawMarks] },
    }, [[], []], place);
    drawn.set(name, { plot, place });
    const [topic, key] = splitTopic(name);
    const [who, what] = splitTopic(topic);
    if (!(who in app.model.components)) return;
    app.sheet(who).then((sheet) => {
      const unit = sheet.topics[what]?.fields.find((each) => each.name === key)?.unit;
      if (unit) heading.textContent = `${name} [${unitText(unit)}]`;
    }).catch(() => {});
  }

  function drawMarks(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 3]);
    for (const mark of now.marks) {
      const x = Math.round(plot.valToPos(mark.t, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = colour(mark.tone);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  const now = { marks: [] };

  function draw() {
    const end = app.model.t;
    const begin = Number.isFinite(shownFor) ? end - shownFor : 0;
    now.marks = marksOf(app.model.records, begin);
    for (const [name, { plot }] of drawn) {
      const curve = curves.get(name) ?? { t: [], v: [] };
      plot.setData(heldUntil(curve, end), false);
      plot.setScale("x", { min: Math.max(0, begin), max: Math.max(end, begin + 1) });
    }
    const last = now.marks.slice(-8);
    follow(marks, last, (mark) => `${run}-${mark.t}-${mark.words}`, (mark) => el("span", { class: `words-${mark.tone}` }, `${elapsed(mark.t)} ${mark.words}`));
    set(marks, { hidden: last.length === 0 });
  }

  function update(changed) {
    if (changed.has("hello")) subscribe();
    if (["hello", "telemetry", "records", "time"].some((key) => changed.has(key))) draw();
  }

  return { element, open, update };
}

/** Whether a curve has only begun: its first point, and the same held to the present, are no line that could be seen. */
function hasBegun({ data }) {
  return data[0].length <= 2;
}
