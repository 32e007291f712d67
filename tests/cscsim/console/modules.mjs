// The pure modules of the console's page, run by node; `test_static.py` puts them beside this file.

import assert from "node:assert/strict";
import { test } from "node:test";

import { verdict } from "./commands.js";
import { idWithin } from "./diagram.js";
import { arc, onCircle } from "./drawing.js";
import { parseTyped } from "./fields.js";
import { clocks, duration, elapsed, siderealTime, stateLetter, valueText } from "./format.js";
import { oncePerFrame } from "./frames.js";
import { absorb, begin, groupsOf, isStale, splitTopic, takeLook, valueOf } from "./model.js";
import { errorWords } from "./panels/config.js";
import { KEPT, addPoint, heldUntil, marksOf } from "./plot_data.js";
import { parseRoute, routeTo } from "./routes.js";
import { matching, progress, treeOf } from "./script_tree.js";
import { gravity, inWords, kindOf, matters } from "./words.js";

const HELLO = {
  kind: "hello", run: "1", role: "trainee", n: 3, t: 10, speed: 1, paused: false, frozen: false, ended: false,
  observatory: { tai_start: 0, groups: { ATCS: ["ATDome"] } },
  components: { ATDome: { state: "ENABLED", alive: true, is_csc: true }, Other: { state: "STANDBY" } },
  queues: {}, images: [{ name: "b" }, { name: "a" }], records: [{ n: 1, t: 0, kind: "note", who: "observer", text: "x" }],
};
const batch = (more) => ({ kind: "batch", n: 4, t: 11, speed: 1, paused: false, frozen: false, ended: false, ...more });

test("an address names a panel and what is in it, and comes back from it", () => {
  assert.deepEqual(parseRoute("#/component/OCPS%3A1"), { panel: "component", rest: ["OCPS:1"] });
  assert.deepEqual(parseRoute(routeTo("queue", "add", "auxtel/a b.py")), { panel: "queue", rest: ["add", "auxtel/a b.py"] });
  assert.deepEqual(parseRoute("#/queue?add=auxtel/x.py"), { panel: "queue", rest: ["add", "auxtel/x.py"] });
  assert.deepEqual(parseRoute("#/nothing/here"), { panel: "queue", rest: [] });
  assert.equal(parseRoute("#/component/%E0%A4%A").rest[0], "%E0%A4%A");
});

test("the clocks agree with each other and with the sky", () => {
  const tai = 1768482000; // 2026-01-15T13:00:00 TAI
  assert.equal(clocks(tai).TAI, "13:00:00");
  assert.equal(clocks(tai).UTC, "12:59:23");
  assert.equal(clocks(tai).summit, "09:59:23");
  // Greenwich mean sidereal time of 2000-01-01 12:00 UT1 is 18.6974 h (Explanatory Supplement, 2.24)
  assert.ok(Math.abs(siderealTime(946728000) - (18.697374558 - 70.749417 / 15)) < 1e-9);
  assert.ok(Math.abs(siderealTime(946728000 + 86164.0905) - siderealTime(946728000)) < 1e-4);
});

test("numbers, times and states are written for people", () => {
  assert.equal(duration(3.21), "3.2 s");
  assert.equal(duration(245), "4 min 05 s");
  assert.equal(duration(6732), "1 h 52 min");
  assert.equal(duration(59.99), "1 min 00 s");
  assert.equal(elapsed(3725.9), "01:02:05");
  assert.equal(stateLetter("FAULT"), "F");
  assert.equal(stateLetter(null), "U");
  assert.equal(valueText(3.2000001, { unit: "deg" }), "3.2\u00b0");
  assert.equal(valueText(2, { enum: { MOVINGCW: 2 } }), "MOVINGCW (2)");
  assert.equal(valueText([0, 0, 0], {}), "3 \u00d7 0");
  assert.equal(valueText(null), "\u2013");
});

test("what is typed keeps its type, and what is no number is left for the server to refuse", () => {
  assert.equal(parseTyped({ type: "double" }, " 3.5 "), 3.5);
  assert.equal(parseTyped({ type: "double" }, "3 deg"), "3 deg");
  assert.equal(parseTyped({ type: "double" }, ""), undefined);
  assert.equal(parseTyped({ type: "string" }, "007"), "007");
  assert.deepEqual(parseTyped({ type: "int", length: 3 }, "[1, 2 x]"), [1, 2, "x"]);
});

