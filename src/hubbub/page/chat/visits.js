/** The rooms that were shown last: where one begins the next time, and what is offered first. */
import { Shared } from "../keep/shared.js";
import { keyOf } from "../text/names.js";

const MOST = 100;

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

  /** The room that was shown last, or null. */
  get last() {
    return this.#names.value[0] ?? null;
  }

  /**
   * How long ago a room was shown, for a list to go elsewhere: the one where one just was comes last.
   * @param {string} name
   */
  rank(name) {
    const key = keyOf(name);
    const place = this.#names.value.findIndex((one) => keyOf(one) === key);
    if (place < 0) return Infinity;
    return place || MOST;
  }

  /** @param {string} name */
  #others(name) {
    const key = keyOf(name);
    return this.#names.fresh().filter((one) => keyOf(one) !== key);
  }

  /** @param {string[]} names */
  #keep(names) {
    this.#names.value = names.slice(0, MOST);
  }
}
