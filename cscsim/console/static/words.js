/** A record of the journal in words for the log. Pure functions. */

import { SUMMARY_STATES } from "./format.js";

const LEVELS = [[50, "critical"], [40, "error"], [30, "warning"], [20, "info"], [0, "debug"]];

/** The word of a level of Python's logging. */
export function levelName(level) {
  return LEVELS.find(([least]) => level >= least)?.[1] ?? "debug";
}

/** The kinds by which the log is filtered, and what is written beside each. */
export const KINDS = [
  ["command", "commands"], ["ack", "acknowledgements"], ["message", "messages"], ["state", "summary states"],
  ["transition", "transitions"], ["event", "events"], ["procedure", "procedure"], ["person", "people"], ["fault", "faults"],
];

const BY_KIND = {
  command: "command", ack: "ack", transition: "transition", log: "message", wire: "message", step: "procedure",
  condition: "procedure", confirm: "person", announce: "person", report: "person", note: "person", hint: "person",
  pause: "person", hand: "person", fault: "fault", message: "fault", run: "procedure", end: "procedure", goal: "procedure",
  branch: "person",
};

/** To which of `KINDS` a record belongs. */
export function kindOf(record) {
  if (record.kind !== "event") return BY_KIND[record.kind] ?? "procedure";
  if (record.topic === "logMessage") return "message";
  return record.topic === "summaryState" || record.topic === "errorCode" ? "state" : "event";
}

/** Whether a record is one that a person looks for first: what was asked, what was refused, what has changed its state. */
export function matters(record) {
  const kind = kindOf(record);
  if (kind === "event" || kind === "transition") return false;
  if (record.kind === "ack") return isRefused(record);
  if (record.kind === "command") return !record.who.startsWith("Script:"); // how the queue speaks with its scripts
  if (record.kind === "condition") return record.truth !== true;
  if (record.kind === "step") return record.what === "failed";
  return !isPlain(record);
}

function isPlain(record) {
  return record.kind === "event" && record.topic === "errorCode" && !record.data?.errorCode;
}

/** Whether a record says that something was refused or has failed. */
export function isRefused(record) {
  return record.kind === "ack" && !["ACK", "INPROGRESS", "COMPLETE", "IN_PROGRESS"].includes(record.ack);
}

/** How bad a record is: "refused", "warn" or "". */
export function gravity(record) {
  if (isRefused(record)) return "refused";
  if (record.kind === "fault" || record.kind === "step") return record.what === "failed" || record.kind === "fault" ? "refused" : "";
  const level = record.kind === "log" ? record.level : levelOf(record);
  if (level === "error" || level === "critical") return "error";
  if (record.topic === "summaryState" && record.data?.summaryState === 3) return "error";
  if (record.topic === "errorCode" && record.data?.errorCode) return "error";
  return level === "warning" ? "warn" : "";
}

/** The level of a message of a component; empty for other records. */
export function levelOf(record) {
  if (record.kind === "log") return record.level;
  return record.topic === "logMessage" && record.data?.level !== undefined ? levelName(record.data.level) : "";
}

/** What a record says, without when and who. */
export function inWords(record) {
  const tell = TELLERS[record.kind];
  return tell ? tell(record) : fields(rest(record));
}

const TELLERS = {
  command: (r) => `${r.command}(${fields(r.data)})${r.by ? ` by ${r.by}` : ""}`,
  ack: (r) => `${r.command}: ${r.ack}${r.result && r.result !== r.ack ? ` ${r.result}` : ""}`,
  event: (r) => eventWords(r),
  transition: (r) => `${r.machine} goes from ${r.source} to ${r.state}`,
  log: (r) => r.message,
  step: (r) => `step ${r.step} ${r.what}${r.name ? `: ${r.name}` : ""}${r.because ? `, because ${r.because}` : ""}`,
  condition: (r) => `${r.where}: ${r.condition} ${truthWords(r.truth)}${r.because ? ` (${r.because})` : ""}`,
  confirm: (r) => `${r.question} ${r.answer ? "Yes." : "No."}`,
  announce: (r) => r.text,
  report: (r) => `suspects ${r.fault ? `${r.component}.${r.fault}` : r.component}${r.text ? `: ${r.text}` : ""}`,
  note: (r) => r.text,
  hint: (r) => `hint${r.number ? ` ${r.number}` : ""}: ${r.text}`,
  pause: (r) => `simulated time ${r.what}`,
  hand: (r) => `by hand: ${r.component}.${r.act}, ${r.what}`,
  fault: (r) => `fault ${r.fault} is ${r.what}${r.parameters && Object.keys(r.parameters).length ? ` (${fields(r.parameters)})` : ""}`,
  run: (r) => `the run begins: ${[r.training ?? r.procedure, r.observatory].filter(Boolean).join(" at ")}`,
  goal: (r) => `goal ${r.goal}: ${r.what}${r.because ? ` (${r.because})` : ""}`,
  branch: (r) => `a branch begins${r.journal ? ` from ${r.journal}` : ""}`,
  end: (r) => `the run has ended: ${r.outcome}${r.because ? `, ${r.because}` : ""}`,
};

function eventWords({ topic, data = {} }) {
  if (topic === "logMessage") return data.message ?? "as before";
  if (topic === "summaryState") return `is ${SUMMARY_STATES[data.summaryState] ?? data.summaryState}`;
  if (topic === "errorCode" && data.errorCode) return `error ${data.errorCode}: ${data.errorReport ?? ""}`;
  return `${topic} ${fields(data)}`;
}

function truthWords(truth) {
  return truth === true ? "holds" : truth === false ? "does not hold" : "is unknown";
}

function rest({ t, n, kind, who, ...more }) {
  return more;
}

function fields(data = {}) {
  const text = Object.entries(data).map(([name, value]) => `${name}=${short(value)}`).join(", ");
  return text.length > 400 ? `${text.slice(0, 400)}\u2026` : text;
}

function short(value) {
  if (Array.isArray(value)) {
    const shown = value.slice(0, 4).map(short).join(", ");
    return value.length > 4 ? `[${shown}, \u2026 ${value.length}]` : `[${shown}]`;
  }
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(7)));
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value).trim().replace(/\s*\n\s*/g, "; ");
}
