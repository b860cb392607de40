/** Names of users and rooms: how they are compared, coloured, sorted and listed. */

/**
 * The key of a name: two names with the same key are the same. The server's rule is PRECIS (RFC 8265, 8266); for
 * names that it accepts, folding case and width is equal to it.
 * @param {string} name
 */
export function keyOf(name) {
  return name.trim().replace(/^[#＃]+/u, "").normalize("NFKC").toLowerCase();
}

/**
 * The colour of a name, one of `count`.
 * @param {string} name
 */
export function hueOf(name, count = 8) {
  let sum = 7;
  for (const char of keyOf(name)) sum = (sum * 31 + /** @type {number} */ (char.codePointAt(0))) >>> 0;
  return sum % count;
}

const LETTERS = new Intl.Segmenter();

/**
 * The initial of a name.
 * @param {string} name
 */
export function initialOf(name) {
  const [first] = LETTERS.segment(name.replace(/^[^\p{L}\p{N}]+/u, "") || name);
  return first.segment.toUpperCase();
}

const ORDER = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/**
 * Compares two names, for the order of a list.
 * @param {string} one
 * @param {string} other
 */
export const byName = (one, other) => ORDER.compare(one, other);

/**
 * Names in words, for example "ada, ben and 3 others".
 * @param {string[]} names
 */
export function listed(names, most = 3) {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  const parts = rest ? [...shown, `${rest.toLocaleString()} others`] : shown;
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
