/** What later events of a room do to earlier ones: they amend them, forget their authors, or are the end of their past. */
import { traitsOf } from "../text/kinds.js";
import { amended, quotedBy, requoted } from "./forms.js";
import { FORMER_MEMBER, forgetting, withoutPast } from "./forgetting.js";

/** @typedef {import("../text/kinds.js").LogEvent} LogEvent */

export class Changes {
  /** @type {Map<number, LogEvent[]>} by the messages that they change */
  #amendments = new Map();
  /** @type {LogEvent[]} */
  #forgotten = [];
  floor = 0; // up to here the events are gone

  /** @param {LogEvent[]} events in the order of the log; those that change nothing are passed over */
  constructor(events) {
    for (const event of events) {
      if (event.kind === "forgotten") this.#forgotten.push(event);
      if (event.kind === "trimmed") this.floor = Math.max(this.floor, event.floor ?? 0);
      if (!traitsOf(event).amends || !event.target) continue;
      const known = this.#amendments.get(event.target);
      if (known) known.push(event);
      else this.#amendments.set(event.target, [event]);
    }
  }

  get none() {
    return !this.#amendments.size && !this.#forgotten.length && !this.floor;
  }

  /**
   * An earlier event as it is by now. Twice does no harm.
   * @param {LogEvent} event
   */
  applied(event) {
    const own = this.#amendments.get(event.seq);
    if (own) event = amended(event, own);
    if (event.quote) event = this.#requoted(event);
    for (const one of this.#forgotten) event = forgetting(event, one);
    return this.floor ? withoutPast(event, this.floor) : event;
  }

  /** @param {LogEvent} event */
  #requoted(event) {
    const seq = quotedBy(event) ?? 0;
    const { by, by_id, text } = /** @type {NonNullable<LogEvent["quote"]>} */ (event.quote);
    let quote = { seq, text };
    for (const one of this.#amendments.get(seq) ?? []) quote = requoted(quote, one);
    return quote.text === text ? event : { ...event, quote: { by, by_id, text: quote.text } };
  }
}

/**
 * What must have happened to a message, as it is now; null if it is gone.
 * @param {number} target
 * @param {LogEvent | null} said
 * @returns {LogEvent[]}
 */
export function changesOf(target, said) {
  const { seq, at, by, by_id, text } = { seq: target, at: 0, by: "", by_id: null, text: "", ...said };
  const there = Boolean(said && !said.redacted && (text || said.files?.length));
  /** @type {LogEvent[]} */
  const changes = by === FORMER_MEMBER ? [{ kind: "forgotten", seq: seq + 1, at, by, by_id }] : [];
  if (!there) changes.push({ kind: "redacted", seq, at, by, by_id, target });
  else if (said?.edited_at && text) changes.push({ kind: "edited", seq, at, by, by_id, target, text });
  return changes;
}
