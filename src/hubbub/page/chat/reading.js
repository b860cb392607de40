/** How far one has read each room: told to the other tabs at once, and to the server not for every line. */
import { Shared } from "../keep/shared.js";
import { IN } from "./room.js";

const TELL_MS = 1000;

export class Reading {
  #session;
  #rooms;
  #history;
  #reader;
  // By rooms' keys: {name, seq, at, seen}: up to which event it was read, its time, if that is known, and what
  // was seen behind it.
  #marks = new Shared("marks", {});
  #telling = new Set(); // rooms that the server is about to be told of

  constructor(session, rooms, history, reader) {
    this.#session = session;
    this.#rooms = rooms;
    this.#history = history;
    this.#reader = reader;
    this.#marks.changed.on(() => this.#followTabs());
    rooms.forgotten.on((room) => this.#forget(room.key));
    rooms.outdated.on((room) => this.#forget(room.key));
    rooms.entered.on((room, answer) => this.#entered(room, answer));
  }

  /** How far a room was read, {seq, seen}, or undefined. */
  mark(room) {
    return this.#marks.value[room.key];
  }

  /** What was in sight of a room, as ranges of events: all up to the first text that was not is read. */
  saw(room, ranges) {
    const { unread } = room;
    for (const { first, last } of ranges) room.see(first, last, this.#reader);
    const fewer = room.unread < unread;
    this.read(room, room.seenUpTo(this.#reader));
    if (!fewer) return;
    this.#keep(room);
    this.#rooms.changed.emit();
  }

  /**
   * Counts a room here, after the server has: it knows neither what was seen behind the last event read, nor
   * whom one ignores.
   */
  recount(room) {
    const differs = this.#reader.ignoresSome || room.seen.beyond(room.read).length > 0;
    if (room.unread && room.caughtUp && differs) this.#recount(room);
  }

  async #recount(room) {
    const events = await this.#history.unread(room);
    if (!events) return;
    room.recount(events, this.#reader);
    this.#rooms.roomChanged.emit(room);
    this.#rooms.changed.emit();
  }

  /** All that was missed of a room is here. */
  caughtUp(room) {
    this.#keep(room); // the time of the last event read is known now
    this.recount(room);
  }

  /** Whom one ignores has changed. */
  recountAll() {
    for (const room of this.#rooms) {
      if (room.caughtUp && room.read < room.cursor) this.#recount(room);
      this.#rooms.roomChanged.emit(room);
    }
  }

  /** All up to an event was read; if none is given, all that is in the room now. */
  read(room, seq = room.cursor) {
    if (seq === null || room.read === null || room.read >= seq) return;
    room.readUpTo(seq, this.#reader);
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
    if (room.read === null || room.read < (known?.seq ?? -1)) return;
    const at = room.read === room.cursor ? room.stamp : (room.window.find(room.read)?.at ?? null);
    const seen = room.seen.beyond(room.read);
    const mark = { name: room.name, seq: room.read, at, ...(seen.length && { seen }) };
    if (at === null && known?.seq === room.read) mark.at = known.at;
    if (JSON.stringify(mark) === JSON.stringify(known)) return;
    this.#marks.value = { ...this.#marks.value, [room.key]: mark };
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
    this.recount(room);
  }

  #forget(key) {
    const { [key]: gone, ...marks } = this.#marks.fresh();
    if (gone) this.#marks.value = marks;
  }

  #followTabs() {
    for (const room of this.#rooms) {
      const { seq = 0, seen = [] } = this.mark(room) ?? {};
      if (room.read === null) continue;
      for (const { first, last } of seen) room.see(first, Math.min(last, room.cursor), this.#reader);
      if (seq > room.read) room.readUpTo(seq, this.#reader);
    }
    this.#rooms.changed.emit();
  }
}

function command({ name, seq, at }) {
  return { type: "read", room: name, seq, ...(at !== null && { at }) };
}
