/** The user as a reader: which messages they have written, which are for them to read, which mention them. */
import { isMessage } from "../text/kinds.js";
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";

/** @typedef {import("../text/kinds.js").LogEvent} LogEvent */

export class Reader {
  #me; // a function, as names change
  #ignored;

  /**
   * @param {() => {name: string, id: string | null}} me
   * @param {{nobody: boolean, has: (name: string, id?: string | null) => boolean}} ignored
   */
  constructor(me, ignored) {
    this.#me = me;
    this.#ignored = ignored;
  }

  /** Who the user is. */
  get me() {
    return this.#me();
  }

  get ignoresSome() {
    return !this.#ignored.nobody;
  }

  /**
   * @param {string} name
   * @param {string | null} [id] if it is known, as names change
   */
  ignores(name, id) {
    return this.#ignored.has(name, id);
  }

  /**
   * Whether the user wrote it, under whatever name: somebody else may have their former name now.
   * @param {LogEvent} event
   */
  wrote(event) {
    const { name, id } = this.#me();
    return id ? event.by_id === id : keyOf(event.by) === keyOf(name);
  }

  /**
   * Whether an event is for the user to read: a message of somebody else whom they do not ignore, and none that was
   * moved in from elsewhere.
   * @param {LogEvent} event
   * @returns {event is import("../text/kinds.js").Message}
   */
  reads(event) {
    return isMessage(event) && !event.moved && !this.wrote(event) && !this.ignores(event.by, event.by_id);
  }

  /**
   * Whether such a message mentions the user.
   * @param {LogEvent} event
   */
  isNamedIn(event) {
    return mentions(this.#me().name, event.text ?? "");
  }
}
