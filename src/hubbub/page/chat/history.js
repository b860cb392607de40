/** Pages of a room's log, which are fetched when the user goes there. */

export const PAGE = 60; // events of a page that is shown
const MAX_COUNTED = 4096; // events behind the last one read: the server counts in no more
const LARGE_PAGE = 200; // events of a page that is only looked through

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {{before: number} | {after: number} | {around: number}} Place
 * @typedef {{events: LogEvent[], head: number} | null} Page
 */

export class History {
  #session;
  #rooms;

  /**
   * @param {Pick<import("../net/session.js").Session, "attempt">} session
   * @param {{roomChanged: import("../signal.js").Signal<[Room]>}} rooms
   */
  constructor(session, rooms) {
    this.#session = session;
    this.#rooms = rooms;
  }

  /** @param {Room} room */
  async older(room) {
    await this.#page(room, { before: room.window.first }, (events) => room.window.prepend(events));
  }

  /** @param {Room} room */
  async newer(room) {
    await this.#page(room, { after: room.window.last }, (events) => room.window.extend(events));
  }

  /**
   * Loads the events around one of them; false without an answer, or if there are none.
   * @param {Room} room
   * @param {number} seq
   */
  async around(room, seq) {
    if (room.window.view.some((event) => event.seq === seq)) return true;
    return this.#page(room, { around: seq }, (events) => room.window.show(events));
  }

  /**
   * Loads the first events; false without an answer, or if there are none.
   * @param {Room} room
   */
  async first(room) {
    if (room.window.first <= 1) return true;
    return this.#page(room, { after: 0 }, (events) => room.window.show(events));
  }

  /**
   * @param {Room} room
   * @param {Place} place
   * @param {(events: LogEvent[]) => void} take
   */
  async #page(room, place, take) {
    while (room.fetching) await room.fetching;
    const fetching = this.#ask(room, place, PAGE);
    room.fetching = fetching;
    const page = await fetching;
    room.fetching = null;
    if (page) take(page.events);
    this.#rooms.roomChanged.emit(room);
    return Boolean(page?.events.length);
  }

  /**
   * All events after `after`, which are not to be shown; null when the connection was lost.
   * @param {Room} room
   * @param {number} after
   */
  async since(room, after) {
    /** @type {LogEvent[]} */
    const events = [];
    for (let head = Infinity; after < head; ) {
      const page = await this.#ask(room, { after }, LARGE_PAGE);
      if (!page) return null;
      events.push(...page.events);
      head = page.events.length ? page.head : after;
      after = page.events.at(-1)?.seq ?? after;
    }
    return events;
  }

  /**
   * The first event after `after` that `fits`, or null. It looks through as many events as the server counts in.
   * @param {Room} room
   * @param {number} after
   * @param {(event: LogEvent) => boolean} fits
   */
  async find(room, after, fits) {
    for await (const event of this.#behind(room, after)) if (event && fits(event)) return event;
    return null;
  }

  /**
   * All events after the last one read; null without an answer, or if these are more than the server counts in.
   * @param {Room} room
   */
  async unread(room) {
    const read = room.read ?? 0;
    if ((room.cursor ?? 0) - read > MAX_COUNTED) return null;
    const events = [];
    for await (const event of this.#behind(room, read)) {
      if (!event) return null;
      events.push(event);
    }
    return events;
  }

  /**
   * The events after `after`, in order. Those that are not in memory are fetched; without an answer the last is null.
   * @param {Room} room
   * @param {number} after
   * @returns {AsyncGenerator<LogEvent | null>}
   */
  async *#behind(room, after) {
    const end = Math.min(room.cursor ?? 0, after + MAX_COUNTED);
    for (let seq = after + 1; seq <= end; ) {
      const known = room.window.find(seq);
      const events = known ? [known] : ((await this.#ask(room, { after: seq - 1 }, LARGE_PAGE))?.events ?? []);
      const last = events.at(-1);
      if (!last) {
        yield null;
        return;
      }
      yield* events;
      seq = last.seq + 1;
    }
  }

  /**
   * @param {Room} room
   * @param {Place} place
   * @param {number} limit
   * @returns {Promise<Page>}
   */
  #ask(room, place, limit) {
    return this.#session.attempt({ type: "history", room: room.name, limit, ...place });
  }
}
