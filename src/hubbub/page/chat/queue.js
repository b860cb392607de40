/**
 * What the user has said, until it is on the server's disk: it is kept across reloads, and sent in order and once. So
 * is what they do with messages that are there: edits, reactions.
 *
 * A line keeps its nonce (an idempotency key), so that the server recognises a resend. Some minutes after
 * the connection is lost the server forgets a guest, and the nonces with them; then it gives another token. So
 * a line that was sent under another token is in doubt: it goes again only if the room's log does not have it.
 */
import { adoptLines, dropLine, dropLines, keepLine } from "../keep/database.js";
import { TAB, livingTabs, randomId } from "../keep/tabs.js";
import { retryDelay } from "../net/backoff.js";
import { Refused } from "../net/failures.js";
import { Signal } from "../signal.js";
import { unquoting } from "./forgetting.js";
import { requoted } from "./forms.js";
import { isLine } from "./matching.js";

const MAX_LINES = 1000;
const COMMANDS = { edited: "edit", redacted: "redact", reacted: "react", pinned: "pin" };
/** @type {Record<string, number>} errors that pass, and the milliseconds until the next attempt if the server names none */
const PASSING = { "rate-limited": 1000, "log-unavailable": 2000, "shutting-down": 1000 };

/**
 * @typedef {import("./room.js").Room} Room
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 *
 * A line, and what is known of it while the page is open: whether it is under way, was seen in its room, is in doubt,
 * or the server could not save it at the last attempt; of an amendment, which event it has become.
 * @typedef {import("../keep/database.js").Line & {flying?: boolean, seen?: boolean, doubt?: boolean, unsaved?: boolean, done?: number}} Line
 * @typedef {import("../keep/database.js").Amendment} Amendment
 *
 * Who the user is, and up to which event we have a room.
 * @typedef {{user: string, id: string | null, account: boolean, token: string | null, cursor?: number | null}} Known
 */

export class Queue {
  /** @type {Signal<[string]>} the key of the room */
  changed = new Signal();

  /** @type {Map<string, Line>} by nonce, in order */
  #lines = new Map();
  #order = 0;
  #ready;
  #identity;
  #resume;
  #said;
  #delay;
  #returned;
  #paused = 0;

  /**
   * `ready`: whether lines, or amendments, may be sent into the room with that key; `said`: a line is saved there; `delay`: the
   * server has let the user wait so many seconds, and whether that is about this room alone. `returned`: a line may
   * not be said so, and why; whether it is where the user writes again. `resume` is called when lines may go again.
   * @param {{ready: (key: string, amends: boolean) => boolean, said: (key: string) => void, delay: (key: string, seconds: number | null | undefined) => boolean, returned: (line: Line, why: string) => boolean, identity: (key?: string) => Known, resume: () => void}} given
   */
  constructor({ ready, said, delay, returned, identity, resume }) {
    this.#returned = returned;
    this.#said = said;
    this.#delay = delay;
    this.#ready = ready;
    this.#identity = identity;
    this.#resume = resume;
  }

  get full() {
    return this.#lines.size >= MAX_LINES;
  }

