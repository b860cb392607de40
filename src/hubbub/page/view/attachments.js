/** The files of a message: pictures that open, videos and sound that play, others to be kept. */
import { shownSize, sortOf } from "../text/attached.js";
import { safe } from "../text/safe.js";
import { sizeInWords } from "../text/sizes.js";
import { el } from "./dom.js";
import { targetOf } from "./events.js";
import { icon } from "./icons.js";
import { withDialogs } from "./more.js";

/**
 * @typedef {import("../text/kinds.js").File} Told
 * @typedef {import("../chat/chat.js").Chat} Chat
 */

/** @type {WeakMap<Element, Told>} what each element shows */
const shown = new WeakMap();

/**
 * The nodes of files.
 * @param {Told[]} files
 * @param {Chat} chat
 */
export function attachments(files, chat) {
  return el("div", { class: "files" }, ...files.map((file) => attachment(file, chat.files)));
}

/**
 * @param {Told} file
 * @param {Chat["files"]} files
 */
function attachment(file, files) {
  const sort = sortOf(file);
  const name = safe(file.name);
  const alt = safe(file.alt ?? "");
  if (sort === "picture") {
    const size = shownSize(file);
    const image = el("img", { src: files.address(file, file.thumbnail), alt: alt || name, ...size, loading: "lazy", decoding: "async", draggable: "false" });
    const moves = file.animated ? el("span", { class: "moves", "aria-hidden": "true" }, "▶ GIF") : null;
    const label = file.animated ? `Play: ${alt || name}` : `Open: ${alt || name}`;
    const picture = el("button", { type: "button", class: "plain picture", title: alt || name, "aria-label": label, "aria-pressed": file.animated ? "false" : null }, image, moves);
    shown.set(picture, file);
    shown.set(image, file);
    return picture;
  }
  const about = el("span", { class: "about" }, el("bdi", {}, name), " ", el("span", { class: "quiet" }, sizeInWords(file.size)));
  const link = el("a", { class: "file", href: files.address(file), download: file.name, title: alt || name }, icon("file"), about);
  shown.set(link, file);
  if (sort === "file") return link;
  const source = { src: files.address(file), controls: true, preload: "none", "aria-label": alt || name };
  const media = sort === "video" ? el("video", { ...source, playsinline: true }) : el("audio", source);
  shown.set(media, file);
  return el("div", { class: `media ${sort}` }, media, link);
}

/**
 * Lets the user open and play what is among the messages of a box.
 * @param {HTMLElement} box
 * @param {Chat} chat
 */
export function offerFiles(box, chat) {
  box.addEventListener("click", (event) => {
    const target = targetOf(event).closest(".picture, a.file");
    const file = target && shown.get(target);
    if (!file) return;
    if (target instanceof HTMLAnchorElement) target.href = chat.files.address(file); // the pass may be another one
    else if (file.animated && !target.classList.contains("plays")) play(target, file, true);
    else open(box, target, chat);
  });
  box.addEventListener("keydown", (event) => {
    // What moves stands still again, by the same key as all else that is open.
    const picture = targetOf(event).closest(".picture.plays");
    const file = picture && shown.get(picture);
    if (event.key !== "Escape" || !file) return;
    event.stopPropagation();
    play(picture, file, false);
  });
  // An error does not bubble. The pass may be too old; the file may be gone.
  box.addEventListener("error", (event) => failed(targetOf(event)), true);
  box.addEventListener("load", (event) => targetOf(event).classList.remove("unread-file", "missing"), true);
  chat.files.changed.on(() => {
    for (const one of box.querySelectorAll(".unread-file")) load(one);
  });

  /** @param {Element} element */
  function failed(element) {
    if (!shown.has(element)) return;
    const again = element.classList.contains("unread-file"); // then a new pass does not help
    element.classList.add("unread-file");
    element.classList.toggle("missing", again);
    if (!again) chat.files.renew();
  }

  /** @param {Element} element */
  function load(element) {
    const file = shown.get(element);
    if (!file) return;
    const still = element instanceof HTMLImageElement && !element.closest(".plays") && file.thumbnail;
    if (element instanceof HTMLImageElement || element instanceof HTMLMediaElement) element.src = chat.files.address(file, still);
  }

  /**
   * @param {Element} picture
   * @param {Told} file
   * @param {boolean} plays
   */
  function play(picture, file, plays) {
    const image = picture.querySelector("img");
    picture.classList.toggle("plays", plays);
    picture.setAttribute("aria-pressed", String(plays));
    if (image) image.src = chat.files.address(file, !plays && file.thumbnail);
  }
}

/**
 * Opens a picture over the page, with the others of the box before and behind it.
 * @param {HTMLElement} box
 * @param {Element} picture
 * @param {Chat} chat
 */
function open(box, picture, chat) {
  const all = [...box.querySelectorAll(".picture")];
  const files = all.map((one) => /** @type {Told} */ (shown.get(one)));
  withDialogs(({ lightbox }) => lightbox({ files, at: all.indexOf(picture), address: (file, small) => chat.files.address(file, small) }));
}
