/**
 * The part of a room's timeline that is in memory: its newest lines (the tail, always live), and the
 * part that is being read (the view). Both are without holes and bounded.
 *
 * While the view reaches the newest event it is `attached` and grows with it.
 */
import { withoutPast } from "./forgetting.js";
import { Stretch } from "./stretch.js";

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 */

export const MAX_VIEW = 400;
export const MAX_TAIL = 250;

export class LogWindow {
  attached = true;
  #tail;
  #view;
  #begins = false; // nothing older is to be had

  /**
   * Begins with the newest lines known, or with none of those up to `cursor`. They are all from `first` on.
   * @param {LogEvent[]} tail
   */
  constructor(tail = [], cursor = tail.at(-1)?.seq ?? 0, first = tail[0]?.seq ?? cursor + 1) {
    this.#tail = new Stretch(first, cursor, tail).newest(MAX_TAIL);
    this.#view = this.#tail;
  }

  /** The newest lines. */
  get tail() {
    return this.#tail.events;
  }

  /** From which number on these are all. */
  get tailFirst() {
    return this.#tail.first;
  }

  /** The lines that are being read. */
  get view() {
    return this.#view.events;
  }

  /** The first number that the view covers, and the last one; while it covers none, `last` is below `first`. */
  get first() {
    return this.#view.first;
  }

  get last() {
    return this.#view.last;
  }

  get atBeginning() {
    return this.first <= 1 || this.#begins;
  }

  /**
   * Live events, at least one; while somebody reads at the end (`following`), the oldest make place.
   * @param {LogEvent[]} events
   * @param {boolean} following
   */
  append(events, following) {
    const fresh = new Stretch(events[0].seq, events[events.length - 1].seq, events);
    this.#tail = this.#tail.joined(fresh).newest(MAX_TAIL);
    if (!this.attached) return;
    this.#view = this.#view.joined(fresh);
    if (following) this.#keepNewest();
    else this.#keepOldest();
  }

  /**
   * Each line is as `change` makes it.
   * @param {(event: LogEvent) => LogEvent} change
   */
  change(change) {
    this.#tail = this.#tail.changed(change);
    this.#view = this.#view.changed(change);
  }

  /**
   * The events up to `floor` are gone from the room.
   * @param {number} floor
   */
  losePast(floor) {
    if (this.first <= floor) this.#begins = true;
    this.#tail = this.#tail.behind(Math.min(floor, this.#tail.last));
    this.#view = this.#view.behind(Math.min(floor, this.#view.last));
    this.change((event) => withoutPast(event, floor));
  }

  /**
   * An older page, as it came for before=`first`.
   * @param {Stretch} page
   */
  prepend(page) {
    if (page.empty) this.#begins = true;
    if (page.empty || page.last !== this.first - 1) return;
    this.#view = page.joined(this.#view);
    this.#keepOldest();
  }

  /**
   * A newer page, as it came for after=`last`.
   * @param {Stretch} page
   */
  extend(page) {
    if (this.attached || (!page.empty && page.first !== this.last + 1)) return;
    this.#view = this.#view.joined(page);
    this.#attach();
    this.#keepNewest();
  }

  /**
   * Another place: a page around some event.
   * @param {Stretch} page
   */
  show(page) {
    this.#view = page;
    this.#begins = this.attached = false;
    this.#attach();
    this.#keepOldest();
  }

  /** The newest lines. */
  showNewest() {
    if (this.attached) return;
    this.#view = this.#tail;
    this.#begins = false;
    this.attached = true;
  }

  /**
   * Whether the view covers an event: it is in it, if it is a line.
   * @param {number} seq
   */
  covers(seq) {
    return this.#view.covers(seq);
  }

  /**
   * The line of the view with that number, or the next one; or else the last one before it.
   * @param {number} seq
   */
  nearest(seq) {
    return this.#view.behind(seq - 1).events[0] ?? this.view.at(-1);
  }

  /**
   * The line with that number, if it is in memory.
   * @param {number} seq
   */
  find(seq) {
    return this.#view.find(seq) ?? this.#tail.find(seq);
  }

  /**
   * The lines in memory from `first` to `last`, in order.
   * @param {number} first
   * @param {number} last
   */
  between(first, last) {
    const [view, tail] = [this.#view, this.#tail].map((part) => part.behind(first - 1).before(last + 1).events);
    const beyond = tail.filter(({ seq }) => !this.#view.covers(seq));
    return beyond.length && beyond[0].seq < this.first ? [...beyond, ...view] : [...view, ...beyond];
  }

  /**
   * All that is covered right behind an event, as far as it is in memory; null if the next one is not.
   * @param {number} seq
   */
  behind(seq) {
    const part = [this.#view, this.#tail].find((one) => one.covers(seq + 1));
    if (!part) return null;
    const found = part.behind(seq);
    return found.last + 1 >= this.#tail.first ? found.joined(this.#tail.behind(found.last)) : found;
  }

  /** The view goes on to the newest event, if it ends where the tail is. */
  #attach() {
    const { first, last } = this.#tail;
    if (this.last < first - 1 || this.last > last) return;
    this.attached = true;
    this.#view = this.#view.joined(this.#tail.behind(this.last));
  }

  #keepNewest() {
    const { first } = this;
    this.#view = this.#view.newest(MAX_VIEW);
    if (this.first !== first) this.#begins = false;
  }

  #keepOldest() {
    const { last } = this;
    this.#view = this.#view.oldest(MAX_VIEW);
    if (this.last !== last) this.attached = false;
  }
}
