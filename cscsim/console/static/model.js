/** What the page knows of the session, and how a message changes it. Pure: nothing is drawn, asked or timed here. */

/** Records that are kept for the log. */
export const KEPT_RECORDS = 6000;
const KEPT_ACKS = 200; // of what was sent from this page

/**
 * @typedef {object} Model
 * @property {string} run
 * @property {"trainee" | "instructor"} role
 * @property {number} t  simulated time [s]
 * @property {number | "max"} speed
 * @property {Record<string, any>} components
 * @property {Record<string, Record<string, {t: number, data: object}>>} topics  last samples, by component and topic
 * @property {Record<string, object>} told  the fields of subscribed telemetry, by "component.topic"
 * @property {object[]} records  the journal's, oldest first
 */

/** What is known before anything was heard. @returns {Model} */
export function nothing() {
  return {
    run: "", role: "trainee", n: 0, t: 0, speed: 1, paused: true, frozen: false, ended: false, failure: "",
    observatory: { name: "", title: "", tai_start: 0, groups: {} },
    training: null, procedure: null, live: null, components: {}, queues: {}, images: [], records: [], asks: [],
    instructor: null, trainees: [], journal: "", topics: {}, told: {}, explain: {}, truth: {}, acks: [],
  };
}

/** What is known after a hello: only what it says. @returns {Model} */
export function begin(hello) {
  const model = { ...nothing(), ...hello, topics: {}, told: {}, explain: {}, truth: {}, acks: [] };
  model.live = { ...hello.live, steps: hello.steps ?? {} };
  delete model.steps;
  model.records = [...(hello.records ?? [])];
  model.trainees = hello.trainees ?? hello.instructor?.trainees ?? [];
  model.journal = hello.journal ?? hello.instructor?.journal ?? "";
  putBeats(model, hello.beats ?? {}, new Set());
  return model;
}

const TIME = ["n", "t", "speed", "paused", "frozen", "ended", "failure"];
const WHOLE = ["asks", "instructor"];
const BY_NAME = ["queues", "explain", "truth"];

/**
 * Change the model by a message.
 *
 * @param {Model} model
 * @param {object} message  a batch, or what trainees look at
 * @returns {Set<string>}  what has changed
 */
export function absorb(model, message) {
  const changed = new Set();
  if (message.kind === "trainees") {
    model.trainees = message.trainees;
    return changed.add("instructor");
  }
  if (TIME.some((key) => key in message && message[key] !== model[key])) changed.add("time");
  for (const key of TIME) if (key in message) model[key] = message[key];
  for (const key of WHOLE) if (key in message) put(model, key, message[key], changed);
  if (message.components) putComponents(model, message.components, changed);
  for (const key of BY_NAME) if (key in message) put(model, key, { ...model[key], ...message[key] }, changed);
  if (message.live || message.steps) {
    put(model, "live", { ...model.live, ...message.live, steps: { ...model.live?.steps, ...message.steps } }, changed);
  }
  if (message.acks) put(model, "acks", [...model.acks, ...message.acks].slice(-KEPT_ACKS), changed);
  if (message.beats) putBeats(model, message.beats, changed);
  if (message.images) put(model, "images", [...message.images, ...without(model.images, message.images)], changed);
  for (const [name, sample] of Object.entries(message.telemetry ?? {})) {
    const [component, topic] = splitTopic(name);
    const data = { ...model.told[name], ...sample.data }; // only what is otherwise than in the sample before is told
    model.told[name] = data;
    take(model, component, topic, { t: sample.t, data });
    changed.add("telemetry");
  }
  if (message.records?.length) {
    for (const record of message.records) takeRecord(model, record);
    model.records.push(...message.records);
    if (model.records.length > 1.25 * KEPT_RECORDS) model.records = model.records.slice(-KEPT_RECORDS);
    changed.add("records");
  }
  return changed;
}

function put(model, key, value, changed) {
  model[key] = value;
  changed.add(key);
}

function putComponents(model, components, changed) {
  const now = { ...model.components };
  for (const [name, component] of Object.entries(components)) now[name] = { beat: null, age: null, ...pick(now[name], "beat", "age"), ...component };
  put(model, "components", now, changed);
}

function pick(from, ...keys) {
  return Object.fromEntries(keys.filter((key) => from?.[key] !== undefined).map((key) => [key, from[key]]));
}

function putBeats(model, beats, changed) {
  model.components = { ...model.components };
  for (const [name, beat] of Object.entries(beats)) {
    // what time it is now says nothing of a beat that was told of a while ago
    if (model.components[name]) model.components[name] = { ...model.components[name], beat, age: Math.max(0, model.t - beat) };
  }
  changed.add("components");
}

function without(images, others) {
  const names = new Set(others.map((image) => image.name));
  return images.filter((image) => !names.has(image.name));
}

/** "ATDome.position" as component and topic; components' names have no dot. */
export function splitTopic(name) {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}

function takeRecord(model, record) {
  if (record.kind !== "event" || !model.topics[record.who]) return;
  const before = model.topics[record.who][record.topic]?.data ?? {};
  take(model, record.who, record.topic, { t: record.t, data: { ...before, ...record.data } });
}

/** Keep the samples of a component, as they were asked for. */
export function takeLook(model, component, topics) {
  model.topics[component] = { ...model.topics[component], ...topics };
}

function take(model, component, topic, sample) {
  (model.topics[component] ??= {})[topic] = sample;
}

/**
 * The value of a field that was last heard: `valueOf(model, "ATDome", "position", "azimuthPosition")`.
 * @returns {any}  undefined if nothing was heard
 */
export function valueOf(model, component, topic, field) {
  return model.topics[component]?.[topic]?.data?.[field];
}

/** All components in the order of their groups: `[["ATCS", ["ATMCS", ...]], ...]`. */
export function groupsOf(model) {
  const groups = Object.entries(model.observatory.groups ?? {});
  const listed = new Set(groups.flatMap(([, names]) => names));
  const rest = Object.keys(model.components).filter((name) => !listed.has(name) && !name.startsWith("Script:"));
  return [...groups, ...(rest.length ? [["others", rest]] : [])].filter(([, names]) => names.length > 0);
}

/** The names of all components in the order of their groups. */
export function componentNames(model) {
  return groupsOf(model).flatMap(([, names]) => names);
}

/** Whether a component that should be heard is not. */
export function isStale(component) {
  return component.alive === false && component.is_csc !== false && component.state !== null && component.state !== "OFFLINE";
}
