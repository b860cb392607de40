/**
 * What is told of an event in a sentence of its own, as in hubbub/domain/sentences.py; the vectors are
 * tests/vectors/sentences.json. Comings and goings are not here: those in a row are told together.
 *
 * @typedef {import("./kinds.js").LogEvent} LogEvent
 */
import { safe } from "./safe.js";

/** @type {Record<string, (event: LogEvent) => string>} */
const SENTENCES = {
  kicked: ({ user, by, reason }) =>
    `${safe(user)} was put out of the room by ${safe(by)}${reason ? `: ${safe(reason)}` : "."}`,
};

/**
 * The sentence, made harmless; null for what has none.
 * @param {LogEvent} event
 */
export const sentenceOf = (event) => (Object.hasOwn(SENTENCES, event.kind) ? SENTENCES[event.kind](event) : null);
