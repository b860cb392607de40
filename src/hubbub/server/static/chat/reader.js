/** The one who reads here: what is there to be read by them, and what speaks of them. */
import { isMessage } from "../text/kinds.js";
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";

export class Reader {
  #name; // a function, for names change
  #ignored;

  /** `name()`: as whom one is known; `ignored`: whom one ignores. */
  constructor(name, ignored) {
    this.#name = name;
    this.#ignored = ignored;
  }

  get ignoresSome() {
    return !this.#ignored.nobody;
  }

  ignores(name) {
    return this.#ignored.has(name);
  }

  wrote(event) {
    return keyOf(event.by) === keyOf(this.#name());
  }

  /** Whether an event is there to be read: a text of somebody else. */
  reads(event) {
    return isMessage(event) && !this.wrote(event) && !this.ignores(event.by);
  }

  /** Whether such a text speaks of who reads it. */
  isNamedIn(event) {
    return mentions(this.#name(), event.text);
  }
}
