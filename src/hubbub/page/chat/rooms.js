/** The user's rooms: those where they are, or want to be. They are entered anew on each connection; all tabs share them. */
import { Shared } from "../keep/shared.js";
import { randomId } from "../keep/tabs.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Directory } from "./directory.js";
import { Entering } from "./entering.js";
import { IN, OUT, Room } from "./room.js";
import { Visits } from "./visits.js";

const LIST_MS = 30_000; // between two looks at the rooms of the server

/**
 * @typedef {import("../net/frames.js").Frame} Frame
 */

export class Rooms {
  /** @type {Room | null} */
  current = null; // the one that is shown
  directory; // the rooms of the server
  visits = new Visits();

  changed = new Signal(); // the directory, counts, names of rooms
  listed = new Signal(); // the directory is up to date
  /** @type {Signal<[Room]>} */
  roomChanged = new Signal(); // a room: events, members, lines
  /** @type {Signal<[Room, Frame]>} */
  entered = new Signal(); // a room, and the server's answer
  /** @type {Signal<[Room]>} */
  made = new Signal(); // a room that did not exist before the user entered it
  /** @type {Signal<[Room, boolean]>} */
  ended = new Signal(); // a room that the user is not in any more: put out of it (true), or it was deleted
  /** @type {Signal<[Room]>} */
  forgotten = new Signal(); // a room that the user left for good
  /** @type {Signal<[Room]>} */
  emptied = new Signal(); // a room of which nothing may stay here, as the user may not read it
  /** @type {Signal<[Room, string]>} */
  renamed = new Signal(); // a room that has another name, and the key of the former one
  outdated; // a room that has another log than the one we know
  /** @type {Signal<[Room, string, string | null]>} */
  refused = new Signal(); // a room whose name is not allowed, why, and a name that is
  /** @type {Signal<[Room]>} */
  locked = new Signal(); // a room that asks for a password
  /** @type {Signal<[Room, string, boolean]>} */
  barred = new Signal(); // a room that the user may not read (any more), why, and whether they may ask to be let in

  #session;
  #entering;
  #mark;
  /** @type {Map<string, Room>} */
  #byKey = new Map();
  #wanted = new Shared("rooms", /** @type {string[]} */ ([]));
  /** @type {Set<string>} */
  #leaving = new Set(); // the keys of rooms that were left, until the server does not list the user as a member

