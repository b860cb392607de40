/** The rooms one is in or wants to be in: entered on each connection anew, and shared with other tabs. */
import { Shared } from "../keep/shared.js";
import { asked } from "../net/backoff.js";
import { Refused } from "../net/session.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Directory } from "./directory.js";
import { PAGE } from "./history.js";
import { IN, JOINING, OUT, Room } from "./room.js";
import { Visits } from "./visits.js";

const MAX_MISSED = 1000; // more than that is not fetched at once, but when it is scrolled to
const LIST_MS = 30_000;
const PASSING_MS = 2000; // until a server that cannot take us now is asked again, if it says no better

/**
 * @typedef {import("../net/session.js").Refused | import("../net/session.js").Lost} Failure
 * @typedef {import("../net/frames.js").Frame} Frame
 */

export class Rooms {
  /** @type {Room | null} */
  current = null; // the one that is shown
  directory; // the rooms of the server
  visits = new Visits();

  changed = new Signal(); // the directory, counts, names of rooms
  listed = new Signal(); // the server has told of its rooms
  /** @type {Signal<[Room]>} */
  roomChanged = new Signal(); // a room: events, members, lines
  /** @type {Signal<[Room, Frame]>} */
  entered = new Signal(); // a room, and the server's answer
  /** @type {Signal<[Room]>} */
  made = new Signal(); // a room that was not there before one entered it
  /** @type {Signal<[Room, boolean]>} */
  ended = new Signal(); // a room that one is in no more: one was put out of it, or it was deleted
  /** @type {Signal<[Room]>} */
  forgotten = new Signal(); // a room that one left for good
  /** @type {Signal<[Room]>} */
  outdated = new Signal(); // a room whose log is another one than what we had of it
  /** @type {Signal<[Room, string, string | null]>} */
  refused = new Signal(); // a room whose name cannot be, the sentence, and a name that can

  #session;
  #mark;
  /** @type {Map<string, Room>} */
  #byKey = new Map();
  #wanted = new Shared("rooms", /** @type {string[]} */ ([]));

  /**
   * @param {import("../net/session.js").Session} session
   * @param {(room: Room) => import("./room.js").Mark | undefined} mark how far this browser knows it to be read
   */
  constructor(session, mark) {
    this.#session = session;
    this.directory = new Directory(session);
    this.#mark = mark;
    this.#wanted.changed.on((names) => this.#followTabs(names));
    setInterval(() => document.visibilityState === "visible" && this.refresh(), LIST_MS);
  }

  /** @param {string} key */
  get(key) {
    return this.#byKey.get(key);
  }

  [Symbol.iterator]() {
    return this.#byKey.values();
  }

