/**
 * The grammar of texts (docs/markup.md): a text becomes a tree of blocks, and these of pieces.
 *
 * Time and space are linear in the text, whatever it is.
 *
 * @typedef {import("./inline.js").Piece} Piece
 * @typedef {{kind: "text" | "quote", inline: Piece[]}} Lines
 * @typedef {{kind: "code", text: string, quoted?: true}} CodeBlock
 * @typedef {Lines | CodeBlock} Block
 */
import { add, pieces } from "./inline.js";

const OPENS = /^```[\w+#.-]{0,20}[ \t]*$/;
const CLOSES = /^```[ \t]*$/;

/**
 * The blocks of a text.
 * @param {string} text
 * @returns {Block[]}
 */
export function parse(text) {
  return fenced(text.split("\n")).flatMap((block) => {
    if ("kind" in block) return block;
    return byQuotes(block.lines).flatMap(({ quoted, lines }) => (quoted ? ofQuote(lines) : withPieces("text", lines)));
  });
}

/**
 * Blocks of code, and the lines between them.
 * @param {string[]} lines
 * @returns {(CodeBlock | {lines: string[]})[]}
 */
function fenced(lines) {
  const closing = closingFences(lines);
  /** @type {(CodeBlock | {lines: string[]})[]} */
  const blocks = [];
  /** @type {{lines: string[]} | null} */
  let open = null; // the lines before, to which the next one may belong
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

/**
 * Lines in groups of quoted and of other lines.
 * @param {string[]} lines
 */
function byQuotes(lines) {
  /** @type {{quoted: boolean, lines: string[]}[]} */
  const groups = [];
  for (const line of lines) {
    const quoted = line === ">" || line.startsWith("> ");
    const last = groups.at(-1);
    if (last?.quoted === quoted) last.lines.push(line);
    else groups.push({ quoted, lines: [line] });
  }
  return groups;
}

/** @type {(lines: string[]) => Block[]} */
function ofQuote(lines) {
  const inside = fenced(lines.map((line) => line.slice(2)));
  return inside.map((block) => ("kind" in block ? { ...block, quoted: true } : withPieces("quote", block.lines)));
}

/**
 * A text without its marks.
 * @param {string} text
 */
export function plainOf(text) {
  /** @type {(inline: Piece[]) => string} */
  const said = (inline) =>
    inline.map((piece) => (typeof piece === "string" ? piece : "text" in piece ? piece.text : said(piece.inline))).join("");
  return parse(text).map((block) => ("text" in block ? block.text : said(block.inline))).join("\n");
}

/**
 * For each line the number of the next line that can end a block of code, or -1.
 * @param {string[]} lines
 * @returns {number[]}
 */
function closingFences(lines) {
  const closing = new Array(lines.length);
  let next = -1;
  for (let number = lines.length - 1; number >= 0; number -= 1) {
    closing[number] = next;
    if (CLOSES.test(lines[number])) next = number;
  }
  return closing;
}

/** @type {(kind: "text" | "quote", lines: string[]) => Lines} */
function withPieces(kind, lines) {
  /** @type {Piece[]} */
  const inline = [];
  lines.forEach((line, number) => {
    if (number) add(inline, "\n");
    for (const piece of pieces(line)) add(inline, piece);
  });
  return { kind, inline };
}
