/** The chat: who one is, whether the server is there, and what one says. It knows no element. */
import { Identity } from "../keep/identity.js";
import { Connection } from "../net/connection.js";
import { Session } from "../net/session.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { safe } from "../text/safe.js";
import { Arriving } from "./arriving.js";
import { History } from "./history.js";
import { Keeping } from "./keeping.js";
import { Queue } from "./queue.js";
import { Reader } from "./reader.js";
import { Reading } from "./reading.js";
import { IN } from "./room.js";
import { Rooms } from "./rooms.js";

const TYPING_MS = 3000;

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../net/session.js").Refused} Refused
 * @typedef {"idle" | "connecting" | "online" | "waiting"} State
 */

export class Chat {
  /** @type {State} */
  state = "idle";
  nextTry = 0; // when the next attempt is made, by performance.now()
  reason = ""; // why there is no connection, if the server says so
  server; // what it is called

  stateChanged = new Signal();
  /** @type {Signal<[Refused]>} */
  nameRefused = new Signal();
  signedOut = new Signal(); // here, or in another tab
  /** @type {Signal<[string]>} */
  notice = new Signal(); // a sentence for the person

  #session;
  #keeping;
  #identity = new Identity();
  #reader;
  /** @type {{from: string, done: (error: Refused | null) => void} | null} `from`: the name before */
  #renaming = null;
  #typed = -Infinity;

  /**
   * @param {URL} url
   * @param {string} server what it was called when the page came from it
   * @param {import("../keep/ignored.js").Ignored} ignored
   */
  constructor(url, server, ignored) {
    this.server = server;
    this.#reader = new Reader(() => ({ name: this.user, id: this.#id }), ignored);
    this.queue = new Queue({
      ready: (key) => this.rooms.get(key)?.stage === IN,
      identity: (key) => ({
        user: this.user,
        id: this.#id,
        token: this.#session.token,
        cursor: key === undefined ? null : this.rooms.get(key)?.cursor,
      }),
      resume: () => this.#session.pump(),
    });
    const connection = new Connection(url);
    connection.explained.on((why) => {
      if (this.reason === why) return;
      this.reason = why;
      this.stateChanged.emit();
    });
    this.#session = new Session(connection, this.#identity, this.queue);
    this.rooms = new Rooms(this.#session, (room) => this.reading.mark(room));
    this.history = new History(this.#session, this.rooms);
    this.reading = new Reading(this.#session, this.rooms, this.history, this.#reader);
    this.arriving = new Arriving(this.#session, this.rooms, this.#reader);
    // Who has signed out leaves nothing behind, in no tab.
    this.#keeping = new Keeping(this.rooms, () => Boolean(this.#identity.token));
    this.#identity.changed.on((wasIn) => this.#followTabs(wasIn));
    this.#session.welcomed.on((welcome, same) => this.#welcomed(welcome, same));
    this.#session.refused.on((error) => this.#refused(error));
    this.#session.lost.on((pause) => this.#lost(pause));
    this.#session.problem.on((sentence) => this.notice.emit(sentence));
    this.queue.changed.on((key) => this.#linesChanged(key));
    this.rooms.entered.on((room) => this.#entered(room));
    this.rooms.outdated.on((room) => this.#outdated(room));
    this.arriving.took.on((room, events) => this.#took(room, events));
    this.arriving.caughtUp.on((room) => this.#caughtUp(room));
    this.arriving.marked.on((room) => this.reading.recount(room));
    ignored.changed.on(() => this.reading.recountAll());
  }

  get user() {
    return this.#session.user ?? this.#identity.name;
  }

  /** Who one is, whatever the name. */
  get #id() {
    return this.#session.user === null ? this.#identity.id : this.#session.id;
  }

  /** The name one had here last; "" at the first visit. */
  get rememberedName() {
    return this.#identity.name;
  }

  get online() {
    return this.#session.online;
  }

  get limits() {
    return this.#session.limits;
  }

  /** @param {string} feature */
  can(feature) {
    return this.#session.features.has(feature);
  }

  // Coming and going

  /** Brings back what was kept, and connects if one was here before. */
  async begin() {
    this.rooms.recall();
    await this.#keeping.restore();
    for (const { room } of await this.queue.adopt()) this.rooms.want(room);
    if (this.#identity.token) this.introduce(this.rememberedName);
    this.rooms.changed.emit();
  }

  /** @param {string} name */
  introduce(name) {
    this.#setState("connecting");
    this.#session.introduce(name);
  }

  /**
   * Goes by another name; gives the error that it was refused with, or null.
   * @param {string} name
   * @returns {Promise<Refused | null>}
   */
  rename(name) {
    this.#renaming?.done(null);
    return new Promise((done) => {
      this.#renaming = { from: this.user, done };
      this.#session.rename(name);
    });
  }

  /** @param {Refused | null} error */
  #renamed(error) {
    const renaming = this.#renaming;
    this.#renaming = null;
    renaming?.done(error);
    return renaming;
  }

  hurry() {
    this.#session.hurry();
  }

  /** Says goodbye: the name is free at once. The rooms come back with the next visit. */
  async quit() {
    this.#identity.forget(this.online);
    await this.#signOut();
  }

  async #signOut() {
    this.#renamed(null);
    this.#session.end();
    this.rooms.out();
    for (const room of this.rooms) room.reset();
    this.#setState("idle");
    this.signedOut.emit();
    await this.#keeping.dropAll();
  }

  /**
   * All tabs are one user: what became of the name in another one is so here, too.
   * @param {boolean} wasIn
   */
  #followTabs(wasIn) {
    const { name, token } = this.#identity;
    if (!token) {
      if (wasIn && this.state !== "idle") this.#signOut();
    } else if (this.state === "idle") {
      this.introduce(name);
    } else if (keyOf(name) !== keyOf(this.user)) {
      this.#session.become(name);
    }
  }

  /**
   * @param {import("../net/frames.js").Frame} welcome
   * @param {boolean} same whether the server still knows us as before
   */
  #welcomed(welcome, same) {
    if (this.#keeping.follow(welcome.log)) {
      for (const room of this.rooms) room.reset();
      this.reading.forgetAll();
      this.notice.emit("This server was set up anew, so its rooms are no longer those that you knew.");
    }
    this.server = welcome.server ?? this.server;
    this.queue.welcomed();
    this.rooms.out();
    if (!same && !this.#renaming) this.reading.tellAll(); // before any room is entered
    this.#setState("online");
    const renaming = this.#renamed(null);
    if (renaming) this.#enterAs(renaming.from);
    else {
      this.#freeFormer();
      this.rooms.enterAll();
    }
  }

  /**
   * Enters the rooms under a new name; the one before is given up when they know it.
   * @param {string} from
   */
  async #enterAs(from) {
    const token = this.#identity.proof(from);
    try {
      if (token && this.can("renames")) {
        const { user_id: id } = await this.#session.ask({ type: "formerly", user: from, token });
        if (id) this.#session.known(id);
      }
      this.reading.tellAll(); // only now: who has read something is somebody already
      await this.rooms.enterAll();
      await this.#session.ask({ type: "ping" }); // answered when we are in them
    } catch {
      return; // the next connection frees it
    }
    this.#freeFormer();
  }

  #freeFormer() {
    for (const [key, token] of this.#identity.former) {
      this.#session.free(key, token, () => this.#identity.freed(key));
    }
  }

  /** @param {Refused} error */
  #refused(error) {
    const renaming = this.#renamed(error);
    if (renaming) {
      this.#session.introduce(renaming.from);
      return;
    }
    this.#setState("idle");
    this.nameRefused.emit(error);
  }

  /** @param {number} pause */
  #lost(pause) {
    this.nextTry = performance.now() + pause;
    this.rooms.out();
    this.#setState("waiting");
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.stateChanged.emit();
  }

  // Speaking

  /**
   * Says a text in a room; false when too many lines wait already.
   * @param {Room} room
   * @param {string} text
   * @param {import("./queue.js").Line["reply"]} reply
   */
  say(room, text, reply = null) {
    if (this.queue.full) return false;
    if (!room.unread) room.divider = null;
    this.queue.add(room, text, reply);
    return true;
  }

  /**
   * Lets the room know that one is writing.
   * @param {Room} room
   */
  typing(room) {
    const now = performance.now();
    if (room.stage !== IN || now - this.#typed < TYPING_MS || !this.can("typing")) return;
    this.#typed = now;
    this.#session.tell({ type: "typing", room: room.name });
  }

  /** @param {Room} room */
  #entered(room) {
    if (room.caughtUp) this.#caughtUp(room);
    this.#session.pump();
  }

  /** @param {Room} room */
  #caughtUp(room) {
    this.#settle(room);
    this.reading.caughtUp(room);
  }

  /** @param {Room} room */
  #outdated(room) {
    this.queue.reset(room.key);
    const why = "the server was restored from a backup, or the room was made anew";
    this.notice.emit(`Some messages that you saw in ${safe(room.name)} are gone: ${why}.`);
  }

