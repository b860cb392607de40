/**
 * The grammar of one line (docs/markup.md): emphasis, code and links.
 *
 * @typedef {"bold" | "italic" | "strike"} Style
 * @typedef {{kind: Style, inline: Piece[], double?: true}} Emphasis
 * @typedef {{kind: "code", text: string}} Code
 * @typedef {{kind: "link", text: string, to: string}} Link
 * @typedef {string | Emphasis | Code | Link} Piece
 * @typedef {string | Code | Link} Token
 */
import { flanksOf } from "./flanks.js";

/** @type {Record<string, Style>} */
const EMPHASIS = { "*": "bold", _: "italic", "~": "strike" };
// A link ends before white space, characters that addresses do not have (RFC 3986), punctuation beyond
// ASCII, and invisible characters that change the direction of text or separate words.
const LINK =
  /(?:https?:\/\/|mailto:)(?:[!#-;=?-[\]_a-z~]|[^\x00-\x7f\s\p{P}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufffd])+/giu;
const CODE = /`([^`]+)`/gu;
const CHARS = /(?<!\*)\*\*(?!\*)|(?<!~)~~(?!~)|[^]/gu; // two markers are one token
const SCHEME = /[a-z\d]/i; // behind one of these, "https" is the end of another word
const TRAILING = ".,;:!?'*_~…";
/** @type {Record<string, string>} */
const PAIRS = { ")": "(", "]": "[" };

/**
 * The pieces of one line.
 * @param {string} line
 * @returns {Piece[]}
 */
export function pieces(line) {
  if (!/[*_~`]|:\/\/|mailto:/i.test(line)) return line ? [line] : [];
  const tokens = tokenize(line);
  return emphasize(tokens, flanksOf(tokens), 0, tokens.length, "");
}

/**
 * The tokens of a line: its characters; and code and links as one token each, since they have no markers.
 * @param {string} line
 */
function tokenize(line) {
  /** @type {Token[]} */
  const tokens = [];
  let place = 0;
  for (const [start, end, piece] of atoms(line)) {
    tokens.push(...charsOf(line.slice(place, start)), piece);
    place = end;
  }
  tokens.push(...charsOf(line.slice(place)));
  return tokens;
}

const charsOf = (/** @type {string} */ part) => part.match(CHARS) ?? [];

/**
 * Code and links, with the places where they begin and end.
 * @param {string} line
 */
function atoms(line) {
  /** @type {[number, number, Code | Link][]} */
  const codes = [...line.matchAll(CODE)].map((found) => [
    found.index,
    found.index + found[0].length,
    { kind: "code", text: found[1] },
  ]);
  /** @type {[number, number, Code | Link][]} */
  const found = [];
  let place = 0;
  for (const code of [...codes, null]) {
    const end = code ? code[0] : line.length;
    found.push(...links(line, place, end));
    if (code) {
      found.push(code);
      place = code[1];
    }
  }
  return found;
}

/**
 * @param {string} line
 * @param {number} from
 * @param {number} to
 */
function links(line, from, to) {
  /** @type {[number, number, Link][]} */
  const found = [];
  const part = line.slice(from, to);
  for (const match of part.matchAll(LINK)) {
    const before = [...part.slice(Math.max(0, match.index - 2), match.index)].at(-1);
    const text = trimmed(match[0]);
    const start = from + match.index;
    if ((!before || !SCHEME.test(before)) && /(?::\/\/|mailto:)[\p{L}\p{N}[]/iu.test(text)) {
      found.push([start, start + text.length, { kind: "link", text, to: text }]);
    }
  }
  return found;
}

/**
 * A link without the punctuation of the sentence in which it stands.
 * @param {string} link
 */
function trimmed(link) {
  let end = link.length;
  /** @type {Map<string, number>} */
  const counts = new Map();
  const count = (/** @type {string} */ char) => {
    const counted = counts.get(char) ?? link.split(char).length - 1;
    counts.set(char, counted);
    return counted;
  };
  while (end) {
    const last = link[end - 1];
    const pair = PAIRS[last];
    if (pair && count(last) > count(pair)) counts.set(last, count(last) - 1);
    else if (!TRAILING.includes(last)) break;
    end -= 1;
  }
  return link.slice(0, end);
}

/**
 * The pieces of the tokens from `start` to `end`. `open` has the markers that are open around them.
 * @param {Token[]} tokens
 * @param {import("./flanks.js").Flanks} flanks
 * @param {number} start
 * @param {number} end
 * @param {string} open
 */
function emphasize(tokens, flanks, start, end, open) {
  /** @type {Piece[]} */
  const inline = [];
  for (let place = start; place < end; place += 1) {
    const token = tokens[place];
    const marker = typeof token === "string" ? token[0] : "";
    const close = marker && flanks.opens[place] && !open.includes(marker) ? flanks.closes[place] : -1;
    if (close > place && close < end && flanks.solid[close] > flanks.solid[place]) {
      const inner = emphasize(tokens, flanks, place + 1, close, open + marker);
      add(inline, { kind: EMPHASIS[marker], inline: inner, ...(token !== marker && { double: true }) });
      place = close;
    } else {
      add(inline, token);
    }
  }
  return inline;
}

/**
 * Adds a piece; texts that follow each other become one.
 * @param {Piece[]} inline
 * @param {Piece} piece
 */
export function add(inline, piece) {
  const last = inline.at(-1);
  if (typeof piece === "string" && typeof last === "string") inline[inline.length - 1] = last + piece;
  else if (piece !== "") inline.push(piece);
}
