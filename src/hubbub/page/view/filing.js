/** How files come to the page: chosen, dropped, or pasted. */
import { el } from "./dom.js";
import { iconButton } from "./icons.js";

/**
 * A button that lets the user choose files, and the field behind it.
 * @param {(files: File[]) => void} take
 */
export function chooser(take) {
  const field = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true" });
  const button = iconButton("file", "Attach files", { class: "icon-button choose" });
  button.addEventListener("click", () => field.click());
  field.addEventListener("change", () => {
    take([...(field.files ?? [])]);
    field.value = ""; // the same one may be chosen again
  });
  return { button, field };
}

/**
 * Takes files that are pasted into a field. What has words as well, as cells of a table, is pasted as words.
 * @param {HTMLElement} field
 * @param {(files: File[]) => void} take
 */
export function acceptPastes(field, take) {
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData?.types.includes("text/plain")) return;
    event.preventDefault();
    take(files.map(named));
  });
}

/**
 * Takes files that are dropped on a part of the page, and shows that it would.
 * @param {HTMLElement} box
 * @param {(files: File[]) => void} take
 */
export function acceptDrops(box, take) {
  let inside = 0; // elements of the box over which the pointer is
  const brings = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));
  const show = (/** @type {number} */ count) => {
    inside = Math.max(0, count);
    box.classList.toggle("dropping", inside > 0);
  };
  box.addEventListener("dragenter", (event) => brings(event) && show(inside + 1));
  box.addEventListener("dragleave", (event) => brings(event) && show(inside - 1));
  box.addEventListener("dragover", (event) => {
    if (!brings(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  box.addEventListener("drop", (event) => {
    show(0);
    if (!brings(event)) return;
    event.preventDefault(); // else the browser would leave the page for the file
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/**
 * A file with a name that tells when: browsers call all pasted pictures the same.
 * @param {File} file
 */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date();
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return new File([file], file.name.replace("image", `picture ${day} ${time}`), { type: file.type });
}
