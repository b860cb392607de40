/** Long texts are shown in part, with a button for the rest. */
import { el } from "./dom.js";

const LONG_LINES = 24; // a longer text is folded
const LONG_CHARS = 2400;

export class Folding {
  /** @type {Set<string>} the texts that are shown in full, by `textKey` */
  #open = new Set();

  /** Folds all texts again. */
  reset() {
    this.#open.clear();
  }

  /**
   * Folds a text, if it is long and was not unfolded.
   * @param {Element} body of the row, to which the button is added
   * @param {Element} text
   * @param {string} said its text, as it was written
   * @param {string} key of the row
   */
  add(body, text, said, key) {
    const lines = said.split("\n").length;
    if (lines <= LONG_LINES && said.length <= LONG_CHARS) return;
    const all = lines > LONG_LINES ? `Show all ${lines.toLocaleString()} lines` : "Show all of it";
    const button = el("button", { type: "button", class: "fold", "data-all": all });
    body.append(button);
    show(text, button, this.#open.has(textKey(key)));
  }

  /**
   * Unfolds the text to which a button belongs, or folds it again.
   * @param {HTMLElement} button
   */
  toggle(button) {
    /** @type {HTMLElement | null} */
    const row = button.closest(".said");
    const text = row?.querySelector(".text");
    if (!row || !text) return;
    const key = textKey(row.dataset.key ?? "");
    const open = !this.#open.delete(key);
    if (open) this.#open.add(key);
    show(text, button, open);
    if (!open) row.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {Element} text
 * @param {HTMLElement} button
 * @param {boolean} open
 */
function show(text, button, open) {
  text.classList.toggle("folded", !open);
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Show less" : (button.dataset.all ?? "");
}

/**
 * What a text is known by: its row, whether that has a head or not, and whatever it says by now.
 * @param {string} key
 */
const textKey = (key) => /^s\d+\.\d+/.exec(key)?.[0] ?? key.replace(/h$/, "");