  /**
   * @param {Room} room
   * @param {LogEvent[]} events
   */
  #took(room, events) {
    for (const event of events) this.queue.recognise(room.key, event);
    this.#keeping.soon(room);
  }

  /**
   * Lines in doubt are said again only if the room's log does not have them.
   * @param {Room} room
   */
  async #settle(room) {
    const lines = this.queue.doubtful(room.key);
    if (!lines.length) return;
    const events = await this.history.since(room, Math.min(...lines.map((line) => line.after ?? 0)));
    if (events) this.queue.settle(room.key, lines, events); // else the next connection does it
  }

  /** @param {string} key */
  #linesChanged(key) {
    const room = this.rooms.get(key);
    if (room) this.rooms.roomChanged.emit(room);
  }

  // Looking

  /**
   * @param {string} query
   * @param {string} [before] where the server went on the last time
   */
  search(query, before) {
    return this.#session.ask({ type: "search", query, ...(before && { before }) });
  }

  /**
   * Whether an event is there for the person to read: a text of somebody whom they do not ignore.
   * @param {LogEvent} event
   */
  reads(event) {
    return this.#reader.reads(event);
  }

  /**
   * Whether an event is for the person in particular.
   * @param {LogEvent} event
   */
  concerns(event) {
    return this.#reader.reads(event) && this.#reader.isNamedIn(event);
  }

  /** @param {LogEvent} event */
  isMine(event) {
    return this.#reader.wrote(event);
  }

  /**
   * Whether an event of a room is still to be read.
   * @param {Room} room
   * @param {LogEvent} event
   */
  awaits(room, event) {
    return room.awaits(event, this.#reader);
  }

  /**
   * Whether what somebody writes is not shown.
   * @param {string} name
   */
  ignores(name) {
    return this.#reader.ignores(name);
  }
}
