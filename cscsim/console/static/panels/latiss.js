/** LATISS and the light that comes to it: what stands in the way from the lamp to the detector, and the image at hand. */

import { box, el, follow, refill, say, set, svg } from "../dom.js";
import { duration, numberText, valueText } from "../format.js";
import { valueOf } from "../model.js";
import { routeTo } from "../routes.js";

const COMPONENTS = ["ATCamera", "ATSpectrograph", "ATWhiteLight", "ATPneumatics", "ATMCS"];
const LAMP = { 0: "UNKNOWN", 1: "OFF", 2: "ON", 3: "COOLDOWN", 4: "WARMUP", 5: "TURNING_ON", 6: "TURNING_OFF", 7: "UNEXPECTEDLY_ON", 8: "UNEXPECTEDLY_OFF" };
const SHUTTER = { 0: "UNKNOWN", 1: "CLOSED", 2: "OPEN", 3: "INVALID" };
const COVER = { 6: "CLOSED", 7: "OPENED", 8: "INMOTION", 9: "INVALID" };
const PORT = { 1: "NASMYTH1", 2: "NASMYTH2", 3: "PORT3" };

export function latissPanel(app) {
  const get = (...path) => valueOf(app.model, ...path);
  const machine = (component, name) => app.model.components[component]?.machines?.[name];
  const ring = svg("circle", { r: 40, class: "now", pathLength: 100, "stroke-dasharray": "0 100", transform: "rotate(-90)" });
  const ringText = svg("text", { "text-anchor": "middle", y: 4 });
  const exposure = svg("svg", { viewBox: "-60 -52 120 104", role: "img", class: "exposure" }, svg("circle", { r: 40, class: "rim" }), ring, ringText);
  const path = el("ol", { class: "path" });
  const wheels = el("table", {}, el("tbody", {}));
  const camera = el("table", {}, el("tbody", {}));
  const light = el("table", {}, el("tbody", {}));
  const imageLink = el("div", {});
  const element = el("div", { class: "stack" }, box("Way of the light", {}, path),
    el("div", { class: "views" }, box("Camera", { class: "view" }, exposure, imageLink, camera), box("Spectrograph", {}, wheels), box("White light", {}, light)));

  async function open() {
    const here = COMPONENTS.filter((name) => name in app.model.components);
    const telemetry = ["ATWhiteLight.chillerTemperatures", "ATCamera.vacuum"].filter((topic) => topic.split(".")[0] in app.model.components);
    app.want("panel", { topics: telemetry });
    await app.look(...here);
  }

  function stages() {
    const lamp = LAMP[get("ATWhiteLight", "lampState", "basicState")];
    const shutter = SHUTTER[get("ATWhiteLight", "shutterState", "actualState")];
    const cover = COVER[get("ATPneumatics", "m1CoverState", "state")];
    const port = PORT[get("ATMCS", "m3PortSelected", "selected")];
    return [
      ["lamp", lamp, lamp === "ON"], ["its shutter", shutter, shutter === "OPEN"], ["M1 cover", cover, cover === "OPENED"],
      ["M3", port, port === "NASMYTH2"], ["filter", get("ATSpectrograph", "reportedFilterPosition", "name"), true],
      ["grating", get("ATSpectrograph", "reportedDisperserPosition", "name"), true],
      ["camera shutter", machine("ATCamera", "shutter"), machine("ATCamera", "shutter") === "OPEN"],
    ];
  }

  function drawPath() {
    follow(path, stages(), ([name]) => name, ([name]) => el("li", {}, el("span", { class: "dim" }, name), el("strong", {}), el("span", { class: "sign" })),
      (item, [, value, passes]) => {
        say(item.children[1], value ?? "not heard");
        const isKnown = value !== undefined;
        say(item.children[2], !isKnown ? "?" : passes ? "\u2192 passes" : "\u2298 stops");
        set(item, { class: !isKnown ? "unheard" : passes ? "passes" : "stops" });
      });
  }

  function drawExposure() {
    const began = get("ATCamera", "startIntegration", "timestampAcquisitionStart");
    const total = get("ATCamera", "startIntegration", "exposureTime") ?? 0;
    const name = get("ATCamera", "startIntegration", "imageName");
    const rafts = machine("ATCamera", "rafts");
    const integrates = rafts === "INTEGRATING";
    const now = app.model.observatory.tai_start + app.model.t;
    const done = integrates && began ? Math.min(total, Math.max(0, now - began)) : 0;
    set(ring, { "stroke-dasharray": `${total > 0 && integrates ? (100 * done) / total : 0} 100` });
    const words = integrates ? `${numberText(Number(done.toFixed(1)))} / ${numberText(total)} s` : rafts ?? "no exposure";
    say(ringText, words);
    set(exposure, { "aria-label": words });
    if (imageLink.dataset.name !== name) {
      imageLink.dataset.name = name ?? "";
      refill(imageLink, name ? [el("span", { class: "dim" }, "last begun: "), el("a", { href: routeTo("images", name) }, name)] : null);
    }
    rows(camera, [
      ["rafts", rafts], ["shutter", machine("ATCamera", "shutter")], ["readiness", machine("ATCamera", "readiness")],
      ["exposure time", Number.isFinite(total) && name ? duration(total) : undefined], ["images of the command", get("ATCamera", "startIntegration", "imagesInSequence")],
      ["number in it", get("ATCamera", "startIntegration", "imageIndex")], ["CCD", valueText(get("ATCamera", "vacuum", "tempCCD"), { unit: "deg_C" })],
    ]);
  }

  function update(changed) {
    if (!["hello", "telemetry", "records", "components", "time"].some((key) => changed.has(key))) return;
    drawPath();
    drawExposure();
    rows(wheels, [
      ["filter", get("ATSpectrograph", "reportedFilterPosition", "name")], ["band", get("ATSpectrograph", "reportedFilterPosition", "band")],
      ["in position", flag(get("ATSpectrograph", "filterInPosition", "inPosition"))], ["grating", get("ATSpectrograph", "reportedDisperserPosition", "name")],
      ["in position ", flag(get("ATSpectrograph", "disperserInPosition", "inPosition"))],
      ["linear stage", valueText(get("ATSpectrograph", "reportedLinearStagePosition", "position"), { unit: "mm" })],
    ]);
    const end = get("ATWhiteLight", "lampState", "warmupEndTime");
    const left = end ? end - (app.model.observatory.tai_start + app.model.t) : 0;
    rows(light, [
      ["lamp", LAMP[get("ATWhiteLight", "lampState", "basicState")]], ["power", valueText(get("ATWhiteLight", "lampState", "setPower"), { unit: "W" })],
      ["light is seen", flag(get("ATWhiteLight", "lampState", "lightDetected"))], ["warm in", left > 0 ? duration(left) : undefined],
      ["shutter", SHUTTER[get("ATWhiteLight", "shutterState", "actualState")]],
      ["coolant out", valueText(get("ATWhiteLight", "chillerTemperatures", "supplyTemperature"), { unit: "deg_C" })],
      ["coolant set to", valueText(get("ATWhiteLight", "chillerTemperatures", "setTemperature"), { unit: "deg_C" })],
    ]);
  }

  return { element, open, update };
}

function rows(table, values) {
  follow(table.tBodies[0], values, ([key]) => key, ([key]) => el("tr", {}, el("td", { class: "dim" }, key), el("td", { class: "num" })), (row, [, value]) => say(row.cells[1], value ?? "\u2013"));
}

function flag(value) {
  return value === undefined ? undefined : value ? "yes" : "no";
}
