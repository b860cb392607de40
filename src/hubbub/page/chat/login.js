/** Signing in and out: the user's name, and whether the server is there. All tabs are one user. */
import { Drafts } from "../keep/drafts.js";
import { Refused } from "../net/failures.js";
import { proof } from "../net/sign-on.js";
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Renaming } from "./renaming.js";

const BRIEF_MS = 5000; // who is logged out so soon after having come in again is out
const LOGGED_OUT = "You were logged out here. Give your password to go on.";
const PATIENCE_MS = 3000; // for the server, when the user logs out

/**
 * @typedef {import("../net/session.js").Secrets} Secrets
 * @typedef {"idle" | "connecting" | "online" | "waiting"} State "idle": signed out; "waiting": for the next attempt
 */

export class Login {
  /** @type {State} */
  state = "idle";
  nextTry = 0; // when the next attempt is made, by performance.now(),
  planned = false; // and whether the server, which restarts, will be back by then
  reason = ""; // why there is no connection, if the server says so

  changed = new Signal(); // the state, or the reason
  /** @type {Signal<[Refused]>} */
  refused = new Signal(); // a name
  signedOut = new Signal(); // here, or in another tab
  /** @type {Signal<[Set<string>]>} */
  handedOver = new Signal(); // the browser belongs to another user: the keys of rooms that are not here any more
  renewed = new Signal(); // the server has another log than before: all rooms are new

  #session;
  #identity;
  #rooms;
  #reading;
  #keeping;
  #renaming;
  #account;
  #queue;
  #owner; // the user to whom the rooms in memory belong
  #welcome = -Infinity; // when the server has welcomed us, by performance.now()
  #why = ""; // the server has thrown us out, in its words
  #again = false; // after that we have asked again
  #leaving = false; // the user has asked to be logged out

