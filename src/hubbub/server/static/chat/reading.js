/** How far one has read each room: told to the other tabs at once, and to the server not for every line. */
import { Shared } from "../keep/shared.js";
import { IN } from "./room.js";

const TELL_MS = 1000;

export class Reading {
  #session;
  #rooms;
  #marks = new Shared("reads", {}); // numbers of events by rooms' keys
  #telling = new Set(); // rooms that the server is about to be told of

  constructor(session, rooms) {
    this.#session = session;
    this.#rooms = rooms;
    this.#marks.changed.on(() => this.#followTabs());
    rooms.forgotten.on((room) => this.#forget(room));
    rooms.entered.on((room, answer) => answer.read < room.read && this.#tell(room));
  }

  /** Up to where a room was read, or undefined. */
  mark(room) {
    return this.#marks.value[room.key];
  }

  /** All that is in the room now was seen. */
  read(room) {
    if (room.cursor === null || room.read === null || room.read >= room.cursor) return;
    Object.assign(room, { read: room.cursor, unread: 0, mentions: 0 });
    this.#marks.value = { ...this.#marks.value, [room.key]: room.read };
    this.#rooms.changed.emit();
    if (!this.#session.features.has("read") || this.#telling.has(room)) return;
    this.#telling.add(room);
    setTimeout(() => this.#tell(room), TELL_MS);
  }

  /** The log is another one. */
  forgetAll() {
    this.#marks.value = {};
  }

  #tell(room) {
    this.#telling.delete(room);
    if (room.stage !== IN) return; // told when it is joined again
    this.#session.attempt({ type: "read", room: room.name, seq: room.read });
  }

  #forget(room) {
    const { [room.key]: _, ...marks } = this.#marks.value;
    this.#marks.value = marks;
  }

  #followTabs() {
    for (const room of this.#rooms) {
      const read = this.mark(room) ?? 0;
      if (room.read !== null && read > room.read) {
        room.read = read;
        if (read >= room.cursor) Object.assign(room, { unread: 0, mentions: 0 });
      }
    }
    this.#rooms.changed.emit();
  }
}
