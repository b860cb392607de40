/**
 * The user's session: says hello on each connection, and after a loss again. A command without a
 * connection fails with `Lost`.
 */
import { Signal } from "../signal.js";
import { Refused } from "./failures.js";
import { Requests } from "./requests.js";

const HELLO_MS = 30_000; // for the answer to a hello; a server on a slow disk may take a few seconds
// The first that fits: browsers also name those before them.
const BROWSERS = { Firefox: /Firefox/, Edge: /Edg/, Chrome: /Chrome|CriOS/, Safari: /Safari/ };
const SYSTEMS = { Android: /Android/, "an iPhone": /iPhone/, "an iPad": /iPad/, Windows: /Windows/, "a Mac": /Mac OS/, Linux: /Linux/ };
const NAME_TRIES = 3; // another tab may just be about to tell us the new token

/**
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Command} Command
 * What proves an account: its password, and a code of its second factor. `register`: it is to be made; `invite`: by
 * the code of an invitation.
 * @typedef {{password?: string, code?: string, register?: boolean, invite?: string}} Secrets
 */

export class Session {
  /** @type {Signal<[Frame, boolean]>} */
  welcomed = new Signal(); // the welcome, and whether the server still knows us as before
  /** @type {Signal<[Refused]>} */
  refused = new Signal(); // the name is refused
  settled = new Signal(); // the user, who was a guest, has an account
  /** @type {Signal<[Frame]>} */
  heard = new Signal(); // a frame that answers nothing
  /** @type {Signal<[number, boolean]>} */
  lost = new Signal(); // milliseconds until the next attempt, and whether the server will be back by then
  /** @type {Signal<[string]>} */
  problem = new Signal(); // a sentence for the user: why an attempt failed

  /** @type {import("./frames.js").Limits | null} */
  limits = null;
  /** @type {Set<string>} */
  features = new Set();
  /** @type {string | null} */
  user = null; // the name under which the server has known us last,
  /** @type {string | null} */
  id = null; // the id, which stays when the name changes (null: an older server has none),
  /** @type {string | null} */
  token = null; // and the proof of both
  account = false; // whether there is a password for the name
  role = "member"; // on the whole server
  /** @type {{about?: string, status?: any, note?: string, hides_seen?: boolean, blocked?: Record<string, string>, accounts_only?: boolean} | null} */
  profile = null; // of the account

  #connection;
  #identity;
  #requests;
  /** @type {string | null} */
  #name = null; // the name that is asked for
  /** @type {string | null} */
  #presented = null; // the proof that was sent with it
  /** @type {Secrets} */
  #secrets = {}; // what the user has typed to prove it, until the server has answered
  #tries = 0;
  #greeting = 0;