  /** How many the server does not have. */
  get size() {
    return [...this.#lines.values()].filter(({ held }) => !held).length;
  }

  /**
   * The lines of a room that are not seen in it yet.
   * @param {string} key
   */
  of(key) {
    return this.#mineIn(key).filter(({ amend, seen }) => !amend && !seen);
  }

  /**
   * The amendments of a room that are not seen in it yet, in order.
   * @param {string} key
   */
  amending(key) {
    return this.#mineIn(key).filter(({ amend }) => amend);
  }

  /** @param {string} key */
  #mineIn(key) {
    return [...this.#lines.values()].filter((line) => line.key === key && this.#isMine(line));
  }

  rooms() {
    return new Set([...this.#lines.values()].map(({ room }) => room));
  }

  /**
   * Takes a text.
   * @param {Room} room
   * @param {string} text
   * @param {Line["reply"]} reply
   * @param {import("../text/kinds.js").File[]} [files]
   */
  add(room, text, reply, files = []) {
    this.#take(room, { text, reply, ...(files.length && { files }) });
  }

  /**
   * Takes an amendment. It is instead of one that was not sent yet and is undone by it.
   * @param {Room} room
   * @param {Amendment} amend
   */
  amend(room, amend) {
    const { kind, target, emoji } = amend;
    for (const line of this.amending(room.key)) {
      const same = line.amend?.kind === kind && line.amend.target === target && line.amend.emoji === emoji;
      if (same && (line.why || !line.sentToken)) this.#drop(line);
    }
    this.#take(room, { text: "", reply: null, amend });
  }

  /** @type {(room: Room, what: Pick<Line, "text" | "reply" | "amend" | "files">) => void} */
  #take({ name, key }, what) {
    this.#order = Math.max(this.#order + 1, Date.now());
    const { id, account } = this.#identity();
    const line = { nonce: randomId(), order: this.#order, owner: TAB, room: name, key, ...what, at: Date.now(), why: "", by: id, account };
    this.#lines.set(line.nonce, line);
    this.#keep(line);
    this.changed.emit(line.key);
    this.#resume();
  }

  /** Takes over the lines of tabs that are gone. */
  async adopt() {
    const living = await livingTabs();
    const known = this.#lines;
    const adopted = await adoptLines(TAB, ({ nonce, owner }) => {
      return !known.has(nonce) && !living.has(owner);
    });
    for (const line of adopted) {
      this.#lines.set(line.nonce, { ...line, doubt: this.#isDoubtful(line) });
      this.changed.emit(line.key);
    }
    if (adopted.length) this.#resume();
    return adopted.filter((line) => this.#isMine(line));
  }

  /**
   * Whether it is the present user's: what somebody with an account has written waits for them, and what a guest has
   * written is not said by somebody with an account.
   * @param {Line} line
   */
  #isMine({ account = false, by = null }) {
    const me = this.#identity();
    return by === null || by === me.id || !(account || me.account);
  }

  /** Forgets the lines of the present user, who leaves this browser for good. */
  async forgetMine() {
    const mine = [...this.#lines.values()].filter((line) => this.#isMine(line));
    for (const { nonce } of mine) this.#lines.delete(nonce);
    const { id } = this.#identity();
    await dropLines(({ nonce, by }) => mine.some((line) => line.nonce === nonce) || (id !== null && by === id));
  }

  /**
   * A room has another name.
   * @param {Room} room
   * @param {string} key of the former one
   */
  move(room, key) {
    for (const line of this.#lines.values()) {
      if (line.key !== key) continue;
      Object.assign(line, { key: room.key, room: room.name });
      this.#keep(line);
    }
  }

  /** The server has welcomed us, maybe under another token than before. */
  welcomed() {
    for (const line of [...this.#lines.values()]) {
      line.doubt = this.#isDoubtful(line);
      if (!line.doubt || !line.amend) continue;
      // Whoever this is for the server by now: the message is not theirs, and a reaction would be a second one.
      line.doubt = false;
      if (line.amend.kind === "reacted") this.#drop(line);
    }
  }

  /** @param {Line} line */
  #isDoubtful(line) {
    const { token, id, account } = this.#identity();
    if (line.held) return true; // it may have been let through meanwhile
    if (account && line.sentBy && line.sentBy === id) return false; // the account has its nonces on every device
    return Boolean(line.sentToken && token && line.sentToken !== token);
  }

  /** The next line to send, as a request. */
  next() {
    if (performance.now() < this.#paused) return null;
    const blocked = new Set();
    for (const line of this.#lines.values()) {
      // An amendment is of what is there already: it does not wait for texts.
      const way = `${line.amend ? "amend" : "say"} ${line.key}`;
      if (line.flying || line.why || line.held || line.done || blocked.has(way) || !this.#isMine(line)) continue;
      if (!line.doubt && this.#ready(line.key, Boolean(line.amend))) return this.#fly(line);
      blocked.add(way);
    }
    return null;
  }

  /** @param {Line} line */
  #fly(line) {
    const { user, id, token, cursor } = this.#identity(line.key);
    line.flying = true;
    if (!line.sentToken) {
      Object.assign(line, { sentToken: token, sentAs: user, sentBy: id, after: cursor });
      this.#keep(line);
    }
    const { amend, room, nonce, text } = line;
    if (amend) {
      const { kind, ...what } = amend;
      return {
        command: { type: COMMANDS[kind], room, ...what, nonce },
        answered: (/** @type {import("../net/frames.js").Frame} */ { seq }) => this.#amended(line, seq),
        failed: (/** @type {Error} */ error) => this.#failed(line, error),
      };
    }
    const reply = line.reply && { reply_to: line.reply.seq };
    const files = line.files && { files: line.files.map(({ id: file, alt }) => ({ id: file, ...(alt && { alt }) })) };
    return {
      command: { type: "say", room, text, nonce, ...reply, ...files },
      answered: () => {
        this.#drop(line);
        this.#said(line.key);
      },
      failed: (/** @type {Error} */ error) => this.#failed(line, error),
    };
  }

  /**
   * An amendment is saved. It is shown as such until its event has come.
   * @param {Line} line
   * @param {number} seq
   */
  #amended(line, seq) {
    Object.assign(line, { flying: false, done: seq });
    if (!this.#lines.has(line.nonce) || seq <= (this.#identity(line.key).cursor ?? 0)) this.#drop(line);
    else dropLine(line.nonce);
  }

  /**
   * @param {Line} line
   * @param {Error} error
   */
  #failed(line, error) {
    line.flying = false;
    if (!this.#lines.has(line.nonce)) return; // what it is about is gone
    const refused = error instanceof Refused;
    line.unsaved = refused && error.code === "log-unavailable";
    if (refused) line.seen = false; // after a lost connection the answer to the resend decides it
    if (refused && error.code === "rate-limited" && !line.amend && this.#delay(line.key, error.retryAfter)) {
      // Slow mode holds the lines of this room alone.
    } else if (refused && Object.hasOwn(PASSING, error.code)) {
      const pause = retryDelay(error.retryAfter, PASSING[error.code]);
      this.#paused = performance.now() + pause;
      setTimeout(this.#resume, pause + 5);
    } else if (refused && error.code === "held") {
      line.held = true;
      this.#keep(line);
    } else if (refused && (error.code === "filtered" || isDeed(line)) && this.#returned(line, error.message)) {
      this.#drop(line);
    } else if (refused) {
      line.why = error.message;
      this.#keep(line);
    }
    this.changed.emit(line.key);
  }

  /**
   * An event of the room has come: if it is one of the lines, that is not shown a second time. One that was held is
   * let through by it.
   * @param {string} key
   * @param {LogEvent} event
   */
  recognise(key, event) {
    for (const line of this.#lines.values()) {
      if (line.amend || !(line.flying || line.held) || line.seen || !isLine(line, key, event)) continue;
      if (line.held) this.#drop(line);
      else line.seen = true;
      return;
    }
  }

  /**
   * Lines of which the server may have more than we know: in doubt, or held when the page was open last.
   * @param {string} key
   */
  doubtful(key) {
    return [...this.#lines.values()].filter((line) => line.doubt && line.key === key);
  }

  /**
   * Somebody has closed their account, and lines may reply to them.
   * @param {string} key of the room
   * @param {LogEvent} event
   */
  forgetAuthor(key, event) {
    for (const line of this.#lines.values()) {
      const reply = unquoting(line.reply, event);
      if (line.key !== key || reply === line.reply) continue;
      line.reply = reply;
      this.#keep(line);
    }
  }

  /**
   * An event of the room has come that changes a message: what quotes that says the same, and what amends it is of no
   * use if it was taken back.
   * @param {string} key of the room
   * @param {LogEvent} event
   */
  revise(key, event) {
    for (const line of [...this.#lines.values()].filter((one) => one.key === key)) {
      const reply = requoted(line.reply, event);
      if (event.kind === "redacted" && line.amend?.target === event.target) this.#drop(line);
      else if (reply !== line.reply) {
        line.reply = reply;
        this.#keep(line);
      }
    }
  }

  /**
   * The messages of a room to which lines reply, or which they amend.
   * @param {string} key
   */
  about(key) {
    const lines = [...this.#lines.values()].filter((line) => line.key === key && !line.done);
    return lines.flatMap(({ reply, amend }) => [reply?.seq ?? 0, amend?.target ?? 0]).filter(Boolean);
  }

  /**
   * The events of the room up to one have come.
   * @param {string} key
   * @param {number} cursor
   */
  arrived(key, cursor) {
    for (const line of [...this.#lines.values()]) if (line.key === key && line.done && line.done <= cursor) this.#drop(line);
  }

  /**
   * Lines are not in doubt any more: `events` are all of the room that may be one of them.
   * @param {string} key
   * @param {Line[]} lines
   * @param {LogEvent[]} events
   */
  resolveDoubts(key, lines, events) {
    const rest = [...events];
    for (const line of lines) {
      const place = rest.findIndex((event) => isLine(line, key, event));
      if (place >= 0) {
        rest.splice(place, 1);
        this.#drop(line);
      } else if (line.held) {
        line.doubt = false;
      } else {
        Object.assign(line, { doubt: false, sentToken: undefined });
        this.#keep(line);
      }
    }
    this.changed.emit(key);
    this.#resume();
  }

  /**
   * The room's log is another one: positions in the old one mean nothing there.
   * @param {string} key
   */
  reset(key) {
    for (const line of this.#lines.values()) {
      if (line.key !== key || !line.after) continue;
      Object.assign(line, { after: 0, seen: false });
      this.#keep(line);
    }
  }

  /**
   * Sends a line again that was refused.
   * @param {string} nonce
   */
  retry(nonce) {
    const line = this.#lines.get(nonce);
    if (!line) return;
    line.why = "";
    this.#keep(line);
    this.changed.emit(line.key);
    this.#resume();
  }

  /**
   * Forgets a line; returns it.
   * @param {string} nonce
   */
  discard(nonce) {
    const line = this.#lines.get(nonce);
    if (line) this.#drop(line);
    return line;
  }

  /**
   * Forgets the refused lines of a room; returns how many there were.
   * @param {string} key
   */
  discardFailed(key) {
    const failed = this.#mineIn(key).filter(({ why, seen }) => why && !seen);
    for (const line of failed) this.#drop(line);
    return failed.length;
  }

  /**
   * Forgets all lines of a room that the user may not read any more.
   * @param {string} key
   */
  forget(key) {
    for (const line of [...this.#lines.values()]) if (line.key === key) this.#drop(line);
  }

  /** @param {Line} line */
  #keep(line) {
    const { flying, seen, doubt, unsaved, done, ...kept } = line;
    keepLine(kept);
  }

  /** @param {Line} line */
  #drop(line) {
    this.#lines.delete(line.nonce);
    dropLine(line.nonce);
    this.changed.emit(line.key);
  }
}

/**
 * Whether a line is neither a text nor an edit: why it was refused is told, and that is all.
 * @param {Line} line
 */
const isDeed = ({ amend }) => Boolean(amend) && amend?.kind !== "edited";
