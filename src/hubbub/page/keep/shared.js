/** A few small values that all tabs share, in localStorage. Each tab hears when another one has changed one. */
import { Signal } from "../signal.js";
import { PLACE } from "./place.js";

const PREFIX = `hubbub${PLACE}.`;

/**
 * A copy of `value` whose objects have no prototype: a room may be called "constructor".
 * @param {any} value
 * @returns {any}
 */
function bare(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(bare);
  const entries = Object.entries(value).map(([key, one]) => [key, bare(one)]);
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}

const kindOf = (/** @type {unknown} */ value) => (Array.isArray(value) ? "array" : typeof value);

/**
 * One value under one name. Without storage, or when that is full, it lasts as long as the page.
 * @template Value
 */
export class Shared {
  /** @type {Signal<[Value]>} */
  changed = new Signal(); // by another tab: the new value
  #key;
  /** @type {Value} */
  #otherwise;
  /** @type {Value} */
  #value;

  /**
   * @param {string} name
   * @param {Value} otherwise what it is before it was set
   */
  constructor(name, otherwise) {
    this.#key = PREFIX + name;
    this.#otherwise = bare(otherwise);
    this.#value = this.#read();
    addEventListener("storage", ({ key }) => {
      if (key !== this.#key && key !== null) return;
      this.#value = this.#read();
      this.changed.emit(this.#value);
    });
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = bare(value);
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Storage is refused or full: the value lasts as long as the page.
    }
  }

  /** The value as it is in the storage now: the event of another tab's change may not have come yet. */
  fresh() {
    this.#value = this.#read();
    return this.#value;
  }

  /** @returns {Value} */
  #read() {
    try {
      const value = JSON.parse(localStorage.getItem(this.#key) ?? "null") ?? this.#otherwise;
      const right = this.#otherwise === null ? typeof value === "string" : kindOf(value) === kindOf(this.#otherwise);
      return right ? bare(value) : this.#otherwise;
    } catch {
      return this.#value ?? this.#otherwise;
    }
  }
}
