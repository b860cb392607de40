/** Places of the page: `#/` all rooms, `#/Room` a room, `#/Room/1042` an event of it. */
import { Signal } from "../signal.js";

export class Router {
  /** @type {Signal<[{room: string | null, seq: number | null}]>} */
  changed = new Signal();
  #told = location.hash;

  constructor() {
    addEventListener("hashchange", () => location.hash !== this.#told && this.#tell());
    // A notification that the service worker has shown was clicked.
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.place && this.follow(data.place));
  }

  /** {room: a name or null, seq: a number or null}. */
  get place() {
    const [, room = "", seq = ""] = location.hash.split("/");
    return { room: decoded(room) || null, seq: /^[1-9]\d{0,15}$/.test(seq) ? Number(seq) : null };
  }

  /**
   * @param {string | null} room
   * @param {number | null} seq
   */
  go(room, seq = null) {
    this.follow(Router.hash(room, seq));
  }

  /**
   * Goes to a place by its address; also if that is where one has gone last, and moved on from. At once,
   * and not when the browser tells of it: the next key that is pressed is for what is there then.
   * @param {string} hash
   */
  follow(hash) {
    if (location.hash !== hash) location.hash = hash;
    this.#tell();
  }

  /**
   * The same page under its right address: the room's name as it is written.
   * @param {string} room
   */
  correct(room) {
    const { seq } = this.place;
    history.replaceState(null, "", Router.hash(room, seq));
    this.#told = location.hash;
  }

  /**
   * Another place instead of this one.
   * @param {string} room
   */
  replace(room) {
    history.replaceState(null, "", Router.hash(room));
    this.#tell();
  }

  #tell() {
    this.#told = location.hash;
    this.changed.emit(this.place);
  }

  /**
   * @param {string | null} room
   * @param {number | null} seq
   */
  static hash(room, seq = null) {
    if (room === null) return "#/";
    return `#/${encodeURIComponent(room)}${seq ? `/${seq}` : ""}`;
  }
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
