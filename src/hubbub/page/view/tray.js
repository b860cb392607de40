/** What is to be sent with the next message, above its field: each file with a small picture, how far it is, and its words. */
import { excerpt } from "../text/excerpt.js";
import { safe } from "../text/safe.js";
import { sizeInWords } from "../text/sizes.js";
import { el } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { nextFrame } from "./next-frame.js";

const PREVIEW_HEIGHT = 96; // pixels: 48 on a screen with two for one
const MOST_PREVIEWED = 40 * 1024 * 1024; // bytes of a picture that the browser decodes only to show it small
const MAX_ALT_CHARS = 500;

/**
 * @typedef {import("../chat/room.js").Room} Room
 * @typedef {import("../chat/uploads.js").Upload} Upload
 * @typedef {import("../chat/uploads.js").Parcel} Parcel
 */

export class Tray extends HTMLElement {
  /** @type {(parcel: Parcel) => void} a message that waited for its files is to be written on */
  onopen = () => {};
  /** @type {Room | null} */
  #room = null;
  #uploads;
  #list = el("ul", { role: "list", "aria-label": "Files to send" });
  #parcels = el("div", { class: "parcels" });
  /** @type {WeakMap<Upload, {node: HTMLLIElement, update: () => void}>} */
  #chips = new WeakMap();
  #draw = () => this.#patch();

  /** @param {import("../chat/uploads.js").Uploads} uploads */
  constructor(uploads) {
    super();
    this.#uploads = uploads;
    this.hidden = true;
    this.append(this.#parcels, this.#list);
    uploads.changed.on((room) => room === this.#room && nextFrame(this.#draw));
  }

  /** @param {Room | null} room */
  show(room) {
    this.#room = room;
    this.#patch();
  }

  #patch() {
    const waiting = this.#room ? this.#uploads.of(this.#room) : [];
    const parcels = this.#room ? this.#uploads.parcels(this.#room) : new Map();
    this.hidden = !waiting.length && !parcels.size;
    fill(this.#list, waiting.map((one) => this.#chip(one)));
    fill(this.#parcels, [...parcels].map(([parcel, files]) => this.#parcel(parcel, files)));
  }

  /** @type {WeakMap<Parcel, {node: HTMLElement, list: HTMLElement, words: HTMLElement}>} */
  #made = new WeakMap();

  /**
   * @param {Parcel} parcel
   * @param {Upload[]} files
   */
  #parcel(parcel, files) {
    let made = this.#made.get(parcel);
    if (!made) {
      const list = el("ul", { role: "list" });
      const words = el("span", { role: "status" });
      const open = el("button", { type: "button" }, "Write on");
      open.addEventListener("click", () => this.onopen(parcel));
      const text = parcel.text.trim() ? el("bdi", { class: "excerpt" }, excerpt(parcel.text)) : null;
      const node = el("div", { class: "parcel" }, el("p", {}, words, " ", text, " ", open), list);
      made = { node, list, words };
      this.#made.set(parcel, made);
    }
    const failed = files.some(({ state }) => state === "failed");
    const words = failed ? "Not sent: a file could not be uploaded." : "Sent as soon as the files are there:";
    if (made.words.textContent !== words) made.words.textContent = words;
    fill(made.list, files.map((one) => this.#chip(one)));
    return made.node;
  }

  /** @param {Upload} one */
  #chip(one) {
    const known = this.#chips.get(one);
    if (known) {
      known.update();
      return known.node;
    }
    const name = safe(one.name);
    const bar = el("progress", { max: Math.max(1, one.size), "aria-label": `Upload of ${name}` });
    const why = el("span", { class: "problem", role: "alert" });
    const again = iconButton("retry", `Try again: ${name}`);
    const away = iconButton("close", `Do not send ${name}`);
    const picture = one.type.startsWith("image/");
    const alt = el("input", { type: "text", class: "alt", maxlength: MAX_ALT_CHARS, placeholder: "What it shows, for who cannot see it", "aria-label": `What ${name} shows, in words`, dir: "auto" });
    alt.value = one.alt;
    alt.addEventListener("input", () => (one.alt = alt.value));
    again.addEventListener("click", () => this.#uploads.retry(one));
    away.addEventListener("click", () => {
      const next = /** @type {HTMLElement | null} */ (node.nextElementSibling ?? node.previousElementSibling)?.querySelector("button:not([hidden])");
      this.#uploads.remove(one);
      /** @type {HTMLElement | null} */ (next ?? this.parentElement?.querySelector("textarea") ?? null)?.focus();
    });
    const look = el("span", { class: "look", "aria-hidden": "true" }, icon("file"));
    const facts = el("span", { class: "facts-of-file" }, el("bdi", { title: name }, name), el("span", { class: "quiet" }, sizeInWords(one.size)), bar, why);
    const node = el("li", { class: "upload" }, look, facts, again, away, picture && alt);
    const update = () => {
      bar.hidden = one.state === "done" || one.state === "failed";
      if (one.sent && one.sent < one.size) bar.value = one.sent;
      else bar.removeAttribute("value"); // it waits, or the server looks at it
      again.hidden = one.state !== "failed" || !one.file;
      if (why.textContent !== one.why) why.textContent = one.why;
      node.classList.toggle("failed", one.state === "failed");
      node.dataset.state = one.state;
    };
    update();
    this.#chips.set(one, { node, update });
    if (picture && one.file) preview(one.file, look);
    return node;
  }
}

/**
 * Draws a small picture, which needs no address of its own: the page's policy allows none but the server's.
 * @param {Blob} file
 * @param {Element} look
 */
async function preview(file, look) {
  if (file.size > MOST_PREVIEWED) return;
  try {
    const bitmap = await createImageBitmap(file, { resizeHeight: PREVIEW_HEIGHT, resizeQuality: "medium" });
    const canvas = el("canvas", { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    look.replaceChildren(canvas);
  } catch {
    // It is none that this browser can show.
  }
}

/**
 * Shows these children in this order; those that stay keep the focus.
 * @param {Element} box
 * @param {Element[]} children
 */
function fill(box, children) {
  for (const old of [...box.children]) if (!children.includes(old)) old.remove();
  for (const [place, child] of children.entries()) if (box.children[place] !== child) box.insertBefore(child, box.children[place] ?? null);
}

customElements.define("hub-tray", Tray);
