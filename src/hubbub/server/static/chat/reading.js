/** How far one has read each room: told to the other tabs at once, and to the server not for every line. */
import { Shared } from "../keep/shared.js";
import { IN } from "./room.js";

const TELL_MS = 1000;

export class Reading {
  #session;
  #rooms;
  // By rooms' keys: {name, seq, at}, the number of an event and its time, if that is known.
  #marks = new Shared("marks", {});
  #telling = new Set(); // rooms that the server is about to be told of

  constructor(session, rooms) {
    this.#session = session;
    this.#rooms = rooms;
    this.#marks.changed.on(() => this.#followTabs());
    rooms.forgotten.on((room) => this.#forget(room.key));
    rooms.outdated.on((room) => this.#forget(room.key));
    rooms.entered.on((room, answer) => this.#entered(room, answer));
  }

  /** Up to where a room was read, or undefined. */
  mark(room) {
    return this.#marks.value[room.key]?.seq;
  }

  /** All up to an event was read; if none is given, all that is in the room now. */
  read(room, seq = room.cursor) {
    if (seq === null || room.read === null || room.read >= seq) return;
    room.readUpTo(seq, this.#session.user);
    this.#keep(room);
    this.#rooms.changed.emit();
    if (!this.#session.features.has("read") || this.#telling.has(room)) return;
    this.#telling.add(room);
    setTimeout(() => this.#tell(room), TELL_MS);
  }

  /** The server knows nothing of us any more: it is told how far all rooms were read. */
  tellAll() {
    if (!this.#session.features.has("stamps")) return;
    for (const [key, mark] of Object.entries(this.#marks.fresh())) {
      const at = mark.at ?? this.#rooms.get(key)?.window.find(mark.seq)?.at ?? null;
      const told = this.#session.ask(command({ ...mark, at }));
      told.catch(({ code }) => code === "bad-cursor" && this.#forget(key));
    }
  }

  /** All there is in all rooms was read. */
  readAll() {
    for (const room of this.#rooms) {
      room.divider = null;
      this.read(room);
      this.#rooms.roomChanged.emit(room);
    }
  }

  /** The log is another one. */
  forgetAll() {
    this.#marks.value = {};
  }

  #entered(room, answer) {
    if (answer.read < room.read) this.#tell(room);
    this.#keep(room); // also where nothing was read yet: what comes from here on is new
  }

  #keep(room) {
    const known = this.#marks.fresh()[room.key];
    if (room.read === null || room.read <= (known?.seq ?? -1)) return;
    const at = room.read === room.cursor ? room.stamp : (room.window.find(room.read)?.at ?? null);
    this.#marks.value = { ...this.#marks.value, [room.key]: { name: room.name, seq: room.read, at } };
  }

  async #tell(room) {
    this.#telling.delete(room);
    if (room.stage !== IN) return; // told when it is joined again
    const { at = null, seq } = this.#marks.value[room.key] ?? {};
    const stamps = this.#session.features.has("stamps");
    const stamp = stamps && seq === room.read ? at : null;
    const answer = await this.#session.attempt(command({ name: room.name, seq: room.read, at: stamp }));
    if (!answer) return;
    room.marked(answer); // it has counted what is not in memory here
    this.#rooms.changed.emit();
  }

  #forget(key) {
    const { [key]: gone, ...marks } = this.#marks.fresh();
    if (gone) this.#marks.value = marks;
  }

  #followTabs() {
    for (const room of this.#rooms) {
      const read = this.mark(room) ?? 0;
      if (room.read !== null && read > room.read) {
        room.readUpTo(read, this.#session.user);
      }
    }
    this.#rooms.changed.emit();
  }
}

function command({ name, seq, at }) {
  return { type: "read", room: name, seq, ...(at !== null && { at }) };
}
