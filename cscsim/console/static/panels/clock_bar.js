/** The bar above everything: what this is, simulated time and its speed, the clocks, Stop All. */

import { button, el, refill, say, set } from "../dom.js";
import { clocks, dateTime, elapsed } from "../format.js";
import { changeTheme, theme } from "../theme.js";

const SPEEDS = [
  ["pause", "Pause"], ["1x", "1\u00d7"], ["60x", "60\u00d7"], ["max", "Max"], ["step", "Step"],
];
const TITLES = {
  pause: "Stop simulated time", "1x": "As fast as real time", "60x": "A minute each second", max: "As fast as it goes",
  step: "Go on to the next thing that happens, and pause there",
};

export function clockBar(app, place) {
  const mode = el("span", { class: "mode" }, "REHEARSAL");
  const title = el("strong", {});
  const role = el("span", { class: "dim" });
  const time = el("strong", { title: "Simulated time since the beginning" });
  const date = el("div", { class: "dim" });
  const speed = el("span", { class: "dim" });
  const speeds = Object.fromEntries(SPEEDS.map(([to, words]) => [to, button(words, () => change(to), { title: TITLES[to] })]));
  const faces = Object.fromEntries(["TAI", "UTC", "summit", "sidereal"].map((name) => [name, el("dd", {})]));
  const dial = el("dl", { class: "clocks" }, ...Object.entries(faces).map(([name, face]) => el("div", {}, el("dt", {}, name), face)));
  const light = button("", changeTheme, { class: "small" });
  refill(place, [
    el("div", { class: "titles" }, el("div", {}, title), el("div", {}, mode, role)),
    el("div", { class: "simulated" }, time, " ", speed, date),
    el("div", { class: "speeds", role: "group", "aria-label": "Speed of simulated time" }, ...Object.values(speeds)),
    dial,
    el("span", { class: "grow" }),
    light,
    button("Stop All", stopAll, { class: "stop", title: "Stop telescope, dome and the current script" }),
  ]);

  async function change(to) {
    await app.act("speed", { to });
  }

  async function stopAll() {
    const stopped = await app.act("stop_all");
    if (stopped) app.notice(`Stop All: ${stopped.sent.join(", ") || "nothing to stop"}`);
  }

  function drawTheme() {
    say(light, theme() === "dark" ? "\u2600" : "\u263e");
    set(light, { "aria-label": `Change to ${theme() === "dark" ? "light" : "dark"} colours` });
  }

  drawTheme();
  window.addEventListener("themechange", drawTheme);
  return function update(changed) {
    const model = app.model;
    if (changed.has("hello") || changed.has("connection")) {
      say(title, model.training?.title ?? model.procedure?.title ?? model.observatory.title);
      set(title, { title: title.textContent });
      say(role, `${model.observatory.name || "no observatory yet"} \u00b7 ${model.role}`);
    }
    if (!changed.has("hello") && !changed.has("time")) return;
    const tai = model.observatory.tai_start + model.t;
    say(time, elapsed(model.t));
    say(date, model.run ? `${dateTime(tai - 37).slice(0, 10)} UTC` : "");
    const running = model.speed === "max" ? "max" : `${model.speed}x`;
    say(speed, model.ended ? "ended" : model.frozen ? "frozen" : model.paused ? "paused" : model.speed === "max" ? "max" : `${model.speed}\u00d7`);
    for (const [to, face] of Object.entries(speeds)) {
      const isOn = to === "pause" ? model.paused : !model.paused && to === running;
      set(face, { "aria-pressed": to === "step" ? false : String(isOn), disabled: model.ended || (model.frozen && !app.isInstructor) });
    }
    for (const [name, text] of Object.entries(clocks(tai))) say(faces[name], text);
  };
}
