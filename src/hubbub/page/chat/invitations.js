/** The rooms into which somebody has invited the user, who has not come in yet. */
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";

const MOST = 100; // a server may tell of many
const SHOWN = 5;
const ILL = /\p{Surrogate}/u; // half a character: no address can have it

/** @typedef {{room: string, by: string}} Invitation `by`: "" where the server does not say who */

export class Invitations {
  changed = new Signal();
  /** @type {Map<string, Invitation>} by the keys of the rooms */
  #all = new Map();
  /** @type {Set<string>} */
  #declined = new Set(); // "not now": until the page is loaded anew
  #rooms;

  /**
   * @param {Pick<import("../net/session.js").Session, "heard" | "welcomed">} session
   * @param {Pick<import("./rooms.js").Rooms, "get" | "listed" | "entered" | "directory">} rooms
   */
  constructor(session, rooms) {
    this.#rooms = rooms;
    session.heard.on((frame) => frame.type === "invitation" && this.#add(frame.room, frame.by));
    session.welcomed.on((_, same) => !same && this.#forget());
    rooms.listed.on(() => this.#list());
    rooms.entered.on((room) => this.#all.delete(room.key) && this.changed.emit());
  }

  /** Those that are to be shown. */
  get open() {
    const open = [...this.#all].filter(([key]) => !this.#declined.has(key) && !this.#rooms.get(key));
    return open.slice(-SHOWN).map(([, invitation]) => invitation);
  }

  /**
   * The user does not want to come in now.
   * @param {string} room
   */
  decline(room) {
    this.#declined.add(keyOf(room));
    this.changed.emit();
  }

  #forget() {
    this.#all.clear();
    this.#declined.clear();
    this.changed.emit();
  }

  /**
   * @param {string} room
   * @param {string} by
   */
  #add(room, by) {
    if (ILL.test(room)) return;
    const key = keyOf(room);
    if (by) this.#declined.delete(key); // somebody has invited the user anew
    this.#all.delete(key);
    if (this.#all.size < MOST) this.#all.set(key, { room, by });
    this.changed.emit();
  }

  /** The list of rooms is up to date: invitations that were taken back are not in it. */
  #list() {
    const { list } = this.#rooms.directory;
    const listed = new Map(list.filter(({ name, invited }) => invited && !ILL.test(name)).map(({ name }) => [keyOf(name), name]));
    for (const key of [...this.#all.keys()]) {
      if (list.some(({ name, invited }) => keyOf(name) === key && !invited)) this.#all.delete(key);
    }
    for (const [key, name] of listed) if (!this.#all.has(key) && this.#all.size < MOST) this.#all.set(key, { room: name, by: "" });
    this.changed.emit();
  }
}
