/** Takes frames that answer nothing: events, who is typing, what was read on another device. */
import { Signal } from "../signal.js";
import { keyOf } from "../text/names.js";
import { IN } from "./room.js";

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {{status: "here" | "away" | "busy", note: string}} Seen how somebody wants to be seen, and why
 */

export class Arriving {
  /** @type {(room: Room) => boolean} */
  seen = () => false; // whether the user looks at the newest messages of a room
  /** @type {Signal<[Room, LogEvent[]]>} */
  took = new Signal(); // a room, and its next events
  /** @type {Signal<[Room]>} */
  caughtUp = new Signal(); // a room: from here on it is live
  /** @type {Signal<[Room, LogEvent[]]>} */
  news = new Signal(); // a room, and events that just happened in it
  /** @type {Signal<[Room]>} */
  marked = new Signal(); // a room: the server has counted what is unread in it

  #session;
  #rooms;
  #reader;

  /**
   * @param {import("../net/session.js").Session} session
   * @param {import("./rooms.js").Rooms} rooms
   * @param {import("./reader.js").Reader} reader
   */
  constructor(session, rooms, reader) {
    this.#session = session;
    this.#rooms = rooms;
    this.#reader = reader;
    session.heard.on((frame) => this.#heard(frame));
  }

  /** @param {import("../net/frames.js").Frame} frame */
  #heard(frame) {
    const room = frame.room === undefined ? null : this.#rooms.get(keyOf(frame.room));
    if (frame.type === "events" && room) this.#events(room, frame.events);
    else if (frame.type === "typing" && room) this.#typing(room, frame.by);
    // While we are joining, the frame is about a former room of that name: the join makes a new one.
    else if (frame.type === "deleted" && room?.stage === IN) this.#rooms.drop(room);
    else if (frame.type === "left" && room?.stage === IN) this.#left(room, frame.put_out);
    else if (frame.type === "read" && room) {
      room.marked(frame);
      this.#rooms.changed.emit();
      this.marked.emit(room);
    } else if (frame.type === "standing" && room?.stage === IN) {
      room.standing = frame.standing;
      this.#rooms.roomChanged.emit(room);
      this.#rooms.changed.emit();
    } else if (frame.type === "presence" && room?.stage === IN) {
      const { user, here = true, status = "here", note = "" } = frame;
      room.sees(user, here, { status, note });
      this.#rooms.roomChanged.emit(room);
    } else if (frame.type === "moved" && room) {
      this.#rooms.call(room, frame.name);
    } else if (frame.type === "bye" && frame.reason === "too-slow") {
      this.#session.restart();
    }
  }

  /**
   * @param {Room} room
   * @param {boolean} [putOut] whether somebody has put the user out; else the server may have
   */
  #left(room, putOut) {
    if (putOut) this.#rooms.putOut(room);
    else this.#rooms.comeBack(room);
  }

  /**
   * @param {Room} room
   * @param {LogEvent[]} events
   */
  #events(room, events) {
    if (room.stage !== IN) return;
    const following = room !== this.#rooms.current || room.place === null;
    const { caughtUp } = room;
    const fresh = room.take(events, this.#reader, following, this.seen(room));
    if (fresh === null) {
      this.#session.restart(); // a log has no holes: resume from the cursor
      return;
    }
    this.took.emit(room, fresh);
    if (!caughtUp && room.caughtUp) this.caughtUp.emit(room);
    const happened = fresh.filter(({ seq }) => seq > room.live);
    if (happened.length) this.news.emit(room, happened);
    this.#rooms.roomChanged.emit(room);
    this.#rooms.changed.emit();
  }

  /**
   * @param {Room} room
   * @param {string} name
   */
  #typing(room, name) {
    if (this.#reader.ignores(name)) return;
    const again = room.types(name, performance.now());
    setTimeout(() => this.#rooms.roomChanged.emit(room), again);
    this.#rooms.roomChanged.emit(room);
  }
}
