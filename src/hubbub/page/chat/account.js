/** What a guest does to have an account, and who has one with it. Each resolves to why it is refused, or null. */

/**
 * @typedef {import("../net/failures.js").Failure} Failure
 * @typedef {{id: string, client: string, address: string, since: number, seen: number, current?: boolean, connected?: number}} Device
 * @typedef {{secret: string, uri: string}} Offered what an app needs to show codes
 */

export class Account {
  #session;

  /** @param {Pick<import("../net/session.js").Session, "ask" | "registered" | "called" | "account" | "role" | "features" | "token">} session */
  constructor(session) {
    this.#session = session;
  }

  /** Whether the user has one. */
  get there() {
    return this.#session.account;
  }

  /** Whether nobody owns the server, as far as it has told. */
  get unowned() {
    return this.#session.features.has("unowned") && this.#session.role !== "owner";
  }

  /**
   * Makes one: the name is the user's from then on, who stays who they are.
   * @param {string} password
   * @param {string} invite the code of an invitation, or ""
   */
  register(password, invite = "") {
    return this.#done({ type: "register", password, ...(invite && { invite }) }, (welcome) => this.#session.registered(welcome));
  }

  /**
   * Changes the password; the other devices are logged out by it.
   * @param {string} old
   * @param {string} password
   */
  changePassword(old, password) {
    return this.#done({ type: "password", old, new: password });
  }

  /** @param {string} name */
  rename(name) {
    return this.#done({ type: "rename", user: name }, () => this.#session.called(name.trim()));
  }

  /** @param {string} code which the server showed when it started */
  own(code) {
    return this.#done({ type: "own", code }, () => (this.#session.role = "owner"));
  }

  /**
   * @param {string} password
   * @param {boolean} empty whether what was said goes, too
   */
  close(password, empty) {
    return this.#done({ type: "close-account", password, ...(empty && { empty }) });
  }

  /**
   * Asks for a second factor. Rejected with a `Failure`.
   * @param {string} password
   * @returns {Promise<Offered>}
   */
  beginFactor(password) {
    return /** @type {any} */ (this.#session.ask({ type: "factor", password }));
  }

  /**
   * Turns on what was offered, by a code that the app shows; resolves to the recovery codes. Rejected with a `Failure`.
   * @param {string} code
   * @returns {Promise<{codes: string[]}>}
   */
  confirmFactor(code) {
    return /** @type {any} */ (this.#session.ask({ type: "confirm-factor", code }));
  }

  /** @param {string} password */
  endFactor(password) {
    return this.#done({ type: "end-factor", password });
  }

  /** The proof that the user is who they are, for what is asked over HTTP. */
  get token() {
    return this.#session.token ?? "";
  }

  /**
   * Where the user is logged in.
   * @returns {Promise<Device[]>} rejected with a `Failure`
   */
  async devices() {
    return (await this.#session.ask({ type: "devices" })).devices;
  }

  /**
   * Logs a device out; null: all but this one.
   * @param {string | null} device
   */
  revoke(device) {
    return this.#done({ type: "revoke", ...(device && { device }) });
  }

  /**
   * @param {import("../net/frames.js").Command} command
   * @param {(answer: import("../net/frames.js").Frame) => void} then
   * @returns {Promise<Failure | null>}
   */
  async #done(command, then = () => {}) {
    try {
      then(await this.#session.ask(command));
      return null;
    } catch (error) {
      return /** @type {Failure} */ (error);
    }
  }
}
