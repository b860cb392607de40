/** A text as one short line: for a reply, a notification, and what a screen reader reads out. */
import { plainOf } from "./markup.js";
import { safe } from "./safe.js";

const MAX_CHARS = 120;

/**
 * The first words of `text`, without the marks of emphasis and code.
 * @param {string} text
 */
export function excerpt(text) {
  const inLine = (/** @type {string} */ said) => said.replace(/\s+/g, " ").trim();
  const line = inLine(plainOf(safe(text)).replace(/`{2,}/g, "")) || inLine(safe(text));
  const chars = Array.from(line);
  return chars.length > MAX_CHARS ? `${chars.slice(0, MAX_CHARS - 1).join("")}…` : line;
}
