/**
 * The files that the user is about to say: they go to the server at once, a few at a time, while the text is written.
 * A message that is sent before its files are there waits for them as a parcel.
 */
import { Refused } from "../net/failures.js";
import { upload } from "../net/uploading.js";
import { Signal } from "../signal.js";

export const MAX_FILES = 10; // of one message (hubbub/domain/files.py)
const AT_ONCE = 2;

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").File} Told
 * @typedef {import("../keep/drafts.js").Reply} Reply
 *
 * A message that waits for its files.
 * @typedef {{room: Room, text: string, reply: Reply | null}} Parcel
 */

/** One file on its way, or there. */
export class Upload {
  /** @type {"waits" | "sends" | "done" | "failed"} */
  state = "waits";
  sent = 0; // bytes that the server has
  alt = ""; // what it shows, in words
  why = ""; // it failed
  /** @type {Told | null} */
  told = null;
  /** @type {Parcel | null} */
  parcel = null;
  stop = new AbortController();

  /**
   * @param {Room} room
   * @param {{name: string, size: number, type: string}} about
   * @param {Blob | null} file null: the server has it
   */
  constructor(room, { name, size, type }, file) {
    this.room = room;
    this.name = name;
    this.size = size;
    this.type = type;
    this.file = file;
  }
}

export class Uploads {
  /** @type {Signal<[Room]>} */
  changed = new Signal();
  /** @type {Upload[]} */
  #all = [];
  #who;
  #say;
  #upload;

  /**
   * @param {object} given
   * @param {() => import("../net/uploading.js").Who} given.who
   * @param {(room: Room, text: string, reply: Reply | null, files: Told[]) => void} given.say
   * @param {typeof upload} [given.send]
   */
  constructor({ who, say, send = upload }) {
    this.#who = who;
    this.#say = say;
    this.#upload = send;
  }

  /**
   * What is to be said in a room with the next message.
   * @param {Room} room
   */
  of(room) {
    return this.#all.filter((one) => one.room === room && !one.parcel);
  }

  /**
   * The messages of a room that wait for files, each with those.
   * @param {Room} room
   */
  parcels(room) {
    /** @type {Map<Parcel, Upload[]>} */
    const found = new Map();
    for (const one of this.#all) {
      if (one.room === room && one.parcel) found.set(one.parcel, [...(found.get(one.parcel) ?? []), one]);
    }
    return found;
  }

  /** Whether there is anything that is not said yet, and would be lost with the page. */
  get busy() {
    return this.#all.length > 0;
  }

  /**
   * Takes files; returns whether there was room for all of them.
   * @param {Room} room
   * @param {Iterable<File>} files
   */
  add(room, files) {
    const given = [...files];
    const free = Math.max(0, MAX_FILES - this.of(room).length);
    for (const file of given.slice(0, free)) this.#all.push(new Upload(room, file, file));
    this.#next(room);
    return given.length <= free;
  }

  /**
   * Takes files again of a message that was not said.
   * @param {Room} room
   * @param {Told[]} files
   */
  bring(room, files) {
    for (const told of files) {
      const one = new Upload(room, told, null);
      Object.assign(one, { state: "done", sent: told.size, told, alt: told.alt ?? "" });
      this.#all.push(one);
    }
    this.changed.emit(room);
  }

  /** @param {Upload} one */
  remove(one) {
    one.stop.abort();
    this.#all = this.#all.filter((other) => other !== one);
    this.#next(one.room);
    if (one.parcel) this.#finish(one.parcel);
  }

  /** @param {Upload} one */
  retry(one) {
    Object.assign(one, { state: "waits", why: "" });
    this.#next(one.room);
  }

  /**
   * Says a message with the files of its room, now or when they are there.
   * @param {Room} room
   * @param {string} text
   * @param {Reply | null} reply
   */
  post(room, text, reply) {
    const parcel = { room, text, reply };
    for (const one of this.of(room)) one.parcel = parcel;
    this.#finish(parcel);
  }

  /**
   * A message does not wait any more: its files are there for the next one.
   * @param {Parcel} parcel
   */
  open(parcel) {
    for (const one of this.#all) if (one.parcel === parcel) one.parcel = null;
    this.changed.emit(parcel.room);
  }

  /**
   * The user is gone, or may not speak in a room: nothing of theirs goes on.
   * @param {(room: Room) => boolean} [where]
   */
  forget(where = () => true) {
    const gone = this.#all.filter(({ room }) => where(room));
    this.#all = this.#all.filter((one) => !gone.includes(one));
    for (const one of gone) one.stop.abort();
    for (const room of new Set(gone.map((one) => one.room))) this.changed.emit(room);
  }

  /** @param {Parcel} parcel */
  #finish(parcel) {
    const files = this.#all.filter((one) => one.parcel === parcel);
    if (files.every(({ state }) => state === "done")) {
      this.#all = this.#all.filter((one) => !files.includes(one));
      const told = files.map(({ told: file, alt }) => ({ .../** @type {Told} */ (file), ...(alt.trim() && { alt: alt.trim() }) }));
      if (told.length || parcel.text.trim()) this.#say(parcel.room, parcel.text, parcel.reply, told);
    }
    this.changed.emit(parcel.room);
  }

  /** @param {Room} room what has changed is there */
  #next(room) {
    const free = AT_ONCE - this.#all.filter(({ state }) => state === "sends").length;
    for (const one of this.#all.filter(({ state }) => state === "waits").slice(0, Math.max(0, free))) this.#send(one);
    this.changed.emit(room);
  }

  /** @param {Upload} one */
  async #send(one) {
    if (!one.file) return;
    one.state = "sends";
    const progress = (/** @type {number} */ sent) => {
      one.sent = Math.min(sent, one.size);
      this.changed.emit(one.room);
    };
    try {
      one.told = await this.#upload(one.file, { name: one.name, who: this.#who, progress, signal: one.stop.signal });
      one.state = "done";
      one.file = null; // the browser may forget it
    } catch (error) {
      if (one.stop.signal.aborted) return;
      one.state = "failed";
      one.why = error instanceof Refused ? error.message : "It could not be read. Is it still where it was?";
    }
    this.#next(one.room);
    if (one.parcel) this.#finish(one.parcel);
  }
}
