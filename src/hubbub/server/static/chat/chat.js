/** The chat: rooms, and what comes from the server and goes there. It knows no element. */
import { dropRoom, dropRooms, keepRoom, readRooms } from "../keep/database.js";
import { Shared } from "../keep/shared.js";
import { Connection } from "../net/connection.js";
import { Lost, Session } from "../net/session.js";
import { Signal } from "../signal.js";
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";
import { Queue } from "./queue.js";
import { IN, JOINING, OUT, Room } from "./room.js";

const PAGE = 60; // events of history at once
const MAX_MISSED = 1000; // more than that is not fetched at once, but when it is scrolled to
const READ_MS = 1000;
const TYPING_MS = 3000;
const ROOMS_MS = 30_000;
const KEEP_MS = 500;

export class Chat {
  state = "idle"; // "idle", "connecting", "online", "waiting"
  nextTry = 0; // when the next attempt is made, by performance.now()
  list = []; // the server's rooms
  rooms = new Map(); // those we are in or want to be in, by key
  current = null;
  seen = () => false; // whether the person looks at the newest of a room

  stateChanged = new Signal();
  roomsChanged = new Signal(); // the list, counts, names of rooms
  roomChanged = new Signal(); // a room: events, members, lines
  news = new Signal(); // a room, and events that just happened in it
  nameRefused = new Signal();
  roomRefused = new Signal(); // a room whose name cannot be, the sentence, and a name that can
  notice = new Signal(); // a sentence for the person

  #session;
  #identity = { name: new Shared("name", ""), token: new Shared("token", null) };
  #wanted = new Shared("rooms", []);
  #reads = new Shared("reads", {});
  #log = new Shared("log", "");
  #renamedFrom = null;
  #reading = new Map(); // timers of read marks by room
  #keeping = new Map(); // timers of what is kept by room
  #typed = -Infinity;

