/** The people whom the user ignores, in all tabs: their messages are not shown and not counted. Nobody hears of it. */
import { Signal } from "../signal.js";
import { byName, keyOf } from "../text/names.js";
import { Shared } from "./shared.js";

export class Ignored {
  changed = new Signal();
  #names = new Shared("ignored", /** @type {string[]} */ ([]));
  /** @type {Set<string>} */
  #keys = new Set();

  constructor() {
    this.#names.changed.on(() => this.#take());
    this.#take();
  }

  get names() {
    return [...this.#names.value].sort(byName);
  }

  get nobody() {
    return this.#keys.size === 0;
  }

  /** @param {string} name */
  has(name) {
    return this.#keys.size > 0 && this.#keys.has(keyOf(name));
  }

  /**
   * Ignores somebody from now on, or does not any more; false when that was so already.
   * @param {string} name
   * @param {boolean} ignored
   */
  set(name, ignored) {
    const others = this.#names.fresh().filter((one) => keyOf(one) !== keyOf(name));
    if ((others.length < this.#names.value.length) === ignored) return false;
    this.#names.value = ignored ? [...others, name] : others;
    this.#take();
    return true;
  }

  #take() {
    this.#keys = new Set(this.#names.value.map(keyOf));
    this.changed.emit();
  }
}
