/**
 * The kinds of events. Each has one row, which says what such an event is, as in hubbub/domain/kinds.py. An
 * event of a kind that this page does not know has its place in the log, and none of the traits.
 *
 * @typedef {object} LogEvent an event of a room's log, as the server tells it (docs/protocol.md)
 * @property {string} kind
 * @property {number} seq
 * @property {number} at
 * @property {string} by
 * @property {string | null} [by_id]
 * @property {number | null} [rev] the event that has changed it last
 * @property {string | null} [was]
 * @property {string | null} [now]
 * @property {string} [user] somebody who was put out of the room
 * @property {string | null} [user_id]
 * @property {string | null} [reason]
 * @property {string} [text] of a message
 * @property {number | null} [reply_to]
 * @property {{by: string, by_id?: string | null, text: string} | null} [quote]
 *
 * @typedef {LogEvent & {text: string}} Message
 * @typedef {{line: boolean, message: boolean, membership: boolean}} Traits
 */
const NONE = { line: false, message: false, membership: false };

/** `line`: has a line of its own. `message`: has a text, may be unread and answered. `membership`: changes the members. */
export const TRAITS = new Map([
  ["said", { ...NONE, line: true, message: true }],
  ["joined", { ...NONE, line: true, membership: true }],
  ["left", { ...NONE, line: true, membership: true }],
  ["kicked", { ...NONE, line: true, membership: true }],
]);

/** The kinds that this page knows, as a word for those who keep events: another page may know others. */
export const KINDS = [...TRAITS.keys()].sort().join(" ");

/**
 * The traits of an event, by its kind.
 * @param {{kind: string}} event
 * @returns {Traits}
 */
export const traitsOf = ({ kind }) => TRAITS.get(kind) ?? NONE;

/**
 * Whether an event is a text that somebody wrote.
 * @param {LogEvent} event
 * @returns {event is Message}
 */
export const isMessage = (event) => traitsOf(event).message;