  /** Those of the last visit are wanted again. */
  recall() {
    for (const name of this.#wanted.value) this.want(name);
  }

  /**
   * The room of that name, in which one wants to be from now on.
   * @param {string} name
   */
  want(name) {
    let room = this.#byKey.get(keyOf(name));
    if (!room) {
      room = new Room(name);
      this.#byKey.set(room.key, room);
      this.#keepWanted();
    }
    return room;
  }

  /**
   * Shows a room, entering it if need be; null shows none.
   * @param {string | null} name
   */
  open(name) {
    const before = this.current;
    if (before && before.unread === 0) before.divider = null;
    this.current = name === null ? null : this.want(name);
    if (this.current) this.visits.note(this.current.name);
    if (this.current && this.current.unread && this.current.divider === null) {
      this.current.divider = this.current.firstUnread;
    }
    this.#enter(this.current);
    this.changed.emit();
    return this.current;
  }

  /** Enters all of them, the one that is shown first. */
  async enterAll() {
    await this.refresh();
    const rooms = [...this];
    if (this.current) rooms.unshift(this.current);
    for (const room of rooms) this.#enter(room);
  }

  /** There is no connection: one is in none of them. */
  out() {
    for (const room of this) room.stage = OUT;
  }

  /** @param {Room | null | undefined} room */
  async #enter(room) {
    if (!this.#session.online || !room || room.stage !== OUT) return;
    room.stage = JOINING;
    const head = this.directory.list.find(({ name }) => keyOf(name) === room.key)?.head ?? 0;
    if (room.cursor !== null && head - room.cursor > MAX_MISSED) room.reset(head - PAGE);
    /** @type {{after?: number, after_at?: number}} */
    const after = room.cursor === null ? {} : { after: room.cursor };
    if (room.cursor && room.stamp !== null && this.#session.features.has("stamps")) after.after_at = room.stamp;
    try {
      const answer = await this.#session.ask({ type: "join", room: room.name, ...after });
      this.#entered(room, answer);
    } catch (error) {
      room.stage = OUT;
      this.#failed(room, /** @type {Failure} */ (error));
      this.roomChanged.emit(room);
    }
  }

  /**
   * @param {Room} room
   * @param {Frame} answer
   */
  #entered(room, answer) {
    room.joined(answer, this.#mark(room));
    if (keyOf(answer.room) !== room.key) {
      this.#byKey.delete(room.key);
      room.key = keyOf(answer.room);
      this.#byKey.set(room.key, room);
    }
    this.#keepWanted();
    this.entered.emit(room, answer);
    if (answer.new) this.made.emit(room);
    this.roomChanged.emit(room);
    this.changed.emit();
  }

  /**
   * @param {Room} room
   * @param {Failure} error
   */
  #failed(room, error) {
    if (!(error instanceof Refused)) return; // the next connection enters it
    if (error.code === "bad-cursor" && room.cursor !== null) {
      room.reset();
      this.outdated.emit(room);
      this.#enter(room);
    } else if (error.code === "rate-limited" || error.code === "log-unavailable") {
      setTimeout(() => this.#enter(room), asked(error.retryAfter, PASSING_MS));
    } else if (error.code === "invalid-name") {
      this.#forget(room);
      this.refused.emit(room, error.message, error.suggestion ?? null);
    } else {
      room.problem = error.message;
      this.#session.problem.emit(error.message);
    }
  }

  /**
   * Leaves a room for good.
   * @param {Room} room
   */
  async leave(room) {
    this.#forget(room);
    await this.#tellLeft(room);
    room.stage = OUT;
    this.refresh();
  }

  /**
   * Deletes a room for everybody; gives the sentence that says why that cannot be, or "".
   * @param {Room} room
   * @returns {Promise<string>}
   */
  async remove(room) {
    try {
      await this.#session.ask({ type: "delete", room: room.name });
    } catch (error) {
      return /** @type {Failure} */ (error).message;
    }
    this.drop(room);
    return "";
  }

  /**
   * The server has put us out of a room, where we want to be.
   * @param {Room} room
   */
  comeBack(room) {
    room.stage = OUT;
    this.#enter(room);
    this.roomChanged.emit(room);
  }

  /**
   * Somebody has put us out of a room.
   * @param {Room} room
   */
  putOut(room) {
    room.stage = OUT;
    this.ended.emit(room, true);
    this.#forget(room);
    this.refresh();
  }

  /**
   * A room is no more.
   * @param {Room} room
   */
  drop(room) {
    room.stage = OUT;
    this.ended.emit(room, false);
    this.#forget(room);
    this.refresh();
  }

  /** @param {Room} room */
  #forget(room) {
    this.#byKey.delete(room.key);
    this.visits.forget(room.name);
    this.#keepWanted();
    this.forgotten.emit(room);
    if (this.current === room) this.current = null;
    this.changed.emit();
  }

  /** @param {Room} room */
  async #tellLeft(room) {
    if (room.stage === IN) await this.#session.attempt({ type: "leave", room: room.name });
  }

  #keepWanted() {
    const names = Array.from(this, ({ name }) => name);
    if (JSON.stringify(names) !== JSON.stringify(this.#wanted.value)) this.#wanted.value = names;
  }

  /** @param {string[]} names */
  #followTabs(names) {
    const wanted = new Map(names.map((name) => [keyOf(name), name]));
    for (const room of [...this]) {
      if (wanted.has(room.key) || room === this.current) continue;
      this.#byKey.delete(room.key);
      this.#tellLeft(room);
    }
    for (const [key, name] of wanted) {
      if (!this.#byKey.has(key)) this.#byKey.set(key, new Room(name));
      this.#enter(this.#byKey.get(key));
    }
    this.changed.emit();
  }

  /** Asks for the first rooms of the server, and those where one was before. */
  async refresh() {
    if (!(await this.directory.refresh())) return;
    for (const info of this.directory.list) {
      const room = this.#byKey.get(keyOf(info.name));
      if (room) room.head = Math.max(room.head, info.head);
    }
    this.listed.emit();
    this.changed.emit();
  }
}
