/**
 * The places of the page and their addresses: `#/` all rooms, `#/Room` a room, `#/Room/1042` an event of it;
 * `#?server=people` a section of the administrator's page. */
import { Signal } from "../signal.js";
import { ticketIn } from "../text/tickets.js";

/**
 * @typedef {object} Place
 * @property {string | null} room null: the list of all rooms, or the administrator's page
 * @property {number | null} seq an event of the room
 * @property {string | null} server a section of the administrator's page; "": its first one
 */

const SERVER = /^#\?server(?:=([a-z]{0,20}))?$/;

export class Router {
  /** @type {Signal<[Place]>} */
  changed = new Signal();
  /** @type {Signal<[import("../text/tickets.js").Ticket]>} */
  ticket = new Signal(); // a link with a code was followed
  given = this.#takeTicket(); // with which the page was opened; or null
  #told = location.hash;

  constructor() {
    addEventListener("hashchange", () => {
      const ticket = this.#takeTicket();
      if (ticket) this.ticket.emit(ticket);
      else if (location.hash !== this.#told) this.#tell();
    });
    // A notification that the service worker has shown was clicked.
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.place && this.follow(data.place));
  }

  /**
   * The place that the address names.
   * @returns {Place}
   */
  get place() {
    const server = SERVER.exec(location.hash);
    if (server) return { room: null, seq: null, server: server[1] ?? "" };
    const [, room = "", seq = ""] = location.hash.split("/");
    return { room: decoded(room) || null, seq: /^[1-9]\d{0,15}$/.test(seq) ? Number(seq) : null, server: null };
  }

  /**
   * @param {string | null} room
   * @param {number | null} seq
   */
  go(room, seq = null) {
    this.follow(Router.hash(room, seq));
  }

  /**
   * Goes to a place by its address, also if that is the address now: the user may have scrolled away from
   * it. It goes there at once, and does not wait for `hashchange`: the next key is for what is shown then.
   * @param {string} hash
   */
  follow(hash) {
    const ticket = ticketIn(hash);
    if (ticket) return this.ticket.emit(ticket);
    if (location.hash !== hash) location.hash = hash;
    this.#tell();
  }

  /**
   * Corrects how the room's name is written in the address, and stays there.
   * @param {string} room
   */
  correct(room) {
    const { seq } = this.place;
    history.replaceState(null, "", Router.hash(room, seq));
    this.#told = location.hash;
  }

  /**
   * Goes to another place, which replaces this one in the browser's history.
   * @param {string | null} room
   */
  replace(room) {
    history.replaceState(null, "", Router.hash(room));
    this.#tell();
  }

  /** Takes the ticket out of the address: its code is for nobody who looks at it, nor at the browser's history. */
  #takeTicket() {
    const ticket = ticketIn(location.hash);
    if (ticket) history.replaceState(null, "", Router.hash(ticket.room ?? null));
    return ticket;
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
