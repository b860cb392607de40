/** The rooms of the server, of which there may be thousands: the first page of them, and what is looked for. */
import { keyOf } from "../text/names.js";

const PAGE = 100; // rooms: a few screens of them, and little to ask for every half minute
const MAX_QUERY = 100; // characters that the server takes

export class Directory {
  list = []; // those with the most users, and behind them those where one was before
  next = null; // where the server goes on; null when the list has all of them
  total = 0;

  #session;

  constructor(session) {
    this.#session = session;
  }

  /** Asks for the first page; false without an answer. */
  async refresh() {
    const answer = await this.#ask({});
    if (answer) Object.assign(this, { list: answer.rooms, next: answer.next ?? null, total: answer.total });
    return answer !== null;
  }

  /** A page of the rooms whose names have all words of `query`: {rooms, next}; null without an answer. */
  find(query, after = null) {
    const words = query.trim().replace(/^[#＃]+/u, "");
    if (words.length > MAX_QUERY) return { rooms: [] };
    return this.#ask({ ...(words && { query: words }), ...(after && { after }) });
  }

  #ask(which) {
    return this.#session.attempt({ type: "rooms", limit: PAGE, ...which });
  }
}

/** Whether a name has all words of `query`, as the server sees it. */
export function fits(name, query) {
  const key = keyOf(name);
  return keyOf(query).split(/\s+/u).every((word) => key.includes(word));
}
