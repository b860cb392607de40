/** Pages of a room's timeline, which are fetched when the user goes there. */
import { Stretch } from "./stretch.js";

export const PAGE = 60; // lines of a page that is shown
const MAX_COUNTED = 4096; // events behind the last one read: the server counts in no more
const LARGE_PAGE = 200; // lines of a page that is only looked through

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {{before: number} | {after: number} | {around: number}} Place
 */

export class History {
  #session;
  #rooms;

  /**
   * @param {Pick<import("../net/session.js").Session, "attempt" | "features">} session
   * @param {{roomChanged: import("../signal.js").Signal<[Room]>}} rooms
   */
  constructor(session, rooms) {
    this.#session = session;
    this.#rooms = rooms;
  }

  /** @param {Room} room */
  async older(room) {
    const { first } = room.window;
    await this.#page(room, { before: first }, (page) => room.window.first === first && room.window.prepend(page));
  }

  /** @param {Room} room */
  async newer(room) {
    await this.#page(room, { after: room.window.last }, (page) => room.window.extend(page));
  }

  /**
   * Loads the events around one of them; false without an answer, or if there are none.
   * @param {Room} room
   * @param {number} seq
   */
  async around(room, seq) {
    if (room.window.covers(seq)) return true;
    return this.#page(room, { around: seq }, (page) => room.window.show(page));
  }

  /**
   * Loads the first events; false without an answer, or if there are none.
   * @param {Room} room
   */
  async first(room) {
    if (room.window.atBeginning) return true;
    return this.#page(room, { after: 0 }, (page) => room.window.show(page));
  }

  /**
   * @param {Room} room
   * @param {Place} place
   * @param {(page: Stretch) => void} take
   */
  async #page(room, place, take) {
    while (room.fetching) await room.fetching;
    const fetching = this.#ask(room, place, PAGE);
    room.fetching = fetching;
    const page = await fetching;
    room.fetching = null;
    if (page) take(page);
    this.#rooms.roomChanged.emit(room);
    return Boolean(page && !page.empty);
  }

  /**
   * All lines after `after`, which are not to be shown; null when the connection was lost.
   * @param {Room} room
   * @param {number} after
   */
  async since(room, after) {
    /** @type {LogEvent[]} */
    const events = [];
    for (;;) {
      const page = await this.#ask(room, { after }, LARGE_PAGE);
      if (!page) return null;
      if (page.last <= after) return events;
      events.push(...page.events);
      after = page.last;
    }
  }

  /**
   * A message as it is now, or null if it is gone; undefined without an answer.
   * @param {Room} room
   * @param {number} seq
   */
  async message(room, seq) {
    const page = await this.#ask(room, { before: seq + 1 }, 1);
    return page ? (page.find(seq) ?? null) : undefined;
  }

  /**
   * The first event after `after` that `fits`, or null. It looks through as many events as the server counts in.
   * @param {Room} room
   * @param {number} after
   * @param {(event: LogEvent) => boolean} fits
   */
  async find(room, after, fits) {
    for await (const page of this.#behind(room, after)) {
      const found = page?.events.find(fits);
      if (found) return found;
    }
    return null;
  }

  /**
   * All after the last event read; null without an answer, or if that is more than the server counts in.
   * @param {Room} room
   */
  async unread(room) {
    const read = room.read ?? 0;
    if ((room.cursor ?? 0) - read > MAX_COUNTED) return null;
    let found = new Stretch(read + 1, read);
    for await (const page of this.#behind(room, read)) {
      if (!page) return null;
      found = found.joined(page);
    }
    return found;
  }

  /**
   * What is after `after`, part by part. What is not in memory is fetched; without an answer the last part is null.
   * @param {Room} room
   * @param {number} after
   * @returns {AsyncGenerator<Stretch | null>}
   */
  async *#behind(room, after) {
    const end = Math.min(room.cursor ?? 0, after + MAX_COUNTED);
    while (after < end) {
      const page = room.window.behind(after) ?? (await this.#ask(room, { after }, LARGE_PAGE));
      if (page?.first !== after + 1 || page.empty) {
        yield null;
        return;
      }
      yield page;
      after = page.last;
    }
  }

  /**
   * A page of the timeline; of the log, from an older server that has only that.
   * @param {Room} room
   * @param {Place} place
   * @param {number} limit
   * @returns {Promise<Stretch | null>}
   */
  async #ask(room, place, limit) {
    const type = this.#session.features.has("timeline") ? "timeline" : "history";
    const asked = this.#session.attempt({ type, room: room.name, limit, ...place });
    const { answer: page, changes } = await room.overtaken(asked);
    if (!page) return null;
    const stretch = Stretch.of(page);
    return changes.none ? stretch : stretch.behind(Math.min(changes.floor, stretch.last)).changed((event) => changes.applied(event));
  }
}
