/** What all tabs share, in localStorage: a few small values, each heard by the other tabs. */
import { Signal } from "../signal.js";

const PREFIX = "hubbub.";

/** One value under one name. Without storage (or with a full one) it lives as long as the page. */
export class Shared {
  changed = new Signal(); // by another tab: the new value
  #key;
  #otherwise;
  #value;

  constructor(name, otherwise) {
    this.#key = PREFIX + name;
    this.#otherwise = otherwise;
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
    this.#value = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Nothing to do: the person was told by the browser's own settings.
    }
  }

  /** The value as it is in the storage now: another tab's change may not have been told yet. */
  fresh() {
    this.#value = this.#read();
    return this.#value;
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? this.#otherwise;
    } catch {
      return this.#value ?? this.#otherwise;
    }
  }
}
