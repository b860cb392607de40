/** The chat: its parts, what the user says, and which events are for them. It knows no element. */
import { Identity } from "../keep/identity.js";
import { retryDelay } from "../net/backoff.js";
import { Connection } from "../net/connection.js";
import { Session } from "../net/session.js";
import { Signal } from "../signal.js";
import { traitsOf } from "../text/kinds.js";
import { safe } from "../text/safe.js";
import { Account } from "./account.js";
import { Amending } from "./amending.js";
import { Arriving } from "./arriving.js";
import { changesOf } from "./changes.js";
import { Files } from "./files.js";
import { History } from "./history.js";
import { Invitations } from "./invitations.js";
import { Keeping } from "./keeping.js";
import { Login } from "./login.js";
import { Moderating } from "./moderating.js";
import { Profile } from "./profile.js";
import { Queue } from "./queue.js";
import { Reader } from "./reader.js";
import { Reading } from "./reading.js";
import { IN } from "./room.js";
import { Rooms } from "./rooms.js";
import { Talks } from "./talks.js";
import { Uploads } from "./uploads.js";

const MAX_TIMER_MS = 24 * 3_600_000; // more than 2^31 ms would end at once
const MAX_ABOUT = 50; // messages that are asked for anew when much was missed
const TYPING_MS = 3000; // between two notices that the user is typing

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Message} Message
 */

export class Chat {
  server; // its name
  /** @type {Signal<[string]>} */
  notice = new Signal(); // a sentence for the user
  /** @type {(line: import("./queue.js").Line) => boolean} */
  returned = () => false; // a line may not be said so: whether it is where the user writes again
  /** @type {(key: string) => number[]} */
  about = () => []; // the messages of a room that are quoted or changed where the user writes
  /** @type {Signal<[Room, LogEvent]>} */
  revised = new Signal(); // a room, and an event after which what quotes one of its messages says something else
  /** @type {Signal<[Room]>} */
  skipped = new Signal(); // a room of which events were missed that will not come any more

  #session;
  #keeping;
  #reader;
  #typed = -Infinity;

