/** Typed inputs for the fields of a command or a fault, made from what the data sheet says of them. */

import { el } from "./dom.js";
import { unitText, valueText } from "./format.js";

const WHOLE = ["int", "long", "short", "byte", "octet", "long long", "unsigned int", "unsigned long", "unsigned short"];

/**
 * Make the input of a field.
 *
 * @param {{name: string, type?: string, unit?: string, range?: number[], enum?: Record<string, number>, choices?: string[],
 *   length?: number, default?: unknown, meaning?: string}} field
 * @returns {{name: string, element: HTMLElement, input: HTMLElement, read: () => unknown}}
 *   `read` gives undefined for what was left as it is, so that the default is taken
 */
export function fieldInput(field, typed) {
  const input = inputOf(field);
  const id = `argument-${(counter += 1)}`;
  input.id = id;
  input.addEventListener("input", typed);
  const words = `${field.name}${field.unit && unitText(field.unit) ? ` [${unitText(field.unit)}]` : ""}`;
  const hint = [field.meaning, field.range ? `${field.range[0]} to ${field.range[1]} ${unitText(field.unit)}` : ""].filter(Boolean).join("; ");
  const label = el("label", { for: id, title: hint }, words);
  const beside = field.type === "boolean";
  const element = el("div", { class: beside ? "field beside" : "field" }, beside ? [input, label] : [label, input]);
  input.title = hint;
  return { name: field.name, element, input, read: () => readInput(field, input) };
}

let counter = 0;

function inputOf(field) {
  const options = field.enum ? Object.entries(field.enum) : field.choices?.map((choice) => [choice, choice]);
  if (options) {
    return el("select", {}, el("option", { value: "" }, defaultWords(field) || "choose"),
      ...options.map(([name, value]) => el("option", { value }, name)));
  }
  if (field.type === "boolean") return el("input", { type: "checkbox", checked: field.default === true });
  return el("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: defaultWords(field) });
}

function defaultWords(field) {
  const none = field.default === null || field.default === undefined;
  return none ? "" : valueText(field.default, { unit: field.unit, enum: field.enum });
}

/**
 * Read what was typed: a number, a list or a text; what is no number stays text, and the server says what is wrong with it.
 * @returns {unknown}
 */
export function readInput(field, input) {
  if (field.type === "boolean") return input.checked;
  return parseTyped(field, input.value);
}

/** What a text stands for in a field. */
export function parseTyped(field, text) {
  const value = text.trim();
  if (value === "") return undefined;
  if (field.enum) return Number(value);
  if ((field.length ?? 1) > 1 && field.type !== "string") return value.replace(/^\[|\]$/g, "").split(/[,\s]+/).filter(Boolean).map((each) => numberOr(each));
  if (field.type === "string") return text;
  if (WHOLE.includes(field.type) || ["double", "float"].includes(field.type) || field.type === undefined) return numberOr(value);
  return value;
}

function numberOr(text) {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** The values of all inputs that are not left as they are. */
export function readAll(inputs) {
  return Object.fromEntries(inputs.map((each) => [each.name, each.read()]).filter(([, value]) => value !== undefined));
}
