/** Signing in and out: the user's name, and whether the server is there. All tabs are one user. */
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { Renaming } from "./renaming.js";

/**
 * @typedef {import("../net/failures.js").Refused} Refused
 * @typedef {"idle" | "connecting" | "online" | "waiting"} State "idle": signed out; "waiting": for the next attempt
 */

export class Login {
  /** @type {State} */
  state = "idle";
  nextTry = 0; // when the next attempt is made, by performance.now()
  reason = ""; // why there is no connection, if the server says so

  changed = new Signal(); // the state, or the reason
  /** @type {Signal<[Refused]>} */
  refused = new Signal(); // a name
  signedOut = new Signal(); // here, or in another tab
  renewed = new Signal(); // the server has another log than before: all rooms are new

  #session;
  #identity;
  #rooms;
  #reading;
  #keeping;
  #renaming;

  /**
   * @param {object} given
   * @param {import("../net/connection.js").Connection} given.connection
   * @param {import("../net/session.js").Session} given.session
   * @param {import("../keep/identity.js").Identity} given.identity
   * @param {import("./rooms.js").Rooms} given.rooms
   * @param {import("./reading.js").Reading} given.reading
   * @param {import("./keeping.js").Keeping} given.keeping
   */
  constructor({ connection, session, identity, rooms, reading, keeping }) {
    this.#session = session;
    this.#identity = identity;
    this.#rooms = rooms;
    this.#reading = reading;
    this.#keeping = keeping;
    this.#renaming = new Renaming(session, identity, rooms, reading);
    connection.explained.on((why) => {
      if (this.reason === why) return;
      this.reason = why;
      this.changed.emit();
    });
    identity.changed.on((wasIn) => this.#followTabs(wasIn));
    session.welcomed.on((welcome, same) => this.#welcomed(welcome, same));
    session.refused.on((error) => this.#refused(error));
    session.lost.on((pause) => this.#lost(pause));
  }

  /** The user's name; "" at the first visit. */
  get user() {
    return this.#session.user ?? this.rememberedName;
  }

  /** The user's id, which stays when the name changes. */
  get id() {
    return this.#session.user === null ? this.#identity.id : this.#session.id;
  }

  /** The name under which the user was here last; "" at the first visit. */
  get rememberedName() {
    return this.#identity.name;
  }

  /** Signs in, if the user was signed in when the page was closed. */
  resume() {
    if (this.#identity.token) this.signIn(this.rememberedName);
  }

  /** @param {string} name */
  signIn(name) {
    this.#setState("connecting");
    this.#session.signIn(name);
  }

  /**
   * Changes the name; resolves to the error with which it was refused, or null.
   * @param {string} name
   */
  rename(name) {
    return this.#renaming.begin(this.user, name);
  }

  /** Tries to connect now, and does not wait for the next attempt. */
  hurry() {
    this.#session.hurry();
  }

  /** Signs out: the name is free at once. The rooms come back with the next visit. */
  async signOut() {
    this.#identity.forget(this.#session.online);
    await this.#end();
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
    } else if (keyOf(name) !== keyOf(this.user)) {
      this.#session.switchTo(name);
    }
  }

  /**
   * @param {import("../net/frames.js").Frame} welcome
   * @param {boolean} same whether the server still knows us as before
   */
  #welcomed(welcome, same) {
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
    this.#setState("idle");
    this.refused.emit(error);
  }

  /** @param {number} pause */
  #lost(pause) {
    this.nextTry = performance.now() + pause;
    this.#rooms.out();
    this.#setState("waiting");
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.changed.emit();
  }
}
