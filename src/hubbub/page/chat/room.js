/** A room as this page knows it: the part of its log in memory, its members, what is unread, where the user is in it. */
import { isMessage, traitsOf } from "../text/kinds.js";
import { keyOf, listed } from "../text/names.js";
import { Changes } from "./changes.js";
import { FORMER_MEMBER } from "./forgetting.js";
import { Seen } from "./seen.js";
import { RoomState } from "./state.js";
import { Stretch } from "./stretch.js";
import { LogWindow } from "./window.js";

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("./reader.js").Reader} Reader
 * @typedef {import("./seen.js").Range} Range
 * @typedef {{seq: number, seen?: Range[]}} Mark how far a room was read, and what was seen behind that
 * @typedef {import("../net/frames.js").Frame} Frame
 */

export const OUT = "out";
export const JOINING = "joining";
export const IN = "in";

const TYPING_MS = 6000;
const MOST_TYPING = 100; // people; a server sends at most 5 notices a second

export class Room {
  stage = OUT;
  problem = ""; // why it cannot be entered, as a sentence for the user
  invite = ""; // the code of a link by which the user comes in, until the server has answered
  locked = ""; // it asks for a password: why, as a sentence for the user
  /** @type {import("./rights.js").Standing | null} */
  standing = null; // what holds in it, and what the user is there; null: as in a new room
  wasIn = false; // since the page was opened: from then it is known who may read it
  /** @type {Set<string>} */
  away = new Set(); // the keys of members who are not here now, as far as is known
  /** @type {Map<string, import("./arriving.js").Seen>} */
  states = new Map(); // by the keys of members: how those are seen who are away or busy by their own words
  looked = false; // whether it was asked who is away or busy
  /** @type {Map<string, number | null> | null} */
  mutes = null; // by the keys of their names, who may say nothing, and until when (ms); null: not asked for yet
  waits = 0; // in slow mode: when the user may write again, by performance.now()
  /** @type {string[]} */
  people = []; // whose direct conversation it is, without the user
  /** @type {number | null} */
  told = null; // the last event before the one for which the server has told of this conversation
  head = 0; // the newest event that the server has mentioned
  /** @type {number | null} */
  cursor = null; // the newest event that we have; null: none yet
  /** @type {number | null} */
  stamp = null; // its time, if known: in another log (a restored backup) the number belongs to another event
  live = 0; // events up to here were history when we joined
  /** @type {number | null} */
  read = null;
  unread = 0;
  mentions = 0;
  counted = 0; // events up to here were counted by the server
  /** @type {number | null} */
  divider = null; // the first event that is new since the user left
  seen = new Seen(); // events that came into sight: they do not count as unread, even if events before them do
  window = new LogWindow();
  /** @type {{seq: number, offset: number} | null} where one was reading; null for the newest */
  place = null;
  cleared = 0; // events up to here are hidden by /clear
  state = new RoomState(); // as of the last event since we joined
  /** @type {Promise<unknown> | null} */
  fetching = null; // the page of history that is under way
  /** @type {Map<string, {name: string, until: number}>} */
  #typing = new Map();
  /** @type {Set<number>} */
  #quiet = new Set(); // unread messages that count as no mention, whatever they say: an edit names nobody
  skipped = true; // whether something may have happened to what was said before that was never heard of here
  lost = false; // and whether some of that had been shown here
  /** @type {Set<LogEvent[]>} what has come since each page was asked for that is under way */
  #since = new Set();

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.key = keyOf(name);
  }

  /** Whether it is a direct conversation: such have names that no other room can have. */
  get direct() {
    return this.name.startsWith("@");
  }

  /** What it is called where people read it. */
  get title() {
    if (!this.direct) return this.name;
    return listed(this.people) || "Direct conversation";
  }

  /** The same in a sentence: rooms have a sign, by which one knows them. */
  get label() {
    return this.direct ? this.title : `# ${this.name}`;
  }

  /**
   * Fills it with what was kept of it.
   * @param {import("../keep/database.js").KeptRoom} kept
   */
  restore({ cursor, stamp, first, events, people = [] }) {
    this.people = people;
    this.cursor = cursor;
    this.stamp = stamp ?? events.at(-1)?.at ?? null;
    this.head = Math.max(this.head, cursor);
    this.window = new LogWindow(events, cursor, first);
    this.skipped = false;
  }

  /**
   * Forgets all events: the log is another one, or too much of it was missed.
   * @param {number | null} cursor
   */
  reset(cursor = null) {
    this.lost ||= this.cursor !== null;
    this.cursor = cursor;
    this.stamp = null;
    this.window = new LogWindow([], cursor ?? 0);
    this.place = null;
    this.cleared = 0;
    this.seen = new Seen();
    this.#quiet.clear();
    this.skipped = true;
    if (cursor === null) Object.assign(this, { head: 0, read: null, unread: 0, divider: null });
  }

  /**
   * The server has let us in. `mark`: how far this browser knows it to be read, if it does.
   * @param {Frame} answer
   * @param {Mark | undefined} mark
   */
  joined(answer, mark) {
    this.name = answer.room;
    this.stage = IN;
    this.problem = this.locked = "";
    this.standing = answer.standing ?? null;
    this.wasIn = true;
    this.away = new Set();
    this.states = new Map();
    this.mutes = null;
    this.looked = false;
    if (this.cursor !== answer.after) this.reset(answer.after);
    this.cursor = answer.after;
    this.stamp = answer.at ?? this.stamp;
    this.live = Math.min(answer.head, this.told ?? answer.head);
    this.told = null;
    if (answer.standing?.people?.length) this.people = answer.standing.people;
    this.head = Math.max(this.head, answer.head);
    this.state = new RoomState({ head: answer.head, users: answer.users, topic: answer.topic ?? "", pins: answer.standing?.pins });
    // The page may have been closed before it could tell the server.
    if (mark && mark.seq > (this.read ?? 0)) this.read = Math.min(mark.seq, answer.head);
    for (const { first, last } of mark?.seen ?? []) this.seen.add(first, Math.min(last, answer.head));
    if (answer.read !== undefined) {
      // The server has counted up to here, unless our own mark is ahead of the one it knows.
      this.counted = answer.read >= (this.read ?? 0) ? answer.head : 0;
      this.marked(answer);
    } else {
      this.counted = 0;
      // All that is in a direct conversation is for the user, also what was there before they came.
      this.read = Math.max(this.read ?? 0, mark?.seq ?? (this.direct ? 0 : answer.head));
    }
    if (this.unread && this.divider === null) this.divider = this.firstUnread;
  }

  /** The first event that may be unread. */
  get firstUnread() {
    return (this.read ?? 0) + 1;
  }

  /**
   * The server has told up to where the room is read, and how much is unread.
   * @param {Frame} told
   */
  marked({ seq = 0, read = seq, unread, mentions: named }) {
    if (this.read !== null && read < this.read) return;
    Object.assign(this, { read, unread: unread ?? 0, mentions: (this.direct ? unread : named) ?? 0 });
  }

  /**
   * Whether an event is one of those that `unread` counts.
   * @param {LogEvent} event
   * @param {Reader} reader
   */
  awaits(event, reader) {
    return event.seq >= this.firstUnread && !this.seen.has(event.seq) && reader.reads(event);
  }

  /**
   * Whether a message of the room speaks to the user.
   * @param {LogEvent} event
   * @param {Reader} reader
   */
  isFor(event, reader) {
    return this.direct || reader.isNamedIn(event);
  }

  /**
   * The user has seen the events from `first` to `last`.
   * @param {number} first
   * @param {number} last
   * @param {Reader} reader
   */
  see(first, last, reader) {
    for (const event of this.window.between(Math.max(first, this.firstUnread), last)) this.#count(-1, event, reader);
    this.seen.add(first, last);
  }

  /**
   * Counts one more (or less) as unread, if the event is one that counts.
   * @param {1 | -1} step
   * @param {LogEvent} event
   * @param {Reader} reader
   */
  #count(step, event, reader) {
    if (!this.awaits(event, reader)) return false;
    this.unread = Math.max(0, this.unread + step);
    if (this.#names(event, reader)) this.mentions = Math.max(0, this.mentions + step);
    return true;
  }

  /** @type {(event: LogEvent, reader: Reader) => boolean} */
  #names(event, reader) {
    return !this.#quiet.has(event.seq) && this.isFor(event, reader);
  }

  /**
   * A message is edited or taken back: if it is unread and does not speak to the user any more, it is no mention.
   * @param {LogEvent} event
   * @param {Reader} reader
   */
  #reword({ target = 0, text = "" }, reader) {
    const said = this.window.find(target);
    if (!said || !this.awaits(said, reader)) return;
    const named = this.#names(said, reader);
    if (named && this.isFor({ ...said, text }, reader)) return;
    this.#quiet.add(target);
    if (named) this.mentions = Math.max(0, this.mentions - 1);
  }

  /**
   * `asked` has all behind the last one read, as far as it was asked for; what came since is in memory.
   * @param {Stretch} asked
   * @param {Reader} reader
   */
  recount(asked, reader) {
    const last = Math.max(asked.last, this.read ?? 0);
    const newer = last < (this.cursor ?? 0) ? this.window.behind(last) : new Stretch(last + 1, last);
    if (!newer || (!newer.empty && newer.last < (this.cursor ?? 0))) return;
    Object.assign(this, { unread: 0, mentions: 0 });
    for (const event of [...asked.events, ...newer.events]) this.#count(1, event, reader);
    if (!this.unread) this.divider = null;
  }

  /**
   * Up to which event all messages of others were seen; events that are not to be read are skipped.
   * @param {Reader} reader
   */
  seenUpTo(reader) {
    let read = this.read ?? 0;
    for (let before = -1; before !== read; ) {
      before = read;
      read = this.seen.upTo(read);
      const behind = this.window.behind(read);
      const text = behind?.events.find((event) => reader.reads(event));
      if (behind) read = text ? text.seq - 1 : behind.last;
    }
    return Math.min(read, this.cursor ?? 0);
  }

  /**
   * Everything up to `seq` is read.
   * @param {number} seq
   * @param {Reader} reader
   */
  readUpTo(seq, reader) {
    const end = Math.max(this.cursor ?? 0, this.counted);
    // The server counts what is not in memory, and tells us.
    const known = seq < end ? (this.window.behind(this.read ?? 0)?.before(seq + 1).events ?? []) : [];
    for (const event of known) this.#count(-1, event, reader);
    this.read = seq;
    for (const quiet of this.#quiet) if (quiet <= seq) this.#quiet.delete(quiet);
    if (seq >= end) Object.assign(this, { unread: 0, mentions: 0 });
  }

  /**
   * Takes the next events; returns those that were new, or null if they do not follow the ones that we have
   * (then something is wrong with the connection). `seen`: whether the user looks at them as they come.
   * @param {LogEvent[]} events
   * @param {Reader} reader
   * @param {boolean} following
   * @param {boolean} seen
   */
  take(events, reader, following, seen) {
    const cursor = this.cursor ?? 0;
    const fresh = events.filter(({ seq }) => seq > cursor);
    const last = fresh.at(-1);
    if (!last) return [];
    if (fresh[0].seq !== cursor + 1) return null;
    this.cursor = last.seq;
    this.stamp = last.at;
    this.head = Math.max(this.head, this.cursor);
    this.window.append(fresh, following);
    for (const event of fresh) this.#apply(event, reader, seen);
    const changes = new Changes(fresh);
    if (!changes.none) this.window.change((event) => changes.applied(event));
    for (const since of this.#since) since.push(...fresh);
    return fresh;
  }

  /**
   * What a page of the room says by the time when it has come: it may be older than what has come meanwhile, or newer
   * than what is still to come.
   * @template Answer
   * @param {Promise<Answer>} asked
   * @returns {Promise<{answer: Answer, changes: Changes}>}
   */
  async overtaken(asked) {
    /** @type {LogEvent[]} */
    const since = [];
    this.#since.add(since);
    try {
      return { answer: await asked, changes: new Changes(since) };
    } finally {
      this.#since.delete(since);
    }
  }

  /**
   * @param {LogEvent} event
   * @param {Reader} reader
   * @param {boolean} seen
   */
  #apply(event, reader, seen) {
    this.#note(event);
    if (event.kind === "forgotten") this.#forget(event);
    if (event.kind === "trimmed") this.window.losePast(event.floor ?? 0);
    if (event.seq > this.state.head) {
      this.state.apply(event);
      this.#typing.delete(keyOf(event.by));
      if (event.kind === "joined" && event.was) this.#renamed(event.was, event.by);
    }
    if (event.seq > this.counted && traitsOf(event).rewords) this.#reword(event, reader);
    if (event.seq > this.counted && this.#count(1, event, reader) && !seen) this.divider ??= event.seq;
  }

  /** @param {LogEvent} event after which somebody is a former member */
  #forget(event) {
    const theirs = this.window.view.filter(({ by_id }) => by_id && by_id === event.by_id);
    for (const { by } of theirs) this.#renamed(by, FORMER_MEMBER);
    if (this.people.length === 1) this.people = [FORMER_MEMBER]; // also of whom nothing is in memory
  }

  /**
   * Who is muted, or not any more; and how somebody is seen, is so under another name, too, and not when they have gone.
   * @param {LogEvent} event
   */
  #note({ kind, by, was, user = "", until }) {
    const state = was ? this.states.get(keyOf(was)) : undefined;
    if (kind === "joined" && state) this.states.set(keyOf(by), state);
    if (kind === "left") this.states.delete(keyOf(by));
    if (kind === "muted") this.mutes?.set(keyOf(user), until ?? null);
    else if (kind === "unmuted") this.mutes?.delete(keyOf(user));
  }

  /**
   * Whether somebody is muted, as far as is known.
   * @param {string} name
   */
  isMuted(name) {
    const until = this.mutes?.get(keyOf(name));
    return until === null || (until !== undefined && until > Date.now());
  }

  /**
   * Somebody is connected or not, or wants to be seen otherwise.
   * @param {string} name
   * @param {boolean} here
   * @param {import("./arriving.js").Seen} seen
   */
  sees(name, here, seen) {
    if (here) this.away.delete(keyOf(name));
    else this.away.add(keyOf(name));
    if (seen.status === "here") this.states.delete(keyOf(name));
    else this.states.set(keyOf(name), seen);
  }

  /**
   * One of the people of a direct conversation has another name.
   * @param {string} was
   * @param {string} now
   */
  #renamed(was, now) {
    this.people = this.people.map((name) => (keyOf(name) === keyOf(was) ? now : name));
  }

  /**
   * The room has another name.
   * @param {string} name
   */
  call(name) {
    this.name = name;
    this.key = keyOf(name);
  }

  /**
   * Somebody is typing; returns the milliseconds until that has to be looked at again.
   * @param {string} name
   * @param {number} now
   */
  types(name, now) {
    for (const [key, { until }] of this.#typing) if (until <= now) this.#typing.delete(key);
    if (this.#typing.size < MOST_TYPING) this.#typing.set(keyOf(name), { name, until: now + TYPING_MS });
    return TYPING_MS + 50;
  }

  /**
   * The names of those who are typing.
   * @param {number} now
   */
  typing(now) {
    const active = [...this.#typing.values()].filter(({ until }) => until > now);
    return active.map(({ name }) => name);
  }

  /** Whether no message was ever written in it, as far as is known here. */
  get untold() {
    const { atBeginning, attached, view } = this.window;
    return this.caughtUp && attached && atBeginning && !view.some(isMessage);
  }

  /** In slow mode: the milliseconds until the user may write again. */
  get wait() {
    return Math.max(0, this.waits - performance.now());
  }

  /** The user has said something. */
  spoke() {
    const { slow = 0, role = "member" } = this.standing ?? {};
    if (slow && role === "member") this.waits = performance.now() + 1000 * slow;
  }

  /** Who may read it: "open", "members" … */
  get access() {
    return this.standing?.access ?? "open";
  }

  /** Whether its members stay members while they are away. */
  get keepsMembers() {
    return ["locked", "members", "direct"].includes(this.access);
  }

  /** The members, by the keys of their names. */
  get members() {
    return this.state.members;
  }

  get caughtUp() {
    return this.stage === IN && (this.cursor ?? 0) >= this.live;
  }
}
