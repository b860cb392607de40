/**
 * Which events of a room were seen, as ranges of their numbers. What lies between two of them (the end, and
 * a mention far above it) stays unread.
 *
 * @typedef {{first: number, last: number}} Range
 */
const MAX_RANGES = 100; // of a room; of more, which come of jumping about, the oldest are dropped

export class Seen {
  /** @type {Range[]} they neither overlap nor touch */
  #ranges = []; // the newest last

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
    this.#ranges = [...apart, range].slice(-MAX_RANGES);
  }

  /** @param {number} seq */
  has(seq) {
    return this.#ranges.some(({ first, last }) => first <= seq && seq <= last);
  }

  /**
   * The ranges that go beyond `read`.
   * @param {number} read
   */
  beyond(read) {
    return this.#ranges.filter(({ last }) => last > read);
  }

  /**
   * The last event up to which all events behind `read` were seen.
   * @param {number} read
   */
  upTo(read) {
    return this.#ranges.find(({ first, last }) => first <= read + 1 && last > read)?.last ?? read;
  }
}
