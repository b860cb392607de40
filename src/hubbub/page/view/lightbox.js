/** Pictures over the whole page, one at a time: by the arrow keys to the others, by Esc back. It is fetched with the dialogs. */
import { safe } from "../text/safe.js";
import { sizeInWords } from "../text/sizes.js";
import { el } from "./dom.js";
import { icon, iconButton } from "./icons.js";

/** @typedef {import("../text/kinds.js").File} Told */

/**
 * @param {object} given
 * @param {Told[]} given.files in order
 * @param {number} given.at which of them is shown first
 * @param {(file: Told, small?: boolean) => string} given.address
 */
export function lightbox({ files, at, address }) {
  let place = at;
  const image = el("img", { decoding: "async" });
  const caption = el("figcaption", { "aria-live": "polite" });
  const earlier = iconButton("up", "Picture before (←)", { class: "icon-button earlier" });
  const later = iconButton("down", "Next picture (→)", { class: "icon-button later" });
  const keep = el("a", { class: "icon-button", "aria-label": "Download", title: "Download" }, icon("download"));
  const made = el(
    "dialog",
    { class: "lightbox", "aria-label": "Picture" },
    el("div", { class: "head" }, keep, el("form", { method: "dialog" }, iconButton("close", "Close (Esc)", { type: "submit" }))),
    el("figure", {}, image, caption),
    earlier,
    later,
  );
  const show = () => {
    const file = files[place];
    const name = safe(file.name);
    const words = safe(file.alt ?? "");
    made.classList.remove("whole");
    image.setAttribute("aria-busy", "true");
    image.removeAttribute("src"); // the one before is not shown under this one's name
    image.width = file.width || 0;
    image.height = file.height || 0;
    image.alt = words || name;
    image.src = address(file);
    keep.href = address(file);
    keep.download = file.name;
    const order = files.length > 1 ? `${place + 1} of ${files.length}` : "";
    caption.replaceChildren(words && el("p", { dir: "auto" }, words), el("p", { class: "quiet" }, el("bdi", {}, name), ` ${[sizeInWords(file.size), order].filter(Boolean).join(" · ")}`));
    earlier.hidden = place === 0;
    later.hidden = place === files.length - 1;
  };
  const go = (/** @type {number} */ step) => {
    if (!files[place + step]) return;
    place += step;
    show();
  };
  image.addEventListener("load", () => image.removeAttribute("aria-busy"));
  image.addEventListener("error", () => caption.replaceChildren(el("p", {}, "This picture cannot be shown now.")));
  image.addEventListener("click", () => made.classList.toggle("whole")); // as large as it is, to be scrolled
  earlier.addEventListener("click", () => go(-1));
  later.addEventListener("click", () => go(1));
  made.addEventListener("keydown", (event) => {
    /** @type {Record<string, () => void>} */
    const keys = { ArrowLeft: () => go(-1), ArrowRight: () => go(1), Home: () => go(-place), End: () => go(files.length - 1 - place), z: () => made.classList.toggle("whole") };
    if (!Object.hasOwn(keys, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  made.addEventListener("click", (event) => {
    if (event.target === made || event.target === image.parentElement) made.close(); // beside the picture
  });
  made.addEventListener("close", () => made.remove());
  show();
  document.body.append(made);
  made.showModal();
}
