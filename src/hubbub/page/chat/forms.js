/**
 * The present form of messages: what was said, with the amendments of later events applied, as in
 * hubbub/domain/projection.py and forms.py; both pass tests/vectors/amendments.json. Nothing that is here is changed in
 * place: who has a message has it as it was.
 */
import { isMessage, traitsOf } from "../text/kinds.js";

const MAX_KINDS = 20; // of emoji under one message
const QUOTE_CHARS = 120; // of a text
const LOOKED_AT = 1000; // characters of a text in which a quote is found
const TEXT_GONE = "📎 (no text any more)"; // of a message with files whose text was edited away
const FENCES = /^(?:> )?```[A-Za-z0-9_+#.-]{0,20}[ \t]*$/gmu;

/**
 * @typedef {import("../text/kinds.js").LogEvent} LogEvent
 * @typedef {import("../text/kinds.js").Reaction} Reaction
 */

/** @type {Record<string, (said: LogEvent, event: LogEvent) => Partial<LogEvent>>} what each kind changes in a message */
const CHANGES = {
  edited: (_, { at, text }) => ({ text, edited_at: at }),
  redacted: (_, { at, by, by_id }) => ({
    redacted: { at, by, ...(by_id && { by_id }) },
    text: "",
    files: [],
    edited_at: null,
    reactions: [],
  }),
  reacted: ({ reactions = [] }, event) => ({ reactions: reacted(reactions, event) }),
};

/**
 * A message as amendments, which name it, change it; `rev` says so. One that is not newer than the last one that it
 * includes changes nothing, so that twice, or late, does no harm. What was taken back stays so.
 * @param {LogEvent} said
 * @param {LogEvent[]} amendments in the order of the log
 * @returns {LogEvent}
 */
export function amended(said, amendments) {
  let form = said;
  for (const event of isMessage(said) ? amendments : []) {
    if (traitsOf(event).amends && event.seq > (form.rev ?? 0)) form = { ...changed(form, event), rev: event.seq };
  }
  return form;
}

/**
 * A message as one amendment changes it.
 * @param {LogEvent} said
 * @param {LogEvent} event
 * @returns {LogEvent}
 */
export const changed = (said, event) =>
  said.redacted || !Object.hasOwn(CHANGES, event.kind) ? said : { ...said, ...CHANGES[event.kind](said, event) };

/**
 * The reactions with one more, or one less.
 * @param {Reaction[]} reactions
 * @param {Pick<LogEvent, "by" | "by_id" | "emoji" | "on">} event
 * @returns {Reaction[]}
 */
function reacted(reactions, { by, by_id, emoji = "", on = true }) {
  const found = reactions.find((one) => one.emoji === emoji);
  if (!found) return on && reactions.length < MAX_KINDS ? [...reactions, { emoji, users: [by], ids: [by_id ?? ""] }] : reactions;
  const place = placeOf(found, by, by_id);
  if (on === place >= 0) return reactions;
  const { users, ids } = found;
  const next = on
    ? { emoji, users: [...users, by], ids: [...ids, by_id ?? ""] }
    : { emoji, users: users.toSpliced(place, 1), ids: ids.toSpliced(place, 1) };
  return reactions.flatMap((one) => (one !== found ? [one] : next.users.length ? [next] : []));
}

/**
 * Where somebody is among those who react: by the id, or where there is none, by the name; or -1.
 * @param {Reaction} reaction
 * @param {string} by
 * @param {string | null} [by_id]
 */
export const placeOf = ({ users, ids }, by, by_id) =>
  by_id ? ids.indexOf(by_id) : users.findIndex((user, at) => !ids[at] && user === by);

/**
 * The message of the room that an event quotes, or undefined.
 * @param {LogEvent} event
 */
export const quotedBy = (event) => (isMessage(event) ? (event.reply_to ?? undefined) : event.target);

/**
 * What quotes a message says of it after an amendment; the same object if that changes nothing. An empty quote is of
 * what was taken back, and stays so.
 * @template {{seq: number, text: string} | null | undefined} Quoted
 * @param {Quoted} quoted
 * @param {LogEvent} event
 * @returns {Quoted}
 */
export function requoted(quoted, event) {
  if (!quoted?.text || quoted.seq !== event.target || !traitsOf(event).rewords) return quoted;
  const text = event.kind === "edited" ? quoteOf(event.text || TEXT_GONE) : "";
  return text === quoted.text ? quoted : { ...quoted, text };
}

/**
 * What a quote has of a text, as the server makes it: its beginning, in one line.
 * @param {string} text
 */
function quoteOf(text) {
  const beginning = Array.from(text.slice(0, 2 * LOOKED_AT)).slice(0, LOOKED_AT).join("");
  const inLine = (/** @type {string} */ said) => said.trim().replace(/\s+/gu, " ");
  const line = Array.from(inLine(beginning.replace(FENCES, "")) || inLine(beginning));
  return line.length > QUOTE_CHARS ? `${line.slice(0, QUOTE_CHARS - 1).join("").trimEnd()}…` : line.join("");
}
