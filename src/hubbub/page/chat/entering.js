/** Entering a room: after which event it goes on, and what follows from a refusal. */
import { retryDelay } from "../net/backoff.js";
import { Refused } from "../net/failures.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { PAGE } from "./history.js";
import { JOINING, OUT } from "./room.js";

const MAX_MISSED = 1000; // events: more are not fetched at once, but when the user scrolls there
const LOCKED = ["need-password", "wrong-password"]; // errors
const USED_UP = "This link leads nowhere any more: it was used, or its time is over, or somebody has ended it.";
const HIDDEN = "no-such-room"; // there is none, or it is private
const BARRED = [HIDDEN, "banned", "need-account", "not-allowed"];
const PASSING_MS = 2000; // until the next attempt at a busy server that does not say when

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../net/frames.js").Frame} Frame
 * @typedef {import("../net/failures.js").Failure} Failure
 */

export class Entering {
  /** @type {Signal<[Room, Frame]>} */
  joined = new Signal(); // a room, and the server's answer
  /** @type {Signal<[Room]>} */
  failed = new Signal(); // a room that could not be entered now
  /** @type {Signal<[Room]>} */
  outdated = new Signal(); // a room that has another log than the one we know
  /** @type {Signal<[Room, string, string | null]>} */
  refused = new Signal(); // a room whose name is not allowed, why, and a name that is
  /** @type {Signal<[Room, string]>} */
  locked = new Signal(); // a room that asks for a password, and why
  /** @type {Signal<[Room, string, boolean]>} */
  barred = new Signal(); // a room that the user may not read (any more), why, and whether they may ask to be let in

  #session;
  #directory;

  /**
   * @param {import("../net/session.js").Session} session
   * @param {import("./directory.js").Directory} directory
   */
  constructor(session, directory) {
    this.#session = session;
    this.#directory = directory;
  }

  /**
   * Enters a room, unless the user is in it already or there is no connection.
   * @param {Room} room
   * @param {string} [password] of a room that asks for one
   */
  async enter(room, password) {
    if (!this.#session.online || room.stage !== OUT) return;
    room.stage = JOINING;
    const head = this.#directory.list.find(({ name }) => keyOf(name) === room.key)?.head ?? 0;
    if (room.cursor !== null && head - room.cursor > MAX_MISSED) room.reset(head - PAGE);
    /** @type {{after?: number, after_at?: number}} */
    const after = room.cursor === null ? {} : { after: room.cursor };
    if (room.cursor && room.stamp !== null && this.#session.features.has("stamps")) after.after_at = room.stamp;
    const proof = { ...(password !== undefined && { password }), ...(room.invite && { invite: room.invite }) };
    try {
      const answer = await this.#session.ask({ type: "join", room: room.name, ...after, ...proof });
      room.invite = "";
      this.joined.emit(room, answer);
    } catch (error) {
      room.stage = OUT;
      this.#failed(room, /** @type {Failure} */ (error));
      this.failed.emit(room);
    }
  }

  /**
   * @param {Room} room
   * @param {Failure} error
   */
  #failed(room, error) {
    if (!(error instanceof Refused)) return; // it is entered on the next connection
    // A room that is gone is made anew by a join without a cursor, and is open then: none that was private.
    const gone = error.code === HIDDEN && room.wasIn && !room.keepsMembers;
    if (room.cursor !== null && (error.code === "bad-cursor" || gone)) {
      room.reset();
      this.outdated.emit(room);
      this.enter(room);
    } else if (error.code === "rate-limited" || error.code === "log-unavailable") {
      setTimeout(() => this.enter(room), retryDelay(error.retryAfter, PASSING_MS));
    } else if (LOCKED.includes(error.code)) {
      room.invite = "";
      this.locked.emit(room, error.message);
    } else if (BARRED.includes(error.code)) {
      const ended = Boolean(room.invite) && error.code === HIDDEN;
      room.invite = "";
      this.barred.emit(room, ended ? USED_UP : error.message, error.code === HIDDEN && this.#session.account);
    } else if (error.code === "invalid-name") {
      this.refused.emit(room, error.message, error.suggestion ?? null);
    } else {
      room.problem = error.message;
      this.#session.problem.emit(error.message);
    }
  }
}
