/** Keeps a WebSocket open: opens it, notices when it is dead, and opens another one. */
import { Signal } from "../signal.js";
import { Backoff } from "./backoff.js";
import { whyNoConnection } from "./diagnosis.js";
import { frameOf } from "./frames.js";

const SILENCE_MS = 25_000; // without a frame, until the server is asked for one
const ANSWER_MS = 8_000; // for its answer
const OPEN_MS = 10_000; // for a connection to open
const BEAT = "beat"; // the id of those pings
const DONE = 1000; // "normal closure" (RFC 6455, 7.4.1): the server frees the name at once

/** @typedef {import("./frames.js").Command} Command */

export class Connection {
  opened = new Signal();
  /** @type {Signal<[import("./frames.js").Frame]>} */
  received = new Signal();
  /** @type {Signal<[number, boolean]>} */
  lost = new Signal(); // milliseconds until the next attempt, and whether the server will be back by then
  /** @type {Signal<[string]>} */
  explained = new Signal(); // why no attempt succeeds, as a sentence; "" when one has

  #url;
  /** @type {WebSocket | null} */
  #socket = null;
  #backoff = new Backoff();
  #since = 0;
  #timer = 0;
  #watch = 0;
  #wanted = false;
  /** @type {unknown} */
  #back; // when a server that restarts expects us again, as it says
  #shut = 0; // attempts in a row that did not open one

  /** @param {URL} url */
  constructor(url) {
    this.#url = url;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.probe());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, and again after each loss, until `stop`. */
  start() {
    this.#wanted = true;
    if (!this.#socket) this.#connect();
  }

  /** Closes it for good, and says so to the server. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop(DONE);
  }

  /** Makes the next attempt now; if there is a connection, checks that it is alive. */
  hurry() {
    if (!this.#wanted) return;
    if (!this.#socket) this.#connect();
    else this.probe();
  }

  /** Asks the server for a sign of life; without one the connection is given up. */
  probe() {
    if (!this.open) return;
    this.send({ type: "ping", id: BEAT });
    this.#expect(ANSWER_MS, () => this.fail());
  }

  /**
   * Sends a command; false if there is no connection.
   * @param {Command} command
   */
  send(command) {
    if (!this.#socket || !this.open) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  /**
   * Sends commands on a connection of their own; the last one ends it. `done` is called when the server has closed it.
   * @param {Command[]} commands
   * @param {() => void} done
   */
  aside(commands, done) {
    const socket = new WebSocket(this.#url);
    socket.onopen = () => {
      socket.onclose = ({ code }) => {
        if (code === DONE) done();
      };
      for (const command of commands) socket.send(JSON.stringify(command));
    };
  }

  /** Gives up this connection, and opens another one after a pause. */
  fail() {
    if (!this.#socket) return;
    this.#drop();
    this.#ended();
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#since = 0;
    this.#expect(OPEN_MS, () => this.fail());
    socket.onopen = () => {
      this.#since = performance.now();
      this.#shut = 0;
      this.explained.emit("");
      this.#alive();
      this.opened.emit();
    };
    socket.onmessage = ({ data }) => {
      this.#alive();
      const frame = frameOf(data);
      if (frame?.type === "bye") this.#back = frame.reconnect;
      if (frame && frame.re !== BEAT) this.received.emit(frame);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#ended();
    };
  }

  #alive() {
    this.#expect(SILENCE_MS, () => this.probe());
  }

  /**
   * @param {number} ms
   * @param {() => void} otherwise
   */
  #expect(ms, otherwise) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(otherwise, ms);
  }

  /** @param {number} [code] */
  #drop(code) {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (code) socket.close(code);
    else socket.close();
  }

  #ended() {
    clearTimeout(this.#watch);
    if (this.#since) this.#backoff.lived(performance.now() - this.#since);
    if (!this.#wanted) return;
    const planned = this.#backoff.planned(this.#back);
    const pause = planned ?? this.#backoff.pause();
    this.#back = undefined;
    this.#timer = setTimeout(() => this.#connect(), pause);
    this.lost.emit(pause, planned !== null);
    // After the first attempt there is nothing to explain: the server may just be starting.
    if (!this.#since && ++this.#shut > 1) this.#explain();
  }

  async #explain() {
    const why = await whyNoConnection();
    if (this.#shut) this.explained.emit(why);
  }
}
