/** Names that may be meant when a name is misspelt. */
import { keyOf } from "./names.js";

const SIGNS = /[\s\-_.]+/gu;
const MAX_NAMES = 5;

/**
 * A name, compared without how its words are joined: a space, a hyphen or other signs.
 * @param {string} name
 */
export const joined = (name) => keyOf(name).replace(SIGNS, "-");

/**
 * The name of a room that is made of a typed text: names have no spaces, commas and slashes.
 * @param {string} text
 */
export const roomNameOf = (text) => text.trim().replace(/^[#＃]+/u, "").replace(/[\s,/]+/gu, "-");

/**
 * Those of `names` that are at most two typing errors away from `typed` (of a short name: one), the nearest first.
 * @param {string} typed
 * @param {string[]} names
 */
export function alike(typed, names) {
  const wish = joined(typed);
  const most = wish.length < 4 ? 1 : 2;
  const near = names.map((name) => ({ name, far: slips(wish, joined(name), most) }));
  near.sort((one, other) => one.far - other.far);
  return near.filter(({ far }) => far <= most).slice(0, MAX_NAMES).map(({ name }) => name);
}

/**
 * The edit distance of two names, in which swapping adjacent letters is one edit; more than `most` is Infinity.
 * @param {string} one
 * @param {string} other
 * @param {number} most
 */
export function slips(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return Infinity;
  /** @type {number[]} */
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let place = 1; place <= other.length; place += 1) {
      const same = one[row - 1] === other[place - 1];
      next[place] = Math.min(last[place - 1] + (same ? 0 : 1), last[place] + 1, next[place - 1] + 1);
      const swapped = one[row - 1] === other[place - 2] && one[row - 2] === other[place - 1];
      if (swapped && row > 1) next[place] = Math.min(next[place], before[place - 2] + 1);
    }
    if (Math.min(...next) > most) return Infinity;
    before = last;
    last = next;
  }
  return last[other.length];
}
