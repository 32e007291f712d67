/** Writes numbers, times, angles and states as people read them. Pure functions. */

/** Leap seconds: TAI minus UTC since 2017 [s]. */
export const TAI_MINUS_UTC = 37;
/** East longitude of Cerro Pachon [deg]. */
const LONGITUDE = -70.749417;
const J2000 = 946728000; // 2000-01-01T12:00:00 UTC as Unix time [s]
const SUMMIT = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/Santiago",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Summary states by SAL's numbers. */
export const SUMMARY_STATES = { 1: "DISABLED", 2: "ENABLED", 3: "FAULT", 4: "OFFLINE", 5: "STANDBY" };

/**
 * The letter that stands for a summary state, so that colour is never alone.
 * @param {string | undefined} state
 */
export function stateLetter(state) {
  return { DISABLED: "D", ENABLED: "E", FAULT: "F", OFFLINE: "O", STANDBY: "S" }[state] ?? "U";
}

/** The class by which a summary state, the state of a script or a level is coloured. */
export function tone(state) {
  return TONES[state] ?? "idle";
}

const TONES = {
  ENABLED: "ok", STANDBY: "warning", FAULT: "alert", DISABLED: "idle", OFFLINE: "idle",
  DONE: "ok", RUNNING: "running", PAUSED: "warning", FAILED: "alert", STOPPED: "warning", CONFIGURE_FAILED: "alert",
  CONFIGURED: "idle", UNCONFIGURED: "idle", STOPPING: "warning", FAILING: "alert", ENDING: "running",
  TERMINATED: "warning", LOADFAILED: "alert",
  COMPLETE: "ok", ACK: "idle", INPROGRESS: "running", IN_PROGRESS: "running", ABORTED: "warning", TIMEOUT: "alert",
  NOPERM: "alert", STALLED: "warning", NOACK: "alert",
  error: "alert", critical: "alert", warning: "warning", info: "idle", debug: "idle",
};

/** "2026-01-15 13:04:05" of TAI or UTC [s, Unix]. */
export function dateTime(seconds) {
  return new Date(Math.floor(seconds * 1000)).toISOString().slice(0, 19).replace("T", " ");
}

/** "13:04:05" of TAI or UTC [s, Unix]. */
export function clockTime(seconds) {
  return dateTime(seconds).slice(11);
}

/** The clocks beside each other at a TAI [s, Unix]. */
export function clocks(tai) {
  const utc = tai - TAI_MINUS_UTC;
  return {
    TAI: clockTime(tai),
    UTC: clockTime(utc),
    summit: SUMMIT.format(new Date(utc * 1000)),
    sidereal: hours(siderealTime(utc)),
  };
}

/** Mean local sidereal time at the summit at a UTC [s, Unix], as hours from 0 to 24. */
export function siderealTime(utc) {
  const days = (utc - J2000) / 86400;
  const hour = 18.697374558 + 24.06570982441908 * days + LONGITUDE / 15;
  return ((hour % 24) + 24) % 24;
}

/** "04:17:09" of hours. */
export function hours(value) {
  const whole = Math.floor(value * 3600);
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) => two(part)).join(":");
}

/** A length of time [s]: "3.2 s", "4 min 05 s", "1 h 52 min". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  if (size < 59.95) return `${sign}${size < 10 ? size.toFixed(1) : Math.round(size)} s`;
  const whole = Math.round(size);
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${sign}${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

/** "00:12:34" of simulated seconds since the start. */
export function elapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

const UNITS = { deg_C: "\u00b0C", deg: "\u00b0", "deg/s": "\u00b0/s", "deg/second": "\u00b0/s", "deg / s": "\u00b0/s", Celsius: "\u00b0C", second: "s", ampere: "A", percent: "%", unitless: "", dimensionless: "", electron: "e\u207b" };

/** How a unit is written beside a number. */
export function unitText(unit) {
  return unit === undefined || unit === null ? "" : UNITS[unit] ?? unit;
}

/**
 * A value of a topic as text, with its unit: numbers with six digits, lists shortened, enumerations by name.
 *
 * @param {unknown} value
 * @param {{unit?: string, enum?: Record<string, number>}} [field]
 */
export function valueText(value, field = {}) {
  if (value === undefined || value === null) return "\u2013";
  const named = enumName(value, field.enum);
  if (named !== undefined) return `${named} (${value})`;
  if (Array.isArray(value)) return listText(value, field);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "number") return typeof value === "object" ? JSON.stringify(value) : String(value);
  const unit = unitText(field.unit);
  const gap = unit === "" || unit === "\u00b0" ? "" : "\u202f";
  return `${numberText(value)}${gap}${unit}`;
}

function enumName(value, names) {
  if (!names || typeof value !== "number") return undefined;
  return Object.keys(names).find((name) => names[name] === value);
}

function listText(value, field) {
  if (value.length > 1 && value.every((each) => each === value[0])) return `${value.length} \u00d7 ${valueText(value[0], field)}`;
  const shown = value.slice(0, 6).map((each) => (typeof each === "number" ? numberText(each) : String(each)));
  const unit = unitText(field.unit);
  return `[${shown.join(", ")}${value.length > 6 ? `, \u2026 ${value.length} in all` : ""}]${unit && ` ${unit}`}`;
}

/** A number with at most six digits that matter. */
export function numberText(value) {
  if (Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toPrecision(4);
  return String(Number(value.toPrecision(size >= 1e6 ? 10 : 6)));
}

/** An angle between 0 and 360 deg. */
export function wrapped(angle) {
  return ((angle % 360) + 360) % 360;
}

/** "1 script", "3 scripts". */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
