/** What is copied of several messages: their times, authors and texts, without buttons, initials and marks. */
import { safe } from "../text/safe.js";
import { dayOf, momentOf, timeOf } from "../text/when.js";

/**
 * The text of a selection over more than one message of `rows`; null if there is no such selection. A
 * message that is selected as a whole is copied as it was written: `find(seq)` returns its event.
 * @param {Selection | null} selection
 * @param {Element} rows
 * @param {(seq: number) => import("../text/kinds.js").LogEvent | undefined} find
 */
export function copyOf(selection, rows, find) {
  if (!selection?.rangeCount) return null;
  const range = selection.getRangeAt(0);
  /** @type {NodeListOf<HTMLElement>} */
  const messages = rows.querySelectorAll(".said");
  const selected = [...messages].filter((row) => range.intersectsNode(row));
  if (selected.length < 2) return null;
  const copied = [];
  for (const row of selected) {
    const text = row.querySelector(".text");
    const shown = text && within(range, text).toString();
    if (!shown) continue; // only the edge of the row is selected
    const event = find(Number(row.dataset.seq));
    const at = Date.parse(row.querySelector("time")?.dateTime ?? "");
    const by = row.querySelector(".by")?.textContent;
    const whole = shown === text.textContent ? event?.text : undefined;
    copied.push({ at, by, text: whole === undefined ? written(range, text) : safe(whole) });
  }
  const days = new Set(copied.map(({ at }) => dayOf(at)));
  const stamp = days.size > 1 ? momentOf : timeOf;
  return copied.map(({ at, by, text }) => `[${stamp(at)}] ${by}: ${text}`).join("\n");
}

/**
 * The part of a range that is inside of a node.
 * @param {Range} range
 * @param {Node} node
 */
function within(range, node) {
  const inside = document.createRange();
  inside.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) inside.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) inside.setEnd(range.endContainer, range.endOffset);
  return inside;
}

/**
 * The words of that part, with a line for each block, and without buttons.
 * @param {Range} range
 * @param {Node} text
 */
function written(range, text) {
  const copy = within(range, text).cloneContents();
  for (const button of copy.querySelectorAll("button, .state, .edited")) button.remove();
  const blocks = [...copy.children].filter((block) => block.matches("p, blockquote, .code"));
  return blocks.length ? blocks.map((block) => block.textContent).join("\n") : copy.textContent;
}
