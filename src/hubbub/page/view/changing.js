/** The message that the user changes in the field, in each room: it is there again when they come back. */

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {{event: LogEvent, text: string}} Change a message, and what it is to say
 */

const MAX_ROOMS = 50;

export class Changing {
  /** @type {LogEvent | null} the message that is changed now */
  event = null;
  /** @type {Map<string, Change>} by the keys of rooms that the user has left meanwhile */
  #left = new Map();

  /**
   * The user goes elsewhere, and has changed the message so far.
   * @param {string} key of the room
   * @param {string} text
   */
  leave(key, text) {
    if (this.event) this.#left.set(key, { event: this.event, text });
    const [oldest] = this.#left.keys();
    if (this.#left.size > MAX_ROOMS) this.#left.delete(oldest);
    this.event = null;
  }

  /**
   * The user is there again.
   * @param {string} key of the room
   */
  comeBack(key) {
    const change = this.#left.get(key) ?? null;
    this.#left.delete(key);
    return change;
  }

  /**
   * The message of a room that the user goes on changing when they come back, or null.
   * @param {string} key
   */
  of(key) {
    return this.#left.get(key)?.event ?? null;
  }

  /**
   * A message was taken back: there is nothing to change in it. Whether one of that number is changed now.
   * @param {string} key of the room
   * @param {number} seq
   */
  drop(key, seq) {
    if (this.#left.get(key)?.event.seq === seq) this.#left.delete(key);
    return this.event?.seq === seq;
  }

  /**
   * The user may not read a room any more, or has gone; then there is no key.
   * @param {string} [key]
   */
  forget(key) {
    if (key === undefined) this.#left.clear();
    else this.#left.delete(key);
  }
}
