/** Names of users and rooms: compared, coloured, put in order. */

/**
 * What a name is compared by. The server's rule is PRECIS (RFC 8265, 8266); for names that it has let
 * in, folding case and width comes to the same.
 * @param {string} name
 */
export function keyOf(name) {
  return name.trim().replace(/^[#＃]+/u, "").normalize("NFKC").toLowerCase();
}

/**
 * Which of `count` colours a name has.
 * @param {string} name
 */
export function hueOf(name, count = 8) {
  let sum = 7;
  for (const char of keyOf(name)) sum = (sum * 31 + /** @type {number} */ (char.codePointAt(0))) >>> 0;
  return sum % count;
}

const LETTERS = new Intl.Segmenter();

/**
 * The letter that stands for a name.
 * @param {string} name
 */
export function initialOf(name) {
  const [first] = LETTERS.segment(name.replace(/^[^\p{L}\p{N}]+/u, "") || name);
  return first.segment.toUpperCase();
}

const ORDER = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/**
 * Compares two names for a list that people read.
 * @param {string} one
 * @param {string} other
 */
export const byName = (one, other) => ORDER.compare(one, other);

/**
 * A few names as people would say them: "ada, ben and 3 others".
 * @param {string[]} names
 */
export function listed(names, most = 3) {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  const parts = rest ? [...shown, `${rest.toLocaleString()} others`] : shown;
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
