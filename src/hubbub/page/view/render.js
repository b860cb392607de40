/** The nodes of a text, built one by one and never from a string of HTML. */
import { parse } from "../text/markup.js";
import { mentionsOf } from "../text/mentions.js";
import { safe } from "../text/safe.js";
import { el } from "./dom.js";

/** @typedef {import("../text/inline.js").Piece} Piece */

/** @type {Record<import("../text/inline.js").Style, "strong" | "em" | "s">} */
const TAGS = { bold: "strong", italic: "em", strike: "s" };
const BIG = /^(?:\p{RGI_Emoji}|\s){1,12}$/v;

/**
 * Adds what `by` says to `target`: a text, or what they do (`/me`), which is the text `*ada waves*` everywhere, as
 * docs/markup.md says.
 * @param {Element} target
 * @param {string} by
 * @param {string} text
 * @param {string | null} me
 */
export function renderSaid(target, by, text, me) {
  const begin = `*${by} `;
  const does = text.startsWith(begin) && /^\S(?:.*\S)?\*$/.test(text.slice(begin.length));
  renderText(target, does ? `* ${text.slice(1, -1)}` : text, me);
  if (does) target.classList.add("action");
}

/**
 * Adds a text to `target` as it is shown; mentions of `me` stand out (null: of nobody).
 * @param {Element} target
 * @param {string} text
 * @param {string | null} me
 */
export function renderText(target, text, me) {
  const blocks = parse(safe(text));
  for (const block of blocks) {
    if (block.kind === "code") {
      const code = codeBlock(block.text);
      target.append(block.quoted ? el("blockquote", {}, code) : code);
    } else {
      const box = el(block.kind === "quote" ? "blockquote" : "p", { dir: "auto" });
      append(box, block.inline, me);
      target.append(box);
    }
  }
  if (text.length <= 40 && BIG.test(text)) target.classList.add("big");
}

/** @type {(target: Element, inline: Piece[], me: string | null) => void} */
function append(target, inline, me) {
  for (const piece of inline) {
    if (typeof piece === "string") plain(target, piece, me);
    else if (piece.kind === "code") target.append(el("code", {}, piece.text));
    else if (piece.kind === "link") target.append(link(piece));
    else {
      const box = el(TAGS[piece.kind]);
      append(box, piece.inline, me);
      target.append(box);
    }
  }
}

/** @type {(target: Element, text: string, me: string | null) => void} */
function plain(target, text, me) {
  let place = 0;
  for (const [start, end] of mentionsOf(me, text)) {
    if (start > place) target.append(text.slice(place, start));
    target.append(el("mark", { class: "me" }, text.slice(start, end)));
    place = end;
  }
  if (place < text.length) target.append(text.slice(place));
}

/** @param {import("../text/inline.js").Link} piece */
function link({ text, to }) {
  // The grammar finds no other schemes; this holds also when it is changed.
  if (!/^(?:https?:\/\/|mailto:)/i.test(to)) return text;
  return el("a", { href: to, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** @param {string} text */
function codeBlock(text) {
  const copy = el("button", { type: "button", class: "copy", "data-do": "copy-code" }, "Copy");
  // An area that scrolls has to be reached by keyboard, too (WCAG 2.1.1).
  const code = el("pre", { tabindex: "0", "aria-label": "Code" }, el("code", {}, text));
  return el("div", { class: "code" }, code, copy);
}
