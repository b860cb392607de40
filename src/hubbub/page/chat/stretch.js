/**
 * A part of a room's timeline: the lines among the events from `first` to `last`, in order. A number in between
 * without a line is that of an event of which nothing is to be shown, so two parts join where `last + 1` of one is
 * `first` of the other, whatever their lines are. With `last` below `first` nothing is covered.
 */
import { traitsOf } from "../text/kinds.js";

/** @typedef {import("../text/kinds.js").LogEvent} LogEvent */

export class Stretch {
  /**
   * @param {number} first
   * @param {number} last
   * @param {LogEvent[]} events in order; those that are no lines are left out
   */
  constructor(first, last, events = []) {
    this.first = first;
    this.last = last;
    this.events = events.filter((event) => traitsOf(event).line);
  }

  /**
   * What a page of history covers; from an older server, which does not tell, from its first event to its last.
   * @param {{events: LogEvent[], first?: number | null, last?: number | null}} page
   */
  static of({ events, first, last }) {
    const [begin, end] = [first ?? events[0]?.seq ?? 1, last ?? events.at(-1)?.seq ?? 0];
    let before = begin - 1;
    // Whatever a server says, they are in range and in order.
    const kept = events.filter(({ seq }) => seq > before && seq <= end && (before = seq));
    return new Stretch(Math.max(1, begin), end, kept);
  }

  get empty() {
    return this.last < this.first;
  }

  /** @param {number} seq */
  covers(seq) {
    return this.first <= seq && seq <= this.last;
  }

  /** @param {number} seq */
  find(seq) {
    const event = this.events[this.#place(seq)];
    return event?.seq === seq ? event : undefined;
  }

  /**
   * The part behind `seq`.
   * @param {number} seq
   */
  behind(seq) {
    return seq < this.first ? this : new Stretch(seq + 1, this.last, this.events.slice(this.#place(seq + 1)));
  }

  /**
   * The part before `seq`.
   * @param {number} seq
   */
  before(seq) {
    return seq > this.last ? this : new Stretch(this.first, seq - 1, this.events.slice(0, this.#place(seq)));
  }

  /**
   * This one and the one that follows it.
   * @param {Stretch} next
   */
  joined(next) {
    if (next.empty) return this;
    return this.empty ? next : new Stretch(this.first, next.last, this.events.concat(next.events));
  }

  /**
   * The part with the newest lines, so many at most.
   * @param {number} most
   */
  newest(most) {
    const over = this.events.length - most;
    return over > 0 ? this.behind(this.events[over - 1].seq) : this;
  }

  /**
   * The part with the oldest lines, so many at most.
   * @param {number} most
   */
  oldest(most) {
    return this.events.length > most ? this.before(this.events[most].seq) : this;
  }

  /**
   * The same, with each line as `change` makes it.
   * @param {(event: LogEvent) => LogEvent} change
   */
  changed(change) {
    return new Stretch(this.first, this.last, this.events.map(change));
  }

  /**
   * How many lines are before `seq`.
   * @param {number} seq
   */
  #place(seq) {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
