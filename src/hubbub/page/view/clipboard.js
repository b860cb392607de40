/** Copies texts, also where pages have no clipboard: without TLS, from another computer. */
import { el } from "./dom.js";

/**
 * Puts `text` into the clipboard; false if the browser does not allow it.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/**
 * The old way: it copies the selection of a text field that is made for it. The focus comes back.
 * @param {string} text
 */
function copySelected(text) {
  const before = document.activeElement;
  const field = el("textarea", { class: "unseen", "aria-hidden": "true" });
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field); // outside of a dialog nothing can be selected
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return copied;
}
