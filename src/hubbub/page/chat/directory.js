/** The rooms of the server, of which there may be thousands: the first page of them, and those that a query finds. */

const PAGE = 100; // rooms: a few screens of them, and little to ask for every half minute
const MAX_QUERY = 100; // characters that the server takes

/**
 * @typedef {{name: string, users: number, head: number, at?: number | null, topic?: string | null, people?: string[], access?: string | null, invited?: boolean, read?: number | null}} RoomInfo
 * @typedef {{rooms: RoomInfo[], next?: string | null, total?: number | null}} RoomList
 */

export class Directory {
  /** @type {RoomInfo[]} */
  list = []; // those with the most users, then those where the user was before
  /** @type {RoomInfo[]} */
  talks = []; // the user's direct conversations
  /** @type {string | null} */
  next = null; // where the server goes on; null when the list has all of them
  total = 0;

  #session;

  /** @param {Pick<import("../net/session.js").Session, "attempt">} session */
  constructor(session) {
    this.#session = session;
  }

  /** Fetches the first page; false without an answer. */
  async refresh() {
    const answer = await this.#ask({});
    if (!answer) return false;
    this.list = answer.rooms.filter((room) => !isTalk(room));
    this.talks = answer.rooms.filter(isTalk);
    this.next = answer.next ?? null;
    this.total = answer.total ?? 0;
    return true;
  }

  /**
   * A page of the rooms whose names have all words of `query`; null without an answer.
   * @param {string} query
   * @param {string | null} after
   * @returns {Promise<RoomList | null>}
   */
  async find(query, after = null) {
    const words = query.trim().replace(/^[#＃]+/u, "");
    if (words.length > MAX_QUERY) return { rooms: [] };
    const answer = await this.#ask({ ...(words && { query: words }), ...(after && { after }) });
    return answer && { ...answer, rooms: answer.rooms.filter((room) => !isTalk(room)) };
  }

  /**
   * @param {{query?: string, after?: string}} which
   * @returns {Promise<RoomList | null>}
   */
  #ask(which) {
    return this.#session.attempt({ type: "rooms", limit: PAGE, ...which });
  }
}

/**
 * Also one whose other people are gone.
 * @param {RoomInfo} info
 */
const isTalk = ({ access }) => access === "direct";
