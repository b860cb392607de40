/** How long something lasts, as it stands in a sentence, as in hubbub/domain/durations.py; both pass tests/vectors/durations.json. */
const LARGEST_FIRST = Object.entries({ week: 604_800, day: 86_400, hour: 3600, minute: 60, second: 1 });
const MOST_TOLD = 999;

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
