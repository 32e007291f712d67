/**
 * The one websocket: joins, asks and waits for answers, and comes back by itself when the connection is lost.
 *
 * Nothing is drawn here. What is subscribed is kept, so that a new connection has it again.
 */

const RETRY = [300, 700, 1500, 3000, 5000]; // pauses between attempts [ms]
const SILENCE = 5000; // without a batch for this long the connection is lost [ms]
const FOR_GOOD = { 4001: "the token is not the session's", 4003: "this page comes from another place than its server" };

/** Something was refused; the message is the server's sentence. */
export class Refusal extends Error {}

export class Feed {
  /**
   * @param {string} url  of the websocket
   * @param {{token: string | null, name: string}} person
   * @param {{message: (message: object) => void, state: (state: string, because: string) => void}} hearer
   *   `state` is told "connecting", "connected", "lost" or "closed".
   */
  constructor(url, person, hearer) {
    this.url = url;
    this.person = person;
    this.hearer = hearer;
    this.position = {}; // of the last batch: run and n
    this.subscription = {};
    this.waiting = new Map();
    this.number = 0;
    this.attempt = 0;
    this.isOpen = false;
    this.because = "";
  }

  connect() {
    this.hearer.state("connecting", "");
    this.because = "";
    this.socket = new WebSocket(this.url);
    this.socket.addEventListener("open", () => this.join());
    this.socket.addEventListener("message", (event) => this.hear(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event));
  }

  async join() {
    const { token, name } = this.person;
    try {
      const before = { ...(token && { token }), ...(name && { name }), ...this.position };
      const { role } = await this.send("join", before);
      this.attempt = 0;
      this.isOpen = true;
      this.hearer.state("connected", role);
      if (Object.keys(this.subscription).length > 0) await this.send("subscribe", this.subscription);
    } catch (error) {
      this.because ||= error.message;
    }
  }

  /**
   * Ask the server for something.
   *
   * @param {string} what
   * @param {object} [fields]
   * @returns {Promise<any>}  its result; fails with a `Refusal`
   */
  ask(what, fields = {}) {
    if (!this.isOpen) return Promise.reject(new Refusal("not connected; nothing was sent"));
    return this.send(what, fields);
  }

  send(what, fields) {
    const id = (this.number += 1);
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.socket.send(JSON.stringify({ id, do: what, ...fields }));
    });
  }

  /** Subscribe to what is given; what was subscribed by the same key is replaced. */
  subscribe(wanted) {
    this.subscription = { ...this.subscription, ...wanted };
    return this.isOpen ? this.send("subscribe", wanted).catch(() => {}) : Promise.resolve();
  }

  hear(message) {
    this.watch();
    if (message.kind === "answer") this.answer(message);
    else if (message.kind === "bye") this.because = message.because;
    else {
      if (message.kind === "hello") this.position = { run: message.run, after: message.n };
      if (message.kind === "batch") this.position.after = message.n;
      this.hearer.message(message);
    }
  }

  answer({ id, ok, result, error }) {
    const { done, failed } = this.waiting.get(id) ?? {};
    this.waiting.delete(id);
    if (ok) done?.(result);
    else failed?.(new Refusal(error));
  }

  watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), SILENCE);
  }

  closed(event) {
    clearTimeout(this.silence);
    this.isOpen = false;
    for (const { failed } of this.waiting.values()) failed(new Refusal("the connection was lost before an answer came"));
    this.waiting.clear();
    const because = this.because || event.reason || FOR_GOOD[event.code] || "";
    if (event.code in FOR_GOOD) {
      this.hearer.state("closed", because);
      return;
    }
    this.hearer.state("lost", because);
    const pause = RETRY[Math.min(this.attempt, RETRY.length - 1)];
    this.attempt += 1;
    setTimeout(() => this.connect(), pause);
  }
}
