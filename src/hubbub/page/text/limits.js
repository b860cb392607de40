/** How much of the server's limits a text leaves. */

const WARN = 0.8; // of the longest text: from there on it is worth telling
const LINE_END = /[\n\v\f\x1c-\x1e\x85\u2028\u2029]/; // all characters that end a line for the server

/**
 * How many characters, or lines if fewer of those are left, may be added; negative: the text has too many.
 * Infinity while the text is far from the limits.
 * @param {string} text
 * @param {{text: number, lines?: number | null} | null} limits
 * @returns {{left: number, unit: "" | " line" | " lines"}} characters have no unit
 */
export function spare(text, limits) {
  const lines = text.split(LINE_END).length;
  const left = { chars: Infinity, lines: Infinity };
  if (limits && text.length > limits.text * WARN) left.chars = limits.text - Array.from(text).length;
  if (limits?.lines != null && lines > limits.lines * WARN) left.lines = limits.lines - lines;
  if (left.chars <= left.lines) return { left: left.chars, unit: "" };
  return { left: left.lines, unit: Math.abs(left.lines) === 1 ? " line" : " lines" };
}
