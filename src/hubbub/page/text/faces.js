/** All emoji, as text/emoji.json has them: how they are found, and what they are in another colour of skin. */
const MOST_FOUND = 200;

/**
 * An emoji, its name, and more words to find it by; with one colour of skin, and with two, where it has them: * is
 * their place.
 * @typedef {[emoji: string, name: string, words: string, one?: string, two?: string]} Face
 * @typedef {[name: string, faces: Face[]][]} Groups
 */

/**
 * Those of whose names each of the words is a part, first those with a word of the name that begins so.
 * @type {(all: Groups, words: string[]) => Groups}
 */
export function matching(all, words) {
  const faces = all.flatMap(([, group]) => group);
  const fits = faces.filter(([, name, more]) => words.every((word) => `${name} ${more}`.includes(word)));
  const rank = (/** @type {Face} */ [, name]) =>
    name.startsWith(words[0]) ? 0 : words.every((word) => ` ${name}`.includes(` ${word}`)) ? 1 : words.every((word) => name.includes(word)) ? 2 : 3;
  const sorted = fits.map((face) => ({ face, rank: rank(face) })).sort((one, other) => one.rank - other.rank);
  return sorted.length ? [["Found", sorted.slice(0, MOST_FOUND).map(({ face }) => face)]] : [];
}

/**
 * An emoji in these colours of skin; "" for none, or the same.
 * @type {(face: Face, one: string, two: string) => string}
 */
export function toned([emoji, , , single, pair], one, two) {
  if (!single || !(one || two)) return emoji;
  const [first, second] = [one || two, two || one];
  return pair && first !== second ? pair.replace("*", first).replace("*", second) : single.replaceAll("*", first);
}
