/** What is copied of several messages: who said it, when, and what; no buttons, initials or marks. */
import { safe } from "../text/safe.js";
import { dayOf, momentOf, timeOf } from "../text/when.js";

/**
 * The text of a selection over more than one row of `rows`, or null. A message that is selected as a whole is
 * copied as it was written: `find(seq)` gives its event.
 */
export function copyOf(selection, rows, find) {
  if (!selection?.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const said = [...rows.querySelectorAll(".said")].filter((row) => range.intersectsNode(row));
  if (said.length < 2) return null;
  const copied = [];
  for (const row of said) {
    const text = row.querySelector(".text");
    const shown = within(range, text).toString();
    if (!shown) continue; // only its edge is selected
    const event = find(Number(row.dataset.seq));
    const at = Date.parse(row.querySelector("time").dateTime);
    const whole = event && shown === text.textContent;
    const by = row.querySelector(".by").textContent;
    copied.push({ at, by, text: whole ? safe(event.text) : written(range, text) });
  }
  const days = new Set(copied.map(({ at }) => dayOf(at)));
  const stamp = days.size > 1 ? momentOf : timeOf;
  return copied.map(({ at, by, text }) => `[${stamp(at)}] ${by}: ${text}`).join("\n");
}

function within(range, node) {
  const inside = document.createRange();
  inside.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) inside.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) inside.setEnd(range.endContainer, range.endOffset);
  return inside;
}

/** The same with a line for each block, and without buttons. */
function written(range, text) {
  const copy = within(range, text).cloneContents();
  for (const button of copy.querySelectorAll("button, .state")) button.remove();
  const blocks = [...copy.children].filter((block) => block.matches("p, blockquote, .code"));
  return blocks.length ? blocks.map((block) => block.textContent).join("\n") : copy.textContent;
}
