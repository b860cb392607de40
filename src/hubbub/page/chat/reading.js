/** How far the user has read each room. Other tabs hear of it at once, the server once in a while. */
import { Shared } from "../keep/shared.js";
import { IN } from "./room.js";

const TELL_MS = 1000; // after the user has read on, until the server is told

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("./seen.js").Range} Range
 *
 * How far a room was read: up to which event, its time, if that is known, and what was seen behind it.
 * @typedef {{name: string, seq: number, at: number | null, seen?: Range[]}} Mark
 */

export class Reading {
  #session;
  #rooms;
  #history;
  #reader;
  #marks = new Shared("marks", /** @type {Record<string, Mark>} */ ({})); // by rooms' keys
  /** @type {Set<Room>} */
  #telling = new Set(); // rooms of which the server will be told in a moment

  /**
   * @param {import("../net/session.js").Session} session
   * @param {import("./rooms.js").Rooms} rooms
   * @param {import("./history.js").History} history
   * @param {import("./reader.js").Reader} reader
   */
  constructor(session, rooms, history, reader) {
    this.#session = session;
    this.#rooms = rooms;
    this.#history = history;
    this.#reader = reader;
    this.#marks.changed.on(() => this.#followTabs());
    rooms.forgotten.on((room) => this.#forget(room.key));
    rooms.outdated.on((room) => this.#forget(room.key));
    rooms.renamed.on((room, key) => this.#move(room, key));
    rooms.entered.on((room, answer) => this.#entered(room, answer));
  }

  /**
   * How far a room was read, if it is known.
   * @param {Room} room
   * @returns {Mark | undefined}
   */
  mark(room) {
    return this.#marks.value[room.key];
  }

  /**
   * These events of a room were in sight: all up to the first message that was not is read.
   * @param {Room} room
   * @param {Range[]} ranges
   */
  saw(room, ranges) {
    const { unread } = room;
    for (const { first, last } of ranges) room.see(first, last, this.#reader);
    const fewer = room.unread < unread;
    this.read(room, room.seenUpTo(this.#reader));
    if (!fewer) return;
    this.#keep(room);
    this.#rooms.changed.emit();
  }

  /**
   * Counts what is unread in a room anew, after the server has: it knows neither which events behind the last one
   * read were seen, nor whom the user ignores.
   * @param {Room} room
   */
  recount(room) {
    const differs = this.#reader.ignoresSome || room.seen.beyond(room.read ?? 0).length > 0;
    if (room.unread && room.caughtUp && differs) this.#recount(room);
  }

  /** @param {Room} room */
  async #recount(room) {
    const unread = await this.#history.unread(room);
    if (!unread) return;
    room.recount(unread, this.#reader);
    this.#rooms.roomChanged.emit(room);
    this.#rooms.changed.emit();
  }

  /**
   * All events that were missed of a room have come.
   * @param {Room} room
   */
  caughtUp(room) {
    this.#keep(room); // the time of the last event read is known now
    this.recount(room);
  }

  /** The user ignores somebody, or does not any more. */
  recountAll() {
    for (const room of this.#rooms) {
      if (room.caughtUp && (room.read ?? 0) < (room.cursor ?? 0)) this.#recount(room);
      this.#rooms.roomChanged.emit(room);
    }
  }

  /**
   * All events up to one were read; if none is given, all of the room.
   * @param {Room} room
   */
  read(room, seq = room.cursor) {
    if (seq === null || room.read === null || room.read >= seq) return;
    room.readUpTo(seq, this.#reader);
    this.#keep(room);
    this.#rooms.changed.emit();
    if (!this.#session.features.has("read") || this.#telling.has(room)) return;
    this.#telling.add(room);
    setTimeout(() => this.#tell(room), TELL_MS);
  }

  /** Tells the server how far all rooms were read: it does not know the user any more. */
  tellAll() {
    if (!this.#session.features.has("stamps")) return;
    for (const [key, mark] of Object.entries(this.#marks.fresh())) {
      const at = mark.at ?? this.#rooms.get(key)?.window.find(mark.seq)?.at ?? null;
      const told = this.#session.ask(command({ ...mark, at }));
      told.catch(({ code }) => code === "bad-cursor" && this.#forget(key));
    }
  }

  /** All events of all rooms were read. */
  readAll() {
    for (const room of this.#rooms) {
      room.divider = null;
      this.read(room);
      this.#rooms.roomChanged.emit(room);
    }
  }

  /** The server has another log: the marks mean nothing there. */
  forgetAll() {
    this.#marks.value = {};
  }

  /**
   * @param {Room} room
   * @param {import("../net/frames.js").Frame} answer
   */
  #entered(room, answer) {
    if (answer.read < (room.read ?? 0)) this.#tell(room);
    this.#keep(room); // also if nothing was read yet: what comes from here on is new
  }

  /** @param {Room} room */
  #keep(room) {
    /** @type {Mark | undefined} */
    const known = this.#marks.fresh()[room.key];
    if (room.read === null || room.read < (known?.seq ?? -1)) return;
    const at = room.read === room.cursor ? room.stamp : (room.window.find(room.read)?.at ?? null);
    const seen = room.seen.beyond(room.read);
    /** @type {Mark} */
    const mark = { name: room.name, seq: room.read, at, ...(seen.length && { seen }) };
    if (at === null && known?.seq === room.read) mark.at = known.at;
    if (JSON.stringify(mark) === JSON.stringify(known)) return;
    this.#marks.value = { ...this.#marks.value, [room.key]: mark };
  }

  /** @param {Room} room */
  async #tell(room) {
    this.#telling.delete(room);
    if (room.stage !== IN || room.read === null) return; // it is told when the room is joined again
    const { at = null, seq = null } = this.mark(room) ?? {};
    const stamps = this.#session.features.has("stamps");
    const stamp = stamps && seq === room.read ? at : null;
    const answer = await this.#session.attempt(command({ name: room.name, seq: room.read, at: stamp }));
    if (!answer) return;
    room.marked(answer); // it has counted events that are not in memory here
    this.#rooms.changed.emit();
    this.recount(room);
  }

  /** @param {string} key */
  #forget(key) {
    const { [key]: gone, ...marks } = this.#marks.fresh();
    if (gone) this.#marks.value = marks;
  }

  /**
   * @param {Room} room which has another name now
   * @param {string} key of the former one
   */
  #move(room, key) {
    const { [key]: mark, ...marks } = this.#marks.fresh();
    if (mark) this.#marks.value = { [room.key]: { ...mark, name: room.name }, ...marks };
  }

  #followTabs() {
    for (const room of this.#rooms) {
      const { seq = 0, seen = [] } = this.mark(room) ?? {};
      if (room.read === null) continue;
      for (const { first, last } of seen) room.see(first, Math.min(last, room.cursor ?? 0), this.#reader);
      if (seq > room.read) room.readUpTo(seq, this.#reader);
    }
    this.#rooms.changed.emit();
  }
}

/** @param {Pick<Mark, "name" | "seq" | "at">} mark */
function command({ name, seq, at }) {
  return { type: "read", room: name, seq, ...(at !== null && { at }) };
}