test("a batch changes only what it says", () => {
  const model = begin(structuredClone(HELLO));
  takeLook(model, "ATDome", { azimuthState: { t: 0, data: { state: 1, homed: true } } });

  const changed = absorb(model, batch({
    records: [{ n: 4, t: 11, kind: "event", who: "ATDome", topic: "azimuthState", data: { state: 2 } }],
    telemetry: { "ATDome.position": { t: 11, data: { azimuthPosition: 4 } } },
    components: { ATDome: { state: "FAULT", alive: false, is_csc: true } },
    images: [{ name: "c" }, { name: "b", counts: 5 }],
  }));

  assert.deepEqual([...changed].sort(), ["components", "images", "records", "telemetry", "time"]);
  assert.equal(valueOf(model, "ATDome", "azimuthState", "state"), 2);
  assert.equal(valueOf(model, "ATDome", "azimuthState", "homed"), true);
  assert.equal(valueOf(model, "ATDome", "position", "azimuthPosition"), 4);
  assert.equal(valueOf(model, "ATMCS", "target", "azimuth"), undefined);
  assert.ok(isStale(model.components.ATDome));
  assert.equal(model.components.Other.state, "STANDBY");
  assert.deepEqual(model.images.map((each) => each.name), ["c", "b", "a"]);
});

test("a heartbeat's age is that of when it was told, however fast time goes", () => {
  const model = begin(structuredClone(HELLO));
  absorb(model, batch({ t: 60, beats: { ATDome: 59.5, Gone: 3 } }));
  absorb(model, batch({ t: 119 }));
  absorb(model, batch({ t: 119, components: { ATDome: { state: "ENABLED", alive: true, is_csc: true } } }));
  assert.equal(model.components.ATDome.age, 0.5);
  assert.ok(!("Gone" in model.components));
});

test("of telemetry only the fields that are otherwise are told", () => {
  const model = begin(structuredClone(HELLO));
  absorb(model, batch({ telemetry: { "ATDome.position": { t: 11, data: { azimuthPosition: 4, dropoutDoorOpeningPercentage: 0 } } } }));
  takeLook(model, "ATDome", { position: { t: 11.5, data: { azimuthPosition: 5, dropoutDoorOpeningPercentage: 7 } } });
  absorb(model, batch({ telemetry: { "ATDome.position": { t: 12, data: { azimuthPosition: 6 } } } }));
  assert.deepEqual(model.topics.ATDome.position, { t: 12, data: { azimuthPosition: 6, dropoutDoorOpeningPercentage: 0 } });
});

test("of a procedure only the steps that stand otherwise are told", () => {
  const [open, done] = [{ status: "open" }, { status: "done" }];
  const model = begin({ ...structuredClone(HELLO), live: { current: "a" }, steps: { a: open, b: open } });
  const changed = absorb(model, batch({ steps: { a: done } }));
  assert.deepEqual([...changed], ["time", "live"]);
  assert.deepEqual(model.live, { current: "a", steps: { a: done, b: open } });
  absorb(model, batch({ live: { current: "b" } }));
  assert.deepEqual(model.live, { current: "b", steps: { a: done, b: open } });
});

test("what trainees look at and what is acknowledged arrive by messages of their own", () => {
  const model = begin(structuredClone(HELLO));
  absorb(model, { kind: "trainees", trainees: [{ name: "Ana", panel: "#/queue" }] });
  absorb(model, batch({ acks: [{ id: 2, component: "ATDome", ack: "COMPLETE" }] }));
  assert.equal(model.trainees[0].name, "Ana");
  assert.equal(model.acks[0].ack, "COMPLETE");
});

test("a component in no group is shown all the same", () => {
  assert.deepEqual(groupsOf(begin(structuredClone(HELLO))), [["ATCS", ["ATDome"]], ["others", ["Other"]]]);
  assert.deepEqual(splitTopic("OCPS:1.summary"), ["OCPS:1", "summary"]);
});

