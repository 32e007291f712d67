/** Dome and mount: where they are and where they were asked to be. Where the dome truly is, only the instructor sees. */

import { arc, line, onCircle, onQuarter, quarter } from "../drawing.js";
import { box, el, follow, say, set, svg } from "../dom.js";
import { numberText, wrapped } from "../format.js";
import { valueOf } from "../model.js";
import { asNumber } from "../plot_data.js";

const TOPICS = ["ATDome.position", "ATMCS.mount_AzEl_Encoders", "ATMCS.mount_Nasmyth_Encoders", "ATMCS.trajectory"];
const COMPONENTS = ["ATDome", "ATMCS", "ATPtg", "ATDomeTrajectory", "ATPneumatics"];
const SLIT = 9; // half of what is drawn of the opening [deg]
const MOTION = { 1: "stands", 2: "turns clockwise", 3: "turns counter-clockwise" };
const DOOR = { 1: "CLOSED", 2: "OPENED", 3: "PARTIALLYOPENED", 4: "OPENING", 5: "CLOSING" };
const TRACKING = { 6: "REMOTECONTROL", 7: "HANDPADDLECONTROL", 8: "TRACKINGDISABLED", 9: "TRACKINGENABLED", 10: "STOPPING" };
const COVER = { 1: "DISABLED", 2: "ENABLED", 3: "FAULT", 4: "OFFLINE", 5: "STANDBY", 6: "CLOSED", 7: "OPENED", 8: "INMOTION", 9: "INVALID" };
const PORT = { 1: "NASMYTH1", 2: "NASMYTH2", 3: "PORT3" };
const VIGNETTED = { 0: "unknown", 1: "no", 2: "partially", 3: "fully" };

export function domePanel(app) {
  const top = topView();
  const side = sideView();
  const doors = doorView();
  const dome = el("table", {}, el("tbody", {}));
  const mount = el("table", {}, el("tbody", {}));
  const trueKey = el("span", { class: "true", hidden: true }, el("i", {}), "dome, truly");
  const element = el("div", { class: "stack" }, el("div", { class: "views" },
    box("From above", { class: "view" }, top.picture, el("div", { class: "legend" }, el("span", {}, el("i", {}), "dome"), el("span", { class: "asked" }, el("i", {}), "asked for"),
      el("span", { class: "other" }, el("i", {}), "telescope"), trueKey)),
    box("Elevation of the telescope", { class: "view" }, side.picture),
    box("Doors, as seen through the slit", { class: "view" }, doors.picture)),
  el("div", { class: "two" }, box("Dome", {}, dome), box("Telescope", {}, mount)));

  const here = () => COMPONENTS.filter((name) => name in app.model.components);

  async function open() {
    app.want("panel", { topics: TOPICS.filter((topic) => topic.split(".")[0] in app.model.components), truth: ["ATDome"].filter((name) => name in app.model.components) });
    await app.look(...here());
  }

  const get = (...path) => valueOf(app.model, ...path);
  const sample = (...path) => asNumber(get(...path)) ?? undefined; // the mount sends many samples at once

  function update(changed) {
    if (!["hello", "telemetry", "records", "truth"].some((key) => changed.has(key))) return;
    const azimuth = get("ATDome", "position", "azimuthPosition");
    const asked = get("ATDome", "azimuthCommandedState", "commandedState") === 2 ? get("ATDome", "azimuthCommandedState", "azimuth") : undefined;
    const truly = app.isInstructor ? app.model.truth.ATDome?.outputs?.true_azimuth : undefined;
    const telescope = sample("ATMCS", "mount_AzEl_Encoders", "azimuthCalculatedAngle");
    const elevation = sample("ATMCS", "mount_AzEl_Encoders", "elevationCalculatedAngle");
    const tracks = get("ATMCS", "atMountState", "state") === 9;
    const target = tracks ? { azimuth: get("ATMCS", "target", "azimuth"), elevation: get("ATMCS", "target", "elevation") } : {};
    const limits = [first(get("ATMCS", "positionLimits", "minimum")), first(get("ATMCS", "positionLimits", "maximum"))];
    trueKey.hidden = truly === undefined;
    const main = get("ATDome", "position", "mainDoorOpeningPercentage");
    const dropout = get("ATDome", "position", "dropoutDoorOpeningPercentage");
    top.draw({ azimuth, asked, truly, telescope, target: target.azimuth });
    side.draw({ elevation, target: target.elevation, limits });
    doors.draw({ main, dropout });
    rows(dome, [
      ["azimuth", angle(azimuth)], ["asked for", angle(asked)], ...(truly === undefined ? [] : [["truly", angle(truly)]]),
      ["motion", MOTION[get("ATDome", "azimuthState", "state")]],
      ["homed", flag(get("ATDome", "azimuthState", "homed"))], ["homing", flag(get("ATDome", "azimuthState", "homing"))],
      ["in position", flag(get("ATDome", "azimuthInPosition", "inPosition"))],
      ["main door", door(get("ATDome", "mainDoorState", "state"), main)], ["dropout door", door(get("ATDome", "dropoutDoorState", "state"), dropout)],
      ["follows the telescope", flag(get("ATDomeTrajectory", "followingMode", "enabled"))],
      ["vignetted", VIGNETTED[get("ATDomeTrajectory", "telescopeVignetted", "vignetted")]],
      ["emergency stop", flag(get("ATDome", "emergencyStop", "active"))],
    ]);
    const port = get("ATMCS", "m3PortSelected", "selected");
    rows(mount, [
      ["azimuth", angle(telescope)], ["elevation", angle(elevation)],
      ["target", target.azimuth === undefined ? undefined : `${angle(target.azimuth)}, ${angle(target.elevation)}`],
      ["Nasmyth 1", angle(sample("ATMCS", "mount_Nasmyth_Encoders", "nasmyth1CalculatedAngle"))],
      ["Nasmyth 2", angle(sample("ATMCS", "mount_Nasmyth_Encoders", "nasmyth2CalculatedAngle"))],
      ["tracking", TRACKING[get("ATMCS", "atMountState", "state")]],
      ["in position", flag(get("ATMCS", "allAxesInPosition", "inPosition"))],
      ["M3 looks to", PORT[port]], ["M1 cover", COVER[get("ATPneumatics", "m1CoverState", "state")]],
      ["distance of dome and telescope", distance(azimuth, telescope)],
    ]);
  }

  return { element, open, update };
}

