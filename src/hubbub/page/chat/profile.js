/** What the user's account says of itself, and whom it has blocked, on all its devices; and what is known of others. */
import { Refused } from "../net/failures.js";
import { Signal } from "../signal.js";

/**
 * @typedef {"here" | "away" | "busy"} Status "busy": nothing alerts the user
 * @typedef {{about?: string, status?: Status, note?: string, hides_seen?: boolean, accounts_only?: boolean}} Said
 * @typedef {Said & {registered?: number, blocked?: Record<string, string>}} Told blocked: names by ids
 * @typedef {import("../net/failures.js").Failure} Failure
 *
 * What is known of somebody, as in hubbub/domain/replies.py.
 * @typedef {{user: string, user_id?: string | null, here?: boolean, account?: boolean, role?: import("../text/kinds.js").Role,
 *   registered?: number | null, seen?: number | null, about?: string, status?: Status, note?: string}} Person
 */

export class Profile {
  changed = new Signal();
  #session;
  #ignored;
  /** @type {Told | null} */
  #own = null;

  /**
   * @param {Pick<import("../net/session.js").Session, "ask" | "heard" | "welcomed" | "settled" | "profile">} session
   * @param {Pick<import("../keep/ignored.js").Ignored, "set" | "follow">} ignored
   */
  constructor(session, ignored) {
    this.#session = session;
    this.#ignored = ignored;
    session.welcomed.on(() => this.#take(session.profile));
    session.settled.on(() => this.#take(session.profile));
    session.heard.on((frame) => frame.type === "profile" && this.#take(frame.profile));
  }

  /** Whether the user has one: guests have none. */
  get there() {
    return this.#own !== null;
  }

  get about() {
    return this.#own?.about ?? "";
  }

  /** @returns {Status} */
  get status() {
    return this.#own?.status ?? "here";
  }

  get note() {
    return this.#own?.note ?? "";
  }

  get hidesSeen() {
    return this.#own?.hides_seen ?? false;
  }

  /** Whether guests may not begin to write to the user alone. */
  get accountsOnly() {
    return this.#own?.accounts_only ?? false;
  }

  /** The user has signed out. */
  forget() {
    this.#take(null);
  }

  /**
   * Changes it; resolves to why that is refused, or null.
   * @param {Said} said
   * @returns {Promise<Failure | null>}
   */
  async set(said) {
    try {
      await this.#session.ask({ type: "profile", ...said });
      return null;
    } catch (error) {
      return /** @type {Failure} */ (error);
    }
  }

  /**
   * What is known of somebody. Rejected with a `Failure`.
   * @param {string} name
   * @returns {Promise<Person>}
   */
  whois(name) {
    return /** @type {any} */ (this.#session.ask({ type: "whois", user: name }));
  }

  /**
   * Hides what somebody writes, or shows it again: everywhere by the account, or in this browser alone. `changed`:
   * it was not so already. `why` the server keeps it not: a sentence, or "".
   * @param {string} name
   * @param {boolean} hidden
   * @returns {Promise<{changed: boolean, everywhere: boolean, why: string}>}
   */
  async ignore(name, hidden) {
    const error = this.there ? await this.#block(name, hidden) : null;
    const everywhere = this.there && error === null;
    // Whom the account's list has, this browser's need not; who is nobody to the server may be known here.
    const changed = this.#ignored.set(name, hidden && !everywhere) || everywhere;
    const unknown = error instanceof Refused && error.code === "no-such-user";
    return { changed, everywhere, why: error && !unknown ? error.message : "" };
  }

  /**
   * @param {string} user
   * @param {boolean} on
   * @returns {Promise<Failure | null>}
   */
  async #block(user, on) {
    try {
      await this.#session.ask({ type: "block", user, ...(!on && { on }) });
      return null;
    } catch (error) {
      return /** @type {Failure} */ (error);
    }
  }

  /** @param {Told | null} told */
  #take(told) {
    this.#own = told;
    this.#ignored.follow(told?.blocked ?? {});
    this.changed.emit();
  }
}
