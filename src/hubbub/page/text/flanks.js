/**
 * Where emphasis can begin and end in a line (docs/markup.md), which depends on what is beside a marker. A
 * token is a character, or an object for code or a link, which have no markers.
 *
 * @typedef {string | object} Token
 * @typedef {{opens: boolean[], closes: number[], solid: number[]}} Flanks
 */

const MARKERS = new Set(["*", "_", "~", "**", "~~"]);
const SPACE = /\s/u;
// Letters, marks, digits, and emoji (also unassigned characters, which may become some).
const WORDLIKE = /[\p{L}\p{M}\p{N}\p{So}\p{Emoji_Modifier}\p{Cn}]/u;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const PUNCTUATION = /\p{P}/u;
const OPENING = /\p{Ps}/u;
const CLOSING = /\p{Pe}/u;
const ASCII = /[\x00-\x7f]/;

/**
 * @param {Token | undefined} token
 * @returns {token is string}
 */
const isMarker = (token) => typeof token === "string" && MARKERS.has(token);
/** @param {Token | undefined} token */
const isSpace = (token) => token === undefined || (typeof token === "string" && SPACE.test(token));

/**
 * For each place whether a marker there can begin emphasis (`opens`), where the next marker of its kind is
 * that can end it (`closes`, or -1), and how many tokens before it are more than punctuation (`solid`).
 * @param {Token[]} tokens
 * @returns {Flanks}
 */
export function flanksOf(tokens) {
  const count = tokens.length;
  const [before, after] = [new Array(count), new Array(count)]; // the nearest token that is no marker
  const solid = new Array(count + 1).fill(0);
  tokens.forEach((token, place) => {
    before[place] = isMarker(tokens[place - 1]) ? before[place - 1] : tokens[place - 1];
    solid[place + 1] = solid[place] + (within(token, true) === 2 ? 1 : 0);
  });
  const [opens, closes] = [new Array(count).fill(false), new Array(count).fill(-1)];
  /** @type {Record<string, number>} */
  const next = {};
  for (let place = count - 1; place >= 0; place -= 1) {
    after[place] = isMarker(tokens[place + 1]) ? after[place + 1] : tokens[place + 1];
    const token = tokens[place];
    if (!isMarker(token)) continue;
    closes[place] = next[token] ?? -1;
    if (tokens[place - 1] === token || tokens[place + 1] === token) continue;
    opens[place] = within(after[place], true) + outside(before[place], true) > 2;
    if (mayClose(before[place], after[place])) next[token] = place;
  }
  return { opens, closes, solid };
}

/** @type {(last: Token | undefined, next: Token | undefined) => boolean} */
function mayClose(last, next) {
  // "*so,* she said" is emphasis, "*x,*.h" is a list.
  if (typeof last === "string" && ",;:".includes(last) && !isSpace(next)) return false;
  return within(last, false) + outside(next, false) > 2;
}

/**
 * Whether emphasis can begin (or end) with a token: 2 as with a letter, 1 depending on the token outside, 0 no.
 * @param {Token | undefined} token
 * @param {boolean} begins
 */
function within(token, begins) {
  if (typeof token !== "string") return token ? 2 : 0;
  if (WORDLIKE.test(token)) return 2;
  if (ASCII.test(token)) return (begins ? "([{<\"'@#$+-" : ")]}>\"'.,;:!?%+-#$").includes(token) ? 1 : 0;
  return SPACE.test(token) || (begins ? CLOSING : OPENING).test(token) ? 0 : 1;
}

/**
 * Whether a token can stand before (or behind) emphasis: 2 always, 1 if that begins (ends) with a letter, 0 no.
 * @param {Token | undefined} token
 * @param {boolean} begins
 */
function outside(token, begins) {
  if (token === undefined || isSpace(token)) return 2;
  if (typeof token !== "string") return 1;
  if (WORD.test(token)) return 0;
  if ((begins ? OPENING : CLOSING).test(token)) return 2;
  if (!ASCII.test(token)) return PUNCTUATION.test(token) || WORDLIKE.test(token) ? 1 : 0;
  if (!begins && ".,;:!?".includes(token)) return 2;
  return "\"'-,;:!?".includes(token) ? 1 : 0;
}
