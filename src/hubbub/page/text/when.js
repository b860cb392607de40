/** Times and days, in the time zone and the language of the user. */

const TIME = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const HALF_YEAR = 182 * 86_400_000;

/** A time, in milliseconds since 1970. @typedef {number} Time */

/** @param {Time} at */
export const momentOf = (at) => MOMENT.format(at);
/** @param {Time} at */
export const timeOf = (at) => TIME.format(at);
/** @param {Time} at */
export const fullTimeOf = (at) => FULL.format(at);

/**
 * A number for the day of a time, in the time zone of the user.
 * @param {Time} at
 */
export function dayOf(at) {
  const date = new Date(at);
  return date.getFullYear() * 372 + date.getMonth() * 31 + date.getDate();
}

/**
 * The heading of a day.
 * @param {Time} at
 */
export function dayName(at, now = Date.now()) {
  const days = daysAgo(at, now);
  if (days === 0 || days === 1) return capital(RELATIVE.format(-days, "day"));
  return Math.abs(now - at) < HALF_YEAR ? WEEKDAY.format(at) : DAY.format(at);
}

/**
 * How long ago a time was, in few words.
 * @param {Time} at
 * @returns {string}
 */
export function ago(at, now = Date.now()) {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  const days = daysAgo(at, now);
  if (days === 0) return timeOf(at);
  if (days < 7) return RELATIVE.format(-days, "day");
  return SHORT.format(at);
}

/** @param {Time} at */
export function isoOf(at) {
  return new Date(at).toISOString();
}

/**
 * @param {Time} at
 * @param {Time} now
 */
function daysAgo(at, now) {
  const midnight = (/** @type {Time} */ time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
