/** The one who reads here: what is there to be read by them, and what speaks of them. */
import { isMessage } from "../text/kinds.js";
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";

/** @typedef {import("../text/kinds.js").LogEvent} LogEvent */

export class Reader {
  #me; // a function, for names change
  #ignored;

  /**
   * @param {() => {name: string, id: string | null}} me as whom one is known
   * @param {{nobody: boolean, has: (name: string) => boolean}} ignored
   */
  constructor(me, ignored) {
    this.#me = me;
    this.#ignored = ignored;
  }

  get ignoresSome() {
    return !this.#ignored.nobody;
  }

  /** @param {string} name */
  ignores(name) {
    return this.#ignored.has(name);
  }

  /**
   * Whether it is one's own, by whatever name: whoever has one's former name now is somebody else.
   * @param {LogEvent} event
   */
  wrote(event) {
    const { name, id } = this.#me();
    return id ? event.by_id === id : keyOf(event.by) === keyOf(name);
  }

  /**
   * Whether an event is there to be read: a text of somebody else.
   * @param {LogEvent} event
   */
  reads(event) {
    return isMessage(event) && !this.wrote(event) && !this.ignores(event.by);
  }

  /**
   * Whether such a text speaks of who reads it.
   * @param {LogEvent} event
   */
  isNamedIn(event) {
    return mentions(this.#me().name, event.text ?? "");
  }
}