function topView() {
  const asked = svg("line", { class: "asked" });
  const truly = svg("line", { class: "true" });
  const telescope = svg("line", { class: "other" });
  const target = svg("line", { class: "asked" });
  const slit = svg("path", { class: "opening" });
  const edge = svg("path", { class: "now" });
  const tube = svg("circle", { r: 6, class: "other" });
  const ticks = Array.from({ length: 24 }, (_, at) => {
    const [x1, y1] = onCircle(15 * at, 104);
    const [x2, y2] = onCircle(15 * at, at % 2 ? 108 : 111);
    return svg("line", { class: "tick", x1, y1, x2, y2 });
  });
  const words = [["N 0", 0], ["E 90", 90], ["S 180", 180], ["W 270", 270]].map(([text, azimuth]) => {
    const [x, y] = onCircle(azimuth, 122);
    return svg("text", { class: "dim", x, y: y + 4, "text-anchor": azimuth === 90 ? "start" : azimuth === 270 ? "end" : "middle", dx: azimuth === 90 ? -9 : azimuth === 270 ? 9 : 0 }, text);
  });
  const picture = svg("svg", { viewBox: "-155 -140 310 275", role: "img" }, svg("circle", { r: 104, class: "rim" }), ...ticks, ...words,
    svg("circle", { r: 92, class: "wall" }), slit, edge, asked, truly, target, telescope, tube);
  function draw(now) {
    const seen = Number.isFinite(now.azimuth);
    for (const each of [slit, edge]) each.style.display = seen ? "" : "none";
    if (seen) {
      set(slit, { d: arc(now.azimuth - SLIT, now.azimuth + SLIT, 92) });
      set(edge, { d: arc(now.azimuth - SLIT, now.azimuth + SLIT, 99) });
    }
    line(asked, onCircle(now.asked, 78), onCircle(now.asked, 104));
    line(truly, onCircle(now.truly, 70), onCircle(now.truly, 110));
    line(telescope, [0, 0], onCircle(now.telescope, 62));
    line(target, [0, 0], onCircle(now.target, 74));
    set(picture, { "aria-label": `dome at ${angle(now.azimuth)}, asked for ${angle(now.asked)}, telescope at ${angle(now.telescope)}` });
  }
  return { picture, draw };
}

