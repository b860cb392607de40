/**
 * Which events of a room were seen: ranges of numbers. What lies between two looks, at the end and at
 * a mention far above it, stays unread.
 *
 * @typedef {{first: number, last: number}} Range
 */
const MOST = 100; // ranges of a room; more are the trace of jumping about, and the oldest of them go

export class Seen {
  /** @type {Range[]} apart from each other */
  #ranges = [];

  /**
   * @param {number} first
   * @param {number} last
   */
  add(first, last) {
    const range = { first, last };
    const apart = [];
    for (const one of this.#ranges) {
      if (one.last < first - 1 || one.first > last + 1) apart.push(one);
      else Object.assign(range, { first: Math.min(range.first, one.first), last: Math.max(range.last, one.last) });
    }
    this.#ranges = [...apart, range].slice(-MOST);
  }

  /** @param {number} seq */
  has(seq) {
    return this.#ranges.some(({ first, last }) => first <= seq && seq <= last);
  }

  /**
   * What was seen behind `read`, as it is kept.
   * @param {number} read
   */
  beyond(read) {
    return this.#ranges.filter(({ last }) => last > read);
  }

  /**
   * The last event up to which all behind `read` was seen.
   * @param {number} read
   */
  upTo(read) {
    return this.#ranges.find(({ first, last }) => first <= read + 1 && last > read)?.last ?? read;
  }
}