test("records are told apart and told in words", () => {
  const failed = { kind: "ack", who: "ATDome", command: "moveAzimuth", ack: "FAILED", result: "azimuth is homing" };
  assert.ok(matters(failed));
  assert.equal(gravity(failed), "refused");
  assert.equal(inWords(failed), "moveAzimuth: FAILED azimuth is homing");
  assert.ok(!matters({ ...failed, ack: "COMPLETE" }));
  const message = { kind: "event", who: "ATDome", topic: "logMessage", data: { level: 30, message: "short" } };
  assert.equal(kindOf(message), "message");
  assert.equal(gravity(message), "warn");
  const long = { kind: "event", who: "Q", topic: "queue", data: { salIndices: Array(400).fill(0) } };
  assert.ok(inWords(long).length < 60);
  assert.equal(inWords({ kind: "new_kind", t: 1, n: 2, who: "x", what: "y" }), "what=y");
});

test("scripts are found by words and lie in their folders", () => {
  const tree = treeOf(["b/x.py", "a.py", "b/c/y.py"]);
  assert.deepEqual(tree.scripts, ["a.py"]);
  assert.deepEqual([...tree.folders.get("b").folders.keys()], ["c"]);
  assert.deepEqual(matching(["b/x.py", "b/c/y.py"], "B c/"), ["b/c/y.py"]);
  assert.equal(progress({ started: 10, ended: null, expected: 20 }, 20), 0.5);
  assert.equal(progress({ started: null, expected: 20 }, 20), null);
});

test("a curve is kept for a while, held to the present, and begun anew by another run", () => {
  const curve = { t: [], v: [] };
  for (let t = 0; t < 2 * KEPT; t += 1) addPoint(curve, t, t);
  assert.ok(curve.t.length <= 1.2 * KEPT);
  assert.deepEqual(heldUntil({ t: [1], v: [5] }, 4), [[1, 4], [5, 5]]);
  addPoint(curve, 3, 7);
  assert.deepEqual(curve, { t: [3], v: [7] });
  const marks = marksOf([{ t: 5, kind: "fault", who: "ATDome", fault: "stall", what: "injected" }, { t: 1, kind: "fault" }], 2);
  assert.deepEqual(marks.map((mark) => mark.words), ["ATDome.stall injected"]);
});

test("drawings stand where the compass says", () => {
  const [x, y] = onCircle(90, 10);
  assert.ok(Math.abs(x - 10) < 1e-9 && Math.abs(y) < 1e-9);
  assert.match(arc(350, 10, 92), /^M-15\.98 -90\.6A92 92 0 0 1 15\.98 -90\.6$/);
  assert.equal(idWithin("machine-1-flowchart-m__door__OPEN-7"), "m__door__OPEN");
});

test("what would come of a command is one sentence", () => {
  assert.deepEqual(verdict({ allowed: false, sentence: "azimuth is homing" }), ["azimuth is homing", "not"]);
  assert.deepEqual(verdict({ allowed: null, sentence: "ATDome is not heard" }), ["ATDome is not heard", "unknown"]);
  assert.equal(errorWords({ line: 3, column: 5, path: "nimages", message: "is no integer" }), "line 3, column 5: is no integer (nimages)");
});

test("what has changed is drawn at once, and again in the frame that shows it or, where no frame comes, a little later", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const frames = [];
  globalThis.requestAnimationFrame = (draw) => frames.push(draw);
  globalThis.cancelAnimationFrame = (id) => { frames[id - 1] = null; };
  let drawn = 0;
  const ask = oncePerFrame(() => { drawn += 1; });

  ask();
  ask();
  assert.equal(drawn, 0);
  await null; // the message is over
  assert.equal(drawn, 1);
  ask();
  ask();
  await null;
  assert.equal(drawn, 1);
  frames[0]();
  assert.equal(drawn, 2);

  ask(); // and the page is hidden before its frame comes
  context.mock.timers.tick(499);
  assert.equal(drawn, 2);
  context.mock.timers.tick(1);
  assert.equal(drawn, 3);
  context.mock.timers.tick(1000);
  assert.equal(drawn, 3);
  assert.deepEqual(frames.filter(Boolean), []);

  ask();
  await null;
  assert.equal(drawn, 4);
});
