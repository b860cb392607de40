/** What the user does with messages that are there: edits, reactions, pins; and what the server tells of such messages. */
import { Signal } from "../signal.js";
import { isMessage } from "../text/kinds.js";
import { changed, placeOf } from "./forms.js";

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Message} Message
 * @typedef {import("./queue.js").Line} Line
 * @typedef {{event: LogEvent, waiting: Line[]}} Shown a message as the user has it, and what of that waits to be sent
 * @typedef {{events: LogEvent[], more: boolean}} Told
 */

export class Amending {
  full = new Signal(); // too much waits to be sent
  #session;
  #queue;
  #moderating;
  #reader;

  /**
   * @param {object} given
   * @param {import("../net/session.js").Session} given.session
   * @param {import("./queue.js").Queue} given.queue
   * @param {import("./moderating.js").Moderating} given.moderating
   * @param {import("./reader.js").Reader} given.reader
   */
  constructor({ session, queue, moderating, reader }) {
    this.#session = session;
    this.#queue = queue;
    this.#moderating = moderating;
    this.#reader = reader;
  }

  // What may be done

  /** @type {(room: Room, event: LogEvent) => boolean} */
  mayEdit(room, event) {
    return isThere(event) && this.#reader.wrote(event) && this.#may("speak", room) && !this.#isOld(event);
  }

  /** @type {(room: Room, event: LogEvent) => boolean} */
  mayRedact(room, event) {
    return isThere(event) && (this.#reader.wrote(event) || this.#may("redact", room));
  }

  /** @type {(room: Room, event: LogEvent) => boolean} */
  mayReact(room, event) {
    return isThere(event) && this.#may("speak", room);
  }

  /** @type {(room: Room, event: LogEvent) => boolean} */
  mayPin(room, event) {
    return isThere(event) && this.#may("pin", room);
  }

  /** Whether the user may see what a message said before. @type {(room: Room, event: LogEvent) => boolean} */
  maySeeVersions(room, event) {
    return Boolean(event.edited_at) && (this.#reader.wrote(event) || this.#may("redact", room));
  }

  /** Without a connection one may do what one may have done with one: it waits. @type {(action: string, room: Room) => boolean} */
  #may(action, room) {
    return this.#moderating.whyNot(action, room) === null;
  }

  /** Whether the time for edits is over, where the server has one. @param {LogEvent} event */
  #isOld({ at }) {
    const seconds = this.#session.limits?.edit ?? 0;
    return seconds > 0 && Date.now() > at + 1000 * seconds;
  }

  /**
   * The user's newest message of a room that can be edited.
   * @param {Room} room
   */
  lastOwn(room) {
    const { tail } = room.window;
    return tail.findLast((event) => isMessage(event) && this.mayEdit(room, event)) ?? null;
  }

  // What is done

  /** @type {(room: Room, event: LogEvent, text: string) => void} */
  edit(room, { seq }, text) {
    this.#do(room, { kind: "edited", target: seq, text });
  }

  /** @type {(room: Room, event: LogEvent) => void} */
  redact(room, { seq }) {
    this.#do(room, { kind: "redacted", target: seq });
  }

  /**
   * Reacts to a message, or does not any more.
   * @type {(room: Room, event: LogEvent, emoji: string, on?: boolean) => void}
   */
  react(room, event, emoji, on = !this.reactsWith(this.shown(room, event).event, emoji)) {
    this.#do(room, { kind: "reacted", target: event.seq, emoji, on });
  }

  /** @type {(room: Room, event: LogEvent, on: boolean) => void} */
  pin(room, { seq }, on) {
    this.#do(room, { kind: "pinned", target: seq, on });
  }

  /** @type {(room: Room, amend: import("../keep/database.js").Amendment) => void} */
  #do(room, amend) {
    if (this.#queue.full) this.full.emit();
    else this.#queue.amend(room, amend);
  }

  // What is shown

  /**
   * A message with what the user has done to it, whether the server has that already or not.
   * @param {Room} room
   * @param {LogEvent} event
   */
  shown(room, event) {
    return this.showing(room)(event);
  }

  /**
   * What shows the messages of a room so, as of now.
   * @param {Room} room
   * @returns {(event: LogEvent) => Shown}
   */
  showing(room) {
    const lines = this.#queue.amending(room.key);
    const { name, id } = this.#reader.me;
    return (event) => {
      const waiting = lines.length ? lines.filter(({ amend }) => amend?.target === event.seq) : lines;
      for (const { amend, at, why } of waiting) {
        if (amend && !why) event = changed(event, { seq: 0, at, by: name, by_id: id, ...amend });
      }
      return { event, waiting };
    };
  }

  /** @type {(event: LogEvent, emoji: string) => boolean} */
  reactsWith({ reactions = [] }, emoji) {
    const { name, id } = this.#reader.me;
    return reactions.some((one) => one.emoji === emoji && placeOf(one, name, id) >= 0);
  }

  // What the server tells

  /**
   * What a message has said, oldest first. Rejected with a `Failure`.
   * @param {Room} room
   * @param {number} target
   * @returns {Promise<{at: number, text: string}[]>}
   */
  async versions(room, target) {
    return (await this.#session.ask({ type: "versions", room: room.name, target })).versions;
  }

  /**
   * The messages that are pinned to a room, the newest pin first. Rejected with a `Failure`.
   * @param {Room} room
   */
  pins(room) {
    return this.#messages(room, { type: "pins" });
  }

  /**
   * All messages that are joined with one by replies, in the order of the log. Rejected with a `Failure`.
   * @param {Room} room
   * @param {number} target
   */
  conversation(room, target) {
    return this.#messages(room, { type: "conversation", target });
  }

  /**
   * @param {Room} room
   * @param {import("../net/frames.js").Command} command
   * @returns {Promise<Told>}
   */
  async #messages(room, command) {
    const { answer, changes } = await room.overtaken(this.#session.ask({ ...command, room: room.name }));
    const events = answer.events.filter((/** @type {LogEvent} */ { seq }) => seq > changes.floor);
    return { events: changes.none ? events : events.map((/** @type {LogEvent} */ event) => changes.applied(event)), more: answer.more ?? false };
  }
}

/** Whether it is a message that was not taken back. @param {LogEvent} event */
const isThere = (event) => isMessage(event) && !event.redacted && Boolean(event.text || event.files?.length);
