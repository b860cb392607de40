/**
 * The kinds of events: one row for each says what such an event is, as in hubbub/domain/kinds.py. An event of
 * a kind that this page does not know has its place in the log, and none of the traits.
 */
const NONE = { line: false, message: false, membership: false };

/** `line`: has a line of its own. `message`: has a text, may be unread and answered. `membership`: changes who is here. */
export const TRAITS = new Map([
  ["said", { ...NONE, line: true, message: true }],
  ["joined", { ...NONE, line: true, membership: true }],
  ["left", { ...NONE, line: true, membership: true }],
]);

/** What is true of an event by its kind. */
export const traitsOf = ({ kind }) => TRAITS.get(kind) ?? NONE;

/** Whether somebody tells the others something. */
export const isMessage = (event) => traitsOf(event).message;
