/** The rooms that were shown lately: the page opens with the last one, and lists offer them first. */
import { Shared } from "../keep/shared.js";
import { keyOf } from "../text/names.js";

const MAX_ROOMS = 100;

export class Visits {
  #names = new Shared("visits", /** @type {string[]} */ ([])); // the newest first

  /** @param {string} name */
  note(name) {
    this.#keep([name, ...this.#others(name)]);
  }

  /** @param {string} name */
  forget(name) {
    this.#keep(this.#others(name));
  }

  /**
   * @param {string} was
   * @param {string} now
   */
  rename(was, now) {
    const key = keyOf(was);
    const names = this.#names.fresh().map((one) => (keyOf(one) === key ? now : one));
    this.#keep([...new Map(names.toReversed().map((one) => [keyOf(one), one])).values()].reverse());
  }

  /** The room that was shown last, or null. */
  get last() {
    return this.#names.value[0] ?? null;
  }

  /**
   * The place of a room in a list for going elsewhere: those shown last are first, but the current one comes behind them.
   * @param {string} name
   */
  rank(name) {
    const key = keyOf(name);
    const place = this.#names.value.findIndex((one) => keyOf(one) === key);
    if (place < 0) return Infinity;
    return place || MAX_ROOMS;
  }

  /** @param {string} name */
  #others(name) {
    const key = keyOf(name);
    return this.#names.fresh().filter((one) => keyOf(one) !== key);
  }

  /** @param {string[]} names */
  #keep(names) {
    this.#names.value = names.slice(0, MAX_ROOMS);
  }
}
