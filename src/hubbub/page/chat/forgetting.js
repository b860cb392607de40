/** What stays of somebody whose account was closed, as `forgetting` in hubbub/domain/projection.py. */
import { isMessage } from "../text/kinds.js";
import { quotedBy } from "./forms.js";

export const FORMER_MEMBER = "former member"; // no user can have it: a name has no space

/** @typedef {import("../text/kinds.js").LogEvent} LogEvent */

/**
 * What is known of a message to which somebody replies, without the name of its author if that is the one.
 * @template {{by: string, by_id?: string | null, text: string} | null | undefined} Quoted
 * @param {Quoted} quoted
 * @param {LogEvent} forgotten
 * @returns {Quoted}
 */
export function unquoting(quoted, { by_id, emptied }) {
  if (!by_id || quoted?.by_id !== by_id) return quoted;
  return { ...quoted, by: FORMER_MEMBER, text: emptied ? "" : quoted.text };
}

/**
 * An event without its quote, if that is of one of the events up to `floor`, which are gone.
 * @param {LogEvent} event
 * @param {number} floor
 * @returns {LogEvent}
 */
export const withoutPast = (event, floor) => (event.quote && (quotedBy(event) ?? 0) <= floor ? { ...event, quote: null } : event);

/**
 * An event that was before `forgotten` in the room, without the name of its author, and without the text if that
 * is gone; quotes of such texts, also in what was said later, and what was done about them, alike. Of reactions only the names go. Twice does no harm.
 * @param {LogEvent} event
 * @param {LogEvent} forgotten
 * @returns {LogEvent}
 */
export function forgetting(event, forgotten) {
  const { by_id: author, seq, emptied } = forgotten;
  if (!author) return event;
  event = nameless(event, author);
  const quote = (quotedBy(event) ?? 0) < seq ? unquoting(event.quote, forgotten) : event.quote;
  if (quote !== event.quote) event = { ...event, quote };
  if (event.seq >= seq) return event;
  if (event.user_id === author) event = { ...event, user: FORMER_MEMBER };
  if (event.author_id === author) event = { ...event, author: FORMER_MEMBER };
  const { users, ids } = event;
  if (users && ids?.includes(author)) event = { ...event, users: users.map((user, at) => (ids[at] === author ? FORMER_MEMBER : user)) };
  if (event.by_id !== author) return event;
  const emptying = emptied && event.kind === "edited" ? { text: "" } : emptied && isMessage(event) ? { text: "", rev: Math.max(seq, event.rev ?? 0), files: [], edited_at: null } : {};
  const renaming = { ...(event.was && { was: FORMER_MEMBER }), ...(event.now && { now: FORMER_MEMBER }) };
  return { ...event, by: FORMER_MEMBER, ...emptying, ...renaming };
}

/**
 * A message without the name of somebody who has reacted to it, or taken it back.
 * @param {LogEvent} event
 * @param {string} id
 * @returns {LogEvent}
 */
function nameless(event, id) {
  const { redacted, reactions } = event;
  if (redacted?.by_id === id && redacted.by !== FORMER_MEMBER) event = { ...event, redacted: { ...redacted, by: FORMER_MEMBER } };
  if (!reactions?.some(({ ids }) => ids.includes(id))) return event;
  const without = (/** @type {import("../text/kinds.js").Reaction} */ one) => ({
    ...one,
    users: one.users.map((user, at) => (one.ids[at] === id ? FORMER_MEMBER : user)),
  });
  return { ...event, reactions: reactions.map(without) };
}
