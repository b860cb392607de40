/** Administering the whole server: what the user may have done, and asking for it. */
import { Refused } from "../net/failures.js";
import { RESULTS } from "../net/results.js";
import { have } from "../net/tasks.js";

const SECOND = 1000; // ms
const PATIENCE = 20 * SECOND;
/** @type {Record<string, number>} of those that take their time, in ms */
const LONG = { doctor: 90 * SECOND, backup: 3600 * SECOND, verify: 3600 * SECOND };
const NOT_ANY_MORE = "You may not do that on this server, or not any more: somebody may have changed your role.";

/**
 * @typedef {"overview" | "people" | "rooms" | "record" | "backups" | "messages" | "files"} Section
 */

/** The sections, in order, with those that are for owners alone. @type {{name: Section, title: string, owners?: boolean}[]} */
const SECTIONS = [
  { name: "overview", title: "Overview" },
  { name: "people", title: "People" },
  { name: "rooms", title: "Rooms" },
  { name: "record", title: "Bans and record" },
  { name: "backups", title: "Backups", owners: true },
  { name: "messages", title: "Messages" },
  { name: "files", title: "Files", owners: true },
];

export class Administering {
  #chat;

  /** @param {Pick<import("./chat.js").Chat, "moderating" | "account">} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Whether the user owns the server; else they administer it. */
  get owns() {
    return this.#chat.moderating.ownsServer;
  }

  /** @returns {import("../text/kinds.js").Role} */
  get role() {
    return this.owns ? "owner" : "moderator";
  }

  /** The sections that there are for the user. */
  get sections() {
    return SECTIONS.filter(({ owners }) => !owners || this.owns);
  }

  /**
   * What comes of a task. Rejected with a `Failure`, whose message is for the user.
   * @param {string} task
   * @param {object} [asked]
   * @returns {Promise<any>}
   */
  async ask(task, asked = {}) {
    try {
      return await have(task, asked, { token: this.#chat.account.token, patience: LONG[task] ?? PATIENCE, shape: RESULTS[task] });
    } catch (error) {
      if (error instanceof Refused && error.code === "no-such-task") throw new Refused({ code: error.code, message: NOT_ANY_MORE });
      throw error;
    }
  }

  /**
   * Has a task done; resolves to why it is refused, or "".
   * @param {string} task
   * @param {object} [asked]
   */
  async do(task, asked) {
    try {
      await this.ask(task, asked);
      return "";
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }
}