  /**
   * @param {import("../net/session.js").Session} session
   * @param {(room: Room) => import("./room.js").Mark | undefined} mark how far this browser knows a room to be read
   */
  constructor(session, mark) {
    this.#session = session;
    this.directory = new Directory(session);
    this.#mark = mark;
    const entering = new Entering(session, this.directory);
    this.#entering = entering;
    this.outdated = entering.outdated;
    entering.joined.on((room, answer) => this.#entered(room, answer));
    entering.failed.on((room) => this.roomChanged.emit(room));
    entering.refused.on((room, why, other) => {
      this.#forget(room);
      this.refused.emit(room, why, other);
    });
    entering.locked.on((room, why) => this.#locked(room, why));
    entering.barred.on((room, why, knock) => this.#barred(room, why, knock));
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

  /** Brings back the rooms of the last visit. */
  recall() {
    for (const name of this.#wanted.value) this.want(name);
  }

  /**
   * The room of that name, in which the user wants to be from now on.
   * @param {string} name
   */
  want(name) {
    let room = this.#byKey.get(keyOf(name));
    if (!room) {
      room = new Room(name);
      this.#leaving.delete(room.key);
      this.#byKey.set(room.key, room);
      this.#keepWanted();
    }
    return room;
  }

  /**
   * Shows a room, and enters it if need be; null shows none.
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
    if (this.current) this.#entering.enter(this.current);
    this.changed.emit();
    return this.current;
  }

  /** Enters all of them; the one that is shown is the first. */
  async enterAll() {
    await this.refresh();
    const rooms = [...this];
    if (this.current) rooms.unshift(this.current);
    for (const room of rooms) this.#entering.enter(room);
  }

  /** The connection is lost: the user is in none of them. */
  out() {
    for (const room of this) room.stage = OUT;
  }

  /**
   * @param {Room} room
   * @param {Frame} answer
   */
  #entered(room, answer) {
    if (keyOf(answer.room) !== room.key) room = this.#call(room, answer.room);
    room.joined(answer, this.#mark(room));
    this.#keepWanted();
    this.entered.emit(room, answer);
    if (answer.new) this.made.emit(room);
    this.roomChanged.emit(room);
    this.changed.emit();
  }

  /**
   * Enters a room that asks for a password.
   * @param {Room} room
   * @param {string} password
   */
  unlock(room, password) {
    return this.#entering.enter(room, password);
  }

  /**
   * Enters a room by the code of a link.
   * @param {string} name
   * @param {string} invite
   */
  admit(name, invite) {
    const room = this.want(name);
    if (room.stage === IN) return;
    room.invite = invite;
    this.#entering.enter(room);
  }

  /**
   * What is kept of it was for those who may read it.
   * @param {Room} room
   * @param {string} why
   */
  #locked(room, why) {
    this.#empty(room);
    room.locked = why;
    this.locked.emit(room);
    this.roomChanged.emit(room);
  }

  /**
   * @param {Room} room
   * @param {string} why
   * @param {boolean} knock
   */
  #barred(room, why, knock) {
    this.#empty(room);
    this.barred.emit(room, why, knock);
    this.#forget(room);
  }

  /** @param {Room} room */
  #empty(room) {
    room.reset();
    this.emptied.emit(room);
  }

  /**
   * Enters a room, unless the user is in it.
   * @param {Room} room
   */
  enter(room) {
    return this.#entering.enter(room);
  }

  /**
   * A room has another name: all that is kept of it goes with it.
   * @param {Room} room
   * @param {string} name
   */
  call(room, name) {
    this.enter(this.#call(room, name));
    this.#keepWanted();
    this.roomChanged.emit(room);
    this.changed.emit();
  }

  /**
   * @param {Room} room
   * @param {string} name
   */
  #call(room, name) {
    const { key, name: before } = room;
    const known = this.#byKey.get(keyOf(name)) ?? room; // an old link may lead to a room that is here by its new name
    this.#byKey.delete(key);
    if (known === room) room.call(name);
    else room.stage = OUT;
    if (this.current === room) this.current = known;
    this.#byKey.set(known.key, known);
    this.visits.rename(before, name);
    this.renamed.emit(known, key);
    return known;
  }

  /**
   * Forgets the rooms for which `gone(room)` is true: they are another user's. Returns their keys.
   * @param {(room: Room) => boolean} gone
   */
  forgetAll(gone) {
    const rooms = [...this].filter(gone);
    for (const room of rooms) this.#forget(room);
    this.directory.list = this.directory.talks = [];
    return new Set(rooms.map(({ key }) => key));
  }

  /**
   * Leaves a room for good.
   * @param {Room} room
   */
  async leave(room) {
    this.#leaving.add(room.key);
    this.#forget(room);
    await this.#tellLeft(room);
    room.stage = OUT;
    this.refresh();
  }

  /**
   * Says what a room is about; "" takes the topic away. A refusal is told as a problem.
   * @param {Room} room
   * @param {string} topic
   */
  setTopic(room, topic) {
    return this.#session.attempt({ type: "topic", room: room.name, topic, nonce: randomId() });
  }

  /**
   * Deletes a room for everybody; returns why that cannot be, or "".
   * @param {Room} room
   * @returns {Promise<string>}
   */
  async remove(room) {
    try {
      await this.#session.ask({ type: "delete", room: room.name });
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
    this.drop(room);
    return "";
  }

  /**
   * The server has put us out of a room: enters it again.
   * @param {Room} room
   */
  comeBack(room) {
    room.stage = OUT;
    this.#entering.enter(room);
    this.roomChanged.emit(room);
  }

  /**
   * Somebody has put the user out of a room.
   * @param {Room} room
   */
  putOut(room) {
    room.stage = OUT;
    if (room.keepsMembers) this.#empty(room);
    this.ended.emit(room, true);
    this.#forget(room);
    this.refresh();
  }

  /**
   * A room does not exist any more.
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
      this.#leaving.add(room.key);
      this.#tellLeft(room);
    }
    for (const [key, name] of wanted) {
      const room = this.#byKey.get(key) ?? new Room(name);
      this.#byKey.set(key, room);
      this.#entering.enter(room);
    }
    this.changed.emit();
  }

  /**
   * The user is a member of a room, also if they have never been there in this browser. Half of the places stay for
   * the rooms to which they go.
   * @param {string} name
   */
  #belong(name) {
    if (this.#byKey.size < (this.#session.limits?.rooms ?? 0) / 2) this.#entering.enter(this.want(name));
  }

  /** Fetches the list of rooms again. */
  async refresh() {
    if (!(await this.directory.refresh())) return;
    for (const info of this.directory.list) {
      const room = this.#byKey.get(keyOf(info.name));
      if (room) room.head = Math.max(room.head, info.head);
      else if (isMember(info) && !this.#leaving.has(keyOf(info.name))) this.#belong(info.name);
    }
    const own = new Set(this.directory.list.filter(isMember).map(({ name }) => keyOf(name)));
    for (const key of this.#leaving) if (!own.has(key)) this.#leaving.delete(key);
    this.listed.emit();
    this.changed.emit();
  }
}

/**
 * Whether it is a room whose members stay members, and the user is one: others are not told what is read there.
 * @param {import("./directory.js").RoomInfo} info
 */
const isMember = ({ access, read }) => (access === "members" || access === "locked") && typeof read === "number";