  /**
   * @param {object} given
   * @param {import("../net/connection.js").Connection} given.connection
   * @param {import("../net/session.js").Session} given.session
   * @param {import("../keep/identity.js").Identity} given.identity
   * @param {import("./rooms.js").Rooms} given.rooms
   * @param {import("./reading.js").Reading} given.reading
   * @param {import("./keeping.js").Keeping} given.keeping
   * @param {import("./account.js").Account} given.account
   * @param {import("./queue.js").Queue} given.queue
   */
  constructor({ connection, session, identity, rooms, reading, keeping, account, queue }) {
    this.#session = session;
    this.#identity = identity;
    this.#rooms = rooms;
    this.#reading = reading;
    this.#keeping = keeping;
    this.#account = account;
    this.#queue = queue;
    this.#owner = keeping.owner;
    this.#renaming = new Renaming(session, identity, rooms, reading);
    connection.explained.on((why) => {
      if (this.reason === why) return;
      this.reason = why;
      this.changed.emit();
    });
    identity.changed.on((wasIn) => this.#followTabs(wasIn));
    session.welcomed.on((welcome, same) => this.#welcomed(welcome, same));
    session.refused.on((error) => this.#refused(error));
    session.settled.on(() => this.#handOver(`account ${session.id}`));
    session.lost.on((pause, planned) => this.#lost(pause, planned));
    session.heard.on((frame) => frame.type === "bye" && this.#farewell(frame));
  }

  /** The user's name; "" at the first visit. */
  get user() {
    return this.#session.user ?? this.rememberedName;
  }

  /** The user's id, which stays when the name changes. */
  get id() {
    return this.#session.user === null ? this.#identity.id : this.#session.id;
  }

  /** Whether the user has an account. */
  get account() {
    return this.#session.account || this.#identity.account;
  }

  /** The name under which the user was here last; "" at the first visit. */
  get rememberedName() {
    return this.#identity.name;
  }

  /** Signs in, if the user was signed in when the page was closed. */
  resume() {
    if (this.#identity.token) this.signIn(this.rememberedName);
  }

  /**
   * @param {string} name
   * @param {Secrets} secrets of an account
   */
  signIn(name, secrets = {}) {
    this.#setState("connecting");
    this.#session.signIn(name, secrets);
  }

  /** Signs in who has come back from a single sign-on, as who they are by that. */
  async signInReturned() {
    if (this.state !== "idle") return;
    this.#setState("connecting");
    try {
      const { user, password } = await proof();
      this.signIn(user, { password });
    } catch (error) {
      this.#setState("idle");
      this.refused.emit(error instanceof Refused ? error : new Refused({ code: "lost", message: /** @type {Error} */ (error).message }));
    }
  }

  /**
   * Changes the name; resolves to the error with which it was refused, or null.
   * @param {string} name
   * @returns {Promise<import("../net/failures.js").Failure & {suggestion?: string} | null>}
   */
  async rename(name) {
    if (!this.account) return this.#renaming.begin(this.user, name);
    const error = await this.#account.rename(name);
    this.changed.emit();
    return error;
  }

  /**
   * An event that just happened: the user may have changed their name on another device.
   * @param {import("../text/kinds.js").LogEvent} event
   */
  follow({ kind, by, by_id, was }) {
    const mine = this.account && by_id && by_id === this.id;
    if (kind !== "joined" || !mine || !was || by === this.user) return;
    this.#session.called(by);
    this.changed.emit();
  }

  /** Tries to connect now, and does not wait for the next attempt. */
  hurry() {
    this.#session.hurry();
  }

  /**
   * Signs out. The name of a guest is free at once, and the rooms come back with the next visit; of an account
   * nothing stays in this browser, and the server forgets this device.
   */
  async signOut() {
    if (this.account) {
      this.#leaving = true;
      if (this.#session.online) await Promise.race([this.#revokeThis(), pause(PATIENCE_MS)]);
      await this.#goForGood();
      return;
    }
    this.#identity.forget(this.#session.online);
    await this.#end();
  }

  async #revokeThis() {
    try {
      const here = (await this.#account.devices()).find(({ current }) => current);
      if (here) await this.#account.revoke(here.id);
    } catch {
      // The connection is lost, or ends by it: the token is forgotten here.
    }
  }

  /**
   * Closes the account; resolves to why that cannot be, or null.
   * @param {string} password
   * @param {boolean} empty whether what was said goes, too
   */
  async close(password, empty) {
    this.#leaving = true;
    const error = await this.#account.close(password, empty);
    if (error instanceof Refused) {
      this.#leaving = false;
      return error;
    }
    await this.#goForGood(); // the last word on the connection is a goodbye, and no answer
    return null;
  }

  /** Nothing of an account stays in this browser. */
  async #goForGood() {
    await this.#queue.forgetMine();
    this.#identity.erase();
    this.#handOver("");
    await this.#end();
    this.#leaving = false;
  }

  /** @param {import("../net/frames.js").Frame} bye */
  #farewell({ reason, message }) {
    if (reason === "logged-out" && !this.#leaving) {
      this.#why = message;
      // This device may not be the one that was meant, but another tab of it that was.
      if (this.#again && performance.now() - this.#welcome < BRIEF_MS) this.#throwOut("need-password");
      else {
        this.#again = true;
        this.#session.again();
      }
    } else if (reason === "banned") {
      this.#why = message;
      this.#throwOut("banned");
    }
  }

  /**
   * The server has thrown the user out, who may come again.
   * @param {string} code
   * @param {string} message
   */
  #throwOut(code, message = this.#why) {
    this.#why = "";
    this.#identity.forget(true);
    this.#end();
    this.refused.emit(new Refused({ code, message }));
  }

  /**
   * What is kept in this browser belongs to another user from now on, who sees nothing of the one before. A guest
   * whom the server has forgotten, and who comes again as a new one, keeps the rooms that everybody can read.
   * @param {string} owner
   */
  #handOver(owner) {
    if (this.#owner && idOf(this.#owner) !== idOf(owner)) {
      const guests = isGuest(this.#owner) && isGuest(owner);
      const keys = this.#rooms.forgetAll(({ direct }) => direct || !guests);
      if (!guests && idOf(this.#keeping.owner) !== idOf(owner)) {
        this.#keeping.dropAll();
        this.#reading.forgetAll();
        new Drafts().forgetAll();
      }
      this.handedOver.emit(keys);
    }
    this.#owner = owner;
    this.#keeping.belongTo(owner);
  }

  async #end() {
    this.#renaming.end(null);
    this.#session.end();
    this.#rooms.out();
    for (const room of this.#rooms) room.reset();
    this.#setState("idle");
    this.signedOut.emit();
    await this.#keeping.dropAll();
  }

  /**
   * Another tab has signed in, signed out or changed the name: this one follows.
   * @param {boolean} wasIn
   */
  #followTabs(wasIn) {
    const { name, token } = this.#identity;
    if (!token) {
      if (wasIn && this.state !== "idle") this.#end();
    } else if (this.state === "idle") {
      this.signIn(name);
    } else if (this.#session.account && this.#identity.id === this.#session.id) {
      if (name !== this.user) this.#session.called(name);
      this.changed.emit();
    } else if (keyOf(name) !== keyOf(this.user)) {
      this.#session.switchTo(name);
    }
  }

  /**
   * @param {import("../net/frames.js").Frame} welcome
   * @param {boolean} same whether the server still knows us as before
   */
  #welcomed(welcome, same) {
    this.#welcome = performance.now();
    this.#why = "";
    // With another name a guest is somebody new only until the server is told of the former one.
    if (!this.#renaming.active) this.#handOver(`${welcome.account ? "account" : "guest"} ${welcome.user_id ?? ""}`);
    if (this.#keeping.follow(welcome.log)) {
      for (const room of this.#rooms) room.reset();
      this.#reading.forgetAll();
      this.renewed.emit();
    }
    this.#rooms.out();
    if (!same && !this.#renaming.active) this.#reading.tellAll(); // before any room is entered
    this.#setState("online");
    const from = this.#renaming.end(null);
    if (from !== null) this.#renaming.enterRooms(from);
    else {
      this.#renaming.freeFormer();
      this.#rooms.enterAll();
    }
  }

  /** @param {Refused} error */
  #refused(error) {
    const from = this.#renaming.end(error);
    if (from !== null) {
      this.#session.signIn(from);
      return;
    }
    if (error.code === "need-password" && this.#identity.token && this.#identity.account) {
      this.#throwOut(error.code, this.#why || LOGGED_OUT);
      return;
    }
    this.#setState("idle");
    this.refused.emit(error);
  }

  /**
   * @param {number} ms until the next attempt
   * @param {boolean} planned
   */
  #lost(ms, planned) {
    this.planned = planned;
    this.nextTry = performance.now() + ms;
    this.#rooms.out();
    this.#setState("waiting");
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.changed.emit();
  }
}

/** @param {string} owner */
const isGuest = (owner) => !owner.startsWith("account");

/** @param {string} owner */
const idOf = (owner) => owner.split(" ")[1] ?? "";

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
