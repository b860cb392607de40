/**
 * The part of a room's log that is in memory: its newest events (the tail, always live), and the
 * part that is being read (the view). Both are without holes and bounded.
 *
 * While the view reaches the newest event it is `attached` and grows with it.
 *
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 */

export const MAX_VIEW = 400;
export const MAX_TAIL = 250;

export class LogWindow {
  /** @type {LogEvent[]} */
  view = [];
  attached = true;
  /** @type {LogEvent[]} */
  #tail = [];
  #cursor; // what is live comes after this event

  /**
   * Begins with the newest events known, or with none of those up to `cursor`.
   * @param {LogEvent[]} tail
   */
  constructor(tail = [], cursor = 0) {
    this.#tail = tail.slice(-MAX_TAIL);
    this.#cursor = tail.at(-1)?.seq ?? cursor;
    this.view = this.#tail.slice();
  }

  get tail() {
    return this.#tail;
  }

  get first() {
    return this.view[0]?.seq ?? 0;
  }

  get last() {
    return this.view.at(-1)?.seq ?? 0;
  }

  /**
   * Live events, at least one; while somebody reads at the end (`following`), the oldest make place.
   * @param {LogEvent[]} events
   * @param {boolean} following
   */
  append(events, following) {
    // Of many, as arguments of a call would be too many.
    this.#tail = this.#tail.concat(events);
    this.#cursor = events[events.length - 1].seq;
    if (this.#tail.length > MAX_TAIL) this.#tail.splice(0, this.#tail.length - MAX_TAIL);
    if (!this.attached) return;
    this.view = this.view.concat(events);
    const over = this.view.length - MAX_VIEW;
    if (over <= 0) return;
    if (following) {
      this.view.splice(0, over);
    } else {
      this.view.length = MAX_VIEW;
      this.attached = false;
    }
  }

  /**
   * Older events, as they came for before=`first`.
   * @param {LogEvent[]} events
   */
  prepend(events) {
    if (events.at(-1)?.seq !== this.first - 1) return;
    this.view.unshift(...events);
    if (this.view.length > MAX_VIEW) {
      this.view.length = MAX_VIEW;
      this.attached = false;
    }
  }

  /**
   * Newer events, as they came for after=`last`.
   * @param {LogEvent[]} events
   */
  extend(events) {
    if (this.attached || (events.length && events[0].seq !== this.last + 1)) return;
    this.view.push(...events);
    this.#attach();
    if (this.view.length > MAX_VIEW) this.view.splice(0, this.view.length - MAX_VIEW);
  }

  /**
   * Another place: a page around some event.
   * @param {LogEvent[]} events
   */
  show(events) {
    this.view = events.slice();
    this.attached = false;
    this.#attach();
    if (this.view.length > MAX_VIEW && this.attached) {
      this.view.length = MAX_VIEW;
      this.attached = false;
    }
  }

  /** The newest events. */
  showNewest() {
    if (this.attached) return;
    this.view = this.#tail.slice();
    this.attached = true;
  }

  /**
   * The event with that number, if it is in memory.
   * @param {number} seq
   */
  find(seq) {
    return pick(this.view, seq) ?? pick(this.#tail, seq);
  }

  /** The view goes on to the newest event, if it ends where the tail is. */
  #attach() {
    const first = this.#tail[0]?.seq ?? this.#cursor + 1;
    if (this.last < first - 1 || this.last > this.#cursor) return;
    this.attached = true;
    this.view.push(...this.#tail.slice(this.last + 1 - first));
  }
}

/** @type {(events: LogEvent[], seq: number) => LogEvent | undefined} */
function pick(events, seq) {
  return events.length ? events[seq - events[0].seq] : undefined;
}
