/** A room as this page knows it: its log's window, who is in it, what is unread, where one was. */
import { mentions } from "../text/mentions.js";
import { keyOf } from "../text/names.js";
import { Seen } from "./seen.js";
import { LogWindow } from "./window.js";

export const OUT = "out";
export const JOINING = "joining";
export const IN = "in";

const TYPING_MS = 6000;
const MOST_TYPING = 100; // servers tell of 5 a second

export class Room {
  stage = OUT;
  problem = ""; // why it cannot be entered, for the person
  head = 0; // the newest event that the server has told of
  cursor = null; // the newest event that we have; null: none yet
  stamp = null; // its time, if it is known: in another history another event has the number
  live = 0; // up to here it was history when we joined
  read = null;
  unread = 0;
  mentions = 0;
  counted = 0; // events up to here were counted by the server
  divider = null; // the first event that is new since one left
  seen = new Seen(); // what of it came into sight
  window = new LogWindow();
  place = null; // where one was reading: {seq, offset}, or null for the newest
  cleared = 0; // events up to here are hidden by /clear
  members = new Map();
  fetching = null; // the page of history that is under way
  #typing = new Map();

  constructor(name) {
    this.name = name;
    this.key = keyOf(name);
  }

  /** Takes what was kept of it. */
  restore({ cursor, stamp, events }) {
    this.cursor = cursor;
    this.stamp = stamp ?? events.at(-1)?.at ?? null;
    this.head = Math.max(this.head, cursor);
    this.window = new LogWindow(events, cursor);
  }

  /** Forgets all events: the log is another one, or too much of it was missed. */
  reset(cursor = null) {
    this.cursor = cursor;
    this.stamp = null;
    this.window = new LogWindow([], cursor ?? 0);
    this.place = null;
    this.cleared = 0;
    this.seen = new Seen();
    if (cursor === null) Object.assign(this, { head: 0, read: null, unread: 0, divider: null });
  }

  /** We are in it now. */
  joined(answer, read) {
    this.name = answer.room;
    this.stage = IN;
    this.problem = "";
    if (this.cursor !== answer.after) this.reset(answer.after);
    this.cursor = answer.after;
    this.stamp = answer.at ?? this.stamp;
    this.live = answer.head;
    this.head = Math.max(this.head, answer.head);
    this.members = new Map(answer.users.map((name) => [keyOf(name), name]));
    // The page may have been closed before the server was told how far we are.
    if (read > (this.read ?? 0)) this.read = Math.min(read, answer.head);
    if (answer.read !== undefined) {
      // The server has counted up to here, unless our own mark is ahead of the one it knows.
      this.counted = answer.read >= (this.read ?? 0) ? answer.head : 0;
      this.marked(answer);
    } else {
      this.counted = 0;
      this.read = Math.max(this.read ?? 0, read ?? answer.head);
    }
    if (this.unread && this.divider === null) this.divider = this.read + 1;
  }

  /** The server tells where the mark is, and what is behind it. */
  marked({ seq, read = seq, unread, mentions: named }) {
    if (this.read !== null && read < this.read) return;
    Object.assign(this, { read, unread: unread ?? 0, mentions: named ?? 0 });
  }

  /** Up to where `me` has seen all that others have said; what needs no reading is passed over. */
  seenUpTo(me) {
    let read = this.read;
    for (let before = null; before !== read; ) {
      before = read;
      read = this.seen.upTo(read);
      for (let event; (event = this.window.find(read + 1)) && !forReading(event, me); ) read = event.seq;
    }
    return Math.min(read, this.cursor);
  }

  /** All up to `seq` is read. */
  readUpTo(seq, me) {
    const end = Math.max(this.cursor, this.counted);
    for (let one = this.read + 1; seq < end && one <= seq; one += 1) {
      const event = this.window.find(one);
      if (!event) break; // the server counts it, and tells
      if (!forReading(event, me)) continue;
      this.unread -= 1;
      if (mentions(me, event.text)) this.mentions -= 1;
    }
    this.read = seq;
    if (seq >= end) Object.assign(this, { unread: 0, mentions: 0 });
    this.unread = Math.max(0, this.unread);
    this.mentions = Math.max(0, this.mentions);
  }

  /**
   * Takes the next events; gives those that were news, or null when they do not follow what we have
   * (the connection cannot be right then). `seen`: the person looks at them as they come.
   */
  take(events, me, following, seen) {
    const fresh = events.filter(({ seq }) => seq > this.cursor);
    if (fresh.length && fresh[0].seq !== this.cursor + 1) return null;
    if (!fresh.length) return [];
    this.cursor = fresh.at(-1).seq;
    this.stamp = fresh.at(-1).at;
    this.head = Math.max(this.head, this.cursor);
    this.window.append(fresh, following);
    for (const event of fresh) this.#apply(event, me, seen);
    return fresh;
  }

  #apply(event, me, seen) {
    const key = keyOf(event.by);
    if (event.seq > this.live) {
      if (event.kind === "joined") this.members.set(key, event.by);
      else if (event.kind === "left") this.members.delete(key);
      this.#typing.delete(key);
    }
    const counts = forReading(event, me) && event.seq > this.read;
    if (!counts || event.seq <= this.counted) return;
    this.unread += 1;
    if (mentions(me, event.text)) this.mentions += 1;
    if (!seen) this.divider ??= event.seq;
  }

  /** Someone is writing; gives when to look again. */
  types(name, now) {
    for (const [key, { until }] of this.#typing) if (until <= now) this.#typing.delete(key);
    if (this.#typing.size < MOST_TYPING) this.#typing.set(keyOf(name), { name, until: now + TYPING_MS });
    return TYPING_MS + 50;
  }

  /** Who is writing now. */
  typing(now) {
    const active = [...this.#typing.values()].filter(({ until }) => until > now);
    return active.map(({ name }) => name);
  }

  /** Whether nothing was ever said in it, as far as is known here. */
  get untold() {
    const { first, attached, view } = this.window;
    return this.caughtUp && attached && first <= 1 && !view.some(({ kind }) => kind === "said");
  }

  get caughtUp() {
    return this.stage === IN && this.cursor >= this.live;
  }
}

/** Whether an event is there to be read by `me`: a text of somebody else. */
function forReading(event, me) {
  return event.kind === "said" && keyOf(event.by) !== keyOf(me);
}
