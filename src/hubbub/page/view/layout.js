/**
 * What is shown of a room, from top to bottom: the events as rows, with days and dividers between
 * them. Pure: rows with the same `key` look the same, also when the log is another one.
 *
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Message} Message
 * @typedef {import("../chat/queue.js").Line} Line
 *
 * @typedef {{key: string, kind: "begin" | "new"}} Divider
 * @typedef {{key: string, kind: "day", at: number}} Day
 * @typedef {{key: string, kind: "presence", seq: number, events: LogEvent[]}} Presence joins, leaves and new names in a row
 * @typedef {{key: string, kind: "notice", event: LogEvent}} Notice an event with a sentence of its own
 * A message. `head`: with author and time. `waiting`: what the user has done to it that is not saved yet; `replies`: so
 * many answer it. These and the reactions are `extras`: what is written below the message, and changes more often.
 * @typedef {{key: string, kind: "said", seq: number, event: Message, head: boolean, waiting: Line[], replies: number, extras: string}} Said
 * @typedef {{key: string, kind: "waiting" | "held" | "failed", line: Line, head: boolean}} Unsent
 * @typedef {Divider | Day | Presence | Notice | Said | Unsent} Row
 *
 * @typedef {object} Shown
 * @property {LogEvent[]} events in order
 * @property {Line[]} waiting the user's messages that are not saved yet
 * @property {(event: LogEvent) => import("../chat/amending.js").Shown} [shown] a message with what the user does to it
 * @property {number | null} divider the first event that is new, if there is one
 * @property {number} cleared events up to this one are hidden
 * @property {boolean} oldest whether there is nothing in the room before these events
 * @property {boolean} newest whether there is nothing behind them
 * @property {string} me
 * @property {(name: string, id?: string | null) => boolean} ignores whether messages of that author are hidden
 */
import { FORMER_MEMBER } from "../chat/forgetting.js";
import { isMessage, traitsOf } from "../text/kinds.js";
import { keyOf } from "../text/names.js";
import { sentenceOf } from "../text/sentences.js";
import { dayName, dayOf } from "../text/when.js";

const COMINGS = new Set(["joined", "left"]); // of which several in a row are one line
const GROUP_MS = 5 * 60_000; // messages of one author within it have one head

/**
 * @param {Shown} shown
 * @returns {Row[]}
 */
export function layout({ events, waiting, shown = asItIs, divider, cleared, oldest, newest, me, ignores }) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {number | null} */
  let day = null;
  /** @type {Written | null} */
  let before = null; // the message before, to group with
  /** @type {Presence | null} */
  let presence = null; // the row to which the next join or leave is added
  let divided = divider === null;
  const replies = repliesIn(events);
  if (events.length && oldest && cleared === 0) {
    rows.push({ key: "begin", kind: "begin" });
  }
  for (const known of events) {
    if (known.seq <= cleared) continue;
    const { event, waiting: own } = isMessage(known) ? shown(known) : asItIs(known);
    if (!traitsOf(event).line || event.now) continue; // a new name is shown by the other event, of its arrival
    const said = isMessage(event);
    if (said && ignores(event.by, event.by_id)) continue;
    const { at, seq } = event;
    // A day may come twice, if a clock was wrong for a while; and at midnight "Today" becomes "Yesterday".
    if (dayOf(at) !== day) {
      day = dayOf(at);
      rows.push({ key: `day${seq}.${day}.${dayName(at)}`, kind: "day", at });
      before = presence = null;
    }
    if (!divided && said && divider !== null && seq >= divider) {
      divided = true;
      if (rows.some(({ kind }) => kind === "said" || kind === "presence" || kind === "notice")) {
        rows.push({ key: "new", kind: "new" });
      }
      before = presence = null;
    }
    if (!said) {
      const sentence = sentenceOf(event);
      if (!sentence && !COMINGS.has(event.kind)) continue;
      before = null;
      if (sentence) {
        presence = null;
        rows.push({ key: `n${seq}.${at}${event.by === FORMER_MEMBER ? "f" : ""}${event.user === FORMER_MEMBER ? "t" : ""}`, kind: "notice", event });
        continue;
      }
      if (!presence) rows.push((presence = { key: "", kind: "presence", seq, events: [] }));
      presence.events.push(event);
      presence.key = `p${presence.seq}-${seq}.${at}${presence.events.map(({ by }) => (by === FORMER_MEMBER ? "f" : "")).join("")}`;
      continue;
    }
    presence = null;
    const head = !before || opens(event, before);
    const hidden = event.quote && ignores(event.quote.by, event.quote.by_id); // what it answers
    // What is behind the events in memory may have more; among them, all are known.
    const answers = Math.max(replies.get(seq) ?? 0, newest ? 0 : (event.replies ?? 0));
    const key = `${versionOf(event)}${head ? "h" : ""}${hidden ? "i" : ""}`;
    rows.push({ key, kind: "said", seq, event, head, waiting: own, replies: answers, extras: extrasOf(event, own, answers) });
    before = event;
  }
  if (newest) {
    for (const line of waiting) {
      // It begins no day: the server will give it another time when it is saved.
      const event = { by: me, at: line.at, reply_to: line.reply?.seq };
      const head = !before || opens(event, before);
      const state = line.why ? "failed" : line.held ? "held" : "waiting";
      rows.push({ key: `${state}${line.nonce}${head ? "h" : ""}${line.unsaved ? "u" : ""}`, kind: state, line, head });
      before = event;
    }
  }
  return rows;
}

/** @type {NonNullable<Shown["shown"]>} */
const asItIs = (event) => ({ event, waiting: [] });

/**
 * How many of the events answer each message.
 * @param {LogEvent[]} events
 */
function repliesIn(events) {
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const { reply_to: answered, redacted } of events) {
    if (answered && !redacted) found.set(answered, (found.get(answered) ?? 0) + 1);
  }
  return found;
}

/**
 * What an event is known by, and what became of it: a text that is changed has the time of that, and who has closed
 * their account has no name any more.
 * @param {LogEvent} event
 */
const versionOf = ({ seq, at, edited_at: edited, redacted, text = "", by, quote, reply_to: answered }) =>
  `s${seq}.${at}.${edited ?? ""}.${redacted ? `r${redacted.by}` : text.length}${by === FORMER_MEMBER ? "f" : ""}` +
  `${answered ? (quote ? `${quote.by === FORMER_MEMBER ? "q" : ""}<${quote.text}>` : "g") : ""}`;

/** @type {(event: LogEvent, waiting: Line[], replies: number) => string} */
const extrasOf = ({ reactions }, waiting, replies) =>
  `${reactions?.length ? identity(reactions) : 0}.${replies}.${waiting.map(({ nonce, why, done }) => `${nonce}${why ? "f" : ""}${done ? "d" : ""}`)}`;

/** @type {WeakMap<object, number>} */
const identities = new WeakMap();
let identified = 0;

/**
 * A number for an object: what is never changed in place is the same while it has that.
 * @param {object} value
 */
function identity(value) {
  const known = identities.get(value) ?? ++identified;
  identities.set(value, known);
  return known;
}

/** @typedef {Pick<LogEvent, "by" | "by_id" | "at" | "reply_to">} Written */

/**
 * Whether a message has a head of its own, and does not continue the one before.
 * @param {Written} event
 * @param {Written} before
 */
function opens(event, before) {
  const other = keyOf(event.by) !== keyOf(before.by) || (event.by_id ?? before.by_id) !== (before.by_id ?? event.by_id);
  return other || Boolean(event.reply_to) || Math.abs(event.at - before.at) > GROUP_MS;
}
