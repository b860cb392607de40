/** The order in which rooms are offered to somebody who has typed a part of a name. */
import { joined } from "../text/alike.js";
import { byName, keyOf } from "../text/names.js";

/**
 * @typedef {Pick<import("./directory.js").RoomInfo, "name" | "users" | "at" | "topic" | "access" | "invited">} Offered
 *
 * What the user has to do with a room; `visited`: its place among those shown lately, the last one first.
 * @typedef {{unread: number, mentions: number, visited: number}} Standing
 */

/**
 * The rooms that fit what was typed: the one that is meant exactly, those with unread messages, those where the user
 * was lately, the others. Rooms that are equal in this are in the order of their users and names, or
 * (`paged`) stay in the server's order, so that each page is below the one before.
 * @template {Offered} Room
 * @param {Room[]} rooms
 * @param {string} wish what was typed
 * @param {(key: string) => Standing | null} standing null: the user is not in the room
 * @param {boolean} paged
 */
export function ranked(rooms, wish, standing, paged) {
  const found = rooms.filter(({ name }) => fits(name, wish));
  const ranks = new Map(found.map((room) => [room, rank(room.name, wish, standing(keyOf(room.name)))]));
  const ofRank = (/** @type {Room} */ room) => ranks.get(room) ?? [];
  const order = (/** @type {Room} */ one, /** @type {Room} */ other) =>
    paged ? 0 : other.users - one.users || byName(one.name, other.name);
  return found.sort((one, other) => compare(ofRank(one), ofRank(other)) || order(one, other));
}

/**
 * Whether a name has all words of `wish`, or has `wish` in it if it does not matter how words are joined.
 * @param {string} name
 * @param {string} wish
 */
function fits(name, wish) {
  const key = keyOf(name);
  return keyOf(wish).split(/\s+/u).every((word) => key.includes(word)) || joined(key).includes(joined(wish));
}

/**
 * Numbers by which rooms are put in order, the first of them first.
 * @param {string} name
 * @param {string} wish
 * @param {Standing | null} standing
 */
function rank(name, wish, standing) {
  const exact = keyOf(name) === keyOf(wish) ? 0 : joined(name) === joined(wish) ? 1 : 2;
  if (!standing) return [exact, 3, 0];
  return [exact, standing.mentions ? 0 : standing.unread ? 1 : 2, standing.visited];
}

/**
 * @param {number[]} one
 * @param {number[]} other
 */
function compare(one, other) {
  const place = one.findIndex((number, at) => number !== other[at]);
  return place < 0 ? 0 : one[place] < other[place] ? -1 : 1;
}
