/**
 * Who may do what in a room, as in hubbub/domain/rights.py, whose table comes with the page: so that it offers only
 * what one may do, and says why not. The server decides. Both pass tests/vectors/rights.json.
 */
import { safe } from "../text/safe.js";

const NAMED = 3; // people who are named as those who may; of more, the others are counted

/**
 * @typedef {import("../text/kinds.js").Role} Role
 * @typedef {object} Right
 * @property {Role} least the role from which on one may
 * @property {string} does what, as it follows "may"
 * @property {boolean} needs_account who has a role in the room is like one
 * @property {boolean} when_archived also in a room that is closed for good
 * @property {boolean} in_direct also in a direct conversation, and all of them alike
 * @property {boolean} to_lesser it is done to somebody, whose role must be below one's own
 * @property {boolean} when_unowned everybody may in a room that nobody owns
 * @property {boolean} is_said others read it, so that who may not speak may not do it
 *
 * @typedef {object} Standing what holds in a room, and what one is there; what is left out is as in a new room
 * @property {string} [access]
 * @property {Role} [role]
 * @property {string} [speak]
 * @property {string} [topics] who may say what the room is about
 * @property {boolean} [outside] whether who is not in the room may say something in it
 * @property {number} [most] so many people may be in it; 0: no limit
 * @property {boolean} [signals] whether programs may tell programs something there
 * @property {Record<string, string>} [labels] what programs say of the room
 * @property {number} [slow]
 * @property {boolean} [guests]
 * @property {boolean} [archived]
 * @property {boolean} [owned]
 * @property {boolean} [muted]
 * @property {string} [history] what newcomers may read
 * @property {number} [keep_days] for how many days messages stay; 0: for good
 * @property {string} [newcomers] what holds for what they write
 * @property {boolean} [newcomer] whether one is a newcomer
 * @property {number} [waiting] how much waits for those who moderate
 * @property {number[]} [pins] the messages that are pinned, the newest pin last
 * @property {Record<string, Role>} [roles] of those who are known to have one, by their names
 *
 * @typedef {{account: boolean}} Me whether one has an account
 */

export class Rights {
  #roles;
  #rights;

  /** @param {{roles: Role[], rights: Record<string, Right>}} told by the server */
  constructor({ roles, rights }) {
    this.#roles = roles;
    this.#rights = new Map(Object.entries(rights));
  }

  /**
   * Whether one may do something in a room, to somebody who has the role `to` in it.
   * @param {string} action
   * @param {Standing | null | undefined} standing
   * @param {Me} me
   * @param {Role} [to]
   */
  may(action, standing, me, to) {
    return this.whyNot(action, standing, me, "", to) === null;
  }

  /**
   * Why one may not, as a sentence that is harmless to show; null: one may.
   * @param {string} action
   * @param {Standing | null | undefined} standing
   * @param {Me} me
   * @param {string} room
   * @param {Role} [to]
   */
  whyNot(action, standing, { account }, room, to = "member") {
    const row = this.#rights.get(action);
    if (!row) return "This server does not know that.";
    const right = asRuled(action, row, standing);
    const { access, role = "member", archived = false, owned = false } = standing ?? {};
    if (access === "direct" && !right.in_direct) return "A direct conversation belongs to all who are in it, alike.";
    if (right.needs_account && !account && role === "member") return `Only who has an account may ${right.does}: /register makes one.`;
    if (right.when_unowned && !owned) return null;
    if (access !== "direct" && this.#rank(role) < this.#rank(right.least)) return this.#whoMay(right, standing, safe(room));
    if (archived && !right.when_archived) {
      return `${safe(room)} is closed: it can be read, and nothing more is said in it.`;
    }
    if (right.to_lesser && this.#rank(to) >= this.#rank(role)) {
      return `That may only be done to people with a lesser role in ${safe(room)}.`;
    }
    return right.is_said ? this.#silenced(standing, account, safe(room)) : null;
  }

  /**
   * @param {Standing | null | undefined} standing
   * @param {boolean} account
   * @param {string} room
   */
  #silenced(standing, account, room) {
    const { role = "member", speak = "all", muted = false } = standing ?? {};
    if (muted) return `You are muted in ${room}: you can read, and say nothing for now.`;
    if (speak === "voices" && role === "member") {
      return `In ${room} only people with a role speak${this.#named(standing, "voice")}.`;
    }
    if (speak === "members" && !account && role === "member") {
      return `In ${room} only people with an account speak: /register makes one.`;
    }
    return null;
  }

  /**
   * @param {Right} right
   * @param {Standing | null | undefined} standing
   * @param {string} room
   */
  #whoMay({ least, does }, standing, room) {
    if (!standing?.owned) return `Nobody owns ${room}, so only the administrators of this server may ${does}.`;
    const who = least === "owner" ? "owners" : "moderators";
    return `Only the ${who} of ${room}${this.#named(standing, least)} may ${does}.`;
  }

  /**
   * Who has that role or a higher one: ` (ada, ben and 3 others)`; nothing if nobody is known.
   * @param {Standing | null | undefined} standing
   * @param {Role} least
   */
  #named(standing, least) {
    const holders = Object.entries(standing?.roles ?? {}).filter(([, role]) => this.#rank(role) >= this.#rank(least));
    const names = holders.map(([name]) => safe(name)).sort();
    const shown = names.length > NAMED + 1 ? [...names.slice(0, NAMED), `${names.length - NAMED} others`] : names;
    const parts = [shown.slice(0, -1).join(", "), shown.at(-1)].filter(Boolean);
    return parts.length ? ` (${parts.join(" and ")})` : "";
  }

  /** @param {Role} role */
  #rank = (role) => this.#roles.indexOf(role);
}

/**
 * A right as the rules of the room make it.
 * @param {string} action
 * @param {Right} right
 * @param {Standing | null | undefined} standing
 * @returns {Right}
 */
const asRuled = (action, right, standing) => (action === "topic" && standing?.topics === "moderators" ? { ...right, least: "moderator" } : right);
