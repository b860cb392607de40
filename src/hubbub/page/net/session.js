/**
 * One user's session: says hello on each connection, numbers commands, gives each its answer, and
 * keeps to the server's pace. What is asked while there is no connection is refused with `Lost`.
 */
import { Signal } from "../signal.js";
import { whyTooLong } from "./frame.js";
import { Pace } from "./pace.js";

const MOST_MS = 60_000; // a timer of more than 2^31 ms would end at once
const HELLO_MS = 30_000; // for the answer to a hello; a server on a slow disk may take a few
const NAME_TRIES = 3; // another tab may just be telling us the new token

/**
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Command} Command
 * @typedef {{command: Command, answered: (answer: Frame) => void, failed: (error: Refused | Lost) => void}} Asked
 */

/**
 * What answers each command, beside an error; anything else is no answer.
 * @type {Record<string, string>}
 */
const ANSWERS = {
  hello: "welcome",
  formerly: "pong",
  rooms: "rooms",
  join: "joined",
  leave: "left",
  delete: "deleted",
  say: "ack",
  history: "history",
  who: "who",
  read: "read",
  search: "found",
  ping: "pong",
};

/** The server refused a command; `code` is stable, the message is for people. */
export class Refused extends Error {
  /** @param {{code: string, message: string, suggestion?: string, retry_after?: number}} error */
  constructor({ code, message, suggestion, retry_after: retryAfter }) {
    super(message);
    this.code = code;
    this.suggestion = suggestion;
    this.retryAfter = retryAfter;
  }
}

/** The connection was lost before the answer. */
export class Lost extends Error {}

export class Session {
  /** @type {Signal<[Frame, boolean]>} */
  welcomed = new Signal(); // the welcome, and whether the server still knows us as before
  /** @type {Signal<[Refused]>} */
  refused = new Signal(); // the name cannot be had: a Refused
  /** @type {Signal<[Frame]>} */
  heard = new Signal(); // frames that answer nothing
  /** @type {Signal<[number]>} */
  lost = new Signal(); // milliseconds until the next attempt
  /** @type {Signal<[string]>} */
  problem = new Signal(); // a sentence for the person: why an attempt failed

  online = false;
  /** @type {import("./frames.js").Limits | null} */
  limits = null;
  /** @type {Set<string>} */
  features = new Set();
  /** @type {string | null} */
  user = null; // as whom the server knew us last,
  /** @type {string | null} */
  id = null; // who that is, whatever the name (null: an older server does not tell),
  /** @type {string | null} */
  token = null; // and by what

  #connection;
  #identity;
  #source;
  /** @type {string | null} */
  #name = null;
  /** @type {string | null} */
  #presented = null;
  #tries = 0;
  #number = 0;
  /** @type {Map<unknown, {type: string, answered: Asked["answered"], failed: Asked["failed"]}>} by its number */
  #answers = new Map();
  /** @type {Asked[]} */
  #waiting = []; // commands for which the pace has had no room yet
  #pace = new Pace(0, 0, 0); // of the last server that welcomed us
  #timer = 0;
  #greeting = 0;