  /**
   * @param {URL} url
   * @param {string} server the server's name when the page came from it
   * @param {import("../keep/ignored.js").Ignored} ignored
   * @param {import("./rights.js").Rights} rights who may do what
   */
  constructor(url, server, ignored, rights) {
    this.server = server;
    this.rights = rights;
    const identity = new Identity();
    this.#reader = new Reader(() => ({ name: this.login.user, id: this.login.id }), ignored);
    this.queue = new Queue({
      ready: (key, amends) => this.rooms.get(key)?.stage === IN && (amends || !this.rooms.get(key)?.wait),
      said: (key) => this.#said(key),
      delay: (key, seconds) => this.#delay(key, seconds),
      returned: (line, why) => {
        const taken = line.amend && line.amend.kind !== "edited" ? true : this.returned(line);
        if (taken) this.notice.emit(why);
        return taken;
      },
      identity: (key) => ({
        user: this.login.user,
        id: this.login.id,
        account: this.login.account,
        token: this.#session.token,
        cursor: key === undefined ? null : this.rooms.get(key)?.cursor,
      }),
      resume: () => this.#session.pump(),
    });
    const connection = new Connection(url);
    const session = new Session(connection, identity, this.queue);
    this.#session = session;
    // Before the login's, which enters rooms: lines in doubt have to be known by then.
    session.welcomed.on((welcome) => this.#welcomed(welcome));
    const who = () => ({ token: session.token, guest: session.account ? null : session.user });
    this.files = new Files(who);
    this.uploads = new Uploads({ who, say: (room, text, reply, files) => this.#sayWith(room, text, reply, files) });
    const rooms = new Rooms(session, (room) => this.reading.mark(room));
    this.rooms = rooms;
    this.invitations = new Invitations(session, rooms);
    this.moderating = new Moderating(session, rights, rooms, () => ({ account: session.account }));
    this.amending = new Amending({ session, queue: this.queue, moderating: this.moderating, reader: this.#reader });
    this.amending.full.on(() => this.notice.emit("Too much of what you did waits to be sent. Please do this one again in a while."));
    this.account = new Account(session);
    this.profile = new Profile(session, ignored);
    this.talks = new Talks(session, rooms);
    this.history = new History(session, rooms);
    const reading = new Reading(session, rooms, this.history, this.#reader);
    this.reading = reading;
    this.arriving = new Arriving(session, rooms, this.#reader);
    // After signing out nothing stays behind, in no tab.
    const keeping = new Keeping(rooms, () => Boolean(identity.token));
    this.#keeping = keeping;
    const { account, queue } = this;
    this.login = new Login({ connection, session, identity, rooms, reading, keeping, account, queue });
    this.login.signedOut.on(() => {
      this.profile.forget();
      this.files.forget();
      this.uploads.forget();
    });
    session.problem.on((sentence) => this.notice.emit(sentence));
    session.heard.on((frame) => frame.type === "announcement" && this.notice.emit(`${safe(frame.by)} tells everybody: ${safe(frame.text)}`));
    session.heard.on((frame) => frame.type === "warning" && this.notice.emit(`To who administers this server: ${safe(frame.message)}`));
    this.login.renewed.on(() => {
      this.notice.emit("This server was set up anew, so its rooms are no longer those that you knew.");
    });
    this.queue.changed.on((key) => this.#linesChanged(key));
    rooms.entered.on((room) => this.#entered(room));
    rooms.outdated.on((room) => this.#outdated(room));
    rooms.ended.on((room) => this.queue.forget(room.key));
    rooms.emptied.on((room) => this.queue.forget(room.key));
    rooms.emptied.on((gone) => this.uploads.forget((room) => room === gone));
    rooms.renamed.on((room, key) => this.queue.move(room, key));
    this.arriving.took.on((room, events) => this.#took(room, events));
    this.arriving.caughtUp.on((room) => this.#caughtUp(room));
    this.arriving.marked.on((room) => reading.recount(room));
    ignored.changed.on(() => reading.recountAll());
  }

  /** Brings back what was kept, and connects if the user was signed in. */
  async begin() {
    this.rooms.recall();
    await this.#keeping.restore();
    for (const { room } of await this.queue.adopt()) this.rooms.want(room);
    this.login.resume();
    this.rooms.changed.emit();
  }

  /** The user's name. */
  get user() {
    return this.login.user;
  }

  get online() {
    return this.#session.online;
  }

  get limits() {
    return this.#session.limits;
  }

  /**
   * Whether the server has a feature.
   * @param {string} feature
   */
  can(feature) {
    return this.#session.features.has(feature);
  }

  /** @param {import("../net/frames.js").Frame} welcome */
  #welcomed(welcome) {
    this.server = welcome.server ?? this.server;
    this.queue.welcomed();
    if (this.can("files")) this.files.renew(true);
  }

  // Speaking

  /**
   * Says a text in a room; false when too many lines wait already.
   * @param {Room} room
   * @param {string} text
   * @param {import("./queue.js").Line["reply"]} reply
   * @param {import("../text/kinds.js").File[]} [files]
   */
  say(room, text, reply = null, files = []) {
    if (this.queue.full) return false;
    if (!room.unread) room.divider = null;
    this.queue.add(room, text, reply, files);
    return true;
  }

  /** @type {(room: Room, text: string, reply: import("./queue.js").Line["reply"], files: import("../text/kinds.js").File[]) => void} */
  #sayWith(room, text, reply, files) {
    if (this.say(room, text, reply, files)) return;
    this.uploads.bring(room, files);
    this.notice.emit("Too many messages wait to be sent. Please send these files in a while.");
  }

  /**
   * Lets the others in a room know that the user is typing.
   * @param {Room} room
   */
  typing(room) {
    const now = performance.now();
    if (room.stage !== IN || now - this.#typed < TYPING_MS || !this.can("typing")) return;
    this.#typed = now;
    this.#session.tell({ type: "typing", room: room.name });
  }

  /** @param {string} key */
  #said(key) {
    const room = this.rooms.get(key);
    room?.spoke();
    if (room?.wait) this.#resumeAfter(room);
  }

  /**
   * The server lets the user wait; returns whether that is about this room alone, which is in slow mode.
   * @param {string} key
   * @param {number | null | undefined} seconds
   */
  #delay(key, seconds) {
    const room = this.rooms.get(key);
    if (!room?.standing?.slow || (room.standing.role ?? "member") !== "member") return false;
    room.waits = performance.now() + retryDelay(seconds, 1000);
    this.#resumeAfter(room);
    return true;
  }

  /** @param {Room} room */
  #resumeAfter(room) {
    setTimeout(() => this.#session.pump(), Math.min(room.wait + 5, MAX_TIMER_MS));
    this.rooms.roomChanged.emit(room);
  }

  /** @param {Room} room */
  #entered(room) {
    if (!room.window.tail.length) this.#keeping.soon(room); // what was kept of it may be of texts that are gone
    if (room.caughtUp) this.#caughtUp(room);
    if (room.skipped) this.#lookAgain(room);
    this.#session.pump();
  }

  /** @type {(room: Room, event: LogEvent) => void} */
  #revise(room, event) {
    if (event.kind === "forgotten") this.queue.forgetAuthor(room.key, event);
    if (traitsOf(event).rewords) this.queue.revise(room.key, event);
    this.revised.emit(room, event);
  }

  /**
   * What was said before may have been changed unheard: so what drafts and lines are about is asked for anew.
   * @param {Room} room
   */
  async #lookAgain(room) {
    const { lost } = room;
    room.skipped = room.lost = false;
    if (lost) this.skipped.emit(room);
    const about = new Set([...this.about(room.key), ...this.queue.about(room.key)]);
    for (const seq of [...about].slice(0, MAX_ABOUT)) {
      const said = await this.history.message(room, seq);
      if (said === undefined) room.skipped = true; // the next connection does it
      else for (const event of changesOf(seq, said)) this.#revise(room, event);
    }
  }

  /** @param {Room} room */
  #caughtUp(room) {
    this.#resolveDoubts(room);
    this.reading.caughtUp(room);
  }

  /** @param {Room} room */
  #outdated(room) {
    this.queue.reset(room.key);
    const why = "the server was restored from a backup, or the room was made anew";
    this.notice.emit(`Some messages that you saw in ${safe(room.title)} are gone: ${why}.`);
  }

  /**
   * @param {Room} room
   * @param {LogEvent[]} events
   */
  #took(room, events) {
    for (const event of events) {
      this.queue.recognise(room.key, event);
      this.#revise(room, event);
      if (event.seq > room.live) this.login.follow(event);
    }
    this.queue.arrived(room.key, room.cursor ?? 0);
    this.#keeping.soon(room);
  }

  /**
   * Lines in doubt are said again only if the room's log does not have them.
   * @param {Room} room
   */
  async #resolveDoubts(room) {
    const lines = this.queue.doubtful(room.key);
    if (!lines.length) return;
    const events = await this.history.since(room, Math.min(...lines.map((line) => line.after ?? 0)));
    if (events) this.queue.resolveDoubts(room.key, lines, events); // else the next connection does it
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
   * Whether an event is for the user to read: a message of somebody else whom they do not ignore.
   * @param {LogEvent} event
   * @returns {event is Message}
   */
  reads(event) {
    return this.#reader.reads(event);
  }

  /**
   * Whether an event of a room is such a message and speaks to the user.
   * @param {Room} room
   * @param {LogEvent} event
   * @returns {event is Message}
   */
  concerns(room, event) {
    return this.#reader.reads(event) && room.isFor(event, this.#reader);
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
   * Whether the messages of somebody are hidden.
   * @param {string} name
   * @param {string | null} [id]
   */
  ignores(name, id) {
    return this.#reader.ignores(name, id);
  }
}
