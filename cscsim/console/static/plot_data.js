/** What is plotted: the points of a curve, kept for a while. Pure. */

import { SUMMARY_STATES } from "./format.js";

/** Points of a curve that are kept. */
export const KEPT = 3000;

/** Add a point; a point that is not later than the last replaces it, one of another run begins anew. */
export function addPoint(curve, t, value) {
  const last = curve.t.length - 1;
  if (last >= 0 && t < curve.t[last]) {
    curve.t.length = 0;
    curve.v.length = 0;
  }
  if (last >= 0 && t === curve.t[last]) {
    curve.v[last] = value;
    return;
  }
  curve.t.push(t);
  curve.v.push(value);
  if (curve.t.length > 1.2 * KEPT) {
    curve.t = curve.t.slice(-KEPT);
    curve.v = curve.v.slice(-KEPT);
  }
}

/** The points of a curve, and its last value once more at a later time: what is not told anew has not changed. */
export function heldUntil(curve, t) {
  const last = curve.t.length - 1;
  if (last < 0 || curve.t[last] >= t) return [curve.t, curve.v];
  return [[...curve.t, t], [...curve.v, curve.v[last]]];
}

/** What is drawn as a curve: numbers and truth values, of many samples in one message the last; anything else is no point. */
export function asNumber(value) {
  if (Array.isArray(value)) return asNumber(value.at(-1));
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The marks among records: faults, summary states and refused commands, each with its colour's name and its words. */
export function marksOf(records, from) {
  const marks = [];
  for (const record of records) {
    if (record.t < from) continue;
    const mark = markOf(record);
    if (mark) marks.push({ t: record.t, ...mark });
  }
  return marks;
}

function markOf(record) {
  if (record.kind === "fault") return { kind: "fault", tone: "alert", words: `${record.who}.${record.fault} ${record.what}` };
  if (record.kind === "event" && record.topic === "summaryState") {
    const state = SUMMARY_STATES[record.data?.summaryState];
    return { kind: "state", tone: state === "FAULT" ? "alert" : "running", words: `${record.who} ${state}` };
  }
  if (record.kind === "report" || record.kind === "hint") return { kind: record.kind, tone: "warning", words: record.kind };
  return null;
}
