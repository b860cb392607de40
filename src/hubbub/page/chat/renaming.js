/** Another name for the user: they are in their rooms under it before the former name is given up. */

/** @typedef {import("../net/failures.js").Refused} Refused */

export class Renaming {
  #session;
  #identity;
  #rooms;
  #reading;
  /** @type {{from: string, done: (error: Refused | null) => void} | null} `from`: the name before */
  #current = null;

  /**
   * @param {import("../net/session.js").Session} session
   * @param {import("../keep/identity.js").Identity} identity
   * @param {import("./rooms.js").Rooms} rooms
   * @param {import("./reading.js").Reading} reading
   */
  constructor(session, identity, rooms, reading) {
    this.#session = session;
    this.#identity = identity;
    this.#rooms = rooms;
    this.#reading = reading;
  }

  /** Whether the server was asked for another name and has not answered. */
  get active() {
    return this.#current !== null;
  }

  /**
   * Asks for another name; resolves to the error with which it was refused, or null.
   * @param {string} from
   * @param {string} name
   * @returns {Promise<Refused | null>}
   */
  begin(from, name) {
    this.#current?.done(null);
    return new Promise((done) => {
      this.#current = { from, done };
      this.#session.rename(name);
    });
  }

  /**
   * The server has answered, or it does not matter any more. Returns the name before, or null if no other was
   * asked for.
   * @param {Refused | null} error
   */
  end(error) {
    const current = this.#current;
    this.#current = null;
    current?.done(error);
    return current && current.from;
  }

  /**
   * Enters the rooms under the new name, and then gives up the one before.
   * @param {string} from
   */
  async enterRooms(from) {
    const token = this.#identity.proof(from);
    try {
      if (token && this.#session.features.has("renames")) {
        const { user_id: id } = await this.#session.ask({ type: "formerly", user: from, token });
        if (id) this.#session.known(id);
      }
      this.#reading.tellAll(); // only now: before, the server would take the user for somebody new
      await this.#rooms.enterAll();
      await this.#session.ask({ type: "ping" }); // answered when we are in them
    } catch {
      return; // the next connection frees it
    }
    this.freeFormer();
  }

  /** Frees the names that the server may still hold for the user. */
  freeFormer() {
    for (const [key, token] of this.#identity.former) {
      this.#session.free(key, token, () => this.#identity.freed(key));
    }
  }
}
