/**
 * Where a text mentions somebody: by `@name` in any case, or by the name as its owner writes it. The rule is
 * that of hubbub/domain/mentions.py; both pass tests/vectors/mentions.json.
 */

const WORD = /^[\p{L}\p{M}\p{N}_-]/u;
const MARK = /^\p{M}/u;
// Letters with their marks: they are compared only together. The half-width sound marks of kana belong to
// another category, but are normalised to marks.
const LETTERS = /[^][\p{M}\uff9e\uff9f]*/gu;
// Of marks in a row, 30 are compared: to sort them takes quadratic time (UAX #15, section 13).
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu;
// Scripts without spaces between words, where the end of a word cannot be seen: hubbub/domain/scripts.py.
const UNSPACED = new RegExp(
  // eslint-disable-next-line no-misleading-character-class -- each of them by itself is meant
  "^[\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff" +
    "\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029" +
    "\\u3031-\\u3035\\u303b\\u303c\\u3041-\\u3096\\u3099-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff" +
    "\\u3105-\\u312f\\u3131-\\u318e\\u31a0-\\u31bf\\u31f0-\\u31ff" +
    "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}" +
    "\\ua960-\\ua97f\\uac00-\\ud7ff\\uff66-\\uff9f\\uffa1-\\uffdc]",
  "u",
);

const LINK = /https?:\/\/[!-~]+/gi; // as far as it is ASCII

/** @param {string} text */
const plainly = (text) => text.replace(TOO_MANY_MARKS, "$1").normalize("NFKD");
/** @param {string} plain */
const small = (plain) => plain.toLowerCase().replaceAll("ς", "σ");

/**
 * The places of `name` in `text`, as [start, end] of UTF-16 units, the `@` included.
 * @param {string | null} name
 * @param {string} text
 * @returns {[number, number][]}
 */
export function mentionsOf(name, text) {
  const plain = plainly(name ?? "");
  const sought = small(plain);
  if (!sought || !small(plainly(text)).includes(sought)) return [];
  let folded = "";
  /** @type {number[]} */
  const from = []; // for each UTF-16 unit of it the place of its letter in the text, and of the next letter
  /** @type {number[]} */
  const upto = [];
  for (const { 0: letter, index } of text.matchAll(LETTERS)) {
    folded += letter.length === 1 && letter < "\x80" ? letter.toLowerCase() : small(plainly(letter));
    while (from.length < folded.length) {
      from.push(index);
      upto.push(index + letter.length);
    }
  }
  const [initial = ""] = plain;
  const written = [plain, initial.toUpperCase() + plain.slice(initial.length)];
  const links = [...text.matchAll(LINK)].map(({ 0: link, index }) => [index, index + link.length]);
  /** @type {[number, number][]} */
  const places = [];
  let start = folded.indexOf(sought);
  while (start >= 0) {
    const end = start + sought.length;
    const begin = folded[start - 1] === "@" ? start - 1 : start;
    const word = endsWord(charBefore(folded, begin)) && endsWord(folded.slice(end, end + 2));
    /** @type {[number, number]} */
    const place = [from[begin], upto[end - 1]];
    if (word && (begin < start || written.includes(plainly(text.slice(...place))))) places.push(place);
    start = folded.indexOf(sought, word ? end : start + 1);
  }
  let link = 0; // both are in order
  return places.filter(([begin]) => {
    while (links[link]?.[1] <= begin) link += 1;
    return !(links[link]?.[0] <= begin);
  });
}

/**
 * Whether `text` mentions `name`.
 * @param {string | null} name
 * @param {string} text
 */
export function mentions(name, text) {
  return mentionsOf(name, text).length > 0;
}

/** @type {(text: string, place: number) => string} */
const charBefore = (text, place) => {
  const before = text.slice(Math.max(0, place - 2), place);
  return /^[^][^]$/u.test(before) ? before.slice(1) : before;
};

/**
 * Whether a word ends before `rest`, or `rest` is empty.
 * @param {string} rest
 */
function endsWord(rest) {
  if (!WORD.test(rest)) return true;
  return UNSPACED.test(rest) && !MARK.test(rest);
}