  constructor(url) {
    this.queue = new Queue({
      ready: (key) => this.rooms.get(key)?.stage === IN,
      identity: (key) => ({
        user: this.user,
        token: this.#identity.token.value,
        cursor: this.rooms.get(key)?.cursor,
      }),
      resume: () => this.#session.pump(),
    });
    const identity = {
      token: (name) =>
        keyOf(name) === keyOf(this.#identity.name.fresh()) ? this.#identity.token.fresh() : null,
      keep: (name, token) => {
        this.#identity.name.value = name;
        this.#identity.token.value = token ?? null;
      },
    };
    this.#session = new Session(new Connection(url), identity, this.queue);
    this.#session.welcomed.on((welcome) => this.#welcomed(welcome));
    this.#session.refused.on((error) => this.#refused(error));
    this.#session.heard.on((frame) => this.#heard(frame));
    this.#session.lost.on((pause) => this.#lost(pause));
    this.queue.changed.on((key) => this.#touched(this.rooms.get(key)));
    this.#wanted.changed.on((names) => this.#followTabs(names));
    this.#reads.changed.on(() => this.#takeReads());
    setInterval(() => document.visibilityState === "visible" && this.refresh(), ROOMS_MS);
    addEventListener("pagehide", () => this.#keepAll());
    document.addEventListener("visibilitychange", () => this.#keepAll());
  }

  get user() {
    return this.#session.user ?? this.#identity.name.value;
  }

  /** The name one had here last; "" at the first visit. */
  get rememberedName() {
    return this.#identity.name.value;
  }

  get online() {
    return this.#session.online;
  }

  get limits() {
    return this.#session.limits;
  }

  can(feature) {
    return this.#session.features.has(feature);
  }

  // Coming and going

  /** Brings back what was kept, and connects if one was here before. */
  async begin() {
    for (const name of this.#wanted.value) this.#want(name);
    for (const kept of await readRooms(this.#log.value)) {
      const room = this.rooms.get(kept.key);
      if (room && room.cursor === null) room.restore(kept);
    }
    for (const { room } of await this.queue.adopt()) this.#want(room);
    if (this.#identity.token.value) this.introduce(this.rememberedName);
    this.roomsChanged.emit();
  }

  introduce(name) {
    this.#setState("connecting");
    this.#session.introduce(name);
  }

  rename(name) {
    this.#renamedFrom = this.user;
    this.#session.rename(name);
  }

  hurry() {
    this.#session.hurry();
  }

  /** Says goodbye: the name is free at once. The rooms come back with the next visit. */
  async quit() {
    this.#session.end();
    this.#identity.token.value = null;
    for (const room of this.rooms.values()) Object.assign(room, { stage: OUT });
    this.#setState("idle");
    await dropRooms();
  }

  // Rooms

  /** Shows a room, entering it if need be; null shows none. */
  open(name) {
    const before = this.current;
    if (before && before.unread === 0) before.divider = null;
    this.current = name === null ? null : this.#want(name);
    if (this.current && this.current.unread && this.current.divider === null) {
      this.current.divider = this.current.read + 1;
    }
    this.#join(this.current);
    this.roomsChanged.emit();
    return this.current;
  }

  #want(name) {
    let room = this.rooms.get(keyOf(name));
    if (!room) {
      room = new Room(name);
      this.rooms.set(room.key, room);
      this.#keepWanted();
    }
    return room;
  }

  #keepWanted() {
    const names = [...this.rooms.values()].map(({ name }) => name);
    if (JSON.stringify(names) !== JSON.stringify(this.#wanted.value)) this.#wanted.value = names;
  }

  async #join(room) {
    if (!this.online || !room || room.stage !== OUT) return;
    room.stage = JOINING;
    const head = this.list.find(({ name }) => keyOf(name) === room.key)?.head ?? 0;
    if (room.cursor !== null && head - room.cursor > MAX_MISSED) room.reset(head - PAGE);
    const after = room.cursor === null ? {} : { after: room.cursor };
    try {
      const answer = await this.#session.ask({ type: "join", room: room.name, ...after });
      this.#joined(room, answer);
    } catch (error) {
      room.stage = OUT;
      if (error.code === "bad-cursor") {
        room.reset();
        this.#join(room);
      } else if (error.code === "rate-limited" || error.code === "log-unavailable") {
        setTimeout(() => this.#join(room), (error.retryAfter ?? 2) * 1000);
      } else if (error.code === "invalid-name") {
        this.#forget(room);
        this.roomRefused.emit(room, error.message, error.suggestion ?? null);
      } else if (error.code) {
        room.problem = error.message;
        this.notice.emit(error.message);
      }
      this.#touched(room);
    }
  }

  #joined(room, answer) {
    room.joined(answer, this.#reads.value[room.key]);
    if (keyOf(answer.room) !== room.key) {
      this.rooms.delete(room.key);
      room.key = keyOf(answer.room);
      this.rooms.set(room.key, room);
    }
    this.#keepWanted();
    if (answer.read < room.read) this.#tellRead(room);
    if (room.caughtUp) this.#settle(room);
    this.#session.pump();
    this.#touched(room);
    this.roomsChanged.emit();
  }

  /** Leaves a room for good. */
  async leave(room) {
    this.#forget(room);
    if (room.stage === IN) await this.#quietly({ type: "leave", room: room.name });
    room.stage = OUT;
    this.refresh();
  }

  #forget(room) {
    this.rooms.delete(room.key);
    this.#keepWanted();
    dropRoom(room.key);
    const { [room.key]: _, ...reads } = this.#reads.value;
    this.#reads.value = reads;
    if (this.current === room) this.current = null;
    this.roomsChanged.emit();
  }

  /** Asks for the list of rooms. */
  async refresh() {
    const answer = await this.#quietly({ type: "rooms" });
    if (!answer) return;
    this.list = answer.rooms;
    for (const info of answer.rooms) {
      const room = this.rooms.get(keyOf(info.name));
      if (room) room.head = Math.max(room.head, info.head);
    }
    this.roomsChanged.emit();
  }

  #followTabs(names) {
    const wanted = new Map(names.map((name) => [keyOf(name), name]));
    for (const room of [...this.rooms.values()]) {
      if (!wanted.has(room.key) && room !== this.current) {
        this.rooms.delete(room.key);
        if (room.stage === IN) this.#quietly({ type: "leave", room: room.name });
      }
    }
    for (const [key, name] of wanted) {
      if (!this.rooms.has(key)) this.rooms.set(key, new Room(name));
      this.#join(this.rooms.get(key));
    }
    this.roomsChanged.emit();
  }

  // Speaking

  /** Says a text in a room; false when too many lines wait already. */
  say(room, text, reply = null) {
    if (this.queue.full) return false;
    room.divider = null;
    this.queue.add(room, text, reply);
    return true;
  }

  /** Lets the room know that one is writing. */
  typing(room) {
    const now = performance.now();
    if (room.stage !== IN || now - this.#typed < TYPING_MS || !this.can("typing")) return;
    this.#typed = now;
    this.#session.tell({ type: "typing", room: room.name });
  }

  async #settle(room) {
    const lines = this.queue.doubtful(room.key);
    if (!lines.length) return;
    let after = Math.min(...lines.map((line) => line.after ?? 0));
    const events = [];
    for (let head = Infinity; after < head; ) {
      const page = await this.#quietly({ type: "history", room: room.name, after, limit: 200 });
      if (!page) return; // the next connection settles it
      events.push(...page.events);
      head = page.events.length ? page.head : after;
      after = page.events.at(-1)?.seq ?? after;
    }
    this.queue.settle(room.key, lines, events);
  }

  // Reading

  async older(room) {
    await this.#page(room, { before: room.window.first }, (events) => room.window.prepend(events));
  }

  async newer(room) {
    await this.#page(room, { after: room.window.last }, (events) => room.window.extend(events));
  }

  /** Loads the place around an event; false when that is not possible. */
  async around(room, seq) {
    if (room.window.view.some((event) => event.seq === seq)) return true;
    return this.#page(room, { around: seq }, (events) => room.window.show(events));
  }

  async first(room) {
    if (room.window.first <= 1) return true;
    return this.#page(room, { after: 0 }, (events) => room.window.show(events));
  }

  async #page(room, place, take) {
    while (room.fetching) await room.fetching;
    const ask = { type: "history", room: room.name, limit: PAGE, ...place };
    room.fetching = this.#quietly(ask);
    const page = await room.fetching;
    room.fetching = null;
    if (page) take(page.events);
    this.#touched(room);
    return Boolean(page?.events.length);
  }

  search(query, before) {
    return this.#session.ask({ type: "search", query, ...(before && { before }) });
  }

  /** All that is in the room now was seen. */
  markRead(room) {
    if (room.cursor === null || room.read === null || room.read >= room.cursor) return;
    Object.assign(room, { read: room.cursor, unread: 0, mentions: 0 });
    this.#reads.value = { ...this.#reads.value, [room.key]: room.read };
    this.roomsChanged.emit();
    if (!this.can("read") || this.#reading.has(room)) return;
    const timer = setTimeout(() => this.#tellRead(room), READ_MS);
    this.#reading.set(room, timer);
  }

  #tellRead(room) {
    this.#reading.delete(room);
    if (room.stage !== IN) return; // told when it is joined again
    this.#quietly({ type: "read", room: room.name, seq: room.read });
  }

  #takeReads() {
    for (const room of this.rooms.values()) {
      const read = this.#reads.value[room.key] ?? 0;
      if (room.read !== null && read > room.read) {
        room.read = read;
        if (read >= room.cursor) Object.assign(room, { unread: 0, mentions: 0 });
      }
    }
    this.roomsChanged.emit();
  }

  // What the server says

  #welcomed(welcome) {
    if (this.#log.value && this.#log.value !== welcome.log) {
      for (const room of this.rooms.values()) room.reset();
      this.#reads.value = {};
      dropRooms();
      this.notice.emit("The server has another log than before: its rooms begin afresh.");
    }
    this.#log.value = welcome.log;
    this.#renamedFrom = null;
    this.queue.welcomed();
    for (const room of this.rooms.values()) room.stage = OUT;
    this.#setState("online");
    this.#enterAll();
  }

  async #enterAll() {
    await this.refresh();
    const rooms = [...this.rooms.values()];
    if (this.current) rooms.unshift(this.current);
    for (const room of rooms) this.#join(room);
  }

  #refused(error) {
    if (this.#renamedFrom) {
      this.notice.emit(error.message);
      const name = this.#renamedFrom;
      this.#renamedFrom = null;
      this.#session.introduce(name);
      return;
    }
    this.#setState("idle");
    this.nameRefused.emit(error);
  }

  #lost(pause) {
    this.nextTry = performance.now() + pause;
    for (const room of this.rooms.values()) room.stage = OUT;
    this.#setState("waiting");
  }

