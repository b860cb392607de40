/**
 * What the user has seen of the room that is shown: it counts as read, up to the first message that was not
 * in sight. What comes while the user looks at the end is seen, however fast it goes by; what was missed
 * before is not.
 */
import { isWatched } from "./notifications.js";

const SKIPPED = 30; // events: who scrolls over as many at once has seen them

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../chat/seen.js").Range} Range
 */

export class Sight {
  #reading;
  /** @type {{room: Room, range: Range} | null} what was in sight the last time */
  #before = null;
  /** @type {{room: Room, seq: number} | null} up to which event the user has watched the end of the room */
  #watched = null;

  /** @param {import("../chat/reading.js").Reading} reading */
  constructor(reading) {
    this.#reading = reading;
  }

  /**
   * Notes what is in sight of a room.
   * @param {Room} room
   * @param {Range | null} sight the events in sight
   * @param {boolean} scrolled whether the user has just scrolled
   */
  look(room, sight, scrolled) {
    if (!room.caughtUp || !isWatched()) {
      this.#watched = this.#before = null;
      return;
    }
    const cursor = room.cursor ?? 0;
    const atEnd = room.place === null;
    const seen = sight ?? (atEnd ? { first: cursor, last: cursor } : null);
    if (!seen) return;
    const watched = atEnd && this.#watched?.room === room && this.#watched.seq >= room.live ? this.#watched.seq : Infinity;
    const range = {
      first: Math.min(seen.first, watched + 1),
      last: atEnd ? cursor : Math.min(seen.last, room.window.last),
    };
    const ranges = [range];
    if (scrolled && this.#before?.room === room) ranges.push(...skipped(this.#before.range, range));
    if (room.cleared) ranges.push({ first: 1, last: room.cleared });
    this.#before = { room, range };
    this.#watched = atEnd ? { room, seq: cursor } : null;
    this.#reading.saw(room, ranges);
  }
}

/**
 * The events between what was in sight before and what is now, if they are only a few: the user has scrolled over them.
 * @param {Range} before
 * @param {Range} now
 */
function skipped(before, now) {
  const between = [
    { first: before.last, last: now.first },
    { first: now.last, last: before.first },
  ];
  return between.filter(({ first, last }) => first < last && last - first < SKIPPED);
}
