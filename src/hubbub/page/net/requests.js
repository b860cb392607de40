/**
 * Commands and their answers. Each command has a number, which its answer repeats; commands go at the server's
 * pace, and those that have to wait go in order.
 */
import { Lost, Refused } from "./failures.js";
import { whyTooLong } from "./frame.js";
import { Pace } from "./pace.js";

const MAX_TIMER_MS = 60_000; // a timer of more than 2^31 ms would end at once

/**
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Command} Command
 * @typedef {{command: Command, answered: (answer: Frame) => void, failed: (error: import("./failures.js").Failure) => void}} Request
 */

/**
 * The type of the answer to each command. An error answers any of them; other frames answer none.
 * @type {Record<string, string>}
 */
const ANSWERS = {
  hello: "welcome",
  register: "welcome",
  password: "done",
  rename: "done",
  revoke: "done",
  own: "done",
  "close-account": "done",
  factor: "factor",
  "confirm-factor": "recovery-codes",
  "end-factor": "done",
  profile: "done",
  block: "done",
  whois: "person",
  devices: "devices",
  "make-ticket": "ticket",
  tickets: "tickets",
  "end-ticket": "done",
  direct: "direct",
  formerly: "pong",
  rooms: "rooms",
  join: "joined",
  leave: "left",
  delete: "deleted",
  say: "ack",
  edit: "ack",
  redact: "ack",
  react: "ack",
  pin: "ack",
  pins: "messages",
  conversation: "messages",
  versions: "versions",
  topic: "ack",
  rules: "ack",
  "rename-room": "ack",
  invite: "ack",
  "end-invitation": "ack",
  filter: "ack",
  role: "ack",
  kick: "ack",
  mute: "ack",
  unmute: "ack",
  ban: "ack",
  unban: "ack",
  exempt: "ack",
  bans: "bans",
  queue: "queue",
  settle: "done",
  report: "done",
  knock: "done",
  audit: "history",
  history: "history",
  timeline: "history",
  who: "who",
  read: "read",
  search: "found",
  ping: "pong",
};

export class Requests {
  open = false; // whether the server has welcomed us, so that commands may go

  #connection;
  #source;
  /** @type {import("./frames.js").Limits | null} */
  #limits = null;
  #number = 0;
  /** @type {Map<unknown, {type: string, answered: Request["answered"], failed: Request["failed"]}>} by number */
  #unanswered = new Map();
  /** @type {Request[]} */
  #waiting = []; // until the pace lets them go
  #pace = new Pace(0, 0, 0);
  #timer = 0;

  /**
   * @param {Pick<import("./connection.js").Connection, "send">} connection
   * @param {{next: () => Request | null}} source texts, which go when no command waits
   */
  constructor(connection, source) {
    this.#connection = connection;
    this.#source = source;
  }

  /**
   * Commands may go from now on, at the pace of a server with these limits.
   * @param {import("./frames.js").Limits} limits
   */
  begin(limits) {
    this.#limits = limits;
    this.#pace = new Pace(limits.rate, limits.burst, performance.now());
    this.open = true;
  }

  /** The connection is lost: all that is unanswered fails. */
  end() {
    this.open = false;
    clearTimeout(this.#timer);
    const failing = [...this.#unanswered.values(), ...this.#waiting];
    this.#unanswered.clear();
    this.#waiting = [];
    for (const { failed } of failing) failed(new Lost("The connection was lost."));
  }

  /**
   * The answer to a command; rejected with `Refused` or `Lost`.
   * @param {Command} command
   * @returns {Promise<Frame>}
   */
  ask(command) {
    if (!this.open) return Promise.reject(new Lost("There is no connection."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, answered: resolve, failed: reject });
      this.pump();
    });
  }

  /**
   * Sends a command that has no answer, if it may go now.
   * @param {Command} command
   */
  tell(command) {
    const now = performance.now();
    if (!this.open || this.#waiting.length || this.#pace.wait(now) > 0) return;
    this.#pace.sent(now, false);
    this.#connection.send(command);
  }

  /** Sends what may go. */
  pump() {
    clearTimeout(this.#timer);
    while (this.open) {
      const now = performance.now();
      const wait = this.#pace.wait(now);
      if (wait > 0) {
        if (wait < Infinity) this.#timer = setTimeout(() => this.pump(), Math.min(wait + 1, MAX_TIMER_MS));
        return;
      }
      const next = this.#waiting.shift() ?? this.#source.next();
      if (!next) return;
      const why = whyTooLong(next.command, this.#limits);
      if (why) {
        // The server would refuse it, or close the connection, and other commands wait for that.
        next.failed(new Refused({ code: "line-too-long", message: why }));
        continue;
      }
      this.#pace.sent(now);
      this.send(next);
    }
  }

  /**
   * Sends a command at once, whatever the pace.
   * @param {Request} request
   */
  send({ command, answered, failed }) {
    const id = ++this.#number;
    this.#unanswered.set(id, { type: ANSWERS[command.type], answered, failed });
    this.#connection.send({ ...command, id });
  }

  /**
   * Takes a frame if it is an answer; false if it is none.
   * @param {Frame} frame
   */
  take(frame) {
    const request = this.#unanswered.get(frame.re);
    if (!request || (frame.type !== request.type && frame.type !== "error")) return false;
    this.#unanswered.delete(frame.re);
    if (this.open) this.#pace.answered();
    if (frame.type === "error") request.failed(new Refused(/** @type {any} */ (frame)));
    else request.answered(frame);
    this.pump();
    return true;
  }
}
