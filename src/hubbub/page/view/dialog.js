/** The frame of a dialog: a title, a button that closes it, and what is in it. */
import { el } from "./dom.js";
import { iconButton } from "./icons.js";

/**
 * Opens a dialog. It closes also by Esc and by a click outside of it.
 * @param {string} title
 * @param {Element[]} content
 */
export function openDialog(title, ...content) {
  const id = `title-${title.toLowerCase().replace(/\W+/g, "-")}`;
  const made = el(
    "dialog",
    { "aria-labelledby": id },
    el("div", { class: "head" }, el("h2", { id }, title), el("form", { method: "dialog" }, iconButton("close", "Close", { type: "submit" }))),
    ...content,
  );
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close(); // outside of it
  });
  made.addEventListener("close", () => {
    made.remove();
    const { activeElement: field } = document;
    // Chromium gives the focus back without the cursor after one has typed in the dialog, and what is typed is lost.
    if (field instanceof HTMLTextAreaElement) field.setSelectionRange(field.selectionStart, field.selectionEnd);
  });
  document.body.append(made);
  made.showModal();
  return made;
}