  /**
   * @param {import("./connection.js").Connection} connection
   * @param {Pick<import("../keep/identity.js").Identity, "proof" | "keep">} identity
   * @param {{next: () => import("./requests.js").Request | null}} source texts, which go when no command waits
   */
  constructor(connection, identity, source) {
    this.#connection = connection;
    this.#identity = identity;
    this.#requests = new Requests(connection, source);
    connection.opened.on(() => this.#hello());
    connection.received.on((frame) => {
      if (!this.#requests.take(frame)) this.heard.emit(frame);
    });
    connection.lost.on((pause, planned) => this.#disconnected(pause, planned));
  }

  /** Whether the server has welcomed us on this connection. */
  get online() {
    return this.#requests.open;
  }

  // Coming and going

  /**
   * Signs in under a name, and from now on again after each loss.
   * @param {string} name
   * @param {Secrets} secrets
   */
  signIn(name, secrets = {}) {
    this.#name = name;
    this.#secrets = secrets;
    this.#tries = 0;
    if (this.#connection.open) this.#hello();
    else this.#connection.start();
  }

  /**
   * Signs in under another name, on a new connection.
   * @param {string} name
   */
  rename(name) {
    this.#name = name;
    this.#tries = 0;
    this.again();
  }

  /** Signs in once more, on a new connection. */
  again() {
    this.#connection.fail();
    this.#connection.hurry();
  }

  /**
   * The same, and the name before is free at once.
   * @param {string} name
   */
  switchTo(name) {
    this.#connection.send({ type: "bye" });
    this.rename(name);
  }

  /**
   * Frees a name that is not wanted any more: says hello under it once more, and goodbye.
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

  /** Gives the connection up, and opens another one: what came over this one cannot be right. */
  restart() {
    this.#connection.fail();
  }

  /** Leaves for good: the name of a guest is free at once. */
  end() {
    this.#connection.send({ type: "bye" });
    this.#connection.stop();
    this.#disconnected(null);
    this.#name = null;
    this.#secrets = {};
    this.account = false;
  }

  // Commands

  /**
   * The answer to a command; rejected with `Refused` or `Lost`.
   * @param {Command} command
   */
  ask(command) {
    return this.#requests.ask(command);
  }

  /**
   * The answer to a command, or null; then the user is told why, if it is worth a word.
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
    this.#requests.tell(command);
  }

  /** Sends the texts that may go. */
  pump() {
    this.#requests.pump();
  }

  /**
   * The server has told our id.
   * @param {string | null | undefined} id
   */
  known(id) {
    this.id = id ?? null;
    this.#identity.keep(this.user ?? "", this.token, this.id, this.account);
  }

  /**
   * The user, who has an account, is called `name` by now.
   * @param {string} name
   */
  called(name) {
    this.#name = this.user = name;
    this.known(this.id);
  }

  /**
   * The user has an account by now, as this answer to `register` says.
   * @param {Frame} welcome
   */
  registered(welcome) {
    this.token = welcome.token ?? null;
    this.account = true;
    this.profile = welcome.profile ?? null;
    this.known(welcome.user_id);
    this.settled.emit();
  }

  // Hello

  #hello() {
    if (!this.#name || this.online) return;
    this.#presented = this.#identity.proof(this.#name);
    const { register, ...secrets } = this.#secrets;
    const proof = this.#proves ? secrets : this.#presented ? { token: this.#presented } : {};
    const hello = register ? { type: "register" } : { type: "hello", client: clientName(), v: 1 };
    clearTimeout(this.#greeting);
    this.#greeting = setTimeout(() => this.#unanswered(), HELLO_MS);
    this.#requests.send({
      command: { ...hello, user: this.#name, ...proof },
      answered: (welcome) => this.#welcomed(welcome),
      failed: (error) => this.#unwelcome(error),
    });
  }

  get #proves() {
    return this.#secrets.password !== undefined;
  }

  /** @param {Frame} welcome */
  #welcomed(welcome) {
    clearTimeout(this.#greeting);
    this.#secrets = {};
    this.account = welcome.account ?? false;
    this.role = welcome.role ?? "member";
    this.profile = welcome.profile ?? null;
    const same = Boolean(welcome.token) && welcome.token === this.#presented;
    this.#name = this.user = welcome.user;
    this.token = welcome.token ?? null;
    this.limits = welcome.limits;
    this.features = new Set(welcome.features);
    this.known(welcome.user_id);
    this.#tries = 0;
    this.#requests.begin(welcome.limits);
    this.welcomed.emit(welcome, same);
    this.pump();
  }

  #unanswered() {
    this.problem.emit("What is at this address does not answer as a Hubbub server does. Trying again…");
    this.restart();
  }

  /** @param {import("./failures.js").Failure} error */
  #unwelcome(error) {
    clearTimeout(this.#greeting);
    if (!(error instanceof Refused) || !this.#name) return;
    const passing = ["shutting-down", "rate-limited", "log-unavailable", "too-many-sessions"];
    const renewed = !this.#proves && this.#identity.proof(this.#name) !== this.#presented;
    const anothers = error.code === "name-taken" || error.code === "need-password";
    if (passing.includes(error.code) && !(this.#proves && error.code === "rate-limited")) {
      this.restart();
    } else if (anothers && renewed && this.#tries < NAME_TRIES) {
      this.#tries += 1;
      this.#hello();
    } else {
      this.#name = null;
      this.#secrets = {};
      this.refused.emit(error);
    }
  }

  /**
   * @param {number | null} pause milliseconds until the next attempt; null: there is none
   * @param {boolean} planned
   */
  #disconnected(pause, planned = false) {
    this.#requests.end();
    if (pause !== null) this.lost.emit(pause, planned);
  }
}

/** What the page calls itself in the list of devices: with the browser and the system, as far as they are known. */
function clientName() {
  const { userAgent } = navigator;
  const [browser] = Object.entries(BROWSERS).find(([, sign]) => sign.test(userAgent)) ?? [];
  const [system] = Object.entries(SYSTEMS).find(([, sign]) => sign.test(userAgent)) ?? [];
  return ["web page", browser && `${browser}${system ? ` on ${system}` : ""}`].filter(Boolean).join(", ");
}
