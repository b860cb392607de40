/**
 * How long something lasts, as people type it and as they are told it, as in hubbub/domain/durations.py; both pass
 * tests/vectors/durations.json.
 */
const SECONDS = { week: 604_800, day: 86_400, hour: 3600, minute: 60, second: 1 };
const LARGEST_FIRST = Object.entries(SECONDS);
/** @type {Map<string, number>} */
const UNITS = new Map([
  ...LARGEST_FIRST.flatMap(([unit, size]) => [unit[0], unit, `${unit}s`].map((word) => /** @type {const} */ ([word, size]))),
  ["sec", 1],
  ["min", 60],
]);
const FOR_GOOD = ["forever", "always"];
const TIMED = /^([0-9]{1,20})([a-z]{1,10})$/i;
const MAX_SECONDS = 10 * 365 * 86_400;
const DIGITS = 9;
const MOST_TOLD = 999;
const HOW = "Write 10m, 2h, 3d or 1w, or forever.";

/**
 * @typedef {{seconds: number | null}} Duration null: for good
 * @typedef {{error: string}} Mistake why it is none, for the person who typed it
 */

/**
 * The time that a word stands for: `10m`, `2h`, `3days`.
 * @param {string} word
 * @returns {Duration | Mistake}
 */
export function parseDuration(word) {
  if (FOR_GOOD.includes(word.toLowerCase())) return { seconds: null };
  const [, number = "", unit = ""] = TIMED.exec(word) ?? [];
  const size = UNITS.get(unit.toLowerCase());
  if (size === undefined) return { error: `How long is that? ${HOW}` };
  const seconds = Number(number) * size;
  if (number.length > DIGITS || seconds > MAX_SECONDS) {
    return { error: "That is longer than 10 years. For good, write forever." };
  }
  return seconds ? { seconds } : { error: `That is no time at all. ${HOW}` };
}

/**
 * A time at the beginning of a text, and what is behind it, a reason say. What looks like a time and is none is an
 * error, so that a slip does not ban somebody for good.
 * @param {string} text
 * @returns {(Duration & {reason: string}) | Mistake}
 */
export function splitDuration(text) {
  const [, first = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (!FOR_GOOD.includes(first.toLowerCase()) && !TIMED.test(first)) return { seconds: null, reason: text.trim() };
  const read = parseDuration(first);
  return "error" in read ? read : { ...read, reason: rest };
}

/**
 * A time as it stands in a sentence: "10 minutes", "1 day".
 * @param {number} seconds
 */
export function inWords(seconds) {
  const whole = Math.max(1, Math.floor(seconds + 0.5));
  const exact = LARGEST_FIRST.find(([, size]) => whole % size === 0 && whole / size <= MOST_TOLD);
  if (exact) return counted(whole / exact[1], exact[0]);
  const [unit, size] = LARGEST_FIRST.find(([, size]) => whole >= 2 * size) ?? ["second", 1];
  return counted(Math.round(whole / size), unit);
}

/** @type {(count: number, unit: string) => string} */
const counted = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
