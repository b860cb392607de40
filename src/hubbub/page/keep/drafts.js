/** Drafts: what was written in each room and not sent yet. All tabs share them. */
import { Shared } from "./shared.js";

const MAX_DRAFTS = 50;

/**
 * @typedef {{seq: number, by: string, by_id?: string | null, text: string}} Reply the message that is replied to
 * @typedef {{text: string, reply: Reply | null}} Draft
 */

export class Drafts {
  /** @type {Shared<Record<string, Draft>>} */
  #kept = new Shared("drafts", {}); // by the keys of the rooms

  /** Signals that another tab has changed one. */
  get changed() {
    return this.#kept.changed;
  }

  /**
   * @param {string} key of the room
   * @returns {Draft | undefined}
   */
  of(key) {
    return this.#kept.fresh()[key];
  }

  /**
   * A room has another key.
   * @param {string} from
   * @param {string} to
   */
  move(from, to) {
    const draft = this.of(from);
    if (!draft || from === to) return;
    this.keep(from, undefined);
    if (!this.of(to)) this.keep(to, draft);
  }

  forgetAll() {
    this.#kept.value = {};
  }

  /**
   * The draft of a room, with its reply as `change` makes it.
   * @param {string} key of the room
   * @param {(reply: Reply | null) => Reply | null} change
   */
  change(key, change) {
    const draft = this.of(key);
    if (draft) this.keep(key, { ...draft, reply: change(draft.reply) });
  }

  /**
   * @param {string} key of the room
   * @param {Draft | undefined} draft
   */
  keep(key, draft) {
    const { [key]: before, ...others } = this.#kept.fresh();
    if (JSON.stringify(draft) === JSON.stringify(before)) return;
    const kept = Object.entries(others).slice(-MAX_DRAFTS + 1);
    this.#kept.value = Object.fromEntries(draft ? [...kept, [key, draft]] : kept);
  }
}
