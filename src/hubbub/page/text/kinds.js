/**
 * The kinds of events: one row for each says what such an event is, as in hubbub/domain/kinds.py. An event of
 * a kind that this page does not know has its place in the log, and none of the traits.
 *
 * @typedef {object} LogEvent an event of a room's log, as the server tells it (docs/protocol.md)
 * @property {string} kind
 * @property {number} seq
 * @property {number} at
 * @property {string} by
 * @property {string | null} [by_id]
 * @property {string | null} [was]
 * @property {string | null} [now]
 * @property {string} [user] who is put out
 * @property {string | null} [user_id]
 * @property {string | null} [reason]
 * @property {string} [text] of a message
 * @property {number | null} [reply_to]
 * @property {{by: string, by_id?: string | null, text: string} | null} [quote]
 *
 * @typedef {{line: boolean, message: boolean, membership: boolean}} Traits
 */
const NONE = { line: false, message: false, membership: false };

/** `line`: has a line of its own. `message`: has a text, may be unread and answered. `membership`: changes who is here. */
export const TRAITS = new Map([
  ["said", { ...NONE, line: true, message: true }],
  ["joined", { ...NONE, line: true, membership: true }],
  ["left", { ...NONE, line: true, membership: true }],
  ["kicked", { ...NONE, line: true, membership: true }],
]);

/**
 * What is true of an event by its kind.
 * @param {{kind: string}} event
 * @returns {Traits}
 */
export const traitsOf = ({ kind }) => TRAITS.get(kind) ?? NONE;

/**
 * Whether somebody tells the others something.
 * @param {{kind: string}} event
 */
export const isMessage = (event) => traitsOf(event).message;