function sideView() {
  const bands = [svg("path", { class: "band" }), svg("path", { class: "band" })];
  const tube = svg("line", { class: "other" });
  const target = svg("line", { class: "asked" });
  const text = svg("text", { x: 20, y: 34 });
  const ticks = [0, 15, 30, 45, 60, 75, 90].flatMap((elevation) => {
    const [x1, y1] = onQuarter(elevation, 180);
    const [x2, y2] = onQuarter(elevation, 187);
    const [x, y] = onQuarter(elevation, 200);
    return [svg("line", { class: "tick", x1, y1, x2, y2 }), svg("text", { class: "dim", x, y: y + 4, "text-anchor": "middle" }, elevation)];
  });
  const picture = svg("svg", { viewBox: "-25 -220 250 240", role: "img" }, svg("path", { class: "rim", d: quarter(0, 90, 180) }), ...bands, ...ticks,
    svg("line", { class: "tick", x1: -10, y1: 0, x2: 190, y2: 0 }), svg("circle", { r: 8, class: "fill" }), target, tube, text);
  function draw({ elevation, target: asked, limits: [low, high] }) {
    line(tube, [0, 0], onQuarter(elevation, 150));
    line(target, [0, 0], onQuarter(asked, 176));
    set(bands[0], { d: quarter(0, Number.isFinite(low) ? Math.max(0, low) : 0, 173) });
    set(bands[1], { d: quarter(Number.isFinite(high) ? Math.min(90, high) : 90, 90, 173) });
    say(text, "");
    set(picture, { "aria-label": `elevation ${angle(elevation)}, target ${angle(asked)}` });
  }
  return { picture, draw };
}

function doorView() {
  const main = svg("rect", { x: 60, width: 80, y: 20, height: 120, class: "shut" });
  const dropout = svg("rect", { x: 60, width: 80, y: 146, height: 54, class: "shut" });
  const said = [svg("text", { x: 150, y: 80 }), svg("text", { x: 150, y: 176 })];
  const picture = svg("svg", { viewBox: "0 0 260 220", role: "img" },
    svg("rect", { x: 56, width: 88, y: 16, height: 188, class: "lit" }), main, dropout, ...said,
    svg("text", { class: "dim", x: 150, y: 64 }, "main door"), svg("text", { class: "dim", x: 150, y: 160 }, "dropout door"),
    svg("text", { class: "dim", x: 8, y: 28 }, "zenith"), svg("text", { class: "dim", x: 8, y: 200 }, "horizon"));
  function draw({ main: opening, dropout: drop }) {
    const shut = (percent) => 1 - (Number.isFinite(percent) ? percent : 0) / 100;
    set(main, { height: 120 * shut(opening) }); // goes up over the zenith
    set(dropout, { y: 146 + 54 * (1 - shut(drop)), height: 54 * shut(drop) }); // falls outward
    const words = (percent) => (Number.isFinite(percent) ? `${Math.round(percent)} % open` : "not heard");
    say(said[0], words(opening));
    say(said[1], words(drop));
    set(picture, { "aria-label": `main door ${words(opening)}, dropout door ${words(drop)}` });
  }
  return { picture, draw };
}

function rows(table, values) {
  follow(table.tBodies[0], values, ([key]) => key, ([key]) => el("tr", {}, el("td", { class: "dim" }, key), el("td", { class: "num" })), (row, [, value]) => say(row.cells[1], value ?? "\u2013"));
}

function angle(value) {
  return Number.isFinite(value) ? `${numberText(Number(value.toFixed(3)))}\u00b0` : "\u2013";
}

function distance(one, other) {
  if (!Number.isFinite(one) || !Number.isFinite(other)) return undefined;
  const apart = wrapped(one - other);
  return angle(Math.min(apart, 360 - apart));
}

function flag(value) {
  return value === undefined ? undefined : value ? "yes" : "no";
}

function door(state, percent) {
  const words = DOOR[state];
  return words && Number.isFinite(percent) ? `${words}, ${Math.round(percent)} %` : words;
}

function first(list) {
  return Array.isArray(list) ? list[0] : list;
}
