/** The state of a room, a fold over its events, as in hubbub/domain/state.py; both pass tests/vectors/fold.json. */
import { isMessage } from "../text/kinds.js";
import { keyOf } from "../text/names.js";

/** @type {Record<string, (state: RoomState, event: import("../text/kinds.js").LogEvent) => void>} */
const CHANGES = {
  joined: (state, event) => state.members.set(keyOf(event.by), { name: event.by, id: event.by_id ?? null }),
  left: (state, event) => state.members.delete(keyOf(event.by)),
  kicked: (state, { user = "" }) => state.members.delete(keyOf(user)),
  topic: (state, { topic = "" }) => {
    state.topic = topic;
    state.silent = false;
  },
};

/**
 * A member of a room. `id`: null where the server does not tell it.
 * @typedef {{name: string, id: string | null}} Member
 */

/**
 * A room after the event `head`, which was at the time `at`. `silent`: it has no message yet. `members`: by the
 * keys of their names, which are unique in a room at any moment; after a renaming a user is here under both names
 * until the former one has left.
 */
export class RoomState {
  /** @param {{head?: number, at?: number | null, silent?: boolean, topic?: string, users?: string[]}} [known] */
  constructor({ head = 0, at = null, silent = true, topic = "", users = [] } = {}) {
    this.head = head;
    this.at = at;
    this.silent = silent;
    this.topic = topic;
    this.members = new Map(users.map((name) => [keyOf(name), /** @type {Member} */ ({ name, id: null })]));
  }

  /**
   * Takes the next event of the log.
   * @param {import("../text/kinds.js").LogEvent} event
   */
  apply(event) {
    this.head = event.seq;
    this.at = event.at;
    if (isMessage(event)) this.silent = false;
    else if (Object.hasOwn(CHANGES, event.kind)) CHANGES[event.kind](this, event);
  }
}
