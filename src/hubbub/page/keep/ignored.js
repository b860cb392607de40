/**
 * The people whom the user ignores, in all tabs: their messages are not shown and not counted. Those of a list that this
 * browser keeps, by name; and those whom the user's account has blocked, by id. Nobody hears of it.
 */
import { Signal } from "../signal.js";
import { byName, keyOf } from "../text/names.js";
import { Shared } from "./shared.js";

export class Ignored {
  changed = new Signal();
  #names = new Shared("ignored", /** @type {string[]} */ ([]));
  #blocked = new Shared("blocked", /** @type {Record<string, string>} */ ({})); // names of that time, by ids
  /** @type {Set<string>} */
  #keys = new Set();
  /** @type {Set<string>} */
  #called = new Set(); // of the names by which they were blocked: somebody else may have such a name by now

  constructor() {
    this.#names.changed.on(() => this.#take());
    this.#blocked.changed.on(() => this.#take());
    this.#take();
  }

  get names() {
    const blocked = Object.values(this.#blocked.value);
    const keys = new Set(blocked.map(keyOf));
    return [...this.#names.value.filter((name) => !keys.has(keyOf(name))), ...blocked].sort(byName);
  }

  get nobody() {
    return this.#keys.size === 0 && this.#called.size === 0;
  }

  /**
   * @param {string} name
   * @param {string | null} [id]
   */
  has(name, id) {
    if (this.nobody) return false;
    const key = keyOf(name);
    return this.#keys.has(key) || (id ? Object.hasOwn(this.#blocked.value, id) : this.#called.has(key));
  }

  /**
   * Ignores somebody in this browser from now on, or does not any more; false when that was so already.
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

  /**
   * The account has blocked these by now.
   * @param {Record<string, string>} blocked names by ids
   */
  follow(blocked) {
    if (JSON.stringify(blocked) === JSON.stringify(this.#blocked.value)) return;
    this.#blocked.value = blocked;
    this.#take();
  }

  #take() {
    this.#keys = new Set(this.#names.value.map(keyOf));
    this.#called = new Set(Object.values(this.#blocked.value).map(keyOf));
    this.changed.emit();
  }
}
