/**
 * The grammar of texts (docs/markup.md): a text becomes a tree of blocks and pieces.
 *
 * Blocks: {kind: "text" | "quote", inline: [...]} and {kind: "code", text}. Pieces: a string, or
 * {kind: "bold" | "italic" | "strike", inline}, {kind: "code", text}, {kind: "link", text, to}.
 * Time and space are linear in the text, whatever it is.
 */

const EMPHASIS = { "*": "bold", _: "italic", "~": "strike" };
const OPENS = /^```[\w+#.-]{0,20}[ \t]*$/;
const CLOSES = /^```[ \t]*$/;
const LINK = /(?:https?:\/\/|mailto:)[^\s<>"`\\^{}|]+/giu;
const CODE = /`([^`]+)`/gu;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const SPACE = /\s/u;
const TRAILING = ".,;:!?'*_~…";
const PAIRS = { ")": "(", "]": "[" };

/** The tree of `text`: its blocks. */
export function parse(text) {
  const lines = text.split("\n");
  const closing = closingFences(lines);
  const blocks = [];
  let open = null; // the block that the next line may belong to
  for (let number = 0; number < lines.length; number += 1) {
    const line = lines[number];
    if (OPENS.test(line) && closing[number] > number) {
      blocks.push({ kind: "code", text: lines.slice(number + 1, closing[number]).join("\n") });
      number = closing[number];
      open = null;
      continue;
    }
    const quoted = line === ">" || line.startsWith("> ");
    const kind = quoted ? "quote" : "text";
    if (open?.kind === kind) open.lines.push(line);
    else blocks.push((open = { kind, lines: [line] }));
  }
  return blocks.map((block) => (block.kind === "code" ? block : withPieces(block)));
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
    const shown = kind === "quote" ? line.slice(2) : line;
    for (const piece of pieces(shown)) add(inline, piece);
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
  return emphasize(tokens, closers(tokens), 0, tokens.length, "");
}

/** Characters, and code and links that are one token each: nothing inside them is a marker. */
function tokenize(line) {
  const tokens = [];
  let place = 0;
  for (const [start, end, piece] of atoms(line)) {
    tokens.push(...line.slice(place, start), piece);
    place = end;
  }
  tokens.push(...line.slice(place));
  return tokens;
}

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
    if ((!before || !WORD.test(before)) && /(?::\/\/|mailto:)[\p{L}\p{N}[]/iu.test(text)) {
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

const isWord = (token) => typeof token === "string" && WORD.test(token);
const isSpace = (token) => token === undefined || (typeof token === "string" && SPACE.test(token));

/** For each marker and place, the next place behind it where the marker ends something; or -1. */
function closers(tokens) {
  const next = {};
  for (const marker of Object.keys(EMPHASIS)) {
    const places = new Array(tokens.length);
    let found = -1;
    for (let place = tokens.length - 1; place >= 0; place -= 1) {
      places[place] = found;
      if (tokens[place] === marker && mayClose(tokens, place)) found = place;
    }
    next[marker] = places;
  }
  return next;
}

function mayClose(tokens, place) {
  const [before, marker, after] = [tokens[place - 1], tokens[place], tokens[place + 1]];
  return !isSpace(before) && before !== marker && after !== marker && !isWord(after);
}

function mayOpen(tokens, place) {
  const [before, marker, after] = [tokens[place - 1], tokens[place], tokens[place + 1]];
  return !isSpace(after) && after !== marker && before !== marker && !isWord(before);
}

/** The pieces of the tokens from `start` to `end`; markers in `within` are open already. */
function emphasize(tokens, next, start, end, within) {
  const inline = [];
  for (let place = start; place < end; place += 1) {
    const token = tokens[place];
    const kind = typeof token === "string" && !within.includes(token) && EMPHASIS[token];
    const close = kind && mayOpen(tokens, place) ? next[token][place] : -1;
    if (close > place + 1 && close < end) {
      const inner = emphasize(tokens, next, place + 1, close, within + token);
      add(inline, { kind, inline: inner });
      place = close;
    } else {
      add(inline, token);
    }
  }
  return inline;
}
