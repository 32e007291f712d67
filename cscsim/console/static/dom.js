/**
 * Makes and changes elements. Text enters by `textContent` only: nothing that the server or a person has written is ever
 * read as HTML.
 */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | number | Node | null | undefined | false} Child */

/**
 * Make an element: `el("button", {class: "small", onclick: act, "aria-label": "Stop"}, "Stop")`.
 *
 * A property whose name begins with "on" is a listener, one whose value is true or false is there or not, and
 * everything else is an attribute.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/**
 * Make an element of a drawing, as `el` does.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) put(element, name, value);
  element.append(...nodes(children));
  return element;
}

function put(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value") element.value = value;
  else if (value === true) element.setAttribute(name, "");
  else if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Change attributes, only those that differ. */
export function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    const now = element.getAttribute(name);
    if (value === false || value === null || value === undefined) {
      if (now !== null) element.removeAttribute(name);
    } else {
      const next = value === true ? "" : String(value);
      if (now !== next) element.setAttribute(name, next);
    }
  }
}

/** Change the text of an element, if it differs. */
export function say(element, text) {
  const next = text === null || text === undefined ? "" : String(text);
  if (element.textContent !== next) element.textContent = next;
}

/** Put other children in, in place of those that are there. */
export function refill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/**
 * Let the children of an element follow a list: one child for each key, in the list's order, made once.
 *
 * A child that stays keeps its focus and its selection.
 *
 * @template T
 * @param {Element} parent
 * @param {Iterable<T>} items
 * @param {(item: T) => string | number} keyOf
 * @param {(item: T) => Element} make
 * @param {(element: Element, item: T) => void} [change]  called after `make`, too
 */
export function follow(parent, items, keyOf, make, change = () => {}) {
  const there = new Map();
  for (const child of parent.children) there.set(child.dataset.key, child);
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = there.get(key);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = key;
    }
    there.delete(key);
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
    change(child, item);
  }
  for (const child of there.values()) child.remove();
}

/**
 * A part of a panel with its heading, by which it is named for who does not see it.
 *
 * @param {string} title
 * @param {Record<string, any>} properties
 * @param {...Child} children
 */
export function box(title, properties = {}, ...children) {
  const { class: more = "", ...rest } = properties;
  return el(
    "section",
    { class: `box ${more}`.trim(), "aria-label": title, ...rest },
    el("h2", {}, title),
    ...children,
  );
}

/** A button with words on it. */
export function button(words, act, properties = {}) {
  return el("button", { type: "button", onclick: act, ...properties }, words);
}

let fieldNumber = 0;

/** A field of a form with its label beside it. */
export function labelled(label, field, properties = {}) {
  field.id ||= `field-${(fieldNumber += 1)}`;
  return el("div", { class: "field", ...properties }, el("label", { for: field.id }, label), field);
}
