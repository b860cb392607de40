/** Direct conversations of two to nine people: rooms that are found by their people, and entered when something is said. */
import { FORMER_MEMBER } from "./forgetting.js";

const MOST = 50; // that are entered by themselves: the others when something is said in them

/** @typedef {import("./room.js").Room} Room */

export class Talks {
  #session;
  #rooms;

  /**
   * @param {Pick<import("../net/session.js").Session, "ask" | "heard">} session
   * @param {import("./rooms.js").Rooms} rooms
   */
  constructor(session, rooms) {
    this.#session = session;
    this.#rooms = rooms;
    session.heard.on((frame) => frame.type === "direct" && this.#told(frame));
    rooms.listed.on(() => this.#list());
  }

  /**
   * The conversation with these people, which is begun if need be. Rejected with a `Failure`.
   * @param {string[]} names
   * @returns {Promise<Room>}
   */
  async with(names) {
    const answer = await this.#session.ask({ type: "direct", users: names });
    return this.#know(answer.room, answer.users);
  }

  /**
   * Something was said in a conversation in which the user is not.
   * @param {import("../net/frames.js").Frame} frame
   */
  #told({ room: name, users, head }) {
    const room = this.#know(name, users);
    room.told = head;
    this.#rooms.enter(room);
  }

  /** The conversations that the server lists: also those that were begun on another device, or while the user was away. */
  #list() {
    const talks = this.#rooms.directory.talks.toSorted((one, other) => (other.at ?? 0) - (one.at ?? 0));
    for (const { name, people = [] } of talks.slice(0, MOST)) {
      this.#rooms.enter(this.#know(name, people));
    }
  }

  /**
   * @param {string} name
   * @param {string[]} people
   */
  #know(name, people) {
    const room = this.#rooms.want(name);
    if (people.length) room.people = people; // when all others are gone, it is still called by them
    else if (!room.people.length) room.people = [FORMER_MEMBER];
    return room;
  }
}
