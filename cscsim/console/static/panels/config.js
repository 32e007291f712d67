/** Adds a script: its SCHEMA beside the CONFIG that is typed, checked while it is typed. What is typed is kept. */

import { button, el, labelled, refill, say, set } from "../dom.js";
import { draft, keepDraft, keepField } from "../drafts.js";
import { leaf } from "../script_tree.js";
import { loadScript } from "../scripts.js";
import { theme } from "../theme.js";

const TYPING = 200; // after which what was typed is checked [ms]
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];

export class ConfigEditor {
  /** @param {import("../app.js").App} app @param {() => void} leave */
  constructor(app, leave) {
    this.app = app;
    this.leave = leave;
    this.title = el("h1", { class: "grow wrap" });
    this.about = el("div", { class: "dim" });
    this.schemaPlace = el("div", { class: "editor" });
    this.configPlace = el("div", { class: "editor" });
    this.errors = el("div", { class: "said", role: "status", id: "config-errors" });
    this.pause = keepField(el("input", { type: "text", placeholder: "regular expression" }), "queue.pause");
    this.stop = keepField(el("input", { type: "text", placeholder: "regular expression" }), "queue.stop");
    this.level = el("select", {}, ...LEVELS.map((level) => el("option", { value: level, selected: level === "INFO" }, level)));
    this.position = el("select", {}, el("option", { value: "last" }, "bottom"), el("option", { value: "first" }, "top"));
    this.checkpoints = el("div", { class: "dim" });
    this.add = button("ADD", () => this.send(), { class: "main", disabled: true });
    this.starts = el("div", { class: "row" });
    this.element = el("section", { class: "config", "aria-label": "Add a script", hidden: true },
      el("div", { class: "wide stack" }, el("div", { class: "row" }, button("\u2190 Queue", () => this.leave()), this.title), this.about),
      el("section", { class: "box half", "aria-label": "SCHEMA" }, el("h2", {}, "SCHEMA (read only)"), this.schemaPlace),
      el("section", { class: "box half", "aria-label": "CONFIG" }, el("div", { class: "head" }, el("h2", {}, "CONFIG"), this.starts), this.configPlace, this.errors),
      el("section", { class: "box wide stack", "aria-label": "How it is queued" },
        el("div", { class: "options" }, labelled("Pause checkpoints", this.pause), labelled("Stop checkpoints", this.stop), labelled("Log level", this.level),
          labelled("Place in the queue", this.position), this.add), this.checkpoints));
    window.addEventListener("themechange", () => this.paint());
  }

  async open(queue, path, standard) {
    this.script = { queue, path, standard };
    const asked = this.script;
    say(this.title, path);
    say(this.about, "");
    say(this.checkpoints, "");
    refill(this.starts);
    this.setValid(false, "");
    try {
      await this.ready();
      const told = await this.app.ask("schema", { queue, path, standard });
      if (asked !== this.script) return;
      this.told(told);
    } catch (error) {
      if (asked === this.script) this.setValid(false, error.message);
    }
  }

  told({ schema, description, config, checkpoints = [], last_config: last }) {
    say(this.about, description);
    this.schema.setValue(schema || "# it takes no configuration", -1);
    this.show(draft(this.draftName) ?? last ?? config ?? "");
    const starts = [["as proposed", config], ["as last time", last]].filter(([, text]) => text !== null && text !== undefined);
    refill(this.starts, ...starts.map(([words, text]) => button(words, () => this.show(text), { class: "small" })));
    say(this.checkpoints, checkpoints.length ? `Checkpoints: ${checkpoints.join(", ")}` : "It has no checkpoints that are known beforehand.");
    this.config.focus();
  }

  get draftName() {
    return `config.${this.script.queue}.${this.script.path}`;
  }

  /** Put a text in; it is checked as if it were typed. */
  show(text) {
    this.config.setValue(text, 1);
    this.config.session.getUndoManager().reset();
    this.check();
  }

  async ready() {
    if (this.config) return;
    await loadScript("vendor/ace/ace.js");
    const ace = globalThis.ace;
    ace.config.set("basePath", new URL("../vendor/ace", import.meta.url).href);
    ace.config.set("useWorker", false);
    ace.config.set("useStrictCSP", false);
    this.schema = this.edit(this.schemaPlace, "SCHEMA");
    this.schema.setReadOnly(true);
    this.schema.renderer.setShowGutter(false);
    this.config = this.edit(this.configPlace, "CONFIG");
    this.config.on("change", () => this.type());
    this.paint();
  }

  edit(place, name) {
    const editor = globalThis.ace.edit(place, { mode: "ace/mode/yaml", fontSize: 12, useSoftTabs: true, tabSize: 2, showPrintMargin: false, wrap: true });
    editor.textInput.getElement().setAttribute("aria-label", name);
    // a page must be left by the keyboard: Escape goes on to what comes next
    editor.commands.addCommand({ name: "leave", bindKey: "Esc", exec: () => (name === "CONFIG" ? this.pause : this.config).focus() });
    return editor;
  }

  paint() {
    const own = { cssClass: "ace-own", cssText: "", isDark: theme() === "dark" }; // its colours are those of the style sheet
    for (const editor of [this.schema, this.config]) editor?.renderer.setTheme(own);
  }

  type() {
    keepDraft(this.draftName, this.config.getValue());
    this.add.disabled = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), TYPING);
  }

  async check() {
    clearTimeout(this.timer);
    const config = this.config.getValue();
    const { path, standard } = this.script;
    try {
      const { valid, errors = [] } = await this.app.ask("validate", { path, standard, config });
      if (this.config.getValue() !== config) return;
      this.config.session.setAnnotations(errors.map(({ line, column, message }) => ({ row: (line ?? 1) - 1, column: (column ?? 1) - 1, text: message, type: "error" })));
      this.setValid(valid, errors.map(errorWords).join("\n"));
    } catch (error) {
      this.setValid(false, error.message);
    }
  }

  setValid(valid, words) {
    this.isValid = valid;
    this.add.disabled = !valid;
    set(this.errors, { class: `said ${valid ? "done" : "refused"}` });
    refill(this.errors, ...(valid ? ["CONFIG is valid"] : words.split("\n")).map((line) => el("div", {}, line)));
  }

  async send() {
    const { queue, path, standard } = this.script;
    this.add.disabled = true;
    const fields = { queue, what: "add", path, standard, config: this.config.getValue(), pause: this.pause.value, stop: this.stop.value, log_level: this.level.value, position: this.position.value };
    const added = await this.app.act("queue", fields, `${leaf(path)} is sent to the queue`);
    this.add.disabled = !this.isValid;
    if (added === undefined) return;
    keepDraft(this.draftName, "");
    this.leave();
  }

  /** A new connection may say something else of what is typed. */
  update(changed) {
    if (changed.has("connection") && this.app.connection.state === "connected" && this.config && this.script) this.check();
  }

  close() {
    clearTimeout(this.timer);
  }
}

/** "line 3, column 5: 'x' is not of type 'integer' (nimages)". */
export function errorWords({ line, column, path, message }) {
  const where = line ? `line ${line}${column ? `, column ${column}` : ""}: ` : "";
  return `${where}${message}${path && !message.includes(path) ? ` (${path})` : ""}`;
}
