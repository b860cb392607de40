/** The one who reads here: what is there to be read by them, and what speaks of them. */
import { isMessage } from "../text/kinds.js";
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";

export class Reader {
  #me; // a function, for names change
  #ignored;

  /** `me()`: as whom one is known, {name, id}; `ignored`: whom one ignores. */
  constructor(me, ignored) {
    this.#me = me;
    this.#ignored = ignored;
  }

  get ignoresSome() {
    return !this.#ignored.nobody;
  }

  ignores(name) {
    return this.#ignored.has(name);
  }

  /** Whether it is one's own, by whatever name: whoever has one's former name now is somebody else. */
  wrote(event) {
    const { name, id } = this.#me();
    return id ? event.by_id === id : keyOf(event.by) === keyOf(name);
  }

  /** Whether an event is there to be read: a text of somebody else. */
  reads(event) {
    return isMessage(event) && !this.wrote(event) && !this.ignores(event.by);
  }

  /** Whether such a text speaks of who reads it. */
  isNamedIn(event) {
    return mentions(this.#me().name, event.text);
  }
}
