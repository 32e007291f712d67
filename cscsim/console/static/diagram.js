/**
 * A state machine's picture: drawn once by mermaid, then only the active state moves, by a class.
 *
 * How mermaid names what it draws is no promise of its; a test in a browser guards what `nodeOf` expects.
 */

import { el, refill } from "./dom.js";
import { afterFrame } from "./frames.js";
import { loadScript } from "./scripts.js";

const USUAL = 0.85; // of mermaid's own size
const SMALLEST = 0.6; // to which a picture shrinks before it is scrolled
const drawn = new Map();
let number = 0;
let queue = Promise.resolve();

/** The picture of one machine after the other. */
export class Diagram {
  constructor() {
    this.element = el("div", { class: "diagram", role: "img", "aria-label": "machine" });
    this.nodes = {};
    this.state = null;
  }

  /**
   * Draw a machine.
   * @param {string} name
   * @param {{mermaid: string, nodes: Record<string, string>}} machine  mermaid's text, and each state's id in it
   */
  async show(name, { mermaid: text, nodes }) {
    if (this.text === text) return;
    this.text = text;
    this.nodes = nodes;
    refill(this.element, el("div", { class: "empty" }, "drawing \u2026"));
    const picture = await draw(text).catch((error) => error);
    if (this.text !== text) return;
    if (picture instanceof Error) refill(this.element, el("pre", { class: "wrap" }, text));
    else refill(this.element, picture.cloneNode(true));
    this.name = name;
    this.mark(this.state);
  }

  /** Mark the state in which the machine is. */
  mark(state) {
    this.state = state;
    this.element.setAttribute("aria-label", `${this.name ?? "machine"}${state ? `, in state ${state}` : ""}`);
    const active = state ? nodeOf(this.element, this.nodes[state]) : null;
    for (const node of this.element.querySelectorAll("g.node.active")) if (node !== active) node.classList.remove("active");
    if (!active || active.classList.contains("active")) return;
    active.classList.add("active");
    afterFrame(() => this.bring(active));
  }

  /** Scroll so that a node is seen. */
  bring(node) {
    if (!this.element.contains(node)) return;
    const [its, mine] = [node.getBoundingClientRect(), this.element.getBoundingClientRect()];
    const isSeen = its.top >= mine.top && its.bottom <= mine.bottom && its.left >= mine.left && its.right <= mine.right;
    if (isSeen) return;
    this.element.scrollBy(its.left + its.width / 2 - mine.left - mine.width / 2, its.top + its.height / 2 - mine.top - mine.height / 2);
  }
}

/** Find the node with an id of the text; mermaid puts words before it and a number behind. */
export function nodeOf(root, id) {
  if (!id) return null;
  return [...root.querySelectorAll("g.node")].find((node) => idWithin(node.id) === id) ?? null;
}

/** "m1-flowchart-m__door__OPEN-7" is the node of "m__door__OPEN". */
export function idWithin(svgId) {
  return /(?:^|-)(?:flowchart|state)-(.+)-\d+$/.exec(svgId)?.[1] ?? svgId;
}

function draw(text) {
  if (!drawn.has(text)) {
    // one after the other: mermaid keeps what it measures in one place
    queue = queue.catch(() => {}).then(() => render(text));
    drawn.set(text, queue);
  }
  return drawn.get(text);
}

async function render(text) {
  await loadScript("vendor/mermaid/mermaid.tiny.js");
  globalThis.mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: "neutral", fontFamily: "inherit", suppressErrorRendering: true });
  const { svg } = await globalThis.mermaid.render(`machine-${(number += 1)}`, text);
  // mermaid's own text, cleaned by mermaid (securityLevel strict); it is read as a document of its own, where nothing runs
  const page = new DOMParser().parseFromString(svg, "text/html");
  const picture = page.querySelector("svg");
  return painted(document.importNode(picture, true));
}

/** Leave colours to the style sheet, so that both themes and the active state have theirs; keep what was drawn readable. */
function painted(picture) {
  const { width } = picture.viewBox.baseVal;
  picture.removeAttribute("style");
  picture.setAttribute("width", Math.round(USUAL * width));
  picture.removeAttribute("height");
  picture.style.minWidth = `${Math.round(SMALLEST * width)}px`;
  for (const node of picture.querySelectorAll('g[class*="paint"]')) {
    node.classList.remove(...[...node.classList].filter((name) => name.startsWith("paint")));
  }
  for (const element of picture.querySelectorAll("[style]")) {
    for (const property of ["fill", "stroke", "color", "background-color"]) element.style.removeProperty(property);
  }
  return picture;
}
