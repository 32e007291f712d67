/** The images, newest first, with their counts; one of them drawn. Arrow keys go to the next and the one before. */

import { box, button, el, follow, refill, say, set } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { elapsed, numberText } from "../format.js";
import { routeTo } from "../routes.js";

const SIZE = 900; // of the picture's longer side [pixels]
const COLUMNS = [
  ["seq_num", "seq", "num"], ["type", "type", ""], ["exposure_time", "exp [s]", "num"], ["filter", "filter", ""], ["grating", "grating", ""],
  ["reason", "reason", ""], ["program", "program", ""], ["t", "at", "num"], ["counts", "counts [adu]", "num"],
];
const AT_FIRST = ["seq_num", "type", "exposure_time", "filter", "t", "counts"];
const LOW_FLAT = 10000; // below this a flat's counts are to be looked at [adu]

export function imagesPanel(app) {
  let shown = "";
  let follows = true;
  let columns = kept();
  const filter = el("input", { type: "search", placeholder: "filter", "aria-label": "Filter images", class: "grow", oninput: () => drawTable() });
  const followBox = el("input", { type: "checkbox", checked: true, id: "follow-images", onchange: () => { follows = followBox.checked; if (follows) newest(); } });
  const head = el("tr", {});
  const body = el("tbody", {});
  const table = el("table", { "aria-label": "Images" }, el("thead", {}, head), body);
  const older = button("Older", loadOlder, { class: "small" });
  const count = el("h2", {}, "Images");
  const choices = el("details", {}, el("summary", { class: "dim" }, "columns"), ...COLUMNS.map(([key, words]) => {
    const tick = el("input", { type: "checkbox", checked: columns.includes(key), onchange: () => choose(key, tick.checked) });
    return el("label", { class: "row" }, tick, words);
  }));
  const title = el("h2", { class: "grow wrap" }, "no image");
  const picture = el("img", { alt: "" });
  const none = el("div", { class: "empty" }, "No image was taken yet.");
  const facts = el("div", { class: "legend" });
  const since = el("span", { class: "dim" });
  const element = el("div", { class: "gallery", tabindex: "-1", onkeydown: key },
    box("Images", {}, el("div", { class: "row" }, filter, el("label", { class: "row", for: "follow-images" }, followBox, "follow the newest")), el("div", { class: "scroll" }, table, older), choices),
    box("Picture", {}, el("div", { class: "head" }, title, since, button("\u2190 newer", () => step(-1), { class: "small", "aria-label": "The next newer image" }),
      button("older \u2192", () => step(1), { class: "small", "aria-label": "The next older image" })), facts, el("div", { class: "picture" }, none, picture)));
  element.firstElementChild.firstElementChild.replaceWith(count);
  element.lastElementChild.firstElementChild.remove();
  picture.addEventListener("error", () => {
    picture.hidden = true;
    none.hidden = false;
    say(none, "The picture cannot be drawn. Its counts are in the table.");
  });
  picture.addEventListener("load", () => {
    picture.hidden = false;
    none.hidden = true;
  });

  function kept() {
    const text = draft("images.columns");
    return text ? text.split(",") : AT_FIRST;
  }

  function choose(key, on) {
    columns = COLUMNS.map(([each]) => each).filter((each) => (each === key ? on : columns.includes(each)));
    keepDraft("images.columns", columns.join(","));
    refill(body);
    drawTable();
  }

  function open([name]) {
    if (name) {
      follows = name === app.model.images[0]?.name;
      followBox.checked = follows;
      show(name);
    } else if (follows) newest();
    if (!document.activeElement?.closest(".tabs")) element.focus({ preventScroll: true });
  }

  function newest() {
    const [first] = app.model.images;
    if (first) go(first.name);
  }

  function go(name) {
    history.replaceState(null, "", routeTo("images", name));
    app.route.rest = [name];
    show(name);
  }

  function listed() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    return app.model.images.filter((image) => {
      const text = [image.name, image.type, image.filter, image.grating, image.reason, image.program].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  function step(by) {
    const images = listed();
    const at = images.findIndex((image) => image.name === shown);
    const next = images[Math.min(images.length - 1, Math.max(0, at + by))];
    if (!next) return;
    follows = next === app.model.images[0];
    followBox.checked = follows;
    go(next.name);
    body.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  }

  function key(event) {
    if (event.target.tagName === "INPUT") return;
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    step(by);
    event.preventDefault();
  }

  async function show(name) {
    if (shown === name) return;
    shown = name;
    say(title, name);
    picture.alt = `image ${name}`;
    picture.hidden = true;
    none.hidden = false;
    say(none, "The picture is being drawn \u2026");
    picture.src = app.address(`/images/${encodeURIComponent(name)}.png`, { size: SIZE });
    drawTable();
    refill(facts);
    try {
      const { statistics, shape } = await app.ask("image", { name });
      if (shown !== name) return;
      refill(facts, ...Object.entries(statistics ?? {}).map(([what, value]) => el("span", {}, `${what} ${typeof value === "number" ? `${numberText(Number(value.toPrecision(6)))} adu` : value}`)),
        shape ? el("span", {}, `${shape[1]} \u00d7 ${shape[0]} pixels`) : null);
    } catch (error) {
      if (shown === name) refill(facts, el("span", { class: "words-alert" }, error.message));
    }
  }

  async function loadOlder() {
    const last = app.model.images.at(-1);
    const more = await app.act("images", { before: last?.name, count: 100 });
    if (more === undefined) return;
    app.model.images.push(...more.images);
    older.hidden = more.images.length === 0;
    drawTable();
  }

  function drawTable() {
    const images = listed();
    say(count, `Images (${app.model.images.length})`);
    refill(head, ...COLUMNS.filter(([name]) => columns.includes(name)).map(([, words, kind]) => el("th", { class: kind, scope: "col" }, words)));
    follow(body, images, (image) => `${app.model.run}-${image.name}`, makeRow, (row, image) => set(row, { class: image.name === shown ? "chosen" : false, "aria-selected": String(image.name === shown) }));
    older.hidden = app.model.images.length < 200;
  }

  function makeRow(image) {
    return el("tr", {}, ...COLUMNS.filter(([name]) => columns.includes(name)).map(([name, , kind], at) => {
      const low = name === "counts" && image.type === "FLAT" && image.counts !== null && image.counts < LOW_FLAT && image.exposure_time >= 6;
      const text = cell(name, image);
      const inside = at === 0 ? el("a", { href: routeTo("images", image.name), "aria-label": image.name, title: image.name }, text) : text;
      return el("td", { class: [kind, low && "words-warning"].filter(Boolean).join(" "), title: low ? "few counts for such a flat" : false }, inside, low ? " !" : "");
    }));
  }

  function update(changed) {
    if (changed.has("hello") || changed.has("images")) {
      drawTable();
      if (app.model.images.length === 0) {
        shown = "";
        say(title, "no image");
        picture.hidden = true;
        none.hidden = false;
        say(none, "No image was taken yet.");
        refill(facts);
      } else if (follows) newest();
    }
    const [first] = app.model.images;
    say(since, first ? `last image ${elapsed(Math.max(0, app.model.t - first.t))} ago` : "");
  }

  return { element, open, update };
}

function cell(name, image) {
  const value = image[name];
  if (value === null || value === undefined) return "\u2013";
  if (name === "t") return elapsed(value);
  if (name === "counts") return String(Math.round(value));
  return typeof value === "number" ? numberText(value) : value;
}
