/**
 * What all panels share: the model, the requests, and which panel is shown.
 *
 * Messages change the model at once; panels draw once for each frame at most, and only those that are seen. What a
 * person waits for is drawn first, and what is read at leisure in a frame of its own behind it.
 */

import { el, button } from "./dom.js";
import { Feed } from "./feed.js";
import { onceBehindFrame, oncePerFrame } from "./frames.js";
import { absorb, begin, nothing, splitTopic, takeLook } from "./model.js";
import { parseRoute } from "./routes.js";

const NOTICE_TIME = 9000; // for which a notice is seen [ms]
const MOST_NOTICES = 3; // that are seen at once
const AT_LEISURE = new Set(["records", "explain", "telemetry", "time"]); // long lists and many numbers

/** @typedef {{element: HTMLElement, open?: (rest: string[]) => void, close?: () => void, update: (changed: Set<string>) => void}} Panel */

export class App {
  constructor() {
    this.model = nothing();
    this.route = parseRoute(location.hash);
    this.connection = { state: "connecting", because: "" };
    this.wanted = new Map();
    this.listeners = new Set();
    this.changed = new Set();
    this.changedBehind = new Set();
    this.sheets = new Map();
    this.drawSoon = oncePerFrame(() => this.draw("changed"));
    this.drawBehind = onceBehindFrame(() => this.draw("changedBehind"));
    this.token = takeToken();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.feed = new Feed(`${scheme}://${location.host}/ws`, { token: this.token, name: "" }, {
      message: (message) => this.hear(message),
      state: (state, because) => this.connected(state, because),
    });
    window.addEventListener("hashchange", () => {
      this.route = parseRoute(location.hash);
      this.mark("route");
    });
  }

  start() {
    this.feed.connect();
  }

  /** Let a part of the page be told what has changed, once for each frame. */
  listen(update) {
    this.listeners.add(update);
  }

  hear(message) {
    if (message.kind === "hello") {
      this.model = begin(message);
      this.sheets.clear();
      this.changed = new Set(["hello"]);
      this.changedBehind = new Set();
      this.mark("hello");
    } else if (["batch", "trainees"].includes(message.kind)) {
      for (const key of absorb(this.model, message)) this.mark(key);
    }
  }

  connected(state, because) {
    this.connection = { state, because };
    this.mark("connection");
  }

  /** Say that something has changed, and have it drawn. */
  mark(key) {
    if (AT_LEISURE.has(key)) {
      this.changedBehind.add(key);
      this.drawBehind();
    } else {
      this.changed.add(key);
      this.drawSoon();
    }
  }

  draw(which) {
    const changed = this[which];
    this[which] = new Set();
    for (const update of this.listeners) update(changed);
  }

  /** Ask the server. @returns {Promise<any>} */
  ask(what, fields = {}) {
    return this.feed.ask(what, fields);
  }

  /**
   * Ask for something that a person wants done; a refusal is shown as the server's sentence.
   * @returns {Promise<any>}  undefined if it was refused
   */
  async act(what, fields = {}, said = "") {
    try {
      const result = await this.ask(what, fields);
      if (said) this.notice(said);
      return result;
    } catch (error) {
      this.notice(error.message, "alert");
      return undefined;
    }
  }

  /** Show a sentence for a while. */
  notice(sentence, kind = "") {
    const shown = el("div", { class: `notice ${kind}` }, el("span", {}, sentence));
    shown.append(button("\u00d7", () => shown.remove(), { class: "small", "aria-label": "Dismiss" }));
    const place = document.getElementById("notices");
    place.append(shown);
    if (place.childElementCount > MOST_NOTICES) place.firstElementChild.remove();
    setTimeout(() => shown.remove(), NOTICE_TIME);
  }

  /** What a component is; asked for once. */
  sheet(component) {
    if (!this.sheets.has(component)) {
      const asked = this.ask("sheet", { component });
      asked.catch(() => this.sheets.delete(component));
      this.sheets.set(component, asked);
    }
    return this.sheets.get(component);
  }

  /** Ask for the last samples of components; what they say later is heard anyway. */
  async look(...components) {
    for (const component of components) {
      const looked = await this.ask("look", { component }).catch(() => null);
      if (looked) takeLook(this.model, component, looked.topics);
    }
    this.mark("telemetry");
  }

  /**
   * Say what a part of the page wants to hear; what it wanted before is replaced.
   * @param {string} owner
   * @param {{topics?: string[], explain?: string[], procedure?: boolean, truth?: string[]}} wants
   */
  want(owner, wants) {
    this.wanted.set(owner, wants);
    const all = [...this.wanted.values()];
    const isHere = (name) => name in this.model.components || splitTopic(name)[0] in this.model.components;
    const union = (key) => [...new Set(all.flatMap((each) => each[key] ?? []))].filter(isHere).sort();
    const next = { topics: union("topics"), explain: union("explain"), procedure: all.some((each) => each.procedure), every: 0.2 };
    if (this.model.role === "instructor") next.truth = union("truth");
    const text = JSON.stringify(next);
    if (text !== this.asked) this.feed.subscribe(next);
    this.asked = text;
  }

  /** Whether this is the instructor's page. */
  get isInstructor() {
    return this.model.role === "instructor";
  }

  /** The address of a page or picture of the server, with the token it wants. */
  address(path, parameters = {}) {
    const query = new URLSearchParams({ ...parameters, ...(this.token && { token: this.token }) }).toString();
    return query ? `${path}?${query}` : path;
  }
}

function takeToken() {
  const query = new URLSearchParams(location.search);
  const given = query.get("token");
  if (given !== null) {
    sessionStorage.setItem("cscsim.token", given);
    history.replaceState(null, "", location.pathname + location.hash);
  }
  return sessionStorage.getItem("cscsim.token");
}
