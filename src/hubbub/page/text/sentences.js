/**
 * Events that are shown as a sentence of their own, as in hubbub/domain/sentences.py; both pass the vectors of
 * tests/vectors/sentences.json. Joins and leaves are not among them: several in a row are one line (comings.js).
 *
 * @typedef {import("./kinds.js").LogEvent} LogEvent
 */
import { safe } from "./safe.js";

/** @type {Record<string, (event: LogEvent) => string>} */
const SENTENCES = {
  topic: ({ by, topic }) =>
    topic ? `${safe(by)} has set the topic: ${safe(topic)}` : `${safe(by)} has taken the topic away.`,
  kicked: ({ user = "", by, reason }) =>
    `${safe(user)} was put out of the room by ${safe(by)}${reason ? `: ${safe(reason)}` : "."}`,
};

/**
 * The sentence of an event, made harmless to show; null if it has none.
 * @param {LogEvent} event
 */
export const sentenceOf = (event) => (Object.hasOwn(SENTENCES, event.kind) ? SENTENCES[event.kind](event) : null);