  #heard(frame) {
    const room = frame.room === undefined ? null : this.rooms.get(keyOf(frame.room));
    if (frame.type === "events" && room) this.#events(room, frame.events);
    else if (frame.type === "typing" && room) this.#typing(room, frame.by);
    else if (frame.type === "read" && room) {
      room.marked(frame);
      this.roomsChanged.emit();
    } else if (frame.type === "bye" && frame.reason === "too-slow") {
      this.#session.restart();
    }
  }

  #events(room, events) {
    if (room.stage !== IN) return;
    const following = room !== this.current || room.place === null;
    const caughtUp = room.caughtUp;
    const fresh = room.take(events, this.user, following, this.seen(room));
    if (fresh === null) {
      this.#session.restart(); // a hole cannot be: come back, from the cursor on
      return;
    }
    for (const event of fresh) this.queue.recognise(room.key, event);
    if (!caughtUp && room.caughtUp) this.#settle(room);
    const happened = fresh.filter(({ seq }) => seq > room.live);
    if (happened.length) this.news.emit(room, happened);
    this.#keepSoon(room);
    this.#touched(room);
    this.roomsChanged.emit();
  }

  #typing(room, name) {
    const again = room.types(name, performance.now());
    setTimeout(() => this.#touched(room), again);
    this.#touched(room);
  }

  /** Whether an event is for the person in particular. */
  concerns(event) {
    return event.kind === "said" && mentions(this.user, event.text);
  }

  isMine(event) {
    return keyOf(event.by) === keyOf(this.user);
  }

  // Keeping

  #keepSoon(room) {
    if (this.#keeping.has(room)) return;
    this.#keeping.set(
      room,
      setTimeout(() => this.#keep(room), KEEP_MS),
    );
  }

  #keep(room) {
    clearTimeout(this.#keeping.get(room));
    this.#keeping.delete(room);
    if (room.cursor === null || !this.rooms.has(room.key)) return;
    keepRoom({
      key: room.key,
      log: this.#log.value,
      name: room.name,
      cursor: room.cursor,
      events: room.window.tail,
      at: Date.now(),
    });
  }

  #keepAll() {
    for (const room of [...this.#keeping.keys()]) this.#keep(room);
  }

  // Small things

  async #quietly(command) {
    try {
      return await this.#session.ask(command);
    } catch (error) {
      if (!(error instanceof Lost) && error.code !== "rate-limited") this.notice.emit(error.message);
      return null;
    }
  }

  #touched(room) {
    if (room) this.roomChanged.emit(room);
  }

  #setState(state) {
    this.state = state;
    this.stateChanged.emit();
  }
}
