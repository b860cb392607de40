/**
 * The grammar of texts (docs/markup.md): a text becomes a tree of blocks and pieces.
 *
 * Blocks: {kind: "text" | "quote", inline: [...]} and {kind: "code", text, quoted?}. Pieces: a string, or
 * {kind: "bold" | "italic" | "strike", inline, double?}, {kind: "code", text}, {kind: "link", text, to}.
 * Time and space are linear in the text, whatever it is.
 */
import { flanksOf } from "./flanks.js";

const EMPHASIS = { "*": "bold", _: "italic", "~": "strike" };
const OPENS = /^```[\w+#.-]{0,20}[ \t]*$/;
const CLOSES = /^```[ \t]*$/;
// Up to white space, what no address has (RFC 3986), punctuation beyond ASCII, and what is not seen
// but turns the direction of text or parts words.
const LINK =
  /(?:https?:\/\/|mailto:)(?:[!#-;=?-[\]_a-z~]|[^\x00-\x7f\s\p{P}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufffd])+/giu;
const CODE = /`([^`]+)`/gu;
const CHARS = /(?<!\*)\*\*(?!\*)|(?<!~)~~(?!~)|[^]/gu; // two markers are one token
const SCHEME = /[a-z\d]/i; // behind one of these, "https" is the end of another word
const TRAILING = ".,;:!?'*_~…";
const PAIRS = { ")": "(", "]": "[" };

/** The tree of `text`: its blocks. */
export function parse(text) {
  const blocks = fenced(text.split("\n")).flatMap((block) => {
    if (block.kind === "code") return block;
    return byQuotes(block.lines).flatMap(({ quoted, lines }) => (quoted ? ofQuote(lines) : { kind: "text", lines }));
  });
  return blocks.map((block) => (block.kind === "code" ? block : withPieces(block)));
}

/** Lines as blocks of code, and what is between them. */
function fenced(lines) {
  const closing = closingFences(lines);
  const blocks = [];
  let open = null; // what the next line may belong to
  for (let number = 0; number < lines.length; number += 1) {
    if (OPENS.test(lines[number]) && closing[number] > number) {
      blocks.push({ kind: "code", text: lines.slice(number + 1, closing[number]).join("\n") });
      number = closing[number];
      open = null;
    } else if (open) open.lines.push(lines[number]);
    else blocks.push((open = { lines: [lines[number]] }));
  }
  return blocks;
}

/** Lines in groups that are quoted, or are not. */
function byQuotes(lines) {
  const groups = [];
  for (const line of lines) {
    const quoted = line === ">" || line.startsWith("> ");
    if (groups.at(-1)?.quoted === quoted) groups.at(-1).lines.push(line);
    else groups.push({ quoted, lines: [line] });
  }
  return groups;
}

function ofQuote(lines) {
  const inside = fenced(lines.map((line) => line.slice(2)));
  return inside.map((block) => (block.lines ? { kind: "quote", ...block } : { ...block, quoted: true }));
}

/** What `text` says, without the marks. */
export function plainOf(text) {
  const said = (inline) => inline.map((piece) => piece.text ?? (piece.inline ? said(piece.inline) : piece)).join("");
  return parse(text).map((block) => block.text ?? said(block.inline)).join("\n");
}

/** For each line the number of the next line behind it that can end a fence, or -1. */
function closingFences(lines) {
  const closing = new Array(lines.length);
  let next = -1;
  for (let number = lines.length - 1; number >= 0; number -= 1) {
    closing[number] = next;
    if (CLOSES.test(lines[number])) next = number;
  }
  return closing;
}

function withPieces({ kind, lines }) {
  const inline = [];
  lines.forEach((line, number) => {
    if (number) add(inline, "\n");
    for (const piece of pieces(line)) add(inline, piece);
  });
  return { kind, inline };
}

function add(inline, piece) {
  const last = inline.length - 1;
  if (typeof piece === "string" && typeof inline[last] === "string") inline[last] += piece;
  else if (piece !== "") inline.push(piece);
}

/** The pieces of one line. */
function pieces(line) {
  if (!/[*_~`]|:\/\/|mailto:/i.test(line)) return line ? [line] : [];
  const tokens = tokenize(line);
  return emphasize(tokens, flanksOf(tokens), 0, tokens.length, "");
}

/** Characters, and code and links that are one token each: nothing inside them is a marker. */
function tokenize(line) {
  const tokens = [];
  let place = 0;
  for (const [start, end, piece] of atoms(line)) {
    tokens.push(...charsOf(line.slice(place, start)), piece);
    place = end;
  }
  tokens.push(...charsOf(line.slice(place)));
  return tokens;
}

const charsOf = (part) => part.match(CHARS) ?? [];

function atoms(line) {
  const codes = [...line.matchAll(CODE)].map((found) => [
    found.index,
    found.index + found[0].length,
    { kind: "code", text: found[1] },
  ]);
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

function links(line, from, to) {
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

/** A link without the sentence around it. */
function trimmed(link) {
  let end = link.length;
  const counts = new Map();
  const count = (char) => {
    if (!counts.has(char)) counts.set(char, link.split(char).length - 1);
    return counts.get(char);
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

/** The pieces of the tokens from `start` to `end`; markers in `open` are open already. */
function emphasize(tokens, flanks, start, end, open) {
  const inline = [];
  for (let place = start; place < end; place += 1) {
    const token = tokens[place];
    const close = flanks.opens[place] && !open.includes(token[0]) ? flanks.closes[place] : -1;
    if (close > place && close < end && flanks.solid[close] > flanks.solid[place]) {
      const inner = emphasize(tokens, flanks, place + 1, close, open + token[0]);
      add(inline, { kind: EMPHASIS[token[0]], inline: inner, ...(token.length > 1 && { double: true }) });
      place = close;
    } else {
      add(inline, token);
    }
  }
  return inline;
}
