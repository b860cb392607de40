/** How long something lasts, as people type it, as in hubbub/domain/durations.py; both pass tests/vectors/durations.json. */
const SIZES = Object.entries({ week: 604_800, day: 86_400, hour: 3600, minute: 60, second: 1 });
/** @type {Map<string, number>} */
const UNITS = new Map([
  ...SIZES.flatMap(([unit, size]) => [unit[0], unit, `${unit}s`].map((word) => /** @type {const} */ ([word, size]))),
  ["sec", 1],
  ["min", 60],
]);
const FOR_GOOD = ["forever", "always"];
const TIMED = /^([0-9]{1,20})([a-z]{1,10})$/i;
const MAX_SECONDS = 10 * 365 * 86_400;
const DIGITS = 9;
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
