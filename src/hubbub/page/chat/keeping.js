/** Keeps the newest events of each room in the browser, so that they are there at once, and without a connection. */
import { dropRoom, dropRooms, keepRoom, readRooms } from "../keep/database.js";
import { Shared } from "../keep/shared.js";
import { KINDS } from "../text/kinds.js";

const KEEP_MS = 500; // after an event has come, until it is kept

/** @typedef {import("./room.js").Room} Room */

export class Keeping {
  #rooms;
  #log = new Shared("log", ""); // whose events they are
  #owner = new Shared("owner", ""); // the user to whom all of it belongs
  /** @type {Map<Room, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #may;

  /**
   * @param {import("./rooms.js").Rooms} rooms
   * @param {() => boolean} may whether anything may be kept
   */
  constructor(rooms, may) {
    this.#rooms = rooms;
    this.#may = may;
    rooms.forgotten.on((room) => dropRoom(room.key));
    rooms.outdated.on((room) => dropRoom(room.key));
    rooms.emptied.on((room) => dropRoom(room.key));
    rooms.renamed.on((room, key) => {
      if (key !== room.key) dropRoom(key);
      this.soon(room);
    });
    addEventListener("pagehide", () => this.#keepAll(true));
    document.addEventListener("visibilitychange", () => this.#keepAll());
  }

  /** Fills the rooms with what was kept of them. */
  async restore() {
    for (const kept of await readRooms(this.#log.value, KINDS)) {
      const room = this.#rooms.get(kept.key);
      if (room && room.cursor === null) room.restore(kept);
    }
  }

  /**
   * The server has the log with that id. If what we have is of another one, it is dropped, and this returns true.
   * @param {string} log
   */
  follow(log) {
    const other = Boolean(this.#log.value) && this.#log.value !== log;
    if (other) this.dropAll();
    this.#log.value = log;
    return other;
  }

  dropAll() {
    return dropRooms();
  }

  /** Who the user was to whom all of it belongs: "" at the first visit. */
  get owner() {
    return this.#owner.fresh();
  }

  /**
   * All of it belongs to this user from now on.
   * @param {string} owner
   */
  belongTo(owner) {
    this.#owner.value = owner;
  }

  /**
   * Keeps the events of a room in a moment.
   * @param {Room} room
   */
  soon(room) {
    if (this.#timers.has(room)) return;
    this.#timers.set(
      room,
      setTimeout(() => this.#keep(room), KEEP_MS),
    );
  }

  #keepAll(parting = false) {
    for (const room of [...this.#timers.keys()]) this.#keep(room, parting);
  }

  /**
   * @param {Room} room
   * @param {boolean} [parting]
   */
  #keep(room, parting) {
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
    if (room.cursor === null || !this.#may() || this.#rooms.get(room.key) !== room) return;
    const kept = {
      key: room.key,
      log: this.#log.value,
      name: room.name,
      people: room.people,
      cursor: room.cursor,
      stamp: room.stamp,
      first: room.window.tailFirst,
      events: room.window.tail,
      kinds: KINDS,
      at: Date.now(),
    };
    keepRoom(kept, parting);
  }
}