  /**
   * @param {import("./connection.js").Connection} connection
   * @param {{proof: (name: string) => string | null, keep: (name: string, token: string | null, id: string | null) => void}} identity
   * @param {{next: () => Asked | null}} source texts, which go when no command waits
   */
  constructor(connection, identity, source) {
    this.#connection = connection;
    this.#identity = identity;
    this.#source = source;
    connection.opened.on(() => this.#hello());
    connection.received.on((frame) => this.#take(frame));
    connection.lost.on((pause) => this.#disconnected(pause));
  }

  /**
   * To be known as `name` from now on.
   * @param {string} name
   */
  introduce(name) {
    this.#name = name;
    this.#tries = 0;
    if (this.#connection.open) this.#hello();
    else this.#connection.start();
  }

  /**
   * Goes by another name: on a new connection.
   * @param {string} name
   */
  rename(name) {
    this.#name = name;
    this.#tries = 0;
    this.#connection.fail();
    this.#connection.hurry();
  }

  /**
   * Goes by another name, and is done with the one before.
   * @param {string} name
   */
  become(name) {
    this.#connection.send({ type: "bye" });
    this.rename(name);
  }

  /**
   * Frees a name that one does not want any more: says hello as it once more, and goodbye.
   * @param {string} name
   * @param {string} token
   * @param {() => void} freed
   */
  free(name, token, freed) {
    this.#connection.aside([{ type: "hello", user: name, token, v: 1 }, { type: "bye" }], freed);
  }

  hurry() {
    this.#connection.hurry();
  }

  /** Leaves for good: the name is free at once. */
  end() {
    this.#connection.send({ type: "bye" });
    this.#connection.stop();
    this.#disconnected(null);
    this.#name = null;
  }

  /**
   * The answer to a command; rejected with `Refused` or `Lost`.
   * @param {Command} command
   * @returns {Promise<Frame>}
   */
  ask(command) {
    if (!this.online) return Promise.reject(new Lost("There is no connection."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, answered: resolve, failed: reject });
      this.pump();
    });
  }

  /**
   * The answer to a command, or null; the person is told why, if it is worth a word.
   * @param {Command} command
   * @returns {Promise<any>}
   */
  async attempt(command) {
    try {
      return await this.ask(command);
    } catch (error) {
      if (error instanceof Refused && error.code !== "rate-limited") this.problem.emit(error.message);
      return null;
    }
  }

  /**
   * Sends a command that has no answer, if it may go now.
   * @param {Command} command
   */
  tell(command) {
    const now = performance.now();
    if (!this.online || this.#waiting.length || this.#pace.wait(now) > 0) return;
    this.#pace.sent(now, false);
    this.#connection.send(command);
  }

  /** Sends what may go. */
  pump() {
    clearTimeout(this.#timer);
    while (this.online) {
      const now = performance.now();
      const wait = this.#pace.wait(now);
      if (wait > 0) {
        if (wait < Infinity) this.#timer = setTimeout(() => this.pump(), Math.min(wait + 1, MOST_MS));
        return;
      }
      const next = this.#waiting.shift() ?? this.#source.next();
      if (!next) return;
      const why = whyTooLong(next.command, this.limits);
      if (why) {
        // The server would refuse it, or close the connection, on which others wait.
        next.failed(new Refused({ code: "line-too-long", message: why }));
        continue;
      }
      this.#pace.sent(now);
      this.#send(next);
    }
  }

  /** Gives the connection up: what came over it cannot be right. */
  restart() {
    this.#connection.fail();
  }

  /** @param {Asked} asked */
  #send({ command, answered, failed }) {
    const id = ++this.#number;
    this.#answers.set(id, { type: ANSWERS[command.type], answered, failed });
    this.#connection.send({ ...command, id });
  }

  #hello() {
    if (!this.#name || this.online) return;
    this.#presented = this.#identity.proof(this.#name);
    const token = this.#presented ? { token: this.#presented } : {};
    const hello = { type: "hello", user: this.#name, ...token, client: "web page", v: 1 };
    clearTimeout(this.#greeting);
    this.#greeting = setTimeout(() => this.#unanswered(), HELLO_MS);
    this.#send({
      command: hello,
      answered: (welcome) => this.#welcomed(welcome),
      failed: (error) => this.#unwelcome(error),
    });
  }

  /** @param {Frame} welcome */
  #welcomed(welcome) {
    clearTimeout(this.#greeting);
    const same = Boolean(welcome.token) && welcome.token === this.#presented;
    this.#name = this.user = welcome.user;
    this.token = welcome.token ?? null;
    this.limits = welcome.limits;
    this.features = new Set(welcome.features);
    this.known(welcome.user_id);
    this.#pace = new Pace(welcome.limits.rate, welcome.limits.burst, performance.now());
    this.#tries = 0;
    this.online = true;
    this.welcomed.emit(welcome, same);
    this.pump();
  }

  #unanswered() {
    this.problem.emit("What is at this address does not answer as a Hubbub server does. Trying again…");
    this.#connection.fail();
  }

  /**
   * The server tells who we are.
   * @param {string | null | undefined} id
   */
  known(id) {
    this.id = id ?? null;
    this.#identity.keep(this.user ?? "", this.token, this.id);
  }

  /** @param {Refused | Lost} error */
  #unwelcome(error) {
    clearTimeout(this.#greeting);
    if (!(error instanceof Refused) || !this.#name) return;
    const passing = ["shutting-down", "rate-limited", "log-unavailable", "too-many-sessions"];
    const renewed = this.#identity.proof(this.#name) !== this.#presented;
    if (passing.includes(error.code)) {
      this.#connection.fail();
    } else if (error.code === "name-taken" && renewed && this.#tries < NAME_TRIES) {
      this.#tries += 1;
      this.#hello();
    } else {
      this.#name = null;
      this.refused.emit(error);
    }
  }

  /** @param {Frame} frame */
  #take(frame) {
    const answer = this.#answers.get(frame.re);
    if (!answer || (frame.type !== answer.type && frame.type !== "error")) {
      this.heard.emit(frame);
      return;
    }
    this.#answers.delete(frame.re);
    if (this.online) this.#pace.answered();
    if (frame.type === "error") answer.failed(new Refused(/** @type {any} */ (frame)));
    else answer.answered(frame);
    this.pump();
  }

  /** @param {number | null} pause */
  #disconnected(pause) {
    this.online = false;
    clearTimeout(this.#timer);
    const open = [...this.#answers.values(), ...this.#waiting];
    this.#answers.clear();
    this.#waiting = [];
    for (const { failed } of open) failed(new Lost("The connection was lost."));
    if (pause !== null) this.lost.emit(pause);
  }
}
